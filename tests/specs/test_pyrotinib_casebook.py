"""The rest of the casebook of pyrotinib-mcrc: the seed's covariates, and agreement between the forms.

The forms are read as a reader of raw/README.md would read them, then the domains that the specs make of them.
Published numbers are those of Yang et al., Drug Design, Development and Therapy (ChiCTR2000028711), Table 1
and the text on baseline; grades are those of CTCAE 5.0 (NCI, 2017).
"""

from __future__ import annotations

import csv
import datetime
import itertools
from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from tlfgen.data.dataset import Dataset
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.raw.stage import RawResult, run_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.spec.specs import Specs, load_specs

STUDY = Path(__file__).resolve().parents[2] / "specs" / "pyrotinib-mcrc"
Row = dict[str, str]
Date = datetime.date
# Adverse event of the seed -> tests of which one shows it. Albumin and platelets never do (Table 3: 0).
SHOWN_BY = {
    "Anemia": {"HGB"}, "Leukopenia": {"WBC"}, "Neutropenia": {"NEUT"}, "ALT/AST increased": {"ALT", "AST"},
}  # fmt: skip


@cache
def form(name: str, folder: str = "raw") -> list[Row]:
    with (STUDY / folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def patients() -> dict[str, Row]:
    return {row["usubjid"]: row for row in form("pseudo_ipd", "seed")}


def day(text: str) -> Date:
    if "/" in text:
        return datetime.datetime.strptime(text, "%d/%m/%Y").date()
    return datetime.date.fromisoformat(text)


def by_subject(rows: list[Row], column: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["SUBJECT"], set()).add(row[column])
    return found


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(STUDY)


@pytest.fixture(scope="module")
def raw(specs: Specs) -> RawResult:
    return run_raw(specs, STUDY / "raw")


@pytest.fixture(scope="module")
def sdtm(specs: Specs, raw: RawResult) -> dict[str, Dataset]:
    return dict(run_sdtm(specs, raw.forms, read_dictionaries(specs)).datasets)


# --- the seed's covariates


def test_disease_history_is_the_seed_s() -> None:
    rows = {r["SUBJECT"]: r for r in form("mh_cancer")}
    assert list(rows) == list(patients())
    for subject, patient in patients().items():
        row = rows[subject]
        grade = {"NA": "Not available"}.get(patient["differentiation"], patient["differentiation"])
        given = (row["PRIMSITE"], row["SIDE"].upper(), row["DIFF"], row["NMETSITE"])
        wanted = (patient["primary_site"], patient["primary_side"], grade, patient["n_met_sites"])
        assert given == wanted, subject
        assert len(row["METSITES"].split("; ")) == int(row["NMETSITE"])
        organs = {r["ORGAN"] for r in form("tu") if r["SUBJECT"] == subject and r["LESTYPE"] != "New"}
        assert set(row["METSITES"].split("; ")) == organs


def test_prior_therapy_is_the_seed_s() -> None:
    kinds, lines = by_subject(form("cm_prior"), "KIND"), by_subject(form("cm_prior"), "LINE")
    resected = {r["SUBJECT"] for r in form("pr_prior") if r["KIND"] == "Resection of primary tumour"}
    flags = {"Anti-EGFR": "prior_antiegfr", "Anti-angiogenic": "prior_antiangio", "Immunotherapy": "prior_io"}
    for subject, patient in patients().items():
        assert lines[subject] == {str(n) for n in range(1, int(patient["prior_lines"]) + 1)}
        for kind, flag in flags.items():
            assert (kind in kinds[subject]) == (patient[flag] == "Y"), (subject, kind)
        assert (subject in resected) == (patient["prior_resection"] == "Y")
    assert len(resected) == 12  # "Primary tumour resected 12 (60)"


def test_prior_therapy_ends_before_the_washout_but_once() -> None:
    last = {s: max(r["CMENDAT"] for r in form("cm_prior") if r["SUBJECT"] == s) for s in patients()}
    days = {s: (day(p["first_dose_date"]) - day(last[s])).days for s, p in patients().items()}
    waived = {r["SUBJECT"]: r["CRITERION"] for r in form("ie") if r["WAIVER"]}
    assert {s for s, n in days.items() if n < 28} == set(waived) == {"SIM-017"} and days["SIM-017"] == 26
    assert waived == {"SIM-017": "EXCL02"}


def test_performance_before_the_first_dose_is_the_seed_s() -> None:
    for row in form("rs_ecog"):
        if row["EVENT"] in ("Screening", "Cycle 1 Day 1"):
            assert row["ECOG"] == patients()[row["SUBJECT"]]["ecog"]
    assert Counter(r["ECOG"] for r in form("rs_ecog") if r["EVENT"] == "Screening") == {"1": 16, "0": 4}


def results(sdtm: dict[str, Dataset], method: str, **where: str) -> dict[str, str]:
    """Subject -> result of a gene test that was done."""
    frame = sdtm["GF"].frame.filter(pl.col("GFSTAT").is_null(), pl.col("GFMETHOD") == method, **where)
    return dict(frame.select(pl.col("USUBJID").str.slice(-7), "GFSTRESC").rows())


def test_biomarkers_by_the_selection_that_the_readme_names(sdtm: dict[str, Dataset]) -> None:
    """Counts of Table 1 and of the text: 16 tested by FISH or NGS, all amplified, one mutated as well."""
    pcr, ngs = "POLYMERASE CHAIN REACTION", "NEXT GENERATION SEQUENCING"
    amplified = {"GFTESTCD": "CPNUMAMP", "GFTSTDTL": "COPY NUMBER ALTERATION INTERPRETATION"}
    fish, sequenced = results(sdtm, "FISH", **amplified), results(sdtm, ngs, **amplified)
    assert not set(fish) & set(sequenced)
    assert list({**fish, **sequenced}.values()) == ["AMPLIFIED"] * 16
    score = dict(sdtm["MI"].frame.select(pl.col("USUBJID").str.slice(-7), "MISTRESC").rows())
    assert Counter(score.values()) == {"3+": 16, "2+": 4}
    assert set(fish) == {s for s, x in score.items() if x == "2+"}
    ratio = results(sdtm, "FISH", GFTESTCD="CPNUMAMP", GFTSTDTL="COPY NUMBER RATIO")
    assert set(ratio) == set(fish) and all(float(x) >= 2.0 for x in ratio.values())
    mutation = results(sdtm, ngs, GFTESTCD="SHRTVAR", GFSYM="ERBB2")
    assert [s for s, x in mutation.items() if x == "MUTANT"] == ["SIM-020"]
    kras = results(sdtm, pcr, GFTESTCD="SHRTVAR", GFSYM="KRAS")
    assert Counter(kras.values()) == {"WILD TYPE": 17, "MUTANT": 2}
    assert set(results(sdtm, pcr, GFTESTCD="SHRTVAR", GFSYM="BRAF").values()) == {"WILD TYPE"}
    assert list(results(sdtm, pcr, GFTESTCD="MICRISTB").values()) == ["MSS"] * 17
    for subject, patient in patients().items():
        assert (subject in {**fish, **sequenced}) == (patient["fish_or_ngs_tested"] == "Y")
        known = {"WILD TYPE": "WILD TYPE", "KRAS MUTANT": "MUTANT"}.get(patient["ras"])
        assert kras.get(subject) == known


# --- agreement between the forms


def test_the_next_therapy_begins_before_progression_in_one_patient() -> None:
    starts = {r["SUBJECT"]: day(r["CMSTDAT"]) for r in form("cm_after")}
    early = {s for s, start in starts.items() if start <= day(patients()[s]["pfs_date"])}
    assert early == {"SIM-010"}
    scans = sorted(day(r["TRDAT"]) for r in form("tr") if r["SUBJECT"] == "SIM-010")
    assert (
        starts["SIM-010"] == scans[-1] - datetime.timedelta(days=5) and patients()["SIM-010"]["bor"] == "SD"
    )
    censored = {s for s, p in patients().items() if p["pfs_end"] == "LAST EVALUABLE ASSESSMENT"}
    assert censored & set(starts) == {"SIM-018"}


def test_survival_is_the_seed_s() -> None:
    for subject, patient in patients().items():
        rows = [r for r in form("ss") if r["SUBJECT"] == subject]
        if not rows:
            assert patient["treatment_end_reason"] == "WITHDRAWAL BY SUBJECT"
            continue
        assert rows[-1]["SSDAT"] == patient["last_contact_date"]
        assert [r["STATUS"] for r in rows[:-1]] == ["Alive"] * (len(rows) - 1)
        assert (rows[-1]["STATUS"] == "Dead") == (patient["os_end"] == "DEATH")
        assert bool(rows[-1]["REACHED"]) == (patient["os_end"] == "LOST TO FOLLOW-UP")
    deaths = {r["SUBJECT"]: day(r["DDDAT"]) for r in form("dd")}
    assert deaths == {s: day(p["os_date"]) for s, p in patients().items() if p["os_end"] == "DEATH"}


def test_deviations_show_in_other_forms() -> None:
    found = Counter(r["CATEGORY"] for r in form("dv") if r["IMPORTANT"] == "Yes")
    assert found["Dose change outside the rule"] == 2  # the rule is grade 3 or more; see the seed's events
    changed = {r["SUBJECT"] for r in form("dv") if r["CATEGORY"] == "Dose change outside the rule"}
    graded = {(e["usubjid"], e["term"]): int(e["max_grade"]) for e in form("pseudo_ae", "seed")}
    below = {
        s for s, p in patients().items()
        if p["modification_reason"] and graded[s, p["modification_reason"]] < 3
    }  # fmt: skip
    assert changed == below


def test_loperamide_is_given_for_each_diarrhoea_of_the_seed(sdtm: dict[str, Dataset]) -> None:
    cm = sdtm["CM"].frame.filter(pl.col("CMDECOD") == "LOPERAMIDE")
    given = set(cm.select(pl.col("USUBJID").str.slice(-7), "CMSTDTC").rows())
    events = [e for e in form("pseudo_ae", "seed") if e["term"] == "Diarrhea"]
    assert len(events) == 15 and given == {(e["usubjid"], e["onset_date"]) for e in events}


def test_every_drug_and_illness_is_coded_and_every_code_used(sdtm: dict[str, Dataset]) -> None:
    for domain, name, key in (("CM", "drugs", "CMTRT"), ("MH", "history", "MHTERM")):
        frame = sdtm[domain].frame
        assert frame[key.replace("TRT", "DECOD").replace("TERM", "DECOD")].null_count() == 0
        used = {" ".join(t.upper().split()) for t in frame[key].to_list()}
        assert used == {r[key] for r in form(name, "dictionaries")}


# --- laboratory and heart


def grade(test: str, value: float, low: float, high: float, baseline: float) -> int:
    """CTCAE 5.0, for the tests that have a grade on the side of concern; grades above 2 do not occur."""
    limits = {"HGB": (100, 80), "WBC": (3.0, 2.0), "NEUT": (1.5, 1.0), "PLAT": (75, 50), "ALB": (30, 20)}
    if test in limits:
        one, two = limits[test]
        return 0 if value >= low else 1 if value >= one else 2 if value >= two else 3
    if test == "CREAT":
        worse = max(value / high, value / baseline)
        return 0 if value <= high and value <= 1.5 * baseline else 1 if worse <= 1.5 else 2
    factor = {"ALT": 3, "AST": 3, "ALP": 2.5, "BILI": 1.5}[test]
    return 0 if value <= high else 1 if value <= factor * high else 2


def test_values_have_a_grade_where_an_event_says_so_and_nowhere_else(sdtm: dict[str, Dataset]) -> None:
    lb = sdtm["LB"].frame.filter(pl.col("LBSTRESN").is_not_null())
    subject = pl.col("USUBJID").str.slice(-7)
    first = {
        (s, t): v
        for s, t, v in lb.filter(pl.col("LBLOBXFL") == "Y").select(subject, "LBTESTCD", "LBSTRESN").rows()
    }
    assert len(first) == 200
    graded: dict[tuple[str, str], set[int]] = {}
    days: dict[tuple[str, str], list[Date]] = {}
    columns = ("LBTESTCD", "LBSTRESN", "LBSTNRLO", "LBSTNRHI", "LBDTC")
    for who, test, value, low, high, date in lb.select(subject, *columns).rows():
        if found := grade(test, value, low, high, first[who, test]):
            graded.setdefault((who, test), set()).add(found)
            days.setdefault((who, test), []).append(day(date))
    expected = {("SIM-009", "CREAT"): 1}  # "creatinine raised", grade 1, of the unrelated events
    for event in form("pseudo_ae", "seed"):
        for key in itertools.product([event["usubjid"]], SHOWN_BY.get(event["term"], ())):
            if key in graded:
                expected[key] = int(event["max_grade"])
                start, end = day(event["onset_date"]), day(event["end_date"])
                assert all(start <= d < end for d in days[key]), key
    assert {key: max(found) for key, found in graded.items()} == expected
    named = {(e["usubjid"], e["term"]) for e in form("pseudo_ae", "seed") if e["term"] in SHOWN_BY}
    assert len(expected) == len(named) + 1  # one test shows each event


def test_normal_ranges_and_words_agree(sdtm: dict[str, Dataset]) -> None:
    lb = sdtm["LB"].frame.filter(pl.col("LBSTRESN").is_not_null())
    value, low, high = pl.col("LBSTRESN"), pl.col("LBSTNRLO"), pl.col("LBSTNRHI")
    said = pl.when(value < low).then(pl.lit("LOW")).when(value > high).then(pl.lit("HIGH"))
    assert lb.filter(said.otherwise(pl.lit("NORMAL")) != pl.col("LBNRIND")).height == 0
    assert set(lb["LBNRIND"]) == {"LOW", "NORMAL", "HIGH"}


def test_the_ejection_fraction_never_falls(sdtm: dict[str, Dataset]) -> None:
    """Table 3: no left ventricular dysfunction; CTCAE 5.0 grades from 50 % or a fall of 10 points."""
    cv = sdtm["CV"].frame
    first = cv.filter(pl.col("CVLOBXFL") == "Y").select("USUBJID", pl.col("CVSTRESN").alias("BASE"))
    assert first.height == 20
    assert cv.filter(pl.col("CVSTRESN") <= 50).height == 0
    assert cv.join(first, on="USUBJID").filter(pl.col("BASE") - pl.col("CVSTRESN") >= 10).height == 0


# --- what is wrong with the forms


def test_what_could_not_be_read_stays_as_collected(sdtm: dict[str, Dataset]) -> None:
    lb = sdtm["LB"].frame
    shown = ("LBORRES", "LBORRESU", "LBSTRESC", "LBSTRESN", "LBSTRESU", "LBNRIND")
    assert lb.filter(pl.col("LBORRES").str.starts_with("<")).select(shown).rows() == [
        ("<3.4", "umol/L", "<3.4", None, "umol/L", "LOW")
    ]
    assert lb.filter(pl.col("LBORRESU") == "g/dL").select(*shown, "LBSTNRLO", "LBSTNRHI").rows() == [
        ("15.3", "g/dL", "153", 153.0, "g/L", "NORMAL", 130.0, 175.0)
    ]
    assert lb.filter(pl.col("LBORRESU").is_null()).select("LBTESTCD", "LBSTRESC", "LBSTRESN").rows() == [
        ("ALB", None, None)
    ]
    cm = sdtm["CM"].frame
    assert cm.filter(pl.col("CMSTDTC") == "2018")["CMDECOD"].to_list() == ["OXALIPLATIN"]
    spelt = cm.filter(pl.col("CMTRT") == "Xeloda (capecitabin)")
    assert spelt["CMDECOD"].to_list() == ["CAPECITABINE"]


def test_the_one_criterion_not_met(sdtm: dict[str, Dataset]) -> None:
    ie = sdtm["IE"].frame.select(pl.col("USUBJID").str.slice(-7), "IETESTCD", "IECAT", "IEORRES")
    assert ie.rows() == [("SIM-017", "EXCL02", "EXCLUSION", "Y")]
    criteria = sdtm["TI"].frame["IETESTCD"].to_list()
    assert set(criteria) == {r["CRITERION"] for r in form("ie")} and len(criteria) == 16
