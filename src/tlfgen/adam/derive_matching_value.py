"""matching_value: the value of the record of another dataset that belongs to this one."""

from __future__ import annotations

import polars as pl

from tlfgen.data.gives import same_as
from tlfgen.data.keyed import INDEX, SUBJECT, first_by, numbered
from tlfgen.data.registry import ROW, Column, Columns, Derived, Other, Others, OtherWhere, derivation
from tlfgen.errors import NOWHERE, Finding, Place, SpecError


@derivation(gives=same_as("of"))
def derive_matching_value(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    of: Other,
    by: Columns,
    match: Others,
    where: OtherWhere = None,
    compare: Column | None = None,
    at: Place = NOWHERE,
) -> Derived:
    """Take a value from the record of another dataset with the same keys.

    First case that applies, among the subject's records that meet `where`, have a value and whose `match`
    equal this record's `by`, one by one:
      1. none                       null
      2. one, or several the same   that value
      3. several that differ        null, and a warning

    A null key matches nothing. compare: a variable in hand; where it has another value than the one found, a
    warning.
    """
    theirs = [name.rpartition(".")[2] for name in match]
    if len(by) != len(theirs):
        raise SpecError(f"by: has {len(by)} names and match: {len(theirs)}; they go in pairs.", place=at)
    names = [f"#key{i}" for i in range(len(by))]
    keys = [SUBJECT, *names]
    bare = of.rpartition(".")[2]
    found = records.select(
        SUBJECT,
        ROW,
        pl.col(bare).alias("#value"),
        *(pl.col(t).alias(n) for t, n in zip(theirs, names, strict=True)),
    ).filter(pl.col("#value").is_not_null())
    differ = pl.col("#value").n_unique() > 1
    several = found.group_by(keys).agg(differ.alias("#differ"))
    one = first_by(found, keys, []).join(several, on=keys)
    base = numbered(rows).with_columns(pl.col(b).alias(n) for b, n in zip(by, names, strict=True))
    joined = base.join(
        one.select(*keys, "#value", "#differ", pl.col(ROW).alias("#source")),
        on=keys,
        how="left",
        maintain_order="left",
    ).with_columns(pl.when(~pl.col("#differ")).then("#value").alias("#taken"))
    taken = joined.filter(pl.col("#taken").is_not_null())
    said: list[tuple[int, str, str | None]] = []
    for index in joined.filter(pl.col("#differ"))[INDEX]:
        said.append((index, "several records match, with different values", None))
    if compare is not None:
        other = taken.filter(pl.col(compare).is_not_null() & (pl.col(compare) != pl.col("#taken")))
        said += [
            (i, f"{compare} is '{own}', but {of} gives '{value}'", str(own))
            for i, own, value in other.select(INDEX, compare, "#taken").iter_rows()
        ]
    return Derived(
        joined["#taken"],
        sources=taken.select(pl.col(INDEX).alias("index"), pl.col("#source").alias("source_row")),
        findings=tuple(
            Finding("warning", "", "", "matching_value", text, row=index, field=compare or "", value=value)
            for index, text, value in said
        ),
    )
