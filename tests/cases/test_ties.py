"""Floats that decimal arithmetic makes equal are ties, and reach the limits that they equal."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tlfgen.adam.derive_matching_value import derive_matching_value
from tlfgen.adam.derive_target_response import derive_target_response
from tlfgen.analysis.source import text_of
from tlfgen.engine.keyed import first_by, last_by
from tlfgen.engine.registry import ROW, Derived
from tlfgen.sdtm.derive_one_value import derive_one_value
from tlfgen.sdtm.derive_range_indicator import derive_range_indicator
from tlfgen.spec.significant import significant

TWICE = [3.3, 3 * 1.1]  # 3.3 and 3.3000000000000003


def test_the_first_of_equal_values_is_the_earlier_record() -> None:
    frame = pl.DataFrame({"USUBJID": ["1", "1"], ROW: [1, 2], "AVAL": TWICE[::-1], "ADY": [1, 2]})
    assert first_by(frame, ["USUBJID"], ["AVAL", "ADY"])[ROW].to_list() == [1]
    assert first_by(frame, ["USUBJID"], ["-AVAL", "ADY"])[ROW].to_list() == [1]
    assert last_by(frame, ["USUBJID"], ["AVAL", "ADY"])[ROW].to_list() == [2]


def test_one_value_in_two_spellings_of_a_float_is_one_value() -> None:
    rows = pl.DataFrame({"USUBJID": ["1"], ROW: [1], "KEY": ["a"]})
    records = pl.DataFrame({"USUBJID": ["1", "1"], ROW: [1, 2], "AVAL": TWICE, "K": ["a", "a"]})
    for found in (
        derive_one_value(rows, records, of="LB.AVAL"),
        derive_matching_value(rows, records, of="LB.AVAL", by=("KEY",), match=("LB.K",)),
    ):
        assert isinstance(found, Derived) and isinstance(found.values, pl.Series)
        assert found.values.to_list() == [3.3] and not found.findings


def test_a_computed_limit_is_normal() -> None:
    """SDTMIG 3.4, --NRIND: the limits themselves are normal; 3 x 1.1 is 3.3."""
    rows = pl.DataFrame({"R": [3.3, 3 * 1.1, 3.4], "LO": [0.0] * 3, "HI": [3 * 1.1, 3.3, 3.3]})
    found = derive_range_indicator(rows, result="R", low="LO", high="HI")
    assert found.to_list() == ["NORMAL", "NORMAL", "HIGH"]


def test_levels_are_named_at_12_digits() -> None:
    frame = pl.DataFrame({"AVAL": [*TWICE, 3.0, None]})
    assert frame.select(text_of(frame, "AVAL"))["AVAL"].to_list() == ["3.3", "3.3", "3", None]


tenths = st.integers(50, 3000).map(lambda n: Decimal(n) / 10)


@settings(max_examples=200)
@given(st.lists(tenths, min_size=1, max_size=20))
def test_the_limits_of_response_themselves_count_as_reached(sums: list[Decimal]) -> None:
    """RECIST 1.1, 4.3.1: at least 30 % below the baseline is PR, at least 20 % (and 5 mm) above the nadir PD;
    a millimetre's hundredth less is neither. Decimal arithmetic is the truth."""
    for share, sign, reached in (("0.3", -1, "PR"), ("0.2", 1, "PD")):
        change = [max(s * Decimal(share), Decimal(5) if sign > 0 else Decimal(0)) for s in sums]
        for less, response in ((Decimal(0), reached), (Decimal("0.01"), "SD")):
            after = [float(s + sign * (c - less)) for s, c in zip(sums, change, strict=True)]
            before = [float(s) for s in sums]
            rows = pl.DataFrame({"AVAL": after, "BASE": before, "NADIR": before, "MEASURED": after})
            rows = rows.with_columns(pl.lit(1).alias("NLEFT"))
            assert derive_target_response(rows).to_list() == [response] * len(sums)


def test_twelve_digits() -> None:
    """By hand, decimals on the right; more digits in front of the point than 12 are kept whole."""
    cases = {1.5 * 1.2: 1.8, 3 * 1.1: 3.3, 9.99999999999999e-06: 1e-05, 1e15 + 0.25: 1e15, -3 * 1.1: -3.3,
             123456789012345.0: 123456789012345.0, 0.0: 0.0, 1.23456789012: 1.23456789012}  # fmt: skip
    frame = pl.DataFrame({"x": list(cases)})
    assert frame.select(significant(pl.col("x")))["x"].to_list() == list(cases.values())
    nothing = pl.DataFrame({"x": [None, float("inf")]})
    assert nothing.select(significant(pl.col("x")))["x"].to_list() == [None, float("inf")]
