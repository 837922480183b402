"""The times of a figure's subjects: one record each, with a time and whether it ends in the event."""

from __future__ import annotations

import polars as pl

from tlfgen.ard.prepare import Prepared
from tlfgen.ard.source import SUBJECT, meets
from tlfgen.errors import SpecError
from tlfgen.spec.figure_forest import EstimateSpec
from tlfgen.spec.figure_kaplan_meier import KaplanMeierSpec

TIME, EVENT = "#time", "#event"


def timed_records(prepared: Prepared, timed: KaplanMeierSpec | EstimateSpec) -> pl.DataFrame:
    """The records that have a time and a status, with TIME and EVENT. `timed` names both.

    Raises SpecError: a time that is no number, negative or infinite; two records of one subject.
    """
    source, status = prepared.source, timed.event_condition
    source.needs([timed.time], timed.at_key("time"))
    source.needs(status.columns, timed.at_key("event"))
    column = source.own(timed.time)
    if not (source.frame.schema[column].is_numeric() or source.frame.schema[column] == pl.Null):
        raise SpecError(f"{source.dataset}.{timed.time} is no number.", place=timed.at_key("time"))
    known = [pl.col(n).is_not_null() for n in (column, *status.columns)]
    frame = source.frame.filter(pl.all_horizontal(known))
    twice = frame.filter(pl.col(SUBJECT).is_duplicated())
    if twice.height:
        raise SpecError(
            f"{source.dataset} has more than one time of subject {twice[SUBJECT][0]}.",
            place=prepared.output.at_key("where"),
            hint="Narrow where: to one record a subject, as PARAMCD = 'OS' does.",
        )
    time = pl.col(column).cast(pl.Float64)
    negative = frame.filter((time < 0) | ~time.is_finite())
    if negative.height:
        raise SpecError(
            f"The time of subject {negative[SUBJECT][0]} is {negative[column][0]}; it cannot be negative.",
            place=timed.at_key("time"),
        )
    return frame.with_columns(time.alias(TIME), meets(status, frame).alias(EVENT))
