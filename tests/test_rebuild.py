"""Building twice: the same bytes, nothing done in vain, nothing old left standing, nothing half published."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import tlfgen
from tlfgen.analysis.table import find_result
from tlfgen.errors import SpecError, UsageError
from tlfgen.study import Study

PACKAGE = Path(tlfgen.__file__).parent
TEMPLATES = PACKAGE.parents[1] / "templates"


def published(root: Path) -> dict[str, str]:
    """SHA-256 of every published file, run.json apart."""
    folders = [root / part / "mini" for part in ("sdtm", "adam", "output")]
    files = [
        p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "run.json"
    ]
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def change(root: Path, file: str, old: str, new: str) -> None:
    path = root / "specs" / "mini" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def ran(root: Path) -> list[str]:
    return [str(s["step"]) for s in Study.open("mini", root=root).build().steps if s["ran"]]


def test_two_cold_builds_in_different_folders_give_the_same_bytes(
    mini: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("a folder with another name")
    shutil.copytree(mini / "specs", other / "specs")
    Study.open("mini", root=mini).build()
    Study.open("mini", root=other).build()
    here = published(mini)
    assert here == published(other)
    assert {
        "output/mini/csr.pdf",
        "sdtm/mini/ae.xpt",
        "adam/mini/adsl.parquet",
        "output/mini/ledger.csv",
    } <= set(here)


def test_a_second_build_runs_no_step_and_imports_no_page_engine(mini: Path) -> None:
    Study.open("mini", root=mini).build()
    code = (
        "import sys; from pathlib import Path; from tlfgen.study import Study;"
        "b = Study.open('mini', root=Path(sys.argv[1])).build();"
        "print(b.changed, [s['step'] for s in b.steps if s['ran']],"
        " [m for m in ('weasyprint', 'matplotlib', 'polars', 'pikepdf') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code, str(mini)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False [] []"


def test_a_changed_output_runs_only_what_depends_on_it(mini: Path) -> None:
    Study.open("mini", root=mini).build()
    change(mini, "outputs/demography.yaml", "title: Demographic Characteristics", "title: Who they were")
    steps = ran(mini)
    assert "raw" not in steps and "adam" not in steps and "part-ae-by-term" not in steps
    assert {"part-demography", "report"} <= set(steps)


def test_a_changed_rule_moves_only_the_numbers_that_depend_on_it(mini: Path) -> None:
    """With no window after the last dose the death of 1-02, 17 days after it, is no longer emergent."""
    Study.open("mini", root=mini).build()
    folder = mini / "output/mini/outputs"
    before = {p.name: p.read_text("utf-8") for p in folder.glob("*.txt")}
    change(mini, "adam/adae.yaml", "end_window_days: 30", "end_window_days: 0")
    Study.open("mini", root=mini).build()
    moved = [name for name, text in before.items() if (folder / name).read_text("utf-8") != text]
    assert moved == ["ae-by-term.txt"]
    lines = (folder / "ae-by-term.txt").read_text("utf-8").splitlines()
    line = next(t for t in lines if t.startswith("Any event"))
    assert line.split() == ["Any", "event", "1", "(50.0)", "0", "1", "(33.3)"]


def test_numbers_worked_by_hand(mini: Path) -> None:
    """Treated: 1-01 and 1-03 (A), 1-02 (B). Ages 61, 66; 57. Emergent: both events of 1-01 (one of them in
    January 2024, which holds the first dose), the cardiac arrest of 1-02; not the rash of 1-03, before its
    first dose."""
    Study.open("mini", root=mini).build()
    ard = pl.read_parquet(mini / "output/mini/ard.parquet")

    def value(analysis: str, statistic: str, arm: str, *more: str) -> float:
        own = ard.filter(
            pl.col("analysis") == analysis, pl.col("statistic") == statistic, pl.col("level1") == arm
        )
        if more:
            own = own.filter(pl.col("level2") == more[0])
        return float(own["stat_num"][0])

    assert [value("demography.age", "mean", a) for a in ("Arm A", "Arm B")] == [63.5, 57.0]
    assert [value("ae-by-term.any", "n", a) for a in ("Arm A", "Arm B", "Total")] == [1, 1, 2]
    assert value("ae-by-term.any", "pct", "Arm A") == 0.5
    text = (mini / "output/mini/outputs/ae-by-term.txt").read_text("utf-8")
    assert "(N=2)" in text and "(N=1)" in text and "2 (66.7)" in text


def test_a_changed_number_in_the_program_is_never_hidden_by_the_cache(mini: Path, tmp_path: Path) -> None:
    source = tmp_path / "program"
    shutil.copytree(PACKAGE, source / "tlfgen", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(TEMPLATES, source / "tlfgen" / "templates")

    def days() -> list[int]:
        code = (
            "import sys; from pathlib import Path; from tlfgen.study import Study;"
            "s = Study.open('mini', root=Path(sys.argv[1])); s.build();"
            "print(s.load('AE')['AESTDY'].dropna().astype(int).tolist())"
        )
        environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
        run = subprocess.run(
            [sys.executable, "-c", code, str(mini)],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        assert run.returncode == 0, run.stderr
        return [int(d) for d in json.loads(run.stdout)]

    # 12 January is day 3 of 10 January; 1 April day 78 of 15 January; 1 December day -62 of 1 February.
    assert days() == [3, 78, -62]
    path = source / "tlfgen" / "data" / "dates.py"
    text = path.read_text("utf-8")
    assert text.count('pl.col("days") + 1') == 1
    times = path.stat()
    path.write_text(text.replace('pl.col("days") + 1', 'pl.col("days") + 2'), "utf-8")
    os.utime(path, (times.st_atime, times.st_mtime))
    assert days() == [4, 79, -62]


def test_an_edited_or_missing_published_file_is_put_back(mini: Path) -> None:
    Study.open("mini", root=mini).build()
    whole = published(mini)
    (mini / "output/mini/findings.csv").write_text("edited", "utf-8")
    (mini / "adam/mini/adsl.xpt").unlink()
    (mini / "sdtm/mini/stray.txt").write_text("left here", "utf-8")
    assert Study.open("mini", root=mini).build().changed
    assert published(mini) == whole


def test_a_damaged_result_in_the_cache_is_made_again(mini: Path) -> None:
    Study.open("mini", root=mini).build()
    whole = published(mini)
    held = next((mini / "output/.cache-mini").glob("adam-*")) / "data" / "adsl.parquet"
    held.write_bytes(held.read_bytes()[:-9] + b"damaged!!")
    assert "adam" in ran(mini)
    assert published(mini) == whole


def test_two_builds_of_one_study_cannot_run_at_once(mini: Path) -> None:
    (mini / "output").mkdir()
    with (mini / "output/.mini.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="Another build of mini is running"):
            Study.open("mini", root=mini).build()


def test_only_renders_the_outputs_named(mini: Path) -> None:
    done = Study.open("mini", root=mini).build(only=["demography"])
    assert {str(s["step"]) for s in done.steps if str(s["step"]).startswith("part-")} == {"part-demography"}
    with pytest.raises(SpecError, match="Did you mean 'demography'"):
        Study.open("mini", root=mini).build(only=["demograpy"])


def test_every_record_has_a_source_and_every_sum_adds_up(mini: Path) -> None:
    done = Study.open("mini", root=mini).build()
    assert all(int(r["read"]) == int(r["used"]) + int(r["left_out"]) for r in done.ledger)
    for stage in ("sdtm", "adam"):
        for path in (mini / stage / "mini").glob("*.parquet"):
            lineage = pl.read_parquet(mini / "output/mini/lineage" / path.name)
            rows = lineage.filter(pl.col("role") == "record")["row"].unique().sort().to_list()
            assert rows == list(range(1, pl.read_parquet(path).height + 1))


def test_the_lineage_leads_from_an_analysis_record_to_the_raw_row(mini: Path) -> None:
    """ADAE's record of the cardiac arrest comes from AE, and AE's from row 3 of the form."""
    Study.open("mini", root=mini).build()
    adae = pl.read_parquet(mini / "adam/mini/adae.parquet").with_row_index("row", offset=1)
    row = adae.filter(pl.col("AETERM") == "Cardiac arrest")["row"][0]
    steps = {n: pl.read_parquet(mini / f"output/mini/lineage/{n}.parquet") for n in ("adae", "ae", "adsl")}
    own = steps["adae"].filter((pl.col("row") == row) & (pl.col("role") == "record"))
    assert own["source"].to_list() == ["AE"]
    ae = steps["ae"].filter((pl.col("row") == own["source_row"][0]) & (pl.col("role") == "record"))
    assert list(ae.select("source", "source_row").iter_rows()) == [("form.AE", 3)]
    doses = steps["adsl"].filter(pl.col("role") == "TRTSDT")
    assert doses["source"].unique().to_list() == ["EX"] and doses.height == 3


def test_run_json_holds_the_hashes_of_what_went_in_and_came_out(mini: Path) -> None:
    Study.open("mini", root=mini).build()
    record = json.loads((mini / "output/mini/run.json").read_text("utf-8"))
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((mini / name).read_bytes()).hexdigest() == digest
    assert (
        record["inputs"]["ae.csv"]
        == hashlib.sha256((mini / "specs/mini/raw/ae.csv").read_bytes()).hexdigest()
    )
    assert "study.yaml" in record["specs"] and "polars" in record["versions"] and record["theme"]["fonts"]


def test_xpt_and_parquet_agree(mini: Path) -> None:
    import pyreadstat

    Study.open("mini", root=mini).build()
    frame, _ = pyreadstat.read_xport(str(mini / "adam/mini/adsl.xpt"))
    there = pl.read_parquet(mini / "adam/mini/adsl.parquet")
    assert frame["USUBJID"].tolist() == there["USUBJID"].to_list()
    assert [d for d in frame["AGE"]] == [float(a) for a in there["AGE"]]
    assert [None if d is None or d != d else d for d in frame["TRTSDT"]] == there["TRTSDT"].to_list()


def test_a_printed_cell_and_a_number_in_the_text_name_their_results(mini: Path) -> None:
    """2 of 3 treated subjects had an event: the cell, the sentence and the table of results say one thing."""
    Study.open("mini", root=mini).build()
    output = mini / "output" / "mini"
    ard = pl.read_parquet(output / "ard.parquet")
    cells = pl.read_csv(output / "outputs" / "ae-by-term.cells.csv", infer_schema=False)
    total = cells.filter((pl.col("label") == "Any event") & (pl.col("column") == "3"))
    assert total["text"].to_list() == ["2 (66.7)"]
    names = total["results"][0].split("; ")
    assert names == ["ae-by-term.any.n[TRT01A=Total]", "ae-by-term.any.pct[TRT01A=Total]"]
    assert [find_result(ard, n)["stat_num"] for n in names] == [2, pytest.approx(2 / 3)]
    numbers = pl.read_csv(output / "numbers.csv", infer_schema=False)
    assert numbers.rows() == [("2", "ae-by-term.any.n[TRT01A=Total]", "2", None)]
