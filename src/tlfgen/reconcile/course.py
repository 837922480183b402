"""A value that departs from its subject's own course: a missing digit, another unit, another subject."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import number
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check
from tlfgen.spec.significant import significant

MEASURED = ("VS", "LB", "EG", "CV", "RE")  # scores and lesions do change by steps
FEW = 0.05  # a test with more negative values has them (a base excess)
NORMAL_SCALE = 1.4826  # the median absolute deviation of a normal distribution, as its standard deviation


@check(severity="warning")
def check_own_course(
    data: Data,
    *,
    times_spread: float = 12,
    least_spread_percent: float = 1.25,
    most_spread_percent: float = 10,
    not_for: tuple[str, ...] = (),
) -> Iterator[Found]:
    """No measurement departs alone from the subject's other values of the test.

    A value is told where it lies, on the scale of logarithms, `times_spread` spreads from the median of the
    subject's other values, and more than half of that from the value before or after it. The spread is the
    median over all subjects of how far a value lies from the median of its subject's others, scaled as a
    standard deviation; at least `least_spread_percent` and the smallest step of the test's values. A test
    with a spread above `most_spread_percent` is not judged: its values do jump (liver enzymes). Nor are
    subjects with fewer than three values, and values of 0 or below. not_for: tests (--TESTCD) to leave out.
    """
    for name in (n for n in MEASURED if n in data):
        frame = data[name]
        test, value = f"{name}TESTCD", f"{name}STRESN"
        if {test, value} <= set(frame.columns):
            measured = frame.filter(~pl.col(test).is_in(not_for))
            own = measured.filter(number(measured, value) > 0)
            limits = (times_spread, least_spread_percent / 100, most_spread_percent / 100)
            rows = _departing(_against_others(own, name, limits[1]), limits)
            told = (test, f"{name}DTC", value, "median of the others", "usual spread in %")
            shown = rows.select(
                ROW, SUBJECT, test, value, *(c for c in (f"{name}DTC",) if c in rows.columns),
                pl.col("other").exp().round(2).alias("median of the others"),
                (100 * pl.col("spread")).round(1).alias("usual spread in %"),
            )  # fmt: skip
            yield Found(name, "the value departs from the subject's other values", shown, told, value)


@check(severity="warning")
def check_below_zero(data: Data) -> Iterator[Found]:
    """No measurement is below zero, where at most one of its test is, or one in twenty."""
    for name in (n for n in MEASURED if n in data):
        frame, value = data[name], f"{name}STRESN"
        if {f"{name}TESTCD", value} <= set(frame.columns):
            below = (number(frame, value) < 0).fill_null(value=False)
            n = pl.len().over(_of_a_test(frame, name))
            few = below.sum().over(_of_a_test(frame, name)) <= pl.max_horizontal(pl.lit(1), FEW * n)
            rows = frame.filter(below, few, n > 2)
            message = "the value is below zero, and others of the test are not"
            yield Found(name, message, rows, (f"{name}TESTCD", f"{name}DTC", value), value)


def _of_a_test(frame: pl.DataFrame, name: str) -> list[str]:
    """What tells one test from another: protein in urine is not that in serum."""
    return [c for c in (f"{name}{v}" for v in ("TESTCD", "CAT", "SPEC", "METHOD")) if c in frame.columns]


def _against_others(own: pl.DataFrame, name: str, least: float) -> pl.DataFrame:
    """Each value's logarithm, how far it lies from the others of its subject, and the spread of its test."""
    value, test = f"{name}STRESN", _of_a_test(own, name)
    keys = [SUBJECT, *test]
    order = [c for c in (f"{name}DTC", "VISITNUM", ROW) if c in own.columns]
    measured = number(own, value)
    logs = own.sort(order, nulls_last=True).with_columns(measured.log().alias("log"))
    steps = own.select(*test, measured.alias("v")).unique().sort("v")
    steps = steps.group_by(test).agg(pl.col("v").diff().min().alias("step"))
    logs = logs.join(steps, on=test, how="left", nulls_equal=True, maintain_order="left")
    logs = logs.with_columns(_median_of_others(keys).alias("other"), pl.len().over(keys).alias("n"))
    logs = logs.filter(pl.col("n") >= 3).with_columns((pl.col("log") - pl.col("other")).abs().alias("off"))
    usual = (pl.col("off").median() * NORMAL_SCALE).over(test)
    return logs.with_columns(
        usual.alias("usual"),
        pl.max_horizontal(usual, pl.lit(least), pl.col("step") / pl.col("other").exp()).alias("spread"),
        pl.col("off").max().over(keys).alias("most off"),
        (pl.col("log") - pl.col("log").shift(1).over(keys)).abs().alias("before"),
        (pl.col("log") - pl.col("log").shift(-1).over(keys)).abs().alias("after"),
    )


def _departing(logs: pl.DataFrame, limits: tuple[float, float, float]) -> pl.DataFrame:
    times, _, most = limits
    limit, off = significant(times * pl.col("spread")), significant(pl.col("off"))
    jumps = significant(pl.max_horizontal("before", "after")) > significant(limit / 2)
    furthest = (off == significant(pl.col("most off"))) | (pl.col("n") > 3)  # of three, the one apart
    usual = significant(pl.col("usual")) <= most
    return logs.filter(usual, off > limit, jumps.fill_null(value=False) & furthest).sort(ROW)


def _median_of_others(keys: list[str]) -> pl.Expr:
    """The median of the group without the value itself: of n sorted values, those about the middle of the
    n - 1 that are left."""
    n, place = pl.len().cast(pl.Int64), pl.col("log").rank("ordinal").cast(pl.Int64) - 1
    ordered, half = pl.col("log").sort(), pl.len().cast(pl.Int64) // 2

    def at(index: pl.Expr) -> pl.Expr:
        return ordered.get(index, null_on_oob=True)

    even = pl.when(place < half).then(at(half)).otherwise(at(half - 1))
    below, middle, above = at(half - 1), at(half), at(half + 1)
    odd = (
        pl.when(place < half).then((middle + above) / 2)
        .when(place == half).then((below + above) / 2)
        .otherwise((below + middle) / 2)
    )  # fmt: skip
    return pl.when(n % 2 == 0).then(even).otherwise(odd).over(keys)
