"""Each parameter of a derivation that a spec may leave out changes what is derived where it is given.

A parameter that names a variable or holds a condition shows itself in the examples; the rest stand here. A
parameter that is not listed fails, and so does one that changes nothing.
"""

from __future__ import annotations

from datetime import date as day
from typing import Any

import polars as pl
import pytest
from properties.test_derivations import EVENTS, EXAMPLES, HANDED_IN, NAMES, READINGS

from tlfgen.engine.registry import Derived, rules
from tlfgen.spec.condition import parse_condition

AFTER = {"when": "post_baseline", "date": "ADT", "reference": "TRTSDT"}
GRADED = {"severity": "AESEV", "initial_severity": "ISEV", "severities": ("MILD", "SEVERE", "FATAL")}
BEGUN = EVENTS.with_columns(
    pl.lit(day(2014, 1, 1)).alias("ASTDT"),
    pl.lit(None, dtype=pl.Date).alias("AENDT"),
    pl.lit("MILD").alias("ISEV"),
)
LATER = BEGUN.with_columns(pl.lit(day(2015, 1, 1)).alias("ASTDT"))
UNREAD = EVENTS.with_columns(
    pl.lit(None, dtype=pl.Date).alias("ASTDT"),
    pl.lit("31 Mai").alias("ASTDT#text"),
    pl.lit(True).alias("ASTDT#unread"),
)
PARTIAL_DOSE = EVENTS.with_columns(
    pl.lit(None, dtype=pl.Date).alias("TRTSDT"), pl.lit("2014").alias("TRTSDT#text")
)
ON_DAY = READINGS.with_columns(ADT="TRTSDT", AVAL=pl.lit(1.0), BASE=pl.lit(2.0))
MINUTES = EVENTS.with_columns(pl.lit("2014-03-05T10:30").alias("AESTDTC"))
MILD = parse_condition("AESEV = 'MILD'")

# rule, parameter: its other value, and the rows and further parameters with which that tells
OPTIONS: dict[tuple[str, str], tuple[Any, pl.DataFrame | None, dict[str, Any]]] = {
    ("analysis_flag", "pick"): ("first", None, {}),
    ("analysis_visit", "baseline_name"): ("Start", None, {"baseline": "ABLFL"}),
    ("baseline_flag", "same_day"): ("after", None, {}),
    ("change", "when"): ("all", None, {}),
    ("change", "same_day"): ("before", ON_DAY, AFTER),
    ("percent_change", "when"): ("post_baseline", None, {k: v for k, v in AFTER.items() if k != "when"}),
    ("percent_change", "same_day"): ("after", ON_DAY, AFTER),
    ("duration", "unit"): ("weeks", None, {}),
    ("exposure_total", "doses_per_day"): (2.0, None, {}),
    ("exposure_total", "days_only"): (True, None, {}),
    ("exposure_total", "partial"): ("most", None, {}),
    ("flag_where", "value"): ("YES", None, {}),
    ("flag_where", "otherwise"): ("N", None, {"where": MILD}),
    ("flag_where", "unknown_as"): ("U", None, {"where": MILD}),
    ("has_record", "value"): ("YES", None, {}),
    ("has_record", "otherwise"): ("N", None, {}),
    ("impute_datetime", "missing"): (None, None, {}),
    ("impute_datetime", "seconds"): ("not_collected", MINUTES, {}),
    ("joined_flag", "min_days"): (4000, None, {}),
    ("joined_flag", "max_days"): (0, None, {"min_days": 0}),
    ("in_group", "value"): ("YES", None, {}),
    ("in_group", "otherwise"): ("N", None, {}),
    ("in_group", "unknown_as"): ("U", None, {}),
    ("last_before_dose", "same_day"): ("after", None, {}),
    ("number_of", "else_"): (None, None, {}),
    ("ratio", "times"): (0.5, None, {}),
    ("target_response", "decrease_percent"): (40, None, {}),
    ("target_response", "increase_percent"): (90, None, {}),
    ("target_response", "increase_mm"): (40, None, {}),
    ("treatment_emergent", "end_window_days"): (None, LATER, {}),
    ("treatment_emergent", "severities"): (("FATAL", "SEVERE", "MILD"), BEGUN, GRADED),
    ("treatment_emergent", "missing_start"): ("not", None, {}),
    ("treatment_emergent", "unreadable_start"): ("emergent", UNREAD, {}),
    ("treatment_emergent", "undecided"): ("not", PARTIAL_DOSE, {}),
    ("treatment_emergent", "otherwise"): ("N", None, {}),
}  # fmt: skip


def options(name: str) -> set[str]:
    """The parameters of a rule that may be left out, and are no names of variables nor conditions."""
    rule = rules()[name]
    return {n for n, f in rule.parameters.model_fields.items() if not f.is_required() and n not in rule.kinds}


def told(name: str, rows: pl.DataFrame, parameters: dict[str, Any]) -> tuple[list[list[Any]], int]:
    """The values that a rule gives, and how many findings."""
    rule, example = rules()[name], EXAMPLES[name]
    defaults = {n: f.default for n, f in rule.parameters.model_fields.items() if not f.is_required()}
    given = {**defaults, **example.parameters, **parameters, **{k: HANDED_IN[k] for k in rule.handed_in}}
    found = rule.function(rows, *([example.records] if rule.takes_records else []), **given)
    derived = found if isinstance(found, Derived) else Derived(found)
    columns = [derived.values] if isinstance(derived.values, pl.Series) else derived.values.values()
    return [c.to_list() for c in columns], len(derived.findings)


def test_every_option_has_another_value_here() -> None:
    there = {(name, option) for name in NAMES for option in options(name)}
    assert there == set(OPTIONS)


@pytest.mark.parametrize(("name", "option"), sorted(OPTIONS))
def test_an_option_changes_what_is_derived(name: str, option: str) -> None:
    other, rows, more = OPTIONS[name, option]
    rows = EXAMPLES[name].rows if rows is None else rows
    assert told(name, rows, more) != told(name, rows, {**more, option: other})
