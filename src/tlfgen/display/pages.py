"""An output split by page, laid out page by page: its value in the subtitle, its own N and footnotes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tlfgen.analysis.pages import Groups
from tlfgen.analysis.source import SUBJECTS
from tlfgen.display.parts import Pages, Part
from tlfgen.spec.output import OutputSpec

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset


def value_of(groups: Groups, output: OutputSpec, data: Mapping[str, Dataset]) -> str:
    """What a page is about: each variable by its label, with its value ("Parameter: Weight (kg)")."""
    labels = [_label(name, output, data) for name in output.page_by]
    return ", ".join(f"{label}: {level}" for label, (_, level) in zip(labels, groups, strict=True))


def _label(name: str, output: OutputSpec, data: Mapping[str, Dataset]) -> str:
    owner, _, bare = name.rpartition(".")
    for dataset in dict.fromkeys((owner or output.from_, SUBJECTS)):
        for known in data[dataset].variables if dataset in data else ():
            if known.name == bare:
                return known.label
    return bare


def with_value(page: OutputSpec, value: str) -> OutputSpec:
    """The output of a page with its value as the last line of the subtitle."""
    subtitle = "\n".join(text for text in (page.subtitle, value) if text)
    return page.model_copy(update={"subtitle": subtitle})


def named_on_page(part: Part, groups: Groups) -> Part:
    """The part of a page with the names that its results have in the output as a whole."""
    page = ",".join(f"{group}={level}" for group, level in groups)
    named: Part = _renamed(part, page)
    return named


def _renamed(value: Any, page: str) -> Any:
    if isinstance(value, tuple):
        return tuple(_renamed(v, page) for v in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        changed = {
            n: tuple(_name(r, page) for r in v) if n == "results" else _renamed(v, page)
            for n, v in fields.items()
        }
        return replace(value, **changed)
    return value


def _name(result: str, page: str) -> str:
    head, bracket, inside = result.partition("[")
    return f"{head}[{page},{inside}" if bracket else f"{head}[{page}]"


def joined(output: OutputSpec, title: str, parts: list[Part], labels: list[str]) -> Pages:
    """The parts of all pages as one output; title: without marks, which are of a page."""
    first = parts[0]
    return Pages(
        output.output, output.number, title, first.population, heading=title, orientation=first.orientation,
        kind_label=first.kind_label, parts=tuple(parts), labels=tuple(labels),
        files=output.split == "file",
    )  # fmt: skip
