"""trial_disease_assessments: the records of TD."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.registry import Fetch, Made, maker
from tlfgen.sdtm.make_trial_arms import spec_lines
from tlfgen.spec.study import StudySpec

COLUMNS = {
    "TDORDER": pl.Int64,
    "TDANCVAR": pl.String,
    "TDSTOFF": pl.String,
    "TDTGTPAI": pl.String,
    "TDMINPAI": pl.String,
    "TDMAXPAI": pl.String,
    "TDNUMRPT": pl.Int64,
}


@maker(scope="study")
def make_trial_disease_assessments(fetch: Fetch, *, study: StudySpec) -> Made:
    """Make a record for each schedule of `disease_assessments` in study.yaml; TDORDER is their order.

    Source: SDTMIG 3.4, Trial Disease Assessments.
    """
    records = [
        (number, *(getattr(entry, name) for name in list(COLUMNS)[1:]))
        for number, entry in enumerate(study.disease_assessments, start=1)
    ]
    frame = pl.DataFrame(records, schema=COLUMNS, orient="row")
    return Made(frame, spec_lines(list(study.disease_assessments)))
