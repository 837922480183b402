"""Deaths in analysis datasets: nobody who died is counted as alive, and nobody alive as dead."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import date, differ, is_adam, later, number, says, text
from tlfgen.reconcile.evidence import deaths
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check
from tlfgen.spec.study import StudySpec


@check("ADSL", severity="error")
def check_death_not_in_adsl(data: Data) -> Iterator[Found]:
    """A death that any domain tells reaches ADSL: DTHFL, and DTHDT where its day is known."""
    adsl = data["ADSL"]
    rows = adsl.join(deaths(data), on=SUBJECT, how="inner", maintain_order="left")
    flagged, dated = says(rows, "DTHFL", "Y"), date(rows, "DTHDT").is_not_null()
    rows = rows.with_columns(flagged.alias("flagged"), dated.alias("dated")).rename({"tells": "told by"})
    neither = rows.filter(~pl.col("flagged"), ~pl.col("dated"))
    told = ("told by",)
    if not {"DTHFL", "DTHDT"} & set(adsl.columns):
        message = "the subject has died, and ADSL has neither DTHFL nor DTHDT: no table can count the death"
        yield Found("ADSL", message, neither, told)
        return
    field = "DTHDT" if "DTHDT" in adsl.columns else "DTHFL"
    yield Found(
        "ADSL", "the subject has died, and the tables count the subject as alive", neither, told, field
    )
    if {"DTHFL", "DTHDT"} <= set(adsl.columns):
        message = "the subject has died, and DTHFL is not Y: what counts the flag counts the subject as alive"
        yield Found("ADSL", message, rows.filter(~pl.col("flagged"), pl.col("dated")), told, "DTHFL")
        known = (pl.col("died").str.len_chars() >= 10).fill_null(value=False)
        undated = rows.filter(pl.col("flagged"), ~pl.col("dated"), known).rename({"died": "death"})
        message = "the day of death is known, and DTHDT is missing: no time ends with the death"
        yield Found("ADSL", message, undated, ("death", *told), "DTHDT")


@check("ADSL", "DM", severity="error")
def check_death_in_adsl_alone(data: Data) -> Iterator[Found]:
    """A death in ADSL (DTHFL or DTHDT) is told by a domain."""
    adsl = data["ADSL"]
    dead = says(adsl, "DTHFL", "Y") | date(adsl, "DTHDT").is_not_null()
    rows = adsl.filter(dead).join(deaths(data), on=SUBJECT, how="anti", maintain_order="left")
    message = "the tables count the subject as dead, and no domain tells a death"
    field = "DTHFL" if "DTHFL" in adsl.columns else "DTHDT"
    yield Found("ADSL", message, rows, tuple(n for n in ("DTHFL", "DTHDT") if n in rows.columns), field)


@check(severity="error")
def check_alive_after_death(data: Data, study: StudySpec) -> Iterator[Found]:
    """Nobody with a death at or before the cut-off is censored as alive (EVNTDESC, CNSDTDSC), nor at all in
    overall survival (PARAMCD OS, or PARAM)."""
    dead = deaths(data).filter(~later(pl.col("died"), pl.lit(study.cutoff.isoformat())))
    for name, times in _times(data):
        alive = pl.any_horizontal(
            text(times, n).str.contains(r"(?i)\balive\b").fill_null(value=False)
            for n in ("EVNTDESC", "CNSDTDSC")
        )
        censored = times.filter(number(times, "CNSR") > 0).with_columns(alive.alias("alive"))
        rows = censored.join(dead, on=SUBJECT, how="inner", maintain_order="left").rename(
            {"tells": "told by"}
        )
        message = "a record calls the subject alive, and another domain tells a death"
        yield Found(name, message, rows.filter("alive"), ("PARAMCD", "told by"), "EVNTDESC")
        message = "overall survival is censored, and another domain tells a death"
        of_death = rows.filter(~pl.col("alive"), _overall_survival(rows))
        yield Found(name, message, of_death, ("PARAMCD", "EVNTDESC", "told by"), "CNSR")


@check("DM", severity="error")
def check_event_of_death(data: Data) -> Iterator[Found]:
    """A time that ends with a death (EVNTDESC) is of a subject who has died, and ends on that day."""
    for name, times in _times(data):
        died = text(times, "EVNTDESC").str.contains(r"(?i)^(death|died)\b").fill_null(value=False)
        events = times.filter(died, number(times, "CNSR") == 0)
        events = events.join(deaths(data), on=SUBJECT, how="left", maintain_order="left")
        rows = events.filter(pl.col("tells").is_null())
        yield Found(
            name, "the time ends with a death, and no domain tells it", rows, ("PARAMCD",), "EVNTDESC"
        )
        rows = events.filter(differ(date(events, "ADT"), pl.col("died"))).rename({"died": "death"})
        message = "the time ends with the death, and on another day"
        yield Found(name, message, rows, ("PARAMCD", "ADT", "death"), "ADT")


def _times(data: Data) -> Iterator[tuple[str, pl.DataFrame]]:
    """The datasets of times to an event."""
    for name, frame in data.items():
        if is_adam(name) and "CNSR" in frame.columns and SUBJECT in frame.columns:
            yield name, frame.select(ROW, pl.exclude(ROW, "tells", "died"))


def _overall_survival(times: pl.DataFrame) -> pl.Expr:
    named = text(times, "PARAM").str.contains("(?i)overall survival") & ~text(times, "PARAM").str.contains(
        "(?i)censor"
    )
    return says(times, "PARAMCD", "OS") | named.fill_null(value=False)
