"""What figures of single subjects count: who is shown, in which group, who is not and why; marks by date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import EVERYTHING, NUMBER, ROW, SUBJECT, SUBJECTS, Source, open_source, text_of
from tlfgen.analysis.table import both, pairs, quoted, rows
from tlfgen.data.dataset import missing_variable
from tlfgen.errors import Place, SpecError
from tlfgen.spec.subject_figure import ColourSpec, MarkSpec, SubjectFigureSpec

WHO, MARKS = "subjects", "marks"  # the analyses: `output.subjects`, `output.marks`
SHOWN, NOT_SHOWN = "shown", "not_shown"
GROUP, TIME, UNTIL, MARK, REASON = "#group", "#time", "#until", "#mark", "#reason"
NO_RECORD = "no value"


@dataclass(frozen=True)
class Marked:
    """frame: NUMBER, MARK (its index), TIME, UNTIL, in units of the figure, of the marks that can be drawn,
    and ROW, null where records are not numbered.
    left_out: for each mark the records that cannot, by statistic."""

    frame: pl.DataFrame
    left_out: tuple[dict[str, int], ...]


def population_of(figure: SubjectFigureSpec, source: Source) -> pl.DataFrame:
    """The subjects of the figure's population, with NUMBER."""
    if source.subjects is None:
        raise SpecError(
            "A figure of single subjects says who is not shown, and needs an analysis set for that.",
            place=figure.at_key("population"),
            hint=f"Name one of study.yaml instead of '{EVERYTHING}'.",
        )
    return source.subjects


def with_group(frame: pl.DataFrame, prepared: Prepared) -> pl.DataFrame:
    """Add each record's GROUP as text, the label of missing ones included; null without groups."""
    colour: ColourSpec | None = prepared.output.colour
    frame = frame.with_columns(pl.col(NUMBER).cast(pl.UInt32))
    if colour is None:
        return frame.with_columns(pl.lit(None, pl.String).alias(GROUP))
    if colour.from_ is None:
        prepared.source.needs([colour.by], colour.at)
        text = text_of(frame, prepared.source.own(colour.by))
        return frame.with_columns(text.fill_null(colour.missing).alias(GROUP))
    source = _opened(prepared, colour.from_, colour)
    check_one_each(source.frame, source, colour.at)
    text = text_of(source.frame, source.own(colour.by)).alias(GROUP)
    found = source.frame.select(pl.col(NUMBER).cast(pl.UInt32), text)
    joined = frame.join(found, on=NUMBER, how="left", maintain_order="left")
    return joined.with_columns(pl.col(GROUP).fill_null(colour.missing))


def _opened(prepared: Prepared, dataset: str, entry: ColourSpec | MarkSpec) -> Source:
    """The records of another dataset that an entry names, of the figure's population."""
    names = [n for n, _ in entry.named()]
    source = open_source(
        name=dataset, population=prepared.output.population, condition=entry.condition, names=names,
        data=prepared.data, study=prepared.source.study, at=entry.at,
    )  # fmt: skip
    source.needs(names, entry.at)
    return source


def groups_in_order(colour: ColourSpec | None, found: Iterable[str | None]) -> list[str]:
    """The groups: those listed, then others by the alphabet, the missing ones last."""
    if colour is None:
        return []
    there = {g for g in found if g is not None}
    others = sorted(there - {*colour.levels, colour.missing})
    listed = [v for v in colour.levels if v != colour.missing]
    return [*listed, *others, *([colour.missing] if colour.missing in there else [])]


def check_one_each(frame: pl.DataFrame, source: Source, at: Place) -> None:
    """Refuse a second record of a subject; the error names it."""
    twice = frame.filter(pl.col(NUMBER).is_duplicated())
    if twice.height:
        raise SpecError(
            f"{source.dataset} has more than one value of subject {twice[SUBJECT][0]} for one bar.",
            place=at,
            hint="Narrow where: to one record a subject.",
        )


