"""last_date: the latest date of another dataset's records, open ones included."""

from __future__ import annotations

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.known_date import text_behind
from tlfgen.engine.gives import ISO, TEXT
from tlfgen.engine.keyed import INDEX, SUBJECT, flagged, last_by, numbered
from tlfgen.engine.registry import Columns, Derived, Fills, Other, OtherWhere, derivation
from tlfgen.errors import Finding
from tlfgen.sdtm.derive_first_date import BEHIND, KEY, taken, withheld
from tlfgen.spec.iso_date import iso_text

MONTHLESS = r"---\d\d$"
OPEN, UNTIL, WHICH = "#open", "#until", "#which"


@derivation(gives=ISO, fills={"flag": TEXT})
def derive_last_date(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    of: Other,
    where: OtherWhere = None,
    open_until: Columns = (),
    flag: Fills = None,
    unsure: pl.DataFrame | None = None,
) -> Derived:
    """Take the latest date of another dataset's records.

    First case that applies:
      1. a record whose date cannot be read                 null, and an error
      2. a record of which an unreadable value leaves open
         whether it meets `where`, and which has no date or
         may be the latest                                  null, and an error
      3. no record with a date, its own or an assumed one   null
      4. otherwise                                          the date of the record that may be the latest

    open_until: the dates at which a record without a date of its own ends, at the earliest of them that is
    known (`[EOSDT, DTHDT, cutoff]`); a partial one does not count. Where none is given, a record without a
    date does not count. An assumed date that is the answer is a note, and the variable named by `flag` is
    "Y" there; a record for which none of the dates is known is a warning, and does not count.

    A partial date stands for all the days it can mean: 2014-03 is later than 2014-03-05, because it may be
    31 March. Such an answer is a warning; where it fills a date, the date stays null. Of equal dates a
    record's own comes before an assumed one. What a null answer says in a condition: as in first_date.

    where: the records that count.
    """
    date = of.rpartition(".")[2]
    pairs = _with_assumed(rows, records, date, open_until)
    known = pairs.filter(pl.col(date).is_not_null())
    chosen = last_by(known, [INDEX], [KEY, "-" + OPEN])
    found = taken(rows, known, chosen, date, "last_date", ("the latest", "earlier"))
    maybe = _with_assumed(rows, records.clear() if unsure is None else unsure, date, open_until)
    maybe = maybe.join(chosen.select(INDEX, pl.col(KEY).alias("#than")), on=INDEX, how="left")
    maybe = maybe.filter(pl.col(KEY).is_null() | pl.col("#than").is_null() | (pl.col(KEY) > pl.col("#than")))
    closed = pairs.filter(pl.col(KEY).is_not_null() | ~pl.col(OPEN))
    found = withheld(rows, found, closed, maybe, of, "last_date")
    assumed = chosen.filter(OPEN).sort(INDEX)
    lost = pairs.filter(pl.col(OPEN) & pl.col(date).is_null())
    values: dict[str, pl.Series] = {"": found.values} if isinstance(found.values, pl.Series) else {}
    if flag is not None:
        values[flag] = flagged(rows.height, assumed[INDEX])
    findings = (*found.findings, *_notes(assumed, lost, of, open_until))
    return Derived(values, found.sources, found.decisions, findings, found.behind)


def _notes(assumed: pl.DataFrame, lost: pl.DataFrame, of: str, open_until: tuple[str, ...]) -> list[Finding]:
    """What was assumed of open records, and which could not be used."""
    owner, _, date = of.rpartition(".")
    open_, among = f"a record of {owner} has no {date}", ", ".join(open_until)
    notes = []
    for index, until, which in assumed.select(INDEX, pl.col(UNTIL).cast(pl.String), WHICH).iter_rows():
        message = f"{open_}: {until} is taken, {which}, the earliest of {among}"
        notes.append(Finding("note", "", "", "last_date", message, row=index, value=until))
    for index in lost[INDEX].unique().sort():
        message = f"{open_}, and none of {among} is known: it does not count"
        notes.append(Finding("warning", "", "", "last_date", message, row=index))
    return notes


def _with_assumed(
    rows: pl.DataFrame, records: pl.DataFrame, date: str, open_until: tuple[str, ...]
) -> pl.DataFrame:
    """Each row with each record; open ones with the date at which they are taken to end, and its name."""
    ends = rows.select(
        pl.int_range(pl.len()).alias("#place"),
        *(complete_day(rows[name]).alias(name) for name in dict.fromkeys(open_until)),
    )
    never = pl.lit(None, dtype=pl.Date)
    ends = ends.with_columns(pl.min_horizontal(never, *dict.fromkeys(open_until)).alias(UNTIL))
    until = ends[UNTIL]
    which = ends.select(
        pl.coalesce(
            [
                *(
                    pl.when(pl.col(name) == pl.col(UNTIL)).then(pl.lit(name))
                    for name in dict.fromkeys(open_until)
                ),
                pl.lit(None, dtype=pl.String),
            ]
        ).alias(WHICH),
        pl.col("#place"),
    )
    base = numbered(rows).select(INDEX, SUBJECT, until.alias(UNTIL), which[WHICH].alias(WHICH))
    told = records.with_columns(text_behind(records, date).alias(BEHIND))
    blank = pl.col(date).is_null() & pl.col(BEHIND).is_null()
    pairs = base.join(told, on=SUBJECT).with_columns((blank & pl.lit(bool(open_until))).alias(OPEN))
    kind = records.schema[date]
    assumed = pl.col(UNTIL).cast(kind if kind in (pl.Date, pl.Datetime) else pl.String)
    pairs = pairs.with_columns(pl.when(OPEN).then(assumed).otherwise(pl.col(date)).alias(date))
    # "~" sorts behind every digit and mark of a date, so a date cut short comes behind all that it may mean
    text = iso_text(pl.col(date), records.schema[date]).str.replace(MONTHLESS, "")
    return pairs.with_columns((text + "~").alias(KEY))
