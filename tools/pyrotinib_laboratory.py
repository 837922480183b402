"""Laboratory values, heart function and performance status of pyrotinib-mcrc, visit by visit.

A value leaves its normal range in the way that CTCAE 5.0 grades only where an adverse event of the seed says
so, at that event's grade; all else is made up within the range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyrotinib_course import (
    Date,
    Row,
    between,
    chance,
    cycle_days,
    day,
    each,
    events_of,
    head,
    iso,
    joined,
    later,
    screened,
    slashed,
    stopped,
    visits_of,
)

SOON = 3  # days after an onset in which a planned visit's sample will do
WEEKS = 6  # between measurements of LVEF: two cycles


@dataclass(frozen=True)
class Test:
    """A test with its usual adult range, (low, high) for men and for women."""

    name: str
    unit: str
    men: tuple[float, float]
    women: tuple[float, float]
    decimals: int = 0


HAEMATOLOGY = (
    Test("Haemoglobin", "g/L", (130, 175), (115, 150)),
    Test("White blood cells", "10^9/L", (3.5, 9.5), (3.5, 9.5), 1),
    Test("Neutrophils", "10^9/L", (1.8, 6.3), (1.8, 6.3), 1),
    Test("Platelets", "10^9/L", (125, 350), (125, 350)),
)
CHEMISTRY = (
    Test("ALT", "U/L", (9, 50), (7, 40)),
    Test("AST", "U/L", (15, 40), (13, 35)),
    Test("ALP", "U/L", (45, 125), (50, 135)),
    Test("Total bilirubin", "umol/L", (3.4, 20.5), (3.4, 20.5), 1),
    Test("Creatinine", "umol/L", (57, 111), (41, 81)),
    Test("Albumin", "g/L", (40, 55), (40, 55)),
)
PANELS = {"haematology": HAEMATOLOGY, "chemistry": CHEMISTRY}
GRADED = {  # event of the seed -> panel, test, and the values of each grade (CTCAE 5.0)
    "Anemia": ("haematology", "Haemoglobin", {"1": (104, 113), "2": (86, 96)}),
    "Leukopenia": ("haematology", "White blood cells", {"2": (2.3, 2.9)}),
    "Neutropenia": ("haematology", "Neutrophils", {"2": (1.1, 1.4)}),
    "ALT/AST increased": ("chemistry", "ALT", {"1": (58, 96)}),
}
INSTEAD = {("SIM-011", "ALT"): "AST"}  # as the event of this patient is worded
CREATININE = ("SIM-009", "2021-09-07", "2021-09-28", ("118", "96"))  # an event of other_ae.csv and its values
STARTS_HIGH = {("SIM-009", "Creatinine"): 0.97}  # within the range; 118 stays below 1.5 times this
BEYOND = {  # above or below the range where CTCAE 5.0 has no grade: subject and test -> part of the range
    ("SIM-004", "Platelets"): 1.02, ("SIM-006", "White blood cells"): 1.01, ("SIM-014", "Platelets"): 0.97,
    ("SIM-011", "Creatinine"): 0.01, ("SIM-018", "Albumin"): 0.98,
}  # fmt: skip


@dataclass(frozen=True)
class Window:
    """The days on which an event changes a test's value."""

    panel: str
    test: str
    start: Date
    end: Date
    low: float
    high: float


def windows(patient: Row) -> list[Window]:
    found = []
    for event in events_of(patient):
        if event["term"] in GRADED:
            panel, test, grades = GRADED[event["term"]]
            test = INSTEAD.get((patient["usubjid"], test), test)
            start, end = day(event["onset_date"]), day(event["end_date"])
            found.append(Window(panel, test, start, end, *grades[event["max_grade"]]))
    subject, start_text, end_text, _ = CREATININE
    if patient["usubjid"] == subject:
        found.append(Window("chemistry", "Creatinine", day(start_text), day(end_text), 0, 0))
    return found


