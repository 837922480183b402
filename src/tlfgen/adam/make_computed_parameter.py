"""computed_parameter: a parameter computed of others at the same time point, as MAP, BMI, QTcF, eGFR."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Literal

import polars as pl

from tlfgen.adam.records_of_records import LOST, bares, indexed, owner_of, told, used_rows, value_of, valued
from tlfgen.engine.keyed import SUBJECT, group_keys
from tlfgen.engine.registry import ROW, Computed, Fetch, Made, Other, OtherCuts, Others, OtherWhere, maker
from tlfgen.errors import NOWHERE, Finding, Place, SpecError, unknown
from tlfgen.spec.expression import Expression
from tlfgen.spec.significant import comparable

RULE = "computed_parameter"
NONE: dict[str, str] = {}


@maker
def make_computed_parameter(
    fetch: Fetch,
    *,
    of: Other,
    parts: OtherCuts,
    compute: Computed,
    by: Others,
    constants: OtherCuts = NONE,
    where: OtherWhere = None,
    missing: Literal["none", "null"] = "none",
    at: Place = NOWHERE,
) -> Made:
    """Make a record of a value computed of other parameters at the same time point.

    A time point is a subject and the values of `by`, a null being a value of its own. First case that
    applies:
      1. a part has two different values there, or a
         constant has in the subject, or one that
         cannot be read                                the value is null, and a warning
      2. a part or constant has no value               no record, and a note counts them; or, with
                                                       `missing: null`, what `compute` gives with a null
                                                       there: null, unless it says coalesce(PART, ...)
      3. the expression has no value (division by 0)   null, and a warning
      4. otherwise                                     the value of `compute`

    of: the variable whose values are used. parts: the name by which `compute` knows a parameter, and the
    records that it is of. constants: the same for what a subject has once, as a height: its time point does
    not count. where: what all these records meet. compute may also name the variables of `by`, which stand
    on the record.

    Source: ADaMIG 1.3, 4.2 (a parameter derived from others has records of its own).
    """
    expression: Expression = compute
    keys = group_keys(bares(by))
    _check_names(expression, parts, constants, keys, at)
    value = bares([of])[0]
    asked = _records(fetch, of, by, {**parts, **constants}, where)
    found = {name: valued(records, value) for name, records in asked.items()}
    points = _points([asked[name] for name in parts], keys)
    for name in found:
        on = keys if name in parts else [SUBJECT]
        points = points.join(
            _one(found[name], on, name, value), on=on, how="left", nulls_equal=True, maintain_order="left"
        )
    several = pl.any_horizontal(pl.col(f"#several:{name}").fill_null(False) for name in found)
    there = reduce(and_, (pl.col(f"#several:{name}").is_not_null() for name in found))
    left_out = points.filter(~there) if missing == "none" else points.clear()
    points = indexed(points.filter(there) if missing == "none" else points)
    values, undefined = expression.evaluate(points)
    made = points.with_columns(
        several.alias("#several"), undefined.alias("#undefined"), values.alias("#made")
    )
    made = made.with_columns(pl.when(~pl.col("#several")).then(pl.col("#made")).alias("#made"))
    owner = owner_of(of)
    used = [used_rows(made, found[n], keys if n in parts else [SUBJECT], owner) for n in found]
    frame = made.select(*keys, pl.col("#made").cast(_dtype(values)).alias(value_of(value, values.dtype)))
    findings = _findings(made, left_out, owner, value, expression.text, list(found))
    return Made(frame, pl.concat(used).unique().sort("index", "source_row"), findings)


def _dtype(values: pl.Series) -> pl.DataType:
    return pl.Float64() if values.dtype.is_numeric() else values.dtype


def _check_names(
    expression: Expression, parts: OtherCuts, constants: OtherCuts, keys: list[str], at: Place
) -> None:
    """What the expression names is a part, a constant or a variable of the time point, and each is used."""
    for name in expression.columns:
        if name not in {*parts, *constants, *keys}:
            raise unknown("The part", name, [*parts, *constants, *keys], expression.place)
    for name in (*parts, *constants):
        if name not in expression.columns:
            raise SpecError(f"compute does not name the part {name}.", place=at, hint="Leave the part out.")


def _records(
    fetch: Fetch, of: str, by: tuple[str, ...], conditions: OtherCuts, where: OtherWhere
) -> dict[str, pl.DataFrame]:
    """The records of each part, also those without a value."""
    names = [of, *by]
    kept = fetch(*names, where=where)[ROW].implode()
    return {
        name: fetch(*names, where=condition).filter(pl.col(ROW).is_in(kept))
        for name, condition in conditions.items()
    }  # fmt: skip


def _points(found: list[pl.DataFrame], keys: list[str]) -> pl.DataFrame:
    """The time points at which a part has a record, in the order of their first records."""
    rows = pl.concat([records.select(*keys, ROW) for records in found])
    return rows.group_by(keys).agg(pl.col(ROW).min()).sort(ROW)


def _one(records: pl.DataFrame, on: list[str], name: str, value: str) -> pl.DataFrame:
    """The value of a part by its keys, and whether it has different ones there, or one that cannot be
    read."""
    compared = comparable(pl.col(value), records.schema[value])
    return (
        records.sort(ROW)
        .group_by(on, maintain_order=True)
        .agg(
            pl.col(value).first().alias(name),
            ((compared.n_unique() > 1) | pl.col(LOST).any()).alias(f"#several:{name}"),
        )
    )


def _findings(
    made: pl.DataFrame, left_out: pl.DataFrame, owner: str, value: str, text: str, names: list[str]
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for name in names:
        several = made.filter(pl.col(f"#several:{name}").fill_null(False))
        says = f"{name} has two different values at one time point, or one that cannot be read: null"
        found += told("warning", owner, RULE, says, several, value)
        lacking = left_out.filter(pl.col(f"#several:{name}").is_null()).height
        if lacking:
            says = f"{{count}} time points have no {name}: no record is computed there ({text})"
            found.append(Finding("note", "adam", owner, RULE, says, field=value, count=lacking))
    lost = made.filter(pl.col("#undefined") & ~pl.col("#several"))
    says = f"{text} has no value (a division by 0, say): null".replace("{", "{{").replace("}", "}}")
    return (*found, *told("warning", owner, RULE, says, lost, value))
