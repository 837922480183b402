"""Models of analyses/*.yaml: an analysis on its own, and how a row or a figure takes it up.

An output names an analysis by its id, and is read as if the keys of the analysis stood there; its results
are those of the analysis, `pfs.median[TRT01P=Placebo]`, wherever they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, SkipValidation, Tag, model_validator

from tlfgen.errors import NOWHERE, SpecError, unknown
from tlfgen.spec.comparison import ComparisonSpec, check_ids
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.elsewhere_results import ResultsSpec
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.figure_forest import ForestSpec
from tlfgen.spec.figure_kaplan_meier import KaplanMeierSpec
from tlfgen.spec.level import LevelSpec
from tlfgen.spec.loader import Decimals, FileName, Mapping_, Sequence_, split_params
from tlfgen.spec.output import RowSpec
from tlfgen.spec.shell import ColumnsSpec, Conditional
from tlfgen.spec.subgroup import SubgroupSpec, check_once

OF_ROW = ("do", "compare", "denominator", "decimals")
SHOWING = ("analysis", "id", "label", "cells", "in", "indent", "denominator_footnote")
OF_FOREST = ("subgroups",)
OF_RECORDS = ("population", "from", "where", "columns")
Trees = Mapping[str, Mapping_]


class AnalysisSpec(Conditional):
    """Results of the records of a population, of our own or made elsewhere.

    analysis: its id, by which outputs, texts and claims name it. columns: its groups, as a table's; by: short
    for columns: {by: ...}.
    """

    analysis: FileName
    label: str = ""
    population: str
    from_: str = Field(default="ADSL", alias="from")
    columns: ColumnsSpec = ColumnsSpec()

    @model_validator(mode="after")
    def _of_subjects(self) -> Self:
        if self.columns.of or self.columns.spans or self.columns.worst:
            raise ValueError("the groups of an analysis are by: a subject's variable, or sets:")
        return self

    @property
    def output(self) -> str:
        """What its results stand under."""
        return self.analysis

    @property
    def page_by(self) -> tuple[str, ...]:
        return ()

    @property
    def row(self) -> RowSpec:
        """The analysis as an entry of a table without a name of its own."""
        raise NotImplementedError


class OwnAnalysisSpec(AnalysisSpec):
    """A registered analysis.

    compare: what is compared between the groups. denominator, decimals: as in a row. subgroups: in each level
    of which it is made again. Every other key is a parameter of the analysis `do`.
    """

    do: str
    denominator: str | None = None
    compare: tuple[ComparisonSpec, ...] = ()
    decimals: Decimals | None = None
    subgroups: tuple[SubgroupSpec, ...] = ()
    params: Annotated[dict[str, Any], SkipValidation] = {}  # as read: its keys know their lines

    @model_validator(mode="before")
    @classmethod
    def _split_params(cls, data: Any) -> Any:
        own = {field.alias or name for name, field in cls.model_fields.items()}
        return split_params(with_columns(data), own) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        check_ids(self.compare)
        check_once(self.subgroups)
        return self

    @cached_property
    def denominator_condition(self) -> Condition | None:
        return parse_condition(self.denominator, self.at_key("denominator")) if self.denominator else None

    @cached_property
    def row(self) -> RowSpec:
        return entry_of("", self, self.params, self.denominator)

    @cached_property
    def subgroup_row(self) -> RowSpec:
        """The analysis as an entry that names the results in its subgroups."""
        return entry_of("subgroups", self, self.params, self.denominator)


class ElsewhereAnalysisSpec(AnalysisSpec, ResultsSpec):
    """Results that were made elsewhere: a file with a row for each."""

    analysis: FileName

    @model_validator(mode="before")
    @classmethod
    def _by_columns(cls, data: Any) -> Any:
        return with_columns(data)

    @cached_property
    def row(self) -> RowSpec:
        by = tuple(LevelSpec(name=name) for name in self.lines)
        row = RowSpec.model_construct(id="", by=by, elsewhere=self)
        object.__setattr__(row, "__pydantic_private__", {"_place": self.at, "_keys": self._keys})
        return row


def subgroups_of(analysis: AnalysisSpec) -> tuple[SubgroupSpec, ...]:
    """The subgroups in which an analysis is made again."""
    return analysis.subgroups if isinstance(analysis, OwnAnalysisSpec) else ()


def _own_or_elsewhere(tree: Any) -> str:
    """Which model an entry of analyses/ has: one with a file was made elsewhere."""
    has_file = isinstance(tree, dict) and "file" in tree
    return "elsewhere" if has_file or isinstance(tree, ElsewhereAnalysisSpec) else "own"


AnyAnalysis = Annotated[
    Annotated[ElsewhereAnalysisSpec, Tag("elsewhere")] | Annotated[OwnAnalysisSpec, Tag("own")],
    Discriminator(_own_or_elsewhere),
]


def entry_of(
    name: str, given: OwnAnalysisSpec | KaplanMeierSpec | ForestSpec, params: dict[str, Any],
    denominator: str | None = None,
) -> RowSpec:  # fmt: skip
    """An analysis as an entry of a table, with the place of what asks for it."""
    row = RowSpec.model_construct(
        id=name, in_=(), by=(), where=None, do=given.do, params=params, compare=given.compare,
        denominator=denominator, decimals="collected" if given.decimals is None else given.decimals,
    )  # fmt: skip
    object.__setattr__(row, "__pydantic_private__", {"_place": given.at, "_keys": given._keys})
    return row


def with_columns(data: Any) -> Any:
    """An analysis with `by: X` written out as columns."""
    if not isinstance(data, dict) or "by" not in data:
        return data
    place = data.key_places["by"] if isinstance(data, Mapping_) else NOWHERE
    if "columns" in data:
        raise SpecError("by: is short for columns: {by: ...}; write one of them.", place=place)
    columns = Mapping_({"by": data["by"]})
    found = Mapping_({k: v for k, v in data.items() if k != "by"} | {"columns": columns})
    places = dict(getattr(data, "key_places", {}))
    columns.key_places = found.key_places = places | {"columns": place}
    columns.place, found.place = place, getattr(data, "place", NOWHERE)
    return found


def with_analyses(tree: Any, analyses: Trees) -> Any:
    """An output as it is read, with the keys of the analyses that its rows, or it itself, name."""
    if not isinstance(tree, Mapping_):
        return tree
    if tree.get("kind") == "figure":
        tree = _figure(tree, analyses)
    for key, read in (("panels", _figure), ("rows", _row)):
        if isinstance(entries := tree.get(key), Sequence_):
            found = Sequence_(read(entry, analyses) for entry in entries)
            found.item_places = entries.item_places
            tree[key] = found
    return tree


def _figure(figure: Any, analyses: Trees) -> Any:
    """A figure, or a panel of one."""
    if not isinstance(figure, Mapping_) or not isinstance(figure.get("analysis"), str):
        return figure
    own = _found(figure, analyses)
    if "file" in own:
        raise SpecError(
            "A figure draws what is analysed here; results from a file stand in rows and texts.",
            place=figure.key_places["analysis"],
        )
    apart = ("analysis", "label", "denominator", *(() if figure.get("shape") == "forest" else OF_FOREST))
    kept = [k for k in own if k not in apart]
    return _taken(figure, own, (*OF_RECORDS, *kept))


def _row(row: Any, analyses: Trees) -> Any:
    if not isinstance(row, Mapping_) or not isinstance(row.get("analysis"), str):
        return row
    own = _found(row, analyses)
    other = next((k for k in row if k not in SHOWING), None)
    if other is not None:
        raise SpecError(
            f"'{other}' is not for a row that shows the analysis '{row['analysis']}'.",
            place=row.key_places[other],
            hint=f"It has {', '.join(SHOWING)}; what is analysed, and how, stands in the analysis.",
        )
    if "file" in own:
        return _elsewhere(row, own)
    kept = [k for k in own if k not in ("analysis", "label", *OF_FOREST, *OF_RECORDS)]
    return _taken(row, own, tuple(kept))


def _elsewhere(row: Mapping_, own: Mapping_) -> Mapping_:
    """A row with what a file of results holds, and what splits these."""
    held = Mapping_({k: v for k, v in own.items() if k in ResultsSpec.model_fields})
    held.place, held.key_places = own.place, own.key_places
    found = Mapping_({**row, "elsewhere": held, "by": own.get("lines", Sequence_())})
    found.place, found.key_places = row.place, row.key_places
    return found


def _found(entry: Mapping_, analyses: Trees) -> Mapping_:
    if entry["analysis"] not in analyses:
        raise unknown("The analysis", entry["analysis"], analyses, entry.key_places["analysis"])
    return analyses[entry["analysis"]]


def _taken(entry: Mapping_, own: Mapping_, keys: tuple[str, ...]) -> Mapping_:
    """An entry with keys of an analysis; a SpecError where one stands in both."""
    twice = next((k for k in entry if k in {*keys, *OF_ROW, "by", "where"}), None)
    if twice is not None:
        raise SpecError(
            f"'{twice}' is of the analysis '{entry['analysis']}', and stands there.",
            place=entry.key_places[twice],
            hint="Take it out here, or write the analysis in place with do: instead of analysis:.",
        )
    taken = {k: own[k] for k in keys if k in own}
    found = Mapping_({**entry, **taken})
    found.place = entry.place
    found.key_places = {**entry.key_places, **{k: own.key_places[k] for k in taken}}
    return found


def shown_by(output: Any) -> tuple[str, ...]:
    """The analyses that an output shows."""
    rows = (r.analysis for r in getattr(output, "rows", ()) if isinstance(r, RowSpec))
    figures = output.figures() if isinstance(output, FigureSpec) else ()
    return tuple(dict.fromkeys(a for a in (*(getattr(f, "analysis", None) for f in figures), *rows) if a))
