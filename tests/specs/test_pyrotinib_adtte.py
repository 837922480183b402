"""ADTTE of the study pyrotinib-mcrc, from raw records, against the simulated patients' own times.

Expected: the study's seed/pseudo_ipd.csv, whose days are the date minus the first dose plus 1, for the 17
evaluable patients; what the rule sets change is worked out by hand from the raw dates.
"""

from __future__ import annotations

import shutil
from datetime import date as Day
from pathlib import Path

import polars as pl
import pytest

from tlfgen.adam.build import run_adam
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.engine.finish import StageResult
from tlfgen.raw.stage import run_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.spec.specs import load_specs

STUDY = Path(__file__).resolve().parents[2] / "specs" / "pyrotinib-mcrc"


@pytest.fixture(scope="module")
def adam() -> StageResult:
    specs = load_specs(STUDY)
    raw = run_raw(specs, STUDY / "raw")
    return run_adam(specs, run_sdtm(specs, raw.forms, read_dictionaries(specs)).datasets)


@pytest.fixture(scope="module")
def adtte(adam: StageResult) -> pl.DataFrame:
    return adam.datasets["ADTTE"].frame


def parameter(adtte: pl.DataFrame, code: str) -> pl.DataFrame:
    return adtte.filter(pl.col("PARAMCD") == code).sort("SUBJID")


@pytest.fixture(scope="module")
def patients() -> pl.DataFrame:
    seed = pl.read_csv(STUDY / "seed" / "pseudo_ipd.csv", try_parse_dates=True)
    return seed.with_columns(pl.col("usubjid").str.slice(-3).alias("SUBJID")).sort("SUBJID")


@pytest.mark.parametrize(("code", "seed"), [("PFS", "pfs"), ("PFSEMA", "pfs"), ("OS", "os")])
def test_times_and_events_are_the_patients(
    adtte: pl.DataFrame, patients: pl.DataFrame, code: str, seed: str
) -> None:
    found = parameter(adtte, code).filter(pl.col("EVALFL") == "Y")
    expected = patients.filter(pl.col("efficacy_set") == "Y")
    assert found["SUBJID"].to_list() == expected["SUBJID"].to_list() and found.height == 17
    assert found["TTEDAYS"].to_list() == expected[f"{seed}_days"].to_list()
    assert (found["CNSR"] == 0).cast(pl.Int64).to_list() == expected[f"{seed}_event"].to_list()
    assert found["ADT"].to_list() == expected[f"{seed}_date"].to_list()
    months = [days / 30.4375 for days in expected[f"{seed}_days"]]
    assert found["AVAL"].to_list() == pytest.approx(months, abs=1e-12)


def test_events_are_as_published(adtte: pl.DataFrame) -> None:
    """Yang et al., Drug Design, Development and Therapy (ChiCTR2000028711): 15 progressions and 9 deaths
    among the 17 evaluable patients, nobody censored for survival before month 12."""
    evaluable = adtte.filter(pl.col("EVALFL") == "Y")
    assert (parameter(evaluable, "PFS")["CNSR"] == 0).sum() == 15
    assert (parameter(evaluable, "OS")["CNSR"] == 0).sum() == 9
    assert parameter(evaluable, "OS").filter((pl.col("CNSR") > 0) & (pl.col("AVAL") < 12)).height == 0


def test_everyone_in_the_full_set_has_a_record(adtte: pl.DataFrame) -> None:
    for code in ("PFS", "PFSFDA", "PFSEMA", "OS", "FUP"):
        assert parameter(adtte, code)["SUBJID"].to_list() == [f"{n:03d}" for n in range(1, 21)]
    unseen = parameter(adtte, "PFS").filter(pl.col("EVALFL") == "N")
    assert unseen.select("CNSR", "TTEDAYS", "CNSDTDSC").unique().rows() == [(2, 1, "First dose")]


def test_what_the_rule_sets_change(adtte: pl.DataFrame) -> None:
    """Patient 010 began new therapy five days before progression, 018 after the last assessment; 012 had
    nothing between weeks 30 and 48."""
    own, fda = (parameter(adtte, code) for code in ("PFS", "PFSFDA"))
    changed = fda.filter((fda["CNSR"] != own["CNSR"]) | (fda["ADT"] != own["ADT"]))
    assert changed.select("SUBJID", "CNSR", "ADT").rows() == [
        ("010", 3, Day(2022, 4, 26)),
        ("012", 4, Day(2022, 8, 20)),
        ("018", 3, Day(2025, 1, 10)),
    ]


def test_follow_up_is_survival_reversed(adtte: pl.DataFrame) -> None:
    survival, follow_up = parameter(adtte, "OS"), parameter(adtte, "FUP")
    assert follow_up["AVAL"].to_list() == survival["AVAL"].to_list()
    assert ((follow_up["CNSR"] == 0) != (survival["CNSR"] == 0)).all()


def test_responders(adtte: pl.DataFrame, patients: pl.DataFrame) -> None:
    responders = patients.filter(pl.col("bor").is_in(["CR", "PR"]))["SUBJID"].to_list()
    duration, until, progression = (parameter(adtte, code) for code in ("DOR", "TTR", "PFS"))
    assert duration["SUBJID"].to_list() == until["SUBJID"].to_list() == responders
    assert (until["CNSR"] == 0).all()
    # both days of response belong to both times: time to response + duration = time to progression + 1
    total = progression.filter(pl.col("SUBJID").is_in(responders))["TTEDAYS"] + 1
    assert (until["TTEDAYS"] + duration["TTEDAYS"]).to_list() == total.to_list()


def test_every_record_says_why_and_from_where(adam: StageResult) -> None:
    frame = adam.datasets["ADTTE"].frame.with_row_index("row", 1)
    chosen = adam.decisions.filter((pl.col("dataset") == "ADTTE") & pl.col("chosen"))
    assert sorted(chosen["row"].to_list()) == frame["row"].to_list()
    sources = adam.lineage.filter((pl.col("dataset") == "ADTTE") & (pl.col("role") == "record"))
    assert set(sources["row"]) == set(frame["row"])
    assert not [f for f in adam.findings if f.rule == "time_to_event"]


def test_nobody_whose_death_another_form_tells_is_alive(tmp_path: Path) -> None:
    """The disposition lost the date of death, survival status says dead: no time, and an error."""
    study = tmp_path / "specs" / "pyrotinib-mcrc"
    shutil.copytree(STUDY, study)
    path = study / "raw" / "ds.csv"
    forms = pl.read_csv(path, infer_schema=False)
    who = forms.filter(pl.col("DTHDAT").is_not_null())["SUBJECT"][0]
    blank = pl.when(pl.col("SUBJECT") != who).then("DTHDAT").alias("DTHDAT")
    forms.with_columns(blank).write_csv(path)
    specs = load_specs(study)
    raw = run_raw(specs, study / "raw")
    built = run_adam(specs, run_sdtm(specs, raw.forms, read_dictionaries(specs)).datasets)
    own = parameter(built.datasets["ADTTE"].frame, "OS").filter(pl.col("SUBJID") == who[-3:])
    assert own.select("AVAL", "CNSR", "EVNTDESC").rows() == [(None, None, None)]
    told = [f for f in built.findings if f.severity == "error" and f.rule == "time_to_event"]
    assert who in str([f.subject for f in told]) and "the time is not known" in told[0].message
