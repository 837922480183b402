"""What every registered derivation promises, by itself and without being asked.

Subject-local: derived subject by subject or all at once, the values are the same; this is what makes it safe
to spread subjects over machines. Order: the rows may come in any order. Size: no rows give no values. A
derivation without an example here fails.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date as day
from typing import Any

import polars as pl
import pytest

from tlfgen.adam.derive_impute_date import Missing
from tlfgen.engine.registry import ROW, Derived, rules
from tlfgen.errors import NOWHERE
from tlfgen.sdtm.derive_standard_result import StandardUnit
from tlfgen.spec.condition import parse_condition
from tlfgen.spec.form import CodelistSpec
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "X",
        "title": "X",
        "cutoff": "2015-03-05",
        "subject": {"from": "PT", "USUBJID": "{PT}"},
        "arms": [{"ARMCD": "A", "ARM": "Arm A", "order": 1, "collected": ["a"]}],
        "not_assigned": [{"collected": ["Screen Failure"], "ARMNRS": "SCREEN FAILURE"}],
        "eligibility": [{"IETESTCD": "INCL01", "IETEST": "Adult", "IECAT": "INCLUSION"}],
        "visits": [{"VISITNUM": 3, "VISIT": "BASELINE", "day": 1}, {"VISITNUM": 4, "VISIT": "WEEK 2"}],
        "unscheduled": {"pattern": r"Unscheduled (?P<VISITNUM>\d+\.\d+)"},
    }
)
CODELISTS = {
    "CAUSALITY": CodelistSpec.model_validate(
        {"terms": ["NONE", "PROBABLE"], "groups": {"related": ["PROBABLE"]}}
    )
}
HANDED_IN: Mapping[str, Any] = {
    "study": STUDY,
    "codelists": CODELISTS,
    "at": NOWHERE,
    "unsure": None,
    "look": lambda name: None,
}


@dataclass(frozen=True)
class Example:
    """A derivation's parameters with a table that meets its cases; two or more subjects."""

    rows: pl.DataFrame
    parameters: dict[str, Any] = field(default_factory=dict)
    records: pl.DataFrame | None = None
    fills: tuple[str, ...] = ()


def table(**columns: list[Any]) -> pl.DataFrame:
    """A table of three subjects, whose records alternate; a text's nulls keep it a text."""
    height = len(next(iter(columns.values())))
    who = [("1", "2", "1", "3", "2")[i % 5] for i in range(height)]
    return pl.DataFrame({"USUBJID": who, ROW: list(range(1, height + 1))} | columns)


