"""The tumour forms of pyrotinib-mcrc: measurements imply the responses, and these the simulated patients.

RECIST 1.1 is written down a second time here, from Eisenhauer et al., European Journal of Cancer 2009;45:
228-247: 4.3.1 and 4.3.2 for lesions, Table 1 for the overall response. It shares no line with the generator.
"""

from __future__ import annotations

import csv
import datetime
from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from tlfgen.data.dataset import Dataset
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.raw.stage import run_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.spec.specs import load_specs

STUDY = Path(__file__).resolve().parents[2] / "specs" / "pyrotinib-mcrc"
LAYOUTS = ("%Y-%m-%d", "%d-%b-%Y", "%d%b%Y", "%Y/%m/%d")
BETTER = ("CR", "PR", "SD", "PD")
# Table 1: target, non-target, new lesions -> overall. "": no non-target lesions; any progression is PD.
OVERALL = {
    ("CR", "CR"): "CR", ("CR", ""): "CR", ("CR", "NON-CR/NON-PD"): "PR", ("CR", "NE"): "PR",
    **{(t, n): t for t in ("PR", "SD", "NE") for n in ("CR", "", "NON-CR/NON-PD", "NE")},
}  # fmt: skip
Row = dict[str, str]
Date = datetime.date


@cache
def form(name: str, folder: str = "raw") -> list[Row]:
    with (STUDY / folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def patients() -> dict[str, Row]:
    return {row["usubjid"]: row for row in form("pseudo_ipd", "seed")}


def date(text: str) -> Date:
    for layout in LAYOUTS:
        try:
            return datetime.datetime.strptime(text, layout).date()
        except ValueError:
            continue
    raise AssertionError(text)


def length(row: Row) -> float | None:
    """Millimetres; None where nothing was measured or the unit is unknown."""
    if not row["RESULT"] or not row["UNIT"]:
        return None
    return float(row["RESULT"]) * {"mm": 1, "cm": 10}[row["UNIT"]]


# --- RECIST 1.1, a second time


def judge_targets(sums: list[float | None], all_gone: bool) -> str:
    """The response at the last of these sums; the first is the baseline, None where a target is missing.

    A missing target is NE here even if the others alone prove progression: the forms have no such case.
    """
    now, baseline = sums[-1], sums[0]
    if now is None or baseline is None:
        return "NE"
    nadir = min(s for s in sums[:-1] if s is not None)
    if all_gone:
        return "CR"
    if now - nadir >= 5 and now >= nadir + nadir / 5:
        return "PD"
    return "PR" if baseline - now >= 0.3 * baseline else "SD"


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        ([100, 70], "PR"),  # "at least a 30% decrease in the sum"
        ([100, 71], "SD"),
        ([100, 50, 60], "PD"),  # "at least a 20% increase ... taking as reference the smallest sum on study"
        ([20, 14, 18], "SD"),  # "must also demonstrate an absolute increase of at least 5 mm"
        ([40, 48], "PD"),  # the baseline is the smallest sum "if that is the smallest on study"
        ([100, None], "NE"),
    ],
)
def test_the_rule_of_the_targets(sums: list[float | None], expected: str) -> None:
    assert judge_targets(sums, all_gone=False) == expected


def visits(subject: str) -> dict[str, list[Row]]:
    """Assessment -> its rows in tr.csv; of a repeated lesion the first."""
    found: dict[str, dict[str, Row]] = {}
    for row in form("tr"):
        if row["SUBJECT"] == subject:
            found.setdefault(row["EVENT"], {}).setdefault(row["LESION"], row)
    ordered = sorted(found.items(), key=lambda v: date(next(iter(v[1].values()))["TRDAT"]))
    return {event: list(rows.values()) for event, rows in ordered}


def judged(subject: str) -> dict[str, tuple[str, str, bool, str]]:
    """Visit -> target, non-target, new lesions, overall, from the measurements alone."""
    sums: list[float | None] = []
    found = {}
    for event, rows in visits(subject).items():
        sizes = {r["LESION"]: length(r) for r in rows if r["LESTYPE"] == "Target"}
        nodes = {r["LESION"] for r in rows if r["TEST"] == "Short axis"}
        measured = [s for s in sizes.values() if s is not None]
        sums.append(sum(measured) if len(measured) == len(sizes) else None)
        if event == "Screening":
            continue
        gone = all(s is not None and s < (10 if name in nodes else 0.1) for name, s in sizes.items())
        target = judge_targets(sums, gone)
        states = {r["STATE"] for r in rows if r["LESTYPE"] == "Non-target"}
        other = "NON-CR/NON-PD" if states else ""
        if "Unequivocal progression" in states:
            other = "PD"
        elif states == {"Absent"}:
            other = "CR"
        new = any(r["LESTYPE"] == "New" for r in rows)
        progressed = new or "PD" in (target, other)
        found[event] = (target, other, new, "PD" if progressed else OVERALL[target, other])
    return found


