"""The graph of variables: one value before data, whose order is the order of filling."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from tlfgen.adam.schemas import compile_graph
from tlfgen.engine import registry
from tlfgen.engine.graph import Graph, Node
from tlfgen.engine.registry import Fetch, Made, maker
from tlfgen.errors import SpecError

from .conftest import Case, MakeCase

COUNTS = """dataset: ADXS
label: Subjects Once More
class: BASIC DATA STRUCTURE
structure: One record per subject
keys: [STUDYID, USUBJID]
from: ADSL
where: "AGE > 0"
copy: {ADSL: [STUDYID, USUBJID, TRTSDT]}
variables:
  - {name: XDAYS, derive: duration, start: TRTSDT, end: TRTEDT, unit: days, label: Days, type: integer}
"""


def graph_of(study: Case) -> Graph:
    return compile_graph(study.study.specs)


def test_each_step_stands_after_what_it_needs(case: MakeCase) -> None:
    graph = graph_of(case("base"))
    seen: set[Node] = set()
    for node, step in graph.steps.items():
        assert all(n.node in seen for n in step.needs if n.node in graph.steps), node
        seen.add(node)
    assert len(seen) > 150


def test_every_variable_of_every_dataset_has_a_step_with_its_entry_and_place(case: MakeCase) -> None:
    study = case("base")
    graph = graph_of(study)
    for name, dataset in study.data.items():
        for variable in dataset.frame.columns:
            entry = graph.schemas[name].entries.get(variable) if name in graph.schemas else None
            if entry is not None:
                step = graph.steps[Node(name, variable, graph.schemas[name].last_group)]
                assert step.entry == entry and step.at.line


def test_what_a_dataset_reads_of_others(case: MakeCase) -> None:
    """ADTTE of the base copies six variables of ADSL, and its rule reads DTHDT and LSTALVDT."""
    reads = graph_of(case("base")).reads("ADTTE")
    wanted = {"SUBJID", "TRT01A", "SEX", "TRTSDT", "SAFFL", "DTHDT", "LSTALVDT", "STUDYID", "USUBJID"}
    assert reads == {"ADSL": tuple(sorted(wanted))}


def test_what_a_variable_comes_from(case: MakeCase) -> None:
    """The change of a laboratory value: down to the form's result and the first dose."""
    found = {(n.dataset, n.variable) for n in graph_of(case("base")).upstream(Node("ADLB", "CHG"))}
    assert {("ADLB", "BASE"), ("ADLB", "ABLFL"), ("LB", "LBSTRESN"), ("ADSL", "TRTSDT")} <= found
    assert ("EX", "EXSTDTC") in found and ("ADLB", "BTOXGR") not in found


def test_the_graph_can_be_sent_to_another_process(case: MakeCase) -> None:
    graph = graph_of(case("base"))
    assert list(pickle.loads(pickle.dumps(graph)).steps) == list(graph.steps)


def test_two_datasets_may_read_each_others_variables(case: MakeCase) -> None:
    """ADXS has the rows of ADSL, and ADSL reads a variable of ADXS: no circle of variables. 1-01 was dosed
    from 2024-03-20 to 2024-05-31, 73 days."""
    study = case("base").write("adam/adxs.yaml", COUNTS)
    study.replace("adam/adsl.yaml", "  - {sets:", "  - {name: XDAYS, from: ADXS.XDAYS}\n  - {sets:")
    assert {r["USUBJID"][-4:]: r["XDAYS"] for r in study.rows("ADSL")}["1-01"] == 73
    assert [r["XDAYS"] for r in study.rows("ADSL")] == [r["TRTDURD"] for r in study.rows("ADSL")]


def test_a_dataset_whose_rows_need_what_is_made_of_them_is_a_circle(case: MakeCase) -> None:
    study = case("base").write("adam/adxs.yaml", COUNTS)
    study.replace("adam/adsl.yaml", "SITEID, AGE,", "SITEID,")
    study.replace("adam/adsl.yaml", "  - {sets:", "  - {name: AGE, from: ADXS.XDAYS}\n  - {sets:")
    with pytest.raises(SpecError) as refused:
        study.check()
    assert "ADSL.AGE -> ADXS.XDAYS -> records of ADXS -> ADSL.AGE" in str(refused.value)


@pytest.fixture
def greedy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A maker that reads what no parameter names."""
    registry.rules()
    monkeypatch.setattr(registry, "_RULES", dict(registry._RULES))

    @maker
    def make_greedy(fetch: Fetch) -> Made:
        """Read a variable of ADVS that is filled late."""
        fetch("ADVS.BASE")
        raise AssertionError("not reached")

    yield


@pytest.mark.usefixtures("greedy")
def test_a_rule_that_reads_what_it_does_not_declare_is_told(case: MakeCase) -> None:
    study = case("base")
    study.replace("adam/advs.yaml", "variables:\n", "records:\n  - {derive: greedy}\nvariables:\n")
    with pytest.raises(TypeError, match=r"reads ADVS.BASE, which its rule does not declare"):
        study.check()
