"""The course of a simulated patient of pyrotinib-mcrc, and what all makers of its raw forms share.

Reads specs/pyrotinib-mcrc/seed/. The forms are in generate_pyrotinib_raw.py, pyrotinib_tumour.py and
pyrotinib_casebook.py.
"""

from __future__ import annotations

import csv
import datetime
import random
from collections.abc import Callable, Iterable
from pathlib import Path

STUDY = "PYROTINIB-MCRC-SIM"
SITE = "01"
CUTOFF = datetime.date(2025, 3, 31)
FOLDER = Path(__file__).resolve().parent.parent / "specs" / "pyrotinib-mcrc"
CYCLE_DAYS = 21
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HEAD = ("STUDY", "SITE", "SUBJECT", "EVENT")

Row = dict[str, str]
Date = datetime.date

END_REASONS = {
    "PROGRESSIVE DISEASE": ("Progressive disease", "Disease progression by imaging"),
    "WITHDRAWAL BY SUBJECT": ("Withdrawal by subject", "Consent withdrawn"),
    "ADVERSE EVENT": ("Adverse event", "Adverse event in cycle 1"),
    "INVESTIGATOR DECISION": ("Investigator decision", "Stopped by the investigator, response maintained"),
}


def read(name: str, folder: Path = FOLDER / "seed") -> list[Row]:
    """The rows of a seed file."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> Date:
    return datetime.date.fromisoformat(text)


def later(date: Date, days: int) -> Date:
    return date + datetime.timedelta(days=days)


def iso(date: Date | None) -> str:
    return date.isoformat() if date else ""


def slashed(date: Date | None) -> str:
    return f"{date:%d/%m}/{date.year}" if date else ""


def spaced(date: Date) -> str:
    return f"{date:%d} {MONTHS[date.month - 1]} {date.year}"


def joined(date: Date) -> str:
    return spaced(date).replace(" ", "")


def head(subject: str, event: str) -> Row:
    return dict(zip(HEAD, (STUDY, SITE, subject, event), strict=True))


def chance(*parts: str) -> random.Random:
    """Numbers that depend on these words alone, so that one form does not shift another."""
    return random.Random("/".join((STUDY, *parts)))


def between(source: random.Random, low: float, high: float) -> float:
    return low + (high - low) * source.random()


# --- a patient's course


def events_of(patient: Row) -> list[Row]:
    return [e for e in read("pseudo_ae.csv") if e["usubjid"] == patient["usubjid"]]


def change_of(patient: Row) -> tuple[str, Row] | None:
    """How pyrotinib was changed (interrupted or reduced) and the event that was the reason."""
    how, why = patient["pyrotinib_modification"], patient["modification_reason"]
    if not how:
        return None
    return how, next(e for e in events_of(patient) if (e["term"], e["action"]) == (why, how))


def interruption(patient: Row) -> tuple[Date, Date] | None:
    """First and last day without pyrotinib: from the day after the onset, for one or two weeks."""
    change = change_of(patient)
    if change is None or change[0] != "DRUG INTERRUPTED":
        return None
    start = later(day(change[1]["onset_date"]), 1)
    return start, later(start, 13 if slack(patient) > 0 else 6)


def slack(patient: Row) -> int:
    """Days on treatment beyond what the cycles take without a delay, where that is a week or more."""
    days = (day(patient["last_dose_date"]) - day(patient["first_dose_date"])).days + 1
    over = days - CYCLE_DAYS * int(patient["n_cycles"])
    return over if over >= 7 and int(patient["n_cycles"]) > 1 else 0


def cycle_days(patient: Row) -> list[Date]:
    """Day 1 of each cycle; the first one after an interruption bears the whole delay."""
    date, dates, gap = day(patient["first_dose_date"]), [], interruption(patient)
    waiting = slack(patient)
    for number in range(int(patient["n_cycles"])):
        planned = later(date, CYCLE_DAYS) if number else date
        if number and waiting and gap and planned >= gap[0]:
            planned, waiting = later(planned, waiting), 0
        date = planned
        dates.append(date)
    return dates


def weight(patient: Row, visit: int) -> float:
    """Weight in kg at a visit, 0 for screening."""
    subject, usual = patient["usubjid"], (60, 80) if patient["sex"] == "M" else (48, 64)
    base = between(chance("weight", subject), *usual)
    return round(base - 0.25 * visit + between(chance("weight", subject, str(visit)), -0.9, 0.9), 1)


def screened(patient: Row) -> Date:
    return later(day(patient["enrol_date"]), -chance("screening", patient["usubjid"]).randrange(2, 8))


def stopped(patient: Row) -> Date:
    """The end-of-treatment visit: one to three days after the last dose."""
    return later(day(patient["last_dose_date"]), chance("stop", patient["usubjid"]).randrange(1, 4))


def organs(patient: Row) -> list[str]:
    """The organs with metastases at screening, as many as the seed says; one with measurable lesions first.

    They are those of the tumour forms; the disease history names the same.
    """
    source = chance("organs", patient["usubjid"])
    found = source.choices(("Liver", "Lung", "Lymph node"), (6, 3, 2))
    others = ["Liver", "Lung", "Lymph node", "Peritoneum", "Bone", "Adrenal gland"]
    likely = {"Liver": 6.0, "Lung": 5.0, "Lymph node": 4.0, "Peritoneum": 2.0, "Ovary": 1.0}
    others += ["Ovary"] if patient["sex"] == "F" else []
    while len(found) < int(patient["n_met_sites"]):
        left = [organ for organ in others if organ not in found]
        found += source.choices(left, [likely.get(organ, 0.7) for organ in left])
    return found


def visits_of(patient: Row) -> list[tuple[str, int, Date]]:
    """Name, number (0 for screening) and date of each visit with vital signs."""
    found = [("Screening", 0, screened(patient))]
    found += [(f"Cycle {n} Day 1", n, date) for n, date in enumerate(cycle_days(patient), start=1)]
    change = change_of(patient)
    if change:
        extra = later(day(change[1]["onset_date"]), 1)
        before = sum(date <= extra for _, _, date in found)  # the visits up to that cycle, screening included
        found.insert(before, (f"Unscheduled {before}.1", before, extra))
    return [*found, ("End of treatment", int(patient["n_cycles"]) + 1, stopped(patient))]


def each(make: Callable[[Row], Iterable[Row]]) -> Callable[[list[Row]], Iterable[Row]]:
    return lambda patients: (row for patient in patients for row in make(patient))
