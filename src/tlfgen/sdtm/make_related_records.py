"""related_records: the records of RELREC that tie whole datasets."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.engine.keyed import SUBJECT
from tlfgen.engine.registry import Fetch, Made, maker
from tlfgen.errors import NOWHERE, Finding, Place, SpecError

COLUMNS = {
    "RDOMAIN": pl.String,
    SUBJECT: pl.String,
    "IDVAR": pl.String,
    "IDVARVAL": pl.String,
    "RELTYPE": pl.String,
    "RELID": pl.String,
}


@maker(scope="study", reads=lambda typed, study: typed["variables"])
def make_related_records(
    fetch: Fetch, *, relation: str, variables: dict[str, Literal["ONE", "MANY"]], at: Place = NOWHERE
) -> Made:
    """Make a record for each dataset of a relation between datasets.

    variables: the identifying variable of each dataset -> how many of its records bear one value of a
    subject, as `{TU.TULNKID: ONE, TR.TRLNKID: MANY}`. RELID is `relation`, the same on all its records;
    USUBJID and IDVARVAL are null, for the relation holds for every record. A dataset that says ONE and has
    a value twice in a subject is an error finding. A relation of fewer than two datasets is a SpecError.

    The source of each record is the line of the spec.

    Source: SDTMIG 3.4, 8.3 (relating datasets) and 8.3.1 (RELREC dataset relationship example).
    """
    if len(variables) < 2:
        raise SpecError(
            f"The relation '{relation}' names {len(variables)} dataset.", place=at,
            hint="A relation ties two datasets or more: {TU.TULNKID: ONE, TR.TRLNKID: MANY}.",
        )  # fmt: skip
    records, findings = [], []
    for dotted, reltype in variables.items():
        dataset, _, name = dotted.rpartition(".")
        held = fetch(dotted).filter(pl.col(name).is_not_null())
        records.append((dataset, None, name, None, reltype, relation))
        if reltype == "ONE":
            findings += _repeated(held, dataset, name)
    frame = pl.DataFrame(records, schema=COLUMNS, orient="row")
    lines = pl.DataFrame({"index": range(frame.height)}, schema={"index": pl.Int64}).with_columns(
        pl.lit(at.path).alias("source"), pl.lit(at.line, dtype=pl.Int64).alias("source_row")
    )
    return Made(frame, lines, tuple(findings))


def _repeated(held: pl.DataFrame, dataset: str, name: str) -> list[Finding]:
    """A finding for each value that a subject has more than once."""
    twice = held.group_by(SUBJECT, name).len().filter(pl.col("len") > 1).sort(SUBJECT, name)
    return [
        Finding(
            "error", "sdtm", dataset, "related_records",
            f"{subject} has {number} records of {name} {value}, which RELREC calls one", value=str(value),
        )
        for subject, value, number in twice.iter_rows()
    ]  # fmt: skip