def date_of(frame: pl.DataFrame, column: str, at: Place) -> pl.Expr:
    """A date variable as days; a partial or unreadable --DTC is null."""
    kind = frame.schema[column]
    if kind == pl.Date:
        return pl.col(column)
    if kind == pl.Datetime:
        return pl.col(column).dt.date()
    if kind == pl.String:
        return pl.col(column).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    if kind == pl.Null:
        return pl.lit(None, pl.Date)
    raise SpecError(f"{column} is no date.", place=at)


def unit_days(unit: str, source: Source) -> float:
    """Days of a unit of time; a month by the study's convention."""
    return {"days": 1.0, "weeks": 7.0, "months": source.study.conventions.month_days}[unit]


def time_since(date: pl.Expr, start: pl.Expr, days: float) -> pl.Expr:
    """The time to the end of a date, from the morning of the first day: (date - start + 1) / days."""
    return ((date - start).dt.total_days() + 1) / days


def shown_rows(
    prepared: Prepared, shown: pl.DataFrame, reasons: pl.DataFrame, where: str
) -> Iterator[pl.DataFrame]:
    """The results of `output.subjects`: shown and not shown with their reasons, and n of each group.

    shown: NUMBER, GROUP of those drawn. reasons: NUMBER, REASON where the figure itself knows why a subject
    cannot be drawn; else the variable `reason` says it, else "no value". where: on the records drawn."""
    figure, source = prepared.output, prepared.source
    everyone = population_of(figure, source)
    analysis = {"output": figure.output, "analysis": f"{figure.output}.{WHO}", "variable": SUBJECT}
    analysis |= {
        "population": source.population,
        "method": "count",
        "shown": "count",
        "denominator": everyone.height,
    }
    own = analysis | {"dataset": source.dataset}
    found: list[dict[str, Any]] = [own | {"statistic": SHOWN, "stat_num": shown.height, "where": where}]
    left = everyone.join(shown, on=NUMBER, how="anti").join(reasons, on=NUMBER, how="left")
    left = left.with_columns(pl.coalesce(*_reason(figure, left), pl.lit(NO_RECORD)).alias(REASON))
    not_shown = analysis | {"dataset": SUBJECTS, "statistic": NOT_SHOWN}
    found.append(not_shown | {"stat_num": left.height, "where": _these(left)})
    for (why,), those in sorted(left.group_by(REASON), key=lambda g: (-g[1].height, str(g[0][0]))):
        level = pairs([("REASON", why)])
        found.append(not_shown | level | {"stat_num": those.height, "where": _these(those)})
    if figure.colour:
        name = figure.colour.by.removeprefix(f"{SUBJECTS}.")
        for group in groups_in_order(figure.colour, shown[GROUP]):
            level = pairs([(name, group)])
            those = shown.filter(pl.col(GROUP) == group)
            of = {
                "denominator": shown.height,
                "where": _group_where(figure.colour, group, where, those, everyone),
            }
            found.append(own | level | of | {"statistic": "n", "stat_num": those.height})
    yield rows(found)


def _group_where(
    colour: ColourSpec, group: str, where: str, those: pl.DataFrame, everyone: pl.DataFrame
) -> str | None:
    """The condition on the records of a group; where another dataset tells the groups, its subjects."""
    if colour.from_:
        return both(where, _these(everyone.join(those, on=NUMBER, how="semi")))
    is_missing = group == colour.missing
    return both(where, f"{colour.by} IS NULL" if is_missing else f"{colour.by} = {quoted(group)}")


def _reason(figure: SubjectFigureSpec, left: pl.DataFrame) -> list[pl.Expr]:
    found = [pl.col(REASON)]
    if figure.reason:
        bare = figure.reason.removeprefix(f"{SUBJECTS}.")
        if bare not in left.columns:
            raise missing_variable(SUBJECTS, bare, left.columns, figure.at_key("reason"))
        found.insert(0, text_of(left, bare))
    return found


def _these(subjects: pl.DataFrame) -> str:
    names = sorted(subjects[SUBJECT].to_list())
    return f"{SUBJECT} IN ({', '.join(map(quoted, names))})" if names else f"{SUBJECT} IS NULL"


