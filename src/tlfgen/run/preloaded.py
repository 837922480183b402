"""What the fork server of `--jobs` imports once for all its processes: the page engine and what draws.

Nothing here computes, and nothing imports polars, whose import alone starts threads: a process with threads
is not safe to fork. Each process imports polars for itself."""

import importlib

from tlfgen.document.pdf import load_engine

for name in ("matplotlib.pyplot", "pikepdf", "scipy.special", "tlfgen.document.output"):
    importlib.import_module(name)
load_engine()