DOSE = [day(2014, 1, 10), day(2014, 2, 1), day(2014, 1, 10), None, day(2014, 2, 1)]
LAST = [day(2014, 3, 10), None, day(2014, 3, 10), None, None]
EVENTS = table(
    AESTDTC=["2014-01", "2014-02-03", "2014-01-10", "2014", None],
    ASTDT=[day(2014, 1, 10), day(2014, 2, 3), day(2014, 1, 10), day(2014, 1, 1), None],
    AENDT=[None, day(2014, 2, 5), day(2014, 1, 9), None, None],
    TRTSDT=DOSE,
    TRTEDT=LAST,
    AEDECOD=["RASH", "COUGH", "RASH", "COUGH", None],
    AEREL=["NONE", "PROBABLE", "PROBABLE", None, "NONE"],
    AESEV=["MILD", "SEVERE", "SEVERE", "FATAL", None],
    ASEVN=[1, 3, 3, None, None],
)
READINGS = table(
    VSTESTCD=["TEMP", "TEMP", "TEMP", "SYSBP", "TEMP"],
    VSORRES=["98.6", "99.4", "NOT DONE", "120", None],
    VSORRESU=["F", "F", "F", "mmHg", "F"],
    VSSTRESN=[37.0, 37.44, None, 120.0, 36.0],
    VSDTC=["2014-01-09", "2014-02-01", "2014-01-10", None, "2014-01"],
    INSTANCE=["Baseline", "Week 2", "Unscheduled 3.1", "Week 99", None],
    VISITNUM=[3.0, 4.0, 3.1, None, 4.0],
    PARAMCD=["A", "A", "A", "B", "A"],
    ADT=[day(2014, 1, 9), day(2014, 2, 1), day(2014, 1, 10), None, day(2014, 1, 31)],
    ADY=[-1, 1, 1, None, -1],
    AVAL=[37.0, 37.44, None, 120.0, 36.0],
    BASE=[37.0, 36.0, 37.0, None, 0.0],
    ABLFL=["Y", None, None, "Y", "Y"],
    TARGET=[1, 14, 1, 14, 14],
    TRTSDT=DOSE,
    **{"DM.RFSTDTC": ["2014-01-10", "2014-02-01", "2014-01-10", None, "2014-02-01"]},
    **{"DM.RFXSTDTC": ["2014-01-10", "2014-02-01", "2014-01-10", None, "2014-02-01"]},
)
SUBJECTS = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3"], ROW: [1, 2, 3], "AGE": [64, 81, None],
        "ARM": ["a", "Arm A", "Screen Failure"],
        "TRT01P": ["Arm A", None, "Other"], "TRTSDT": [day(2014, 1, 10), day(2014, 2, 1), None],
        "TRTEDT": [day(2014, 1, 9), day(2014, 3, 1), None], "EOSDT": [day(2014, 4, 1), None, None],
        "CUMDOSE": [100.0, 0.0, None], "TRTDURD": [10, 0, 5],
    }
)  # fmt: skip
DOSES = table(
    EXSTDTC=["2014-01-11", "2014-02-01", "2014-01-10", "2014-01-05", "2014-02"],
    EXENDTC=["2014-02-01", None, None, None, "2014-03-01"],
    EXDOSE=[54.0, 81.0, 54.0, None, 54.0],
    DEATHDT=["2014-05-01", "2014-05-01", "2014-05-01", None, "2014-05-02"],
)
ELEMENTS = table(
    SESTDTC=["2014-01-01", "2014-01-05", "2014-01-10", "2014-01-01", "2014-02-01"],
    SEENDTC=["2014-01-10", "2014-02-01", "2014-03-31", None, "2014-03-31"],
    EPOCH=["SCREENING", "SCREENING", "TREATMENT", "SCREENING", "TREATMENT"],
)
SUMS = table(
    PARAMCD=["S", "S", "S", "S", "S", "S", "S"],
    TRLNKGRP=["A1", "A1", "A2", None, "A2", "A3", "A3"],
    ADT=[*(day(2014, 1, d) for d in (1, 1, 9, 1, 9, 17)), None],
    AVAL=[50.0, 40.0, 35.0, 12.0, 60.0, None, 30.0],
    BASE=[50.0, 40.0, 50.0, None, 40.0, 50.0, 40.0],
    NADIR=[None, None, 50.0, None, 40.0, 35.0, None],
    ABLFL=["Y", "Y", None, None, None, None, None],
    NLEFT=[2, 1, 2, 1, 1, None, 1],
    MEASURED=[50.0, 40.0, 35.0, 12.0, 60.0, 20.0, 30.0],
    TRGRESP=["SD", "SD", "PR", None, "SD", "NE", "SD"],
)
RESPONSES = table(
    RSLNKGRP=["A2", "A1", "A2", "A1", "A2", "A3", "A3"], RSSTRESC=["PR", None, "PR", "SD", "PD", "NE", "PD"]
)
WHERE = parse_condition("ASEVN IS NOT NULL")