def test_measurements_imply_each_response() -> None:
    collected: dict[str, dict[str, tuple[str, str, bool, str]]] = {}
    for r in form("rs"):
        new = {"No": False, "Unequivocal": True}[r["NEWLES"]]
        words = (r["TARGET"].upper(), r["NONTARG"].upper(), new, r["OVERALL"].upper())
        collected.setdefault(r["SUBJECT"], {})[r["EVENT"]] = words
    assert sum(len(v) for v in collected.values()) == 78
    assert {s: judged(s) for s in patients() if judged(s)} == collected


def assessments(subject: str) -> list[tuple[Date, str]]:
    """Date and overall response by the measurements."""
    dates = {event: date(rows[0]["TRDAT"]) for event, rows in visits(subject).items()}
    return [(dates[event], overall) for event, (*_, overall) in judged(subject).items()]


@pytest.mark.parametrize("subject", sorted(patients()))
def test_responses_are_the_seed_s(subject: str) -> None:
    patient, found = patients()[subject], assessments(subject)
    assert next((r for r in BETTER if r in [o for _, o in found]), "NE") == patient["bor"]
    if not patient["pfs_date"]:
        assert found == [] and patient["efficacy_set"] == "N"
        return
    progressed = [d for d, o in found if o == "PD"]
    ended = progressed[0] if patient["pfs_end"] == "PD" else found[-1][0]
    assert (ended, ended) == (date(patient["pfs_date"]), found[-1][0])
    assert bool(progressed) == (patient["pfs_event"] == "1")
    assert (ended - date(patient["first_dose_date"])).days + 1 == int(patient["pfs_days"])


def test_the_four_partial_responses_are_confirmed() -> None:
    confirmed = set()
    for subject in patients():
        found = assessments(subject)
        pairs = zip(found, found[1:], strict=False)
        if any(a[1] == b[1] == "PR" and (b[0] - a[0]).days >= 28 for a, b in pairs):
            confirmed.add(subject)
    assert confirmed == {s for s, p in patients().items() if p["bor"] == "PR"}
    assert len(confirmed) == 4


def test_targets_are_measurable_and_few() -> None:
    """RECIST 1.1, 3.1 and 3.2: 5 targets, 2 an organ, nodes from 15 mm, other lesions from 10 mm."""
    organs = {(r["SUBJECT"], r["LESION"]): r["ORGAN"] for r in form("tu")}
    for subject, patient in patients().items():
        there = [r for r in form("tu") if r["SUBJECT"] == subject and r["LESTYPE"] != "New"]
        assert len({r["ORGAN"] for r in there}) == int(patient["n_met_sites"]), subject
        targets = Counter(r["ORGAN"] for r in there if r["LESTYPE"] == "Target")
        assert 1 <= targets.total() <= 5 and max(targets.values()) <= 2, subject
        assert {r["EVENT"] for r in there} == {"Screening"}
    first = [r for r in form("tr") if r["EVENT"] == "Screening" and r["LESTYPE"] == "Target"]
    for r in first:
        node = organs[r["SUBJECT"], r["LESION"]] == "Lymph node"
        assert r["TEST"] == ("Short axis" if node else "Longest diameter")
        assert float(r["RESULT"]) >= (15 if node else 10)


def delay(subject: str) -> int:
    """Days by which the cycles came to be late, from the infusions."""
    late = [0]
    first = date(patients()[subject]["first_dose_date"])
    for r in form("ec_trastuzumab"):
        if r["SUBJECT"] == subject:
            late.append((date(r["ECDAT"]) - first).days - 21 * (int(r["CYCLE"]) - 1))
    return max(late)


