"""The columns of a table: which groups each stands for and which records belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tlfgen.analysis.source import SUBJECTS, Source, text_of
from tlfgen.analysis.table import both, quoted
from tlfgen.errors import SpecError
from tlfgen.spec.shell import ColumnsSpec
from tlfgen.spec.study import StudySpec

SEVERITY = "#severity"


@dataclass(frozen=True)
class Member:
    """A part of a column: the records whose variable has one of these levels. values None: all of them;
    missing: those without one. at: the record's column with the levels as text."""

    variable: str
    group: str
    level: str
    values: tuple[str, ...] | None = None
    missing: bool = False
    is_text: bool = True

    @property
    def at(self) -> str:
        return f"#text:{self.variable}"

    @property
    def mask(self) -> pl.Expr:
        if self.missing:
            return pl.col(self.at).is_null()
        if self.values is None:
            return pl.lit(True)
        return pl.col(self.at).is_in(self.values).fill_null(False)

    @property
    def where(self) -> str:
        """The condition on the records, as a spec would have it."""
        if self.missing:
            return f"{self.variable} IS NULL"
        if self.values is None:
            return ""
        texts = [quoted(v) if self.is_text else v for v in self.values]
        one = len(texts) == 1
        return f"{self.variable} = {texts[0]}" if one else f"{self.variable} IN ({', '.join(texts)})"


@dataclass(frozen=True)
class Column:
    """by: the part of the subject's variable; of: that of the record's."""

    by: Member | None = None
    of: Member | None = None

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(m for m in (self.by, self.of) if m is not None)

    @property
    def groups(self) -> tuple[tuple[str, str], ...]:
        return tuple((m.group, m.level) for m in self.members)

    @property
    def mask(self) -> pl.Expr:
        return pl.all_horizontal(pl.lit(True), *(m.mask for m in self.members))

    @property
    def by_mask(self) -> pl.Expr:
        return self.by.mask if self.by else pl.lit(True)

    @property
    def where(self) -> str:
        return both(*(m.where for m in self.members))


def label_of(column: Column, spec: ColumnsSpec) -> str:
    """What a column is called in its header, and by `sort` and `compare`."""
    if not column.members:
        return spec.total or ""
    last = column.members[-1]
    if last.group in spec.sets:
        return spec.sets[last.group]
    level = last.level
    return spec.levels.get(level, level)


def columns_of(spec: ColumnsSpec, source: Source) -> tuple[Column, ...]:
    """List the columns in the order in which they stand: for each `by` column those of `of`."""
    at = spec.at
    if spec.by and not (source.is_subject_level or spec.by.startswith(f"{SUBJECTS}.")):
        raise not_of_subject(spec)
    source.needs([n for n in (spec.by, spec.of) if n], at)
    plain = ColumnsSpec()
    source.needs([f"{SUBJECTS}.{flag}" for flag in spec.sets], at)
    outer: Sequence[Member | None] = tuple(Member(f"{SUBJECTS}.{f}", f, "Y", ("Y",)) for f in spec.sets)
    if not outer:
        outer = _members(spec.by, plain if spec.of else spec, source, by=True) if spec.by else (None,)
    inner = _members(spec.of, spec, source, by=False) if spec.of else (None,)
    return tuple(Column(b, o) for b in outer for o in inner)


def not_of_subject(spec: ColumnsSpec) -> SpecError:
    """The error for columns by a variable that is not said to be a subject's."""
    return SpecError(
        f"columns: by names '{spec.by}', which is not said to be of {SUBJECTS}.",
        place=spec.at_key("by"),
        hint=f"Write by: {SUBJECTS}.{spec.by} for a subject's variable, of: {spec.by} for a record's.",
    )


def _members(name: str, spec: ColumnsSpec, source: Source, *, by: bool) -> tuple[Member, ...]:
    group = name.removeprefix(f"{SUBJECTS}.")
    is_text = not source.frame.schema[source.own(name)].is_numeric()
    levels = list(spec.levels) or levels_of(name, source, by=by)

    def member(level: str, values: tuple[str, ...] | None, missing: bool = False) -> Member:
        return Member(name, group, level, values, missing, is_text)

    plain = [member(v, (v,)) for v in levels]
    missing = [member(spec.missing, None, True)] if spec.missing else []
    groups = [member(label, values) for label, values in spec.groups.items()]
    total = [member(spec.total, None)] if spec.total else []
    check_apart([*levels, *(m.level for m in (*missing, *groups, *total))], spec)
    return (*plain, *missing, *(groups + total if by else total + groups))


