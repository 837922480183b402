"""The model of the lines above and below every page, as a theme lays them out."""

from __future__ import annotations

import string

from pydantic import field_validator, model_validator

from tlfgen.spec.form import Texts
from tlfgen.spec.loader import Entry

PAGE, PAGES = "page", "pages"
FIELDS = (
    "study", "protocol", "sponsor", "title", "report", "status", "notice", "cutoff", "build", "program",
    PAGE, PAGES,
)  # fmt: skip
OUTPUT_FIELDS = ("source", "output", "number", "program")


def fields_of(text: str) -> list[str]:
    """The names in the braces of a text."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def check_fields(text: str, known: tuple[str, ...]) -> str:
    """A text whose braces name what is known; a ValueError says what is."""
    wrong = next((name for name in fields_of(text) if name not in known), None)
    if wrong is not None:
        raise ValueError(f"'{{{wrong}}}' is not known here; known: {', '.join(known)}")
    return text


class LineSpec(Entry):
    """The texts at the left, in the centre and at the right of a line. Several in one place are parted by a
    dot; one that names what a study does not have is left out."""

    left: Texts = ()
    centre: Texts = ()
    right: Texts = ()

    filled = frozenset({"left", "centre", "right"})

    @field_validator("left", "centre", "right")
    @classmethod
    def _known(cls, value: Texts) -> Texts:
        for text in value:
            check_fields(text, FIELDS)
        if len(value) > 1 and any({PAGE, PAGES} & set(fields_of(text)) for text in value):
            raise ValueError("the number of a page stands alone in its place")
        return value

    @property
    def places(self) -> dict[str, Texts]:
        return {"left": self.left, "centre": self.centre, "right": self.right}


class RunningSpec(Entry):
    """The header and the footer of every page but the first."""

    header: LineSpec = LineSpec(left=("{study}",), right=("{report}",))
    footer: LineSpec = LineSpec(
        left=("{notice}", "{status}", "Data cut-off {cutoff}", "Build {build}"),
        right=("Page {page} of {pages}",),
    )

    @model_validator(mode="after")
    def _numbered_once(self) -> RunningSpec:
        texts = [t for line in (self.header, self.footer) for own in line.places.values() for t in own]
        if sum(bool({PAGE, PAGES} & set(fields_of(text))) for text in texts) > 1:
            raise ValueError("the number of a page stands in one place")
        return self
