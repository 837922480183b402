"""What every output has: number, titles, population, page, source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tlfgen.ard.source import EVERYTHING, SUBJECTS
from tlfgen.spec.shell import OutputShell
from tlfgen.spec.study import StudySpec

POST_HOC = "Post hoc analysis"


def shared_of(output: OutputShell, study: StudySpec, footnotes: Iterable[str]) -> dict[str, Any]:
    """The fields of `Output` that each part shares; the output's own footnotes come first."""
    subtitle = "\n".join(t for t in (output.subtitle, POST_HOC if output.post_hoc else "") if t)
    return {
        "id": output.output,
        "number": output.number,
        "title": output.title,
        "population": population_label(output, study),
        "footnotes": (*output.footnotes, *footnotes),
        "orientation": output.page.orientation,
        "subtitle": subtitle,
        "source": source_of(output),
    }


def population_label(output: OutputShell, study: StudySpec) -> str:
    """An analysis set's label; "all" is all records, or all subjects of ADSL."""
    if output.population == EVERYTHING:
        return "All subjects" if output.from_ == SUBJECTS else "All records"
    return study.analysis_sets[output.population].label


def source_of(output: OutputShell) -> str:
    """The dataset and its condition, and where the subjects come from."""
    own = f"{output.from_}, {output.where}" if output.where else output.from_
    if output.population == EVERYTHING:
        return own
    flag = f"{output.population} = 'Y'"
    if output.from_ == SUBJECTS:
        return f"{SUBJECTS}, {flag}" + (f" AND {output.where}" if output.where else "")
    return f"{own}; subjects of {SUBJECTS}, {flag}"
