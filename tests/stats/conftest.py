"""Published survival times to test against."""

from __future__ import annotations

from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Times:
    """time, event (1, or 0 where censored) and group of each subject."""

    time: list[float]
    event: list[int]
    group: list[str]

    def of(self, name: str) -> tuple[list[float], list[int]]:
        """Times and events of one group."""
        rows = [(t, e) for t, e, g in zip(self.time, self.event, self.group, strict=True) if g == name]
        return [t for t, _ in rows], [e for _, e in rows]

    def is_in(self, name: str) -> list[float]:
        """1 for the subjects of a group, 0 for the others."""
        return [float(g == name) for g in self.group]


def _read(**groups: str) -> Times:
    """Times of each group; a plus is a censored one."""
    rows = [(week, name) for name, text in groups.items() for week in text.split()]
    return Times(
        [float(week.rstrip("+")) for week, _ in rows],
        [int(not week.endswith("+")) for week, _ in rows],
        [name for _, name in rows],
    )


@pytest.fixture(scope="session")
def remission() -> Times:
    """Weeks in remission of 42 children with acute leukaemia, 6-mercaptopurine against placebo.

    Source: Freireich et al., Blood 1963; 21: 699-716; also in Kleinbaum and Klein, Survival Analysis.
    """
    return _read(
        drug="6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+",
        placebo="1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23",
    )


@pytest.fixture(scope="session")
def glioma() -> Times:
    """Weeks of survival with a glioma.

    Source: Bland and Altman, BMJ 2004; 328: 1073.
    """
    return _read(
        astrocytoma="6 13 21 30 31+ 37 38 47+ 49 50 63 79 80+ 82+ 82+ 86 98 149+ 202 219",
        glioblastoma="10 10 12 13 14 15 16 17 18 20 24 24 25 28 30 33 34+ 35 37 40 40 40+ 46 48 70+ 76 81 82"
        " 91 112 181",
    )
