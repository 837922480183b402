"""Collected data as text: what comes out of a file, and what a file that cannot be read is told."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tlfgen.data.formats import RawTable, known_formats, read_raw
from tlfgen.errors import DataError


def write(folder: Path, content: str | bytes, name: str = "ae.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        read_raw(path, **options)
    assert str(path) in str(caught.value)
    return str(caught.value)


# the registry


def test_known_formats_have_a_line_each() -> None:
    known = dict(known_formats())
    assert set(known) >= {".csv", ".parquet", ".sas7bdat", ".xlsx", ".xpt"}
    assert all(line.endswith(".") for line in known.values())


def test_a_suffix_in_capitals_is_the_same_suffix(tmp_path: Path) -> None:
    assert read_raw(write(tmp_path, "a\n1\n", "AE.CSV")).frame.to_dicts() == [{"a": "1"}]


@pytest.mark.parametrize(("name", "said"), [("ae.txt", "ends in '.txt'"), ("ae", "no suffix")])
def test_an_unknown_suffix_lists_the_known_ones(tmp_path: Path, name: str, said: str) -> None:
    text = refusal(write(tmp_path, "a\n1\n", name))
    assert said in text
    assert ".csv, .dta, .parquet, .por, .sas7bdat, .sav, .xlsx, .xpt, .zsav" in text


@pytest.mark.parametrize("name", ["ae.csv", "ae.parquet", "ae.sas7bdat", "ae.xlsx", "ae.xpt"])
def test_an_empty_or_missing_file_says_so(tmp_path: Path, name: str) -> None:
    assert "cannot be read: No such file" in refusal(tmp_path / name)
    assert "The file is empty" in refusal(write(tmp_path, b"", name))


@pytest.mark.parametrize(
    "name", ["ae.parquet", "ae.sas7bdat", "ae.xlsx", "ae.xpt", "ae.sav", "ae.zsav", "ae.por", "ae.dta"]
)
def test_another_kind_of_file_says_so(tmp_path: Path, name: str) -> None:
    assert "The file is not" in refusal(write(tmp_path, b"subject,term\n1,Headache\n" * 40, name))


@pytest.mark.parametrize("name", ["ae.parquet", "ae.xlsx"])
def test_an_encoding_is_refused_where_the_format_says_its_own(tmp_path: Path, name: str) -> None:
    assert "'latin-1' is given" in refusal(write(tmp_path, b"x", name), encoding="latin-1")


# CSV: what is read


@pytest.mark.parametrize(
    ("content", "records"),
    [
        ("a,b\n1,2\n", [("1", "2")]),
        ("a,b\n1,2", [("1", "2")]),
        ("a,b\r\n1,2\r\n", [("1", "2")]),
        ("a,b\n", []),
        ("a,b", []),
        ("a,b\n007,1.50\n", [("007", "1.50")]),
        ("a,b\nNA,null\n", [("NA", "null")]),
        ('a,b\n"",\n', [(None, None)]),
        ("a,b\n  x  ,   \n", [("  x", None)]),
        ('a,b\n"x, y","say ""no"""\n', [("x, y", 'say "no"')]),
        ('a,b\n"line 1\nline 2",x\n', [("line 1\nline 2", "x")]),
        ('a,b\n"line 1\r\nline 2",x\r\n', [("line 1\r\nline 2", "x")]),
        ('a,b\n5" wound,x\n', [('5" wound', "x")]),
        ("a,b\nx,\n,y\n", [("x", None), (None, "y")]),
    ],
)
def test_csv_values_are_kept_as_they_stand(
    tmp_path: Path, content: str, records: list[tuple[str | None, ...]]
) -> None:
    table = read_raw(write(tmp_path, content))
    assert table.frame.schema == {"a": pl.String, "b": pl.String}
    assert table.frame.rows() == records
    assert table.first_row == 2


