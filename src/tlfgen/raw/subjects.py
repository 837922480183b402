"""Who a record is about: the subject's number as collected, its parts, and USUBJID."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

import polars as pl

from tlfgen.errors import Place, SpecError, unknown
from tlfgen.raw.types import BLANKS
from tlfgen.spec.study import SubjectSpec

SUBJECT = "USUBJID"


@dataclass(frozen=True)
class Subjects:
    """How a form's subjects are read.

    column: the form's field. name: what the template calls it. needed: the names in the template.
    """

    column: str
    name: str
    pattern: re.Pattern[str]
    template: str
    needed: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """The pattern's groups beside the field itself."""
        return tuple(g for g in self.pattern.groupindex if g not in (self.column, SUBJECT))

    def read(self, text: str) -> dict[str, str | None] | None:
        """The subject's number without blanks, its parts and its USUBJID; None where it cannot be read."""
        bare = text.strip(BLANKS)
        found = self.pattern.fullmatch(bare)
        if not found:
            return None
        values = {self.name: bare, self.column: bare, **found.groupdict()}
        if any(values[name] is None for name in self.needed):
            return None
        return {**values, self.column: bare, SUBJECT: self.template.format(**values)}

    def columns(self, text: pl.Series) -> pl.DataFrame:
        """Read a column: USUBJID, the parts, and the number under the field's name; null where unreadable."""
        names = [SUBJECT, *self.parts, self.column]
        distinct = text.drop_nulls().unique().to_list()
        found = [self.read(t) or {} for t in distinct]
        data = {"#text": distinct, **{n: [f.get(n) for f in found] for n in names}}
        lookup = pl.DataFrame(data, schema=dict.fromkeys(data, pl.String))
        rows = text.alias("#text").to_frame().join(lookup, on="#text", how="left", maintain_order="left")
        return rows.select(names)


def compile_subjects(column: str, spec: SubjectSpec) -> Subjects:
    """Compile study.yaml's `subject` for a form whose field is `column`."""
    try:
        # ASCII: \d is 0 to 9, not any digit of any script.
        pattern = re.compile(spec.pattern.pattern, re.ASCII)
    except re.error as error:
        raise SpecError(
            f"The subject's parts cannot be read: {spec.parts}", place=spec.at, hint=f"{error}."
        ) from None
    known = {spec.from_, column, *pattern.groupindex}
    needed = _template_names(spec.USUBJID, spec.at)
    for name in needed:
        if name not in known:
            raise unknown("USUBJID: the part", name, known, spec.at)
    return Subjects(column, spec.from_, pattern, spec.USUBJID, needed)


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
