"""A listing from its records: no statistic, only displayed values in order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.names import tokens
from tlfgen.analysis.prepare import prepare
from tlfgen.analysis.source import ROW, Source, numbered
from tlfgen.display.numbers import SIGNIFICANT, half_up
from tlfgen.display.output import shared_of
from tlfgen.display.parts import Listing, ListingColumn
from tlfgen.errors import SpecError
from tlfgen.spec.iso_date import iso_text
from tlfgen.spec.output import ListingColumnSpec, ListingSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

_TOKEN = re.compile(r"\{(?P<name>[^{}]+)\}|(?P<open>[(\[])|(?P<close>[)\]])")
_PAIRS = {"(": ")", "[": "]"}


def lay_out_listing(
    listing: ListingSpec, data: Mapping[str, Dataset], study: StudySpec, rules: NumberRules
) -> Listing:
    """Lay out a listing: the records of the population that meet its condition, sorted, nulls last.

    A name with a minus before it in `order` sorts from high to low. Records that tie stay as they stand in
    the dataset; those of subjects who are not in ADSL stand last. `keys` names each row's record by its
    number in the dataset (`ADAE[row=17]`).
    """
    source = prepare(listing, numbered(data, listing.from_), study).source
    frame = source.frame
    if listing.order:
        names = [n.removeprefix("-") for n in listing.order]
        source.needs(names, listing.at)
        falling = [n.startswith("-") for n in listing.order]
        frame = frame.sort(
            [source.own(n) for n in names], descending=falling, nulls_last=True, maintain_order=True
        )
    if source.strangers.height:
        frame = pl.concat([frame, source.strangers.select(frame.columns)], how="vertical_relaxed")
    texts = frame.select(
        _column(c, source, rules).fill_null("").alias(str(i)) for i, c in enumerate(listing.columns)
    )
    return Listing(
        **shared_of(listing, study, ()),
        columns=tuple(
            ListingColumn(c.label, c.width, c.align, c.repeat, tuple(_variables(c))) for c in listing.columns
        ),
        rows=tuple(texts.iter_rows()),
        keys=tuple(f"{listing.from_}[row={n}]" for n in frame[ROW].to_list()),
        empty=listing.empty,
    )


def _variables(column: ListingColumnSpec) -> list[str]:
    return [*column.name, *tokens(column.cell or "", column.at)]


def _column(column: ListingColumnSpec, source: Source, rules: NumberRules) -> pl.Expr:
    if column.cell:
        return _format(column.cell, source, column, rules)
    source.needs(column.name, column.at)
    shown = [shown_value(source, n, rules, column.decimals).fill_null("") for n in column.name]
    return shown[0] if len(shown) == 1 else pl.concat_str(shown, separator="\n").str.strip_chars_end("\n")


def shown_value(source: Source, name: str, rules: NumberRules, decimals: int | None = None) -> pl.Expr:
    """A variable's values as text: dates in ISO 8601, numbers with the decimals that they have or are given,
    halves up."""
    column = source.own(name)
    kind, value = source.frame.schema[column], pl.col(column)
    if not kind.is_numeric():
        return iso_text(value, kind)
    text = value.cast(pl.String)
    if decimals is not None:
        text = value.cast(pl.Float64).map_elements(
            lambda v: f"{half_up(v, decimals)}", return_dtype=pl.String, skip_nulls=True
        )
    elif kind.is_float():
        whole = (value == value.round()) & (value.abs() < 10.0**SIGNIFICANT)
        clean = value.round_sig_figs(SIGNIFICANT).cast(pl.String)
        text = pl.when(whole).then(value.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(clean)
    text = text.str.replace(".", rules.decimal_mark, literal=True)
    return text.str.replace("^-", rules.minus)


@dataclass
class _Group:
    """Part of a format: literals and values in turn. In brackets it stands only where it has a value."""

    open: str
    items: list[str | pl.Expr]


def _format(form: str, source: Source, column: ListingColumnSpec, rules: NumberRules) -> pl.Expr:
    """Fill a format; a missing value takes the text before it along, what is in brackets the brackets."""
    stack, at = [_Group("", [])], 0
    for found in _TOKEN.finditer(form):
        stack[-1].items.append(form[at : found.start()])
        at = found.end()
        if found["name"]:
            source.needs([found["name"]], column.at)
            stack[-1].items.append(shown_value(source, found["name"], rules, column.decimals))
        elif found["open"]:
            stack.append(_Group(found["open"], []))
        else:
            group = stack.pop()
            if not stack or _PAIRS[group.open] != found["close"]:
                raise SpecError(f"The format '{form}' has a bracket without its pair.", place=column.at)
            inner = _join(group.items)
            whole = pl.lit(group.open) + inner + pl.lit(found["close"])
            stack[-1].items.append(pl.when(inner != "").then(whole))
    if len(stack) > 1:
        raise SpecError(f"The format '{form}' has a bracket without its pair.", place=column.at)
    return _join([*stack[0].items, form[at:]])


def _join(items: list[str | pl.Expr]) -> pl.Expr:
    """Values with the text between them.

    The text before a missing value goes with it; text between values stands only behind a value; the text
    behind the last value stands only where that is there.
    """
    text, before, started = pl.lit(""), "", False
    last: pl.Expr | None = None
    for item in items:
        if isinstance(item, str):
            before += item
            continue
        lead = (
            pl.lit(before) if not started else pl.when(text != "").then(pl.lit(before)).otherwise(pl.lit(""))
        )
        text = pl.when(item.is_null() | (item == "")).then(text).otherwise(text + lead + item)
        before, started, last = "", True, item
    if last is None:
        return pl.lit(before)
    return pl.when(last.is_null() | (last == "")).then(text).otherwise(text + pl.lit(before))
