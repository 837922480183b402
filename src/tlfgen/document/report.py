"""The report: cover, contents, sections, outputs, in the order of report.yaml, as one PDF.

Text is set first, outputs are taken as they were rendered, the contents are set last, when page numbers are
known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from tlfgen.display.parts import FrontMatter, Output, Pages, Table
from tlfgen.document import pdf
from tlfgen.document.fonts import printable, with_printable_texts
from tlfgen.document.lay_table import fits
from tlfgen.document.narrative import to_html
from tlfgen.document.output import NAMES
from tlfgen.document.running import stamp
from tlfgen.document.theme import Theme
from tlfgen.errors import RenderError

LINES_OF_CONTENTS = 44  # a page of them, about: a wrong guess costs a second setting
QUALITY = "9.6"  # of ICH E3: data quality assurance
KINDS = (("Table", "Tables"), ("Figure", "Figures"), ("Listing", "Listings"))


@dataclass(frozen=True)
class Section:
    """A section: its narrative as Markdown, its in-text tables, the ids of the outputs that follow it.

    listed: the table of contents names it; the outline names every section."""

    number: str
    title: str
    body: str = ""
    in_text: tuple[Table, ...] = ()
    outputs: tuple[str, ...] = ()
    contents: bool = False
    listed: bool = True
    new_page: bool = False

    @property
    def level(self) -> int:
        return self.number.count(".") + 1

    @property
    def target(self) -> str:
        return f"section-{self.number}"


CONTENTS = Section("", "Contents", contents=True)


@dataclass(frozen=True)
class RenderedOutput:
    """An output's pages, and of the output what the report says of it: id, kind, number, title."""

    part: Output
    pdf: bytes


@dataclass(frozen=True)
class ReportInput:
    """title: of the running header. rendered: the outputs by id."""

    title: str
    front: FrontMatter
    sections: tuple[Section, ...]
    rendered: Mapping[str, RenderedOutput]


def render_report(report: ReportInput, theme: Theme) -> bytes:
    """Join everything; links, bookmarks and page numbers are the whole report's.

    The contents stand where a section says so (ICH E3: behind the synopsis), else behind the title page.
    """
    report = replace(
        report,
        title=printable(report.title, theme.sans),
        front=with_printable_texts(report.front, theme.sans),
        sections=tuple(with_printable_texts(s, theme.serif, ("in_text", "outputs")) for s in report.sections),
    )
    at = next((i for i, s in enumerate(report.sections) if s.contents), 0)
    own = report.sections[at] if report.sections and report.sections[at].contents else CONTENTS
    front = _parts(report.sections[:at], report, theme)
    body = _parts([s for s in report.sections[at:] if s is not own], report, theme)
    cover = pdf.Part(
        *_text("cover.html.j2", theme, front=report.front, report=report.title, quality=_quality(report))
    )
    contents = _contents(report, own, theme, front, body)
    joined = pdf.join(
        [
            pdf.Part(cover.pdf, {"cover": 0}, ((1, "Title page", "cover"),)),
            *front,
            pdf.Part(contents, {own.target: 0}, ((1, f"{own.number} {own.title}".strip(), own.target),)),
            *body,
        ],
        f"{report.front.study} {report.title}",
    )
    return stamp([joined], theme, report.front, report.title, skip=1)[0]


def _quality(report: ReportInput) -> str:
    """The section on data quality, where the report has it; the cover refers to no other."""
    return next((s.number for s in report.sections if s.number == QUALITY), "")


def _parts(sections: Sequence[Section], report: ReportInput, theme: Theme) -> list[pdf.Part]:
    return [p for group in _groups(sections) for p in _group_parts(group, report, theme)]


def _groups(sections: Sequence[Section]) -> list[list[Section]]:
    """Sections that flow on together; outputs end a group, and a chapter that has outputs begins one."""
    groups: list[list[Section]] = [[]]
    for section in sections:
        below = f"{section.number}."
        if section.level == 1 and any(s.outputs for s in sections if s.number.startswith(below)):
            groups.append([])
        groups[-1].append(section)
        if section.outputs:
            groups.append([])
    return [g for g in groups if g]


def _group_parts(group: list[Section], report: ReportInput, theme: Theme) -> list[pdf.Part]:
    html = Markup("").join(_section_html(s, report, theme, first=i == 0) for i, s in enumerate(group))
    rendered, anchors = _text("text.html.j2", theme, body=html)
    entries = tuple((s.level, f"{s.number} {s.title}", s.target) for s in group)
    parts = [pdf.Part(rendered, {s.target: anchors[s.target] for s in group}, entries)]
    level = group[-1].level + 1
    for name in group[-1].outputs:
        part = report.rendered[name].part
        pages = report.rendered[name].pdf
        values = {f"{name}-{page}": (value, page) for value, page in pdf.outline_of(pages)}
        entries = ((level, part.named, name), *((level + 1, v, at) for at, (v, _) in values.items()))
        parts.append(pdf.Part(pages, {name: 0} | {at: page for at, (_, page) in values.items()}, entries))
    return parts


