"""Values that could not be read: what was collected in their place, from the supplemental qualifiers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.source import SUBJECT

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

SUPPLEMENT = "SUPP"


def sequence_of(dataset: Dataset) -> str | None:
    """The number of a record within its subject, by which supplemental qualifiers are matched."""
    return next((c for c in dataset.frame.columns if len(c) == 5 and c.endswith("SEQ")), None)


def qualifier_of(name: str) -> str:
    """The qualifier that holds the collected text of a variable that could not be typed.

    >>> qualifier_of("AEENDTC"), qualifier_of("AEACNPYR")
    ('AEENDTCO', 'AEACNPYO')
    """
    return f"{name[:7]}O"


def with_collected(
    frame: pl.DataFrame, sequence: str | None, names: Collection[str], data: Mapping[str, Dataset]
) -> pl.DataFrame:
    """Add the qualifiers of these variables to records, null where the value could be read or was blank."""
    wanted = {qualifier_of(n) for n in names}
    for name, supp in data.items():
        if not name.startswith(SUPPLEMENT) or sequence is None or sequence not in frame.columns:
            continue
        own = supp.frame.filter((pl.col("IDVAR") == sequence) & pl.col("QNAM").is_in(wanted))
        if not own.height:
            continue
        wide = own.pivot("QNAM", index=[SUBJECT, "IDVARVAL"], values="QVAL", aggregate_function="first")
        number = pl.col(sequence).cast(pl.Int64).cast(pl.String)
        frame = frame.with_columns(number.alias("#of")).join(
            wide, left_on=[SUBJECT, "#of"], right_on=[SUBJECT, "IDVARVAL"], how="left", maintain_order="left"
        )
        frame = frame.drop("#of")
    missing = [q for q in sorted(wanted) if q not in frame.columns]
    return frame.with_columns(pl.lit(None, pl.String).alias(q) for q in missing)