def test_csv_header_names_are_stripped(tmp_path: Path) -> None:
    assert read_raw(write(tmp_path, ' a ," b"\n1,2\n')).frame.columns == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "first_row", "note"),
    [
        (b"\xef\xbb\xbfa,b\n1,2\n", 2, "byte order mark"),
        (b"\n\r\na,b\n1,2\n", 4, "2 blank lines before the header"),
        (b"a,b\n1,2\n\n\n", 2, "2 blank lines after the last record"),
        (b"a,b\n1,2\n\r\n", 2, "1 blank line after the last record"),
        (b"a,b\r1,2\r", 2, "carriage return alone"),
        (b"a,b,\n1,2,\n", 2, "'column_3' holds no value"),
    ],
)
def test_csv_oddities_are_put_right_and_noted(
    tmp_path: Path, content: bytes, first_row: int, note: str
) -> None:
    table = read_raw(write(tmp_path, content))
    assert table.frame.to_dicts() == [{"a": "1", "b": "2"}]
    assert table.first_row == first_row
    assert any(note in line for line in table.notes)


def test_csv_header_on_two_lines_moves_the_first_record(tmp_path: Path) -> None:
    table = read_raw(write(tmp_path, '"a\nb",c\n1,2\n'))
    assert (table.frame.columns, table.first_row) == (["a\nb", "c"], 3)


def test_csv_blank_line_between_records_is_a_blank_record(tmp_path: Path) -> None:
    table = read_raw(write(tmp_path, "a,b\n1,2\n\n3,4\n"))
    assert table.frame.rows() == [("1", "2"), (None, None), ("3", "4")]
    assert table.notes == ("1 of the records are blank, the first is record 2: kept.",)


def test_csv_line_breaks_in_values_are_noted(tmp_path: Path) -> None:
    assert read_raw(write(tmp_path, 'a,b\n"x\ny",2\n')).notes == (
        "Values hold line breaks: 1 records stand on 2 lines.",
    )


def test_csv_column_without_a_name_is_kept_and_noted(tmp_path: Path) -> None:
    table = read_raw(write(tmp_path, '"",a\n1,x\n'))  # as R writes row names
    assert table.frame.to_dicts() == [{"column_1": "1", "a": "x"}]
    assert table.notes == ("Column 1 has no name: read as 'column_1'.",)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("windows-1252", "Übelkeit – µg"), ("latin-1", "Müdigkeit"), ("gb18030", "腹泻"), ("shift_jis", "下痢")],
)
def test_csv_of_another_encoding(tmp_path: Path, encoding: str, text: str) -> None:
    path = write(tmp_path, f"a,b\n{text},1\n".encode(encoding))
    table = read_raw(path, encoding=encoding)
    assert table.frame.item(0, "a") == text
    assert table.notes == (f"Read as {encoding}.",)
    message = refusal(path)
    assert "not UTF-8" in message and "line 2" in message and "`encoding:`" in message


def test_csv_utf8_read_as_another_encoding_is_noted(tmp_path: Path) -> None:
    table = read_raw(write(tmp_path, "a,b\né,1\n"), encoding="windows-1252")
    assert "valid UTF-8, too" in table.notes[1]


def test_csv_utf16(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,2\n".encode("utf-16"))
    assert "`encoding: utf-16`" in refusal(path)
    assert read_raw(path, encoding="utf-16").frame.rows() == [("1", "2")]


# CSV: what is refused


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"a,b\n1,2\n3\n", 3, "1 fields, fewer than the header's 2"),
        (b"a,b\n1,2\n3,4,5\n", 3, "3 fields, more than the header's 2"),
        (b"a,b\n1,2,\n3,4\n", 2, "3 fields, more"),
        (b"a,b,c\n1,2\n3,4,5,", 2, "2 fields, fewer"),
        (b'a,b\n"x\ny",2\n3\n', 4, "1 fields, fewer"),
        (b"\n\na,b\n1,2\n3\n", 5, "1 fields, fewer"),
        (b'a,b\n1,"x\n3,4\n', 2, "quote is not closed"),
        (b'a,b\n1,2\n"x"y,4\n', 3, "quote is not closed, or text follows"),
        (b'a,b\n5" wound\n', 2, "1 fields, fewer"),
        (b"a,b\n1,2\n3,\xe9\n", 3, "0xE9 (byte 10 of the file"),
        (b"\xef\xbb\xbfa,\xff\n1,2\n", 1, "0xFF (byte 5 of the file"),
        (b"a,b\n1,\0\n", 2, "NUL"),
        (b"a,b, a\n1,2,3\n", 1, "'a' (columns 1, 3)"),
        (b"a;b\n1;2\n", 1, "';' in its name"),
    ],
)
def test_csv_fault_names_its_line(tmp_path: Path, content: bytes, line: int, said: str) -> None:
    message = refusal(write(tmp_path, content))
    assert f"ae.csv, line {line}\n" in message + "\n"
    assert said in message


