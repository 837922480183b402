"""Make the raw forms of the study pyrotinib-mcrc from its simulated patients.

Run by hand, from anywhere: python tools/generate_pyrotinib_raw.py [FOLDER]

Reads specs/pyrotinib-mcrc/seed/ and writes the study's raw/*.csv, or those in FOLDER, as an EDC exports
them: all text, a blank where nothing was collected; and, in the study's own folder, the table of what is
wrong with them in raw/README.md. The same seed gives the same bytes. Nothing here is about real patients.

  pseudo_ipd.csv, pseudo_ae.csv   the simulated patients; their dates, doses and events stand
  other_ae.csv                    further events, none of which counts as related and treatment-emergent
  dirt.csv                        what is wrong with the forms, and what it must become: `how` says whether a
                                  value is set, a weight put in pounds, a length in cm,
                                  a concentration in g/dL, a row repeated after itself or one added at the end

The tumour forms are in pyrotinib_tumour.py, the rest of the casebook in pyrotinib_casebook.py, what all forms
share in pyrotinib_course.py.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pyrotinib_casebook
import pyrotinib_tumour
from pyrotinib_course import (
    CUTOFF,
    CYCLE_DAYS,
    END_REASONS,
    FOLDER,
    Date,
    Row,
    between,
    chance,
    change_of,
    cycle_days,
    day,
    each,
    head,
    interruption,
    iso,
    joined,
    later,
    read,
    screened,
    slashed,
    spaced,
    stopped,
    visits_of,
    weight,
)

START_MG, REDUCED_MG = 400, 320
LOADING, MAINTENANCE = 8, 6  # mg/kg
KILOGRAMS_A_POUND = 0.45359237
CONVERTED = ("pounds", "centimetres", "decilitres")

WORDINGS = {
    "Diarrhea": ("Diarrhea", "Diarrhoea", "loose stools", "Watery diarrhoea", "DIARRHEA"),
    "Fatigue": ("Fatigue", "tiredness", "Weakness and fatigue"),
    "Nausea": ("Nausea", "feeling sick", "NAUSEA"),
    "Vomiting": ("Vomiting", "Emesis"),
    "Hand-foot syndrome": ("Hand-foot syndrome", "hand foot syndrome"),
    "ALT/AST increased": ("ALT raised", "AST increased"),
    "Anemia": ("Anaemia", "anemia", "Low haemoglobin"),
    "Rash": ("Allergic rash",),
    "Leukopenia": ("Leukopenia",),
    "Neutropenia": ("Neutropenia",),
    "Myocardial infarction": ("Myocardial infarction",),
}
ACTIONS = {  # action of the seed -> with pyrotinib, with trastuzumab
    "DOSE NOT CHANGED": ("Dose not changed", "Dose not changed"),
    "DRUG INTERRUPTED": ("Drug interrupted", "Dose not changed"),
    "DOSE REDUCED": ("Dose reduced", "Dose not changed"),
    "TRASTUZUMAB WITHDRAWN": ("Drug withdrawn", "Drug withdrawn"),  # treatment as a whole ended for the event
}
AE_FIELDS = (
    "AETERM", "AETOXGR", "AESTDAT", "AEENDAT", "AEONGO", "AEOUT", "AESER", "AESDTH", "AESLIFE", "AESHOSP",
    "AESDISAB", "AESCONG", "AESMIE", "AERELPYR", "AERELTRA", "AEACNPYR", "AEACNTRA", "AECOMM",
)  # fmt: skip
TABLE_STARTS, TABLE_ENDS = "<!-- dirt: written by the generator -->", "<!-- end of dirt -->"
TABLE_HEAD = (
    "| form | row | subject | field | collected | rule | severity | must become |",
    "|---|---|---|---|---|---|---|---|",
)
VITALS: dict[str, tuple[str, float, float, int]] = {  # test -> unit, usual value, spread, decimals
    "Systolic BP": ("mmHg", 124, 10, 0),
    "Diastolic BP": ("mmHg", 77, 7, 0),
    "Pulse": ("beats/min", 76, 8, 0),
    "Temperature": ("C", 36.5, 0.3, 1),
}


# --- forms


def demography(patient: Row) -> Iterable[Row]:
    yield head(patient["usubjid"], "Screening") | {
        "DMDAT": iso(screened(patient)), "AGE": patient["age"],
        "SEX": {"M": "Male", "F": "Female"}[patient["sex"]], "RACE": "Asian",
        "ETHNIC": "Not Hispanic or Latino", "COUNTRY": "China", "ARM": "Pyrotinib plus trastuzumab",
    }  # fmt: skip


def consent(patient: Row) -> Iterable[Row]:
    signed = {"ICYN": "Yes", "ICDAT": iso(screened(patient)), "ICVER": "2.0"}
    yield head(patient["usubjid"], "Screening") | signed


def disposition(patient: Row) -> Iterable[Row]:
    subject = patient["usubjid"]
    reason, term = END_REASONS[patient["treatment_end_reason"]]
    enrolled = {"DSTERM": "Enrolled", "DSREAS": "Enrolled", "DSSTDAT": slashed(day(patient["enrol_date"]))}
    yield head(subject, "Enrolment") | enrolled | {"DTHDAT": ""}
    ended = {"DSTERM": term, "DSREAS": reason, "DSSTDAT": slashed(stopped(patient)), "DTHDAT": ""}
    yield head(subject, "End of treatment") | ended
    last = day(patient["last_contact_date"])
    event, reason, term = "End of study", "Lost to follow-up", "Lost to follow-up, not reached by telephone"
    if patient["os_end"] == "DEATH":
        reason, term = "Death", "Death"
    elif last == CUTOFF:
        event, reason, term = "Last contact", "Alive at data cut-off", "Alive, in follow-up"
    elif patient["treatment_end_reason"] in ("WITHDRAWAL BY SUBJECT", "ADVERSE EVENT"):
        reason, term = END_REASONS[patient["treatment_end_reason"]]
    death = slashed(day(patient["os_date"])) if patient["os_end"] == "DEATH" else ""
    yield head(subject, event) | {"DSTERM": term, "DSREAS": reason, "DSSTDAT": slashed(last), "DTHDAT": death}


def pyrotinib(patient: Row) -> Iterable[Row]:
    """One row a dosing interval; a row of 0 mg is an interruption."""
    first, last = day(patient["first_dose_date"]), day(patient["last_dose_date"])
    spans: list[tuple[Date, Date, int, str, str]] = [(first, last, START_MG, "Started", "")]
    change, gap = change_of(patient), interruption(patient)
    if change and gap:
        reason = change[1]["term"]
        spans = [
            (first, later(gap[0], -1), START_MG, "Started", ""),
            (*gap, 0, "Interrupted", reason),
            (later(gap[1], 1), last, START_MG, "Resumed", ""),
        ]
    elif change:
        turn = later(day(change[1]["onset_date"]), 2)
        reason = change[1]["term"]
        spans = [
            (first, later(turn, -1), START_MG, "Started", ""),
            (turn, last, REDUCED_MG, "Reduced", reason),
        ]
    for start, end, dose, what, why in spans:
        given = dose > 0
        yield head(patient["usubjid"], "Dosing log") | {
            "ECSTDAT": spaced(start), "ECENDAT": spaced(end), "ECDOSE": str(dose), "ECDOSU": "mg",
            "ECFRM": "Tablet" if given else "", "ECFRQ": "QD" if given else "",
            "ECROUTE": "Oral" if given else "",
            "ECCHG": what, "ECADJ": why,
        }  # fmt: skip


def trastuzumab(patient: Row) -> Iterable[Row]:
    """One row a cycle."""
    planned = day(patient["first_dose_date"])
    for number, date in enumerate(cycle_days(patient), start=1):
        level = LOADING if number == 1 else MAINTENANCE
        delayed = number > 1 and date > planned
        yield head(patient["usubjid"], f"Cycle {number} Day 1") | {
            "CYCLE": str(number), "ECDAT": iso(date).replace("-", "/"),
            "ECWT": f"{weight(patient, number):.1f}", "ECLEVEL": str(level),
            "ECTOT": str(round(level * weight(patient, number))), "ECDOSU": "mg", "ECROUTE": "IV infusion",
            "ECDELAY": "Adverse event" if delayed else "",
        }  # fmt: skip
        planned = later(date, CYCLE_DAYS)


def adverse_event(subject: str, **given: str) -> Row:
    """One row of the form; what is not given is blank."""
    return head(subject, "Adverse events") | {field: given.get(field, "") for field in AE_FIELDS}


def related_events() -> Iterable[tuple[str, Row]]:
    """The seed's events, in the sites' words."""
    used: dict[str, int] = {}
    for event in read("pseudo_ae.csv"):
        words = WORDINGS[event["term"]]
        number = used[event["term"]] = used.get(event["term"], -1) + 1
        infarction = event["term"] == "Myocardial infarction"
        pyr, tra = ACTIONS[event["action"]]
        yield event["onset_date"], adverse_event(
            event["usubjid"], AETERM=words[number % len(words)], AETOXGR=event["max_grade"],
            AESTDAT=slashed(day(event["onset_date"])), AEENDAT=slashed(day(event["end_date"])),
            AEONGO="No", AEOUT="Recovered", AEACNPYR=pyr, AEACNTRA=tra,
            AESER="Yes" if infarction else "No", AESHOSP="Yes" if infarction else "",
            AERELPYR="Possibly related" if number % 3 == 2 or infarction else "Related",
            AERELTRA="Possibly related" if tra == "Drug withdrawn" else "Unlikely related",
        )  # fmt: skip


def further_events() -> Iterable[tuple[str, Row]]:
    """Second episodes, and events that must not count."""
    for event in read("other_ae.csv"):
        end = slashed(day(event["end"])) if event["end"] else ""
        yield event["start"], adverse_event(
            event["subject"], AETERM=event["term"], AETOXGR=event["grade"],
            AESTDAT=slashed(day(event["start"])), AEENDAT=end,
            AEONGO="No" if end else "Yes", AEOUT=event["outcome"],
            AESER=event["serious"], AESHOSP=event["hospital"],
            AERELPYR=event["pyrotinib"], AERELTRA=event["trastuzumab"],
            AEACNPYR=event["pyr_action"], AEACNTRA=event["tra_action"],
        )  # fmt: skip


def adverse_events(patients: list[Row]) -> Iterable[Row]:
    """In the order of subject, start and term."""
    found = [*related_events(), *further_events()]
    found.sort(key=lambda e: (e[1]["SUBJECT"], e[0], e[1]["AETERM"]))
    yield from (row for _, row in found)


def vital_signs(patient: Row) -> Iterable[Row]:
    """One row a test."""
    subject = patient["usubjid"]
    for event, number, date in visits_of(patient):
        results = {"Weight": (f"{weight(patient, number):.1f}", "kg")}
        for test, (unit, usual, spread, decimals) in VITALS.items():
            own = between(chance(test, subject), usual - spread, usual + spread)
            value = own + between(chance(test, subject, event), -spread / 2, spread / 2)
            results[test] = (f"{value:.{decimals}f}", unit)
        for test, (shown, unit) in results.items():
            yield head(subject, event) | {
                "VSDAT": joined(date), "TEST": test, "RESULT": shown, "UNIT": unit
            }  # fmt: skip


OWN: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
    "dm": each(demography),
    "ic": each(consent),
    "ds": each(disposition),
    "ec_pyrotinib": each(pyrotinib),
    "ec_trastuzumab": each(trastuzumab),
    "ae": adverse_events,
    "vs": each(vital_signs),
}
FORMS = {**OWN, **pyrotinib_tumour.FORMS, **pyrotinib_casebook.FORMS}


# --- dirt


def matching(rows: list[Row], dirt: Row) -> int:
    """The index of the one row that an entry is about."""
    wanted = dict(part.split("=", 1) for part in dirt["match"].split(";"))
    wanted.setdefault("SUBJECT", dirt["subject"])
    found = [i for i, row in enumerate(rows) if all(row[k].strip() == v for k, v in wanted.items())]
    if len(found) != 1:
        about = f"{dirt['form']}, {dirt['subject']}, {dirt['match']}"
        raise SystemExit(f"dirt.csv: {len(found)} rows match {about}")
    return found[0]


def soil(form: str, rows: list[Row]) -> list[tuple[Row, Row]]:
    """Put into a form what is wrong with it; give each entry of dirt.csv with the row that it made wrong."""
    made = []
    for dirt in (d for d in read("dirt.csv") if d["form"] == form):
        at = matching(rows, dirt)
        field = {dirt["field"]: dirt["value"]} if dirt["field"] else {}
        if dirt["how"] == "pounds":
            field = {"RESULT": f"{float(rows[at]['RESULT']) / KILOGRAMS_A_POUND:.1f}", "UNIT": "LB"}
        if dirt["how"] == "centimetres":
            field = {"RESULT": f"{float(rows[at]['RESULT']) / 10:.1f}", "UNIT": "cm"}
        if dirt["how"] == "decilitres":
            tenth = {name: f"{float(rows[at][name]) / 10:.1f}" for name in ("RESULT", "NRLO", "NRHI")}
            field = tenth | {"UNIT": "g/dL"}
        if dirt["how"] in ("repeat", "add"):
            row = rows[at] | field
            rows.insert(at + 1 if dirt["how"] == "repeat" else len(rows), row)
        else:
            row = rows[at]
            row.update(field)
        made.append((dirt, row))
    return made


def dirt_table(form: str, rows: list[Row], made: list[tuple[Row, Row]]) -> list[str]:
    """The lines of README's table that are about a form; rows are numbered from 1, without the header."""
    lines = []
    for dirt, row in made:
        number = next(n for n, r in enumerate(rows, start=1) if r is row)
        collected = row.get(dirt["field"], "")
        what = f"`{collected}`" if collected.strip() else "blank"
        what = f"`{collected} {row['UNIT']}`" if dirt["how"] in CONVERTED else what
        what = "row repeated" if dirt["how"] == "repeat" and not dirt["field"] else what
        cells = (
            form, number, dirt["subject"], dirt["field"], what,
            dirt["rule"] or "no finding", dirt["severity"], dirt["becomes"],
        )  # fmt: skip
        lines.append("| " + " | ".join(str(c) for c in cells) + " |")
    return lines


def write(folder: Path) -> list[str]:
    """Write every form; give the lines of README's table of what is wrong with them."""
    patients = read("pseudo_ipd.csv")
    folder.mkdir(parents=True, exist_ok=True)
    table = []
    for name, make in FORMS.items():
        rows = list(make(patients))
        table += dirt_table(name, rows, soil(name, rows))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{name}: {len(rows)} records")
    return table


def renew_table(readme: Path, table: list[str]) -> None:
    """Put the table into README, between its two marks."""
    before, start, rest = readme.read_text(encoding="utf-8").partition(TABLE_STARTS)
    _, end, after = rest.partition(TABLE_ENDS)
    body = "\n".join(("", *TABLE_HEAD, *table, ""))
    readme.write_text(before + start + body + end + after, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "raw"
    lines = write(chosen)
    if chosen == FOLDER / "raw":
        renew_table(chosen / "README.md", lines)
