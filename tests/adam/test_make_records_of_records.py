"""Records made of records: computed, summarised, extreme, carried, expected, split and joined ones.

Expected values by arithmetic; formulas cited where they are not a mean or an order.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from tlfgen.data.unread import UNREAD
from tlfgen.engine.registry import ROW, Fetch, Made, rules
from tlfgen.errors import NOWHERE, SpecError
from tlfgen.spec.condition import Condition
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "X", "title": "X", "cutoff": "2025-01-01", "subject": {"from": "PT", "USUBJID": "{PT}"},
        "arms": [{"ARMCD": "A", "ARM": "Arm A", "order": 1, "collected": ["a"]}],
        "visits": [{"VISITNUM": n, "VISIT": v} for n, v in ((0, "Baseline"), (2, "Week 2"), (4, "Week 4"))],
    }
)  # fmt: skip


def table(*rows: tuple[Any, ...], columns: str, dates: tuple[str, ...] = ()) -> pl.DataFrame:
    """Records with their numbers: the first column is the subject; dates are days of 2024, as "01-15"."""
    names = ["USUBJID", *columns.split()]
    frame = pl.DataFrame(list(rows), schema=names, orient="row", infer_schema_length=None)
    days = [(pl.lit("2024-") + pl.col(d)).str.to_date("%Y-%m-%d").alias(d) for d in dates]
    return frame.with_columns(*days, pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))


def fetching(datasets: Mapping[str, pl.DataFrame]) -> Fetch:
    """What a maker is given to read these datasets."""

    def fetch(*names: str, where: Condition | None = None) -> pl.DataFrame:
        frame = datasets[names[0].rpartition(".")[0]]
        kept = frame if where is None else frame.filter(where.rows(frame))
        marks = [c for c in frame.columns if c.endswith(UNREAD)]
        return kept.select("USUBJID", ROW, *dict.fromkeys(n.rpartition(".")[2] for n in names), *marks)

    return fetch


def make(rule: str, datasets: Mapping[str, pl.DataFrame], **parameters: Any) -> Made:
    """Run a maker with the parameters as a spec would say them."""
    found = rules()[rule]
    given: dict[str, Any] = {"at": NOWHERE, "study": STUDY}
    typed = found.read(parameters, NOWHERE) | {k: v for k, v in given.items() if k in found.handed_in}
    made: Made = found.function(fetching(datasets), **typed)
    assert set(made.sources["index"]) == set(range(made.frame.height))  # each record has a source
    return made


def sources(made: Made) -> list[list[int]]:
    """The rows that each record was made of."""
    return [
        made.sources.filter(pl.col("index") == i)["source_row"].to_list() for i in range(made.frame.height)
    ]


def unreadable(records: pl.DataFrame) -> pl.DataFrame:
    """Records of which each missing AVAL is a text that cannot be read."""
    return records.with_columns(pl.col("AVAL").is_null().alias("AVAL" + UNREAD))


VITALS = table(
    ("1", "SYSBP", 120.0, "W2", None), ("1", "DIABP", 75.0, "W2", None),
    ("1", "SYSBP", 130.0, "W4", "sitting"), ("1", "DIABP", 85.0, "W4", "standing"),
    ("2", "SYSBP", 140.0, "W2", None), ("2", "SYSBP", 141.0, "W2", None), ("2", "DIABP", 80.0, "W2", None),
    ("3", "SYSBP", 110.0, "W2", None), ("3", "DIABP", None, "W2", None),
    columns="PARAMCD AVAL AVISIT ATPT",
)  # fmt: skip
MAP = {
    "of": "ADVS.AVAL", "parts": {"SYSBP": "PARAMCD = 'SYSBP'", "DIABP": "PARAMCD = 'DIABP'"},
    "compute": "(SYSBP + 2 * DIABP) / 3", "by": ["AVISIT", "ATPT"],
}  # fmt: skip


def test_a_parameter_is_computed_where_all_parts_have_one_value() -> None:
    """(120 + 2 x 75) / 3 = 90; of W4 the parts are at different time points; of 3 one has no value."""
    made = make("computed_parameter", {"ADVS": VITALS}, **MAP)
    assert made.frame.rows() == [("1", "W2", None, 90.0), ("2", "W2", None, None)]
    assert sources(made) == [[1, 2], [5, 6, 7]]
    said = [(f.severity, f.subject, f.message) for f in made.findings]
    assert said[0] == (
        "warning",
        "2",
        "SYSBP has two different values at one time point, or one that cannot be read: null",
    )
    notes = [(f.count, f.message.split(":")[0]) for f in made.findings if f.severity == "note"]
    assert notes == [(1, "{count} time points have no SYSBP"), (2, "{count} time points have no DIABP")]


def test_a_missing_part_gives_a_null_where_the_spec_says_so() -> None:
    made = make("computed_parameter", {"ADVS": VITALS}, **MAP, missing="null")
    assert made.frame["AVAL"].to_list() == [90.0, None, None, None, None]
    assert len([f for f in made.findings if f.severity == "note"]) == 0


BODY = table(
    ("1", "HEIGHT", 180.0, "SCREENING"), ("1", "WEIGHT", 81.0, "W2"), ("1", "WEIGHT", 72.9, "W4"),
    ("2", "WEIGHT", 70.0, "W2"), ("3", "HEIGHT", 150.0, "W2"), ("3", "HEIGHT", 160.0, "W4"),
    ("3", "WEIGHT", 60.0, "W4"), ("4", "HEIGHT", 0.0, "W2"), ("4", "WEIGHT", 60.0, "W2"),
    columns="PARAMCD AVAL AVISIT",
)  # fmt: skip
BODY_PARTS = {
    "of": "ADVS.AVAL", "parts": {"WEIGHT": "PARAMCD = 'WEIGHT'"},
    "constants": {"HEIGHT": "PARAMCD = 'HEIGHT'"}, "by": "AVISIT",
}  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "values"),
    [
        # body mass index, kg/m2: 81 / 1.8 ** 2 = 25; 72.9 / 3.24 = 22.5
        ("WEIGHT / power(HEIGHT / 100, 2)", [25.0, 22.5]),
        # Mosteller, N Engl J Med 1987;317:1098: sqrt(cm x kg / 3600): sqrt(180 x 81 / 3600) = sqrt(4.05)
        ("sqrt(HEIGHT * WEIGHT / 3600)", [2.012461179749811, 1.9091883092036783]),
        # Du Bois, Arch Intern Med 1916;17:863: 0.007184 exp(0.425 ln 81 + 0.725 ln 180) = 0.007184 x 279.37
        ("0.007184 * power(WEIGHT, 0.425) * power(HEIGHT, 0.725)", [2.0070, 1.9191]),
    ],
)
def test_what_a_subject_has_once_stands_at_every_time_point(formula: str, values: list[float]) -> None:
    made = make("computed_parameter", {"ADVS": BODY}, **BODY_PARTS, compute=formula)
    rows = made.frame.sort("USUBJID", "AVISIT").rows()
    assert [(u, v) for u, v, _ in rows] == [("1", "W2"), ("1", "W4"), ("3", "W4"), ("4", "W2")]
    assert [v for u, _, v in rows if u == "1"] == pytest.approx(values, abs=1e-4)
    assert [v for u, _, v in rows if u == "3"] == [None]  # two heights


def test_a_part_that_cannot_be_read_is_not_one_that_is_missing() -> None:
    """The diastolic pressure of 3 was collected: its MAP is null, and told."""
    made = make("computed_parameter", {"ADVS": unreadable(VITALS)}, **MAP)
    assert made.frame.filter(pl.col("USUBJID") == "3")["AVAL"].to_list() == [None]
    assert [f.subject for f in made.findings if f.message.startswith("DIABP")][0] == "3"


def test_a_division_by_zero_is_told() -> None:
    made = make("computed_parameter", {"ADVS": BODY}, **BODY_PARTS, compute="WEIGHT / power(HEIGHT / 100, 2)")
    assert made.frame.filter(pl.col("USUBJID") == "4")["AVAL"].to_list() == [None]
    assert [f.subject for f in made.findings if "division by 0" in f.message] == ["4"]


def test_heart_rate_corrections_of_qt() -> None:
    """QT 400 ms, RR 640 ms: Bazett 400 / 0.8 = 500; RR 729 ms: Fridericia 400 / 0.9 = 444.4 (E14, 2005)."""
    ecg = table(("1", "QT", 400.0, "W2"), ("1", "RR", 640.0, "W2"), ("1", "QT", 400.0, "W4"),
                ("1", "RR", 729.0, "W4"), columns="PARAMCD AVAL AVISIT")  # fmt: skip
    parts = {"QT": "PARAMCD = 'QT'", "RR": "PARAMCD = 'RR'"}
    both: dict[str, Any] = {"of": "ADEG.AVAL", "parts": parts, "by": "AVISIT"}
    bazett = make("computed_parameter", {"ADEG": ecg}, **both, compute="QT / sqrt(RR / 1000)")
    cube_root = "QT / power(RR / 1000, 1 / 3)"
    fridericia = make("computed_parameter", {"ADEG": ecg}, **both, compute=cube_root)
    assert bazett.frame["AVAL"].to_list() == pytest.approx([500.0, 400 / 0.729**0.5])
    assert fridericia.frame["AVAL"].to_list() == pytest.approx([400 / 0.640 ** (1 / 3), 400 / 0.9])


EGFR = (
    "142 * power(least(CREAT / CASE WHEN SEX = 'F' THEN 0.7 ELSE 0.9 END, 1),"
    " CASE WHEN SEX = 'F' THEN -0.241 ELSE -0.302 END)"
    " * power(greatest(CREAT / CASE WHEN SEX = 'F' THEN 0.7 ELSE 0.9 END, 1), -1.2)"
    " * power(0.9938, AGE) * CASE WHEN SEX = 'F' THEN 1.012 ELSE 1 END"
)


def test_filtration_rate_of_creatinine_age_and_sex() -> None:
    """CKD-EPI 2021 (Inker et al., N Engl J Med 2021;385:1737), creatinine in mg/dL.

    At the bend of the curve, 0.7 in women and 0.9 in men, only 142 and the age count: a woman of 50 has 142 x
    0.9938 ** 50 x 1.012 = 105.3, a man of 60 142 x 0.9938 ** 60 = 97.8. A man of 60 with 1.8 has 97.78 / 2 **
    1.2 = 42.6.
    """
    creatinine = table(
        ("1", "CREAT", 0.7, "F", 50), ("2", "CREAT", 0.9, "M", 60), ("3", "CREAT", 1.8, "M", 60),
        columns="PARAMCD AVAL SEX AGE",
    )  # fmt: skip
    parts = {"CREAT": "PARAMCD = 'CREAT'"}
    made = make("computed_parameter", {"ADLB": creatinine}, of="ADLB.AVAL", parts=parts, compute=EGFR,
                by=["SEX", "AGE"])  # fmt: skip
    assert made.frame["AVAL"].round(1).to_list() == [105.3, 97.8, 42.6]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"compute": "(SYSBP + 2 * DIAPB) / 3"}, "Did you mean 'DIABP'?"),
        ({"compute": "SYSBP / 3"}, "does not name the part DIABP"),
        ({"compute": "SYSBP + 2 * DIABP + AVISIT"}, "AVISIT is text"),
        ({"parts": {"SYSBP": "PARAMCD == 'SYSBP'"}}, "Write = for 'equal'"),
    ],
)
def test_an_expression_over_parts_is_checked(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError) as refused:
        make("computed_parameter", {"ADVS": VITALS.clear()}, **(MAP | changed))
    assert says in f"{refused.value} {refused.value.hint}"


TRIPLE = table(
    ("1", "DIABP", 64.0, "W2"), ("1", "DIABP", 83.0, "W2"), ("1", "DIABP", 57.0, "W2"),
    ("1", "DIABP", None, "W4"), ("1", "PULSE", 70.0, None), ("1", "PULSE", 73.0, None),
    columns="PARAMCD AVAL AVISIT",
)  # fmt: skip


@pytest.mark.parametrize(
    ("statistic", "values", "kind"),
    [
        ("mean", [68.0, 71.5], "AVERAGE"),  # (64 + 83 + 57) / 3; a null visit is one of its own
        ("median", [64.0, 71.5], "MEDIAN"),
        ("min", [57.0, 70.0], "MINIMUM"),
        ("max", [83.0, 73.0], "MAXIMUM"),
        ("sum", [204.0, 143.0], "TOTAL"),
        ("count", [3.0, 2.0], "COUNT"),
    ],
)
def test_a_summary_of_each_group(statistic: str, values: list[float], kind: str) -> None:
    made = make(
        "summary_records", {"ADVS": TRIPLE}, of="ADVS.AVAL", by=["PARAMCD", "AVISIT"], statistic=statistic
    )
    assert made.frame.rows() == [
        ("1", "DIABP", "W2", values[0], kind), ("1", "PULSE", None, values[1], kind),
    ]  # fmt: skip
    assert sources(made) == [[1, 2, 3], [5, 6]]


def test_a_new_parameter_of_a_summary_has_no_derivation_type() -> None:
    made = make("summary_records", {"ADVS": TRIPLE}, of="ADVS.AVAL", by="AVISIT", statistic="max")
    assert "DTYPE" not in made.frame.columns


def test_a_value_that_cannot_be_read_leaves_a_summary_open() -> None:
    lost = unreadable(TRIPLE.with_columns(pl.lit("W2").alias("AVISIT")))
    made = make("summary_records", {"ADVS": lost}, of="ADVS.AVAL", by=["PARAMCD", "AVISIT"], statistic="mean")
    assert made.frame["AVAL"].to_list() == [None, 71.5]
    assert sources(made) == [[1, 2, 3, 4], [5, 6]]
    assert [(f.severity, f.subject) for f in made.findings] == [("warning", "1")]


WORST = table(
    ("1", "ALT", 30.0, "W2", "01-10"), ("1", "ALT", 90.0, "W4", "01-20"), ("1", "ALT", 90.0, "W6", "01-30"),
    ("1", "ALT", None, "W8", "02-10"), ("2", "ALT", None, "W2", "01-10"),
    columns="PARAMCD AVAL AVISIT ADT", dates=("ADT",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("order", "take", "visit", "kind"),
    [
        ("AVAL", "last", "W6", "MAXIMUM"),  # of two as high the last as it came
        (["-AVAL", "ADT"], "first", "W4", "MAXIMUM"),
        ("AVAL", "first", "W2", "MINIMUM"),
        ("ADT", "last", "W6", "LOV"),  # W8 has no value
        ("ADT", "first", "W2", "FIRST"),
    ],
)
def test_the_extreme_record_of_a_group(order: str | list[str], take: str, visit: str, kind: str) -> None:
    made = make("extreme_records", {"ADLB": WORST}, of="ADLB.AVAL", by="PARAMCD", order=order, take=take,
                keep="AVISIT")  # fmt: skip
    (row,) = made.frame.to_dicts()  # subject 2 has no value
    at = ["W2", "W4", "W6"].index(visit)
    assert (row["AVISIT"], row["AVAL"], row["DTYPE"]) == (visit, [30.0, 90.0, 90.0][at], kind)
    assert sources(made) == [[at + 1]]
    assert made.decisions is not None and made.decisions.filter("chosen").height == 1
    assert made.decisions.height == 3


def test_a_value_that_cannot_be_read_may_be_the_worst() -> None:
    made = make("extreme_records", {"ADLB": unreadable(WORST)}, of="ADLB.AVAL", by="PARAMCD", order="AVAL",
                take="last")  # fmt: skip
    assert made.frame["AVAL"].to_list() == [None, None]
    assert [f.subject for f in made.findings] == ["1", "2"]


COURSE = table(
    ("1", "SYSBP", 150.0, "Baseline", 0.0), ("1", "SYSBP", 140.0, "Week 2", 2.0),
    ("2", "SYSBP", 130.0, "Baseline", 0.0), ("2", "SYSBP", None, "Week 2", 2.0),
    ("3", "SYSBP", 120.0, "Week 4", 4.0), ("1", "PULSE", 70.0, "Week 4", 4.0),
    columns="PARAMCD AVAL AVISIT AVISITN",
)  # fmt: skip
CARRY = {
    "of": "ADVS.AVAL", "by": "PARAMCD", "visit": "AVISIT", "number": "AVISITN",
}  # fmt: skip


def test_the_last_observation_is_carried_to_expected_visits() -> None:
    """1: Week 4 from Week 2; 2: Week 2, without a value, and Week 4 from the baseline; 3: nothing before."""
    made = make("carried_forward", {"ADVS": COURSE}, **CARRY)
    assert made.frame.rows() == [
        ("1", "SYSBP", "Week 4", 4.0, 140.0, "LOCF"),
        ("2", "SYSBP", "Week 2", 2.0, 130.0, "LOCF"), ("2", "SYSBP", "Week 4", 4.0, 130.0, "LOCF"),
    ]  # fmt: skip
    assert sources(made) == [[2], [3], [3]]


def test_what_cannot_be_read_is_carried_as_not_known() -> None:
    """2 has a value at Week 2 that cannot be read: no record there, and a null one at Week 4."""
    made = make("carried_forward", {"ADVS": unreadable(COURSE)}, **CARRY)
    assert made.frame.filter(pl.col("USUBJID") == "2").rows() == [("2", "SYSBP", "Week 4", 4.0, None, "LOCF")]
    assert [f.subject for f in made.findings] == ["2"]


def test_only_what_may_be_carried_is() -> None:
    made = make("carried_forward", {"ADVS": COURSE}, **CARRY, where="AVISITN > 0")
    assert made.frame.rows() == [("1", "SYSBP", "Week 4", 4.0, 140.0, "LOCF")]


def test_expected_visits_may_be_said() -> None:
    made = make(
        "carried_forward", {"ADVS": COURSE}, **CARRY, expected={"Week 6": 6}, where="PARAMCD = 'PULSE'"
    )
    assert made.frame.rows() == [("1", "PULSE", "Week 6", 6.0, 70.0, "LOCF")]


def test_a_record_is_made_for_each_expected_visit_without_one() -> None:
    """Of 3 visits, 1 has two of SYSBP and 2 two (one without a value); 4 is not in the set."""
    adsl = table(("1", "Y"), ("2", "Y"), ("4", "N"), columns="SAFFL")
    made = make(
        "expected_records", {"ADSL": adsl, "ADVS": COURSE}, subjects="ADSL.SAFFL", where="SAFFL = 'Y'",
        parameters=[{"PARAMCD": "SYSBP", "PARAM": "Systolic", "PARAMN": 1}], parameter="ADVS.PARAMCD",
        visit="ADVS.AVISIT", number="ADVS.AVISITN",
    )  # fmt: skip
    assert made.frame.drop("PARAM", "PARAMN").rows() == [
        ("1", "SYSBP", "Week 4", 4.0, "PHANTOM", None), ("2", "SYSBP", "Week 4", 4.0, "PHANTOM", None),
    ]  # fmt: skip
    assert sources(made) == [[1], [2]]


ADSL = table(
    ("1", 10, "A", "01-05"),
    ("2", None, "B", None),
    ("3", 30, None, None),
    columns="DURD ARM DAY",
    dates=("DAY",),
)
SPLIT = [
    {"PARAMCD": "DUR", "PARAM": "Duration", "PARAMN": 3, "of": "ADSL.DURD"},
    {"PARAMCD": "ARM", "PARAM": "Arm", "PARAMN": 4, "of": "ADSL.ARM"},
    {"PARAMCD": "DAY", "PARAM": "Day", "PARAMN": 5, "of": "ADSL.DAY"},
]


def test_a_record_is_split_into_parameters() -> None:
    """A number is AVAL, a text AVALC, a date ADT; what has no value makes no record."""
    made = make("split_records", {"ADSL": ADSL}, parameters=SPLIT)
    found = made.frame.select("USUBJID", "PARAMCD", "PARAMN", "AVAL", "AVALC", "ADT").rows()
    assert found == [
        ("1", "DUR", 3, 10.0, None, None), ("3", "DUR", 3, 30.0, None, None),
        ("1", "ARM", 4, None, "A", None), ("2", "ARM", 4, None, "B", None),
        ("1", "DAY", 5, None, None, datetime.date(2024, 1, 5)),
    ]  # fmt: skip
    assert sources(made) == [[1], [3], [1], [2], [1]]


def test_records_are_split_of_one_dataset() -> None:
    with pytest.raises(SpecError, match="2 datasets"):
        make("split_records", {"ADSL": ADSL}, parameters=[SPLIT[0], SPLIT[1] | {"of": "DM.ARM"}])


RESPONSES = table(
    ("1", "CR", 1, "01-01"), ("1", "CR", 1, "01-20"), ("1", "CR", 1, "02-05"), ("1", "PD", 4, "03-01"),
    ("2", "PR", 2, "01-01"), ("2", "SD", 3, "02-15"), ("2", "PR", 2, "03-15"), ("3", "CR", 1, "01-01"),
    columns="AVALC AVAL ADT", dates=("ADT",),
)  # fmt: skip


def test_a_record_that_a_later_one_bears_out() -> None:
    """1: 1 January by 5 February, 35 days; 20 January lies too near. 2: PR by PR after 74 days. 3: none."""
    made = make("joined_records", {"ADRS": RESPONSES}, of="ADRS.AVALC", date="ADT", first="AVAL <= 2",
                later="AVAL <= 2", between="later.AVAL <= AVAL", min_days=28)  # fmt: skip
    assert made.frame.rows() == [
        ("1", datetime.date(2024, 1, 1), "CR"), ("2", datetime.date(2024, 1, 1), "PR"),
    ]  # fmt: skip
    assert sources(made) == [[1, 3], [5, 7]]


def test_a_record_without_a_day_is_told() -> None:
    undated = RESPONSES.with_columns(pl.when(pl.col(ROW) != 8).then("ADT").alias("ADT"))
    made = make("joined_records", {"ADRS": undated}, of="ADRS.AVALC", date="ADT", first="AVAL <= 2")
    assert [(f.severity, f.row) for f in made.findings] == [("warning", 8)]


def test_a_later_record_counts_only_within_its_days() -> None:
    made = make("joined_records", {"ADRS": RESPONSES}, of="ADRS.AVALC", date="ADT", first="AVAL <= 2",
                later="AVAL <= 2", min_days=28, max_days=60)  # fmt: skip
    assert made.frame.rows() == [("1", datetime.date(2024, 1, 1), "CR")]


CHANGES = table(
    ("1", "SYSBP", 122.0, 2.0, "W2", "01-10"), ("1", "SYSBP", 118.0, -2.0, "W4", "01-20"),
    columns="PARAMCD AVAL CHG AVISIT ADT", dates=("ADT",),
)  # fmt: skip
LARGEST: dict[str, Any] = {"of": "ADVS.CHG", "by": "PARAMCD", "order": "CHG", "take": "last"}


@pytest.mark.parametrize(
    ("rule", "parameters"),
    [
        ("extreme_records", LARGEST),
        ("summary_records", {"of": "ADVS.CHG", "by": "PARAMCD", "statistic": "mean"}),
        ("carried_forward", CARRY | {"of": "ADVS.CHG", "number": "AVAL", "expected": {"W6": 6}}),
        ("joined_records", {"of": "ADVS.CHG", "by": "PARAMCD", "date": "ADT"}),
    ],
)
def test_a_change_is_no_value_of_its_parameter(rule: str, parameters: dict[str, Any]) -> None:
    """A systolic pressure with the AVAL 2 would be one: the change has a parameter of its own."""
    with pytest.raises(SpecError, match="CHG would stand in AVAL as a value of the parameter"):
        make(rule, {"ADVS": CHANGES.clear()}, **parameters)


def test_the_largest_change_is_a_parameter_of_its_own() -> None:
    own = LARGEST | {"by": ["AVISIT"], "where": "PARAMCD = 'SYSBP' AND AVISIT = 'W2'"}
    assert make("extreme_records", {"ADVS": CHANGES}, **own).frame["AVAL"].to_list() == [2.0]
    with pytest.raises(SpecError, match="AVAL of the record is CHG"):
        make("extreme_records", {"ADVS": CHANGES}, **own, keep="AVAL")


@pytest.mark.parametrize(("of", "says"), [("ADT", "ADT is a date; min is of"), ("AVISIT", "AVISIT is text")])
def test_a_date_or_a_text_is_not_summarised(of: str, says: str) -> None:
    """The first day would be AVAL 19732, the days since 1970."""
    asked = {"of": f"ADVS.{of}", "by": ["PARAMCD"] if of == "ADT" else [], "statistic": "min"}
    with pytest.raises(SpecError, match=says):
        make("summary_records", {"ADVS": CHANGES}, **asked)


def test_a_choice_names_its_records_by_what_they_say() -> None:
    """Not by a number: those of the finished dataset are given later."""
    made = make("extreme_records", {"ADLB": WORST}, of="ADLB.AVAL", by="PARAMCD", order=["AVAL", "ADT"],
                take="last", keep="AVISIT")  # fmt: skip
    assert made.decisions is not None
    assert made.decisions["candidate"].to_list() == [
        "ADT 2024-01-10, AVISIT W2", "ADT 2024-01-20, AVISIT W4", "ADT 2024-01-30, AVISIT W6",
    ]  # fmt: skip


def test_a_visit_of_another_name_is_told() -> None:
    """Number 2 is Week 2 in the records, so that no Week 3 is made: two names of one visit, or two visits."""
    expected = {"Week 3": 2, "Week 4": 4}
    carried = make("carried_forward", {"ADVS": COURSE}, **CARRY, expected=expected)
    assert set(carried.frame["AVISIT"]) == {"Week 3", "Week 4"}  # 2 has no value at Week 2
    wanted = ("visit 2 is 'Week 2' in {count} records and expected as 'Week 3': taken as one", 1)
    assert [(f.message, f.count) for f in carried.findings] == [wanted]
    adsl = table(("1", "Y"), columns="SAFFL")
    made = make(
        "expected_records", {"ADSL": adsl, "ADVS": COURSE}, subjects="ADSL.SAFFL", parameter="ADVS.PARAMCD",
        parameters=[{"PARAMCD": "SYSBP", "PARAM": "Systolic", "PARAMN": 1}], visit="ADVS.AVISIT",
        number="ADVS.AVISITN", expected=expected,
    )  # fmt: skip
    assert made.frame["AVISIT"].to_list() == ["Week 4"]
    assert [(f.message, f.count) for f in made.findings] == [(wanted[0], 2)]


@pytest.mark.parametrize(
    ("expected", "says"), [({"W2": 2, "Week 2": 2}, "number 2: W2, Week 2"), ({}, "No v")]
)
def test_expected_visits_have_numbers_of_their_own(expected: dict[str, float], says: str) -> None:
    study = STUDY.model_copy(update={"visits": ()})
    rule = rules()["carried_forward"]
    typed = rule.read(CARRY | {"expected": expected}, NOWHERE)
    with pytest.raises(SpecError, match=says):
        rule.function(fetching({"ADVS": COURSE}), **typed, study=study, at=NOWHERE)


def test_a_value_that_cannot_be_read_is_split_as_not_known() -> None:
    """2's duration was collected and cannot be read: a record without a value, told."""
    lost = ADSL.with_columns(pl.col("DURD").is_null().alias("DURD" + UNREAD))
    made = make("split_records", {"ADSL": lost}, parameters=SPLIT[:1])
    assert made.frame.select("USUBJID", "AVAL").rows() == [("1", 10.0), ("2", None), ("3", 30.0)]
    assert [(f.subject, f.message) for f in made.findings] == [("2", "the value of DUR cannot be read: null")]


def test_a_later_record_without_a_day_is_told() -> None:
    """That of 15 March could bear out 2's PR; of 3 there is nothing else that it could bear out."""
    undated = RESPONSES.with_columns(pl.when(~pl.col(ROW).is_in([7, 8])).then("ADT").alias("ADT"))
    made = make("joined_records", {"ADRS": undated}, of="ADRS.AVALC", date="ADT",
                first="AVAL <= 2 AND ADT IS NOT NULL", later="AVAL <= 2", min_days=28)  # fmt: skip
    assert made.frame["USUBJID"].to_list() == ["1"]
    assert [(f.severity, f.row) for f in made.findings] == [("warning", 7)]
    assert "bears out no other" in made.findings[0].message


def test_a_record_of_the_same_day_is_not_a_later_one() -> None:
    same = table(("1", 1.0, "01-01"), ("1", 1.0, "01-01"), columns="AVAL ADT", dates=("ADT",))
    assert make("joined_records", {"ADRS": same}, of="ADRS.AVAL", date="ADT").frame.is_empty()
