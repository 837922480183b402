"""Subjects in partitions of any size give what the whole gives: datasets, lineage, decisions, ledger and
findings."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from cases.conftest import MakeCase

from tlfgen.adam.build import run_adam
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.engine import registry
from tlfgen.engine.finish import StageResult
from tlfgen.engine.gives import always
from tlfgen.engine.partitions import Filled, fill_partitions
from tlfgen.engine.registry import ROW
from tlfgen.engine.table import Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import LedgerError
from tlfgen.raw.stage import run_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.spec.dataset import DomainSpec

# beside the base: counts of records that are not known, unreadable dates, texts that go on in SUPP--
CASES = (
    ("base", 1),
    ("base", 3),
    ("28-null-key", 3),
    ("06-dose-date-unreadable", 3),
    ("41-text-over-200", 3),
)


def stages(specs: Any, forms: Any, size: int) -> tuple[StageResult, StageResult]:
    """SDTM and ADaM with partitions of this size."""
    sdtm = run_sdtm(specs, forms, read_dictionaries(specs), size=size)
    return sdtm, run_adam(specs, sdtm.datasets, size=size)


@pytest.mark.parametrize(("name", "size"), CASES)
def test_partitions_of_any_size_give_the_whole(case: Any, name: str, size: int) -> None:
    specs = case(name).study.specs
    forms = run_raw(specs, specs.folder / "raw").forms
    for parts, whole in zip(stages(specs, forms, size), stages(specs, forms, 1000), strict=True):
        same(parts, whole)


def same(parts: StageResult, whole: StageResult) -> None:
    """Both hold the same, in the same order."""
    assert parts.datasets.keys() == whole.datasets.keys()
    for dataset, expected in whole.datasets.items():
        found = parts.datasets[dataset]
        assert found.frame.to_dicts() == expected.frame.to_dicts(), dataset
        assert found.frame.schema == expected.frame.schema
        assert found.with_frame(expected.frame) == expected
    assert parts.lineage.rows() == whole.lineage.rows()
    assert parts.decisions.rows() == whole.decisions.rows()
    assert parts.ledger.rows() == whole.ledger.rows()
    assert parts.findings == whole.findings


def test_a_rule_that_looks_beyond_a_subject_sees_all_subjects(
    case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subject's place among all by age: with partitions apart it would start at 1 in each."""
    monkeypatch.setattr(registry, "_RULES", registry.rules())

    @registry.derivation(gives=always("integer"), scope="study")
    def derive_place(rows: pl.DataFrame, *, of: registry.Column) -> pl.Series:
        """Give the place of a number among those of all subjects."""
        return rows[of].rank("ordinal").cast(pl.Int64)

    entry = "  - {name: PLACE, label: Place by Age, type: integer, derive: place, of: AGE}\n"
    made = case("base")
    path = made.folder / "adam" / "adsl.yaml"
    path.write_text(path.read_text("utf-8").rstrip("\n") + "\n" + entry, "utf-8")
    specs = made.study.specs
    forms = run_raw(specs, specs.folder / "raw").forms
    _, adam = stages(specs, forms, 3)
    places = adam.datasets["ADSL"].frame["PLACE"].drop_nulls()
    assert sorted(places) == list(range(1, places.len() + 1))


def test_records_of_no_subject_are_the_same_whoever_is_read(case: Any) -> None:
    """A study's record that counts subjects would differ from partition to partition: it is refused."""
    study = case("base").study.specs.study

    def fill(subjects: pl.Series | None) -> Filled:
        count = 5 if subjects is None else subjects.len()
        table = Table("TS", "sdtm", pl.DataFrame({ROW: [1], "TSVAL": [str(count)]}))
        workspace = Workspace("sdtm", study, {}, tables={"TS": table})
        lineage = pl.DataFrame({"row": [1], "source": ["study.yaml"], "source_row": [1]})
        return Filled(workspace, {"TS": lineage})

    subjects = pl.DataFrame({"USUBJID": list("ABCDE")})
    specs = {"TS": DomainSpec.model_validate({"domain": "TS"})}
    assert fill_partitions([subjects], specs, fill, 5).workspace.tables["TS"].frame["TSVAL"][0] == "5"
    with pytest.raises(LedgerError, match="TS: its records of no subject differ"):
        fill_partitions([subjects], specs, fill, 3)


ELSEWHERE = """dataset: ADXX
file: adam/adxx.csv
made_by: by hand
label: Elsewhere
class: BASIC DATA STRUCTURE
keys: [STUDYID, XSEQ]
variables:
  - {name: XSEQ, label: Sequence, type: integer}
"""
OF_IT = """dataset: ADX
label: Of it
class: BASIC DATA STRUCTURE
keys: [STUDYID, XSEQ]
from: ADXX
copy: {ADXX: [STUDYID, USUBJID, XSEQ], ADSL: [TRT01A]}
variables:
  - {name: TWICE, compute: "XSEQ * 2", label: Twice, type: integer}
"""


def test_records_without_a_subject_among_others_stand_once(case: MakeCase) -> None:
    """Three subjects and two records of nobody in between: 5 records, 2 of them errors, at any size."""
    study = case("base").write("adam/adxx.yaml", ELSEWHERE).write("adam/adx.yaml", OF_IT)
    who = ("BASE-1-01", "", "BASE-2-05", "", "BASE-1-02")
    lines = [f"BASE,{w},{n}" for n, w in enumerate(who, 1)]
    study.write("adam/adxx.csv", "\n".join(["STUDYID,USUBJID,XSEQ", *lines, ""]))
    specs = study.study.specs
    forms = run_raw(specs, specs.folder / "raw").forms
    (_, parts), (_, whole) = (stages(specs, forms, size) for size in (2, 1000))
    same(parts, whole)
    assert [r["TWICE"] for r in parts.datasets["ADX"].frame.to_dicts()] == [2, 4, 6, 8, 10]
    assert [f.row for f in parts.findings if f.message == "the record has no subject"] == [2, 4]
