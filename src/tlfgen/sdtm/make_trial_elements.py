"""trial_elements: the records of TE."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.registry import Fetch, Made, maker
from tlfgen.sdtm.make_trial_arms import spec_lines
from tlfgen.spec.study import StudySpec

COLUMNS = dict.fromkeys(("ETCD", "ELEMENT", "TESTRL", "TEENRL"), pl.String)


@maker(scope="study")
def make_trial_elements(fetch: Fetch, *, study: StudySpec) -> Made:
    """Make a record for each element of the design: its code, its name, the rules for its start and its end.

    Source: SDTMIG 3.4, Trial Elements.
    """
    records = [(e.ETCD, e.ELEMENT, e.rule, e.end_rule or None) for e in study.elements]
    return Made(pl.DataFrame(records, schema=COLUMNS, orient="row"), spec_lines(list(study.elements)))