def test_scans_are_every_six_weeks_and_two_were_missed() -> None:
    missed: dict[str, set[int]] = {}
    for subject, patient in patients().items():
        first = date(patient["first_dose_date"])
        made = {event: (date(rows[0]["TRDAT"]) - first).days for event, rows in visits(subject).items()}
        assert len({r["TRDAT"] for rows in visits(subject).values() for r in rows}) == len(made)
        assert -28 <= made.pop("Screening") < 0, subject
        made.pop("End of treatment", None)
        numbers = {int(event.split()[1]) // 6: days for event, days in made.items()}
        for number, days in numbers.items():
            assert min(abs(days - 42 * number - d) for d in (0, delay(subject))) <= 7, (subject, number)
        gaps = set(range(1, max(numbers, default=0) + 1)) - set(numbers)
        missed |= {subject: gaps} if gaps else {}
    assert missed == {"SIM-012": {6, 7}}
    unevaluable = [(r["SUBJECT"], r["EVENT"]) for r in form("rs") if r["OVERALL"] == "NE"]
    assert unevaluable == [("SIM-016", "Week 24")]


# --- through tlfgen


@pytest.fixture(scope="module")
def sdtm() -> dict[str, Dataset]:
    specs = load_specs(STUDY)
    raw = run_raw(specs, STUDY / "raw")
    return dict(run_sdtm(specs, raw.forms, read_dictionaries(specs)).datasets)


def test_lengths_are_in_millimetres(sdtm: dict[str, Dataset]) -> None:
    tr = sdtm["TR"].frame
    centimetres = tr.filter(pl.col("TRORRESU") == "cm")
    assert centimetres.select("TRORRES", "TRSTRESN", "TRSTRESU").rows() == [("2.5", 25.0, "mm")]
    unit = pl.col("TRORRES").is_not_null() & pl.col("TRORRESU").is_null() & (pl.col("TRTESTCD") != "TUMSTATE")
    assert tr.filter(unit).select("USUBJID", "TRSTRESN").rows() == [("PYROTINIB-MCRC-SIM-020", None)]
    not_done = tr.filter(pl.col("TRSTAT") == "NOT DONE").select("USUBJID", "VISIT", "TRLNKID", "TRSTRESN")
    assert not_done.rows() == [("PYROTINIB-MCRC-SIM-016", "WEEK 24", "T05", None)]


def test_lesions_and_assessments_are_tied(sdtm: dict[str, Dataset]) -> None:
    tu, tr, rs = (sdtm[name].frame for name in ("TU", "TR", "RS"))
    rs = rs.filter(pl.col("RSCAT") == "RECIST 1.1")
    lesion = ["USUBJID", "TULNKID"]
    assert tu.select(lesion).is_duplicated().sum() == 0
    loose = tr.join(tu, left_on=["USUBJID", "TRLNKID"], right_on=lesion, how="anti")
    assert loose.select("USUBJID", "VISIT", "TRLNKID").rows() == [
        ("PYROTINIB-MCRC-SIM-018", "WEEK 30", "NTO2")
    ]
    both = ["USUBJID", "LNKGRP", "VISITNUM", "DTC"]
    scans = tr.select("USUBJID", pl.col("TRLNKGRP").alias("LNKGRP"), "VISITNUM", pl.col("TRDTC").alias("DTC"))
    answers = rs.select(
        "USUBJID", pl.col("RSLNKGRP").alias("LNKGRP"), "VISITNUM", pl.col("RSDTC").alias("DTC")
    )
    after = scans.unique().filter(pl.col("LNKGRP") != "A1")
    assert after.height == 78 and after.join(answers.unique(), on=both, how="anti").height == 0
    relations = sdtm["RELREC"].frame.select("RDOMAIN", "IDVAR", "RELTYPE").rows()
    assert ("TU", "TULNKID", "ONE") in relations and ("TR", "TRLNKID", "MANY") in relations


def test_every_lesion_has_its_baseline(sdtm: dict[str, Dataset]) -> None:
    flagged = sdtm["TR"].frame.filter(pl.col("TRLOBXFL") == "Y")
    assert flagged["VISIT"].unique().to_list() == ["SCREENING"]
    at_screening = sdtm["TU"].frame.filter(pl.col("TUSTRESC") != "NEW")
    assert flagged.height == at_screening.height - 1  # the one without a unit


def test_overall_responses(sdtm: dict[str, Dataset]) -> None:
    overall = sdtm["RS"].frame.filter(pl.col("RSTESTCD") == "OVRLRESP")
    assert Counter(overall["RSSTRESC"]) == Counter(r["OVERALL"].upper() for r in form("rs"))
    assert overall.filter(pl.col("RSSTRESC") == "PD")["USUBJID"].n_unique() == 15  # PFS events, as published
