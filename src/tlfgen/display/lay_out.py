"""From results to parts: one function for every kind of output, and one result as text."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.ard.table import find_result, result_name
from tlfgen.display.listing import lay_out_listing
from tlfgen.display.parts import Displayed, Part
from tlfgen.display.results import Results
from tlfgen.display.table import lay_out_table
from tlfgen.spec.output import ListingSpec, OutputSpec, TableSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset


def lay_out(
    output: OutputSpec, ard: pl.DataFrame, data: Mapping[str, Dataset], study: StudySpec, rules: NumberRules
) -> Part:
    """Lay out an output: its results, or for a listing its records, as displayed texts.

    ard: the results of this output. data: for a listing or a figure of subjects its records, for a table the
    labels of variables.
    """
    if isinstance(output, TableSpec):
        return lay_out_table(output, ard, data, study, rules)
    if isinstance(output, ListingSpec):
        return lay_out_listing(output, data, study, rules)
    module = importlib.import_module(f"tlfgen.display.figure_{output.shape}")
    part: Part = module.lay_out_figure(output, ard, data, study, rules)
    return part


def displayed(
    ard: pl.DataFrame, name: str, output: OutputSpec | None, study: StudySpec, rules: NumberRules
) -> Displayed:
    """The displayed value of one result, as a sentence has it: a percentage with its sign.

    A SpecError with the nearest name where there is no such result. `output` is its spec; what a result is
    shown with stands among the results, so that nothing of it is needed yet.
    """
    row = find_result(ard, name)
    return Displayed(result_name(row), Results(ard, study, rules).text(row, percent_sign="%"))
