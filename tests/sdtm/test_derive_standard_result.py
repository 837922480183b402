"""standard_result and the units beneath it."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

from tlfgen.data.units import convert, half_up, number, shortest
from tlfgen.engine.registry import ROW
from tlfgen.sdtm.derive_standard_result import StandardUnit, derive_standard_result

STANDARDS = {
    "TEMP": StandardUnit(unit="C", decimals=2),
    "WEIGHT": StandardUnit(unit="kg", decimals=2),
    "HEIGHT": StandardUnit(unit="cm"),
}


# The conversions of the public trial's vital signs (pharmaversesdtm, vs): 98.6 F is 37 C by definition,
# 1 lb is 0.45359237 kg and 1 in is 2.54 cm (NIST SP 811, Appendix B).
@pytest.mark.parametrize(
    ("test", "text", "unit", "expected"),
    [
        ("TEMP", "98.6", "F", (37.0, "37", "C", False)),
        ("TEMP", "093.7", "F", (34.28, "34.28", "C", False)),
        ("TEMP", "99.4", "F", (37.44, "37.44", "C", False)),
        ("TEMP", "37.0", "C", (37.0, "37", "C", False)),
        ("TEMP", "-40", "F", (-40.0, "-40", "C", False)),
        ("WEIGHT", "194.0", "LB", (88.0, "88", "kg", False)),
        ("WEIGHT", "116.0", "LB", (52.62, "52.62", "kg", False)),
        ("WEIGHT", "70.125", "kg", (70.125, "70.125", "kg", False)),
        ("HEIGHT", "059.0", "IN", (149.86, "149.86", "cm", False)),
        ("HEIGHT", "1.72", "m", (172.0, "172", "cm", False)),
        ("SYSBP", "0120", "mmHg", (120.0, "120", "mmHg", False)),
        ("SYSBP", "1e3", "mmHg", (None, "1e3", "mmHg", False)),
        ("TEMP", "NOT DONE", "F", (None, "NOT DONE", "F", False)),
        ("TEMP", "<35", "F", (None, "<35", "F", False)),
        ("TEMP", None, "F", (None, None, None, False)),
        ("TEMP", " ", "F", (None, None, None, False)),
        ("TEMP", "98.6", None, (None, None, None, True)),
        ("WEIGHT", "116", "cm", (None, None, None, True)),
        ("WEIGHT", "116", "stone", (None, None, None, True)),
    ],
)
def test_standard_result(
    test: str, text: str | None, unit: str | None, expected: tuple[float | None, str | None, str | None, bool]
) -> None:
    frame = pl.DataFrame(
        {"USUBJID": ["1"], ROW: [1], "VSTESTCD": [test], "VSORRES": [text], "VSORRESU": [unit]},
        schema_overrides={"VSORRES": pl.String, "VSORRESU": pl.String},
    )
    found = derive_standard_result(
        frame,
        result="VSORRES",
        unit="VSORRESU",
        test="VSTESTCD",
        standards=STANDARDS,
        text_to="C",
        unit_to="U",
    )
    assert isinstance(found.values, dict)
    assert (*(found.values[k][0] for k in ("", "C", "U")), bool(found.findings)) == expected
    assert {f.severity for f in found.findings} <= {"error"}


def test_a_number_that_the_form_found_impossible_has_no_standard_result() -> None:
    frame = pl.DataFrame(
        {
            "USUBJID": ["1", "1"],
            ROW: [1, 2],
            "T": ["TEMP"] * 2,
            "R": ["986", "98.6"],
            "U": ["F", "F"],
            "RESULT": [None, 98.6],
        }
    )
    found = derive_standard_result(
        frame, result="R", unit="U", test="T", value="RESULT", standards=STANDARDS, text_to="C"
    )
    assert isinstance(found.values, dict)
    assert [found.values[k].to_list() for k in ("", "C")] == [[None, 37.0], [None, "37"]]


# Half away from zero, on the exact value: 2.675 is below the half as a binary float, and is the half here.
@pytest.mark.parametrize(
    ("text", "decimals", "rounded"),
    [
        ("2.675", 2, "2.68"), ("-2.675", 2, "-2.68"), ("0.5", 0, "1"), ("-0.5", 0, "-1"), ("1.25", 1, "1.3"),
        ("-0.004", 2, "0"), ("2.4999", 0, "2"), ("1005", None, "1005"), ("0.1", None, "0.1"),
    ],
)  # fmt: skip
def test_half_up(text: str, decimals: int | None, rounded: str) -> None:
    value = number(text)
    assert value is not None
    assert shortest(half_up(value, decimals)) == rounded


def test_without_decimals_twelve_significant_digits_stay() -> None:
    assert shortest(half_up(Fraction(1, 3), None)) == "0.33333333333"
    assert shortest(half_up(Fraction(200, 3), None)) == "66.6666666667"


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        ("1", "lb", "g", "453.59237"), ("1", "oz", "g", "28.349523125"), ("12", "in", "ft", "1"),
        ("212", "F", "C", "100"), ("0", "C", "K", "273.15"), ("-459.67", "F", "K", "0"),
        ("5", "mg/dL", "g/L", "0.05"), ("1", "ug/mL", "mg/L", "1"), ("2", "mmol/L", "umol/L", "2000"),
    ],
)  # fmt: skip
def test_convert(value: str, unit: str, to: str, expected: str) -> None:
    assert convert(Fraction(value), unit, to) == Fraction(expected)


@pytest.mark.parametrize(
    ("unit", "to"), [("mg/dL", "mmol/L"), ("mmHg", "kg"), ("F", "kg"), ("mg/dL/kg", "g/L"), ("", "g")]
)
def test_what_does_not_convert(unit: str, to: str) -> None:
    assert convert(Fraction(1), unit, to) is None


@pytest.mark.parametrize("text", ["", "1,5", "1.", ".5", "1 000", "1_000", "0-3", "1e3", "NaN", "\u0663"])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None
