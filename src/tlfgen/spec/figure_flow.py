"""A flow of subjects through a study, as CONSORT has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from tlfgen.errors import Place
from tlfgen.spec.condition import Condition
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.shell import Conditional


class AsideSpec(Conditional):
    """Subjects who leave the flow behind a box; with `stays` they are only told of, and go on to the next.

    reasons: a variable whose levels are counted below; levels: value -> label, in order, others follow by
    count. missing: the label of those without a reason."""

    text: str
    reasons: str | None = None
    levels: dict[str, str] = {}
    missing: str = "Reason not given"
    stays: bool = False

    def named(self) -> Iterator[tuple[str, Place]]:
        if self.reasons:
            yield self.reasons, self.at_key("reasons")
        yield from ((n, self.at_key("where")) for n in (self.condition.columns if self.condition else ()))


class BoxSpec(Conditional):
    """One box, with its number. each: it stands once for each column, as all boxes below it do; "{column}" in
    its text is then the column's label."""

    filled = frozenset({"text"})

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")
    text: str
    each: bool = False
    aside: tuple[AsideSpec, ...] = ()

    @model_validator(mode="after")
    def _column(self) -> BoxSpec:
        rest = self.text.replace("{column}", "") if self.each else self.text
        if "{" in rest or "}" in rest:
            raise ValueError("a brace stands only in {column}, in the text of a box with each: true")
        return self


class FlowSpec(FigureSpec):
    """Boxes from top to bottom, each with the subjects that meet `where`; at the side those who leave.

    columns: `by` gives the branches of the boxes with `each`."""

    shape: Literal["flow"]
    boxes: tuple[BoxSpec, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _boxes(self) -> FlowSpec:
        if self.from_ != "ADSL":
            raise ValueError("a flow counts subjects: its records are ADSL")
        ids = [b.id for b in self.boxes]
        twice = next((i for n, i in enumerate(ids) if i in ids[:n]), None)
        if twice:
            raise ValueError(f"two boxes have the id '{twice}'")
        each = [b.each for b in self.boxes]
        if each != sorted(each):
            raise ValueError("behind a box with each every box has it: branches do not join again")
        if any(each) and not self.columns.by:
            raise ValueError("each needs columns: by, the variable of the branches")
        if self.columns.of or self.columns.spans:
            raise ValueError("the branches of a flow are columns: by")
        for box in self.boxes:
            texts = [a.text for a in box.aside]
            if len(set(texts)) < len(texts):
                raise ValueError(f"two asides of the box '{box.id}' have the same text")
        return self

    def named(self) -> list[tuple[str, Place]]:
        found = [(n, b.at_key("where")) for b in self.boxes if b.condition for n in b.condition.columns]
        return found + [pair for b in self.boxes for a in b.aside for pair in a.named()]

    def conditions(self) -> list[tuple[Condition, str]]:
        parts = (p for box in self.boxes for p in (box, *box.aside))
        return [(p.condition, self.from_) for p in parts if p.condition]