EXAMPLES: dict[str, Example] = {
    "analysis_flag": Example(
        READINGS, {"by": ("PARAMCD",), "order": ("ADT",), "pick": "closest", "day": "ADY", "target": "TARGET"}
    ),
    "analysis_visit": Example(READINGS, {"number_to": "AVISITN"}, fills=("AVISITN",)),
    "arm": Example(SUBJECTS, {"of": "ARM", "arm_to": "A", "reason_to": "R"}, fills=("A", "R")),
    "arm_number": Example(SUBJECTS, {"of": "TRT01P"}),
    "baseline_flag": Example(READINGS, {"order": ("-VISITNUM",)}),
    "baseline_value": Example(READINGS),
    "change": Example(
        READINGS, {"when": "post_baseline", "date": "ADT", "reference": "TRTSDT", "same_day": "after"}
    ),
    "criterion": Example(
        table(CRIT=["INCL01", None, "EXCL09", "INCL01", None]),
        {"of": "CRIT", "category_to": "IECAT"},
        fills=("IECAT",),
    ),
    "date": Example(EVENTS, {"of": "AESTDTC"}),
    "duration": Example(SUBJECTS, {"start": "TRTSDT", "end": "TRTEDT"}),
    "epoch": Example(EVENTS, {"date": "AESTDTC"}, ELEMENTS),
    "exposure_total": Example(
        SUBJECTS,
        {
            "start": "TRTSDT", "of": "EX.EXDOSE", "from_date": ("EXSTDTC",), "to_date": ("EXENDTC",),
            "open_until": "EOSDT",
        },
        DOSES.filter(pl.col(ROW).is_in([1, 4, 5])),
    ),
    "first_date": Example(SUBJECTS, {"of": "EX.EXSTDTC"}, DOSES),
    "flag_where": Example(EVENTS, {"where": WHERE}),
    "groups": Example(
        SUBJECTS,
        {
            "of": ("AGE",), "number_to": "N",
            "cuts": {"<65": parse_condition("AGE < 65"), "old": parse_condition("AGE > 64")},
        },
        fills=("N",),
    ),
    "has_record": Example(SUBJECTS, {"of": "EX.EXENDTC", "otherwise": None}, DOSES),
    "impute_date": Example(
        EVENTS,
        {
            "of": "AESTDTC", "missing": Missing(day="first", month="first"), "not_before": "TRTSDT",
            "not_after": ("TRTEDT",), "flag": "ASTDTF",
        },
        fills=("ASTDTF",),
    ),
    "impute_datetime": Example(
        EVENTS,
        {
            "of": "AESTDTC", "time": "first", "missing": Missing(day="first", month="first"),
            "not_before": "TRTSDT", "not_after": ("TRTEDT",), "date_flag": "ASTDTF", "time_flag": "ASTTMF",
        },
        fills=("ASTDTF", "ASTTMF"),
    ),
    "in_group": Example(EVENTS, {"of": ("AEREL",), "codelist": "CAUSALITY", "group": "related"}),
    "joined_flag": Example(
        READINGS, {"by": ("PARAMCD",), "date": "ADT", "later": parse_condition("VSSTRESN > 37")}
    ),
    "last_before_dose": Example(READINGS, {"by": ("VSTESTCD",), "date": "VSDTC", "value": "VSSTRESN"}),
    "last_date": Example(
        SUBJECTS, {"of": "EX.EXENDTC", "open_until": ("EOSDT", "TRTEDT"), "flag": "F"}, DOSES, fills=("F",)
    ),
    "matching_value": Example(
        SUMS,
        {"of": "RS.RSSTRESC", "by": ("TRLNKGRP",), "match": ("RS.RSLNKGRP",), "compare": "TRGRESP"},
        RESPONSES,
    ),
    "nadir": Example(SUMS),
    "number_of": Example(EVENTS, {"of": "AESEV", "levels": {"MILD": 1, "SEVERE": 3}}),
    "occurrence_flag": Example(EVENTS, {"where": WHERE, "by": ("AEDECOD",), "first": ("-ASEVN", "ASTDT")}),
    "one_value": Example(SUBJECTS, {"of": "form.DS.DEATHDT"}, DOSES),
    "percent_change": Example(READINGS),
    "query_group": Example(
        EVENTS,
        {"of": "AEDECOD", "groups": {"Skin": ("Rash",)}, "number_to": "N"},
        fills=("N",),
    ),
    "ratio": Example(SUBJECTS, {"of": "CUMDOSE", "over": "TRTDURD"}),
    "sequence": Example(READINGS, {"order": ("VSDTC", "-VISITNUM")}),
    "range_indicator": Example(
        table(
            LBORRES=["4.2", "<0.5", "high", "12", None],
            LBORNRLO=["4", "1", "4", None, "4"],
            LBORNRHI=["9", "2", "9", "10", "9"],
        ),
        {"result": "LBORRES", "low": "LBORNRLO", "high": "LBORNRHI"},
    ),
    "standard_result": Example(
        READINGS,
        {
            "result": "VSORRES", "unit": "VSORRESU", "test": "VSTESTCD", "text_to": "C", "unit_to": "U",
            "standards": {"TEMP": StandardUnit(unit="C", decimals=2)},
        },
        fills=("C", "U"),
    ),
    "study_day": Example(READINGS, {"date": "VSDTC"}),
    "summary_of": Example(SUBJECTS, {"of": "EX.EXDOSE", "statistic": "mean"}, DOSES),
    "target_response": Example(SUMS),
    "treatment_emergent": Example(EVENTS, {"end_window_days": 30}),
    "visit": Example(READINGS, {"of": "INSTANCE", "visit_to": "V", "day_to": "D"}, fills=("V", "D")),
}  # fmt: skip
NAMES = sorted(name for name, rule in rules().items() if not rule.makes_records)


def derive(name: str, rows: pl.DataFrame, records: pl.DataFrame | None) -> Derived:
    """Run a derivation as a workspace does: every parameter given, defaults among them."""
    rule, example = rules()[name], EXAMPLES[name]
    defaults = {n: f.default for n, f in rule.parameters.model_fields.items() if not f.is_required()}
    arguments = defaults | example.parameters | {k: HANDED_IN[k] for k in rule.handed_in}
    result = (
        rule.function(rows, records, **arguments) if rule.takes_records else rule.function(rows, **arguments)
    )
    return result if isinstance(result, Derived) else Derived(result)


