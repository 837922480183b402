"""in_group: a flag by a codelist's named group of values."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tlfgen.engine.gives import flag
from tlfgen.engine.registry import Columns, Derived, derivation
from tlfgen.errors import NOWHERE, Place, unknown
from tlfgen.sdtm.derive_flag_where import flagged_by
from tlfgen.spec.form import CodelistSpec


@derivation(gives=flag)
def derive_in_group(
    rows: pl.DataFrame,
    *,
    of: Columns,
    codelist: str,
    group: str,
    value: str = "Y",
    otherwise: str | None = None,
    unknown_as: str | None = None,
    codelists: Mapping[str, CodelistSpec],
    at: Place = NOWHERE,
) -> Derived:
    """Flag values that belong to a group of a codelist.

    First case that applies:
      1. a value of `of` is one of codelists.yaml's `groups: {group}`   `value`
      2. a value of `of` is missing, or cannot be read                  `unknown_as` (null)
      3. otherwise                                                      `otherwise` (null)

    of: one variable, or several of which any decides: an event is related to either drug if it is to one,
    whatever is known of the other. Where `otherwise` or `unknown_as` is given, a note counts the records of
    case 2. What "related" means, for one, is data: `CAUSALITY: {groups: {related: [POSSIBLE, PROBABLE]}}`.
    """
    if codelist not in codelists:
        raise unknown("The codelist", codelist, codelists, at)
    groups = codelists[codelist].groups
    if group not in groups:
        raise unknown(f"In the codelist {codelist}, the group", group, groups, at)
    words = list(groups[group])
    met = rows.select(pl.any_horizontal(pl.col(name).is_in(words) for name in of).alias("met")).to_series()
    return flagged_by(met, value, otherwise, unknown_as, "in_group")
