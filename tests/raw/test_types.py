"""Types of collected values: what is one, what is not, and that both readings of it agree on every text."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from tlfgen.raw.dates import dated
from tlfgen.raw.fields import Field
from tlfgen.raw.types import Code, DecimalNumber, FreeText, Scalar, WholeNumber
from tlfgen.spec.form import CodelistSpec, FieldSpec

SIZES = CodelistSpec.model_validate({"terms": {"BIG": {"collected": ["Straße", "large"]}, "SMALL": {}}})
KINDS: dict[str, Scalar] = {
    "text": FreeText(),
    "whole": WholeNumber(),
    "decimal": DecimalNumber(),
    "code": Code("SIZE", SIZES),
    "iso date": dated("date", ()),
    "us date": dated("date", ("MM/DD/YYYY", "MM/YYYY", "YYYY")),
    "word date": dated("date", ("DD-Mon-YYYY", "UN-Mon-YYYY", "DDMonYYYY:HH:mm:SS")),
    "time": dated("time", ()),
}


def read(kind: Scalar, text: str) -> Any:
    try:
        return kind.read(text)
    except PydanticCustomError:
        return None


def says(kind: Scalar, text: str) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        kind.read(text)
    return caught.value.message()


# What is a number: a sign or none, ASCII digits, a decimal part or none. The second half of each list is what
# pydantic, polars or Python would take for one.
@pytest.mark.parametrize(
    ("text", "whole", "decimal"),
    [
        ("7", 7, 7.0), (" 7 ", 7, 7.0), ("+5", 5, 5.0), ("-5", -5, -5.0), ("007", 7, 7.0), ("-0", 0, 0.0),
        ("\u00a07\u3000", 7, 7.0), ("12.50", None, 12.5), ("-0.5", None, -0.5), ("036.2", None, 36.2),
        ("9" * 18, 10**18 - 1, 1e18), ("9" * 19, None, 1e19), ("9" * 400, None, None),
        ("0-3", None, None), ("1_000", None, None), ("1,000", None, None), ("1,5", None, None),
        ("1e5", None, None), (".5", None, None), ("5.", None, None), ("0x10", None, None),
        ("NaN", None, None),
        ("inf", None, None), ("-Infinity", None, None), ("\u0663", None, None), ("\uff11", None, None),
        ("\u00b2", None, None), ("- 5", None, None), ("+-5", None, None), ("5\u2212", None, None),
        ("", None, None), (" ", None, None), ("\u00a0", None, None), ("ND", None, None), ("<5", None, None),
    ],
)  # fmt: skip
def test_what_is_a_number(text: str, whole: int | None, decimal: float | None) -> None:
    assert read(WholeNumber(), text) == whole
    assert read(DecimalNumber(), text) == decimal
    assert WholeNumber().column(pl.Series([text])).to_list() == [whole]
    assert DecimalNumber().column(pl.Series([text])).to_list() == [decimal]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("BIG", "BIG"), ("big", "BIG"), (" Large ", "BIG"), ("STRASSE", "BIG"), ("small", "SMALL"),
        ("medium", None), ("BIG.", None), ("B IG", None), ("", None),
    ],
)  # fmt: skip
def test_what_is_a_code(text: str, value: str | None) -> None:
    kind = KINDS["code"]
    assert read(kind, text) == value
    assert kind.column(pl.Series([text])).to_list() == [value]


def test_messages_say_what_would_be_right() -> None:
    assert says(KINDS["code"], "medium") == "is not one of BIG, SMALL (codelist SIZE)"
    assert says(KINDS["whole"], "0-3") == "is no whole number"
    assert says(KINDS["whole"], "9" * 19) == "has more than 18 digits"
    assert says(KINDS["decimal"], "1,5") == "is no number (digits, with a decimal point at most)"
    assert says(KINDS["us date"], "soon") == "is no date written as MM/DD/YYYY or MM/YYYY or YYYY"
    assert says(KINDS["word date"], "31-FEB-2014") == "is no day of the calendar (written as DD-Mon-YYYY)"
    assert says(KINDS["time"], "24:00") == "is no time of day (written as HH:mm)"


def test_a_long_codelist_is_cut_in_the_message() -> None:
    many = CodelistSpec.model_validate({"terms": [f"T{n:02d}" for n in range(30)]})
    message = says(Code("MANY", many), "x")
    assert message.startswith("is not one of T00, T01,")
    assert "... (30 terms) (codelist MANY)" in message
    assert "T10" not in message


def test_text_keeps_its_indent_and_loses_what_is_blank_at_its_end() -> None:
    column = KINDS["text"].column(pl.Series(["  indented ", "x\u00a0", " ", "\t", None]))
    assert column.to_list() == ["  indented", "x", None, None, None]


CLOSE = st.text(alphabet="0123456789-+._ eETx:/,\u0663\u00a0\u3000\uff11\u017f\u212anaifNI\n", max_size=12)
DATES = st.from_regex(
    r"\A\s?[0-9]{1,4}[-/ .]?([0-9]{1,2}|[A-Za-z\u017f]{3})[-/ .]?[0-9]{0,4}(T[0-9:]{0,8})?\s?\Z"
)
ISO = st.dates().map(lambda d: d.isoformat()) | st.datetimes().map(lambda d: d.isoformat(timespec="minutes"))
WORDS = st.dates().map(lambda d: d.strftime("%d-%b-%Y")) | st.dates().map(lambda d: d.strftime("UN-%b-%Y"))
US = st.dates().map(lambda d: d.strftime("%m/%d/%Y"))
NUMBERS = st.integers().map(str) | st.floats().map(repr) | st.decimals(allow_nan=False).map("{:f}".format)
ANY = (
    st.text(max_size=12)
    | CLOSE
    | DATES
    | ISO
    | WORDS
    | US
    | NUMBERS
    | st.sampled_from(["Large", "STRASSE", "Yes"])
)


@pytest.mark.parametrize("name", KINDS)
@given(texts=st.lists(st.none() | ANY, max_size=12))
@example(
    texts=["0-3", "1_000", "+5", "\u0663", "1e5", " 7 ", "0x10", "2022-1-5", "NaN", "inf", "0", "1640995200"]
)
@example(
    texts=[
        "0000-01-01",
        "2022-02-29",
        "2024-02-29",
        "9999-12-31",
        "10000-01-01",
        "22-01-05",
        "20220105",
        "-1-1-1",
    ]
)
@example(
    texts=["01-\u017fep-2014", "01-SEP-2014", "30-sep-2014", "31-Sep-2014", "un-SEP-2014", "UN-sep-0000"]
)
@example(texts=["2014-01-01T24:00", "2014-01-01T23:59", "2014-01-01T23:59:60", "23:59", "23:59\n", "2014\n"])
def test_both_readings_agree_on_every_text(name: str, texts: list[str | None]) -> None:
    kind = KINDS[name]
    column = kind.column(pl.Series("x", texts, dtype=pl.String))
    assert column.to_list() == [None if t is None else read(kind, t) for t in texts]
    assert column.dtype == kind.dtype
    assert all(math.isfinite(v) for v in column.to_list() if isinstance(v, float))


LIMITED: dict[str, Field] = {
    "number": Field(FieldSpec(name="X", type="number", min=-5, max=100.5), DecimalNumber()),
    "integer": Field(FieldSpec(name="X", type="integer", min=1, max=1e17), WholeNumber()),
    "text": Field(FieldSpec(name="X", max_length=5, pattern=r"[^x]*"), FreeText()),
    "required": Field(FieldSpec(name="X", pattern=r"\d-?\w*", required=True), FreeText()),
    "code": Field(FieldSpec(name="X", type="code", required=True), Code("SIZE", SIZES)),
}


@pytest.mark.parametrize("name", LIMITED)
@given(texts=st.lists(st.none() | ANY, max_size=12))
@example(texts=["-5", "-5.1", "100.5", "100.6", "1", "0", str(10**17), str(10**17 + 1)])
@example(texts=["12345", "123456", " 12345 ", "x", "\u0663", None, "", " ", "\U0001f600" * 5])
def test_both_readings_of_a_field_with_limits_agree(name: str, texts: list[str | None]) -> None:
    field, values, refusals = LIMITED[name], [], []
    for text in texts:
        try:
            values.append(field.judge(text))
            refusals.append(False)
        except PydanticCustomError:
            values.append(None)
            refusals.append(True)
    column = pl.Series("x", texts, dtype=pl.String)
    typed = field.typed(column)
    assert typed.to_list() == values
    assert field.failing(column, typed).to_list() == refusals
