"""matching_value: the value of the record of another dataset that belongs to this one."""

from __future__ import annotations

import polars as pl

from tlfgen.data.unread import unread
from tlfgen.engine.gives import same_as
from tlfgen.engine.keyed import INDEX, SUBJECT, first_by, like_with_like, numbered
from tlfgen.engine.registry import ROW, Column, Columns, Derived, Other, Others, OtherWhere, derivation
from tlfgen.errors import NOWHERE, Finding, Place, SpecError
from tlfgen.spec.significant import comparable


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
      1. a value that cannot be read   null, and a warning
      2. none                          null
      3. one, or several the same      that value
      4. several that differ           null, and a warning

    A null key matches nothing. Keys compare like with like: the text '1' and the number 1 are the same, a
    date and a number are a SpecError. compare: a variable in hand; where it has another value than the one
    found, a warning.
    """
    theirs = [name.rpartition(".")[2] for name in match]
    if len(by) != len(theirs):
        raise SpecError(f"by: has {len(by)} names and match: {len(theirs)}; they go in pairs.", place=at)
    names = [f"#key{i}" for i in range(len(by))]
    keys = [SUBJECT, *names]
    bare = of.rpartition(".")[2]
    pairs = [_pair(rows[b], records[t], at) for b, t in zip(by, theirs, strict=True)]
    found = records.select(
        SUBJECT,
        ROW,
        pl.col(bare).alias("#value"),
        unread(records, bare).alias("#lost"),
        *(theirs.alias(n) for n, (_, theirs) in zip(names, pairs, strict=True)),
    ).filter(pl.col("#value").is_not_null() | pl.col("#lost"))
    differ = comparable(pl.col("#value"), found.schema["#value"]).n_unique() > 1
    several = found.group_by(keys).agg(differ.alias("#differ"), pl.col("#lost").any())
    one = first_by(found.drop("#lost"), keys, []).join(several, on=keys)
    base = numbered(rows).with_columns(own.alias(n) for n, (own, _) in zip(names, pairs, strict=True))
    joined = base.join(
        one.select(*keys, "#value", "#differ", "#lost", pl.col(ROW).alias("#source")),
        on=keys,
        how="left",
        maintain_order="left",
    ).with_columns(pl.when(~(pl.col("#differ") | pl.col("#lost"))).then("#value").alias("#taken"))
    taken = joined.filter(pl.col("#taken").is_not_null())
    said: list[tuple[int, str, str | None]] = []
    for index in joined.filter(pl.col("#lost"))[INDEX]:
        said.append((index, f"a record that matches has a {of} that cannot be read", None))
    for index in joined.filter(pl.col("#differ") & ~pl.col("#lost"))[INDEX]:
        said.append((index, "several records match, with different values", None))
    if compare is not None:
        own, value = like_with_like(taken[compare], taken["#taken"])
        other = taken.filter((own != value) & taken[compare].is_not_null())
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


def _pair(own: pl.Series, theirs: pl.Series, at: Place) -> tuple[pl.Series, pl.Series]:
    for one, other in ((own, theirs), (theirs, own)):
        if one.dtype.is_temporal() and other.dtype.is_numeric():
            raise SpecError(
                f"by: {own.name} is {own.dtype}, match: {theirs.name} is {theirs.dtype}: no key is the same.",
                place=at, hint="Match dates with dates, and numbers or texts with either.",
            )  # fmt: skip
    return like_with_like(own, theirs)
