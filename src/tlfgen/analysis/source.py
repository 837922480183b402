"""The records that an output is made from: a dataset, a population, the subjects' variables beside them."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import polars as pl

from tlfgen.analysis.table import both
from tlfgen.analysis.unjudged import unjudged
from tlfgen.data.dataset import Dataset, missing_variable
from tlfgen.data.unread import UNREAD, with_marks
from tlfgen.errors import DataError, Place, SpecError, unknown
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.condition_text import conjuncts
from tlfgen.spec.iso_date import iso_text
from tlfgen.spec.significant import significant
from tlfgen.spec.study import StudySpec

SUBJECT, SUBJECTS, EVERYTHING = "USUBJID", "ADSL", "all"
NUMBER = "#subject"
ROW = "#row"  # the number of a record in its dataset, from 1, where `numbered` gave it one


@dataclass(frozen=True)
class Source:
    """frame: the records that meet the output's condition, in the population, ADSL's variables beside them.

    A bare name is a variable of the dataset, else of ADSL; "ADSL.NAME" is always ADSL's. NUMBER is the
    subject's number, null where a record has none. subjects: the population's rows of ADSL, where columns are
    sets those of any of them; None where the population is "all". narrowed: the part of the output's
    condition that is about subjects, and that all of `subjects` meet. everyone: all of ADSL. unjudged: the
    records that the condition could not judge, by variable. unknown: the subjects of whom `narrowed` could
    not be judged, by variable. strangers: the records of subjects who are not in ADSL, but for those that the
    condition rules out. answered: flags whose null is no "no". Beside a variable with nulls that stand for a
    collected text the frames hold their mark (data/unread.py).
    """

    dataset: str
    population: str
    frame: pl.DataFrame
    subjects: pl.DataFrame | None
    everyone: pl.DataFrame
    study: StudySpec = field(repr=False)
    decimals: Mapping[str, int] = field(default_factory=dict)
    narrowed: str = ""
    unjudged: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    strangers: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)
    answered: frozenset[str] = frozenset()

    @property
    def is_subject_level(self) -> bool:
        """Say whether a record is a subject."""
        return self.dataset == SUBJECTS

    @property
    def names_no_subject(self) -> bool:
        """Say whether the records name no subject."""
        return SUBJECT not in self.frame.columns

    def own(self, name: str) -> str:
        """A variable's column, for the records."""
        bare = name.removeprefix(f"{SUBJECTS}.")
        return bare if self.is_subject_level else name

    def needs(self, names: Iterable[str], at: Place) -> None:
        """Check that the records have these variables; a SpecError names the nearest."""
        for name in names:
            if self.own(name) not in self.frame.columns:
                own = [c for c in self.frame.columns if "#" not in c]
                raise missing_variable(self.dataset, name, own, at)

    def rows(self, condition: Condition | None, frame: pl.DataFrame | None = None) -> pl.DataFrame:
        """The records that meet a condition."""
        records = self.frame if frame is None else frame
        if condition is None:
            return records
        return records.filter(self.truth(condition, records).fill_null(False))

    def truth(self, condition: Condition, frame: pl.DataFrame) -> pl.Series:
        """Judge records: true, false, or null where their values do not tell."""
        self.needs(condition.columns, condition.place)
        return condition.truth(frame, partial_dates(frame))

    def is_whole(self, name: str) -> bool:
        """Say whether every value of a numeric variable is a whole number."""
        values = self.frame[self.own(name)].drop_nulls().cast(pl.Float64)
        return bool((values == values.round()).all())

    def twin(self, name: str) -> str | None:
        """The numeric twin of a variable (PARAMN of PARAM and PARAMCD), where the records have it."""
        column = self.own(name)
        for other in (f"{column}N", f"{column.removesuffix('CD')}N"):
            if other in self.frame.columns and self.frame.schema[other].is_numeric():
                return other
        return None


def meets(condition: Condition, frame: pl.DataFrame) -> pl.Series:
    """Evaluate a condition; false where it is not known to be true."""
    return condition.rows(frame, partial_dates(frame))


def partial_dates(frame: pl.DataFrame) -> dict[str, str]:
    """The columns that hold partial dates: texts named --DTC."""
    return {c: "partial" for c, t in frame.schema.items() if c.endswith("DTC") and t == pl.String}


