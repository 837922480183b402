"""subject_elements: SE by the elements of study.yaml."""

from __future__ import annotations

from functools import partial

import polars as pl
import pytest

from tlfgen.engine.registry import ROW
from tlfgen.errors import SpecError
from tlfgen.sdtm.make_subject_elements import make_subject_elements
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "X", "title": "X", "cutoff": "2015-03-05", "subject": {"from": "PT", "USUBJID": "{PT}"},
        "arms": [{"ARMCD": "A", "ARM": "Arm A", "order": 1}, {"ARMCD": "B", "ARM": "Arm B", "order": 2}],
        "elements": [
            {"ETCD": "SCRN", "ELEMENT": "Screening", "EPOCH": "SCREENING", "rule": "-",
             "starts": ["form.DM.IC", "form.VS.DAT"]},
            {"ETCD": "TRTA", "ELEMENT": "Drug A", "EPOCH": "TREATMENT", "rule": "-",
             "starts": ["form.EC.ST"], "arms": ["A"]},
            {"ETCD": "TRTB", "ELEMENT": "Drug B", "EPOCH": "TREATMENT", "rule": "-",
             "starts": ["form.EC.ST"], "arms": ["B"]},
            {"ETCD": "FUP", "ELEMENT": "Follow-up", "EPOCH": "FOLLOW-UP", "rule": "-",
             "starts": ["form.EC.EN"], "ends": ["form.DS.DAT", "form.VS.DAT"]},
        ],
    }
)  # fmt: skip

Tables = dict[str, list[tuple[str, int, str | None]]]
TABLES: Tables = {
    "form.DM.IC": [("1", 1, "2014-01-05"), ("2", 2, "2014-02-01"), ("3", 3, None)],
    "form.VS.DAT": [("1", 1, "2014-01-03"), ("1", 2, "2014-06-01"), ("3", 3, "2014-03-01")],
    "form.EC.ST": [("1", 1, "2014-01-10"), ("1", 2, "2014-02-10"), ("2", 3, "2014-02-10")],
    "form.EC.EN": [("1", 1, None), ("1", 2, "2014-03-31"), ("2", 3, None)],
    "form.DS.DAT": [("1", 1, "2014-05-01"), ("2", 2, "2014-04-30"), ("3", 3, "2014-03-05")],
    "DM.ACTARMCD": [("1", 1, "A"), ("2", 2, "B"), ("3", 3, None)],
}


def fetch(*names: str, where: object = None, tables: Tables = TABLES) -> pl.DataFrame:
    (dotted,) = names
    columns = {"USUBJID": pl.String, ROW: pl.Int64, dotted.rpartition(".")[2]: pl.String}
    return pl.DataFrame(tables[dotted], schema=columns, orient="row")


def test_elements() -> None:
    """1 has all; 2 never ended the dose; 3 was only screened. Each element lasts until the next one."""
    made = make_subject_elements(fetch, study=STUDY)
    assert made.frame.select("USUBJID", "ETCD", "EPOCH", "TAETORD", "SESTDTC", "SEENDTC").rows() == [
        ("1", "SCRN", "SCREENING", 1, "2014-01-03", "2014-01-10"),
        ("1", "TRTA", "TREATMENT", 2, "2014-01-10", "2014-03-31"),
        ("1", "FUP", "FOLLOW-UP", 3, "2014-03-31", "2014-06-01"),
        ("2", "SCRN", "SCREENING", 1, "2014-02-01", "2014-02-10"),
        ("2", "TRTB", "TREATMENT", 2, "2014-02-10", "2014-04-30"),
        ("3", "SCRN", "SCREENING", 1, "2014-03-01", "2014-03-05"),
    ]
    assert made.findings == ()


def test_each_date_has_its_source() -> None:
    made = make_subject_elements(fetch, study=STUDY)
    assert made.sources.rows() == [
        (0, "form.EC", 1), (0, "form.VS", 1),
        (1, "form.EC", 1), (1, "form.EC", 2),
        (2, "form.EC", 2), (2, "form.VS", 2),
        (3, "form.DM", 2), (3, "form.EC", 3),
        (4, "form.DS", 2), (4, "form.EC", 3),
        (5, "form.DS", 3), (5, "form.VS", 3),
    ]  # fmt: skip


def test_elements_out_of_order_are_a_warning_and_stay() -> None:
    late: Tables = {**TABLES, "form.DM.IC": [("2", 2, "2014-03-01")]}
    made = make_subject_elements(partial(fetch, tables=late), study=STUDY)
    (finding,) = made.findings
    assert (finding.severity, finding.subject, finding.value) == ("warning", "2", "2014-03-01")
    assert made.frame.filter(pl.col("USUBJID") == "2").height == 2


def test_a_design_without_elements_is_an_error_in_the_spec() -> None:
    with pytest.raises(SpecError, match="describes no elements"):
        make_subject_elements(fetch, study=STUDY.model_copy(update={"elements": ()}))


def test_an_element_whose_start_cannot_be_read_has_no_start_and_it_is_said() -> None:
    """Nobody may be taken as still in screening because the first dose cannot be read."""

    def unreadable(*names: str, where: object = None) -> pl.DataFrame:
        found = fetch(*names)
        if names != ("form.EC.ST",):
            return found
        lost = pl.col("USUBJID") == "2"
        text = pl.when(lost).then(pl.lit("20-Mrz-24")).alias("ST#text")
        return found.with_columns(pl.when(~lost).then("ST").alias("ST"), text, lost.alias("ST#unread"))

    made = make_subject_elements(unreadable, study=STUDY)
    own = made.frame.filter(pl.col("USUBJID") == "2").select("ETCD", "SESTDTC", "SEENDTC").rows()
    assert own == [("SCRN", "2014-02-01", None), ("TRTB", None, "2014-04-30")]
    errors = [(f.subject, f.field, f.value) for f in made.findings if f.severity == "error"]
    assert errors == [("2", "ST", "20-Mrz-24")]


def test_an_end_that_cannot_be_read_leaves_the_last_end_open_and_is_said() -> None:
    def unreadable(*names: str, where: object = None) -> pl.DataFrame:
        found = fetch(*names)
        if names != ("form.DS.DAT",):
            return found
        lost = pl.col("USUBJID") == "1"
        text = pl.when(lost).then(pl.lit("mai 14")).alias("DAT#text")
        return found.with_columns(pl.when(~lost).then("DAT").alias("DAT"), text, lost.alias("DAT#unread"))

    made = make_subject_elements(unreadable, study=STUDY)
    assert made.frame.filter(pl.col("ETCD") == "FUP")["SEENDTC"].to_list() == [None]
    assert [(f.severity, f.subject, f.value) for f in made.findings] == [("error", "1", "mai 14")]


def test_a_day_is_not_before_a_time_of_that_day() -> None:
    same: Tables = {
        **TABLES,
        "form.EC.ST": [("1", 1, "2014-01-10T09:00"), ("2", 3, "2014-02-10")],
        "form.EC.EN": [("1", 1, "2014-01-10"), ("2", 3, None)],
    }
    assert make_subject_elements(partial(fetch, tables=same), study=STUDY).findings == ()
