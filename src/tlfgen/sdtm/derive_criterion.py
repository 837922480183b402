"""criterion: IETEST and IECAT of a criterion of eligibility."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import TEXT, always
from tlfgen.engine.keyed import INDEX, numbered
from tlfgen.engine.registry import Column, Derived, Fills, derivation
from tlfgen.errors import Finding
from tlfgen.spec.study import StudySpec

CRITERIA = {"code": pl.String, "text": pl.String, "category": pl.String}


@derivation(gives=TEXT, fills={"category_to": always("text", "INCLUSION", "EXCLUSION")})
def derive_criterion(
    rows: pl.DataFrame, *, of: Column, category_to: Fills = None, study: StudySpec
) -> Derived:
    """Give the words of a criterion of eligibility by its code.

    First case that applies:
      1. no code                                    null
      2. a code of `eligibility` in study.yaml      its IETEST, of the last version that stands there
      3. any other code                             null, and an error finding

    category_to: the variable for IECAT.

    Source: SDTMIG 3.4, Inclusion/Exclusion Criteria Not Met (IETEST and IECAT as in TI).
    """
    known = {e.IETESTCD: e for e in study.eligibility}
    words = pl.DataFrame(
        [(code, e.IETEST, e.IECAT) for code, e in known.items()], schema=CRITERIA, orient="row"
    )
    asked = numbered(rows).select(INDEX, pl.col(of).alias("code"))
    found = asked.join(words, on="code", how="left", maintain_order="left")
    values = {"": found["text"]}
    if category_to is not None:
        values[category_to] = found["category"]
    unknown = found.filter(pl.col("code").is_not_null() & pl.col("text").is_null())
    return Derived(
        values,
        findings=tuple(
            Finding(
                "error",
                "",
                "",
                "criterion",
                f"'{code}' is no criterion of the study",
                row=index,
                field=of,
                value=code,
            )  # fmt: skip
            for index, code in unknown.select(INDEX, "code").iter_rows()
        ),
    )
