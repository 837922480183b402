"""in_group: a flag by a codelist's named group of values."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tlfgen.data.registry import Column, derivation
from tlfgen.errors import NOWHERE, Place, unknown
from tlfgen.spec.form import CodelistSpec


@derivation
def derive_in_group(
    rows: pl.DataFrame,
    *,
    of: Column,
    codelist: str,
    group: str,
    value: str = "Y",
    otherwise: str | None = None,
    codelists: Mapping[str, CodelistSpec],
    at: Place = NOWHERE,
) -> pl.Series:
    """Flag values that belong to a group of a codelist.

    First case that applies:
      1. no value                                   null (nothing is guessed about it)
      2. one of codelists.yaml's `groups: {group}`  `value`
      3. otherwise                                  `otherwise` (null)

    What "related" means, for one, is data: `CAUSALITY: {groups: {related: [POSSIBLE, PROBABLE]}}`.
    """
    if codelist not in codelists:
        raise unknown("The codelist", codelist, codelists, at)
    groups = codelists[codelist].groups
    if group not in groups:
        raise unknown(f"In the codelist {codelist}, the group", group, groups, at)
    flag = (
        pl.when(pl.col(of).is_null())
        .then(None)
        .when(pl.col(of).is_in(list(groups[group])))
        .then(pl.lit(value))
        .otherwise(pl.lit(otherwise, dtype=pl.String))
    )
    return rows.select(flag.cast(pl.String).alias("flag")).to_series()