def marks_of(prepared: Prepared, marks: Sequence[MarkSpec], starts: pl.DataFrame, unit: str) -> Marked:
    """The marks of the subjects that are drawn. starts: NUMBER and their first day, "#start".

    First case that applies to a record:
      1. its subject is not drawn                    left out: other_subject
      2. without a full date                         left out: undated
      3. before the subject's first day              left out: before_start
      4. after the data cut-off                      left out: after_cutoff
      5. not the one that `pick` asks for            not counted
      6. otherwise                                   a mark
    """
    frames, left_out = [], []
    for i, mark in enumerate(marks):
        frame, out = _one_mark(prepared, mark, starts, unit)
        frames.append(frame.with_columns(pl.lit(i, pl.Int64).alias(MARK)))
        left_out.append(out)
    schema = {NUMBER: pl.UInt32, TIME: pl.Float64, UNTIL: pl.Float64, ROW: pl.UInt32, MARK: pl.Int64}
    return Marked(pl.concat(frames) if frames else pl.DataFrame(schema=schema), tuple(left_out))


def _one_mark(
    prepared: Prepared, mark: MarkSpec, starts: pl.DataFrame, unit: str
) -> tuple[pl.DataFrame, dict[str, int]]:
    source = _opened(prepared, mark.from_ or prepared.output.from_, mark)
    frame, days = source.frame, unit_days(unit, source)
    date = date_of(frame, source.own(mark.date), mark.at)
    until = date_of(frame, source.own(mark.until), mark.at) if mark.until else pl.lit(None, pl.Date)
    row = (pl.col(ROW) if ROW in frame.columns else pl.lit(None)).cast(pl.UInt32).alias(ROW)
    number = pl.col(NUMBER).cast(pl.UInt32)
    dated = frame.select(number, date.alias("#date"), until.alias("#end"), row)
    drawn = dated.join(starts, on=NUMBER, how="inner", maintain_order="left")
    cutoff = pl.lit(source.study.cutoff, pl.Date)
    why = (
        pl.when(pl.col("#date").is_null()).then(pl.lit("undated"))
        .when(pl.col("#date") < pl.col("#start")).then(pl.lit("before_start"))
        .when(pl.col("#date") > cutoff).then(pl.lit("after_cutoff"))
    )  # fmt: skip
    drawn = drawn.with_columns(why.alias("#why"))
    out = {"other_subject": dated.height - drawn.height}
    out |= {w: drawn.filter(pl.col("#why") == w).height for w in ("undated", "before_start", "after_cutoff")}
    kept = drawn.filter(pl.col("#why").is_null()).sort(NUMBER, "#date", maintain_order=True)
    if mark.pick != "each":
        kept = kept.unique(NUMBER, keep=mark.pick, maintain_order=True)
    end = pl.min_horizontal(pl.col("#end"), cutoff)
    end = pl.when(pl.col("#end") > pl.col("#date")).then(end)
    times = kept.select(
        NUMBER,
        time_since(pl.col("#date"), pl.col("#start"), days).cast(pl.Float64).alias(TIME),
        time_since(end, pl.col("#start"), days).cast(pl.Float64).alias(UNTIL),
        ROW,
    )
    return times, out


def mark_rows(prepared: Prepared, marks: Sequence[MarkSpec], marked: Marked) -> pl.DataFrame:
    """The results of `output.marks`: for each mark its subjects (n), symbols (events), what is left out."""
    figure, source = prepared.output, prepared.source
    found: list[dict[str, Any]] = []
    for i, mark in enumerate(marks):
        own = marked.frame.filter(pl.col(MARK) == i)
        shared = {"output": figure.output, "analysis": f"{figure.output}.{MARKS}", "variable": mark.date}
        shared |= {
            "dataset": mark.from_ or figure.from_,
            "population": source.population,
            "method": "count",
            "shown": "count",
        }
        shared |= {**pairs([("MARK", mark.label)]), "where": both(mark.where)}
        numbers = {"n": own[NUMBER].n_unique(), "events": own.height} | marked.left_out[i]
        found += [shared | {"statistic": name, "stat_num": number} for name, number in numbers.items()]
    return rows(found)
