"""The work of the steps that join what the outputs gave: the report, a manuscript, the outputs' own files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from tlfgen.run.at import At


def outputs_of(at: At) -> list[str]:
    """The outputs whose pages the step reads, in order."""
    return [r.step.removeprefix("pages-") for r in at.step.reads if r.step.startswith("pages-")]


def report(at: At, folder: Path) -> None:
    from tlfgen.analysis.table import stack
    from tlfgen.audit.record import made_elsewhere, write_numbers
    from tlfgen.checks import place_outputs
    from tlfgen.report import Material, assemble

    ids = outputs_of(at)
    material = Material(
        at.inputs.specs,
        at.inputs.theme,
        at.front(),
        place_outputs(at.inputs.specs),
        {i: at.results(i) for i in (*at.inputs.specs.analyses, *ids)},
        {i: at.part(i) for i in ids},
        {i: at.pages(i) for i in ids},
        at.data(),
        tuple(ledger(at.folders["audit"])),
    )
    pdf, numbers = assemble(material)
    (folder / "csr.pdf").write_bytes(pdf)
    told = made_elsewhere(stack(material.results.values()), at.inputs.specs.elsewhere_told)
    write_numbers(numbers, folder / "numbers.csv", told)


def manuscript(at: At, folder: Path) -> None:
    from tlfgen.document.manuscript import render_manuscript

    outputs = []
    for i in outputs_of(at):
        outputs.append((i, at.part(i).named, at.pages(i)))
    pdf = render_manuscript(outputs, at.inputs.theme, at.front(), at.inputs.title)
    (folder / "manuscript.pdf").write_bytes(pdf)


def files(at: At, folder: Path) -> None:
    """Each output's own file: its pages with running header and footer, and its text; split by file, the
    pages and the text of each value. The cells of an output stand in one table."""
    from tlfgen.document.running import stamp

    ids = outputs_of(at)
    own = [pair for i in ids for pair in _own_files(at, i)]
    stamped = stamp([pages for _, pages, _ in own], at.inputs.theme, at.front(), at.inputs.title)
    for (name, _, text), pdf in zip(own, stamped, strict=True):
        (folder / f"{name}.pdf").write_bytes(pdf)
        (folder / f"{name}.txt").write_bytes(text)
    for i in ids:
        cells = at.folders[f"part-{i}"] / "cells.csv"
        (folder / f"{i}.cells.csv").write_bytes(cells.read_bytes())


def _own_files(at: At, output: str) -> list[tuple[str, bytes, bytes]]:
    """The name, the pages and the text of each file of an output."""
    from tlfgen.display.parts import Pages
    from tlfgen.display.text import as_text

    laid, folder = at.part(output), at.folders[f"pages-{output}"]
    if not (isinstance(laid, Pages) and laid.files):
        return [(output, at.pages(output), (at.folders[f"part-{output}"] / "part.txt").read_bytes())]
    return [
        (f"{output}-{i}", (folder / f"part-{i}.pdf").read_bytes(), (as_text(part) + "\n").encode())
        for i, part in enumerate(laid.numbered, 1)
    ]


def all_results(at: At, folder: Path) -> None:
    """The results of every output that is shown, one below the other, by the outputs' names."""
    from tlfgen.analysis.table import stack

    shown = sorted(n.removeprefix("ard-") for n in at.folders if n.startswith("ard-"))
    stack(at.results(i) for i in shown).write_parquet(folder / "ard.parquet")


def ledger(audit: Path) -> list[dict[str, Any]]:
    """The ledger of every stage, as published."""
    text = (audit / "published" / "ledger.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
