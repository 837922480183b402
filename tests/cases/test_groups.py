"""A dataset reads its own earlier rows: the groups of `records`, and what a made record gets."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from tlfgen.engine import registry
from tlfgen.engine.registry import ROW, Fetch, Made, Other, Others, maker
from tlfgen.errors import SpecError

from .conftest import Case, MakeCase

BY = ["USUBJID", "VISITNUM", "ADT"]
SEEN: list[list[str]] = []


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two made-up makers, for these tests alone."""
    registry.rules()
    monkeypatch.setattr(registry, "_RULES", dict(registry._RULES))
    SEEN.clear()

    @maker
    def make_mean_pressure(fetch: Fetch, *, of: Other, beside: Others) -> Made:
        """Make mean arterial pressure of the two pressures of a visit."""
        rows = fetch(of, *beside)
        SEEN.append(rows["PARAMCD"].unique().sort().to_list())
        both = rows.filter(pl.col("PARAMCD") == "SYSBP").join(
            rows.filter(pl.col("PARAMCD") == "DIABP"), on=BY, suffix="_d", maintain_order="left"
        )
        index = pl.int_range(pl.len(), dtype=pl.Int64).alias("index")
        source = pl.lit(of.rpartition(".")[0]).alias("source")
        parts = [both.select(index, source, pl.col(c).alias("source_row")) for c in (ROW, f"{ROW}_d")]
        value = ((pl.col("AVAL") + 2 * pl.col("AVAL_d")) / 3).alias("AVAL")
        return Made(both.select(*BY, value), pl.concat(parts))

    @maker
    def make_last_record(fetch: Fetch, *, of: Other, beside: Others) -> Made:
        """Make a copy of each subject's last record of a parameter, at visit 99 on the day of its first."""
        rows = fetch(of, *beside)
        SEEN.append(rows["PARAMCD"].unique().sort().to_list())
        group = ["USUBJID", "PARAMCD"]
        last = (
            rows.sort("VISITNUM")
            .group_by(group, maintain_order=True)
            .agg(pl.col("AVAL", ROW).last(), pl.col("ADT").first())
        )
        index = pl.int_range(pl.len(), dtype=pl.Int64).alias("index")
        source = pl.lit(of.rpartition(".")[0]).alias("source")
        sources = last.select(index, source, pl.col(ROW).alias("source_row"))
        visit = pl.lit(99.0).alias("VISITNUM")
        return Made(last.select(*group, "AVAL", "ADT", visit), sources)

    yield


MAP = """
  - {derive: mean_pressure, set: {PARAMCD: MAP, PARAM: Mean pressure (mmHg)}, of: ADVS.AVAL,
     beside: [PARAMCD, VISITNUM, ADT]}
"""
LAST = """
  - {derive: last_record, set: {DTYPE: LAST}, of: ADVS.AVAL, beside: [PARAMCD, VISITNUM, ADT%s]}
"""


def vital_signs(case: MakeCase, records: str, *changes: tuple[str, str], over: str = "base") -> Case:
    """ADVS of the base with these entries of `records`, known by visit. over: a case with the same ADVS."""
    study = case(over).replace("adam/advs.yaml", "ADT, VSSEQ]", "VISITNUM]")
    study.replace("adam/advs.yaml", "variables:\n", f"records:{records}variables:\n")
    for old, new in changes:
        study.replace("adam/advs.yaml", old, new)
    return study


def of(study: Case, **known: Any) -> list[dict[str, Any]]:
    rows = [r for r in study.rows("ADVS") if all(r[k] == v for k, v in known.items())]
    return sorted(rows, key=lambda r: (r["USUBJID"], r["VISITNUM"]))


def test_a_parameter_is_made_of_parameters_of_the_same_dataset(case: MakeCase) -> None:
    """Case 76: 24 records, (systolic + 2 x diastolic) / 3."""
    study = vital_signs(case, MAP)
    rows = of(study, PARAMCD="MAP")
    values = {s: [r["AVAL"] for r in rows if r["USUBJID"].endswith(s)] for s in ("1-01", "2-05")}
    assert len(rows) == 24
    assert values == {"1-01": [90.0, 92.0, 88.0], "2-05": [110.0, 108.0, 112.0]}
    assert SEEN[-1] == ["DIABP", "SYSBP", "WEIGHT"]


def test_a_made_record_is_filled_like_any_other(case: MakeCase) -> None:
    """Study, parameter number, ADSL's variables, baseline, change and visit of 1-01: 90, 92, 88."""
    first, *later = of(vital_signs(case, MAP), PARAMCD="MAP")[:3]
    assert (first["STUDYID"], first["PARAMN"], first["SAFFL"]) == ("BASE", 4, "Y")
    assert (first["ADT"], first["ABLFL"], first["AVISIT"]) == (datetime.date(2024, 3, 20), "Y", "Baseline")
    assert [(r["BASE"], r["CHG"], r["ABLFL"]) for r in later] == [(90.0, 2.0, None), (90.0, -2.0, None)]


