"""Narratives from data as subsections of their section, and the list of them that it opens with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tlfgen.display.records import Told
from tlfgen.document.narrative import plain, render_each
from tlfgen.document.report import Section
from tlfgen.spec.narrative import REASONS, RECORD, EachSpec


def narrative_sections(
    each: EachSpec,
    told: Sequence[Told],
    *,
    number: str,
    template: str,
    name: str,
    functions: Mapping[str, Callable[..., object]],
    study: object,
) -> list[Section]:
    """A section a narrative: the next number below `number`, its heading, the filled template."""
    contexts = [
        {
            "study": study,
            RECORD: t.record,
            REASONS: list(t.reasons),
            **{n: list(r) for n, r in t.records.items()},
        }
        for t in told
    ]
    bodies = render_each(template, name=name, functions=functions, contexts=contexts)
    headings = [", ".join(t.record[n] for n in each.heading) for t in told]
    return [
        Section(f"{number}.{i}", heading, body, listed=False)
        for i, (heading, body) in enumerate(zip(headings, bodies, strict=True), 1)
    ]


def listed(each: EachSpec, told: Sequence[Told], sections: Sequence[Section]) -> str:
    """The narratives as Markdown links with their reasons, or the sentence that there is none."""
    if not sections:
        return plain(each.empty)
    lines = []
    for one, section in zip(told, sections, strict=True):
        reasons = f": {plain('; '.join(one.reasons))}" if one.reasons else ""
        lines.append(f"- [{section.number} {plain(section.title)}](tlfgen:{section.target}){reasons}")
    return "\n".join(lines)
