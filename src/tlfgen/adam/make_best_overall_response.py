"""best_overall_response: BOR, unconfirmed and confirmed."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import polars as pl
from pydantic import Field

from tlfgen.adam.followed import END, END_WHY, START, START_ROW, followed, unplaced
from tlfgen.data.dates import complete_day
from tlfgen.engine.keyed import SUBJECT, first_by
from tlfgen.engine.registry import ROW, Fetch, Made, Other, Others, OtherWhere, maker
from tlfgen.errors import Finding
from tlfgen.spec.study import StudySpec

BEST = {"CR": 1, "PR": 2, "SD": 3, "NON-CR/NON-PD": 4, "PD": 5, "NE": 6}
WORST_OF_A_DAY = {"PD": 1, "NON-CR/NON-PD": 2, "SD": 3, "PR": 4, "CR": 5, "NE": 6}
STABLE = ("SD", "NON-CR/NON-PD")
DAY, RESPONSE, MEANT, OUT, ORDER, GIVES, WHY = "day", "response", "meant", "out", "order", "gives", "why"
Days = Annotated[int, Field(ge=0)]
AfterComplete = Literal["progression", "partial"]


class Confirmation(NamedTuple):
    """When a later response confirms an earlier one."""

    after_days: int
    most_ne: int
    most_sd: int


@maker(makes=("NERSN",))
def make_best_overall_response(
    fetch: Fetch,
    *,
    response: Other,
    date: Other,
    start: Other,
    where: OtherWhere = None,
    population: Other | None = None,
    until: Others = (),
    confirm: bool,
    confirm_after_days: Days = 28,
    most_ne_between: Days = 1,
    most_sd_between: Days = 0,
    partial_after_complete: AfterComplete = "progression",
    stable_min_days: Days,
    reason: bool = False,
    study: StudySpec,
) -> Made:
    """Make a record of the best overall response of each subject.

    An assessment does not count, first case that applies:
      1. its date is missing or partial, or its response none of RECIST's   (a warning)
      2. on or before `start`                                               it is the baseline's
      3. after the earliest `until` date, or after the data cut-off         on the day itself it counts
      4. another assessment of the day has a worse response                 (a warning where they differ);
         worst first: PD, NON-CR/NON-PD, SD, PR, CR; NE only where there is nothing else
      5. after the first progression

    Where confirmation is asked for, what follows a CR is read as table 3 of RECIST 1.1 says, before case 5:
      a. partial_after_complete: partial, no CR is confirmed, and of PR, SD and NON-CR/NON-PD it is PR that
         first follows a CR: CRs before it are read as PR, as the disease was never gone
      b. the first PR, SD or NON-CR/NON-PD after a CR is read as PD: disease that was gone is back

    What an assessment gives, first case that applies:
      1. CR, confirmed or no confirmation asked for                         CR
      2. PR, confirmed or no confirmation asked for                         PR
      3. CR, PR or SD, at least `stable_min_days` after `start`             SD
      4. NON-CR/NON-PD, at least `stable_min_days` after `start`            NON-CR/NON-PD
      5. PD                                                                 PD
      6. otherwise (NE; SD or an unconfirmed response that is too early)    NE
    The best of these in this order is the subject's, ADT the date of the earliest assessment that gives it.
    A subject whose assessments do not count, or who has none, is NE without a date.

    A CR is confirmed by a CR, a PR by a PR or CR, `confirm_after_days` or more after it (date minus date),
    if between them there are only such responses, at most `most_ne_between` NE and, for a PR, at most
    `most_sd_between` SD.

    start: subjects without it have no record. population: a flag that must be "Y". stable_min_days: date
    minus date, so day 36 of the study is 35 days after day 1. reason: fill NERSN, why a subject is NE.

    Source: RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-247), 4.4.3, 4.4.4, 4.6 and table 3. The
    guideline leaves the interval, the minimum for SD and NE in between to the protocol.
    """
    people = followed(fetch, start, population, until, study.cutoff)
    seen, findings = _assessments(fetch, response, date, where, people)
    counted = seen.filter(pl.col(OUT).is_null()).with_columns(pl.col(RESPONSE).alias(MEANT))
    if confirm:
        limits = Confirmation(confirm_after_days, most_ne_between, most_sd_between)
        counted = _until_progression(_after_complete(counted, partial_after_complete, limits))
        counted = counted.join(_confirmed(counted, limits), on=ROW, how="left", maintain_order="left")
    else:
        counted = _until_progression(counted)
        counted = counted.with_columns(pl.col(DAY).alias("confirmed_on"))
    counted = _gives(counted, stable_min_days, confirm=confirm)
    ranked = counted.filter(pl.col(OUT).is_null()).with_columns(
        pl.col(GIVES).replace_strict(BEST, return_dtype=pl.Int64).alias("#best")
    )
    best = first_by(ranked, [SUBJECT], ["#best", DAY]).select(
        SUBJECT, GIVES, DAY, pl.col(ROW).alias("#chosen")
    )
    subjects = people.join(best, on=SUBJECT, how="left", maintain_order="left").with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("index")
    )
    frame = subjects.select(SUBJECT, pl.col(GIVES).fill_null("NE").alias("AVALC"), pl.col(DAY).alias("ADT"))
    if reason:
        why = _not_evaluable(frame.select(SUBJECT), counted)
        frame = frame.with_columns(pl.when(pl.col("AVALC") == "NE").then(why).alias("NERSN"))
    return Made(
        frame,
        _sources(subjects, ranked, response.rpartition(".")[0], start.rpartition(".")[0]),
        (*findings, *unplaced(fetch, start, population, until, "best_overall_response")),
        _decisions(subjects, seen, counted, response),
    )


def _assessments(
    fetch: Fetch, response: str, date: str, where: OtherWhere, people: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Every assessment of these subjects, with why it does not count (cases 1 to 4)."""
    of, on = (name.rpartition(".")[2] for name in (response, date))
    found = fetch(response, date, where=where)
    seen = found.select(
        SUBJECT,
        pl.col(ROW).cast(pl.Int64),
        pl.col(of).cast(pl.String).alias(RESPONSE),
        complete_day(found[on]).alias(DAY),
    ).join(people.select(SUBJECT, START, END, END_WHY), on=SUBJECT, how="inner")
    out = (
        pl.when(pl.col(DAY).is_null())
        .then(pl.lit("no complete date"))
        .when(~pl.col(RESPONSE).is_in(list(BEST)).fill_null(False))
        .then(pl.lit("not a response of RECIST 1.1"))
        .when(pl.col(DAY) <= pl.col(START))
        .then(pl.lit("not after the start"))
        .when(pl.col(DAY) > pl.col(END))
        .then(pl.col(END_WHY))
    )
    seen = seen.with_columns(out.alias(OUT)).sort(SUBJECT, DAY, ROW)
    severity = pl.col(RESPONSE).replace_strict(WORST_OF_A_DAY, default=None, return_dtype=pl.Int64)
    valid = seen.filter(pl.col(OUT).is_null()).with_columns(severity.alias("#worst"))
    worst = first_by(valid, [SUBJECT, DAY], ["#worst"])
    other = pl.col(OUT).is_null() & ~pl.col(ROW).is_in(worst[ROW].implode())
    seen = seen.with_columns(
        pl.when(other).then(pl.lit("another of the day is worse or the same")).otherwise(OUT).alias(OUT)
    )
    differ = valid.filter(pl.col(RESPONSE).n_unique().over(SUBJECT, DAY) > 1)
    wrong = seen.filter(pl.col(OUT).is_in(["no complete date", "not a response of RECIST 1.1"]))
    said = [(r, f"{r[OUT]}: the assessment does not count") for r in wrong.iter_rows(named=True)]
    said += [(r, "several responses of one day; the worst counts") for r in differ.iter_rows(named=True)]
    stage, owner = "adam", response.rpartition(".")[0]
    return seen, tuple(
        Finding(
            "warning",
            stage,
            owner,
            "best_overall_response",
            text,
            row=r[ROW],
            subject=r[SUBJECT],
            field=of,
            value=r[RESPONSE],
        )
        for r, text in said
    )


