"""Outputs made from what their steps are handed, and from everything: they must be the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from tlfgen.analysis.asked import asked_of_specs
from tlfgen.analysis.run import run_analysis
from tlfgen.analysis.table import stack
from tlfgen.data.dataset import Dataset
from tlfgen.display.lay_out import lay_out
from tlfgen.display.stored import read_part, write_part
from tlfgen.run.digests import digests_of
from tlfgen.run.views import chosen, facts_of, narrowed, program_words, words_of
from tlfgen.spec.analysis import shown_by
from tlfgen.spec.specs import Specs
from tlfgen.spec.theme import NumberRules


def differing(specs: Specs, data: Mapping[str, Dataset], folder: Path) -> list[str]:
    """The outputs whose results or part are others where they are made from the columns and facts that their
    keys hold alone, or where storing loses something of them."""
    digests = {name: digests_of(dataset) for name, dataset in data.items()}
    study, facts, asked, rules = specs.study, facts_of(specs.study), asked_of_specs(specs), NumberRules()
    found: list[str] = []
    results: dict[str, pl.DataFrame] = {}
    for name, entry in {**specs.analyses, **specs.outputs}.items():
        if entry.from_ not in data:
            continue
        columns = chosen(digests, words_of(entry) | program_words())
        values, told = (narrowed(data, columns, labels=labels) for labels in (False, True))
        results[name] = run_analysis(entry, data, study, asked)
        same = results[name].equals(run_analysis(entry, values, facts, asked))
        if name in specs.outputs:
            shown = stack(results[i] for i in (name, *shown_by(entry)))
            write_part(lay_out(entry, shown, told, facts, rules), folder / f"{name}.json")
            same &= lay_out(entry, shown, data, study, rules) == read_part(folder / f"{name}.json")
        found += [] if same else [name]
    return found
