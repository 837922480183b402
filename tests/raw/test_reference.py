"""The five public raw forms. Expected figures are those that the README beside the files states."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from tlfgen.raw.draft import draft_forms
from tlfgen.raw.stage import RawResult, run_raw
from tlfgen.spec.specs import load_specs

from .test_draft import read_drafts

STUDY = Path(__file__).parents[2] / "specs" / "cdiscpilot01"
pytestmark = pytest.mark.reference


@pytest.fixture
def raw(reference: Path) -> Path:
    return reference / "data" / "pharmaverseraw"


@cache
def built(raw: Path) -> RawResult:
    return run_raw(load_specs(STUDY), raw)


def count(result: RawResult, form: str, **wanted: object) -> int:
    found = [f for f in result.findings if f.dataset == form]
    return sum(all(getattr(f, k) == v for k, v in wanted.items()) for f in found)


def test_every_record_of_the_five_forms_is_accepted(raw: Path) -> None:
    ledger = built(raw).ledger.select("dataset", "read", "used", "left_out")
    assert ledger.rows() == [
        ("AE", 1191, 1191, 0), ("DM", 306, 306, 0), ("DS", 850, 850, 0), ("EC", 591, 591, 0),
        ("VS", 12978, 12978, 0),
    ]  # fmt: skip


def test_the_known_defects_are_found_and_no_others(raw: Path) -> None:
    result = built(raw)
    assert count(result, "AE", rule="required", field="AESTDAT") == 15
    assert count(result, "AE", rule="partial date") == 11
    assert count(result, "AE", rule="duplicate", severity="warning") == 1
    assert count(result, "AE", rule="check AE-05") == 9  # without LLT and SOC code
    assert count(result, "EC", rule="check EC-02") == 6  # without an end
    errors = Counter((f.dataset, f.rule) for f in result.findings if f.severity == "error")
    assert errors == {("AE", "required"): 15}
    units = [count(result, "VS", rule=f"check VS-0{n}", severity="warning") for n in (2, 3, 4)]
    assert units == [9, 7, 1]  # heights no inches, temperatures no Fahrenheit, a weight no pounds


def test_what_was_collected_is_kept(raw: Path) -> None:
    forms = built(raw).forms
    ae, vs = forms["AE"], forms["VS"]
    assert ae.frame["USUBJID"].n_unique() == 225
    assert ae.frame["AEENDAT"].null_count() == 473
    assert (ae.frame["AESTDAT"].str.len_chars() == 4).sum() == 11
    results = ["HEIGHT", "WEIGHT", "TEMP", "SYS_BP", "DIA_BP", "PULSE"]
    kept = sum(vs.collected.height - vs.collected[c].null_count() for c in results)
    assert kept == 29635
    typed = sum(vs.frame.height - vs.frame[c].null_count() for c in results)
    assert typed == 29635
    assert forms["DS"].frame.filter(pl.col("DEATHDT").is_not_null())["USUBJID"].n_unique() == 3


def test_drafts_read_their_own_files_without_an_error(raw: Path, tmp_path: Path) -> None:
    forms = read_drafts(draft_forms(raw).texts, tmp_path, load_specs(STUDY).study, raw)
    assert {n: f.frame.height for n, f in forms.items()} == {
        "AE": 1191,
        "DM": 306,
        "DS": 850,
        "EC": 591,
        "VS": 12978,
    }
    assert [f for form in forms.values() for f in form.findings if f.severity == "error"] == []
