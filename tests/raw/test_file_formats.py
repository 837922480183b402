"""The same records in every file format give the same typed records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pyreadstat
import pytest

from tlfgen.data.formats import number_text, read_raw
from tlfgen.raw.fields import Form
from tlfgen.raw.forms import type_form
from tlfgen.raw.stage import check_form_specs
from tlfgen.spec.specs import load_specs

PROJECT = Path(__file__).parents[2]
STUDY = PROJECT / "specs" / "pyrotinib-mcrc"
FORMS = ("AE", "DM", "VS", "ECT", "LBC", "TR", "DS")
Write = Callable[[pl.DataFrame, dict[str, dict[float, str]], Path], None]


def coded(form: Form, text: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, dict[float, str]]]:
    """The records as a statistics package has them: codes with labels, numbers as numbers."""
    labels: dict[str, dict[float, str]] = {}
    columns = []
    for column in text.iter_columns():
        spec = next((f.spec for f in form.fields if f.spec.name == column.name), None)
        if spec is not None and spec.type == "code":
            words = sorted(column.drop_nulls().unique())
            labels[column.name] = {float(n): w for n, w in enumerate(words, 1)}
            numbers = {w: float(n) for n, w in enumerate(words, 1)}
            columns.append(column.replace_strict(numbers, return_dtype=pl.Float64))
            continue
        number = column.cast(pl.Float64, strict=False)
        if spec is not None and spec.type in ("number", "integer") and number_text(number).equals(column):
            columns.append(number)
        else:
            columns.append(column)
    return pl.DataFrame(columns), labels


def sav(frame: pl.DataFrame, labels: dict[str, dict[float, str]], path: Path) -> None:
    pyreadstat.write_sav(frame.to_pandas(), path, variable_value_labels=labels)


def zsav(frame: pl.DataFrame, labels: dict[str, dict[float, str]], path: Path) -> None:
    pyreadstat.write_sav(frame.to_pandas(), path, variable_value_labels=labels, compress=True)


def dta(frame: pl.DataFrame, labels: dict[str, dict[float, str]], path: Path) -> None:
    words: Any = {c: {int(n): w for n, w in given.items()} for c, given in labels.items()}
    pandas = frame.with_columns(pl.col(list(labels)).cast(pl.Int32)).to_pandas()
    pandas = pandas.astype({c: "Int32" for c in labels})
    pyreadstat.write_dta(pandas, path, variable_value_labels=words)


def uncoded(frame: pl.DataFrame, labels: dict[str, dict[float, str]]) -> pl.DataFrame:
    return frame.with_columns(
        pl.col(c).replace_strict(words or {0.0: ""}, default=None, return_dtype=pl.String)
        for c, words in labels.items()
    )


def xpt(frame: pl.DataFrame, labels: dict[str, dict[float, str]], path: Path) -> None:
    pyreadstat.write_xport(uncoded(frame, labels).to_pandas(), path, file_format_version=8)


def parquet(frame: pl.DataFrame, labels: dict[str, dict[float, str]], path: Path) -> None:
    uncoded(frame, labels).write_parquet(path)


def xlsx(frame: pl.DataFrame, labels: dict[str, dict[float, str]], path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(frame.columns)
    for row in uncoded(frame, labels).iter_rows():
        sheet.append(row)
    book.save(path)


def csv(frame: pl.DataFrame, labels: dict[str, dict[float, str]], path: Path) -> None:
    texts = [number_text(c) if c.dtype == pl.Float64 else c for c in uncoded(frame, labels).iter_columns()]
    pl.DataFrame(texts).write_csv(path)


@pytest.mark.parametrize("write", [sav, zsav, dta, xpt, parquet, xlsx, csv], ids=lambda w: w.__name__)
def test_the_bundled_forms_are_the_same_in_every_format(tmp_path: Path, write: Write) -> None:
    """The right records are those of the CSV files that come with the study."""
    compiled = check_form_specs(load_specs(STUDY))
    for name in FORMS:
        form = compiled[name]
        right = type_form(form, STUDY / "raw")
        files = []
        for file in form.spec.files:
            frame, labels = coded(form, read_raw(STUDY / "raw" / file).frame)
            files.append(Path(file).with_suffix(f".{write.__name__}").name)
            write(frame, labels, tmp_path / files[-1])
        other = type_form(replace(form, spec=form.spec.model_copy(update={"files": tuple(files)})), tmp_path)
        assert other.frame.equals(right.frame), name
        assert other.read == right.read
        rules = [(f.rule, f.row, f.value) for f in right.findings if f.rule not in ("file",)]
        assert [(f.rule, f.row, f.value) for f in other.findings if f.rule not in ("file",)] == rules


def test_spss_missing_values_are_blank_and_told(tmp_path: Path) -> None:
    """A single value, a range, and a text; a code without a label stays as it is."""
    frame = pl.DataFrame(
        {
            "SEX": [1.0, 2.0, 9.0, 3.0, None],
            "AGE": [30.0, 999.0, 41.5, -1.0, 5.0],
            "T": ["a", "ZZ", " x", None, ""],
        }
    )
    pyreadstat.write_sav(
        frame.to_pandas(),
        tmp_path / "a.sav",
        variable_value_labels={"SEX": {1.0: "Male", 2.0: "Female", 9.0: "Not told"}},
        missing_ranges={"SEX": [9.0], "AGE": [{"lo": 900, "hi": 1000}, -1.0], "T": ["ZZ"]},
    )
    table = read_raw(tmp_path / "a.sav")
    assert table.frame.to_dict(as_series=False) == {
        "SEX": ["Male", "Female", None, "3", None],
        "AGE": ["30", None, "41.5", None, "5"],
        "T": ["a", None, " x", None, None],
    }
    assert set(table.notes) == {
        "'SEX' has values that the file calls missing, read as blank: 9 Not told (1).",
        "'SEX' is read by its value labels.",
        "'SEX' has values without a label, read as they stand: 3.",
        "'AGE' has values that the file calls missing, read as blank: -1 (1), 999 (1).",
        "'T' has values that the file calls missing, read as blank: ZZ (1).",
    }


def test_spss_dates_are_iso(tmp_path: Path) -> None:
    """SPSS counts seconds from 14 October 1582: 13,923,532,800 is 2 January 2024."""
    frame = pl.DataFrame(
        {"D": [13923532800.0, None], "M": [13923532800.0 + 11045, None], "T": [11045.0, None]}
    )
    formats = {"D": "DATE11", "M": "DATETIME20", "T": "TIME8"}
    pyreadstat.write_sav(frame.to_pandas(), tmp_path / "a.sav", variable_format=formats)
    table = read_raw(tmp_path / "a.sav").frame
    assert table.row(0) == ("2024-01-02", "2024-01-02T03:04:05", "03:04:05")
    assert table.row(1) == (None, None, None)


def test_stata_missing_values_and_dates(tmp_path: Path) -> None:
    """.a to .z are blank and told; %td counts days from 1960: 23,377 is 2 January 2024."""
    import pandas as pd

    frame = pd.DataFrame({"SEX": [1, 2, "a", "b"], "D": [23377, 23378, 0, -1]})
    words: Any = {"SEX": {1: "Male", 2: "Female", "a": "Refused"}}
    pyreadstat.write_dta(
        frame,
        tmp_path / "a.dta",
        variable_value_labels=words,
        missing_user_values={"SEX": ["a", "b"]},
        variable_format={"D": "%td"},
    )
    table = read_raw(tmp_path / "a.dta")
    assert table.frame.to_dict(as_series=False) == {
        "SEX": ["Male", "Female", None, None],
        "D": ["2024-01-02", "2024-01-03", "1960-01-01", "1959-12-31"],
    }
    assert (
        "'SEX' has values that the file calls missing, read as blank: .a Refused (1), .b (1)." in table.notes
    )


def test_a_catalogue_gives_the_words_of_sas_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No writer of catalogues is at hand: a stand-in gives what pyreadstat reads of one."""
    from types import SimpleNamespace

    frame = pl.DataFrame({"SUBJ": ["1", "2", "3"], "SEX": [1.0, 2.0, 7.0]})
    pyreadstat.write_xport(frame.to_pandas(), tmp_path / "dm.xpt", variable_format={"SEX": "SEXF8."})
    (tmp_path / "formats.sas7bcat").write_bytes(b"x")
    words = SimpleNamespace(value_labels={"SEXF": {1.0: "Male", 2.0: "Female"}})
    monkeypatch.setattr(pyreadstat, "read_sas7bcat", lambda *_, **__: (None, words))
    table = read_raw(tmp_path / "dm.xpt", catalog=tmp_path / "formats.sas7bcat")
    assert table.frame["SEX"].to_list() == ["Male", "Female", "7"]
    assert read_raw(tmp_path / "dm.xpt").frame["SEX"].to_list() == ["1", "2", "7"]
