"""Raw validation: CPU seconds and peak memory from a CSV file of 1e6 rows x 10 fields to a typed frame.

    python bench/bench_raw.py [ROWS]

The data are made here, by 5,000 subjects, with a wrong value in one row of a thousand, in a temporary folder.
CPU seconds are user plus system of all threads, the file's reading included, the interpreter's start and
imports not. The target is less than 2 CPU seconds for 1e6 rows.
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from tlfgen.raw.forms import read_form
from tlfgen.spec.form import CodelistSpec, FormSpec
from tlfgen.spec.study import StudySpec

BAD_RATE = 0.001
SITES = 100  # of 50 subjects each
VISITS = ["Screening", "Baseline", "Week 2", "Week 4", "Week 8"]
STUDY = {
    "study": "BENCH", "title": "A study to measure with", "cutoff": "2024-01-31", "arms": [],
    "subject": {"from": "SUBJECT", "parts": r"(?P<SITEID>\d{4})-(?P<SUBJID>\d{3})", "USUBJID": "B-{SUBJECT}"},
}  # fmt: skip
CODELISTS = {"POSITION": {"terms": {"SITTING": {}, "STANDING": {}, "SUPINE": {"collected": ["Lying"]}}}}
FORM = {
    "form": "VS", "label": "Vital Signs", "files": ["vs.csv"],
    "fields": [
        {"name": "SUBJECT", "required": True},
        {"name": "SITE", "type": "integer", "min": 1},
        {"name": "VISIT", "required": True},
        {"name": "VISDAT", "type": "date", "layouts": ["DD-Mon-YYYY"], "required": True},
        {"name": "SYSBP", "type": "number", "min": 40, "max": 300},
        {"name": "DIABP", "type": "number", "min": 20, "max": 200},
        {"name": "PULSE", "type": "integer", "min": 20, "max": 250},
        {"name": "TEMP", "type": "number", "min": 30, "max": 45},
        {"name": "POS", "type": "code", "codelist": "POSITION"},
        {"name": "COMMENT", "max_length": 200},
    ],
}  # fmt: skip


def make_rows(rows: int, path: Path) -> int:
    """Write the file; give the number of wrong values in it."""
    rng = np.random.default_rng(20240131)
    i = np.arange(rows)
    days = np.datetime64("2022-01-01") + rng.integers(0, 500, rows)
    frame = pl.DataFrame({
        "SUBJECT": _digits(i % SITES, 4) + "-" + _digits(i // SITES % 50, 3), "SITE": i % SITES + 1,
        "VISIT": pl.Series(VISITS).gather(i % 5), "VISDAT": pl.Series(days).dt.strftime("%d-%b-%Y"),
        "SYSBP": np.round(rng.uniform(90, 180, rows), 1), "DIABP": np.round(rng.uniform(50, 88, rows), 1),
        "PULSE": rng.integers(45, 140, rows), "TEMP": np.round(rng.uniform(35.5, 39.5, rows), 1),
        "POS": pl.Series(["Sitting", "Standing", "Lying"]).gather(i % 3),
        "COMMENT": pl.Series(["see query log", None]).gather((i % 10 != 0).astype(int)),
    })  # fmt: skip
    spoilt = {"VISDAT": "31-Feb-2022", "SYSBP": "999", "PULSE": "0-3", "TEMP": "36,6", "POS": "Kneeling"}
    wrong, which = rng.random(rows) < BAD_RATE, rng.integers(0, len(spoilt), rows)
    frame = frame.with_columns(
        pl.when(pl.Series(wrong & (which == n)))
        .then(pl.lit(bad))
        .otherwise(pl.col(c).cast(pl.String))
        .alias(c)
        for n, (c, bad) in enumerate(spoilt.items())
    )
    frame.write_csv(path)
    return int(wrong.sum())


def _digits(numbers: npt.NDArray[np.int64], width: int) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(width)


def measure(rows: int) -> tuple[int, int, list[float]]:
    """Make the data, read them three times; give the wrong values made, those found and the CPU seconds."""
    form = FormSpec.model_validate(FORM)
    study = StudySpec.model_validate(STUDY)
    codelists = {name: CodelistSpec.model_validate(spec) for name, spec in CODELISTS.items()}
    seconds, found = [], 0
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own, so that its memory is not counted.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            wrong = pool.apply(make_rows, (rows, Path(folder) / "vs.csv"))
        for _ in range(3):
            start = time.process_time()
            typed = read_form(form, study, codelists, Path(folder))
            seconds.append(time.process_time() - start)
            found = sum(f.severity == "error" for f in typed.findings)
            del typed  # or two of them stand in memory
    return wrong, found, seconds


def main() -> None:
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    wrong, found, seconds = measure(rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    each = ", ".join(f"{s:.2f}" for s in seconds)
    print(f"raw: {rows} rows x 10 fields, {wrong} wrong values, {found} found as errors")
    print(f"raw: {statistics.median(seconds):.2f} CPU seconds to a typed frame (of {each}), peak {peak} MB")


if __name__ == "__main__":
    main()
