"""A theme: a folder of templates, CSS, page metrics, fonts and number rules. A swap is another folder.

`house` is `templates/report/`; any other theme is `templates/journals/<name>/`. A theme lacks a file where
the one that it is based on has it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

from tlfgen.document.fonts import Face, Measure, digests, find_faces, only_fonts
from tlfgen.errors import RenderError, SpecError, UsageError, nearest
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.plain_values import plain_value
from tlfgen.spec.theme import MarginSpec, NumberRules, ThemeSpec
from tlfgen.spec.words import Words, default_words, load_words

if TYPE_CHECKING:
    from tlfgen.spec.sandbox import Sandbox

HOUSE = "house"
PAPER = {"A4": (595.28, 841.89), "Letter": (612.0, 792.0)}
MM = 72 / 25.4
Pages = Literal["output", "text"]
SHEET_OF: dict[str, Pages] = {"output.css": "output", "report.css": "text"}


@dataclass(frozen=True)
class Theme:
    """A loaded theme. folders: its own first, then those it is based on. words: what is said by itself."""

    name: str
    spec: ThemeSpec
    folders: tuple[Path, ...]
    words: Words = field(default_factory=default_words)

    @cached_property
    def numbers(self) -> NumberRules:
        return self.spec.numbers.model_copy(update={"words": self.words})

    @cached_property
    def faces(self) -> tuple[Face, ...]:
        return find_faces(self.spec.fonts)

    @cached_property
    def sans(self) -> Measure:
        return Measure(self.faces, self.spec.sans)

    @property
    def families(self) -> list[str]:
        """The families of figures that are there, in order."""
        there = {face.family for face in self.faces}
        return [family for family in self.spec.sans if family in there]

    @cached_property
    def serif(self) -> Measure:
        return Measure(self.faces, self.spec.serif)

    def page(self, orientation: str) -> tuple[float, float, MarginSpec]:
        """Width and height of the paper in points, and its margins in millimetres."""
        width, height = PAPER[self.spec.page.paper]
        if orientation == "landscape":
            return height, width, self.spec.page.landscape
        return width, height, self.spec.page.portrait

    def body(self, orientation: str) -> tuple[float, float]:
        """Width and height between the margins, in points."""
        width, height, margin = self.page(orientation)
        return width - (margin.left + margin.right) * MM, height - (margin.top + margin.bottom) * MM

    def file(self, name: str) -> Path:
        """A file of the theme, or of the one that it is based on."""
        for folder in self.folders:
            if (folder / name).is_file():
                return folder / name
        raise UsageError(f"The theme '{self.name}' has no file '{name}'.")

    def css(self, pages: Pages) -> str:
        """The font faces, then every theme's CSS, its own last, without the sheet that is for other pages."""
        files = [f for d in reversed(self.folders) for f in sorted(d.glob("*.css"))]
        sheets = [f.read_text("utf-8") for f in files if SHEET_OF.get(f.name, pages) == pages]
        return "\n".join([*(f.css for f in self.faces), *sheets])

    def fill(
        self, template: str, *, functions: Mapping[str, Callable[..., object]] | None = None, **values: object
    ) -> Markup:
        """A template of the theme filled with plain values, as HTML; RenderError with its file and line where
        it cannot be."""
        from tlfgen.spec.sandbox import Function, line_of, said

        given = {n: plain_value(v) for n, v in values.items()}
        given |= {n: Function(n, f) for n, f in (functions or {}).items()}
        try:
            return Markup(self._templates.fill(self._templates.get_template(template), given))
        except Exception as error:
            raise RenderError(
                f"The template cannot be filled: {said(error)}",
                path=f"{self.file(template)}, line {line_of(error, template)}",
                hint="docs/how-to-theme.md lists the templates; compare it with the house theme's.",
            ) from None

    @cached_property
    def _templates(self) -> Sandbox:
        """The environment of the theme's own templates: closed, escaping, strict."""
        from jinja2 import FileSystemLoader

        from tlfgen.spec.sandbox import THEME_STEPS, THEME_WRITTEN, Sandbox

        loader = FileSystemLoader([str(f) for f in self.folders])
        return Sandbox(
            functions={}, autoescape=True, lstrip_blocks=True, loader=loader,
            steps=THEME_STEPS, characters=THEME_WRITTEN,
        )  # fmt: skip

    def digest(self) -> str:
        """The hash of its files, of its words and of its fonts."""
        total = hashlib.sha256(json.dumps(plain_value(self.words)).encode())
        for level, folder in enumerate(self.folders):
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                total.update(f"{level}/{path.relative_to(folder).as_posix()}".encode() + path.read_bytes())
        for name, digest in sorted(digests(self.faces).items()):
            total.update(f"{name}{digest}".encode())
        return total.hexdigest()

    def use_fonts(self) -> None:
        """Let the page engine see this theme's fonts and no others."""
        only_fonts(self.faces)


def font_digests(theme: Theme) -> dict[str, str]:
    """SHA-256 of each font file of a theme, by its name."""
    return digests(theme.faces)


def load_theme(name: str, folders: Sequence[Path]) -> Theme:
    """Load a theme by name from template folders, the first that has it; a UsageError names the nearest."""
    return _load(name, tuple(folders))


def _load(name: str, folders: tuple[Path, ...], above: tuple[str, ...] = ()) -> Theme:
    own = _folder(name, folders)
    spec: ThemeSpec = load_yaml(own / "theme.yaml", ThemeSpec, shown=f"templates/{own.name}/theme.yaml")
    if spec.based_on is None:
        return Theme(name, spec, (own,), load_words(folders))
    if name in above or spec.based_on == name:
        raise SpecError(f"The theme '{name}' is based on itself.", place=spec.at_key("based_on"))
    base = _load(spec.based_on, folders, (*above, name))
    inherited = {k: getattr(base.spec, k) for k in ThemeSpec.model_fields if k not in spec.model_fields_set}
    return Theme(name, spec.model_copy(update=inherited), (own, *base.folders), base.words)


def _folder(name: str, folders: Sequence[Path]) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise UsageError(
            f"'{name}' is no name of a theme.", hint="A theme is a folder's name: letters, digits, - and _."
        )
    for folder in folders:
        own = folder / ("report" if name == HOUSE else f"journals/{name}")
        if (own / "theme.yaml").is_file():
            return own
    known = [n for n, _ in known_themes(folders)]
    near = nearest(name, known)
    hint = f"Did you mean '{near}'?" if near else "Known: " + ", ".join(known) + "."
    raise UsageError(f"There is no theme '{name}'.", hint=hint)


def known_themes(folders: Sequence[Path]) -> list[tuple[str, str]]:
    """(name, label) of every theme, the house first."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in [folder / "report" / "theme.yaml", *sorted(folder.glob("journals/*/theme.yaml"))]:
            if path.is_file():
                name = HOUSE if path.parent.name == "report" else path.parent.name
                found.setdefault(name, path)
    specs: dict[str, ThemeSpec] = {n: load_yaml(p, ThemeSpec, shown=str(p)) for n, p in found.items()}
    return [(name, spec.label) for name, spec in specs.items()]