@pytest.mark.parametrize("content", [b"\n\n", b"\xef\xbb\xbf", b"  \n"])
def test_csv_without_a_header_is_empty(tmp_path: Path, content: bytes) -> None:
    assert "empty" in refusal(write(tmp_path, content))


@pytest.mark.parametrize("encoding", ["windows-9999", "rot13"])
def test_csv_unknown_encoding(tmp_path: Path, encoding: str) -> None:
    assert f"'{encoding}' is not known" in refusal(write(tmp_path, "a\n1\n"), encoding=encoding)


def test_csv_byte_that_another_encoding_lacks(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, b"a,b\n1,\x81\n"), encoding="windows-1252")
    assert "not windows-1252: 0x81" in message and "line 2" in message


PIECES = ["x", " ", '"', ",", "\n", "\r\n", "é", '""', '"x"', "x,y,z\n", "1,2,3\n", '"p,q",', '"l\nm"']


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example(',\n"p,q", ,"",')  # a short and a long line
@example('"""é"x""""')
def test_csv_is_what_the_standard_library_reads(
    tmp_path_factory: pytest.TempPathFactory, content: str
) -> None:
    """Source of the expected records: Python's csv module, strict; a line that is not full is refused."""
    content = "a,b,c\n" + content
    path = write(tmp_path_factory.getbasetemp(), content, "property.csv")
    try:
        lines = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    except csv.Error:
        refusal(path)
        return
    while not lines[-1]:
        lines.pop()
    lines = [fields or ["", "", ""] for fields in lines[1:]]
    if any(len(fields) != 3 for fields in lines):
        refusal(path)
        return
    expected = [tuple(value.rstrip(" ") or None for value in fields) for fields in lines]
    assert read_raw(path).frame.rows() == expected


# Parquet


def test_parquet_values_as_a_reader_would_see_them(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "number": [1.0, 0.1, None, 1e-7, 1e20, -0.0, float("nan"), 2.5],
            "whole": [1, -2, None, 2**60, 0, 7, 8, 9],
            "day": [dt.date(2024, 2, 29), None, *[dt.date(1960, 1, 1)] * 6],
            "moment": [
                dt.datetime(2024, 2, 29, 1, 2, 3),
                dt.datetime(2024, 2, 29, 1, 2, 3, 500_000),
                *[None] * 6,
            ],
            "time": [dt.time(1, 2, 3), *[None] * 7],
            "text": ["x  ", "  y", "", " ", "é", "1.0", "NA", None],
            "true": [True, False, *[None] * 6],
        }
    ).with_columns(
        pl.col("text").alias("level").cast(pl.Categorical), pl.col("number").alias("short").cast(pl.Float32)
    )
    frame.write_parquet(tmp_path / "ae.parquet")
    table = read_raw(tmp_path / "ae.parquet")
    assert set(table.frame.dtypes) == {pl.String}
    assert table.first_row == 1
    got = table.frame.to_dict(as_series=False)
    assert got["number"] == ["1", "0.1", None, "0.0000001", "100000000000000000000", "0", None, "2.5"]
    assert got["short"] == got["number"]
    assert got["whole"][:4] == ["1", "-2", None, "1152921504606846976"]
    assert got["day"][:3] == ["2024-02-29", None, "1960-01-01"]
    assert got["moment"][:3] == ["2024-02-29T01:02:03", "2024-02-29T01:02:03.500", None]
    assert got["time"][:2] == ["01:02:03", None]
    assert got["text"] == got["level"] == ["x", "  y", None, None, "é", "1.0", "NA", None]
    assert got["true"][:3] == ["TRUE", "FALSE", None]


def test_parquet_cut_or_of_lists_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ae.parquet"
    pl.DataFrame({"a": [[1, 2]]}).write_parquet(path)
    assert "'a' holds List(Int64)" in refusal(path)
    path.write_bytes(path.read_bytes()[:-20])
    assert "cut or damaged" in refusal(path)


