"""The model of theme.yaml: paper, fonts, sizes, and the glyphs of numbers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tlfgen.spec.form import Texts
from tlfgen.spec.loader import Entry


class PValueRules(Entry):
    """digits: decimals. floor, ceiling: what is printed beyond the last digit. leading_zero: 0.03 or .03."""

    digits: int = 3
    floor: str = "<0.001"
    ceiling: str = ">0.999"
    leading_zero: bool = True


class NumberRules(Entry):
    """The glyphs that a theme gives numbers; what a number is stays the study's.

    decimal_mark: between whole and fraction. minus: before a negative number. range_dash: put for ", " and
    " to " between two limits, where it is given. percent: behind a percentage ("" or "%")."""

    decimal_mark: str = "."
    minus: str = "-"
    range_dash: str = ""
    percent: str = ""
    p_value: PValueRules = PValueRules()


class MarginSpec(Entry):
    """Millimetres; binding is the left edge of a portrait page and the top edge of a landscape one."""

    top: float = 22
    right: float = 15
    bottom: float = 20
    left: float = 20


class PageMetrics(Entry):
    paper: Literal["A4", "Letter"] = "A4"
    portrait: MarginSpec = MarginSpec()
    landscape: MarginSpec = MarginSpec(top=24, right=15, bottom=18, left=15)


class FontSpec(Entry):
    """A family and its faces: package and files, by style. A file is looked up inside the installed
    package."""

    family: str
    package: str
    regular: str
    bold: str | None = None
    italic: str | None = None
    bold_italic: str | None = None


class SizeSpec(Entry):
    """Points. table_leading: the height of a table line; row_gap: between rows; group_gap: above a group."""

    text: float = 10.5
    leading: float = 14
    table: float = 9
    table_leading: float = 11.6
    row_gap: float = 1.6
    group_gap: float = 5
    indent: float = 8.5
    note: float = 7.5
    note_leading: float = 9.6


class ThemeSpec(Entry):
    """A theme. `based_on` names the theme whose files stand in for those it lacks."""

    theme: str
    label: str = ""
    based_on: str | None = None
    page: PageMetrics = PageMetrics()
    fonts: tuple[FontSpec, ...] = ()
    sans: Texts = Field(default=())
    serif: Texts = Field(default=())
    sizes: SizeSpec = SizeSpec()
    numbers: NumberRules = NumberRules()
    heading_colour: str = "#1f3552"
