"""Collected text as a reader sees it: unseen characters cleaned, and the tokens that mean "nothing" blank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tlfgen.data.alike import said_rows
from tlfgen.engine.registry import ROW
from tlfgen.errors import Finding, Severity
from tlfgen.raw.fields import Field, Form
from tlfgen.raw.subjects import SUBJECT
from tlfgen.raw.types import BLANKS, FreeText
from tlfgen.spec.characters import changed_characters, is_blank, plain_text, visible

# What other programs write for a missing value, and people for a value that they do not have.
TOKENS = ("NA", ".", "UNK", "ND", "N/A", "NULL", "NaN")
UNUSUAL = r"[^\x20-\x7e\t\n\r]"


@dataclass(frozen=True)
class Remark:
    """Something said once of all values of a field. at: their indexes (from 0); shown: the first of them."""

    severity: Severity
    rule: str
    column: str
    at: tuple[int, ...]
    says: str
    shown: str


def as_seen(form: Form, text: pl.DataFrame) -> tuple[pl.DataFrame, list[Remark]]:
    """Clean the fields' text by `plain_text`, make the tokens blank that the spec calls missing, and say so.

    A token that the spec does not call missing and that stands alone in a field of text is remarked on: it is
    kept. In a field of another type it is no value, and an error of that type.
    """
    remarks: list[Remark] = []
    columns = []
    for field in form.fields:
        column, more = _cleaned(field, text[field.column])
        remarks += more
        column, more = _without_tokens(field, column)
        remarks += more
        columns.append(column)
    return text.with_columns(columns), remarks


def _cleaned(field: Field, text: pl.Series) -> tuple[pl.Series, list[Remark]]:
    unusual = text.filter(text.str.contains(UNUSUAL).fill_null(False)).unique().to_list()
    plain = {t: plain_text(t) for t in unusual if plain_text(t) != t}
    if not plain:
        return text, []
    remarks: dict[str, list[str]] = {}
    for t in plain:
        for name in changed_characters(t.strip(BLANKS)):
            remarks.setdefault(name, []).append(t)
    said = [_character_remark(field, text, name, values) for name, values in sorted(remarks.items())]
    return text.replace(plain), said


def _character_remark(field: Field, text: pl.Series, name: str, values: list[str]) -> Remark:
    at = text.is_in(values).fill_null(False).arg_true().to_list()
    blank = is_blank(name)
    done = "read as an ordinary blank or composed" if blank else "left out, as nobody sees it"
    if name[:4] in ("U+00",) and 0x80 <= int(name[2:6], 16) <= 0x9F:
        done = "read by windows-1252: is that the file's encoding?"
    number = f"{len(at)} value{'s have' if len(at) > 1 else ' has'}"
    says = f"{number} {name}: {done}"
    return Remark("note" if blank else "warning", "characters", field.column, tuple(at), says, text[at[0]])


def _without_tokens(field: Field, text: pl.Series) -> tuple[pl.Series, list[Remark]]:
    bare = text.str.strip_chars(BLANKS)
    remarks = []
    blank = bare.is_in(field.missing).fill_null(False) if field.missing else None
    if blank is not None and blank.any():
        for token in field.missing:
            at = (bare == token).fill_null(False).arg_true().to_list()
            if at:
                says = f"'{token}' stands in {_values(at)} and is missing, as the spec says"
                remarks.append(Remark("note", "missing", field.column, tuple(at), says, token))
        text = text.set(blank, None)
    if field.spec.missing is None and isinstance(field.kind, FreeText):
        for token in TOKENS:
            at = (bare == token).fill_null(False).arg_true().to_list() if token not in field.missing else []
            if at:
                says = f"'{token}' stands in {_values(at)} and is kept as a text; if it means that nothing"
                says += f" is there, say missing: ['{token}'], and missing: [] where it is a value"
                remarks.append(Remark("warning", "missing", field.column, tuple(at), says, token))
    return text, remarks


def _values(at: Sequence[int]) -> str:
    return "1 value" if len(at) == 1 else f"{len(at)} values"


def remark_findings(form: Form, frame: pl.DataFrame, remarks: Sequence[Remark]) -> list[Finding]:
    """Each remark as one finding, placed at its first record."""
    found = []
    for r in remarks:
        rows = frame[ROW].gather(list(r.at)).to_list()
        subject = frame[SUBJECT][r.at[0]]
        message = f"{r.says} ({said_rows(rows)})"
        value = visible(r.shown)
        place = (rows[0], subject, r.column, value)
        found.append(Finding(r.severity, "raw", form.spec.form, r.rule, message, *place))
    return found
