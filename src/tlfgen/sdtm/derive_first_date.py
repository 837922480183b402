"""first_date: the earliest date of another dataset's records."""

from __future__ import annotations

import polars as pl

from tlfgen.data.known_date import text_behind
from tlfgen.engine.gives import ISO
from tlfgen.engine.keyed import INDEX, SUBJECT, first_by, numbered, trail
from tlfgen.engine.registry import ROW, Derived, Other, OtherWhere, derivation
from tlfgen.errors import Finding
from tlfgen.spec.iso_date import iso_text

KEY, CHOSEN, BEHIND = "#key", "#chosen", "#behind"
COMPLETE = len("2014-01-02")
UNDATED = "no date collected"


@derivation(gives=ISO)
def derive_first_date(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    of: Other,
    where: OtherWhere = None,
    unsure: pl.DataFrame | None = None,
) -> Derived:
    """Take the earliest date of another dataset's records.

    First case that applies:
      1. a record whose date cannot be read   null, and an error
      2. a record of which an unreadable value leaves open whether it meets `where`, and which
         has no date or may be the earliest   null, and an error
      3. no record with a date                null; a warning where a record of a domain has none
      4. otherwise                            the date of the record that may be the earliest

    A partial date stands for all the days it can mean: 2014-03 is earlier than 2014-03-05, because it may be
    1 March, and the answer is then 2014-03, which is what is known. Such an answer is a warning; where it
    fills a date, the date stays null (impute_date makes one from the text). A day without a time is earlier
    than one with a time.

    A date that is null by cases 1 and 2, or that is partial, was collected: it counts as not null in a
    condition, so that nobody is "not treated" because a date cannot be read. So was one of a record of a
    domain, which is an observation though its date be missing; a blank field of a form is none.

    where: the records that count.
    """
    date = of.rpartition(".")[2]
    pairs = paired(rows, records, date)
    chosen = first_by(pairs.filter(pl.col(KEY).is_not_null()), [INDEX], [KEY])
    open_ = paired(rows, records.clear() if unsure is None else unsure, date)
    open_ = open_.join(chosen.select(INDEX, pl.col(KEY).alias("#than")), on=INDEX, how="left")
    open_ = open_.filter(pl.col(KEY).is_null() | pl.col("#than").is_null() | (pl.col(KEY) < pl.col("#than")))
    known = pairs.filter(pl.col(KEY).is_not_null())
    found = taken(rows, known, chosen, date, "first_date", ("the earliest", "later"))
    return withheld(rows, found, pairs, open_, of, "first_date")


def paired(rows: pl.DataFrame, records: pl.DataFrame, date: str) -> pl.DataFrame:
    """Each row with each of its subject's records: its date in KEY, the text behind it in BEHIND."""
    told = records.with_columns(
        iso_text(pl.col(date), records.schema[date]).alias(KEY), text_behind(records, date).alias(BEHIND)
    )
    return numbered(rows).select(INDEX, SUBJECT).join(told, on=SUBJECT)


def taken(
    rows: pl.DataFrame,
    pairs: pl.DataFrame,
    chosen: pl.DataFrame,
    column: str,
    rule: str,
    reasons: tuple[str, str],
) -> Derived:
    """Fill each row with a column of its chosen record.

    pairs: a row's INDEX with each record that could be taken; chosen: those that are, at most one a row.
    """
    values = (
        numbered(rows)
        .select(INDEX)
        .join(chosen.select(INDEX, column, BEHIND), on=INDEX, how="left", maintain_order="left")
    )
    marked = pairs.join(chosen.select(INDEX, pl.col(ROW).alias(CHOSEN)), on=INDEX)
    text = iso_text(pl.col(column), pairs.schema[column])
    partial = chosen.filter(text.str.len_chars() < COMPLETE).sort(INDEX).select(INDEX, text)
    return Derived(
        values[column],
        sources=chosen.select(pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")).sort("index"),
        decisions=trail(
            marked,
            [INDEX],
            pl.col(ROW) == pl.col(CHOSEN),
            candidate=pl.col(column),
            value=pl.col(column),
            rule=rule,
            reasons=reasons,
        ),
        findings=tuple(
            Finding("warning", "", "", rule, f"the day of '{value}' is not known", row=index, value=value)
            for index, value in partial.iter_rows()
        ),
        behind=values.select(pl.coalesce(BEHIND, text).alias(BEHIND)).to_series(),
    )


def withheld(
    rows: pl.DataFrame, found: Derived, pairs: pl.DataFrame, unsure: pl.DataFrame, of: str, rule: str
) -> Derived:
    """Take back the answer where a record that cannot be read, or judged, may change it.

    pairs: each row with each record that counts; unsure: with those of which it is not known whether they
    count and that may be the answer.
    """
    owner, _, date = of.rpartition(".")
    lost = pairs.filter(pl.col(KEY).is_null())
    unread = lost.filter(pl.col(BEHIND).is_not_null())
    said = [
        (
            i,
            "error",
            text,
            f"record {row} of {owner}: {date} '{text}' cannot be read, so the date is not known",
        )
        for i, row, text in unread.unique(INDEX, keep="first", maintain_order=True)
        .select(INDEX, ROW, BEHIND)
        .iter_rows()
    ]
    others = unsure.filter(~pl.col(INDEX).is_in(unread[INDEX].implode()))
    said += [
        (
            i,
            "error",
            text or UNDATED,
            f"record {row} of {owner}: whether it counts cannot be read, so the date is not known",
        )
        for i, row, text in others.unique(INDEX, keep="first", maintain_order=True)
        .select(INDEX, ROW, pl.coalesce(BEHIND, KEY))
        .iter_rows()
    ]
    if not owner.startswith("form."):
        dated = pl.concat(
            [
                pairs.filter(pl.col(KEY).is_not_null())[INDEX],
                *(pl.Series([i], dtype=pl.Int64) for i, *_ in said),
            ]
        )
        undated = lost.filter(~pl.col(INDEX).is_in(dated.implode()))[INDEX].unique().sort()
        said += [
            (i, "warning", UNDATED, f"no record of {owner} has a {date}: the date is not known")
            for i in undated
        ]
    if not said:
        return found
    told = pl.DataFrame(
        [(i, severity == "error", text) for i, severity, text, _ in said],
        schema={INDEX: pl.Int64, "#back": pl.Boolean, "#told": pl.String},
        orient="row",
    )
    assert isinstance(found.values, pl.Series) and found.behind is not None
    frame = numbered(rows).select(INDEX, found.values.alias("#value"), found.behind.alias(BEHIND))
    frame = frame.join(told, on=INDEX, how="left", maintain_order="left")
    back = pl.col("#back").fill_null(False)
    refused = frame.filter(back)[INDEX].implode()
    return Derived(
        frame.select(pl.when(~back).then("#value").alias(date)).to_series(),
        sources=None if found.sources is None else found.sources.filter(~pl.col("index").is_in(refused)),
        decisions=found.decisions,
        findings=(
            *(f for f in found.findings if f.row not in set(frame.filter(back)[INDEX])),
            *(Finding(severity, "", "", rule, text, row=i, value=value) for i, severity, value, text in said),  # type: ignore[arg-type]
        ),
        behind=frame.select(pl.coalesce("#told", BEHIND).alias(BEHIND)).to_series(),
    )
