"""range_indicator: expected words from the rule of SDTMIG 3.4 for --NRIND, limits included in the range."""

from __future__ import annotations

import polars as pl
import pytest

from tlfgen.engine.registry import ROW
from tlfgen.sdtm.derive_range_indicator import derive_range_indicator


@pytest.mark.parametrize(
    ("result", "low", "high", "expected"),
    [
        ("12.9", "13", "17.5", "LOW"),
        ("13", "13", "17.5", "NORMAL"),
        ("13.0", "13", "17.5", "NORMAL"),
        ("17.5", "13", "17.5", "NORMAL"),
        ("17.6", "13", "17.5", "HIGH"),
        (" 9 ", "10", None, "LOW"),
        ("11", "10", None, "NORMAL"),
        ("11", None, "10", "HIGH"),
        ("11", None, None, None),
        ("9", "ten", "12", None),  # it may be low: a limit that cannot be read is not one that was not given
        ("13", "ten", "12", "HIGH"),
        ("9", "", "12", "NORMAL"),
        ("<=3.4", "3.4", "20.5", None),  # it may be 3.4, which is normal
        (">=20.5", "3.4", "20.5", None),
        (">=20.6", "3.4", "20.5", "HIGH"),
        ("<3.4", "3.4", "20.5", "LOW"),
        ("< 3", "3.4", "20.5", "LOW"),
        ("<=3", "3.4", "20.5", "LOW"),
        ("<5", "3.4", "20.5", None),  # may be low or normal
        (">20.5", "3.4", "20.5", "HIGH"),
        (">10", "3.4", "20.5", None),
        ("<3.4", None, "20.5", None),
        ("NEGATIVE", "3.4", "20.5", None),
        (None, "3.4", "20.5", None),
        ("", "3.4", "20.5", None),
    ],
)
def test_where_a_result_lies(
    result: str | None, low: str | None, high: str | None, expected: str | None
) -> None:
    frame = pl.DataFrame(
        {"USUBJID": ["1"], ROW: [1], "R": [result], "L": [low], "H": [high]},
        schema_overrides={"R": pl.String, "L": pl.String, "H": pl.String},
    )
    assert derive_range_indicator(frame, result="R", low="L", high="H").to_list() == [expected]


def test_a_number_that_the_form_found_impossible_has_no_word_but_a_sign_has() -> None:
    frame = pl.DataFrame(
        {"R": ["900", "<3", "4"], "L": ["3.4"] * 3, "H": ["20.5"] * 3, "V": [None, None, 4.0]}
    )
    found = derive_range_indicator(frame, result="R", low="L", high="H", value="V")
    assert found.to_list() == [None, "LOW", "NORMAL"]
