"""Who a record is about: the subject's number as collected, its parts, and USUBJID."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tlfgen.errors import Place, SpecError, unknown
from tlfgen.raw.types import BLANKS
from tlfgen.spec.pattern import whole_pattern
from tlfgen.spec.study import SubjectSpec

SUBJECT = "USUBJID"


@dataclass(frozen=True)
class Subjects:
    """How a form's subjects are read.

    column: the form's field. name: what the template calls it. pattern: as the spec has it, with the named
    groups. needed: the names in the template.
    """

    column: str
    name: str
    pattern: str
    groups: tuple[str, ...]
    template: str
    needed: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """The pattern's groups beside the field itself."""
        return tuple(g for g in self.groups if g not in (self.column, SUBJECT))

    def columns(self, text: pl.Series) -> pl.DataFrame:
        """Read a column: USUBJID, the parts, and the number under the field's name; null where unreadable."""
        names = [SUBJECT, *self.parts, self.column]
        distinct = text.drop_nulls().unique()
        bare = distinct.str.strip_chars(BLANKS)
        whole = whole_pattern(self.pattern)
        found = bare.str.extract_groups(whole).struct.unnest().select(self.groups) if self.groups else None
        rows = found.rows(named=True) if found is not None else [{}] * len(bare)
        fits = bare.str.contains(whole)
        read = [self._read(b, r) if ok else {} for b, r, ok in zip(bare, rows, fits, strict=True)]
        data = {"#text": distinct.to_list(), **{n: [f.get(n) for f in read] for n in names}}
        lookup = pl.DataFrame(data, schema=dict.fromkeys(data, pl.String))
        joined = text.alias("#text").to_frame().join(lookup, on="#text", how="left", maintain_order="left")
        return joined.select(names)

    def _read(self, bare: str, groups: Mapping[str, str | None]) -> dict[str, str | None]:
        """The number, its parts and its USUBJID; nothing where a part that the template needs is missing."""
        values = {self.name: bare, self.column: bare, **groups}
        if any(values[name] is None for name in self.needed):
            return {}
        return {**values, self.column: bare, SUBJECT: self.template.format(**values)}


def compile_subjects(column: str, spec: SubjectSpec) -> Subjects:
    """Compile study.yaml's `subject` for a form whose field is `column`."""
    known = {spec.from_, column, *spec.groups}
    needed = _template_names(spec.USUBJID, spec.at)
    for name in needed:
        if name not in known:
            raise unknown("USUBJID: the part", name, known, spec.at)
    return Subjects(column, spec.from_, spec.pattern, spec.groups, spec.USUBJID, needed)


def _template_names(template: str, at: Place) -> tuple[str, ...]:
    wrong = SpecError(
        f"The template of USUBJID cannot be read: {template}",
        place=at,
        hint='Write "01-{PATNUM}": names in braces.',
    )
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError:
        raise wrong from None
    for _, name, form, conversion in pieces:
        if name is not None and (form or conversion or not name.isidentifier()):
            raise wrong
    return tuple(name for _, name, _, _ in pieces if name is not None)