def _after_complete(counted: pl.DataFrame, mode: AfterComplete, limits: Confirmation) -> pl.DataFrame:
    """What responses mean in the light of a CR before them, or of a PR after it (cases a and b)."""
    alive = _until_progression(counted).filter(pl.col(OUT).is_null())
    first = alive.filter(pl.col(RESPONSE) == "CR").group_by(SUBJECT).agg(pl.col(DAY).min().alias("#cr"))
    after = alive.join(first, on=SUBJECT).filter(
        (pl.col(DAY) > pl.col("#cr")) & pl.col(RESPONSE).is_in(["PR", *STABLE])
    )
    turn = first_by(after, [SUBJECT], [DAY])
    sure = alive.join(_confirmed(alive, limits), on=ROW, how="semi").filter(pl.col(RESPONSE) == "CR")
    never_gone = turn.filter((pl.col(RESPONSE) == "PR") & pl.lit(mode == "partial")).join(
        sure, on=SUBJECT, how="anti"
    )
    back = pl.col(ROW).is_in(turn.join(never_gone, on=SUBJECT, how="anti")[ROW].implode())
    until = never_gone.select(SUBJECT, pl.col(DAY).alias("#turn"))
    counted = counted.join(until, on=SUBJECT, how="left", maintain_order="left")
    partial = (pl.col(RESPONSE) == "CR") & (pl.col(DAY) < pl.col("#turn"))
    meant = pl.when(partial).then(pl.lit("PR")).when(back).then(pl.lit("PD")).otherwise(MEANT)
    return counted.with_columns(meant.alias(MEANT)).drop("#turn")