def _section_html(section: Section, report: ReportInput, theme: Theme, *, first: bool) -> Markup:
    tag = f"h{min(section.level, 4)}"
    opening = " chapter" if section.level == 1 else ""
    title = Markup('<{t} id="{i}"><span class="no">{n}</span>{h}</{t}>').format(
        t=Markup(tag), i=section.target, n=section.number, h=section.title
    )
    tables = Markup("").join(render_in_text(t, theme) for t in section.in_text)
    outputs = Markup("")
    if section.outputs:
        rows = Markup("").join(
            Markup('<li><a href="tlfgen:{i}">{k} {n}</a> {t}</li>').format(
                i=i, k=p.kind_label, n=p.number, t=printable(p.heading or p.title, theme.sans)
            )
            for i in section.outputs
            for p in [report.rendered[i].part]
        )
        outputs = Markup('<ul class="outputs">{r}</ul>').format(r=rows)
    extra = " first" if first else " new-page" if section.new_page else ""
    return Markup('<section class="section{c}">{h}{b}{t}{o}</section>').format(
        c=f"{opening}{extra}", h=title, b=Markup(to_html(section.body)), t=tables, o=outputs
    )


def render_in_text(part: Table, theme: Theme) -> Markup:
    """An in-text table by the theme's own template, its caption linked to the full output."""
    part = with_printable_texts(part, theme.sans, NAMES)
    if not fits(part, theme, "portrait"):
        raise RenderError(
            f"{part.kind_label} {part.number} ({part.id}) is too wide to stand in the text.",
            hint="Refer to it there, or write a narrower output for the text.",
        )
    return theme.fill("in-text.html.j2", part=replace(part, stub=part.stub.partition("\n")[0]))


def _text(template: str, theme: Theme, **values: Any) -> tuple[bytes, dict[str, int]]:
    inner = values.get("body")
    if inner is None:
        inner = theme.fill(template, **values)
    width, height, margin = theme.page("portrait")
    html = theme.fill(
        "text.html.j2",
        paper=(width, height),
        margin=margin,
        title="Report",
        body=Markup('<div class="text">{b}</div>').format(b=inner),
    )
    return pdf.render_html(html, theme, "text")


def _starts(parts: Sequence[pdf.Part]) -> dict[str, int]:
    """Target -> page of the body, from 0."""
    starts: dict[str, int] = {}
    at = 0
    for part in parts:
        starts |= {name: at + page for name, page in part.targets.items()}
        at += len(pdf.page_sizes(part.pdf))
    return starts


def _contents(
    report: ReportInput, own: Section, theme: Theme, front: Sequence[pdf.Part], body: Sequence[pdf.Part]
) -> bytes:
    """The table of contents; set again while its own length shifts what it lists."""
    before = 1 + sum(len(pdf.page_sizes(p.pdf)) for p in front)
    lines = sum(s.listed for s in report.sections) + sum(len(s.outputs) for s in report.sections)
    length = 1 + lines // LINES_OF_CONTENTS
    for _ in range(3):
        pages = {t: n + 2 for t, n in _starts(front).items()} | {own.target: before + 1}
        pages |= {t: n + before + length + 1 for t, n in _starts(body).items()}
        rendered, _ = _text("contents.html.j2", theme, own=own, **_entries(report, pages, theme))
        found = len(pdf.page_sizes(rendered))
        if found == length:
            break
        length = found
    return rendered


def _entries(report: ReportInput, pages: Mapping[str, int], theme: Theme) -> dict[str, Any]:
    """What the contents list: sections, then outputs by kind, each with its page."""
    sections = [
        {"level": s.level, "number": s.number, "title": s.title, "target": s.target, "page": pages[s.target]}
        for s in report.sections
        if s.listed
    ]
    placed = [line for s in report.sections for i in s.outputs for line in _lines(i, report.rendered[i])]
    outputs = []
    for kind, heading in KINDS:
        rows = [
            {
                "number": f"{kind} {number}",
                "title": printable(title, theme.sans),
                "target": target,
                "page": pages[target],
            }
            for own, number, title, target in placed
            if own == kind
        ]
        if rows:
            outputs.append((heading, rows))
    return {"sections": sections, "outputs": outputs}


def _lines(name: str, rendered: RenderedOutput) -> list[tuple[str, str, str, str]]:
    """Kind, number, title and target of what the contents list of an output: each file, where it is split."""
    part = rendered.part
    title = part.heading or part.title
    if not (isinstance(part, Pages) and part.files):
        return [(part.kind_label, part.number, title, name)]
    places = [page for _, page in pdf.outline_of(rendered.pdf)]
    files = zip(part.numbered, part.labels, places, strict=True)
    return [(p.kind_label, p.number, f"{title}, {label}", f"{name}-{page}") for p, label, page in files]