def samples(patient: Row, panel: str) -> list[tuple[str, Date]]:
    """Visit and date: screening, each cycle, the end of treatment, and where an event asks for one more."""
    planned = [(event, date) for event, _, date in visits_of(patient)]
    found = [(event, date) for event, date in planned if not event.startswith("Unscheduled")]
    extra = [(event, date) for event, date in planned if event.startswith("Unscheduled")]
    wanted = [w.start for w in windows(patient) if w.panel == panel]
    if (patient["usubjid"], panel) == (CREATININE[0], "chemistry"):
        wanted.append(later(wanted[-1], 7))
    for start in sorted(wanted):
        if any(start <= date <= later(start, SOON) for _, date in found):
            continue
        there = [(event, date) for event, date in extra if start <= date <= later(start, SOON)]
        before = sum(date <= start for event, date in found if not event.startswith("Unscheduled"))
        taken = {event for event, _ in [*found, *extra]}
        number = next(n for n in range(1, 9) if f"Unscheduled {before}.{n}" not in taken)
        found += there[:1] or [(f"Unscheduled {before}.{number}", start)]
    return sorted(found, key=lambda visit: visit[1])


def value(patient: Row, panel: str, test: Test, event: str, date: Date) -> str:
    subject = patient["usubjid"]
    source = chance("lab", subject, test.name, event)
    for window in windows(patient):
        if (window.panel, window.test) == (panel, test.name) and window.start <= date < window.end:
            if window.high == 0:
                return CREATININE[3][0 if date == window.start else 1]
            return f"{between(source, window.low, window.high):.{test.decimals}f}"
    low, high = test.men if patient["sex"] == "M" else test.women
    part = between(chance("lab", subject, test.name), 0.3, 0.7)
    part = STARTS_HIGH.get((subject, test.name), part)
    spread = 0.02 if (subject, test.name) in STARTS_HIGH else 0.14
    part = BEYOND.get((subject, test.name), part)
    if test.name == "Neutrophils":
        white = float(value(patient, panel, HAEMATOLOGY[1], event, date))
        return f"{max(low + 0.1, white * between(source, 0.5, 0.65)):.1f}"
    return f"{low + (high - low) * (part + between(source, -spread, spread)):.{test.decimals}f}"


def laboratory(panel: str) -> Callable[[Row], Iterable[Row]]:
    def rows(patient: Row) -> Iterable[Row]:
        for event, date in samples(patient, panel):
            for test in PANELS[panel]:
                low, high = test.men if patient["sex"] == "M" else test.women
                yield head(patient["usubjid"], event) | {
                    "LBDAT": iso(date), "TEST": test.name, "RESULT": value(patient, panel, test, event, date),
                    "UNIT": test.unit, "NRLO": f"{low:g}", "NRHI": f"{high:g}",
                }  # fmt: skip

    return rows


def heart_function(patient: Row) -> Iterable[Row]:
    """Every six weeks on the day of a cycle; never below 50 %, never ten points below the screening."""
    subject, cycles = patient["usubjid"], cycle_days(patient)
    days = [("Screening", screened(patient))]
    days += [(f"Week {WEEKS * n}", date) for n, date in enumerate(cycles[2::2], start=1)]
    days.append(("End of treatment", stopped(patient)))
    usual = round(between(chance("lvef", subject), 60, 69))
    for event, date in days:
        lower = 0 if event == "Screening" else chance("lvef", subject, event).randrange(-2, 6)
        yield head(subject, event) | {
            "CVDAT": slashed(date), "METHOD": "Echocardiography", "LVEF": str(usual - lower), "UNIT": "%",
        }  # fmt: skip


def performance(patient: Row) -> Iterable[Row]:
    """ECOG as in the seed until the first dose; then it may change by one, towards the end for the worse."""
    subject, usual = patient["usubjid"], int(patient["ecog"])
    for event, number, date in visits_of(patient):
        if event.startswith("Unscheduled"):
            continue
        source = chance("ecog", subject, event)
        status = usual
        if event == "End of treatment":
            status += source.random() < (0.5 if patient["pfs_end"] == "PD" else 0.1)
        elif number > 1 and source.random() < 0.08:
            status = 1 - usual
        yield head(subject, event) | {"RSDAT": joined(date), "ECOG": str(status)}


FORMS: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
    "rs_ecog": each(performance),
    "cv_lvef": each(heart_function),
    "lb_haematology": each(laboratory("haematology")),
    "lb_chemistry": each(laboratory("chemistry")),
}
