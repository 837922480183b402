"""The makers of the trial design: the design as study.yaml has it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tlfgen.errors import SpecError
from tlfgen.sdtm.make_trial_arms import make_trial_arms
from tlfgen.sdtm.make_trial_disease_assessments import make_trial_disease_assessments
from tlfgen.sdtm.make_trial_elements import make_trial_elements
from tlfgen.sdtm.make_trial_inclusion import make_trial_inclusion
from tlfgen.sdtm.make_trial_summary import make_trial_summary
from tlfgen.sdtm.make_trial_visits import make_trial_visits
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.study import StudySpec

TEXT = """\
study: X
title: X
cutoff: 2015-03-05
subject: {from: PT, USUBJID: "{PT}"}
arms:
  - {ARMCD: B, ARM: Arm B, order: 2}
  - {ARMCD: A, ARM: Arm A, order: 1}
visits:
  - {VISITNUM: 1, VISIT: SCREENING, day: -7}
  - {VISITNUM: 99, VISIT: RETRIEVAL}
elements:
  - {ETCD: SCRN, ELEMENT: Screening, EPOCH: SCREENING, starts: form.DM.IC, rule: Consent, end_rule: Dose}
  - {ETCD: TRTA, ELEMENT: Drug A, EPOCH: TREATMENT, starts: form.EC.ST, rule: First dose, arms: A}
  - {ETCD: TRTB, ELEMENT: Drug B, EPOCH: TREATMENT, starts: form.EC.ST, rule: First dose, arms: B}
  - {ETCD: FUP, ELEMENT: Follow-up, EPOCH: FOLLOW-UP, starts: form.EC.EN, rule: Last dose}
trial_summary:
  - {TSPARMCD: TTYPE, TSVAL: SAFETY}
  - {TSPARMCD: AGEMAX, TSVALNF: PINF}
  - {TSPARMCD: TTYPE, TSVAL: EFFICACY}
  - {TSPARMCD: HOUSE, TSPARM: House Parameter, TSVAL: "1"}
eligibility:
  - {IETESTCD: IN01, IETEST: Aged 18 or more, IECAT: INCLUSION, TIVERS: "1"}
  - {IETESTCD: IN01, IETEST: Aged 20 or more, IECAT: INCLUSION, TIVERS: "2"}
  - {IETESTCD: EX01, IETEST: Pregnant, IECAT: EXCLUSION}
disease_assessments:
  - {TDANCVAR: TRTSDT, TDTGTPAI: P42D, TDMINPAI: P35D, TDMAXPAI: P49D, TDNUMRPT: 9}
  - {TDANCVAR: TRTSDT, TDSTOFF: P378D, TDTGTPAI: P12W, TDMINPAI: P11W, TDMAXPAI: P13W, TDNUMRPT: 99}
"""


@pytest.fixture
def study(tmp_path: Path) -> StudySpec:
    path = tmp_path / "study.yaml"
    path.write_text(TEXT, encoding="utf-8")
    found: StudySpec = load_yaml(path, StudySpec, shown="study.yaml")
    return found


def fetch(*names: str, where: object = None) -> pl.DataFrame:
    (dotted,) = names
    raise AssertionError(f"the trial's design reads no data, and this asks for {dotted}")


def test_arms(study: StudySpec) -> None:
    """Each arm in its order with the elements that name it, or no arm."""
    made = make_trial_arms(fetch, study=study)
    assert made.frame.select("ARMCD", "TAETORD", "ETCD", "EPOCH").rows() == [
        ("A", 1, "SCRN", "SCREENING"), ("A", 2, "TRTA", "TREATMENT"), ("A", 3, "FUP", "FOLLOW-UP"),
        ("B", 1, "SCRN", "SCREENING"), ("B", 2, "TRTB", "TREATMENT"), ("B", 3, "FUP", "FOLLOW-UP"),
    ]  # fmt: skip
    assert made.sources.rows() == [(n, "study.yaml", line) for n, line in enumerate([12, 13, 15, 12, 14, 15])]


def test_elements(study: StudySpec) -> None:
    made = make_trial_elements(fetch, study=study)
    assert made.frame.rows()[:2] == [
        ("SCRN", "Screening", "Consent", "Dose"),
        ("TRTA", "Drug A", "First dose", None),
    ]
    assert made.frame.height == made.sources.height == 4


def test_visits(study: StudySpec) -> None:
    made = make_trial_visits(fetch, study=study)
    assert made.frame.select("VISITNUM", "VISIT", "VISITDY", "ARMCD", "TVSTRL").rows() == [
        (1.0, "SCREENING", -7, None, "Planned on study day -7"),
        (99.0, "RETRIEVAL", None, None, "Not tied to a study day"),
    ]


def test_summary(study: StudySpec) -> None:
    """TSPARM of a published code is CDISC Controlled Terminology's (codelist C66738)."""
    made = make_trial_summary(fetch, study=study)
    assert made.frame.select("TSSEQ", "TSPARMCD", "TSPARM", "TSVAL", "TSVALNF").rows() == [
        (1, "TTYPE", "Trial Type", "SAFETY", None),
        (1, "AGEMAX", "Planned Maximum Age of Subjects", None, "PINF"),
        (2, "TTYPE", "Trial Type", "EFFICACY", None),
        (1, "HOUSE", "House Parameter", "1", None),
    ]


def test_a_parameter_that_nobody_knows_needs_a_name(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(TEXT.replace("AGEMAX", "AGEMAXX"), encoding="utf-8")
    with pytest.raises(SpecError, match=r"'AGEMAXX' does not exist[\s\S]*study.yaml, line 18[\s\S]*'AGEMAX'"):
        make_trial_summary(fetch, study=load_yaml(path, StudySpec, shown="study.yaml"))


def test_criteria(study: StudySpec) -> None:
    """Versions of one criterion are records of their own."""
    made = make_trial_inclusion(fetch, study=study)
    assert made.frame.select("IETESTCD", "IETEST", "IECAT", "TIVERS").rows() == [
        ("IN01", "Aged 18 or more", "INCLUSION", "1"),
        ("IN01", "Aged 20 or more", "INCLUSION", "2"),
        ("EX01", "Pregnant", "EXCLUSION", None),
    ]
    assert made.sources["source_row"].to_list() == [22, 23, 24]


def test_a_criterion_that_stands_twice_in_one_version_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(TEXT.replace('TIVERS: "2"', 'TIVERS: "1"'), encoding="utf-8")
    with pytest.raises(SpecError, match=r"'IN01' stands twice[\s\S]*study.yaml, line 23"):
        make_trial_inclusion(fetch, study=load_yaml(path, StudySpec, shown="study.yaml"))


def test_disease_assessments(study: StudySpec) -> None:
    made = make_trial_disease_assessments(fetch, study=study)
    assert made.frame.rows() == [
        (1, "TRTSDT", "P0D", "P42D", "P35D", "P49D", 9),
        (2, "TRTSDT", "P378D", "P12W", "P11W", "P13W", 99),
    ]
    assert made.sources["source_row"].to_list() == [26, 27]


def test_an_interval_is_an_iso_duration(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(TEXT.replace("TDTGTPAI: P42D", "TDTGTPAI: 42 days"), encoding="utf-8")
    with pytest.raises(SpecError, match=r"study.yaml, line 26[\s\S]*TDTGTPAI|TDTGTPAI[\s\S]*line 26"):
        load_yaml(path, StudySpec, shown="study.yaml")
