"""trial_summary: the records of TS."""

from __future__ import annotations

import polars as pl

from tlfgen.data.standards import codelist
from tlfgen.engine.registry import Fetch, Made, maker
from tlfgen.errors import unknown
from tlfgen.sdtm.make_trial_arms import spec_lines
from tlfgen.spec.study import StudySpec, TrialSummarySpec

PARAMETERS = "TSPARMCD"
COLUMNS = {
    "TSSEQ": pl.Int64,
    "TSPARMCD": pl.String,
    "TSPARM": pl.String,
    "TSVAL": pl.String,
    "TSVALNF": pl.String,
    "TSVALCD": pl.String,
    "TSVCDREF": pl.String,
    "TSVCDVER": pl.String,
}


@maker(scope="study")
def make_trial_summary(fetch: Fetch, *, study: StudySpec) -> Made:
    """Make a record for each entry of `trial_summary` in study.yaml.

    TSPARM is the entry's own, else what the codelist TSPARMCD says for the code; a code that has neither is a
    SpecError. TSSEQ numbers the entries of one code, in their order.

    Source: SDTMIG 3.4, Trial Summary Information.
    """
    counted: dict[str, int] = {}
    records = []
    for entry in study.trial_summary:
        code = entry.TSPARMCD
        counted[code] = counted.get(code, 0) + 1
        value = (entry.TSVAL, entry.TSVALNF, entry.TSVALCD, entry.TSVCDREF, entry.TSVCDVER)
        records.append((counted[code], code, _name(entry), *value))
    return Made(pl.DataFrame(records, schema=COLUMNS, orient="row"), spec_lines(list(study.trial_summary)))


def _name(entry: TrialSummarySpec) -> str:
    if entry.TSPARM:
        return entry.TSPARM
    known = codelist(PARAMETERS)
    terms = known.by_value if known else {}
    if entry.TSPARMCD not in terms:
        more = "For a parameter of your own give TSPARM:."
        raise unknown("The trial summary parameter", entry.TSPARMCD, terms, entry.at, more=more)
    return terms[entry.TSPARMCD].decode
