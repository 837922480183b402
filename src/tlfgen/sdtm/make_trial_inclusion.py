"""trial_inclusion: the records of TI."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.registry import Fetch, Made, maker
from tlfgen.errors import SpecError
from tlfgen.sdtm.make_trial_arms import spec_lines
from tlfgen.spec.study import StudySpec

COLUMNS = ("IETESTCD", "IETEST", "IECAT", "IESCAT", "TIRL", "TIVERS")


@maker(scope="study")
def make_trial_inclusion(fetch: Fetch, *, study: StudySpec) -> Made:
    """Make a record for each criterion of `eligibility` in study.yaml, in their order.

    TIVERS tells versions of one criterion apart; a code that stands twice in one version is a SpecError.

    Source: SDTMIG 3.4, Trial Inclusion/Exclusion Criteria.
    """
    seen: set[tuple[str, str | None]] = set()
    for entry in study.eligibility:
        key = (entry.IETESTCD, entry.TIVERS)
        if key in seen:
            raise SpecError(
                f"The criterion '{entry.IETESTCD}' stands twice.", place=entry.at,
                hint="Give each version of a criterion its own TIVERS.",
            )  # fmt: skip
        seen.add(key)
    records = [tuple(getattr(entry, name) for name in COLUMNS) for entry in study.eligibility]
    frame = pl.DataFrame(records, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    return Made(frame, spec_lines(list(study.eligibility)))
