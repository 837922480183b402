"""CPU seconds and peak memory of the data stages, on the public trial and on ten times its subjects.

    python bench/bench_partitions.py RAW_OF_CDISCPILOT01 [TIMES] [OTHER_TREE]

The ten times are made here: each record again under nine further sites, by the first digit of its subject's
number. raw, sdtm and adam run in a process each, the check of the specs included. OTHER_TREE is another
checkout to be measured beside this one; the smallest of three runs counts, as a shared machine's speed
changes by the minute.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
SUBJECT = "PATNUM"
STAGE = """
import resource, sys
from pathlib import Path
from tlfgen.adam.build import run_adam
from tlfgen.checks import check_specs
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.data.store import read_folder
from tlfgen.raw.stage import load_raw, run_raw, write_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.study import Study
try:
    from tlfgen.run.work_data import _write_stage as write_stage
except ImportError:  # a tree from before the package run/
    from tlfgen.build import _write_stage as write_stage
stage, root, raw, out = sys.argv[1], *map(Path, sys.argv[2:])
specs = Study.open("cdiscpilot01", root=root).specs
check_specs(specs)
(out / stage).mkdir()
if stage == "raw":
    write_raw(run_raw(specs, raw), out / stage)
elif stage == "sdtm":
    forms = load_raw(specs, out / "raw")
    write_stage(run_sdtm(specs, forms, read_dictionaries(specs)), out / stage, stage)
else:
    write_stage(run_adam(specs, read_folder(out / "sdtm" / "data")), out / stage, stage)
use = resource.getrusage(resource.RUSAGE_SELF)
print(use.ru_utime + use.ru_stime, use.ru_maxrss / 1024)
"""


def multiply(raw: Path, folder: Path, times: int) -> None:
    """Write each CSV file of `raw` with its records under `times` different sites."""
    for path in sorted(raw.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            header, *rows = csv.reader(handle)
        at = header.index(SUBJECT)
        with (folder / path.name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(header)
            for digit in range(7, 7 + times):
                writer.writerows([*r[:at], f"{digit % 10}{r[at][1:]}", *r[at + 1 :]] for r in rows)


def measure(tree: Path, raw: Path) -> tuple[float, float]:
    """CPU seconds of the data stages together and the peak MB of the largest, the least of some runs."""
    found = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as out:
            runs = [run_stage(stage, tree, raw, out) for stage in ("raw", "sdtm", "adam")]
            found.append((sum(cpu for cpu, _ in runs), max(memory for _, memory in runs)))
    return min(c for c, _ in found), min(m for _, m in found)


def run_stage(stage: str, tree: Path, raw: Path, out: str) -> tuple[float, float]:
    """CPU seconds and peak MB of one stage in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(tree / "src"), "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, "-c", STAGE, stage, str(tree), str(raw), out]
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(run.stderr)
    cpu, memory = run.stdout.split()[-2:]
    return float(cpu), float(memory)


def main() -> None:
    raw, times = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    trees = [ROOT, *(Path(p).resolve() for p in sys.argv[3:])]
    with tempfile.TemporaryDirectory() as name:
        multiply(raw, Path(name), times)
        for tree in trees:
            for label, folder in (("once", raw), (f"{times} times", Path(name))):
                cpu, memory = measure(tree, folder)
                print(f"{tree!s:<32} {label:<10} {cpu:8.2f} CPU s {memory:8.0f} MB peak", flush=True)


if __name__ == "__main__":
    main()