def judged(condition: Condition, frame: pl.DataFrame) -> pl.Series:
    """Evaluate a condition; null where it meets a null that it turns on: not known, and not false."""
    return condition.truth(frame, partial_dates(frame))


def text_of(frame: pl.DataFrame, column: str) -> pl.Expr:
    """A variable as the text of its levels: 3 and not 3.0, floats at 12 significant digits, dates in ISO
    8601; a blank is null."""
    kind, value = frame.schema[column], pl.col(column)
    if kind.is_float():
        value = significant(value)
        whole = (value == value.round()) & (value.abs() < 1e15)
        integer = value.cast(pl.Int64, strict=False).cast(pl.String)
        return pl.when(whole).then(integer).otherwise(value.cast(pl.String))
    text = iso_text(value, kind)
    return pl.when(text.str.strip_chars() != "").then(text) if kind == pl.String else text


def open_source(
    *,
    name: str,
    population: str,
    condition: Condition | None,
    names: Iterable[str],
    data: Mapping[str, Dataset],
    study: StudySpec,
    at: Place,
    sets: Collection[str] = (),
) -> Source:
    """Open a dataset for an output: join the subjects' variables, keep the population, then the condition.

    names: the variables that the output reads; those of ADSL are joined by USUBJID. A record of a subject who
    is not in the population is left out. sets: the analysis sets that are the columns; with them the
    population is everybody who is in one.
    """
    if name not in data:
        raise unknown("The dataset", name, data, at)
    if population != EVERYTHING and population not in study.analysis_sets:
        raise unknown("The analysis set", population, [*study.analysis_sets, EVERYTHING], at)
    frame = with_marks(data[name])
    adsl = with_marks(data[SUBJECTS]) if SUBJECTS in data else None
    subjects = _population(adsl, population, sets, at)
    everyone = pl.DataFrame() if adsl is None else adsl
    beside = () if adsl is None else adsl.columns
    joined = [
        n
        for n in dict.fromkeys(names)
        if n.startswith(f"{SUBJECTS}.") or (n not in frame.columns and n in beside)
    ]
    if name == SUBJECTS:
        frame = frame if subjects is None else subjects
        frame = frame.with_columns(as_named(_known(joined, frame, at), frame))
        frame = frame.with_row_index(NUMBER) if NUMBER not in frame.columns else frame
    else:
        frame = _join(frame, name, adsl, subjects, joined, at)
    answered = {*(data[SUBJECTS].answered if SUBJECTS in data else ()), *data[name].answered}
    answered |= {f"{SUBJECTS}.{n}" for n in answered}
    source = Source(name, population, frame, subjects, everyone, study, data[name].decimals)
    source = replace(source, answered=frozenset(answered))
    return replace(
        source,
        frame=source.rows(condition),
        unjudged=unjudged(condition, source, frame),
        **_narrowed(source, about_subjects(condition, beside)),
        strangers=_strangers(source, with_marks(data[name]), condition),
    )


def numbered(data: Mapping[str, Dataset], *names: str | None) -> dict[str, Dataset]:
    """All datasets, the named ones with the number of each record (ROW), for what names its records."""
    return {
        n: d.with_frame(d.frame.with_row_index(ROW, offset=1)) if n in names else d for n, d in data.items()
    }


def record_of(dataset: str, row: int, *variables: str) -> tuple[str, ...]:
    """The names of variables of a record: `ADAE[row=17].AETERM`."""
    return tuple(f"{dataset}[row={row}].{v.removeprefix(f'{dataset}.')}" for v in variables)


def about_subjects(condition: Condition | None, beside: Container[str]) -> tuple[Condition, ...]:
    """The parts of a condition that are about subjects: they name variables of ADSL alone, its copies too."""
    if condition is None:
        return ()

    def of_subject(name: str) -> bool:
        return name.startswith(f"{SUBJECTS}.") or name in beside

    return tuple(c for c in conjuncts(condition) if c.columns and all(map(of_subject, c.columns)))


