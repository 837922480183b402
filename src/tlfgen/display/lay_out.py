"""From results to parts: one function for every kind of output, and one result as text."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.pages import by_page, on_page
from tlfgen.analysis.registry import METHOD
from tlfgen.analysis.table import result_name, stack
from tlfgen.display.left_out import left_out
from tlfgen.display.listing import lay_out_listing
from tlfgen.display.marks import with_marks
from tlfgen.display.numbers import letter_p
from tlfgen.display.own_texts import with_own_texts
from tlfgen.display.pages import joined, named_on_page, value_of, with_value
from tlfgen.display.parts import Laid, Listing, Part, Table
from tlfgen.display.results import Results
from tlfgen.display.styles import rules_of, rules_of_pages
from tlfgen.display.table import lay_out_table
from tlfgen.spec.marks import without_marks
from tlfgen.spec.output import ListingSpec, OutputSpec, TableSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules, PValueRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset


def lay_out(
    output: OutputSpec, ard: pl.DataFrame, data: Mapping[str, Dataset], study: StudySpec, rules: NumberRules
) -> Laid:
    """Lay out an output: its results, or for a listing its records, as displayed texts; split by page, each
    page with the results of its own.

    ard: the results of this output. data: for a listing or a figure of subjects its records, for a table the
    labels of variables.
    """
    rules = rules_of(output, rules)
    output = with_own_texts(output, ard, data, study, rules)
    pages, left = by_page(output, ard) if output.page_by else ([], ard)
    if not pages:
        return _whole(output, ard, data, study, rules)
    rules = rules_of_pages(rules, Results(ard, study, rules).percent_decimals)
    parts, labels = [], []
    for groups, own in pages:
        labels.append(value_of(groups, output, data))
        page = with_value(on_page(output, own), labels[-1])
        parts.append(named_on_page(_whole(page, stack([own, left]), data, study, rules), groups))
    return joined(output, letter_p(without_marks(output.title), rules), parts, labels)


def _whole(
    output: OutputSpec, ard: pl.DataFrame, data: Mapping[str, Dataset], study: StudySpec, rules: NumberRules
) -> Part:
    """An output, or one page of it, with what it leaves out and its marks."""
    part = _laid_out(output, ard, data, study, rules)
    notes = (*left_out(output, Results(ard, study, rules)), *_made_elsewhere(output, data, rules))
    bare = without_marks(part.title)
    part = with_marks(replace(part, footnotes=(*part.footnotes, *notes)), output, rules)
    return replace(_lettered(part, rules, _analysed_p(ard)), heading=letter_p(bare, rules))


def _made_elsewhere(output: OutputSpec, data: Mapping[str, Dataset], rules: NumberRules) -> Iterator[str]:
    """Which datasets of the output were made elsewhere: their values are shown, not recomputed."""
    named = {output.from_, *re.findall(r"\b([A-Z][A-Z0-9]*)\.[A-Z]", str(output.model_dump()))}
    for name in sorted(n for n, d in data.items() if d.made_by and n in named):
        yield rules.words.say("made_elsewhere", dataset=name, made_by=data[name].made_by)


def _analysed_p(ard: pl.DataFrame) -> frozenset[str]:
    """The P values of analyses, whose rows are named for them; the label of a row that is compared may be
    data."""
    own = ard.filter(pl.col("shown") == "p", pl.col("method").str.starts_with(METHOD))
    return frozenset(result_name(row) for row in own.iter_rows(named=True))


def _laid_out(
    output: OutputSpec, ard: pl.DataFrame, data: Mapping[str, Dataset], study: StudySpec, rules: NumberRules
) -> Part:
    if isinstance(output, TableSpec):
        return lay_out_table(output, ard, data, study, rules)
    if isinstance(output, ListingSpec):
        return lay_out_listing(output, data, study, rules)
    module = importlib.import_module(f"tlfgen.display.figure_{output.shape}")
    part: Part = module.lay_out_figure(output, ard, data, study, rules)
    return part


def _lettered(part: Part, rules: NumberRules, p_values: frozenset[str]) -> Part:
    """The part with the theme's letter for P values in what is said of them; data in it stay as they are.
    p_values: the results that rows are named for."""
    if rules.p_value.letter == PValueRules().letter or isinstance(part, Listing):
        return part
    rows = part.rows if isinstance(part, Table) else ()
    of_p = [any(name in p_values for cell in row.cells for name in cell.results) for row in rows]
    notes = tuple(letter_p(n, rules, of_p=any(of_p)) for n in part.footnotes)
    part = replace(part, title=letter_p(part.title, rules), footnotes=notes)
    if not isinstance(part, Table):
        return part
    heads = tuple(
        tuple(replace(h, lines=tuple(letter_p(x, rules) for x in h.lines)) for h in line)
        for line in part.heads
    )
    lettered = (
        replace(r, label=letter_p(r.label, rules, of_p=p)) for r, p in zip(part.rows, of_p, strict=True)
    )
    return replace(part, heads=heads, rows=tuple(lettered))