def test_the_records_read_are_the_sources_of_those_made(case: MakeCase) -> None:
    """Each MAP of two records of ADVS, by their row numbers in the finished dataset."""
    from tlfgen.adam.build import run_adam
    from tlfgen.data.dictionary import read_dictionaries
    from tlfgen.raw.stage import run_raw
    from tlfgen.sdtm.build import run_sdtm

    study = vital_signs(case, MAP)
    specs = study.study.specs
    forms = run_raw(specs, study.folder / "raw").forms
    done = run_adam(specs, run_sdtm(specs, forms, read_dictionaries(specs)).datasets)
    rows = done.datasets["ADVS"].frame.with_row_index("row", offset=1).to_dicts()
    number = {(r["USUBJID"], r["PARAMCD"], r["VISITNUM"]): r["row"] for r in rows}
    wanted = pl.col("dataset").eq("ADVS") & pl.col("source").eq("ADVS") & pl.col("role").eq("record")
    found = done.lineage.filter(wanted).select("row", "source_row").rows()
    assert sorted(found) == sorted(
        (row, number[who, part, visit])
        for (who, parameter, visit), row in number.items()
        if parameter == "MAP"
        for part in ("SYSBP", "DIABP")
    )


def test_a_group_reads_the_groups_above_it_and_none_below(case: MakeCase) -> None:
    """Three layers: the second sees MAP, the first does not see the second."""
    study = vital_signs(case, MAP + LAST % "")
    assert len(of(study, DTYPE="LAST", PARAMCD="MAP")) == 8
    assert SEEN[-2:] == [["DIABP", "SYSBP", "WEIGHT"], ["DIABP", "MAP", "SYSBP", "WEIGHT"]]
    SEEN.clear()
    turned = vital_signs(lambda _: case("01-dosing-end-partial"), LAST % "" + MAP.replace("ADT]", "ADT]"))
    assert not of(turned, DTYPE="LAST", PARAMCD="MAP")


def test_what_no_group_reads_is_filled_over_all_rows_at_once(case: MakeCase) -> None:
    """The copy stands on the day of the baseline, at a later visit: by its entry the baseline flag moves."""
    flagged = of(vital_signs(case, LAST % ""), PARAMCD="WEIGHT", ABLFL="Y")
    assert {r["VISITNUM"] for r in flagged} == {99.0}


@pytest.mark.parametrize(
    ("on_made", "visits"),
    [("", {1.0}), ("null", {1.0}), ("copy", {1.0}), ("entry", {1.0, 99.0})],
)
def test_what_a_group_has_read_stands(case: MakeCase, on_made: str, visits: set[float]) -> None:
    """A maker read ABLFL: the rows above keep theirs, and the copy gets its own: a flag is null by default,
    what its record (the last, no baseline) has by copy, and by its entry it is the baseline as well."""
    entry = "{name: ABLFL, derive: baseline_flag"
    change = (entry, f"{{name: ABLFL, on_made: {on_made}, derive: baseline_flag" if on_made else entry)
    study = vital_signs(case, LAST % ", ABLFL", change)
    assert {r["VISITNUM"] for r in of(study, PARAMCD="WEIGHT", ABLFL="Y")} == visits


def test_the_parameter_is_copied_with_its_code_and_a_key_where_the_records_agree(case: MakeCase) -> None:
    """The copy says which parameter it is without `set`; VISIT, that no key names, is copied where its entry
    says so."""
    plain = of(vital_signs(case, LAST % ""), PARAMCD="WEIGHT", DTYPE="LAST")[0]
    assert (plain["PARAM"], plain["PARAMN"], plain["VISIT"]) == ("Weight (kg)", 3, None)
    told = ("variables:\n", "variables:\n  - {name: VISIT, from: VISIT, on_made: copy}\n")
    copied = of(vital_signs(case, LAST % "", told, over="01-dosing-end-partial"), DTYPE="LAST")
    assert {r["VISIT"] for r in copied} == {"WEEK 4"}


def test_a_copy_of_records_that_differ_is_null_and_said(case: MakeCase) -> None:
    """MAP of two records with two sequence numbers."""
    told = ("variables:\n", "variables:\n  - {name: VSSEQ, from: VSSEQ, on_made: copy}\n")
    study = vital_signs(case, MAP, told)
    assert {r["VSSEQ"] for r in of(study, PARAMCD="MAP")} == {None}
    said = [f for f in study.stages[1] if f.rule == "on_made"]
    assert [(f.severity, f.field, f.message.split(" made")[0]) for f in said] == [
        ("warning", "VSSEQ", "24 of 24")
    ]


def test_a_maker_that_needs_all_records_of_its_own_dataset_is_a_circle(case: MakeCase) -> None:
    """MAP reads the treatment start, and that a variable of all vital signs."""
    study = vital_signs(case, MAP.replace("ADT]", "ADT, TRTSDT]"))
    study.replace("adam/adsl.yaml", "of: EX.EXSTDTC}", "of: ADVS.ADT}")
    with pytest.raises(SpecError) as refused:
        study.check()
    chain = "ADSL.TRTSDT -> ADVS.ADT -> records MAP of ADVS -> ADVS.TRTSDT (above MAP) -> ADSL.TRTSDT"
    assert f"ADSL.TRTSDT needs itself: {chain}." in str(refused.value)
    assert refused.value.place.line


def test_on_made_without_made_records_is_refused(case: MakeCase) -> None:
    study = case("base").replace("adam/advs.yaml", "{name: AVAL,", "{name: AVAL, on_made: copy,")
    with pytest.raises(SpecError, match="'on_made' is of records that `records`"):
        study.check()
