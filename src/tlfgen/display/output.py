"""What every output has: number, titles, population, page, source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tlfgen.analysis.source import EVERYTHING, SUBJECTS
from tlfgen.analysis.table import both
from tlfgen.spec.shell import ColumnsSpec, OutputShell
from tlfgen.spec.study import StudySpec

POST_HOC = "Post hoc analysis"


def shared_of(output: OutputShell, study: StudySpec, footnotes: Iterable[str]) -> dict[str, Any]:
    """The fields of `Output` that each part shares; the output's own footnotes come first, but those of$
    their marks."""
    subtitle = "\n".join(t for t in (output.subtitle, POST_HOC if output.post_hoc else "") if t)
    return {
        "id": output.output,
        "number": output.number,
        "title": output.title,
        "population": population_label(output, study),
        "footnotes": (*(note for note in output.footnotes if isinstance(note, str)), *footnotes),
        "orientation": output.page.orientation,
        "subtitle": subtitle,
        "source": source_of(output),
    }


def sets_of(output: OutputShell) -> tuple[str, ...]:
    """The analysis sets that are the columns of an output."""
    columns = getattr(output, "columns", None)
    return tuple(columns.sets) if isinstance(columns, ColumnsSpec) else ()


def population_label(output: OutputShell, study: StudySpec) -> str:
    """What an output is about: the sets of its columns where each column is a set, else its analysis set;
    "all" is all records, or all subjects of ADSL."""
    sets = sets_of(output)
    if sets:
        return "; ".join(study.analysis_sets[flag].label for flag in sets)
    if output.population == EVERYTHING:
        return "All subjects" if output.from_ == SUBJECTS else "All records"
    return study.analysis_sets[output.population].label


def source_of(output: OutputShell) -> str:
    """The dataset and its condition, and where the subjects come from."""
    own = f"{output.from_}, {output.where}" if output.where else output.from_
    if output.population == EVERYTHING:
        return own
    flag = " or ".join(f"{flag} = 'Y'" for flag in sets_of(output) or (output.population,))
    if output.from_ == SUBJECTS:
        return f"{SUBJECTS}, {both(flag, output.where)}"
    return f"{own}; subjects of {SUBJECTS}, {flag}"
