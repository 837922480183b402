"""Figures as panels of one: each laid out by its own shape, with its letter and its title."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from string import ascii_uppercase
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.display.left_out import left_out
from tlfgen.display.output import shared_of
from tlfgen.display.panels import Panel
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results
from tlfgen.spec.analysis import shown_by
from tlfgen.spec.figures import PanelsSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules
from tlfgen.spec.words import Words

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset


def lay_out_figure(
    figure: PanelsSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out each panel; one without anything to draw has the `empty` sentence in its place."""
    found = []
    for spec in figure.figures():
        shown = pl.col("output").is_in(shown_by(spec))
        own = ard.filter(shown | pl.col("analysis").str.starts_with(f"{spec.output}."))
        module = importlib.import_module(f"tlfgen.display.figure_{spec.shape}")
        part: Figure = module.lay_out_figure(spec, own, data, study, rules)
        notes = (*part.footnotes, *left_out(spec, Results(own, study, rules)))
        found.append(replace(part, footnotes=notes))
    if all(part.blank for part in found):
        panels: tuple[Panel, ...] = ()
    else:
        panels = tuple(_lettered(i, part, figure, study, rules.words) for i, part in enumerate(found))
    shared = shared_of(figure, study, _notes(found, rules.words))
    shared["source"] = rules.words.say("beside").join(dict.fromkeys(part.source for part in found))
    return Figure(
        **shared, panels=panels, alt=figure.alt, empty=figure.empty, across=figure.across,
        per_page=figure.per_page,
    )  # fmt: skip


def _lettered(i: int, part: Figure, figure: PanelsSpec, study: StudySpec, words: Words) -> Panel:
    """The panel with its letter and its title, and its population where that is another."""
    panel = part.panels[0] if part.panels else Panel((), empty=part.empty)
    whole = shared_of(figure, study, ())["population"]
    own = part.population if part.population != whole else ""
    title = words.say("beside").join(t for t in (part.title, own) if t)
    return replace(panel, letter=ascii_uppercase[i], title=title)


def _notes(parts: Sequence[Figure], words: Words) -> Iterator[str]:
    """The footnotes, each once, behind the letters of its panels where it is not of all."""
    found: dict[str, list[str]] = {}
    for part, letter in zip(parts, ascii_uppercase, strict=False):
        for note in dict.fromkeys(part.footnotes):
            found.setdefault(note, []).append(letter)
    for note, letters in found.items():
        everywhere = len(letters) == len(parts)
        yield note if everywhere else words.say("of_panels", panels=", ".join(letters), said=note)
