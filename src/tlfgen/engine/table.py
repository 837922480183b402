"""A dataset in the making: its rows, what fills each variable, and what is known of the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from tlfgen.engine.registry import ROW
from tlfgen.spec.dataset import VariableSpec

SUBJECT = "USUBJID"
OVERRIDE, OVERRIDDEN = ":=", ":?"
SOURCE_ROW = "#source_row"  # the number of the record that a row was taken from
GROUP = "#group"  # the entry of `records` that made a row, from 1; null of the source's rows
BEHIND = "#behind:"  # the text that a derived date was made of
DTYPES: dict[str, Any] = {
    "text": pl.String,
    "iso": pl.String,
    "integer": pl.Int64,
    "float": pl.Float64,
    "date": pl.Date,
    "datetime": pl.Datetime("us"),
}


@dataclass
class Table:
    """A dataset in the making.

    frame: USUBJID, ROW and what has been computed. fields: bare name -> column of the frame, for collected
    fields; texts: the same for the collected text of a field that was typed as a number. entries: variable
    -> its entry. types: variable -> type. partial: names that hold ISO 8601 text. origins: the forms or the
    dataset whose rows these are. collected: name -> the column with the text that its type could not hold.
    flags: variables whose null says no. answered: flags for which there is another word beside "Y". source:
    the dataset whose rows these are, where their fields are taken one by one. keys: what identifies a
    record."""

    name: str
    stage: str
    frame: pl.DataFrame
    fields: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    entries: dict[str, VariableSpec] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    partial: set[str] = field(default_factory=set)
    origins: tuple[str, ...] = ()
    collected: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    source: Table | None = None
    keys: tuple[str, ...] = ()

    def text_of(self, name: str, seen: tuple[str, ...] = ()) -> str | None:
        """The column with the collected text of a variable that could not hold it; also of the variable that
        it is taken `from` or derived `of`."""
        if name in self.collected:
            return self.collected[name]
        owner, _, bare = name.rpartition(".")
        if (owner and owner not in self.origins) or bare in seen:
            return None
        if bare in self.collected or bare not in self.entries:
            return self.collected.get(bare)
        entry = self.entries[bare]
        source = entry.from_ or entry.date or entry.params.get("of")
        return self.text_of(source, (*seen, bare)) if isinstance(source, str) else None

    def brought(self, name: str) -> str:
        """The column with a field that the rows bring along; of another dataset's rows it is taken when it is
        asked for."""
        column = self.fields[name]
        if column not in self.frame.columns and self.source is not None:
            own = self.source.frame.select(pl.col(ROW).alias(SOURCE_ROW), pl.col(name).alias(column))
            self.frame = self.frame.join(own, on=SOURCE_ROW, how="left", maintain_order="left")
        return column

    def asked(self, name: str) -> pl.Series:
        """The numbers of the rows on which the entry of a variable fills it: on others it is given."""
        given = OVERRIDDEN + name
        rows = self.frame[ROW]
        return rows.filter(~self.frame[given]) if given in self.frame.columns else rows

    def known(self) -> list[str]:
        return [
            *self.entries,
            *self.fields,
            *(c for c in self.frame.columns if c[0] not in "#:" and "." not in c),
        ]


def renamed(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Columns of a frame by new names: new name -> column."""
    return pl.DataFrame([frame[column].alias(name) for name, column in columns.items()])
