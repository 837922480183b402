"""CPU seconds, wall seconds and peak memory of builds: cold with one job and with two, and again with nothing
changed; and of `tlfgen --help`.

    python bench/bench_build.py [--raw RAW_OF_CDISCPILOT01] [--before COPY] [--repeat 2] [--study NAME]

Each run is a process of its own, with every process that it starts counted. The public study is measured
where its raw folder is given; another working copy of tlfgen beside this one, in the same run, where it is
given. Of repeated runs the least is told. A shared machine's speed changes by the minute: the yardstick, a
fixed loop before each build, says by how much, so that builds are compared as multiples of it.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SUBREAPER = 36  # prctl: processes whose parent has ended are waited for here, so that they are counted


class Use(NamedTuple):
    """What a run took: CPU and wall seconds, and the peak of the memory of all its processes in MB; what they
    share counts once."""

    cpu: float
    wall: float
    memory: float


def measure(arguments: list[str], folder: Path, tree: Path) -> Use:
    """Run one command of tlfgen in a process that counts, and give what it took."""
    command = [sys.executable, __file__, "--one", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(run.stderr)
    return Use(*map(float, run.stdout.split()[-3:]))


def one(arguments: list[str]) -> None:
    """Run a command; print CPU seconds, wall seconds and MB."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    began, peak = time.monotonic(), [0.0]
    command = [sys.executable, "-m", "tlfgen", *arguments]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=watch, args=(run.pid, peak), daemon=True).start()
    code = run.wait()
    wall = time.monotonic() - began
    while True:  # the fork server ends when it sees that the build has
        try:
            os.wait()
        except ChildProcessError:
            break
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(used.ru_utime + used.ru_stime, wall, max(peak[0], used.ru_maxrss / 1024))
    sys.exit(code)


def watch(session: int, peak: list[float]) -> None:
    """Keep the highest sum of the proportional memory of a session's processes."""
    while True:
        total = sum(memory_of(p) for p in Path("/proc").iterdir() if p.name.isdigit() and is_of(p, session))
        peak[0] = max(peak[0], total / 1024)
        time.sleep(0.25)


def is_of(process: Path, session: int) -> bool:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[3]) == session
    except (OSError, IndexError):
        return False


def memory_of(process: Path) -> float:
    """The proportional memory of a process in KB; 0 where it is gone."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(float(line.split()[1]) for line in lines if line.startswith("Pss:"))


def yardstick() -> float:
    """CPU seconds of twenty million squares."""
    began, total = time.process_time(), 0
    for i in range(20_000_000):
        total += i * i
    return time.process_time() - began


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--raw", type=Path)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--study", default="")
    return parser.parse_args()


def runs(given: argparse.Namespace) -> list[tuple[str, Path, list[str], bool]]:
    """(label, working copy, arguments, cold) of each run."""
    studies: dict[str, list[str]] = {"pyrotinib-mcrc": []}
    if given.raw:
        studies["cdiscpilot01"] = ["--raw", str(given.raw.resolve())]
    found: list[tuple[str, Path, list[str], bool]] = [("tlfgen --help", ROOT, ["--help"], False)]
    for study, more in studies.items():
        build = ["build", study, *more]
        if given.study not in ("", study):
            continue
        if given.before:
            found.append((f"{study}, cold, before", given.before.resolve(), build, True))
        for jobs in ("1", "2"):
            found.append((f"{study}, cold, --jobs {jobs}", ROOT, [*build, "--jobs", jobs], True))
        found.append((f"{study}, nothing changed", ROOT, build, False))
    return found


def main() -> None:
    given = asked()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        for label, tree, arguments, cold in runs(given):
            used, units = [], []
            for _ in range(given.repeat):
                for part in ("specs", "templates", *(("output",) if cold else ())):
                    shutil.rmtree(project / part, ignore_errors=True)
                for part in ("specs", "templates"):
                    shutil.copytree(tree / part, project / part)
                units.append(yardstick())
                used.append(measure(arguments, project, tree))
            best = Use(*map(min, zip(*used, strict=True)))
            took = f"{best.cpu:8.2f} CPU s {best.wall:8.2f} s {best.memory:8.0f} MB"
            print(
                f"{label:<34} {took} {best.cpu / min(units):8.2f} yardsticks of {min(units):.2f} s",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2:])
    main()