def test_parquet_without_rows(tmp_path: Path) -> None:
    pl.DataFrame(schema={"a": pl.Float64, "b": pl.String}).write_parquet(tmp_path / "ae.parquet")
    assert read_raw(tmp_path / "ae.parquet").frame.schema == {"a": pl.String, "b": pl.String}


# Excel


def workbook(folder: Path, rows: list[list[object]], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "AE"
    for row in rows:
        sheet.append(row)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    book.save(folder / "ae.xlsx")
    book.close()
    return folder / "ae.xlsx"


def column(table: RawTable, name: str = "a") -> list[str | None]:
    return table.frame[name].to_list()


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (3, "General", "3"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (1e20, "General", "100000000000000000000"),
        (1e-7, "General", "0.0000001"),
        (7, "000", "007"),
        (-7, "000", "-007"),
        (1.5, "0.00", "1.50"),
        (1.234, "0.0", "1.234"),
        (0.5, "0%", "0.5"),
        ("007", "General", "007"),
        ("x  ", "General", "x"),
        ("  x", "General", "  x"),
        ("#N/A", "General", "#N/A"),
        (True, "General", "TRUE"),
        (dt.date(2024, 2, 29), "dd/mm/yyyy", "2024-02-29"),
        (dt.datetime(2024, 2, 29), "dd-mmm-yyyy", "2024-02-29"),
        (dt.datetime(2024, 2, 29), "yyyy-mm-dd hh:mm", "2024-02-29T00:00"),
        (dt.datetime(2024, 2, 29, 13, 5), "d.m.yy h:mm", "2024-02-29T13:05"),
        (dt.datetime(2024, 2, 29, 13, 5, 9), "yyyy-mm-dd hh:mm:ss", "2024-02-29T13:05:09"),
        (dt.time(8, 5), "h:mm", "08:05"),
        (dt.timedelta(hours=30, minutes=1), "[h]:mm", "30:01"),
    ],
)
def test_excel_values_as_displayed(tmp_path: Path, value: object, number_format: str, shown: str) -> None:
    table = read_raw(workbook(tmp_path, [["a"], [value]], {"A2": number_format}))
    assert column(table) == [shown]


def test_excel_rows_keep_their_place(tmp_path: Path) -> None:
    rows: list[list[object]] = [[], [None, " a ", "b"], [None, 1, None], [], [None, 2, "x"], [None, None]]
    table = read_raw(workbook(tmp_path, rows))
    assert table.frame.rows() == [("1", None), (None, None), ("2", "x")]
    assert table.frame.columns == ["a", "b"]
    assert table.first_row == 3


def test_excel_says_which_sheet_was_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["a"], [1]])
    book = openpyxl.load_workbook(path)
    book.create_sheet("codes").append(["z"])
    book.create_sheet("hidden", 0).sheet_state = "hidden"
    book.save(path)
    table = read_raw(path)
    assert column(table) == ["1"]
    assert table.doubts == ("Read from the sheet 'AE'; not read: 'hidden', 'codes'.",)
    assert column(read_raw(path, sheet="codes"), "z") == []
    with pytest.raises(DataError, match="Did you mean 'codes'"):
        read_raw(path, sheet="code")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "sheet 'AE' is empty"),
        ([["a", "b", "a "], [1, 2, 3]], "'a' (columns 1, 3)"),
        ([["a", "b"], [1, "=1+1"]], "cell B2 of the sheet 'AE' holds a formula without its value"),
    ],
)
def test_excel_refusals(tmp_path: Path, rows: list[list[object]], said: str) -> None:
    assert said in refusal(workbook(tmp_path, rows))


def test_excel_cut_file_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["a"], [1]])
    path.write_bytes(path.read_bytes()[:-100])
    assert "not an Excel workbook, or it is cut" in refusal(path)


def test_excel_with_a_part_missing_is_refused(tmp_path: Path) -> None:
    path, cut = workbook(tmp_path, [["a"], [1]]), tmp_path / "cut.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(cut, "w") as part:
        for name in whole.namelist():
            if name != "xl/workbook.xml":
                part.writestr(name, whole.read(name))
    assert "not an Excel workbook" in refusal(cut)