def _until_progression(counted: pl.DataFrame) -> pl.DataFrame:
    """Leave out what comes after the first progression (case 5)."""
    progressed = pl.when(pl.col(MEANT) == "PD").then(DAY).min().over(SUBJECT)
    after = (pl.col(DAY) > progressed).fill_null(False)
    return counted.with_columns(
        pl.when(after).then(pl.lit("after the first progression")).otherwise(OUT).alias(OUT)
    )


def _confirmed(counted: pl.DataFrame, limits: Confirmation) -> pl.DataFrame:
    """ROW of each confirmed response and the day that confirms it."""
    alive = counted.filter(pl.col(OUT).is_null()).sort(SUBJECT, DAY)
    running = {
        "ne": pl.col(MEANT) == "NE",
        "sd": pl.col(MEANT) == "SD",
        "pr": pl.col(MEANT) == "PR",
        "bad": ~pl.col(MEANT).is_in(["CR", "PR", "SD", "NE"]),
    }
    alive = alive.select(
        SUBJECT,
        ROW,
        DAY,
        MEANT,
        *(e.cast(pl.Int64).cum_sum().over(SUBJECT).alias(n) for n, e in running.items()),
    )
    first = alive.filter(pl.col(MEANT).is_in(["CR", "PR"]))
    pairs = first.join(first, on=SUBJECT, suffix="_2").filter(
        ((pl.col(f"{DAY}_2") - pl.col(DAY)).dt.total_days() >= limits.after_days)
        & (pl.col(DAY) < pl.col(f"{DAY}_2"))
    )
    # counts up to the second minus up to the first; the second is itself a PR or CR
    own = (pl.col(f"{MEANT}_2") == "PR").cast(pl.Int64)
    between = {n: pl.col(f"{n}_2") - pl.col(n) - (own if n == "pr" else 0) for n in running}
    complete = (
        (pl.col(MEANT) == "CR") & (pl.col(f"{MEANT}_2") == "CR") & (between["sd"] == 0) & (between["pr"] == 0)
    )
    partial = (pl.col(MEANT) == "PR") & (between["sd"] <= limits.most_sd)
    holds = (complete | partial) & (between["bad"] == 0) & (between["ne"] <= limits.most_ne)
    return pairs.filter(holds).group_by(ROW).agg(pl.col(f"{DAY}_2").min().alias("confirmed_on"))


