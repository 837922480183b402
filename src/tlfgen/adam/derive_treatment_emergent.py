"""treatment_emergent: TRTEMFL."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.data.known_date import collected, earlier_moment, moment, possible_days
from tlfgen.engine.gives import flag
from tlfgen.engine.keyed import INDEX, SUBJECT, numbered
from tlfgen.engine.registry import ROW, Column, Derived, derivation
from tlfgen.errors import NOWHERE, Finding, Place, SpecError
from tlfgen.spec.form import Texts

Emergent = Literal["emergent", "not"]
Judged = Literal["emergent", "not", "unknown"]
DATES = ("start", "end", "first", "last")
BEFORE, LATE, ENDED, WORSE, EPISODE = "#before", "#late", "#ended", "#worse", "#episode"


@derivation(gives=flag)
def derive_treatment_emergent(
    rows: pl.DataFrame,
    *,
    start: Column = "ASTDT",
    end: Column | None = "AENDT",
    first_dose: Column = "TRTSDT",
    last_dose: Column = "TRTEDT",
    end_window_days: int | None = None,
    severity: Column | None = None,
    initial_severity: Column | None = None,
    episode: Column | None = None,
    severities: Texts = (),
    missing_start: Emergent = "emergent",
    unreadable_start: Judged = "unknown",
    undecided: Judged = "emergent",
    otherwise: str | None = None,
    at: Place = NOWHERE,
) -> Derived:
    """Flag events that began on treatment, or got worse on it.

    First case that applies:
      1. subject not treated (no first dose collected)              not emergent
      2. event ended before the first dose                          not emergent
      3. start missing                                              as `missing_start` says
      4. start cannot be read                                       as `unreadable_start` says; an error
      5. start before the first dose, and `initial_severity` given  emergent if `severity` is above it
      6. start before the first dose                                not emergent
      7. start after last dose + `end_window_days`                  not emergent
      8. an earlier record of the `episode` began before the first
         dose                                                       emergent if `severity` is above that of
                                                                    the last such record
      9. otherwise (also: last dose not known, no end_window_days)  emergent
    Where the dates or severities known leave a case open, it is as `undecided` says, with a warning.
    Emergent is "Y", not emergent is `otherwise`, unknown is null.

    A date known to the month or year, and a first or last dose that could not be read, decide what they can:
    every day that they can mean is looked at. Where event and dose are of one day and both have a time in
    the collected text, the time decides; where one has none, the event counts as after the dose.

    end_window_days: days after the last dose that still count. end: empty where no end is collected.
    severities: the words of `severity`, ascending; empty where it is a number. A record of an episode without
    an initial severity did not change: what changes is a record of its own.

    Source: ICH E9, glossary, "treatment emergent": absent before treatment, or worse than before it; the
    window, what is missing and what is undecided are the analysis plan's.
    """
    names = dict(zip(DATES, (start, end, first_dose, last_dose), strict=True))
    frame = _known(rows, names, end_window_days)
    frame = frame.with_columns(_worse(rows, frame, severity, initial_severity, episode, severities, at))
    words = {"emergent": True, "not": False, "unknown": None}
    missing, unreadable, open_ = (
        pl.lit(words[word], dtype=pl.Boolean) for word in (missing_start, unreadable_start, undecided)
    )
    began = pl.when(BEFORE).then(WORSE).when(LATE).then(pl.lit(False)).when(EPISODE).then(WORSE)
    began = began.when(pl.col(LATE).is_not_null()).then(pl.lit(True))
    frame = frame.with_columns(
        pl.when(pl.col(BEFORE).is_not_null()).then(began).alias("#known"),
        (pl.col("#treated") & ~pl.col(ENDED)).alias("#judged"),
    )
    emergent = (
        pl.when(~pl.col("#judged"))
        .then(pl.lit(False))
        .when(~pl.col("#started"))
        .then(missing)
        .when(pl.col("start low").is_null())
        .then(unreadable)
        .otherwise(pl.coalesce("#known", open_))
    )
    flag = pl.when(emergent).then(pl.lit("Y")).when(~emergent).then(pl.lit(otherwise, dtype=pl.String))
    return Derived(
        frame.select(flag.alias("flag")).to_series(), findings=_findings(frame, rows, start, undecided)
    )


def _known(rows: pl.DataFrame, names: dict[str, str | None], window: int | None) -> pl.DataFrame:
    """What the dates tell of each event: true, false, or null where they leave it open."""
    columns = {
        "#treated": collected(rows, str(names["first"])),
        "#started": collected(rows, str(names["start"])),
    }
    nothing = pl.Series([None], dtype=pl.Date).new_from_index(0, rows.height)
    for what, name in names.items():
        low, high = (nothing, nothing) if name is None else possible_days(rows, name)
        columns |= {f"{what} low": low, f"{what} high": high}
    dose = moment(rows, str(names["first"]))
    earlier = {
        f"#{what} earlier": earlier_moment(moment(rows, name), dose)
        for what in ("start", "end")
        if (name := names[what]) is not None
    }
    there = collected(rows, str(names["last"]))
    frame = pl.DataFrame(
        {SUBJECT: rows[SUBJECT] if SUBJECT in rows.columns else None, **columns, **earlier, "#last": there}
    )
    after = pl.duration(days=window or 0)
    no_limit = pl.lit(window is None) | ~pl.col("#last")
    ended = pl.col("end high") < pl.col("first low")
    if names["end"] is not None:
        ended = ended | ((pl.col("end low") == pl.col("first low")) & pl.col("#end earlier"))
    return frame.with_columns(
        _before(pl.col("#start earlier")).alias(BEFORE),
        ended.fill_null(False).alias(ENDED),
        pl.when(no_limit | (pl.col("start high") <= pl.col("last low") + after))
        .then(pl.lit(False))
        .when(pl.col("start low") > pl.col("last high") + after)
        .then(pl.lit(True))
        .alias(LATE),
    )


def _before(earlier: pl.Expr) -> pl.Expr:
    """Whether the event began before the first dose."""
    return (
        pl.when((pl.col("start low") == pl.col("first low")) & earlier.is_not_null())
        .then(earlier)
        .when(pl.col("start high") < pl.col("first low"))
        .then(pl.lit(True))
        .when(pl.col("start low") >= pl.col("first high"))
        .then(pl.lit(False))
    )


def _worse(
    rows: pl.DataFrame,
    frame: pl.DataFrame,
    severity: str | None,
    initial: str | None,
    episode: str | None,
    severities: tuple[str, ...],
    at: Place,
) -> list[pl.Series]:
    """Whether the event is worse than before treatment, and whether it is of an episode that began before."""
    no = pl.Series([False]).new_from_index(0, rows.height)
    if severity is None:
        if initial or episode:
            raise SpecError("initial_severity: and episode: need severity:.", place=at)
        return [no.alias(WORSE), no.alias(EPISODE)]
    now = _rank(rows, severity, severities, at)
    worse = now > _rank(rows, initial, severities, at) if initial else no
    if episode is None:
        return [worse.alias(WORSE), no.alias(EPISODE)]
    known = numbered(rows).select(INDEX, ROW, SUBJECT, pl.col(episode).alias("#of"), now.alias("#now"))
    known = known.hstack(frame.select(BEFORE, pl.col("start low").alias("#day")))
    before = known.filter(pl.col(BEFORE) & pl.col("#of").is_not_null()).sort("#day", ROW)
    # in an episode, what changes is a record of its own
    whole = pl.lit(initial is not None) & pl.col("#initial").is_null() & pl.col("#of").is_not_null()
    last = before.unique([SUBJECT, "#of"], keep="last").select(
        SUBJECT, "#of", pl.col("#now").alias("#then"), pl.lit(True).alias("#earlier")
    )
    joined = known.join(last, on=[SUBJECT, "#of"], how="left", maintain_order="left")
    since = ~pl.col(BEFORE) & pl.col("#earlier").fill_null(False)
    return list(
        joined.with_columns(worse.alias("#initial")).select(
            pl.when(since)
            .then(pl.col("#now") > pl.col("#then"))
            .when(whole)
            .then(pl.lit(False))
            .otherwise("#initial")
            .alias(WORSE),
            since.fill_null(False).alias(EPISODE),
        )
    )


def _rank(rows: pl.DataFrame, name: str, severities: tuple[str, ...], at: Place) -> pl.Series:
    """A severity as a number; null where it is missing or none of the words."""
    if rows.schema[name].is_numeric():
        return rows[name].cast(pl.Float64)
    if not severities:
        raise SpecError(f"{name} is a text: severities: must list its words, ascending.", place=at)
    order = {word: float(n) for n, word in enumerate(severities)}
    return rows[name].replace_strict(order, default=None, return_dtype=pl.Float64)


def _findings(frame: pl.DataFrame, rows: pl.DataFrame, start: str, undecided: Judged) -> tuple[Finding, ...]:
    """The events whose start cannot be read, and those that the dates or severities leave open."""
    placed = frame.with_columns(pl.int_range(pl.len()).alias(INDEX)).filter(
        pl.col("#judged") & pl.col("#started")
    )
    unread = placed.filter(pl.col("start low").is_null())[INDEX]
    left_open = placed.filter(pl.col("start low").is_not_null() & pl.col("#known").is_null())[INDEX]
    verdict = {"emergent": "taken as emergent", "not": "taken as not emergent", "unknown": "the flag is null"}
    said = [("error", i, f"{start} cannot be read, so that emergence is not known") for i in unread]
    said += [
        ("warning", i, f"the dates or severities known leave emergence open: {verdict[undecided]}")
        for i in left_open
    ]
    return tuple(
        Finding(severity, "", "", "treatment_emergent", text, row=i, field=start)  # type: ignore[arg-type]
        for severity, i, text in said
    )
