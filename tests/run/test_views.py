"""What a step is handed: every column that an output reads, and no other; a change of one is in its key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from cases.conftest import MakeCase
from cases.test_analyses import ANALYSIS, TABLE
from handed import differing

from tlfgen.data.dataset import Dataset, Variable
from tlfgen.run.digests import digests_of
from tlfgen.run.views import (
    FACTS,
    chosen,
    entry_digest,
    facts_of,
    key_of,
    narrowed,
    program_words,
    words_of,
)

WORDS = frozenset({"ADLB", "AVAL", "PARAMCD", "SAFFL"})


def adlb() -> Dataset:
    frame = pl.DataFrame(
        {
            "USUBJID": ["1", "2"],
            "PARAMCD": ["ALT", "AST"],
            "PARAMN": [1, 2],
            "AVAL": [1.5, None],
            "AVALU": ["U/L", "U/L"],
            "SAFRSN": [None, "Not dosed"],
        }
    )
    named = tuple(Variable(n, f"Label of {n}") for n in frame.columns)
    return Dataset("ADLB", "Laboratory", frame, named, ("USUBJID",))


def key(dataset: Dataset, *, labels: bool = True) -> str:
    digests = {"ADLB": digests_of(dataset)}
    return key_of(digests, chosen(digests, WORDS), labels=labels)


def test_an_output_is_handed_what_is_named_with_its_twin_and_reason() -> None:
    """PARAMN is the number of PARAMCD, SAFRSN the reason of SAFFL; AVALU nobody names."""
    columns = chosen({"ADLB": digests_of(adlb()), "ADAE": digests_of(adlb())}, WORDS)
    assert columns == {"ADLB": ("PARAMCD", "PARAMN", "AVAL", "SAFRSN")}
    (view,) = narrowed({"ADLB": adlb()}, columns, labels=True).values()
    assert view.frame.columns == ["PARAMCD", "PARAMN", "AVAL", "SAFRSN"]
    assert [v.name for v in view.variables] == view.frame.columns
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        view.frame.select("AVALU")


def with_values(
    name: str, values: list[object], dtype: pl.DataType | None = None
) -> Callable[[Dataset], Dataset]:
    def change(dataset: Dataset) -> Dataset:
        return dataset.with_frame(dataset.frame.with_columns(pl.Series(name, values, dtype)))

    return change


@pytest.mark.parametrize(
    ("change", "moves", "moves_values"),
    [
        pytest.param(with_values("AVAL", [1.5, 2.5]), True, True, id="value"),
        pytest.param(with_values("AVAL", [0.0, None]), True, True, id="zero is not null"),
        pytest.param(with_values("PARAMCD", ["AL", "TAST"]), True, True, id="texts that join to the same"),
        pytest.param(with_values("PARAMN", [1.0, 2.0]), True, True, id="type"),
        pytest.param(with_values("AVALU", ["g", "g"]), False, False, id="a column that nobody names"),
        pytest.param(lambda d: d.with_frame(d.frame.reverse()), True, True, id="order of records"),
        pytest.param(
            lambda d: d.with_frame(d.frame.select(d.frame.columns[::-1])), True, True, id="columns"
        ),
        pytest.param(lambda d: replace(d, unread={"AVAL": (1,)}), True, True, id="what could not be read"),
        pytest.param(lambda d: replace(d, answered=("AVAL",)), True, True, id="a flag that is answered"),
        pytest.param(lambda d: replace(d, decimals={"ALT": 1}), True, True, id="declared decimals"),
        pytest.param(lambda d: replace(d, keys=("PARAMCD",)), True, True, id="keys"),
        pytest.param(lambda d: replace(d, label="Lab"), True, False, id="label of the dataset"),
        pytest.param(
            lambda d: replace(d, variables=(*d.variables[:3], Variable("AVAL", "Value"), *d.variables[4:])),
            True,
            False,
            id="label of a column",
        ),
        pytest.param(
            lambda d: replace(d, variables=(*d.variables[:4], Variable("AVALU", "Unit"), *d.variables[5:])),
            False,
            False,
            id="label of a column that nobody names",
        ),
    ],
)  # fmt: skip
def test_what_of_a_dataset_moves_a_key(
    change: Callable[[Dataset], Dataset], moves: bool, moves_values: bool
) -> None:
    before, after = adlb(), change(adlb())
    assert (key(before) != key(after)) == moves
    assert (key(before, labels=False) != key(after, labels=False)) == moves_values


def test_a_digest_is_of_values_however_they_lie_in_memory() -> None:
    whole = adlb()
    parts = pl.concat([whole.frame[:1], whole.frame[1:]], rechunk=False)
    assert parts.n_chunks() == 2 and key(whole) == key(whole.with_frame(parts))


def test_the_order_of_what_a_spec_lists_is_in_its_digest(case: MakeCase) -> None:
    """`levels: {F: Female, M: Male}` prints another table than the other way round; a comment does not."""
    made = case("base")
    before = entry_digest(made.study.specs.outputs["demography"])
    made.write(
        "outputs/demography.yaml", "# a comment\n" + (made.folder / "outputs/demography.yaml").read_text()
    )
    assert entry_digest(made.study.specs.outputs["demography"]) == before
    made.replace("outputs/demography.yaml", "{F: Female, M: Male}", "{M: Male, F: Female}")
    assert entry_digest(made.study.specs.outputs["demography"]) != before


def test_an_output_knows_no_fact_of_the_study_that_its_key_does_not_hold(case: MakeCase) -> None:
    study = case("base").study.specs.study
    view = facts_of(study)
    assert [getattr(view, n) == getattr(study, n) for n in FACTS] == [True] * len(FACTS)
    assert view.arm_order == study.arm_order
    for name in ("title", "facts", "visits", "missing"):
        with pytest.raises(AttributeError):
            getattr(view, name)


def test_words_of_a_spec_are_those_of_its_keys_and_texts(case: MakeCase) -> None:
    words = words_of(case("base").study.specs.outputs["os-km"])
    assert {"ADTTE", "PARAMCD", "TRT01A", "AVAL", "CNSR"} <= words


def test_names_that_the_program_reads_by_itself_are_found_in_its_texts() -> None:
    """The event of a curve is "CNSR = 0" where nothing is said; AEACNPYR stands in an example alone."""
    words = program_words()
    assert {"USUBJID", "PARAMCD", "AVAL", "CNSR", "QNAM"} <= words
    assert "AEACNPYR" not in words


def test_what_outputs_are_handed_is_all_that_they_read(case: MakeCase, tmp_path: Path) -> None:
    made = case("base")
    assert differing(made.study.specs, made.data, tmp_path) == []


def test_an_output_that_shows_an_analysis_is_handed_all_that_it_reads(case: MakeCase, tmp_path: Path) -> None:
    made = case("14-median-rule").write("analyses/survival.yaml", ANALYSIS).write("outputs/os.yaml", TABLE)
    assert differing(made.study.specs, made.data, tmp_path) == []
