"""From the raw records of a clinical trial to a clinical study report that anyone can audit."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["Study", "__version__"]


def __getattr__(name: str) -> Any:
    """`tlfgen.Study`, loaded when it is first asked for."""
    if name == "Study":
        from tlfgen.study import Study

        return Study
    raise AttributeError(f"module 'tlfgen' has no attribute '{name}'")
