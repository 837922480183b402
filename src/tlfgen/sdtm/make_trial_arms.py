"""trial_arms: the records of TA."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.registry import Fetch, Made, maker
from tlfgen.spec.loader import Entry
from tlfgen.spec.study import StudySpec

SPEC = "study.yaml"
COLUMNS = {
    "ARMCD": pl.String,
    "ARM": pl.String,
    "TAETORD": pl.Int64,
    "ETCD": pl.String,
    "ELEMENT": pl.String,
    "TABRANCH": pl.String,
    "TATRANS": pl.String,
    "EPOCH": pl.String,
}


@maker(scope="study")
def make_trial_arms(fetch: Fetch, *, study: StudySpec) -> Made:
    """Make a record for each element of each planned arm, in order.

    An arm's elements are those of study.yaml that name it, or no arm. Branches and transitions (TABRANCH,
    TATRANS) are not described there and stay null.

    Source: SDTMIG 3.4, Trial Arms.
    """
    records = [
        (arm.ARMCD, arm.ARM, number, e.ETCD, e.ELEMENT, None, None, e.EPOCH, e)
        for arm in sorted(study.arms, key=lambda a: a.order)
        for number, e in enumerate((e for e in study.elements if not e.arms or arm.ARMCD in e.arms), start=1)
    ]
    frame = pl.DataFrame([r[:-1] for r in records], schema=COLUMNS, orient="row")
    return Made(frame, spec_lines([r[-1] for r in records]))


def spec_lines(entries: list[Entry]) -> pl.DataFrame:
    """The lines of study.yaml as the sources of records that no subject's data made."""
    lines = [(index, SPEC, entry.at.line) for index, entry in enumerate(entries)]
    return pl.DataFrame(
        lines, schema={"index": pl.Int64, "source": pl.String, "source_row": pl.Int64}, orient="row"
    )
