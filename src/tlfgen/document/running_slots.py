"""The places of a running header and footer: what stands in each, how wide it is, where the number is."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tlfgen.display.parts import FrontMatter
from tlfgen.document.theme import MM, Theme
from tlfgen.document.wrap import Setting, wrap
from tlfgen.errors import RenderError
from tlfgen.spec.running import PAGE, PAGES, LineSpec, fields_of
from tlfgen.spec.theme import MarginSpec

SIZE, MOST_LINES, GAP = 8.0, 2, " \u00b7 "
NUMBER_WIDTH, SPACE = 28.0, 4.0  # millimetres
EDGE = {"header": 12.0, "footer": 10.0}  # millimetres from the paper's edge
STRONG = "DRAFT"


@dataclass(frozen=True)
class Slot:
    """A place of a line. runs: its texts, each with whether it is in the colour of a warning; left, right,
    edge: millimetres from the paper's sides, and from its top or foot."""

    line: str
    place: str
    runs: tuple[tuple[str, bool], ...]
    left: float
    right: float
    edge: float


@dataclass(frozen=True)
class Number:
    """Where the number of a page stands, and the parts of its text: literals, and "page" and "pages"."""

    line: str
    place: str
    parts: tuple[tuple[str, bool], ...]  # each with whether it is a field

    @property
    def literals(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for text, is_field in self.parts if not is_field))

    def texts(self, page: int, pages: int) -> list[str]:
        """The pieces of one page's number, digit by digit."""
        values = {PAGE: str(page), PAGES: str(pages)}
        return [p for text, is_field in self.parts for p in (values[text] if is_field else (text,))]


def values_of(front: FrontMatter, report: str) -> dict[str, str]:
    """What the fields of a running line stand for; no clock: its date is that of the data cut-off."""
    facts = dict(front.facts)
    return {
        "study": front.study, "protocol": facts.get("Protocol", front.study),
        "sponsor": facts.get("Sponsor", ""), "title": front.title, "report": report,
        "status": front.status, "notice": front.notice,
        "cutoff": front.cutoff, "build": front.build, "program": front.program,
    }  # fmt: skip


def number_of(theme: Theme) -> Number | None:
    """The place of the page's number, where the theme has one."""
    for line, name in ((theme.spec.running.header, "header"), (theme.spec.running.footer, "footer")):
        for place, texts in line.places.items():
            if texts and {PAGE, PAGES} & set(fields_of(texts[0])):
                return Number(name, place, tuple(_parts(texts[0])))
    return None


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    for literal, name, _, _ in string.Formatter().parse(text):
        if literal:
            yield literal, False
        if name:
            yield name, True


def slots_of(theme: Theme, values: Mapping[str, str], size: tuple[float, float]) -> list[Slot]:
    """What stands in each place on a paper; a RenderError where a text has no room there in two lines."""
    margin = theme.page("landscape" if size[0] > size[1] else "portrait")[2]
    number = number_of(theme)
    found = []
    for name in ("header", "footer"):
        line: LineSpec = getattr(theme.spec.running, name)
        at = number.place if number is not None and number.line == name else ""
        filled = {p: runs for p, texts in line.places.items() if p != at and (runs := _runs(texts, values))}
        room = size[0] / MM - margin.left - margin.right
        for place, runs in filled.items():
            width = _width(room, at, len(filled), "centre" in filled)
            slot = _placed(name, place, runs, width, room, margin)
            _check_room(slot, width, theme)
            found.append(slot)
    return found


def _runs(texts: tuple[str, ...], values: Mapping[str, str]) -> tuple[tuple[str, bool], ...]:
    """The texts of a place, without those that name what is not there."""
    found = []
    for text in texts:
        names = fields_of(text)
        if all(values[n] for n in names):
            draft = "status" in names and values["status"] == STRONG
            found.append((text.format_map(values), "notice" in names or draft))
    return tuple(found)


def _width(room: float, number_at: str, count: int, centre: bool) -> float:
    """The millimetres of a place: with a centre a third each, else what the number leaves, in equal parts."""
    if centre or number_at == "centre":
        return room / 3 - SPACE
    left = room - (NUMBER_WIDTH if number_at else 0)
    return left / count - (SPACE if count > 1 else 0)


def _placed(
    line: str, place: str, runs: tuple[tuple[str, bool], ...], width: float, room: float, margin: MarginSpec
) -> Slot:
    free = room - width
    before = {"left": 0.0, "centre": free / 2, "right": free}[place]
    return Slot(line, place, runs, margin.left + before, margin.right + free - before, EDGE[line])


def _check_room(slot: Slot, width: float, theme: Theme) -> None:
    text = GAP.join(text for text, _ in slot.runs)
    if len(wrap(text, width * MM, Setting(theme.sans, SIZE, "bold"))) > MOST_LINES:
        raise RenderError(
            f"The running {slot.line} has no room for '{text[:80]}' at the {slot.place}.",
            path=str(theme.spec.running.at),
            hint=f"It has {MOST_LINES} lines of {width:.0f} mm: shorten it, or use another place.",
        )
