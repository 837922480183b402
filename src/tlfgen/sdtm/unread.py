"""Which variables of a domain may be null although something was collected, by the spec alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from tlfgen.engine.table import Table
from tlfgen.errors import SpecError
from tlfgen.sdtm.derive_first_date import UNDATED
from tlfgen.sdtm.rows import MAPPED
from tlfgen.spec.dataset import DomainSpec, VariableSpec
from tlfgen.spec.form import FormSpec

TEXT = "#text:"
LONGEST = 8
OF_RECORDS = ("first_date", "last_date", "one_value")


def unread_names(
    domain: DomainSpec,
    entries: Mapping[str, VariableSpec],
    types: Mapping[str, str],
    forms: Mapping[str, FormSpec],
) -> dict[str, str]:
    """Variable -> the supplemental variable that keeps its collected text where its type cannot hold it.

    Such a variable is taken from (or mapped to) a field with a type, a codelist or a check that voids
    it, or is translated by a codelist. A number that goes into a text variable is held as it was
    collected. So may be a date that is derived from those of other records. The name is the variable's with O
    for "as collected" at its end, at most 8 characters; where another variable has it, O2 to O9.
    """
    found: dict[str, str] = {}
    for name, entry in entries.items():
        if entry.name != name or not _may_be_unread(name, entry, domain, types, forms):
            continue
        taken = {*entries, *found.values()}
        ends = ("O", *(f"O{n}" for n in range(2, 10)))
        free = (name[: LONGEST - len(end)] + end for end in ends)
        twin = next((t for t in free if t not in taken), None)
        if twin is None:
            raise SpecError(f"{name}: no name is free for its text as collected.", place=entry.at)
        found[name] = twin
    return found


def _may_be_unread(
    name: str,
    entry: VariableSpec,
    domain: DomainSpec,
    types: Mapping[str, str],
    forms: Mapping[str, FormSpec],
) -> bool:
    if entry.derive in OF_RECORDS and name.endswith("DTC"):
        return True
    fields = {s.form: [n for n in (entry.from_, entry.date, entry.time) if n] for s in domain.from_}
    for source in domain.from_:
        maps = (source.map, *(melt.map for melt in domain.melt))
        fields[source.form] += [m[name] for m in maps if name in m]
    held = types[name] not in ("integer", "float")
    return any(
        strict_field(forms[form], column, held) or (entry.codelist and column in forms[form].columns)
        for form, columns in fields.items()
        if form in forms
        for column in columns
    )


def strict_field(form: FormSpec, column: str, numbers_held: bool = False) -> bool:
    """Whether a field may be null where a text was collected."""
    field = form.field(column)
    if field is None:
        return False
    if field.type in ("integer", "number") and numbers_held:
        return False
    voided = any(column in check.voids for check in form.checks)
    return field.type != "text" or voided


def add_texts(table: Table, names: Mapping[str, str], forms: Mapping[str, FormSpec]) -> None:
    """Put beside each such variable (and field) of a table in the making its text as collected."""
    columns = []
    for name in names:
        entry = table.entries[name]
        texts = [t.str.strip_chars() for t in _texts(entry, table.frame.columns)]
        texts = [pl.when(t != "").then(t) for t in texts]
        columns.append(pl.coalesce(*texts, pl.lit(None, dtype=pl.String)).alias(TEXT + name))
        table.collected[name] = TEXT + name
    table.frame = table.frame.with_columns(columns)
    for origin in table.origins:
        for column in forms[origin.removeprefix("form.")].columns:
            if column not in table.entries and f"::{column}" in table.frame.columns:
                table.collected[column] = f"::{column}"


def _texts(entry: VariableSpec, there: list[str]) -> Iterator[pl.Expr]:
    """The texts that stand for a variable: mapped, of its field, of its date with a time that is unread."""
    if MAPPED + entry.name in there:
        yield pl.col(MAPPED + entry.name)
    source = entry.from_ or entry.date
    if source is None or f"::{source}" not in there:
        return
    date, unread = pl.col(f"::{source}"), pl.col(f":{source}").is_null()
    if entry.codelist and entry.condition is None:
        unread = pl.lit(True)
    yield pl.when(unread).then(date)
    if entry.time is not None and f"::{entry.time}" in there:
        time = pl.col(f"::{entry.time}").str.strip_chars()
        lost = pl.col(f":{entry.time}").is_null() & (time != "")
        yield pl.when(lost).then(pl.format("{} {}", date.str.strip_chars(), time))


def unread_rows(table: Table, name: str) -> pl.DataFrame:
    """The rows of a variable whose text could not be held: it is null, or its time is not in it."""
    told = pl.col(table.collected[name])
    text = told.is_not_null() & (told != UNDATED)
    return table.frame.filter(text if table.entries[name].time else text & pl.col(name).is_null())
