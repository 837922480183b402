"""The figures that there are: the models of the modules `figure_<shape>.py`, and panels of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

import tlfgen.spec
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.loader import Mapping_, Sequence_

INHERITED = ("number", "population", "from", "page", "empty", "alt", "post_hoc")
MOST_PANELS = len(ascii_uppercase)


def models() -> dict[str, type[FigureSpec]]:
    """shape -> its model."""
    found: dict[str, type[FigureSpec]] = {}
    for module in pkgutil.iter_modules(tlfgen.spec.__path__):
        if module.name.startswith("figure_"):
            values = vars(importlib.import_module(f"tlfgen.spec.{module.name}")).values()
            for model in (v for v in values if isinstance(v, type) and issubclass(v, FigureSpec)):
                (*shapes,) = get_args(model.model_fields["shape"].annotation)
                found |= dict.fromkeys(shapes, model)
    return dict(sorted(found.items()))


def union_of(found: Iterable[type[FigureSpec]]) -> Any:
    """The type of a figure of one of these models, told apart by its shape."""
    every: Any = reduce(or_, found)
    return Annotated[every, Field(discriminator="shape")]


MODELS = models()

if TYPE_CHECKING:
    OneFigure = FigureSpec
else:
    OneFigure = union_of(MODELS.values())


class PanelsSpec(FigureSpec):
    """Figures as panels of one, lettered A, B, ... in their order.

    panels: each as a figure of its own, but for what it has from this one where it says nothing else:
    population, from, page, empty, number. Its title stands beside its letter. Its results are named
    `output.a`, `output.b`, ... in place of `output`. across: panels side by side; per_page: panels a page, 0
    for all on one."""

    shape: Literal["panels"]
    panels: tuple[OneFigure, ...] = Field(min_length=2, max_length=MOST_PANELS)
    across: int = Field(default=1, ge=1, le=4)
    per_page: int = Field(default=0, ge=0, le=MOST_PANELS)

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, data: Any) -> Any:
        """Give each panel what it has from the figure."""
        panels = data.get("panels") if isinstance(data, Mapping) else None
        if not isinstance(panels, list):
            return data
        shared = {k: data[k] for k in INHERITED if k in data} | {"kind": "figure", "output": "panel"}
        filled = Sequence_(_with(shared, own) for own in panels)
        filled.item_places = getattr(panels, "item_places", [])
        found = Mapping_({**data, "panels": filled})
        for name in ("place", "key_places", "models"):
            if hasattr(data, name):
                setattr(found, name, getattr(data, name))
        return found

    @model_validator(mode="after")
    def _plain(self) -> PanelsSpec:
        if self.columns.model_fields_set or self.x_label or self.y_label:
            raise ValueError("columns and labels of axes are said by each panel")
        if self.page_by or any(p.page_by for p in self.panels):
            raise ValueError("panels stand on their pages by per_page; page_by is not for them")
        if any(p.notes for p in self.panels):
            raise ValueError("a footnote with an id stands in the figure's own footnotes, not in a panel's")
        if any(getattr(p, "facet", None) for p in self.panels):
            raise ValueError("a panel has no facet: its letters are those of the panels")
        return self

    def figures(self) -> tuple[FigureSpec, ...]:
        """The panels, each under the name of its results."""
        return tuple(
            p.model_copy(update={"output": f"{self.output}.{letter.lower()}"})
            for p, letter in zip(self.panels, ascii_uppercase, strict=False)
        )


def _with(shared: Mapping[str, Any], own: Any) -> Any:
    if not isinstance(own, Mapping):
        return own
    found = Mapping_({**shared, "title": "", **own})
    for name in ("place", "key_places", "models"):
        if hasattr(own, name):
            setattr(found, name, getattr(own, name))
    return found


if TYPE_CHECKING:
    AnyFigure = FigureSpec
else:
    AnyFigure = union_of((*MODELS.values(), PanelsSpec))
