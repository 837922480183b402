"""Specs with one fault each: how many are refused and how many build; none ends in a traceback or hangs.

python bench/mutate_specs.py [--number 4000] [--seed 1]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "mutation"))

from spec_mutations import make_study, mutations, outcome


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began, kinds, files = time.monotonic(), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        specs = make_study(Path(folder))
        for mutation in mutations(specs, given.number, given.seed):
            found = outcome(mutation, specs)
            kinds[found.kind] += 1
            files[mutation.file] += 1
            if found.kind not in ("refused", "built"):
                print(f"\n{found.kind}: {mutation}\n{found.says[-1500:]}", flush=True)
    seconds = time.monotonic() - began
    print(f"{sum(kinds.values())} specs of {len(files)} files in {seconds:.0f} s: {dict(kinds)}")
    sys.exit(set(kinds) - {"refused", "built"} != set())


if __name__ == "__main__":
    main()
