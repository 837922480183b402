"""The raw forms of pyrotinib-mcrc: made again alike, and giving the published counts by a plain recount.

Nothing of tlfgen is used here: the forms are read as a reader of raw/README.md would read them. Published
numbers are those of Yang et al., Drug Design, Development and Therapy (ChiCTR2000028711), Tables 1 and 3 and
the text on safety.
"""

from __future__ import annotations

import csv
import datetime
import importlib.util
import json
import re
import statistics
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "specs" / "pyrotinib-mcrc"
FORMS = (
    "dm", "ic", "ds", "ec_pyrotinib", "ec_trastuzumab", "ae", "vs", "tu", "tr", "rs", "mh_cancer", "mh",
    "mi_her2", "gf_genes", "cm_prior", "pr_prior", "ie", "cm", "cm_after", "dv", "rs_ecog", "cv_lvef",
    "lb_haematology", "lb_chemistry", "ss", "dd",
)  # fmt: skip
LAYOUTS = ("%Y-%m-%d", "%d/%m/%Y", "%Y/%m/%d", "%d %b %Y", "%d-%b-%Y", "%d%b%Y")
CUTOFF = datetime.date(2025, 3, 31)
WINDOW = datetime.timedelta(days=30)
RELATED = {"Related", "Possibly related"}
PAPER_TERMS = {  # dictionary term -> row of the publication's Table 3
    "Anemia": "Anemia",
    "Platelet count decreased": "Thrombocytopenia",
    "Neutrophil count decreased": "Neutropenia",
    "White blood cell decreased": "Leukopenia",
    "Nausea": "Nausea",
    "Vomiting": "Vomiting",
    "Diarrhea": "Diarrhea",
    "Fatigue": "Fatigue",
    "Palmar-plantar erythrodysesthesia syndrome": "Hand-foot syndrome",
    "Rash maculo-papular": "Rash",
    "Myocardial infarction": "Myocardial infarction",
    "Left ventricular systolic dysfunction": "Left ventricular dysfunction",
    "Hypoalbuminemia": "Hypoalbuminemia",
    "Alanine aminotransferase increased": "ALT/AST increased",
    "Aspartate aminotransferase increased": "ALT/AST increased",
}
Row = dict[str, str]
Date = datetime.date


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def form(name: str) -> list[Row]:
    return read(STUDY / "raw" / f"{name}.csv")


@cache
def patients() -> dict[str, Row]:
    return {row["usubjid"]: row for row in read(STUDY / "seed" / "pseudo_ipd.csv")}


def seed_events() -> list[Row]:
    return read(STUDY / "seed" / "pseudo_ae.csv")


def date(text: str) -> Date | None:
    """A whole date in one of the forms' layouts; None for a blank, a partial or an impossible one."""
    for layout in LAYOUTS:
        try:
            return datetime.datetime.strptime(text.strip(), layout).date()
        except ValueError:
            continue
    return None


def sure(text: str) -> Date:
    found = date(text)
    assert found is not None, text
    return found


def onset(event: Row, first_dose: Date) -> Date:
    """The start, the first day of a partial one, but not before the first dose where that is possible."""
    text = event["AESTDAT"]
    if found := date(text):
        return found
    low = sure((text + "-01-01")[:10])
    inside = first_dose.isoformat().startswith(text)
    return max(low, first_dose) if inside else low


@cache
def coded() -> dict[str, tuple[str, str]]:
    rows = read(STUDY / "dictionaries" / "ctcae.csv")
    return {row["AETERM"]: (row["AEDECOD"], row["AEBODSYS"]) for row in rows}


def normal(term: str) -> str:
    return " ".join(term.upper().split())


def decode(event: Row) -> str:
    return coded()[normal(event["AETERM"])][0]


def treated() -> dict[str, tuple[Date, Date]]:
    """First and last day with a dose above 0 of either drug."""
    days: dict[str, list[Date]] = {}
    for row in form("ec_pyrotinib"):
        if float(row["ECDOSE"]) > 0:
            days.setdefault(row["SUBJECT"], []).extend((sure(row["ECSTDAT"]), sure(row["ECENDAT"])))
    for row in form("ec_trastuzumab"):
        days[row["SUBJECT"]].append(sure(row["ECDAT"]))
    return {subject: (min(found), max(found)) for subject, found in days.items()}


