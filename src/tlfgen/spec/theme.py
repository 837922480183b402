"""The model of theme.yaml: paper, fonts, sizes, and the glyphs of numbers."""

from __future__ import annotations

import re
import string
from typing import Any, Literal

from pydantic import Field, SkipValidation, field_validator, model_validator

from tlfgen.spec.form import Texts
from tlfgen.spec.loader import Entry, Mapping_
from tlfgen.spec.running import OUTPUT_FIELDS, RunningSpec, check_fields
from tlfgen.spec.words import Words, default_words


class PValueBand(Entry):
    """The decimals of P values below a bound."""

    below: float = Field(gt=0, le=1)
    digits: int = Field(ge=1, le=9)


class PValueRules(Entry):
    """How P values are printed.

    digits: decimals. bands: other decimals below a bound, the lowest bound that holds. significant: so many
    significant digits instead. kept_below: a P value below it is never rounded up to it; it gets a digit
    more. floor, ceiling: what is printed beyond. leading_zero: 0.03 or .03. letter: P or p. spaced: the signs
    that stand between spaces, P = 0.03 or P=0.03.
    """

    digits: int = 3
    bands: tuple[PValueBand, ...] = ()
    significant: int | None = Field(default=None, ge=1, le=6)
    kept_below: float | None = Field(default=None, gt=0, lt=1)
    floor: str = "<0.001"
    ceiling: str = ">0.999"
    leading_zero: bool = True
    letter: Literal["P", "p"] = "P"
    spaced: str = Field(default="", pattern="^[=<>]*$")

    @field_validator("floor", "ceiling")
    @classmethod
    def _written_plain(cls, value: str) -> str:
        if value and not re.fullmatch(r"[<>\u2264\u2265] ?0\.\d+", value):
            raise ValueError("a bound of P is written as <0.001 or >0.999; the theme's marks are put in it")
        return value


class PercentBand(Entry):
    """The decimals of percentages of fewer subjects than a bound; without `below`, of any number."""

    below: int | None = Field(default=None, ge=1)
    decimals: int = Field(ge=0, le=4)


class PercentStyle(Entry):
    """How an output prints percentages, in place of the study's decimals and of the theme's sign."""

    decimals: int | None = Field(default=None, ge=0, le=4)
    sign: Literal["", "%"] | None = None


class NumberRules(Entry):
    """The glyphs and decimals that a theme gives numbers; what a number is stays the study's.

    decimal_mark: between whole and fraction. thousands: between groups of three digits in a whole part of
    five or more. minus: before a negative number. between_limits: put between two limits, where it is given.
    percent: behind a percentage ("" or "%"). percent_decimals: the decimals of an output's percentages by
    their largest denominator, the lowest bound that holds; else the study's. marks: what leads from a label
    to its footnote. words: what is said by itself, of words.yaml.
    """

    decimal_mark: str = "."
    thousands: str = ""
    minus: str = "-"
    between_limits: str = ""
    percent: str = ""
    percent_decimals: tuple[PercentBand, ...] = ()
    marks: Literal["letters", "symbols"] = "letters"
    p_value: PValueRules = PValueRules()
    words: SkipValidation[Words] = Field(default_factory=default_words)

    @model_validator(mode="before")
    @classmethod
    def _words_have_their_file(cls, data: Any) -> Any:
        if isinstance(data, Mapping_) and "words" in data:
            raise ValueError("words stand in a file of their own, templates/words.yaml")
        return data


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
    package. optional: where the package is not installed, the theme does without."""

    family: str
    package: str
    regular: str
    bold: str | None = None
    italic: str | None = None
    bold_italic: str | None = None
    optional: bool = False


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
    """A theme. `based_on` names the theme whose files stand in for those it lacks.

    document: the report, or the manuscript, which is the outputs that report.yaml lists for it, numbered
    anew. caption: kind (or KIND, in capitals), number and title in one line; without it, on lines of their
    own. running: the lines above and below every page. source_line: the grey line at the foot of an output;
    with "" there is none."""

    filled = frozenset({"source_line", "caption"})

    theme: str
    label: str = ""
    based_on: str | None = None
    document: Literal["report", "manuscript"] = "report"
    caption: str = ""
    page: PageMetrics = PageMetrics()
    fonts: tuple[FontSpec, ...] = ()
    sans: Texts = Field(default=())
    serif: Texts = Field(default=())
    sizes: SizeSpec = SizeSpec()
    numbers: NumberRules = Field(default_factory=NumberRules)
    running: RunningSpec = RunningSpec()
    source_line: str = "Source: {source}"
    heading_colour: str = "#1f3552"

    @field_validator("source_line")
    @classmethod
    def _of_output(cls, value: str) -> str:
        return check_fields(value, OUTPUT_FIELDS)

    @field_validator("caption")
    @classmethod
    def _fields(cls, value: str) -> str:
        names = [name for _, name, _, _ in string.Formatter().parse(value) if name is not None]
        if value and (sorted(n.lower() for n in names) != ["kind", "number", "title"]):
            raise ValueError("a caption names {kind} or {KIND}, {number} and {title}, each once")
        return value