def _gives(counted: pl.DataFrame, stable_min_days: int, *, confirm: bool) -> pl.DataFrame:
    """What each assessment gives, and why in words."""
    sure = pl.col("confirmed_on").is_not_null() & pl.col(MEANT).is_in(["CR", "PR"])
    since = (pl.col(DAY) - pl.col(START)).dt.total_days()
    stable = pl.col(MEANT).is_in(["CR", "PR", *STABLE])
    long = since >= stable_min_days
    gives = (
        pl.when(sure | (pl.col(MEANT) == "PD"))
        .then(pl.col(MEANT))
        .when(stable & long)
        .then(pl.when(pl.col(MEANT) == "NON-CR/NON-PD").then(pl.col(MEANT)).otherwise(pl.lit("SD")))
        .otherwise(pl.lit("NE"))
    )
    read = pl.when(pl.col(MEANT) != pl.col(RESPONSE)).then(
        pl.lit("read as ") + pl.col(MEANT) + pl.lit(" for the CR beside it; ")
    )
    unsure = pl.when(pl.col(MEANT).is_in(["CR", "PR"]) & ~sure).then(pl.lit("not confirmed; "))
    early = pl.when(stable & ~sure & ~long).then(
        pl.format("{} days after the start, fewer than " + str(stable_min_days) + "; ", since)
    )
    on = pl.when(sure & pl.lit(confirm)).then(
        pl.lit("confirmed on ") + pl.col("confirmed_on").cast(pl.String)
    )
    words = pl.concat_str([read, unsure, early], ignore_nulls=True)
    gave = pl.col(GIVES)
    return counted.with_columns(gives.alias(GIVES)).with_columns(
        pl.concat_str([words, pl.lit("gives ") + gave, pl.lit(", ") + on], ignore_nulls=True).alias(WHY)
    )


def _not_evaluable(subjects: pl.DataFrame, counted: pl.DataFrame) -> pl.Series:
    """Why a subject is not evaluable, if it is not."""
    alive = counted.filter(pl.col(OUT).is_null())
    early = alive.group_by(SUBJECT).agg((pl.col(MEANT) != "NE").any().alias("early"))
    found = subjects.join(early, on=SUBJECT, how="left", maintain_order="left")
    return found.select(
        pl.when(pl.col("early").is_null())
        .then(pl.lit("No assessment after the start that counts"))
        .when("early")
        .then(pl.lit("Last evaluable assessment too early for stable disease"))
        .otherwise(pl.lit("No evaluable assessment"))
        .alias("NERSN")
    ).to_series()


def _sources(subjects: pl.DataFrame, ranked: pl.DataFrame, owner: str, start: str) -> pl.DataFrame:
    """The assessments that count; where there are none, the record of the start."""
    used = subjects.select(SUBJECT, "index").join(ranked.select(SUBJECT, ROW), on=SUBJECT)
    none = subjects.filter(pl.col("#chosen").is_null())
    return pl.concat(
        [
            used.select("index", pl.lit(owner).alias("source"), pl.col(ROW).alias("source_row")),
            none.select("index", pl.lit(start).alias("source"), pl.col(START_ROW).alias("source_row")),
        ]
    ).sort("index", "source_row")


def _decisions(
    subjects: pl.DataFrame, seen: pl.DataFrame, counted: pl.DataFrame, response: str
) -> pl.DataFrame:
    """Every assessment with what it gives or why it does not count; a subject without one says so."""
    judged = counted.select(ROW, pl.col(OUT).alias("late"), WHY)
    found = seen.join(judged, on=ROW, how="left", maintain_order="left").join(
        subjects.select(SUBJECT, "index", "#chosen"), on=SUBJECT
    )
    chosen = (pl.col(ROW) == pl.col("#chosen")).fill_null(False)
    why = pl.coalesce(OUT, "late", pl.when(chosen).then(pl.lit("the best: ") + pl.col(WHY)).otherwise(WHY))
    day = pl.col(DAY).cast(pl.String).fill_null("no date")
    none = subjects.filter(pl.col("#chosen").is_null())
    columns = ("index", "candidate", "value", "rule", "chosen", "reason")
    rule = pl.lit("best_overall_response").alias("rule")
    return (
        pl.concat(
            [
                found.select(
                    "index",
                    (pl.lit(f"{response} ") + day).alias("candidate"),
                    pl.col(RESPONSE).alias("value"),
                    rule,
                    chosen.alias("chosen"),
                    why.alias("reason"),
                ),
                none.select(
                    "index",
                    pl.lit("none").alias("candidate"),
                    pl.lit("NE").alias("value"),
                    rule,
                    pl.lit(True).alias("chosen"),
                    pl.lit("no assessment counts").alias("reason"),
                ),
            ]
        )
        .select(columns)
        .sort("index", "candidate", "value")
    )