def emergent() -> list[Row]:
    spans = treated()
    found = []
    for event in form("ae"):
        first, last = spans[event["SUBJECT"]]
        if first <= onset(event, first) <= last + WINDOW:
            found.append(event)
    return found


def related() -> list[Row]:
    return [e for e in emergent() if RELATED & {e["AERELPYR"], e["AERELTRA"]}]


def worst_grades(events: list[Row]) -> dict[str, dict[str, int]]:
    """Row of Table 3 -> subject -> highest grade."""
    found: dict[str, dict[str, int]] = {}
    for event in events:
        grades = found.setdefault(PAPER_TERMS[decode(event)], {})
        subject = event["SUBJECT"]
        grades[subject] = max(grades.get(subject, 0), int(event["AETOXGR"]))
    return found


def infusions() -> dict[str, dict[int, Row]]:
    """Subject -> cycle -> the first row of that cycle: a later one repeats the key."""
    found: dict[str, dict[int, Row]] = {}
    for row in form("ec_trastuzumab"):
        found.setdefault(row["SUBJECT"], {}).setdefault(int(row["CYCLE"]), row)
    return found


@pytest.fixture(scope="module")
def published(reference: Path) -> dict[str, dict[str, Any]]:
    text = (reference / "seed" / "published.yaml").read_text(encoding="utf-8")
    return {item["id"]: item for section in yaml.safe_load(text).values() for item in section}


# --- the generator


