"""Which records are set aside, and why: the only reasons there are.

First case that applies:
  1. every column of the record is blank                       rule "record"
  2. the subject is blank or does not fit study.yaml's parts   rule "subject"
  3. a required field of the key is blank                      rule "key"
  4. the key repeats that of an earlier record                 rule "key"

A record with a field of the key that cannot be read, or a date that lacks its day or month, repeats no other:
two of them may be two doses.
"""

from __future__ import annotations

import polars as pl

from tlfgen.engine.registry import ROW
from tlfgen.raw.dates import Dated
from tlfgen.raw.fields import Field, Form
from tlfgen.raw.files import Collected
from tlfgen.raw.subjects import SUBJECT
from tlfgen.raw.types import BLANKS, trimmed

WHOLE_DATE = 10  # characters of YYYY-MM-DD
RULE, KIND, REASON = "rule", "kind", "reason"
SCHEMA = {
    "index": pl.UInt32, RULE: pl.String, KIND: pl.String, REASON: pl.String,
    "field": pl.String, "value": pl.String,
}  # fmt: skip
BLANK_RECORD, NO_SUBJECT, BLANK_KEY, REPEATED_KEY = (
    "blank record",
    "subject unusable",
    "key blank",
    "key repeated",
)
Row = tuple[int, str, str, str, str | None, str | None]


def set_aside(form: Form, found: Collected, frame: pl.DataFrame) -> pl.DataFrame:
    """The records to set aside, in their order: index (from 0), rule, kind, reason, field and value."""
    unusable = _unusable(form, found, frame)
    blank = _blank_keys(form, found.text, set(unusable["index"]))
    gone = pl.concat([unusable["index"], blank["index"]])
    repeated = _repeated_keys(form, found.text, frame, gone) if form.unique else _frame([])
    return pl.concat([unusable, blank, repeated]).sort("index")


def _frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _unusable(form: Form, found: Collected, frame: pl.DataFrame) -> pl.DataFrame:
    column = form.subjects.column
    index = frame[SUBJECT].is_null().arg_true()
    if not len(index):
        return _frame([])
    tokens = form.field(column).missing
    empty = found.columns[index.to_list()].select(pl.all_horizontal(_is_blank(pl.all(), tokens))).to_series()
    rows: list[Row] = []
    for i, text, nothing in zip(index, found.text[column].gather(index), empty, strict=True):
        if nothing:
            rows.append((i, "record", BLANK_RECORD, "the record is blank", None, None))
        elif text is None or not text.strip(BLANKS):
            rows.append((i, "subject", NO_SUBJECT, "the subject is blank", column, text))
        else:
            says = f"'{text}' is no subject of this study (it does not fit {form.subjects.pattern})"
            rows.append((i, "subject", NO_SUBJECT, says, column, text))
    return _frame(rows)


def _is_blank(text: pl.Expr, tokens: tuple[str, ...]) -> pl.Expr:
    return text.is_null() | text.str.strip_chars(BLANKS).is_in(["", *tokens])


def _blank_keys(form: Form, text: pl.DataFrame, gone: set[int]) -> pl.DataFrame:
    rows: dict[int, Row] = {}
    for field in form.unique:
        if not field.spec.required:
            continue
        for i in trimmed(text[field.column]).is_null().arg_true():
            if i not in gone:
                says = f"{field.column} is blank, which the key needs"
                rows.setdefault(i, (i, "key", BLANK_KEY, says, field.column, None))
    return _frame(list(rows.values()))


def _certain(field: Field, frame: pl.DataFrame, text: pl.DataFrame) -> pl.Series:
    """The indexes of the records whose field of the key is known: read whole, or blank."""
    value = frame[field.column]
    known = value.is_not_null() | trimmed(text[field.column]).is_null()
    if isinstance(field.kind, Dated) and field.kind.kind == "date":
        known &= (value.str.len_chars() >= WHOLE_DATE).fill_null(True)
    return known.arg_true()


def _repeated_keys(form: Form, text: pl.DataFrame, frame: pl.DataFrame, gone: pl.Series) -> pl.DataFrame:
    names = [f.column for f in form.unique]
    keys = frame.select(
        pl.col(ROW),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"),
        *(frame[f.column].cast(pl.String).alias(f"key {n}") for n, f in enumerate(form.unique)),
    )
    for field in form.unique:
        keys = keys.filter(pl.col("index").is_in(_certain(field, frame, text).implode()))
    if len(gone):
        keys = keys.filter(~pl.col("index").is_in(gone.implode()))
    columns = [c for c in keys.columns if c.startswith("key ")]
    twice = ~keys.select(pl.struct(columns).is_first_distinct()).to_series()
    if not twice.any():
        return _frame([])
    first = keys.join(keys.filter(twice).select(columns).unique(), on=columns, how="semi", nulls_equal=True)
    again = first.with_columns(pl.col(ROW).first().over(columns).alias("first")).filter(
        pl.col("first") != pl.col(ROW)
    )
    rows: list[Row] = []
    for row in again.iter_rows(named=True):
        said = ", ".join(f"{n} {row[c] or 'blank'}" for n, c in zip(names, columns, strict=True))
        says = f"repeats the key of row {row['first']} ({said})"
        rows.append((row["index"], "key", REPEATED_KEY, says, names[-1], row[columns[-1]]))
    return _frame(rows)
