"""A division has the same bits however many rows there are: subjects filled apart give the whole."""

from __future__ import annotations

import polars as pl
import pytest

from tlfgen.spec.expression import parse_expression
from tlfgen.spec.significant import divided

MONTH = 365.25 / 12


@pytest.mark.parametrize("height", [1, 2, 9])
def test_a_column_divided_by_a_number(height: int) -> None:
    """89 days are 2.9240246 months (by hand), to the last bit in one row as in nine."""
    frame = pl.DataFrame({"DAYS": [89] * height})
    one = frame[:1].select(divided(pl.col("DAYS"), MONTH)).item()
    several = frame.select(divided(pl.col("DAYS"), MONTH)).to_series()
    assert several.to_list() == [one] * height
    assert one == pytest.approx(2.9240246, abs=1e-7)


@pytest.mark.parametrize("height", [1, 2, 9])
def test_an_expression_divided_by_a_number(height: int) -> None:
    """The quotient is that of Python, rounded to the nearest float."""
    expression = parse_expression("DAYS / 30.4375")
    value, undefined = expression.evaluate(pl.DataFrame({"DAYS": [89] * height}))
    assert value.to_list() == [89 / 30.4375] * height and not undefined.any()