def test_the_generator_gives_the_committed_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "tools" / "generate_pyrotinib_raw.py"
    monkeypatch.syspath_prepend(str(path.parent))  # as when it is run: its modules stand beside it
    spec = importlib.util.spec_from_file_location("generate_pyrotinib_raw", path)
    assert spec is not None and spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    table = generator.write(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(f"{name}.csv" for name in FORMS)
    for name in FORMS:
        assert (tmp_path / f"{name}.csv").read_bytes() == (STUDY / "raw" / f"{name}.csv").read_bytes(), name
    readme = (STUDY / "raw" / "README.md").read_text(encoding="utf-8")
    assert "\n".join((*generator.TABLE_HEAD, *table)) in readme


@pytest.mark.reference
@pytest.mark.parametrize("name", ["pseudo_ipd.csv", "pseudo_ae.csv"])
def test_the_simulated_patients_are_the_reference_s(reference: Path, name: str) -> None:
    assert (STUDY / "seed" / name).read_bytes() == (reference / "seed" / name).read_bytes()


# --- the seed's facts


def test_demography_is_the_seed_s() -> None:
    found = {r["SUBJECT"]: (r["AGE"], r["SEX"]) for r in form("dm")}
    assert len(form("dm")) == 20
    sexes = {"M": "Male", "F": "Female"}
    assert found == {s: (p["age"], sexes[p["sex"]]) for s, p in patients().items()}


def test_each_seed_event_is_in_the_form_once() -> None:
    collected = Counter(
        (e["SUBJECT"], PAPER_TERMS.get(decode(e)), e["AETOXGR"], date(e["AESTDAT"]), date(e["AEENDAT"]))
        for e in related()
    )
    wanted = [
        (e["usubjid"], e["term"], e["max_grade"], sure(e["onset_date"]), sure(e["end_date"]))
        for e in seed_events()
    ]
    assert len(wanted) == 44
    assert [w for w in wanted if collected[w] != 1] == []


def test_the_other_related_events_are_lower_grades_of_diarrhoea() -> None:
    seed = {(e["usubjid"], sure(e["onset_date"])) for e in seed_events()}
    more = [e for e in related() if (e["SUBJECT"], sure(e["AESTDAT"])) not in seed]
    found = {(e["SUBJECT"], decode(e), e["AETOXGR"]) for e in more}
    counted = {(e["usubjid"], "Diarrhea", e["other_grades_counted"]) for e in seed_events()}
    assert found == {c for c in counted if c[2]} and len(more) == 2


def test_actions_are_the_seed_s() -> None:
    actions = {
        "DOSE NOT CHANGED": ("Dose not changed", "Dose not changed"),
        "DRUG INTERRUPTED": ("Drug interrupted", "Dose not changed"),
        "DOSE REDUCED": ("Dose reduced", "Dose not changed"),
        "TRASTUZUMAB WITHDRAWN": ("Drug withdrawn", "Drug withdrawn"),
    }
    found = {
        (e["SUBJECT"], PAPER_TERMS[decode(e)], date(e["AESTDAT"])): (e["AEACNPYR"], e["AEACNTRA"])
        for e in related()
    }
    for event in seed_events():
        key = (event["usubjid"], event["term"], sure(event["onset_date"]))
        assert found[key] == actions[event["action"]], key


def test_dosing_is_the_seed_s() -> None:
    for subject, (first, last) in treated().items():
        patient = patients()[subject]
        assert (first, last) == (sure(patient["first_dose_date"]), sure(patient["last_dose_date"]))
    for subject, patient in patients().items():
        rows = [r for r in form("ec_pyrotinib") if r["SUBJECT"] == subject]
        for before, after in zip(rows, rows[1:], strict=False):
            gap = sure(after["ECSTDAT"]) - sure(before["ECENDAT"])
            assert gap == datetime.timedelta(days=1), subject
        doses = {
            "": ["400"],
            "DRUG INTERRUPTED": ["400", "0", "400"],
            "DOSE REDUCED": ["400", "320"],
        }[patient["pyrotinib_modification"]]
        assert [r["ECDOSE"] for r in rows] == doses
        assert {r["ECADJ"] for r in rows} - {""} == {patient["modification_reason"]} - {""}


def test_infusions_follow_the_cycles() -> None:
    for subject, cycles in infusions().items():
        patient = patients()[subject]
        assert list(cycles) == list(range(1, int(patient["n_cycles"]) + 1))
        dates = [sure(r["ECDAT"]) for r in cycles.values()]
        assert dates[0] == sure(patient["first_dose_date"])
        assert dates[-1] <= sure(patient["last_dose_date"])
        apart = [(after - before).days for before, after in zip(dates, dates[1:], strict=False)]
        late = [bool(r["ECDELAY"]) for r in list(cycles.values())[1:]]
        assert all(days > 21 if delayed else days == 21 for days, delayed in zip(apart, late, strict=True))
        for number, row in cycles.items():
            assert row["ECLEVEL"] == ("8" if number == 1 else "6")  # mg/kg, as published
            assert abs(int(row["ECTOT"]) - float(row["ECLEVEL"]) * float(row["ECWT"])) <= 0.5


def test_weights_of_dosing_and_vital_signs_agree() -> None:
    vitals = {
        (r["SUBJECT"], r["EVENT"]): r["RESULT"]
        for r in form("vs")
        if (r["TEST"], r["UNIT"]) == ("Weight", "kg")
    }
    compared = [(r["ECWT"], vitals.get((r["SUBJECT"], r["EVENT"]))) for r in form("ec_trastuzumab")]
    assert all(used == measured for used, measured in compared if measured is not None)
    assert sum(measured is None for _, measured in compared) == 1  # the one in pounds


def test_disposition_is_the_seed_s() -> None:
    deaths = {r["SUBJECT"]: sure(r["DTHDAT"]) for r in form("ds") if r["DTHDAT"]}
    assert len(deaths) == 9
    assert deaths == {s: sure(p["os_date"]) for s, p in patients().items() if p["os_end"] == "DEATH"}
    last = {
        r["SUBJECT"]: (r["DSREAS"], sure(r["DSSTDAT"]))
        for r in form("ds")
        if r["EVENT"] in ("End of study", "Last contact")
    }
    reasons = {
        "DEATH": "Death",
        "LOST TO FOLLOW-UP": "Lost to follow-up",
        "ALIVE AT DATA CUTOFF": "Alive at data cut-off",
    }
    for subject, patient in patients().items():
        reason, day = last[subject]
        assert day == sure(patient["last_contact_date"])
        assert reason == reasons.get(patient["os_end"], reason)
        assert (reason == "Death") == (subject in deaths)


# --- what must hold in any trial


def test_nothing_is_after_the_cut_off_or_the_last_contact() -> None:
    columns = {
        "dm": ["DMDAT"], "ic": ["ICDAT"], "ds": ["DSSTDAT", "DTHDAT"], "ec_pyrotinib": ["ECSTDAT", "ECENDAT"],
        "ec_trastuzumab": ["ECDAT"], "ae": ["AESTDAT", "AEENDAT"], "vs": ["VSDAT"],
        "tu": ["TUDAT"], "tr": ["TRDAT"], "rs": ["RSDAT"],
        "mh_cancer": ["MHDAT", "DIAGDAT", "METDAT"], "mh": ["MHDAT"], "mi_her2": ["MIDAT"],
        "gf_genes": ["GFDAT"],
        "cm_prior": ["CMSTDAT", "CMENDAT"], "pr_prior": ["PRSTDAT", "PRENDAT"], "ie": ["IEDAT"],
        "cm": ["CMSTDAT", "CMENDAT"], "cm_after": ["CMSTDAT", "CMENDAT"], "dv": ["DVDAT"],
        "rs_ecog": ["RSDAT"], "cv_lvef": ["CVDAT"], "lb_haematology": ["LBDAT"], "lb_chemistry": ["LBDAT"],
        "ss": ["SSDAT"], "dd": ["DDDAT"],
    }  # fmt: skip
    checked = 0
    for name, fields in columns.items():
        for row in form(name):
            patient = patients().get(row["SUBJECT"].strip())
            last = sure(patient["last_contact_date"]) if patient else CUTOFF
            found = [d for d in (date(row[f]) for f in fields) if d]
            assert all(d <= min(last, CUTOFF) for d in found), (name, row)
            checked += len(found)
    assert checked > 4500


def test_consent_comes_first_and_visits_in_order() -> None:
    signed = {r["SUBJECT"]: sure(r["ICDAT"]) for r in form("ic")}
    for subject, patient in patients().items():
        rows = [r for r in form("vs") if r["SUBJECT"].strip() == subject]
        visits = list(dict.fromkeys((r["EVENT"], sure(r["VSDAT"])) for r in rows))
        dates = [day for _, day in visits]
        assert len({event for event, _ in visits}) == len(visits), subject
        assert all(a < b for a, b in zip(dates, dates[1:], strict=False)), subject
        assert signed[subject] <= dates[0] and signed[subject] <= sure(patient["enrol_date"])
        assert (sure(patient["first_dose_date"]) - signed[subject]).days <= 28


def test_the_infarction_is_serious() -> None:
    serious = {(e["SUBJECT"], decode(e)) for e in form("ae") if e["AESER"] == "Yes"}
    assert serious == {("SIM-015", "Myocardial infarction"), ("SIM-014", "Small intestinal obstruction")}


def test_every_collected_term_is_coded_once() -> None:
    terms = [row["AETERM"] for row in read(STUDY / "dictionaries" / "ctcae.csv")]
    assert sorted(terms) == sorted({normal(e["AETERM"]) for e in form("ae")})


def test_the_readme_names_every_column() -> None:
    text = (STUDY / "raw" / "README.md").read_text(encoding="utf-8")
    names = set(re.findall(r"^\| ([A-Z, ]+) \|", text, re.MULTILINE))
    known = {name for group in names for name in group.split(", ")}
    for name in FORMS:
        assert f"## {name}.csv" in text
        assert set(form(name)[0]) <= known, name


def test_each_entry_of_dirt_is_in_its_form() -> None:
    entries = read(STUDY / "seed" / "dirt.csv")
    assert len(entries) == 38
    for entry in (
        e for e in entries if e["field"] and e["how"] not in ("pounds", "centimetres", "decilitres")
    ):
        rows = [r for r in form(entry["form"]) if r["SUBJECT"].strip() == entry["subject"]]
        assert entry["value"] in {r[entry["field"]] for r in rows}, entry
    (pounds,) = [r for r in form("vs") if r["UNIT"] == "LB"]
    assert (pounds["SUBJECT"], pounds["EVENT"], pounds["TEST"]) == ("SIM-008", "Cycle 2 Day 1", "Weight")
    # 1 lb is 0.45359237 kg (NIST Special Publication 811, Appendix B).
    assert f"{float(pounds['RESULT']) * 0.45359237:.1f}" == infusions()["SIM-008"][2]["ECWT"]
    twice = [dict(row) for row, number in Counter(tuple(r.items()) for r in form("ae")).items() if number > 1]
    assert [(r["SUBJECT"], r["AETERM"]) for r in twice] == [("SIM-019", "Insomnia")]
    keys = Counter((r["SUBJECT"], r["CYCLE"]) for r in form("ec_trastuzumab"))
    assert [key for key, number in keys.items() if number > 1] == [("SIM-010", "3")]


# --- the published numbers


def test_events_that_must_not_count_are_there() -> None:
    counted = {id(e) for e in related()}
    late_or_early = [e for e in form("ae") if e not in emergent()]
    unrelated = [e for e in emergent() if id(e) not in counted]
    assert (len(late_or_early), len(unrelated), len(counted)) == (6, 17, 46)
    assert any(RELATED & {e["AERELPYR"]} and e["AETOXGR"] == "3" for e in late_or_early)
    assert any(decode(e) == "Diarrhea" for e in unrelated)


@pytest.mark.reference
def test_table_3_is_as_published(published: dict[str, dict[str, Any]]) -> None:
    grades = worst_grades(related())
    items = [i for i in published.values() if i["id"].startswith("t3.")]
    assert len(items) == 84 and set(grades) <= {i["term"] for i in items}
    found = {}
    for item in items:
        level = item["id"].rsplit(".", 1)[1]
        wanted = {"any": range(1, 6), "g34": (3, 4)}.get(level) or (int(level[1]),)
        found[item["id"]] = sum(g in wanted for g in grades.get(item["term"], {}).values())
    differ = {i["id"]: (found[i["id"]], i["n"]) for i in items if found[i["id"]] != i["n"]}
    # Printed 6 + 5 + 6 of 15 patients: by the highest grade it can only be 4 + 5 + 6.
    assert differ == {"t3.diarrhea.g1": (4, 6)}


@pytest.mark.reference
def test_the_safety_text_is_as_published(published: dict[str, dict[str, Any]]) -> None:
    events = related()
    severe = [e for e in events if int(e["AETOXGR"]) >= 3]
    changed = {r["SUBJECT"]: r["ECADJ"] for r in form("ec_pyrotinib") if r["ECADJ"]}
    found = {
        "sf.n": len(treated()),
        "sf.any": len({e["SUBJECT"] for e in events}),
        "sf.g34": len({e["SUBJECT"] for e in severe}),
        "sf.g3diar": sum(decode(e) == "Diarrhea" for e in severe),
        "sf.g45": sum(int(e["AETOXGR"]) >= 4 for e in events),
        "sf.mod": len(changed),
        "sf.mod.diar": sum(reason == "Diarrhea" for reason in changed.values()),
        "sf.mod.fat": sum(reason == "Fatigue" for reason in changed.values()),
    }
    assert found == {name: published[name]["n"] for name in found}


@pytest.mark.reference
def test_cycles_and_demography_are_as_published(published: dict[str, dict[str, Any]]) -> None:
    cycles = [len(rows) for rows in infusions().values()]
    assert statistics.median(cycles) == published["ef.cycles.median"]["est"]
    assert [min(cycles), max(cycles)] == [published["ef.cycles.range"][k] for k in ("lo", "hi")]
    ages = [int(r["AGE"]) for r in form("dm")]
    assert statistics.median(ages) == published["t1.age.median"]["est"]
    sexes = Counter(r["SEX"] for r in form("dm"))
    assert (sexes["Male"], sexes["Female"]) == (published["t1.sex.m"]["n"], published["t1.sex.f"]["n"])


@pytest.mark.reference
def test_every_coded_term_is_in_ctcae(reference: Path) -> None:
    terms = json.loads((reference / "ct" / "ctcae_v5.json").read_text(encoding="utf-8"))
    known = {(t["term"], t["soc"]) for t in terms}
    assert {pair for pair in coded().values() if pair not in known} == set()
    assert {term for term in PAPER_TERMS if term not in {t for t, _ in known}} == set()
