"""The raw stage as a whole: its ledger, and what it leaves on disk."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tlfgen.data.dataset import LEDGER
from tlfgen.errors import DataError, LedgerError
from tlfgen.raw import stage
from tlfgen.raw.fields import Form
from tlfgen.raw.forms import TypedForm, type_form
from tlfgen.raw.stage import load_raw, run_raw, write_raw

from .conftest import Bench

EC = """
key: [SUBJ, DAT]
fields: [{name: SUBJ}, {name: DAT, type: date, required: true}, {name: DOSE, type: number}]
"""
RECORDS = """
SUBJ,DAT,DOSE
1-01,2014-03-05,54
1-01,2014-03-05,81
x,2014-03-05,=1+1
,,
1-01,,-5
1-02,2014-03,54
y,2014-03-05,@x
"""


def test_every_record_is_accounted_for(bench: Bench) -> None:
    bench.form(EC, "EC").file(RECORDS, "ec.csv")
    bench.form("form: VS\nlabel: V\nfiles: [b.csv, a.csv]\nfields: [{name: SUBJ}]", "VS")
    bench.file("SUBJ\n1-01\n", "a.csv").file("SUBJ\n1-01\n1-02\n", "b.csv")
    ledger = bench.run().ledger
    assert ledger.schema == LEDGER
    reason = "blank record: 1; key blank: 1; key repeated: 1; subject unusable: 2"
    assert ledger.rows() == [
        ("raw", "EC", "ec.csv", 7, 2, 5, reason, 2),
        ("raw", "VS", "b.csv, a.csv", 3, 3, 0, "", 3),
    ]


def test_a_record_that_is_lost_stops_the_stage(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(form: Form, folder: Path) -> TypedForm:
        typed = type_form(form, folder)
        return replace(typed, frame=typed.frame.head(1), collected=typed.collected.head(1))

    monkeypatch.setattr(stage, "type_form", lossy)
    with pytest.raises(LedgerError, match="Form EC: 7 records were read, 1 are accepted and 5 set aside"):
        bench.form(EC, "EC").file(RECORDS, "ec.csv").run()


def test_what_is_written_is_what_is_read_again(bench: Bench, tmp_path: Path) -> None:
    bench.form(EC, "EC").file(RECORDS, "ec.csv").form("fields: [{name: SUBJ}]").file("SUBJ\n1-01\n")
    specs, folder = bench.specs(), tmp_path / "written"
    result = run_raw(specs, bench.raw)
    write_raw(result, folder)
    loaded = load_raw(specs, folder)
    assert list(loaded) == list(result.forms)
    for name, form in result.forms.items():
        again = loaded[name]
        assert again.frame.equals(form.frame) and again.frame.schema == form.frame.schema
        assert again.collected.equals(form.collected)
        assert again.quarantined.equals(form.quarantined)
        assert (again.read, again.spec) == (form.read, form.spec)


def test_quarantined_records_are_a_file_that_opens_safely_in_a_spreadsheet(
    bench: Bench, tmp_path: Path
) -> None:
    bench.form(EC, "EC").file(RECORDS, "ec.csv").form("fields: [{name: SUBJ}]").file("SUBJ\n1-01\n")
    write_raw(bench.run(), tmp_path / "written")
    folder = tmp_path / "written" / "quarantine"
    assert [p.name for p in folder.iterdir()] == ["EC.csv"]
    with (folder / "EC.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [(r["row"], r["SUBJ"], r["DOSE"]) for r in rows] == [
        ("2", "1-01", "81"), ("3", "x", "'=1+1"), ("4", "", ""), ("5", "1-01", "-5"), ("7", "y", "'@x"),
    ]  # fmt: skip
    kept = pl.read_parquet(tmp_path / "written" / "forms" / "EC.quarantined.parquet")
    assert kept["DOSE"].to_list() == ["81", "=1+1", None, "-5", "@x"]


def test_a_missing_result_is_named(bench: Bench, tmp_path: Path) -> None:
    bench.form("fields: [{name: SUBJ}]")
    with pytest.raises(DataError, match="The typed form AE cannot be read"):
        load_raw(bench.specs(), tmp_path)


def test_a_study_without_dm_or_codelists_can_be_read(bench: Bench) -> None:
    (bench.folder / "codelists.yaml").unlink()
    result = bench.form("fields: [{name: SUBJ}]").file("SUBJ\n1-01\n").run()
    assert result.findings == []
