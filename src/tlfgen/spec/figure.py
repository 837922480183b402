"""What every figure's spec has; each shape's own is a model in `figure_<shape>.py`, found by `figures.py`."""

from __future__ import annotations

from typing import Literal

from tlfgen.errors import Place
from tlfgen.spec.condition import Condition
from tlfgen.spec.shell import ColumnsSpec, OutputShell


class FigureSpec(OutputShell):
    """shape: the registered figure. columns: what tells curves or bars apart. alt: for those who cannot see
    the figure."""

    kind: Literal["figure"]
    shape: str
    columns: ColumnsSpec = ColumnsSpec()
    x_label: str = ""
    y_label: str = ""
    alt: str

    bears_marks = OutputShell.bears_marks | {"x_label", "y_label"}

    def named(self) -> list[tuple[str, Place]]:
        """The variables of its records that the figure reads beside its condition and columns, and where they
        are named."""
        return []

    def elsewhere(self) -> list[tuple[str, str, Place]]:
        """(dataset, variable, place) of what the figure reads of other datasets."""
        return []

    def conditions(self) -> list[tuple[Condition, str]]:
        """The conditions that the figure asks beside its own, each with the dataset of its records."""
        return []

    def events(self) -> list[Condition]:
        """Those conditions on its records that say what an event is."""
        return []

    def figures(self) -> tuple[FigureSpec, ...]:
        """The figures that it is made of: itself, or its panels."""
        return (self,)
