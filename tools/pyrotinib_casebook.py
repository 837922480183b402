"""The rest of the casebook of pyrotinib-mcrc: medication, deviations, survival follow-up, cause of death.

What the seed says stands; all else is made up so that it agrees with the other forms. History and prior
therapy are in pyrotinib_history.py, laboratory and other values in pyrotinib_laboratory.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pyrotinib_history
import pyrotinib_laboratory
from pyrotinib_course import (
    Date,
    Row,
    chance,
    change_of,
    day,
    each,
    events_of,
    head,
    iso,
    later,
    read,
    slashed,
    stopped,
)
from pyrotinib_tumour import INTERVAL, MISSED, WINDOW, scan_dates

MONTHS_3 = 91  # days between contacts after treatment
CLOSE = 21  # days before the last contact in which no planned contact is made
EARLY_THERAPY = {"SIM-010": 5}  # days before the scan with progression; treatment had not ended
AFTER_CENSORING = {"SIM-018": 14}  # days after the last evaluable scan, without progression
NO_THERAPY = ("SIM-002", "SIM-007", "SIM-013", "SIM-017")  # none known after progression
OTHER_DEATHS = {"SIM-009": "Pneumonia"}
NOT_MEASURED = ("SIM-019", "2024-08-28", "Temperature not measured at cycle 9")
AFTER_LINES = (  # by turns, after progression
    (("Fruquintinib", "Anti-angiogenic"),),
    (("Trifluridine and tipiracil", "Chemotherapy"), ("Bevacizumab", "Anti-angiogenic")),
    (("Regorafenib", "Anti-angiogenic"),),
    (("Irinotecan", "Chemotherapy"), ("Raltitrexed", "Chemotherapy")),
    (("Trastuzumab deruxtecan", "Other"),),
    (("Fruquintinib", "Anti-angiogenic"), ("Sintilimab", "Immunotherapy")),
)
REMEDIES: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {  # drug, dose, unit, how often, route
    "Diarrhea": (("Loperamide", "2", "mg", "PRN", "Oral"), ("Montmorillonite", "3", "g", "TID", "Oral")),
    "Nausea": (("Metoclopramide", "10", "mg", "TID", "Oral"),),
    "Vomiting": (("Ondansetron", "8", "mg", "BID", "Oral"),),
    "Hand-foot syndrome": (("Urea cream", "", "", "BID", "Topical"),),
    "Rash": (("Loratadine", "10", "mg", "QD", "Oral"), ("Dexamethasone", "5", "mg", "QD", "IV")),
    "Myocardial infarction": (
        ("Aspirin", "100", "mg", "QD", "Oral"), ("Clopidogrel", "75", "mg", "QD", "Oral"),
        ("Atorvastatin", "20", "mg", "QD", "Oral"),
    ),
    "Leukopenia": (("Recombinant human G-CSF", "200", "ug", "QD", "Subcutaneous"),),
    "ALT/AST increased": (("Bicyclol", "25", "mg", "TID", "Oral"),),
    "Back pain": (("Celecoxib", "200", "mg", "BID", "Oral"),),
    "Fever": (("Ibuprofen", "300", "mg", "PRN", "Oral"),),
    "Urinary tract infection": (("Levofloxacin", "500", "mg", "QD", "Oral"),),
    "Low potassium": (("Potassium chloride", "1", "g", "TID", "Oral"),),
    "Hypertension": (("Amlodipine", "5", "mg", "QD", "Oral"),),
    "Constipation": (("Lactulose", "10", "g", "BID", "Oral"),),
    "Small bowel obstruction": (("Octreotide", "0.1", "mg", "TID", "Subcutaneous"),),
    "Cough": (("Ambroxol", "30", "mg", "TID", "Oral"),),
    "Flank pain": (("Tramadol", "50", "mg", "PRN", "Oral"),),
}  # fmt: skip
LASTING: dict[str, tuple[str, str, str, str, str]] = {  # illness -> drug, dose, unit, frequency, route
    "Hypertension": ("Valsartan", "80", "mg", "QD", "Oral"),
    "type 2 diabetes": ("Metformin", "500", "mg", "TID", "Oral"),
    "hyperlipidaemia": ("Rosuvastatin", "10", "mg", "QD", "Oral"),
    "Hypothyroidism": ("Levothyroxine", "50", "ug", "QD", "Oral"),
    "chronic hepatitis B": ("Entecavir", "0.5", "mg", "QD", "Oral"),
    "Chronic gastritis": ("Omeprazole", "20", "mg", "QD", "Oral"),
    "Benign prostatic hyperplasia": ("Tamsulosin", "0.2", "mg", "QD", "Oral"),
}
WORDS = {"Loperamide": ("Loperamide", "Imodium", "loperamide hydrochloride")}  # as the sites wrote it


# --- medication


def given(patient: Row) -> list[tuple[str, str, str]]:
    """Event, first and last day (a blank is ongoing) of what a remedy was given for."""
    own = [(e["term"], e["onset_date"], e["end_date"]) for e in events_of(patient)]
    more = [e for e in read("other_ae.csv") if e["subject"] == patient["usubjid"]]
    return own + [(e["term"], e["start"], e["end"]) for e in more if e["term"] in REMEDIES]


def concomitant(patient: Row) -> Iterable[Row]:
    """One row a drug and course, by its start; of what was begun before the screening it is not collected."""
    subject = patient["usubjid"]
    found: list[tuple[str, tuple[str, ...], str, str, str, str]] = []
    for row in pyrotinib_history.medical_history(patient):
        if row["MHTERM"] in LASTING:
            found.append(("", LASTING[row["MHTERM"]], row["MHTERM"], "Medical history", "", ""))
    for number, (term, start, end) in enumerate(given(patient)):
        for drug in REMEDIES.get(term, ()):
            begun = iso(later(day(start), 0 if term == "Diarrhea" else number % 2))
            found.append((begun, drug, term, "Adverse event", slashed(day(begun)), slashed(_day(end))))
    for _, (drug, dose, unit, often, route), why, kind, start, end in sorted(found):
        words = WORDS.get(drug, (drug,))
        yield head(subject, "Concomitant medication") | {
            "CMTRT": words[chance("word", subject, start).randrange(len(words))], "DOSE": dose, "DOSEU": unit,
            "FREQ": often, "ROUTE": route, "INDC": why, "WHY": kind, "PRIOR": "" if start else "Yes",
            "CMSTDAT": start, "CMENDAT": end, "CMONGO": "No" if end else "Yes",
        }  # fmt: skip


def _day(text: str) -> Date | None:
    return day(text) if text else None


def therapy_after(patient: Row) -> tuple[Date, tuple[tuple[str, str], ...]] | None:
    """First day and drugs of the next anti-cancer therapy."""
    subject, last = patient["usubjid"], day(patient["last_contact_date"])
    if not patient["pfs_date"] or subject in NO_THERAPY:
        return None
    scan, source = day(patient["pfs_date"]), chance("after", subject)
    if subject in EARLY_THERAPY:
        return later(scan, -EARLY_THERAPY[subject]), (("Cinobufacini", "Other"),)
    if subject in AFTER_CENSORING:
        maintenance = (("Capecitabine", "Chemotherapy"), ("Bevacizumab", "Anti-angiogenic"))
        return later(scan, AFTER_CENSORING[subject]), maintenance
    start = later(scan, source.randrange(9, 35))
    if patient["pfs_end"] != "PD" or later(start, 14) > last:
        return None
    recent = start.year >= 2023
    drugs = AFTER_LINES[int(subject[-3:]) % len(AFTER_LINES)]
    return start, drugs if recent or drugs[0][0] != "Trastuzumab deruxtecan" else AFTER_LINES[0]


def subsequent(patient: Row) -> Iterable[Row]:
    """One row a drug of the first therapy after the study drugs."""
    found = therapy_after(patient)
    if found is None:
        return
    subject, (start, drugs) = patient["usubjid"], found
    last = day(patient["last_contact_date"])
    end = later(start, chance("after", subject, "end").randrange(40, 160))
    for drug, kind in drugs:
        yield head(subject, "After treatment") | {
            "LINE": "1", "CMTRT": drug, "KIND": kind, "CMSTDAT": iso(start),
            "CMENDAT": iso(end) if end <= last else "", "CMONGO": "No" if end <= last else "Yes",
        }  # fmt: skip


# --- conduct


def deviations(patient: Row) -> list[tuple[Date, str, str, str]]:
    """Day, category, what happened, important or not; each one shows in another form."""
    subject, first, found = (
        patient["usubjid"],
        day(patient["first_dose_date"]),
        list[tuple[Date, str, str, str]](),
    )
    short = pyrotinib_history.SHORT_WASHOUT.get(subject)
    if short:
        text = f"First dose {short} days after the end of prior therapy instead of 28 or more; waiver given"
        found.append((first, "Eligibility criterion not met", text, "Yes"))
    change = change_of(patient)
    if change and change[1]["max_grade"] < "3":
        text = f"Pyrotinib reduced for {change[1]['term'].lower()} of grade {change[1]['max_grade']}"
        found.append((later(day(change[1]["onset_date"]), 2), "Dose change outside the rule", text, "Yes"))
    if subject in EARLY_THERAPY:
        text = "Cinobufacini begun before the end of treatment"
        found.append(
            (later(day(patient["pfs_date"]), -EARLY_THERAPY[subject]), "Prohibited medication", text, "Yes")
        )
    for number in MISSED.get(subject, ()):
        text = f"Tumour assessment at week {6 * number} not made"
        found.append((later(first, INTERVAL * number), "Assessment not made", text, "Yes"))
    late = [
        (scan, (scan.date - later(first, INTERVAL * scan.number)).days)
        for scan in scan_dates(patient)
        if scan.event.startswith("Week")
    ]
    for scan, days in [x for x in late if abs(x[1]) > WINDOW][:1]:
        text = f"Tumour assessment at week {6 * scan.number} made {days} days late, with the delayed cycle"
        found.append((scan.date, "Assessment outside the window", text, "Yes"))
    if subject == NOT_MEASURED[0]:
        found.append((day(NOT_MEASURED[1]), "Assessment not made", NOT_MEASURED[2], "No"))
    return sorted(found)


def deviation_rows(patient: Row) -> Iterable[Row]:
    for date, category, text, important in deviations(patient):
        yield head(patient["usubjid"], "Deviations") | {
            "DVDAT": iso(date), "CATEGORY": category, "DVTERM": text, "IMPORTANT": important,
        }  # fmt: skip


def follow_up(patient: Row) -> Iterable[Row]:
    """A contact every three months after the end of treatment, the last one on the day of the last contact.

    A death is the last contact; who was lost was alive at it.
    """
    subject, last = patient["usubjid"], day(patient["last_contact_date"])
    if patient["treatment_end_reason"] == "WITHDRAWAL BY SUBJECT":
        return
    dates, date = list[Date](), later(stopped(patient), MONTHS_3)
    while later(date, CLOSE) < last:
        dates.append(date)
        date = later(date, MONTHS_3)
    for number, date in enumerate([*dates, last], start=1):
        dead = date == last and patient["os_end"] == "DEATH"
        lost = date == last and patient["os_end"] == "LOST TO FOLLOW-UP"
        yield head(subject, f"Follow-up {number}") | {
            "SSDAT": iso(date), "STATUS": "Dead" if dead else "Alive",
            "SOURCE": chance("contact", subject, str(number)).choice(("Telephone", "Visit", "Telephone")),
            "REACHED": "Lost after this contact" if lost else "",
        }  # fmt: skip


def death(patient: Row) -> Iterable[Row]:
    if patient["os_end"] == "DEATH":
        other = OTHER_DEATHS.get(patient["usubjid"], "")
        yield head(patient["usubjid"], "Death") | {
            "DDDAT": slashed(day(patient["os_date"])), "CAUSE": "Other" if other else "Disease progression",
            "CAUSESP": other,
        }  # fmt: skip


FORMS: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
    **pyrotinib_history.FORMS,
    "cm": each(concomitant),
    "cm_after": each(subsequent),
    "dv": each(deviation_rows),
    **pyrotinib_laboratory.FORMS,
    "ss": each(follow_up),
    "dd": each(death),
}
