"""Models of outputs/*.yaml (one table, listing or figure a file) and report.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Discriminator, Field, SkipValidation, Tag, field_validator, model_validator

from tlfgen.spec.comparison import ColumnComparisonSpec, ComparisonSpec, check_ids
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.elsewhere_results import ResultsSpec
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.figures import AnyFigure, PanelsSpec
from tlfgen.spec.form import Texts
from tlfgen.spec.level import By
from tlfgen.spec.loader import Decimals, Entry, split_params, without_params
from tlfgen.spec.narrative import EachSpec
from tlfgen.spec.shell import ColumnsSpec, Conditional, OutputShell


class RowSpec(Conditional):
    """One block of rows: `count` subjects or events, `summarise` variables, or `do` a registered
    analysis.

    by: variables whose levels split the block, outermost first, each by its name or as an entry with what
    applies to its levels (levels, missing, sort, worst); nested: inner levels are indented below outer
    ones, and a count has a line for each outer level too.
    cell / cells: formats over statistics: of a count {n}, {pct}, {events}; of a summary {n}, {mean}, {sd},
    {se}, {median}, {q1}, {q3}, {min}, {max}. decimals: "collected" (in the data, by PARAM) or a number;
    study.yaml adds to it by statistic.
    denominator: a condition. Percentages of a count (or of an analysis that has a denominator) are then of
    the subjects with a record that meets it (within the outer levels), not of the column's N; a summary
    takes only the records that meet it. denominator_footnote: none, where the label says so already.
    at_least: percent that a row must reach in some column, unrounded, to be printed. in: the labels of the
    columns where an analysis stands; without, all. compare: comparisons of what is analysed; each stands in
    the column of its `each`, one of a single pair in the columns of `in`, where these are named. Every other
    key beside `do` is its parameter. analysis: one of analyses/*.yaml instead, which says all of this;
    elsewhere: what it holds, where it was made elsewhere.
    """

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")
    label: str = ""
    count: Literal["subjects", "events"] | None = None
    summarise: Texts = ()
    by: By = ()
    nested: bool = False
    cell: str | None = None
    cells: dict[str, str] = {}
    decimals: Decimals | Literal["collected"] = "collected"
    denominator: str | None = None
    denominator_footnote: Literal["none"] | None = None
    indent: Annotated[int, Field(ge=0, le=20)] = 0
    at_least: float | None = None
    analysis: str | None = None
    do: str | None = None
    elsewhere: ResultsSpec | None = None
    in_: Texts = Field(default=(), alias="in")
    compare: tuple[ComparisonSpec, ...] = ()
    params: Annotated[dict[str, Any], SkipValidation] = {}  # as read: its keys know their lines

    bears_marks = frozenset({"label", "cell", "cells"})

    @model_validator(mode="before")
    @classmethod
    def _split_params(cls, data: Any) -> Any:
        own = {field.alias or name for name, field in cls.model_fields.items()}
        return split_params(data, own) if isinstance(data, dict) and "do" in data else without_params(data)

    @model_validator(mode="after")
    def _kind(self) -> RowSpec:
        if self.elsewhere and not self.analysis:
            raise ValueError("the key 'elsewhere' is not known here")
        if [bool(self.count), bool(self.summarise), self.analyses].count(True) != 1:
            raise ValueError(f"row '{self.id}' says one of count, summarise, do or analysis")
        if len(set(self.summarise)) < len(self.summarise):
            raise ValueError(f"row '{self.id}' summarises a variable twice")
        if self.count and not self.cell:
            raise ValueError(f"row '{self.id}' counts and needs a cell")
        if not self.count and not self.cells:
            what = "summarises" if self.summarise else "analyses"
            raise ValueError(f"row '{self.id}' {what} and needs cells")
        not_for = ("cell", "nested", "worst", "at_least") if self.analyses else ("in_", "compare")
        given = [k.rstrip("_") for k in not_for if getattr(self, k)]
        if given:
            said = f"analyses; {given[0]}: is" if self.analyses else "does not analyse; in: is"
            raise ValueError(f"row '{self.id}' {said} not for it")
        check_ids(self.compare)
        of_subjects = [k for k in ("worst", "at_least") if getattr(self, k) is not None]
        if self.count != "subjects" and of_subjects:
            raise ValueError(f"row '{self.id}' counts no subjects; {of_subjects[0]}: is not for it")
        self._check_by()
        return self

    def _check_by(self) -> None:
        """Check that a variable stands once, and what only some rows or the last variable can have."""
        if len({level.name for level in self.by}) < len(self.by):
            raise ValueError(f"row '{self.id}' is split by a variable twice")
        outer = next((level.name for level in self.by[:-1] if level.worst), None)
        if outer:
            raise ValueError(f"row '{self.id}': by {outer}: worst is only for the last variable")
        counted = next((level.name for level in self.by if level.sort and level.sort.by == "frequency"), None)
        if counted and not self.count:
            raise ValueError(f"row '{self.id}' counts nothing to sort {counted} by; write sort: value")

    @property
    def analyses(self) -> bool:
        """Whether it is an analysis, of our own or made elsewhere."""
        return bool(self.do or self.elsewhere)

    @property
    def by_names(self) -> tuple[str, ...]:
        return tuple(level.name for level in self.by)

    @property
    def worst(self) -> str | None:
        return self.by[-1].worst if self.by else None

    @property
    def hides_missing(self) -> bool:
        """Whether records without a level of some variable have no line."""
        return any(level.missing is None for level in self.by)

    @cached_property
    def denominator_condition(self) -> Condition | None:
        return parse_condition(self.denominator, self.at_key("denominator")) if self.denominator else None


class HeadingSpec(Entry):
    """A line of its own between rows."""

    heading: str

    bears_marks = frozenset({"heading"})


def _kind_of_line(line: Any) -> str:
    is_heading = isinstance(line, HeadingSpec) or (isinstance(line, dict) and "heading" in line)
    return "heading" if is_heading else "row"


Lines = Annotated[
    Annotated[RowSpec, Tag("row")] | Annotated[HeadingSpec, Tag("heading")], Discriminator(_kind_of_line)
]


class TableSpec(OutputShell):
    """compare: comparisons with columns of their own, in each row of their kind. statistics: whether the
    formats of a row stand below each other, or side by side as columns below those of the table.
    denominator_footnote: none, where a footnote of the table says already what its percentages are of."""

    kind: Literal["table"]
    stub: str = ""
    columns: ColumnsSpec
    rows: tuple[Lines, ...]
    compare: tuple[ColumnComparisonSpec, ...] = ()
    statistics: Literal["rows", "columns"] = "rows"
    denominator_footnote: Literal["none"] | None = None

    bears_marks = OutputShell.bears_marks | {"stub"}

    def analysis_of(self, row: RowSpec) -> str:
        """The name of the results of a row: its own, or that of the analysis that it shows."""
        return row.analysis or f"{self.output}.{row.id}"

    @model_validator(mode="after")
    def _ids(self) -> TableSpec:
        check_ids(self.compare)
        return self


class ListingColumnSpec(Entry):
    """name: a variable, or several shown one below the other. cell: a format over variables instead.
    decimals: of its numbers, else as many as they have.
    width: of the page ("12%"). repeat "page": printed where it changes and at the top of a page."""

    name: Texts = ()
    cell: str | None = None
    label: str
    width: float
    decimals: int | None = Field(default=None, ge=0, le=9)
    align: Literal["left", "right", "centre"] = "left"
    repeat: Literal["row", "page"] = "row"

    bears_marks = frozenset({"label"})

    @model_validator(mode="after")
    def _shown(self) -> ListingColumnSpec:
        if bool(self.name) == (self.cell is not None):
            raise ValueError(f"the column '{self.label}' shows name: or cell:")
        return self

    @field_validator("width", mode="before")
    @classmethod
    def _percent(cls, value: Any) -> Any:
        return value.rstrip("%") if isinstance(value, str) else value


class ListingSpec(OutputShell):
    kind: Literal["listing"]
    order: Texts = ()
    columns: tuple[ListingColumnSpec, ...]


OutputSpec = Annotated[TableSpec | ListingSpec | AnyFigure, Field(discriminator="kind")]

Shown = TypeVar("Shown")


def with_panels(outputs: Iterable[Shown]) -> Iterator[Shown | FigureSpec]:
    """Each output, and behind a figure of panels each of these."""
    for output in outputs:
        yield output
        if isinstance(output, PanelsSpec):
            yield from output.figures()


class SectionSpec(Entry):
    """A section of the report. text: a narrative of report/. outputs: numbers, with * for a family, or ids.
    contents: the table of contents stands here; without such a section, behind the title page. each:
    narratives from data, a subsection each. new_page: the section begins a page."""

    number: str
    title: str
    text: str | None = None
    in_text: Texts = ()
    outputs: Texts = ()
    contents: bool = False
    each: EachSpec | None = None
    new_page: bool = False


class ReportSpec(Entry):
    """report: its name. status: what running lines and the cover call it. manuscript: the tables and figures
    of a publication, by id, in their order. Without sections there is no report: a build is then datasets and
    outputs."""

    report: str = "Clinical Study Report"
    status: Literal["DRAFT", "FINAL"] = "DRAFT"
    sections: tuple[SectionSpec, ...] = ()
    manuscript: Texts = ()
