"""Every condition is typed before data: what it compares, and whether its literals can be met."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cases.conftest import Case, MakeCase
from pydantic import BaseModel

from tlfgen.adam.schemas import compile_graph, kinds_of
from tlfgen.analysis.used import conditions_of
from tlfgen.engine.occurs import never_met
from tlfgen.engine.registry import rules
from tlfgen.errors import Finding, SpecError
from tlfgen.spec.condition import Condition
from tlfgen.study import Study

AE = "outputs/ae-by-term.yaml"
WHERE = "where: \"TRTEMFL = 'Y'\""


def refused(made: Case) -> SpecError:
    with pytest.raises(SpecError) as caught:
        made.check()
    return caught.value


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [
        ("09-literal-outside-codelist", 11, ["'Yes' is no value of AESER", "NY: Y, N", "Did you mean 'Y'"]),
        ("10-impossible-date-literal", 19, ["AESTDAT is a date", "'30/04/2024' is no day"]),
        ("62-literal-of-wrong-type", 11, ["AESER is text, 3 is a number", "AESER = '3'"]),
    ],
)
def test_a_condition_that_cannot_be_true_is_an_error_at_check(
    case: MakeCase, name: str, line: int, says: list[str]
) -> None:
    """Cases 09, 10 and 62: an error at check with the place."""
    error = refused(case(name))
    assert error.place.line == line
    for text in says:
        assert text in str(error)


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("AESEQ = '1'", "AESEQ is a number, '1' is text"),
        ("ASTDT > 20240101", "ASTDT is a date, 20240101 is a number"),
        ("ASTDT >= '01/01/2024'", "'01/01/2024' is no day"),
        ("ASTDT >= '2025-02-30'", "'2025-02-30' is no day"),
        ("ASTDT >= '2025-3-1'", "'2025-3-1' is no day"),
        ("ASTDT >= '2025-03'", "'2025-03' is no day"),
        ("ASTDT IN ('2025-03-01', 'x')", "'x' is no day"),
        ("AESTDTC < '2024-04-01T25:00'", "'2024-04-01T25:00' is no day"),
        ("ASTDT BETWEEN '2024-01-01' AND '2024-13-01'", "'2024-13-01' is no day"),
        ("AESER + 1 > 2", "AESER is text; + - * /"),
        ("ASTDT - TRTSDT > 30", "ASTDT is a date; + - * /"),
        ("ASTDT LIKE '2024%'", "ASTDT is a date"),
        ("AESER = ASTDT", "AESER is text, ASTDT is a date"),
        ("AESER = ''", "A blank text is missing"),
        ("AESEV LIKE 'Sev%'", "No value of AESEV is like 'Sev%'"),
        ("AESER IN ('Y', 'no')", "Did you mean 'N'"),
        ("AESEV = 'Severe'", "Did you mean 'SEVERE'"),
        ("TRTEMFL <> 'No'", "'No' is no value of TRTEMFL"),
        ("SAFFL = 'YES'", "an analysis set's flag: Y, N"),
        ("ADSL.TRT01A = 'ARM A'", "Did you mean 'Arm A'"),
        ("NOT (AESER = 'Yes')", "'Yes' is no value"),
        ("RELFL = 'Y' OR (AESER = 'Y' AND SEX = 'Female')", "Did you mean 'F'"),
    ],
)
def test_each_operand_is_held_against_its_variable(case: MakeCase, where: str, says: str) -> None:
    error = refused(case("base").replace(AE, WHERE, f'where: "{where}"'))
    assert says in str(error) and (error.place.path.endswith(AE), error.place.line) == (True, 7)


@pytest.mark.parametrize(
    "where",
    ["ASTDT >= '2024-04-01'", "ASTDT >= DATE '2024-04-01'", "AESTDTC >= '2024-04-01T09:00'", "AESEQ = 1",
     "AESEQ > 0.5", "AESER <> 'N'", "AEDECOD = 'Never heard of'", "AEDECOD LIKE '%ache'", "AESER IS NULL",
     "ASTDT <= TRTEDT", "SEX IN ('F', 'M')", "ADSL.TRT01A = 'Arm A'"],
)  # fmt: skip
def test_what_can_be_true_passes(case: MakeCase, where: str) -> None:
    case("base").replace(AE, WHERE, f'where: "{where}"').check()  # raises nothing


@pytest.mark.parametrize(
    ("path", "old", "new", "says"),
    [
        ("study.yaml", 'where: "TRTSDT IS NOT NULL"', "where: \"TRTSDT > 'x'\"", "'x' is no day"),
        ("adam/adlb.yaml", "where: \"LBTESTCD = 'CREAT'\"", 'where: "LBTESTCD = 1"', "LBTESTCD is text"),
        ("adam/adtte.yaml", 'where: "DTHDT IS NOT NULL"', "where: \"SEX = 'Male'\"", "Did you mean 'M'"),
        ("outputs/os-km.yaml", "unit: days", "unit: days\nevent: \"CNSR = 'N'\"", "CNSR is a number"),
        ("outputs/os.yaml", "PARAMCD = 'OS'", "PARAMCD = 'OSS'", "Did you mean 'OS'"),
        ("outputs/deaths.yaml", "DTHDT IS NOT NULL", "DTHDT = 'yes'", "'yes' is no day"),
        ("sdtm/ae.yaml", "REL1 = 'RELATED'", "REL1 = 'RELATE'", "Did you mean 'RELATED'"),
    ],
)
def test_conditions_are_typed_wherever_they_stand(
    case: MakeCase, path: str, old: str, new: str, says: str
) -> None:
    error = refused(case("base").replace(path, old, new))
    assert says in str(error) and error.place.path.endswith(path) and error.place.line


def test_a_rule_says_what_it_gives(case: MakeCase) -> None:
    """Case 63: Y for 1-02 (29 days) and 2-07 (9 days), both days included; no `type:` in the spec."""
    rows = case("63-variable-without-a-type").rows("ADSL")
    flagged = {r["USUBJID"][-4:]: r["DTHADY2"] for r in rows if r["EARLYFL"] == "Y"}
    assert flagged == {"1-02": 29, "2-07": 9}
    others = {r["USUBJID"][-4:]: r["EARLYFL"] for r in rows if r["USUBJID"][-4:] not in flagged}
    assert others.pop("2-06") == "N"  # died on day 118, long after the last dose
    assert set(others.values()) == {None}  # alive: there are no days to judge


def test_every_derivation_says_what_it_gives() -> None:
    assert [r.name for r in rules().values() if not r.makes_records and r.gives is None] == []


def test_a_text_key_matches_the_same_number(case: MakeCase) -> None:
    """Case 64: '1' and 1 are the same number on the form. By hand: the deaths of 1-02, 2-06 and 2-07 name
    the events 1, 1 and 2, which are other subjects'; where 1-02's names its own event, 3, that one has it."""
    made = case("64-matching-value-types")
    assert {r["CAUSE"] for r in made.rows("ADAE")} == {None}
    death = "1-02,2024-06-28,Progression of disease,"
    named = Case(made.root).replace("raw/dd.csv", f"{death}1", f"{death}3")
    caused = [(r["USUBJID"][-4:], r["AESPID"], r["CAUSE"]) for r in named.rows("ADAE") if r["CAUSE"]]
    assert caused == [("1-02", "3", "Progression of disease")]


def told(made: Case) -> list[Finding]:
    specs = made.study.specs
    found = never_met(conditions_of(specs), made.data, kinds_of(specs, compile_graph(specs)))
    return [f for f in found if f.severity != "note"]


def test_the_base_asks_for_nothing_that_never_occurs(case: MakeCase) -> None:
    assert told(case("base")) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (AE, WHERE, "where: \"AEDECOD = 'Headaches'\"", "no record has AEDECOD 'Headaches'"),
        (AE, WHERE, "where: \"AEDECOD IN ('Headaches', 'Nauseas')\"", "'Headaches' or 'Nauseas'"),
        ("outputs/os-km.yaml", "unit: days", 'unit: days\nevent: "CNSR = 7"', "is an event: CNSR = 7"),
        ("study.yaml", 'where: "TRTSDT IS NOT NULL"', "where: \"TRTSDT > '2030-01-01'\"", "SAFFL"),
    ],
)
def test_what_only_data_can_tell_is_a_warning(
    case: MakeCase, path: str, old: str, new: str, message: str
) -> None:
    found = told(case("base").replace(path, old, new))
    assert [f.severity for f in found if message in f.message] == ["warning"]


def test_a_fact_of_closed_values_is_no_warning(case: MakeCase) -> None:
    """A word of a codelist may be absent; of a list in which one value occurs, nothing is told."""
    made = case("base").replace(
        AE, WHERE, "where: \"AEDECOD IN ('Headache', 'Headaches') AND AESEV = 'LIFE THREATENING'\""
    )
    assert told(made) == []


FAMILY = {"integer": "number", "float": "number", "date": "date", "datetime": "date"}


@pytest.mark.parametrize("name", ["base", "02-exact-multiple", "16-worsening"])
def test_what_is_said_of_a_variable_holds_of_its_data(case: MakeCase, name: str) -> None:
    """The type that check gives is the type of the data, and no value lies outside those said to be all."""
    made = case(name)
    kinds, closed = kinds_of(made.study.specs, compile_graph(made.study.specs)), 0
    for dataset in made.data.values():
        if dataset.name.startswith("SUPP"):
            continue
        for variable in dataset.variables:
            kind = kinds.kind(dataset.name, variable.name)
            assert FAMILY.get(kind.type, "text") == FAMILY.get(variable.type, "text"), variable.name
            if kind.values is not None and variable.type == "text":
                closed += 1
                there = set(dataset.frame[variable.name].drop_nulls().to_list())
                assert there <= set(kind.values), f"{dataset.name}.{variable.name}"
    assert closed > 20


def conditions_in(node: Any) -> Iterator[Condition]:
    """Every condition of a spec's models, found through their attributes alone."""
    if isinstance(node, BaseModel):
        for name in ("condition", "denominator_condition", "event_condition", "ongoing_condition"):
            if isinstance(found := getattr(node, name, None), Condition):
                yield found
        for name in type(node).model_fields:
            yield from conditions_in(getattr(node, name))
    elif isinstance(node, dict):
        for value in node.values():
            yield from conditions_in(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from conditions_in(value)


@pytest.mark.parametrize("name", ["pyrotinib-mcrc", "cdiscpilot01"])
def test_no_condition_of_a_spec_goes_unchecked(name: str) -> None:
    """What the models hold, found without the list that is checked."""
    specs = Study.open(name, root=Path(__file__).parents[2]).specs
    parts = (specs.study, specs.forms, specs.domains, specs.datasets, specs.outputs, specs.report)
    there = {(c.text, str(c.place)) for part in parts for c in conditions_in(part)}
    checked = {(u.condition.text, str(u.condition.place)) for u in conditions_of(specs)}
    assert len(there) > 50 and there - checked == set()