def check_apart(names: Sequence[str], spec: ColumnsSpec) -> None:
    """Check that each column has a name and a label of its own; a SpecError says which two share one.

    names: the levels, and the labels of the columns beside them.
    """
    for called in (names, [spec.levels.get(n, n) for n in names]):
        twice = next((n for i, n in enumerate(called) if n in called[:i]), None)
        if twice is not None:
            raise SpecError(
                f"columns: two columns are called '{twice}', and one would stand for both.",
                place=spec.at,
                hint="Give each its own label; a group joins several levels in one column.",
            )


def levels_of(name: str, source: Source, *, by: bool) -> list[str]:
    """The levels of a variable: a study's arms, else as found, in order."""
    bare = name.removeprefix(f"{SUBJECTS}.")
    frame = source.everyone if by and bare in source.everyone.columns else source.frame
    column = bare if frame is source.everyone else source.own(name)
    values = frame.select(text_of(frame, column).alias("v"))["v"].drop_nulls().unique().to_list()
    arms = source.study.arm_order
    if by and (not values or set(values) & set(arms)):
        return list(arms)
    twin = source.twin(name)
    return in_order(values, ranks(source.frame, source.own(name), twin) if twin else {})


def ranks(frame: pl.DataFrame, column: str, twin: str) -> dict[str, float]:
    """Level -> the lowest number of its numeric twin."""
    pairs = frame.select(text_of(frame, column).alias("v"), pl.col(twin).cast(pl.Float64).alias("n"))
    return dict(pairs.drop_nulls().group_by("v").agg(pl.col("n").min()).iter_rows())


def in_order(values: Sequence[str], by: Mapping[str, float]) -> list[str]:
    """Sort levels: by their numbers in `by`, if any; else as numbers, where all are; else by text."""
    if by:
        return sorted(values, key=lambda v: (by.get(v, float("inf")), v))
    numbers = {v: n for v in values if (n := _number(v)) is not None}
    return sorted(values, key=lambda v: (numbers[v], v)) if len(numbers) == len(values) else sorted(values)


def arms_first(values: Sequence[str], study: StudySpec) -> list[str] | None:
    """The arms' order, where the levels are arms."""
    arms = {a: i for i, a in enumerate(study.arm_order)}
    return sorted(values, key=lambda v: (arms.get(v, len(arms)), v)) if set(values) & set(arms) else None


def with_texts(frame: pl.DataFrame, columns: Sequence[Column], source: Source) -> pl.DataFrame:
    """Add the texts that the columns look at."""
    names = dict.fromkeys(m.variable for c in columns for m in c.members)
    own = (text_of(frame, source.own(n)).alias(f"#text:{n}") for n in names if source.own(n) in frame.columns)
    return frame.with_columns(own)


def severity(spec: ColumnsSpec, source: Source, frame: pl.DataFrame) -> pl.Expr:
    """How high a level of `of` is: its number, its numeric twin, or its place among `levels`.

    A level that is not listed, or has no number, ranks above the others: no subject counts lower than it is.
    """
    assert spec.of is not None
    column = source.own(spec.of)
    text = text_of(frame, column)
    values = frame.select(text.alias("v"))["v"].drop_nulls().unique().to_list()
    if all(_number(v) is not None for v in values):
        return text.cast(pl.Float64)
    twin = source.twin(spec.of)
    if twin:
        unranked = pl.when(text.is_not_null()).then(float("inf"))
        return pl.col(twin).cast(pl.Float64).fill_null(unranked)
    if spec.levels:
        places = {v: float(i) for i, v in enumerate(spec.levels)}
        unlisted = pl.when(text.is_not_null()).then(float(len(places)))
        return text.replace_strict(places, default=unlisted, return_dtype=pl.Float64)
    raise SpecError(
        f"What is the worst {spec.of} cannot be told: its levels are no numbers, {spec.of}N is not there.",
        place=spec.at,
        hint="List the levels under columns: levels, the worst last.",
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
