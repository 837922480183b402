"""The theme's fonts: found in installed packages, measured, and nothing else ever used.

Text is set only in the faces that theme.yaml names; a system font never steps in, because fontconfig is shown
these files alone. A character that none of them has is printed as its code point ([U+4E2D]), never as an
empty box, and is a finding."""

from __future__ import annotations

import atexit
import dataclasses
import hashlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from tlfgen.errors import RenderError
from tlfgen.spec.theme import FontSpec

Parts = TypeVar("Parts")
STYLES = ("regular", "bold", "italic", "bold_italic")


@dataclass(frozen=True)
class Face:
    """One font file. style: regular, bold, italic or bold_italic."""

    family: str
    style: str
    path: Path

    @property
    def weight(self) -> int:
        return 700 if "bold" in self.style else 400

    @property
    def css(self) -> str:
        """Its @font-face rule."""
        slant = "italic" if "italic" in self.style else "normal"
        return (
            f"@font-face{{font-family:'{self.family}';font-weight:{self.weight};font-style:{slant};"
            f"src:url('{self.path.as_uri()}')}}"
        )


def find_faces(specs: Sequence[FontSpec]) -> tuple[Face, ...]:
    """Find every face's file inside the package that brings it; a RenderError names what is missing."""
    found = []
    for spec in specs:
        if spec.optional and importlib.util.find_spec(spec.package) is None:
            continue
        root = _package_folder(spec)
        for style in STYLES:
            name = getattr(spec, style)
            if name is None:
                continue
            matches = sorted(root.rglob(name))
            if not matches:
                raise RenderError(
                    f"The font file '{name}' is not in the package '{spec.package}'.", path=str(spec.at)
                )
            found.append(Face(spec.family, style, matches[0]))
    return tuple(found)


def _package_folder(spec: FontSpec) -> Path:
    module = importlib.util.find_spec(spec.package)
    if module is None or not module.submodule_search_locations:
        hint = "Install it: the fonts of a report come with pinned packages."
        raise RenderError(f"The package '{spec.package}' with the font {spec.family} is missing.", hint=hint)
    return Path(next(iter(module.submodule_search_locations)))


@lru_cache(maxsize=64)
def _tables(path: Path) -> tuple[dict[int, int], dict[int, float]]:
    """(codepoint -> advance in 1/1000 em) of a face, and the codepoints it has."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        scale = 1000 / font["head"].unitsPerEm
        metrics = font["hmtx"].metrics
        advances = {code: metrics[glyph][0] * scale for code, glyph in font.getBestCmap().items()}
    return dict.fromkeys(advances, 1), advances


@dataclass(frozen=True)
class Measure:
    """Widths of texts in a chain of families, in points."""

    faces: tuple[Face, ...]
    chain: tuple[str, ...]

    def advances(self, style: str) -> list[dict[int, float]]:
        """Each family's table of widths for a style, by code point."""
        if style not in self._by_style:
            self._by_style[style] = self._read(style)
        return self._by_style[style]

    @cached_property
    def _by_style(self) -> dict[str, list[dict[int, float]]]:
        return {}

    def _read(self, style: str) -> list[dict[int, float]]:
        found = []
        for family in self.chain:
            own = {f.style: f for f in self.faces if f.family == family}
            face = own.get(style) or own.get("regular")
            if face is not None:
                found.append(_tables(face.path)[1])
        return found

    def width(self, text: str, size: float, style: str = "regular") -> float:
        """The width of a text on one line."""
        chain = self.advances(style)
        return sum(_advance(ord(c), chain) for c in text) * size / 1000

    def missing(self, text: str, style: str = "regular") -> str:
        """The characters that no face of the chain has."""
        if text.isascii() and text.isprintable():
            return ""
        chain = self.advances(style)
        return "".join(
            dict.fromkeys(c for c in text if c not in "\n\t" and not any(ord(c) in a for a in chain))
        )


def _advance(code: int, chain: list[dict[int, float]]) -> float:
    for advances in chain:
        if code in advances:
            return advances[code]
    return 1000.0


def printable(text: str, measure: Measure) -> str:
    """A text as it can be printed: a character that no font has as its code point in brackets."""
    lost = measure.missing(text)
    return text.translate({ord(c): f"[U+{ord(c):04X}]" for c in lost}) if lost else text


def with_printable_texts(value: Parts, measure: Measure, kept: Collection[str] = ()) -> Parts:
    """A part or a section with every text of it as it can be printed, but the fields in `kept`."""
    found: Parts = _printable(value, measure, kept)
    return found


def _printable(value: Any, measure: Measure, kept: Collection[str]) -> Any:
    if isinstance(value, str):
        return printable(value, measure)
    if isinstance(value, tuple):
        new = tuple(_printable(v, measure, kept) for v in value)
        return value if all(n is v for n, v in zip(new, value, strict=True)) else new
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [f.name for f in dataclasses.fields(value) if f.name not in kept]
        pairs = [(n, getattr(value, n)) for n in fields]
        changed = {n: new for n, old in pairs if (new := _printable(old, measure, kept)) is not old}
        return dataclasses.replace(value, **changed) if changed else value
    return value


def digests(faces: Sequence[Face]) -> dict[str, str]:
    """SHA-256 of each font file, by its name."""
    return {f.path.name: _digest(f.path) for f in faces}


@lru_cache(maxsize=64)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@lru_cache(maxsize=4)
def only_fonts(faces: tuple[Face, ...]) -> str:
    """Show fontconfig these files alone; to be called before WeasyPrint is imported. Gives its configuration.

    The other files of a font's folder are refused one by one: a true Bold beside a declared Semibold would be
    taken, and text measured with one would be set in the other.
    """
    folder = Path(tempfile.mkdtemp(prefix="tlfgen-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    paths = sorted({face.path for face in faces})
    dirs = "".join(f"<dir>{escape(str(d))}</dir>" for d in sorted({p.parent for p in paths}))
    accepted = "".join(f"<glob>{escape(str(p))}</glob>" for p in paths)
    config = folder / "fonts.conf"
    config.write_text(
        "<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig>"
        f"{dirs}<cachedir>{escape(str(folder))}</cachedir>"
        f"<selectfont><rejectfont><glob>*</glob></rejectfont><acceptfont>{accepted}</acceptfont></selectfont>"
        "</fontconfig>",
        "utf-8",
    )
    os.environ["FONTCONFIG_FILE"] = str(config)
    return str(config)


@lru_cache(maxsize=4)
def figure_fonts(faces: tuple[Face, ...]) -> None:
    """Make the faces known to matplotlib: a bold one as bold, whatever weight its file names (a Semibold's
    is 600)."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    for face in faces:
        path = str(face.path)
        manager.addfont(path)
        manager.ttflist[:] = [
            dataclasses.replace(f, weight=face.weight) if f.fname == path else f for f in manager.ttflist
        ]
