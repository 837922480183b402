"""Layouts of dates and times. What a day is, the Gregorian calendar says; what the text is, ISO 8601."""

from __future__ import annotations

from typing import Literal

import polars as pl
import pytest

from tlfgen.errors import Place, SpecError
from tlfgen.raw.dates import dated, read_layout


@pytest.mark.parametrize(
    ("layout", "text", "iso"),
    [
        ("YYYY-MM-DD", "2014-03-05", "2014-03-05"),
        ("DD-Mon-YYYY", "05-Mar-2014", "2014-03-05"),
        ("DD-Mon-YYYY", "05-MAR-2014", "2014-03-05"),
        ("DDMonYYYY", "05mar2014", "2014-03-05"),
        ("MM/DD/YYYY", "03/05/2014", "2014-03-05"),
        ("DD.MM.YYYY", "05.03.2014", "2014-03-05"),
        ("YYYYMMDD", "20140305", "2014-03-05"),
        ("YYYY年MM月DD日", "2014年03月05日", "2014-03-05"),
        ("DD Mon YYYY", "05 Mar 2014", "2014-03-05"),
        ("Mon-YYYY", "Mar-2014", "2014-03"),
        ("UN-Mon-YYYY", "un-Mar-2014", "2014-03"),
        ("UN-UNK-YYYY", "UN-UNK-2014", "2014"),
        ("YYYY", "2014", "2014"),
        ("DD-Mon-YYYY HH:mm", "05-Mar-2014 07:30", "2014-03-05T07:30"),
        ("DDMonYYYY:HH:mm:SS", "05MAR2014:07:30:59", "2014-03-05T07:30:59"),
        ("YYYY-MM-DDT00:00:00", "2014-03-05T00:00:00", "2014-03-05"),
        ("YYYY-MM-DD", "2000-02-29", "2000-02-29"),
        ("YYYY-MM-DD", "1900-02-29", None),
        ("DD-Mon-YYYY", "31-Feb-2014", None),
        ("DD-Mon-YYYY", "00-Mar-2014", None),
        ("DD-Mon-YYYY", "05-Mrz-2014", None),
        ("DD-Mon-YYYY", "05-Mar-14", None),
        ("DD-Mon-YYYY", "5-Mar-2014", None),
        ("DD-Mon-YYYY", "05-Mar-2014x", None),
        ("YYYY-MM-DD", "0000-01-01", None),
        ("YYYY", "0000", None),
        ("YYYY-MM-DD", "2014-13-01", None),
        ("YYYY-MM-DDTHH:mm", "2014-03-05T24:00", None),
        ("MM.DD.YYYY", "03/05/2014", None),
    ],
)
def test_a_layout_reads_what_it_says_and_nothing_else(layout: str, text: str, iso: str | None) -> None:
    way = read_layout(layout, "date")
    assert way.read(text) == iso
    assert pl.DataFrame({"t": [text]}).select(way.expr(pl.col("t"))).item() == iso


@pytest.mark.parametrize(
    ("layout", "kind", "why"),
    [
        ("dd-Mon-YYYY", "date", "'d' is part of no token"),
        ("DD-MMM-YYYY", "date", "'M' is part of no token"),
        ("DD/MM/YY", "date", "'Y' is part of no token"),
        ("DD/MM", "date", "a date has YYYY"),
        ("DD-YYYY", "date", "DD stands without month"),
        ("MM/MM/YYYY", "date", "a part stands twice"),
        ("MM-Mon-YYYY", "date", "a part stands twice"),
        ("YYYY-MM HH:mm", "date", "a time after it only with DD"),
        ("YYYY-MM-DD HH", "date", "a time after it only with DD, HH and mm"),
        ("HH", "time", "a time is made of HH, mm and SS or not"),
        ("YYYY-MM-DD HH:mm", "time", "a time is made of HH, mm and SS or not"),
    ],
)
def test_a_layout_that_cannot_be_read_says_why(layout: str, kind: Literal["date", "time"], why: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_layout(layout, kind, Place("specs/s/forms/ae.yaml", 7))
    assert why in str(caught.value)
    assert "specs/s/forms/ae.yaml, line 7" in str(caught.value)
    assert "Tokens are YYYY, MM, DD, Mon, HH, mm and SS" in str(caught.value)


def test_the_first_layout_that_gives_a_date_counts() -> None:
    kind = dated("date", ("MM/DD/YYYY", "DD/MM/YYYY"))
    assert kind.column(pl.Series(["03/04/2014", "25/12/2013", "2014-03-05"])).to_list() == [
        "2014-03-04", "2013-12-25", "2014-03-05",
    ]  # fmt: skip


def test_a_time_has_minutes_and_may_have_seconds() -> None:
    texts = ["07:30", "07:30:15", "7:30", "07.30", "23:59:60", "07:30 "]
    assert dated("time", ()).column(pl.Series(texts)).to_list() == [
        "07:30",
        "07:30:15",
        None,
        None,
        None,
        "07:30",
    ]


def test_many_repeated_dates_are_read_like_one() -> None:
    texts = pl.Series(["01-Jan-2014", " 02-Jan-2014", "x", None]).sample(400, with_replacement=True, seed=1)
    expected = {"01-Jan-2014": "2014-01-01", " 02-Jan-2014": "2014-01-02"}
    read = dated("date", ("DD-Mon-YYYY",)).column(texts).to_list()
    assert read == [expected.get(t) for t in texts]
