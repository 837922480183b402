"""trial_visits: the records of TV."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.registry import Fetch, Made, maker
from tlfgen.sdtm.make_trial_arms import spec_lines
from tlfgen.spec.study import StudySpec

COLUMNS = {
    "VISITNUM": pl.Float64,
    "VISIT": pl.String,
    "VISITDY": pl.Int64,
    "ARMCD": pl.String,
    "ARM": pl.String,
    "TVSTRL": pl.String,
}


@maker(scope="study")
def make_trial_visits(fetch: Fetch, *, study: StudySpec) -> Made:
    """Make a record for each planned visit.

    ARMCD and ARM are null: study.yaml plans the same visits for every arm. TVSTRL says the planned study
    day, or that the visit has none.

    Source: SDTMIG 3.4, Trial Visits.
    """
    records = [
        (
            v.VISITNUM,
            v.VISIT,
            v.day,
            None,
            None,
            "Not tied to a study day" if v.day is None else f"Planned on study day {v.day}",
        )
        for v in study.visits
    ]
    return Made(pl.DataFrame(records, schema=COLUMNS, orient="row"), spec_lines(list(study.visits)))
