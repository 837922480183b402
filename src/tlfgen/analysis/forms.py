"""How a statistic is shown, what it is called, of what it is the limit: declared once, where it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from tlfgen.analysis.table import Shown
from tlfgen.errors import SpecError, unknown
from tlfgen.spec.elsewhere_results import ResultsSpec

Side = Literal["", "low", "high"]
SIDES = ("", "_low", "_high")


@dataclass(frozen=True)
class Declared:
    """A statistic. shown: the form of `analysis/table.py`; label: as a format of a cell is described, n (%).

    of, side: the statistic of which it is the lower or the upper limit. A limit has the decimals of what it
    limits, and two limits of one statistic stand with the theme's sign between them.
    """

    shown: Shown
    label: str
    of: str = ""
    side: Side = ""

    def __post_init__(self) -> None:
        if self.shown not in get_args(Shown):
            raise ValueError(f"'{self.shown}' is no form in which a statistic is shown")
        if bool(self.of) != bool(self.side) or not self.label:
            raise ValueError("a statistic has a label, and a limit says of what and on which side")

    @property
    def cells(self) -> dict[str, str | None]:
        """What the table of results has of it, by column."""
        limit = {"limit_of": self.of or None, "side": self.side or None}
        return {"shown": self.shown, "label": self.label, **limit}

    def filled(self, star: str) -> Declared:
        """That of a statistic whose name a parameter makes: `rate_*` at 6."""
        return replace(self, of=self.of.replace("*", star), label=self.label.replace("*", star))


COUNT = Declared("count", "n")
EVENTS = Declared("count", "events")
PERCENT = Declared("percent", "%")
P_VALUE = Declared("p", "P")


def with_limits(name: str, shown: Shown, label: str) -> dict[str, Declared]:
    """A statistic and its limits, `name`, `name_low`, `name_high`.

    >>> with_limits("median", "number", "median")["median_low"]
    Declared(shown='number', label='lower limit', of='median', side='low')
    """
    return {
        name: Declared(shown, label),
        f"{name}_low": Declared(shown, "lower limit", name, "low"),
        f"{name}_high": Declared(shown, "upper limit", name, "high"),
    }


PLAIN = ("count", "percent", "p", "ratio", "proportion", "number")  # forms that need nothing but the value
WITH_DECIMALS = ("percent", "ratio", "proportion", "number")


def forms_elsewhere(results: ResultsSpec) -> dict[str, Declared]:
    """How the statistics of a file of results are shown; a SpecError names the line of one that cannot be."""
    found = {}
    for name, spec in results.statistics.items():
        if spec.shown not in PLAIN:
            raise unknown(f"'{name}': the form", spec.shown, PLAIN, spec.at_key("shown"))
        if spec.decimals is not None and spec.shown not in WITH_DECIMALS:
            raise SpecError(
                f"'{name}' is shown as {spec.shown}, and has no decimals of its own.",
                place=spec.at_key("decimals"),
                hint=f"Decimals are of {', '.join(WITH_DECIMALS)}; the digits of P values are the theme's.",
            )
        found[name] = Declared(cast(Shown, spec.shown), spec.label, spec.limit_of or "", spec.side or "")
    return found


def of_pair(shown: Shown, label: str) -> dict[str, Declared]:
    """A statistic of a comparison and its limits, by the end of their names; `*` stands for its id."""
    return {name.removeprefix("*"): found for name, found in with_limits("*", shown, label).items()}
