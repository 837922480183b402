"""groups, in_group, query_group, number_of, summary_of."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.adam.derive_groups import derive_groups
from tlfgen.adam.derive_in_group import derive_in_group
from tlfgen.adam.derive_number_of import derive_number_of
from tlfgen.adam.derive_query_group import derive_query_group
from tlfgen.adam.derive_summary_of import Statistic, derive_summary_of
from tlfgen.engine.registry import ROW, Derived, find_rule
from tlfgen.errors import Place, SpecError
from tlfgen.spec.condition import parse_condition
from tlfgen.spec.form import CodelistSpec


def rows(**columns: list[Any]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    base: dict[str, list[Any]] = {"USUBJID": ["1"] * height, ROW: list(range(1, height + 1))}
    return pl.DataFrame(base | columns)


def values(found: Derived, name: str = "") -> list[Any]:
    assert isinstance(found.values, dict)
    listed: list[Any] = found.values[name].to_list()
    return listed


def cut(**texts: str) -> dict[str, Any]:
    return {group: parse_condition(text) for group, text in texts.items()}


CUTS = cut(**{"<65": "AGE < 65", "65-80": "AGE BETWEEN 65 AND 80", ">80": "AGE > 80"})


def test_the_first_group_that_applies() -> None:
    frame = rows(AGE=[64, 65, 80, 81, None])
    found = derive_groups(frame, of=("AGE",), cuts=CUTS, number_to="AGEGR1N")
    assert values(found) == ["<65", "65-80", "65-80", ">80", None]
    assert values(found, "AGEGR1N") == [1, 2, 2, 3, None]
    overlapping = derive_groups(frame, of=("AGE",), cuts=cut(**{"old": "AGE >= 65", "very old": "AGE > 80"}))
    assert values(overlapping) == [None, "old", "old", "old", None]


def test_a_condition_names_only_what_of_names() -> None:
    with pytest.raises(SpecError, match="In cuts, the variable 'AEG'"):
        derive_groups(rows(AGE=[64]), of=("AGE",), cuts=cut(**{"<65": "AEG < 65"}))


@pytest.mark.parametrize(
    ("rule", "params", "message"),
    [
        ("groups", {"of": "AGE", "cuts": {"<65": "AGE lt 65"}}, "The condition cannot be read: AGE lt"),
        ("query_group", {"of": "T", "groups": {"A": ["Rash"], "B": ["RASH"]}}, "'RASH' stands in two groups"),
        ("last_before_dose", {"by": "T", "date": "D", "value": "V", "same_day": "never"}, "same_day"),
        ("impute_date", {"of": "D", "missing": {"day": "frist", "month": "mid"}}, "day: Input"),
        ("duration", {"start": "A", "end": "B", "unti": "days"}, "'unti' does not exist"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_parameters_is_said_before_data(
    rule: str, params: dict[str, Any], message: str
) -> None:
    at = Place("adam/adsl.yaml", 7)
    with pytest.raises(SpecError, match=message):
        find_rule(rule, at).read(params, at)


CODELISTS = {
    "CAUSALITY": CodelistSpec.model_validate(
        {"terms": ["NONE", "POSSIBLE", "PROBABLE"], "groups": {"related": ["POSSIBLE", "PROBABLE"]}}
    )
}


def test_what_related_means_is_data() -> None:
    frame = rows(AEREL=["NONE", "POSSIBLE", "PROBABLE", None])
    found = derive_in_group(frame, of=("AEREL",), codelist="CAUSALITY", group="related", codelists=CODELISTS)
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [None, "Y", "Y", None]
    found = derive_in_group(
        frame, of=("AEREL",), codelist="CAUSALITY", group="related", otherwise="N", codelists=CODELISTS
    )
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == ["N", "Y", "Y", None]


@pytest.mark.parametrize(
    ("codelist", "group", "near"), [("CAUSALTY", "related", "CAUSALITY"), ("CAUSALITY", "realted", "related")]
)
def test_a_misspelt_group_is_a_spec_error(codelist: str, group: str, near: str) -> None:
    with pytest.raises(SpecError, match=f"Did you mean '{near}'"):
        derive_in_group(
            rows(AEREL=["NONE"]), of=("AEREL",), codelist=codelist, group=group, codelists=CODELISTS
        )


def test_custom_queries() -> None:
    groups = {
        "Hand-foot syndrome": ("Palmar-plantar erythrodysesthesia syndrome",),
        "ALT/AST increased": ("ALT", "AST"),
    }
    frame = rows(AEDECOD=["palmar-plantar ERYTHRODYSESTHESIA syndrome", "AST", "Rash", None])
    found = derive_query_group(frame, of="AEDECOD", groups=groups, number_to="CQ01CD")
    assert values(found) == ["Hand-foot syndrome", "ALT/AST increased", None, None]
    assert values(found, "CQ01CD") == [1, 2, None, None]


def test_number_of_a_level() -> None:
    found = derive_number_of(
        rows(AESEV=["SEVERE", "MILD", None, "FATAL"]), of="AESEV", levels={"MILD": 1, "SEVERE": 3}
    )
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [3, 1, None, None]
    assert found.values.dtype == pl.Int64
    assert [(f.row, f.value) for f in found.findings] == [(3, "FATAL")]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("count", [2, 0]),
        ("sum", [135.0, None]),
        ("mean", [67.5, None]),
        ("min", [54.0, None]),
        ("max", [81.0, None]),
    ],
)
def test_summary_of(statistic: Statistic, expected: list[float | None]) -> None:
    records = pl.DataFrame(
        {"USUBJID": ["1", "1", "1", "3"], ROW: [1, 2, 3, 4], "EXDOSE": [54.0, 81.0, None, 1.0]}
    )
    found = derive_summary_of(rows(USUBJID=["1", "2"]), records, of="EX.EXDOSE", statistic=statistic)
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == expected
    assert found.sources is not None
    assert found.sources.rows() == [(0, 1), (0, 2)]
