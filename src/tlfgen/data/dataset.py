"""A dataset with its metadata, and the tables that say where its records came from.

Rows are numbered from 1 by position. A stage writes, beside each dataset, its lineage and its decisions:

lineage    dataset, row, source, source_row, role     role "record": the row comes from it; else a
variable's name; the names are categories in memory, texts in the file
decisions  dataset, row, variable, candidate, value, rule, chosen, reason
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from tlfgen.errors import Place, SpecError, nearest

LINEAGE: dict[str, type[pl.DataType]] = {
    "dataset": pl.Categorical,
    "row": pl.Int64,
    "source": pl.Categorical,
    "source_row": pl.Int64,
    "role": pl.Categorical,
}
DECISIONS = {
    "dataset": pl.String, "row": pl.Int64, "variable": pl.String, "candidate": pl.String,
    "value": pl.String, "rule": pl.String, "chosen": pl.Boolean, "reason": pl.String,
}  # fmt: skip
LEDGER = {
    "stage": pl.String, "dataset": pl.String, "source": pl.String,
    "read": pl.Int64, "used": pl.Int64, "left_out": pl.Int64, "reason": pl.String, "made": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Variable:
    """The metadata of one variable. type: text, integer, float, date or datetime. method: how it is
    derived. continues: the variable whose text goes on here, where it is over 200 characters."""

    name: str
    label: str
    type: str = "text"
    origin: str = ""
    codelist: str = ""
    method: str = ""
    continues: str = ""


@dataclass(frozen=True)
class Dataset:
    """A frame whose columns are described by `variables`, in order.

    decimals: PARAMCD -> the decimals to which its values count as collected, where the spec says so. unread:
    variable -> the positions of the records whose collected text it could not hold. answered: flags for which
    the spec has another word beside "Y", so that their null is no "no". made_by: who made it elsewhere; it is
    read, not derived.
    """

    name: str
    label: str
    frame: pl.DataFrame
    variables: tuple[Variable, ...]
    keys: tuple[str, ...] = ()
    class_: str = ""
    structure: str = ""
    decimals: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, Sequence[int]] = field(default_factory=dict)
    answered: tuple[str, ...] = ()
    made_by: str = ""

    def variable(self, name: str) -> Variable:
        """The metadata of a variable; a SpecError with the nearest name where there is none."""
        for v in self.variables:
            if v.name == name:
                return v
        raise missing_variable(self.name, name, self.frame.columns)

    def with_frame(self, frame: pl.DataFrame) -> Dataset:
        return replace(self, frame=frame)


def missing_variable(dataset: str, name: str, known: Iterable[str], at: Place | None = None) -> SpecError:
    """The error for a variable that a dataset does not have."""
    known = list(known)
    near = nearest(name, known)
    hint = f"Did you mean '{near}'?" if near else f"{dataset} has: " + ", ".join(known[:40]) + "."
    return SpecError(f"{dataset} has no variable '{name}'.", place=at or Place(), hint=hint)


def empty(schema: dict[str, type[pl.DataType]] | dict[str, pl.DataType]) -> pl.DataFrame:
    """A frame with no rows."""
    return pl.DataFrame(schema=schema)


def stack(frames: Sequence[pl.DataFrame], schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Put frames of one schema below each other; none gives an empty frame."""
    kept = [f.select([pl.col(c).cast(t) for c, t in schema.items()]) for f in frames if f.height]
    return pl.concat(kept) if kept else empty(dict(schema))
