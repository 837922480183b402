"""subject_visits: SV from the visits that the forms name."""

from __future__ import annotations

import polars as pl
import pytest

from tlfgen.engine.registry import ROW
from tlfgen.errors import SpecError
from tlfgen.sdtm.make_subject_visits import make_subject_visits
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "X", "title": "X", "cutoff": "2015-03-05", "arms": [],
        "subject": {"from": "PT", "USUBJID": "{PT}"},
        "visits": [
            {"VISITNUM": "3", "VISIT": "BASELINE", "day": "1"},
            {"VISITNUM": "4", "VISIT": "WEEK 2", "day": "14"},
        ],
        "unscheduled": {"pattern": r"Unscheduled (?P<VISITNUM>\d+\.\d+)"},
    }
)  # fmt: skip

VS = pl.DataFrame(
    [
        ("1", 1, "Baseline", "2014-01-02"),
        ("1", 2, "Baseline", "2014-01-03"),
        ("1", 3, "Unscheduled 3.1", "2014-01-07"),
        ("1", 4, "Week 2", None),
        ("1", 5, None, "2014-01-09"),
        ("1", 6, "Week 99", "2014-05-01"),
        ("2", 7, "Week 2", "2014-02"),
    ],
    schema={"USUBJID": pl.String, ROW: pl.Int64, "INSTANCE": pl.String, "VTLD": pl.String},
    orient="row",
)
DS = pl.DataFrame(
    [("1", 1, "Baseline", "2014-01-01"), ("2", 2, "Week 2", "2014-02-14")], schema=VS.schema, orient="row"
).rename({"VTLD": "DSSTDAT"})
VISITS = {"form.VS.INSTANCE": "form.VS.VTLD", "form.DS.INSTANCE": "form.DS.DSSTDAT"}


def fetch(*names: str, where: object = None) -> pl.DataFrame:
    (dotted,) = names
    frame = VS if dotted.startswith("form.VS") else DS
    return frame.select("USUBJID", ROW, dotted.rpartition(".")[2])


def test_one_record_for_each_subject_and_visit() -> None:
    made = make_subject_visits(fetch, visits=VISITS, study=STUDY)
    columns = ("USUBJID", "VISITNUM", "VISIT", "VISITDY", "SVPRESP", "SVOCCUR", "SVSTDTC", "SVENDTC")
    assert made.frame.select(columns).rows() == [
        ("1", 3.0, "BASELINE", 1, "Y", "Y", "2014-01-01", "2014-01-03"),
        ("1", 3.1, "UNSCHEDULED 3.1", None, None, None, "2014-01-07", "2014-01-07"),
        ("2", 4.0, "WEEK 2", 14, "Y", "Y", "2014-02", "2014-02"),
    ]


def test_every_record_of_a_visit_is_its_source() -> None:
    made = make_subject_visits(fetch, visits=VISITS, study=STUDY)
    assert made.sources.rows() == [
        (0, "form.DS", 1), (0, "form.VS", 1), (0, "form.VS", 2), (1, "form.VS", 3),
        (2, "form.DS", 2), (2, "form.VS", 7),
    ]  # fmt: skip


def test_a_name_that_is_no_visit_is_an_error_finding() -> None:
    (finding,) = make_subject_visits(fetch, visits=VISITS, study=STUDY).findings
    assert (finding.severity, finding.dataset, finding.value) == ("error", "form.VS", "Week 99")


def test_a_visit_and_its_date_stand_in_one_form() -> None:
    with pytest.raises(SpecError, match="form.VS.INSTANCE and form.DS.DSSTDAT are of different forms"):
        make_subject_visits(fetch, visits={"form.VS.INSTANCE": "form.DS.DSSTDAT"}, study=STUDY)


def test_a_date_that_is_not_the_visits_own_makes_a_visit_only_where_none_is_shown() -> None:
    """Subject 1 was at the baseline on 2 and 3 January by the vital signs; what DS recorded on 1 January does
    not widen it. The same holds for subject 2, whose week 2 has a partial date."""
    made = make_subject_visits(
        fetch, visits={"form.VS.INSTANCE": "form.VS.VTLD"},
        otherwise={"form.DS.INSTANCE": "form.DS.DSSTDAT"}, study=STUDY,
    )  # fmt: skip
    named = made.frame.select("USUBJID", "VISIT", "SVSTDTC", "SVENDTC").rows()
    dates = {(subject, visit): (start, end) for subject, visit, start, end in named}
    assert dates["1", "BASELINE"] == ("2014-01-02", "2014-01-03")
    assert dates["2", "WEEK 2"] == ("2014-02", "2014-02")
