"""The work of the steps of one output: its results, its part, its pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tlfgen.run.at import At


def results(at: At, folder: Path) -> None:
    """The results of an output, from the datasets."""
    from tlfgen.analysis.run import run_analysis

    inputs = at.inputs
    found = run_analysis(at.output, at.data(), at.facts, inputs.asked, inputs.specs.folder)
    found.write_parquet(folder / "ard.parquet")


def part(at: At, folder: Path) -> None:
    """An output laid out: as stored for every format, cell by cell, and as text."""
    from tlfgen.audit.record import made_elsewhere, write_cells
    from tlfgen.display.lay_out import lay_out
    from tlfgen.display.stored import write_part
    from tlfgen.display.text import as_text

    output, rules = at.output, at.inputs.theme.numbers
    laid = lay_out(output, at.shown(), at.data(), at.facts, rules)
    laid = replace(laid, number=at.inputs.manuscript.get(output.output, output.number))
    write_part(laid, folder / "part.json")
    write_cells(laid, folder / "cells.csv", made_elsewhere(at.shown(), at.inputs.specs.elsewhere_told))
    (folder / "part.txt").write_text(as_text(laid) + "\n", "utf-8")


def pages(at: At, folder: Path) -> None:
    """The pages of an output; where it is split by file, those of each file too."""
    from tlfgen.display.parts import Pages
    from tlfgen.document.output import join_values, render_output, render_values

    laid, theme = at.part(at.step.argument), at.inputs.theme
    if not isinstance(laid, Pages):
        (folder / "part.pdf").write_bytes(render_output(laid, theme))
        return
    values = render_values(laid, theme)
    (folder / "part.pdf").write_bytes(join_values(laid, values))
    for number, pdf in enumerate(values if laid.files else (), 1):
        (folder / f"part-{number}.pdf").write_bytes(pdf)
