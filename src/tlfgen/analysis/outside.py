"""Subjects of a set of an output's columns who are not in its population, as findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from tlfgen.analysis.source import EVERYTHING, SUBJECT, SUBJECTS
from tlfgen.data.dataset import Dataset
from tlfgen.errors import Finding
from tlfgen.spec.output import ListingSpec, OutputSpec, with_panels

RULE = "set not within"


def outside_population(
    outputs: Mapping[str, OutputSpec], datasets: Mapping[str, Dataset]
) -> Iterator[Finding]:
    """Find them, once for each set and population however many outputs have the two.

    Their output is built, with the set whole: the data contradict what its spec says of the sets.
    """
    if SUBJECTS not in datasets:
        return
    frame = datasets[SUBJECTS].frame.with_row_index("#row", offset=1)
    pairs: dict[tuple[str, str], str] = {}
    for output in with_panels(outputs.values()):
        if not isinstance(output, ListingSpec) and output.population != EVERYTHING:
            for flag in output.columns.sets:
                pairs.setdefault((flag, output.population), output.output)
    for (flag, population), named in pairs.items():
        if {flag, population} <= set(frame.columns):
            left = frame.filter((pl.col(flag) == "Y") & pl.col(population).ne_missing("Y"))
            for row, subject in left.select("#row", SUBJECT).iter_rows():
                message = f"is in {flag} and not in {population}, the population of output {named}"
                yield Finding("warning", "adam", SUBJECTS, RULE, message, row, subject, population, "N")
