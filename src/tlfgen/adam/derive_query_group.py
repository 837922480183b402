"""query_group: terms grouped by custom queries."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from pydantic import AfterValidator

from tlfgen.engine.gives import INTEGER, keys_of
from tlfgen.engine.registry import Column, Derived, Fills, derivation
from tlfgen.spec.form import Texts


def _once(groups: dict[str, Texts]) -> dict[str, Texts]:
    seen: dict[str, str] = {}
    for name, terms in groups.items():
        for term in terms:
            key = term.casefold()
            if key in seen:
                raise ValueError(f"the term '{term}' stands in two groups, '{seen[key]}' and '{name}'")
            seen[key] = name
    return groups


Groups = Annotated[dict[str, Texts], AfterValidator(_once)]


@derivation(gives=keys_of("groups"), fills={"number_to": INTEGER})
def derive_query_group(rows: pl.DataFrame, *, of: Column, groups: Groups, number_to: Fills = None) -> Derived:
    """Name the custom query group to which a term belongs.

    First case that applies (terms compare without regard to case):
      1. a term of a group   the group's name
      2. otherwise           null

    groups: name -> its terms, or a single one; a term stands in one group only. number_to: the variable for
    the group's number, from 1 in the order of `groups`.

    Source: ADaM Structure for Occurrence Data (OCCDS), customised queries (CQzzNAM).
    """
    numbers = {term.lower(): n for n, terms in enumerate(groups.values(), start=1) for term in terms}
    found = rows[of].str.to_lowercase().replace_strict(numbers, default=None, return_dtype=pl.Int64)
    names = found.replace_strict(dict(enumerate(groups, start=1)), default=None, return_dtype=pl.String)
    return Derived({"": names, **({number_to: found} if number_to is not None else {})})