def _narrowed(source: Source, parts: tuple[Condition, ...]) -> dict[str, Any]:
    if source.subjects is None or not parts:
        return {}
    about = parse_condition(both(*(p.text for p in parts)), parts[0].place)
    every = source.subjects.with_columns(as_named(about.columns, source.subjects))
    subjects = source.subjects.filter(meets(about, every))
    if subjects.height == every.height:
        return {}
    return {"subjects": subjects, "narrowed": about.text, "unknown": unjudged(about, source, every)}


def _strangers(source: Source, every: pl.DataFrame, condition: Condition | None) -> pl.DataFrame:
    """The records of subjects who are not in ADSL; their flags have no date to go by."""
    if source.subjects is None or source.is_subject_level or source.names_no_subject:
        return pl.DataFrame()
    found = every.join(source.everyone, on=SUBJECT, how="anti", maintain_order="left")
    absent = {c: t for c, t in source.frame.schema.items() if c not in found.columns}
    found = found.with_columns(pl.lit(None, t).alias(c) for c, t in absent.items())
    if condition is None or not found.height:
        return found
    flags = [pl.lit(None, pl.String).alias(c) for c in found.columns if c.endswith("FL")]
    return found.filter(source.truth(condition, found.with_columns(flags)).fill_null(True))


def _population(
    adsl: pl.DataFrame | None, population: str, sets: Collection[str], at: Place
) -> pl.DataFrame | None:
    if population == EVERYTHING:
        return None
    if adsl is None:
        raise SpecError("A population needs ADSL.", place=at, hint="Without it write population: all.")
    for flag in (population, *sets):
        if flag not in adsl.columns:
            raise missing_variable(SUBJECTS, flag, adsl.columns, at)
    twice = adsl.filter(pl.col(SUBJECT).is_duplicated())
    if twice.height:
        raise DataError(
            f"ADSL holds a subject twice ({twice[SUBJECT][0]}); its populations cannot be counted.",
            hint="One record per subject: look at the keys of adam/adsl.yaml.",
        )
    inside = pl.any_horizontal(pl.col(flag) == "Y" for flag in sets or (population,))
    return adsl.filter(inside).with_row_index(NUMBER)


def as_named(names: Iterable[str], adsl: pl.DataFrame) -> list[pl.Expr]:
    """Variables of ADSL by the names that ask for them, with their marks."""
    own = {n: n.removeprefix(f"{SUBJECTS}.") for n in names}
    marks = {n + UNREAD: c + UNREAD for n, c in own.items() if c + UNREAD in adsl.columns}
    return [pl.col(column).alias(name) for name, column in (own | marks).items()]


def _known(names: list[str], adsl: pl.DataFrame, at: Place) -> list[str]:
    for name in names:
        if name.removeprefix("ADSL.") not in adsl.columns:
            raise missing_variable(SUBJECTS, name.removeprefix("ADSL."), adsl.columns, at)
    return names


def _join(
    frame: pl.DataFrame,
    name: str,
    adsl: pl.DataFrame | None,
    subjects: pl.DataFrame | None,
    names: list[str],
    at: Place,
) -> pl.DataFrame:
    """Put ADSL's variables beside the records, and keep the records of the population's subjects."""
    if SUBJECT not in frame.columns:
        if subjects is not None or names:
            raise SpecError(
                f"{name} has no USUBJID, so it has no population and no variables of ADSL.",
                place=at,
                hint="Write population: all.",
            )
        return frame.with_columns(pl.lit(None, pl.UInt32).alias(NUMBER))
    if subjects is None and not names:
        return frame.with_columns((pl.col(SUBJECT).rank("dense") - 1).cast(pl.UInt32).alias(NUMBER))
    if adsl is None:
        raise SpecError(f"{names[0]} needs the dataset ADSL.", place=at)
    beside = adsl.with_row_index(NUMBER) if subjects is None else subjects
    twins = [f"{n}N" for n in names if f"{n}N".removeprefix("ADSL.") in adsl.columns]
    taken = dict.fromkeys([*_known(names, adsl, at), *twins])
    beside = beside.select(SUBJECT, NUMBER, *as_named(taken, beside))
    how: Literal["left", "inner"] = "left" if subjects is None else "inner"
    return frame.join(beside, on=SUBJECT, how=how, validate="m:1", maintain_order="left")