def values(name: str, rows: pl.DataFrame, records: pl.DataFrame | None) -> pl.DataFrame:
    """The filled columns beside USUBJID and ROW, in the order of ROW."""
    found = derive(name, rows, records).values
    columns = found if isinstance(found, Mapping) else {"": found}
    assert set(columns) == {"", *EXAMPLES[name].fills}
    filled = pl.DataFrame({k: v.alias(k) for k, v in columns.items()})
    assert filled.height == rows.height
    return rows.select("USUBJID", ROW).hstack(filled.rename({"": "own"})).sort(ROW)


def sources(name: str, rows: pl.DataFrame, records: pl.DataFrame | None) -> set[tuple[int, int]]:
    """(row, source row) of what was picked, by the rows' own numbers."""
    found = derive(name, rows, records).sources
    return (
        set()
        if found is None
        else {(rows[ROW][i], row) for i, row in found.select("index", "source_row").iter_rows()}
    )


def of_subject(frame: pl.DataFrame | None, subject: str) -> pl.DataFrame | None:
    return None if frame is None else frame.filter(pl.col("USUBJID") == subject)


def shuffled(frame: pl.DataFrame | None, seed: int) -> pl.DataFrame | None:
    if frame is None:
        return None
    places = list(range(frame.height))
    random.Random(seed).shuffle(places)
    return frame[places]


def test_every_derivation_has_an_example() -> None:
    assert sorted(EXAMPLES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_example_shows_that_something_is_filled(name: str) -> None:
    example = EXAMPLES[name]
    filled = values(name, example.rows, example.records)
    assert filled["own"].drop_nulls().len() > 0
    assert example.rows["USUBJID"].n_unique() > 1


@pytest.mark.parametrize("name", [n for n in NAMES if rules()[n].scope == "subject"])
def test_subject_by_subject_is_all_at_once(name: str) -> None:
    example = EXAMPLES[name]
    whole = values(name, example.rows, example.records)
    picked = sources(name, example.rows, example.records)
    parts, parts_picked = [], set()
    for subject in example.rows["USUBJID"].unique():
        rows = example.rows.filter(pl.col("USUBJID") == subject)
        parts.append(values(name, rows, of_subject(example.records, subject)))
        parts_picked |= sources(name, rows, of_subject(example.records, subject))
    assert pl.concat(parts).sort(ROW).equals(whole)
    assert parts_picked == picked


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_does_not_matter(name: str, seed: int) -> None:
    example = EXAMPLES[name]
    rows, records = shuffled(example.rows, seed), shuffled(example.records, seed)
    assert rows is not None
    assert values(name, rows, records).equals(values(name, example.rows, example.records))
    assert sources(name, rows, records) == sources(name, example.rows, example.records)


@pytest.mark.parametrize("name", NAMES)
def test_no_rows_give_no_values(name: str) -> None:
    example = EXAMPLES[name]
    records = example.records
    assert values(name, example.rows.clear(), records).height == 0
    filled = values(name, example.rows.clear(), None if records is None else records.clear())
    assert filled.schema == values(name, example.rows, records).schema


@pytest.mark.parametrize("name", [n for n in NAMES if rules()[n].takes_records])
def test_without_records_nothing_is_picked(name: str) -> None:
    example = EXAMPLES[name]
    assert example.records is not None
    assert values(name, example.rows, example.records.clear())["own"].drop_nulls().len() == 0
    assert sources(name, example.rows, example.records.clear()) == set()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_of_a_row_names_a_row(name: str) -> None:
    """Findings, sources and decisions stand at positions that exist; decisions have one shape."""
    example = EXAMPLES[name]
    found = derive(name, example.rows, example.records)
    height = example.rows.height
    assert all(f.row is None or 0 <= f.row < height for f in found.findings)
    for frame in (found.sources, found.decisions):
        assert frame is None or frame["index"].is_between(0, height - 1).all()
    if found.decisions is not None:
        assert set(found.decisions.columns) == {"index", "candidate", "value", "rule", "chosen", "reason"}
        assert found.decisions["rule"].is_in([name]).all()


def _reads_its_neighbour(rows: pl.DataFrame) -> pl.Series:
    return rows["ASEVN"].fill_null(strategy="forward").fill_null(0)


def test_the_property_can_fail() -> None:
    """A rule that reads over subjects is told apart from one that does not."""
    rule: Callable[[pl.DataFrame], pl.Series] = _reads_its_neighbour
    whole = rule(EVENTS).to_list()
    parts: dict[int, int] = {}
    for subject in "123":
        part = EVENTS.filter(pl.col("USUBJID") == subject)
        parts |= dict(zip(part[ROW], rule(part), strict=True))
    assert [parts[row] for row in EVENTS[ROW]] != whole
