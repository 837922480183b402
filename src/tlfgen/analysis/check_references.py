"""References in texts to sections and outputs that the report does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tlfgen.analysis.check_words import Line, lines_of
from tlfgen.errors import Finding
from tlfgen.spec.specs import Specs

RULE, IN_NO_SECTION = "dangling reference", "in no section"
REFERRED = re.compile(
    r"\b(?:sections?|appendix|appendices|tables?|figures?|listings?) "
    r"(\d+(?:\.[F\d]+)*(?:(?:, | and | or | to )\d+(?:\.[F\d]+)+)*)",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d+(?:\.F?\d+)*")
ELSEWHERE = re.compile(r"\b(?:ICH|guideline|guidance|protocol|publication)\b", re.IGNORECASE)
HEADING = re.compile(r"(?:\*\*|\| ?)(\d+(?:\.\d+)+)")


def check_references(specs: Specs) -> list[Finding]:
    """Read every narrative, title and footnote; a warning for each section or output that is not there.

    A section is there that report.yaml has, or that a narrative heads ("**12.2.1 Brief summary.**") or lists
    in a table. A sentence that names a guideline, a protocol or a publication refers to that.
    """
    lines = list(lines_of(specs))
    there = {s.number for s in specs.report.sections} | {o.number for o in specs.outputs.values()}
    there |= {number for line in lines for number in HEADING.findall(line.text)}
    return [
        Finding(
            "warning", "specs", line.file, RULE, row=line.number, value=number,
            message=f"The text refers to {number}, which the report does not have.",
        )
        for line in lines
        for number in _referred(line)
        if number not in there
    ]  # fmt: skip


def outputs_in_no_section(specs: Specs, placed: Iterable[Sequence[str]]) -> list[Finding]:
    """A warning for each output that a report of sections leaves out: no section takes it, in the text or
    among its outputs, and no manuscript. placed: the ids of each section's outputs."""
    report = specs.report
    taken = {*report.manuscript, *(i for ids in placed for i in ids)}
    taken |= {i for section in report.sections for i in section.in_text}
    return [
        Finding(
            "warning", "specs", name, IN_NO_SECTION, row=output.at_key("number").line, value=output.number,
            message=f"No section of report.yaml takes {output.kind} {output.number} ({output.title}).",
        )
        for name, output in specs.outputs.items()
        if report.sections and name not in taken
    ]  # fmt: skip


def _referred(line: Line) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.;]) (?=[A-Z])", line.text):
        if not ELSEWHERE.search(sentence):
            for found in REFERRED.finditer(sentence):
                yield from NUMBER.findall(found[1])
