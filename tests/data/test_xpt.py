"""SAS transport files: pyreadstat, an independent reader, reads what is written; what cannot be is refused.

Layout and limits: SAS Institute, TS-140, The Record Layout of a Data Set in SAS Transport (XPORT) Format.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlfgen.data import xpt_file
from tlfgen.data.formats import read_raw
from tlfgen.data.xpt_file import Replacement, XptVariable, submission_text, write_xpt
from tlfgen.errors import DataError

REFERENCE = os.environ.get("TLFGEN_REFERENCE")
needs_reference = pytest.mark.skipif(not REFERENCE, reason="TLFGEN_REFERENCE is not set")


def variables(frame: pl.DataFrame, **formats: str) -> list[XptVariable]:
    return [
        XptVariable(
            name, f"Label of {name}", "text" if kind == pl.String else "number", formats.get(name, "")
        )
        for name, kind in frame.schema.items()
    ]


def written(folder: Path, frame: pl.DataFrame, **formats: str) -> Path:
    path = folder / "lb.xpt"
    write_xpt(path, frame, name="LB", label="Laboratory", variables=variables(frame, **formats))
    return path


def by_pyreadstat(path: Path, **options: Any) -> tuple[pl.DataFrame, Any]:
    frame, meta = pyreadstat.read_xport(str(path), output_format="polars", **options)
    return frame, meta


def refusal(folder: Path, frame: pl.DataFrame, chosen: list[XptVariable] | None = None, **given: str) -> str:
    named = {"name": "LB", "label": "Laboratory", **given}
    path = folder / f"{named['name'].lower()}.xpt"
    with pytest.raises(DataError) as caught:
        write_xpt(
            path, frame, name=named["name"], label=named["label"],
            variables=variables(frame) if chosen is None else chosen,
        )  # fmt: skip
    assert not list(folder.iterdir())
    assert str(path) in str(caught.value)
    return caught.value.message


EXAMPLE = pl.DataFrame(
    {
        "USUBJID": ["01-001", "01-002", "01-003"],
        "LBORRES": ["<5", None, "  indented "],
        "LBSTRESN": [0.1, None, -3.0],
        "LBSEQ": [1, 2, 3],
        "ADT": [dt.date(2024, 2, 29), None, dt.date(1959, 12, 31)],
        "ADTM": [dt.datetime(2024, 2, 29, 13, 5, 9), None, dt.datetime(1960, 1, 1)],
        "ATM": [dt.time(13, 5, 9), None, dt.time(0)],
    }
)


# what is written


def test_an_independent_reader_reads_what_was_written(tmp_path: Path) -> None:
    frame, meta = by_pyreadstat(written(tmp_path, EXAMPLE, LBSTRESN="8.2", USUBJID="$20."))
    assert (meta.table_name, meta.file_label, meta.file_format) == ("LB", "Laboratory", "xport")
    assert meta.column_names_to_labels == {name: f"Label of {name}" for name in EXAMPLE.columns}
    assert meta.original_variable_types == {
        "USUBJID": "$20", "LBORRES": None, "LBSTRESN": "8.2", "LBSEQ": None,
        "ADT": "DATE9", "ADTM": "DATETIME20", "ATM": "TIME8",
    }  # fmt: skip
    assert frame.rows() == [
        ("01-001", "<5", 0.1, 1, dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 13, 5, 9), dt.time(13, 5, 9)),
        ("01-002", "", None, 2, None, None, None),
        ("01-003", "  indented", -3, 3, dt.date(1959, 12, 31), dt.datetime(1960, 1, 1), dt.time(0)),
    ]


def test_dates_count_from_1960(tmp_path: Path) -> None:
    path = written(tmp_path, EXAMPLE.select("ADT", "ADTM", "ATM"))
    frame, _ = by_pyreadstat(path, disable_datetime_conversion=True)
    assert frame.row(0) == (
        64 * 365 + 16 + 31 + 28,  # 64 years, 16 leap days among them, January, 28 days
        23_435 * 86_400 + 13 * 3600 + 5 * 60 + 9,
        13 * 3600 + 5 * 60 + 9,
    )
    assert frame.row(2) == (-1, 0, 0)


@pytest.mark.parametrize(
    ("number", "stored"),
    [
        (0.0, "0000000000000000"),
        (-0.0, "0000000000000000"),
        (1.0, "4110000000000000"),
        (-1.0, "C110000000000000"),
        (100.0, "4264000000000000"),
        (0.1, "401999999999999A"),  # the 53 bits of 0.1, shifted
        (-118.625, "C276A00000000000"),  # 76.A to the base 16, so .76A x 16**2
        (2.0**-260, "0010000000000000"),
        (None, "2E00000000000000"),
    ],
)
def test_numbers_are_ibm_doubles(tmp_path: Path, number: float | None, stored: str) -> None:
    data = written(tmp_path, pl.DataFrame({"A": [number, 1.0]}, schema={"A": pl.Float64})).read_bytes()
    assert data[-80:-72].hex().upper() == stored


MAGNITUDE = st.floats(2.0**-260, 2.0**252, exclude_max=True, allow_subnormal=False)
NUMBERS = st.lists(
    st.none() | st.just(0.0) | MAGNITUDE | MAGNITUDE.map(lambda x: -x), min_size=1, max_size=20
)
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)


@settings(max_examples=150)
@given(NUMBERS)
def test_numbers_come_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float | None]
) -> None:
    path = written(tmp_path_factory.getbasetemp(), pl.DataFrame({"A": numbers}, schema={"A": pl.Float64}))
    back, _ = by_pyreadstat(path)
    pack = [None if number is None else struct.pack(">d", number) for number in numbers]
    assert [None if number is None else struct.pack(">d", number) for number in back["A"]] == pack


@settings(max_examples=150)
@given(st.lists(TEXT, min_size=1, max_size=12), TEXT.filter(str.strip))
def test_texts_come_back_without_blanks_at_their_end(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], last: str
) -> None:
    texts = [*texts, last]
    back, _ = by_pyreadstat(written(tmp_path_factory.getbasetemp(), pl.DataFrame({"A": texts})))
    assert back["A"].to_list() == [text.rstrip(" ") for text in texts]


def test_extreme_numbers_come_back(tmp_path: Path) -> None:
    largest = float(np.nextafter(2.0**252, 0))
    numbers = [largest, -largest, 2.0**-260, -(2.0**-260), 2.0**53, 1 / 3, 5e-79 + 5e-80]
    back, _ = by_pyreadstat(written(tmp_path, pl.DataFrame({"A": numbers})))
    assert back["A"].to_list() == numbers


@pytest.mark.parametrize("rows", [1, 7, 49_999, 50_000, 50_001])
def test_rows_of_any_number_come_back(tmp_path: Path, rows: int) -> None:
    frame = pl.DataFrame({"A": [f"{i}" for i in range(rows)], "N": [float(i) for i in range(rows)]})
    path = written(tmp_path, frame)
    assert path.stat().st_size % 80 == 0
    assert by_pyreadstat(path)[0].equals(frame)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path, EXAMPLE).read_bytes()
    (tmp_path / "other").mkdir()
    assert written(tmp_path / "other", EXAMPLE).read_bytes() == first


def test_a_text_is_as_long_as_its_longest_value_or_as_asked(tmp_path: Path) -> None:
    frame = pl.DataFrame({"A": ["x", "xyz  "], "B": ["", None], "C": ["x", "y"]})
    chosen = [XptVariable(name, "Label", "text", length=20 if name == "C" else None) for name in "ABC"]
    write_xpt(tmp_path / "lb.xpt", frame, name="LB", label="Laboratory", variables=chosen)
    assert by_pyreadstat(tmp_path / "lb.xpt")[1].variable_storage_width == {"A": 3, "B": 1, "C": 20}


def test_no_rows_and_categories_and_nulls_can_be_written(tmp_path: Path) -> None:
    empty = EXAMPLE.clear()
    assert by_pyreadstat(written(tmp_path, empty))[0].shape == (0, 7)
    frame = pl.DataFrame({"A": ["x", None], "N": [None, None]}).with_columns(pl.col("A").cast(pl.Categorical))
    chosen = [XptVariable("A", "Text", "text"), XptVariable("N", "Number", "number")]
    write_xpt(tmp_path / "lb.xpt", frame, name="LB", label="Laboratory", variables=chosen)
    assert by_pyreadstat(tmp_path / "lb.xpt")[0].rows() == [("x", None), ("", None)]


def test_blank_records_before_the_last_are_kept(tmp_path: Path) -> None:
    frame = pl.DataFrame({"A": ["x", None, None, "y"]})
    assert by_pyreadstat(written(tmp_path, frame))[0]["A"].to_list() == ["x", "", "", "y"]


def test_a_refused_dataset_leaves_the_last_good_file(tmp_path: Path) -> None:
    path = written(tmp_path, EXAMPLE)
    good = path.read_bytes()
    with pytest.raises(DataError):
        written(tmp_path, EXAMPLE.with_columns(USUBJID=pl.lit("é")))
    assert path.read_bytes() == good
    assert list(tmp_path.iterdir()) == [path]


# what is refused


@pytest.mark.parametrize("name", ["lb", "LABORATRY", "1LB", "L-B", "", "LÄ"])
def test_names_are_one_to_eight_capitals(tmp_path: Path, name: str) -> None:
    assert "1 to 8 of A-Z" in refusal(tmp_path, EXAMPLE, name=name)
    message = refusal(tmp_path, pl.DataFrame({name: [1.0]}))
    assert f"the name '{name}' is not 1 to 8 of A-Z" in message


@pytest.mark.parametrize(
    ("label", "said"), [("", "no label"), (" ", "no label"), ("x" * 41, "41 characters"), ("5 µg", "U+00B5")]
)
def test_labels_are_one_to_forty_ascii(tmp_path: Path, label: str, said: str) -> None:
    assert said in refusal(tmp_path, EXAMPLE, label=label)
    message = refusal(tmp_path, pl.DataFrame({"A": ["x"]}), [XptVariable("A", label, "text")])
    assert message.startswith("LB.A: ") and said in message


@pytest.mark.parametrize(
    ("values", "row", "said"),
    [
        (["x", None, "café", "ü"], 3, "the value 'café' holds 'é' (U+00E9)"),
        (["x", "5\u00a0mg"], 2, "U+00A0"),
        (["x\ty"], 1, "U+0009"),
        (["x", "y" * 201], 2, "201 bytes, over 200"),
        ([1.0, float("nan")], 2, "nan is not a number"),
        ([None, float("inf")], 2, "inf is beyond 7.2e75"),
        ([1.0, -7.3e75], 2, "beyond 7.2e75"),
        ([1.0, 1e-80], 2, "below 5.4e-79"),
        ([1, 2**53 + 1], 2, "9007199254740993 has more digits"),
        ([dt.date(2024, 1, 1), dt.date(1581, 12, 31)], 2, "SAS knows no date like 1581-12-31"),
        (["x", None], 2, "the last record is blank"),
        (["x", "  "], 2, "the last record is blank"),
    ],
)
def test_values_that_version_5_cannot_hold_are_named(
    tmp_path: Path, values: list[Any], row: int, said: str
) -> None:
    message = refusal(tmp_path, pl.DataFrame({"A": values}))
    assert message.startswith(f"LB, row {row}: " if "last record" in said else f"LB.A, row {row}: ")
    assert said in message


def test_a_bad_value_far_down_is_found(tmp_path: Path) -> None:
    values = ["x"] * 120_000
    values[110_000] = "±"
    assert refusal(tmp_path, pl.DataFrame({"A": values})).startswith("LB.A, row 110001: ")


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        (XptVariable("A", "Label", "number"), "holds String, not numbers"),
        (XptVariable("A", "Label", "text", length=2), "3 bytes, over 2"),
        (XptVariable("A", "Label", "text", length=201), "length 201 is not 1 to 200"),
        (XptVariable("A", "Label", "text", "DATE9."), "DATE9. does not suit a text"),
        (XptVariable("A", "Label", "text", "$20"), "'$20' is not a SAS format"),
        (XptVariable("N", "Label", "number", "$8."), "$8. does not suit a number"),
        (XptVariable("N", "Label", "number", length=4), "length of a number is 8"),
        (XptVariable("N", "Label", "text"), "holds Int64, not text"),
        (XptVariable("T", "Label", "number"), "holds Boolean, not numbers"),
        (XptVariable("Z", "Label", "number"), "time zone UTC"),
        (XptVariable("Q", "Label", "number"), "no such column"),
    ],
)
def test_variables_that_do_not_suit_their_values(tmp_path: Path, variable: XptVariable, said: str) -> None:
    frame = pl.DataFrame({"A": ["xyz"], "N": [1], "T": [True], "Z": [dt.datetime(2024, 1, 1, tzinfo=dt.UTC)]})
    frame = frame.select(name for name in frame.columns if name == variable.name)
    message = refusal(tmp_path, frame, [variable])
    assert message.startswith(f"LB.{variable.name}") and said in message


def test_a_dataset_without_or_with_repeated_or_undescribed_variables(tmp_path: Path) -> None:
    frame = pl.DataFrame({"A": ["x"], "B": ["y"]})
    a = XptVariable("A", "Label", "text")
    assert "no variables" in refusal(tmp_path, frame, [])
    assert "LB.A: the variable stands twice" in refusal(tmp_path, frame, [a, a])
    assert "no variable describes the columns B" in refusal(tmp_path, frame, [a])


def test_the_file_is_named_as_the_dataset(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Name it lb\.xpt"):
        write_xpt(tmp_path / "LB.xpt", EXAMPLE, name="LB", label="Lab", variables=variables(EXAMPLE))


# typographic characters


def test_typographic_characters_become_ascii_and_are_listed() -> None:
    frame = pl.DataFrame(
        {
            "A": ["plain", None, "5 µg – “twice”", "≥ 3 ≥ 2"],
            "B": ["a\u00a0b", "x\r\ny", "１２％", "café m²"],
            "N": [1, 2, 3, 4],
        }
    )
    got, made = submission_text(frame)
    assert got["A"].to_list() == ["plain", None, '5 ug - "twice"', ">= 3 >= 2"]
    assert got["B"].to_list() == ["a b", "x y", "12%", "café m²"]
    assert got["N"].to_list() == [1, 2, 3, 4]
    assert made[:5] == (
        Replacement("A", 3, "µ", "u"),
        Replacement("A", 3, "–", "-"),
        Replacement("A", 3, "“", '"'),
        Replacement("A", 3, "”", '"'),
        Replacement("A", 4, "≥", ">="),
    )
    assert [(one.row, one.replacement) for one in made if one.variable == "B"] == [
        (1, " "), (2, ""), (2, " "), (3, "1"), (3, "2"), (3, "%"),
    ]  # fmt: skip


def test_what_is_not_typographic_is_left_to_the_writer(tmp_path: Path) -> None:
    frame, made = submission_text(pl.DataFrame({"A": ["10²", "1½", "café"]}))
    assert made == ()
    assert "'²' (U+00B2)" in refusal(tmp_path, frame)


# what is read


def test_a_transport_file_reads_as_text(tmp_path: Path) -> None:
    table = read_raw(written(tmp_path, EXAMPLE))
    assert table.first_row == 1
    assert table.labels["LBSEQ"] == "Label of LBSEQ"
    assert table.frame.rows() == [
        ("01-001", "<5", "0.1", "1", "2024-02-29", "2024-02-29T13:05:09", "13:05:09"),
        ("01-002", None, None, "2", None, None, None),
        ("01-003", "  indented", "-3", "3", "1959-12-31", "1960-01-01T00:00:00", "00:00:00"),
    ]


@pytest.mark.parametrize(
    ("shape", "number", "shown"),
    [
        ("YYMMDD10.", 23_435, "2024-02-29"),
        ("E8601DA10.", 23_435, "2024-02-29"),
        ("MMDDYYS10.", 0, "1960-01-01"),
        ("E8601DT19.", 2_024_831_109.5, "2024-02-29T13:05:09.500"),
        ("TIME5.", 47_109, "13:05:09"),
        ("DATE9.", 1e9, "1000000000"),  # no date that SAS knows: the number stays
        ("8.2", 23_435, "23435"),
        ("BEST12.", 0.25, "0.25"),
    ],
)
def test_dates_are_shown_by_their_format(tmp_path: Path, shape: str, number: float, shown: str) -> None:
    path = written(tmp_path, pl.DataFrame({"A": [number]}), A=shape)
    assert read_raw(path).frame["A"].to_list() == [shown]


def test_version_8_reads_too(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a_long_name_of_one": ["x", "y"], "n": [1.0, 2.5]})
    pyreadstat.write_xport(frame, str(tmp_path / "lb.xpt"), file_format_version=8)
    assert read_raw(tmp_path / "lb.xpt").frame.rows() == [("x", "1"), ("y", "2.5")]


def test_special_missing_values_are_not_lost(tmp_path: Path) -> None:
    path = written(tmp_path, pl.DataFrame({"N": [1.0, None, 3.0, 1.5]}))
    path.write_bytes(path.read_bytes().replace(b"." + b"\0" * 7, b"A" + b"\0" * 7))
    table = read_raw(path)
    assert table.frame["N"].to_list() == ["1", None, "3", "1.5"]
    assert table.notes == ("'N' has values that the file calls missing, read as blank: .A (1).",)


@pytest.mark.parametrize("kept", [100, 300, 640, 700, 800, 880, 1000, 1280, 1999, 2000])
def test_a_cut_transport_file_is_refused(tmp_path: Path, kept: int) -> None:
    path = written(tmp_path, pl.DataFrame({"A": [f"{i:097d}" for i in range(20)], "B": ["x"] * 20}))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match="cut or damaged") as caught:
        read_raw(path)
    assert caught.value.path == str(path)


def test_more_than_one_dataset_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, EXAMPLE)
    path.write_bytes(path.read_bytes() + path.read_bytes()[240:])
    with pytest.raises(DataError, match="more than one dataset"):
        read_raw(path)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("windows-1252", "\u2019"), ("latin-1", "é"), ("gb18030", "腹"), ("shift_jis", "痢")],
)
def test_characters_of_another_encoding(tmp_path: Path, encoding: str, text: str) -> None:
    path, stored = written(tmp_path, pl.DataFrame({"A": ["x     ", "y@@@@@"]})), text.encode(encoding)
    path.write_bytes(path.read_bytes().replace(b"@@@@@", stored.ljust(5)))
    with pytest.raises(DataError, match=r"not UTF-8: A of record 2 holds 0x"):
        read_raw(path)
    assert read_raw(path, encoding=encoding).frame["A"].to_list() == ["x", f"y{text}"]
    with pytest.raises(DataError, match="'klingon' is not known"):
        read_raw(path, encoding="klingon")


# AETERM, AESEQ, AESTDT (DATE9.), AESTDTM (DATETIME20.); two records; by the writer of ReadStat, not by tlfgen
SAS7BDAT = (
    "H4sIAAAAAAACA2NgQIBDrxoTNosInt87iYOB87hhj4S8gKCxEoOxMSOTISNEiQgDAzMjirgxo7Ixg4gIgwIzI8ycYMdgBTdPH1dH"
    "VwW8gIEAcHEMcURS1/D9/CZHJBoVCEAwI5qwpZ6BiYGhr6lPZl5pBZK4sZ6hgZ6BrqGhmYGeoaGeIbpxFRZm8WYmKEINPn75T2EY"
    "Xf2MXXf+oblzFIyCUTAKRsEoGAWjYBSMglEwCkbBKBg0YCai34oC4tmgDCY+Bh4gdYMHwtVgRlV3ACougaY/gwtCRzChit/hhNA9"
    "MAFoh30BVNwGTdwFKh6DJs6BQ/0JDgjtgOaeDhziHjjEOQiIo1kLBR/swVTNVaA2h8l/g+44eqQmpiQmZ6RiH/dggRh/8Uc9mN73"
    "o/7wnKTUnOzUzBISxklGwSgYBaNgFIwCcsG/3//BgFj1OQzcFOmPYWCjSD+l7oe1Hnhh+iHa/2tA+bBKl4WBFVjHs8BrexYGUIMG"
    "tRH0B6rXgwG1LSQCNgDRAAI3HVgYGTjQ+AJofGTwH81dDAwm0JDzAboMBEKg/BQGdjTf/YXqRZr3EEGfgwHNsQSHuAY4ppSlFhWn"
    "KqSWpeaVFDMwOLqGuAb5MjAEpRbkF5WkpiiUpBblMoDEg10DIXSISwh4jsbVUg/G9wXzQzx9XY0M9BiwBVIFPFwhgJ1G6ZmHHTVu"
    "YKHKhtZuY0MLK0Y096Hz/6OpY0VTx4qWnhjR/InOhyZbgun2F5Hqfv6nLB8NNfANCJDjBwa+AwG4RQ7l86HJCxoogWkDWDcHh/no"
    "5iqg5XF45oUCZbR08n+ExQet+qOkAka0eIXxudH4vGh8PjQ+B818ygFOWypgG0WQ7OEBs2WItJkF6FJGYGnCiyIaAmcx4Q4aMAAA"
    "CUdDeAAgAAA="
)


def test_a_sas_dataset_reads_as_text(tmp_path: Path) -> None:
    path = tmp_path / "ae.sas7bdat"
    path.write_bytes(gzip.decompress(base64.b64decode(SAS7BDAT)))
    table = read_raw(path)
    assert table.frame.to_dict(as_series=False) == {
        "AETERM": ["Headache", "Übelkeit"],
        "AESEQ": ["1", "2.5"],
        "AESTDT": ["2020-03-26", None],
        "AESTDTM": ["2020-03-26T01:01:01", None],
    }
    assert table.notes == ("'AESTDTM' has values that the file calls missing, read as blank: .A (1).",)
    assert table.labels == {"AETERM": "Reported term"}
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(DataError, match="cut or damaged"):
        read_raw(path)


# reference data


@needs_reference
@pytest.mark.reference
def test_files_pass_the_byte_check(tmp_path: Path) -> None:
    written(tmp_path, EXAMPLE)
    for name, frame in {"EMPTY": EXAMPLE.clear(), "ONE": pl.DataFrame({"A": ["x", None, "y"]})}.items():
        path = tmp_path / f"{name.lower()}.xpt"
        write_xpt(path, frame, name=name, label="Checked", variables=variables(frame))
    tool = Path(str(REFERENCE)) / "tools" / "check_xpt.py"
    done = subprocess.run(
        [sys.executable, str(tool), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "empty.xpt: 0 x 7  0 errors, 0 notes",
        "lb.xpt: 3 x 7  0 errors, 1 notes",  # the indented text
        "one.xpt: 3 x 1  0 errors, 0 notes",
    ]
    assert done.returncode == 0


@needs_reference
@pytest.mark.reference
def test_public_transport_files_read(tmp_path: Path) -> None:
    """Source: the CDISC pilot as its README has it: 254 subjects, 306 screened, 1,191 adverse events."""
    folder = Path(str(REFERENCE)) / "data" / "cdiscpilot"
    assert read_raw(folder / "adam" / "adsl.xpt").frame.height == 254
    assert read_raw(folder / "sdtm" / "dm.xpt").frame.height == 306
    events = read_raw(folder / "sdtm" / "ae.xpt")
    assert (events.frame.height, events.labels["AETERM"]) == (1191, "Reported Term for the Adverse Event")
    with pytest.raises(DataError, match="TSVAL of record 9 holds 0x92"):
        read_raw(folder / "sdtm" / "ts.xpt")
    assert read_raw(folder / "sdtm" / "ts.xpt", encoding="windows-1252").frame.height > 9


def test_blocks_of_rows_give_the_bytes_and_the_refusals_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven rows in blocks of three: the widest text stands in the second, the refused one in the last."""
    frame = pl.DataFrame({"A": ["a", "b", None, "c", "dddd", "e", "f"], "N": [1.0, None, 3, 4, 5, 6, 7]})
    path = tmp_path / "x.xpt"
    write_xpt(path, frame, name="X", label="Blocks", variables=variables(frame))
    whole = path.read_bytes()
    monkeypatch.setattr(xpt_file, "_BLOCK", 3)
    write_xpt(path, frame, name="X", label="Blocks", variables=variables(frame))
    assert path.read_bytes() == whole
    bad = frame.with_columns(pl.Series("A", ["a", "b", None, "c", "dddd", "e", "\u20ac"]))
    with pytest.raises(DataError, match=r"X\.A, row 7: the value '\u20ac'"):
        write_xpt(path, bad, name="X", label="Blocks", variables=variables(frame))
    assert path.read_bytes() == whole
