"""CPU seconds and peak memory of builds: cold, and again with nothing changed; and of `tlfgen --help`.

    python bench/bench_build.py [RAW_OF_CDISCPILOT01]

Each run is a process of its own, children included. The public study is measured where its raw folder is
given. A shared machine's speed changes by the minute: the yardstick, a fixed loop before each build, says by
how much, so that builds are compared as multiples of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def measure(arguments: list[str], folder: Path) -> tuple[float, float]:
    """CPU seconds and peak MB of one command."""
    code = (
        "import resource, subprocess, sys;"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
        "use = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(use.ru_utime + use.ru_stime, use.ru_maxrss / 1024, done.returncode)"
    )
    command = [sys.executable, "-c", code, sys.executable, "-m", "tlfgen", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    cpu, memory, exit_code = run.stdout.split()
    if exit_code != "0":
        raise SystemExit(run.stderr)
    return float(cpu), float(memory)


def yardstick() -> float:
    """CPU seconds of twenty million squares."""
    began, total = time.process_time(), 0
    for i in range(20_000_000):
        total += i * i
    return time.process_time() - began


def main() -> None:
    rows = [("tlfgen --help", yardstick(), *measure(["--help"], ROOT))]
    studies = {"pyrotinib-mcrc": []}
    if len(sys.argv) > 1:
        studies["cdiscpilot01"] = ["--raw", str(Path(sys.argv[1]).resolve())]
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        for part in ("specs", "templates"):
            shutil.copytree(ROOT / part, project / part)
        for study, more in studies.items():
            for label in ("cold", "nothing changed"):
                rows.append((f"{study}, {label}", yardstick(), *measure(["build", study, *more], project)))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for label, unit, cpu, memory in rows:
        print(f"{label:<34} {cpu:8.2f} CPU s {cpu / unit:8.2f} yardsticks of {unit:.2f} s {memory:8.0f} MB")


if __name__ == "__main__":
    main()
