"""expected_records: a record for each expected parameter and visit of a subject that has none."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from tlfgen.adam.records_of_records import (
    AT,
    VISIT,
    bares,
    indexed,
    misnamed,
    owner_of,
    planned_visits,
    read_row,
)
from tlfgen.engine.keyed import SUBJECT
from tlfgen.engine.registry import ROW, Fetch, Made, Other, OtherWhere, maker
from tlfgen.errors import NOWHERE, Place
from tlfgen.spec.loader import Entry, Number
from tlfgen.spec.significant import significant
from tlfgen.spec.study import StudySpec

RULE = "expected_records"
NOTHING: dict[str, float] = {}


class ExpectedParameter(Entry):
    """A parameter of which every subject is expected to have a record at each visit."""

    PARAMCD: str = Field(max_length=8)
    PARAM: str
    PARAMN: Number | None = None


@maker
def make_expected_records(
    fetch: Fetch,
    *,
    subjects: Other,
    where: OtherWhere = None,
    parameters: tuple[ExpectedParameter, ...],
    parameter: Other,
    visit: Other,
    number: Other,
    expected: dict[str, float] = NOTHING,
    study: StudySpec,
    at: Place = NOWHERE,
) -> Made:
    """Make a record without a value where a subject has none of a parameter at a visit.

    First case that applies, for each subject, parameter and expected visit:
      1. the subject does not meet `where`                             no record
      2. a record of the parameter and visit is there, whatever its
         value                                                         no record
      3. otherwise                                                     a record; DTYPE PHANTOM, no AVAL

    subjects: a variable of ADSL that the subjects have; where: on ADSL. parameter: the PARAMCD of the records
    that are there; visit, number: their AVISIT and AVISITN. expected: the visits by name with their number;
    where it is not said, those of study.yaml that are analysed. The subject's record of ADSL is the source.

    Source: ADaMIG 1.3, 4.5.2 (rows that are created where none was collected).
    """
    code, name, count = (bares([n])[0] for n in (parameter, visit, number))
    has = bares([subjects])[0]
    people = fetch(subjects, where=where).filter(pl.col(has).is_not_null()).select(SUBJECT, ROW)
    given = fetch(parameter, visit, number)
    there = given.select(SUBJECT, pl.col(code).alias("PARAMCD"), significant(pl.col(count)).alias(AT))
    visits = planned_visits(expected, study, at)
    named = pl.DataFrame(
        [(p.PARAMCD, p.PARAM, p.PARAMN) for p in parameters],
        schema={"PARAMCD": pl.String, "PARAM": pl.String, "PARAMN": pl.Int64},
        orient="row",
    )
    made = indexed(
        people.join(named, how="cross", maintain_order="left_right")
        .join(visits, how="cross", maintain_order="left_right")
        .join(there, on=[SUBJECT, "PARAMCD", AT], how="anti", maintain_order="left")
    )
    frame = made.select(
        SUBJECT,
        *named.columns,
        pl.col(VISIT).alias(name),
        pl.col(AT).alias(count),
        pl.lit("PHANTOM").alias("DTYPE"),
        pl.lit(None, dtype=pl.Float64).alias("AVAL"),
    )
    asked = given.filter(pl.col(code).is_in(named["PARAMCD"].implode()))
    return Made(
        frame,
        read_row(made, owner_of(subjects)),
        misnamed(visits, asked, name, count, owner_of(number), RULE),
    )
