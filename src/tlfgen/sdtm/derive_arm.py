"""Arms as study.yaml names them."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import arm_codes, arm_names, not_assigned
from tlfgen.engine.registry import Column, Derived, Fills, derivation
from tlfgen.errors import Finding
from tlfgen.spec.characters import plain_text
from tlfgen.spec.study import StudySpec


@derivation(gives=arm_codes, fills={"arm_to": arm_names, "reason_to": not_assigned})
def derive_arm(
    rows: pl.DataFrame, *, of: Column, study: StudySpec, arm_to: Fills = None, reason_to: Fills = None
) -> Derived:
    """Give the arm's code, and with `arm_to` its name, for the arm as collected.

    First case that applies, words compared without regard to case and surrounding blanks:
      1. a word of an arm (its code, its name or a collected word)   ARMCD, and ARM in `arm_to`
      2. a word of `not_assigned`                                    null, and ARMNRS in `reason_to`
      3. blank                                                       null
      4. any other word                                              null, and an error finding

    A word is of one arm or one reason: another is an error of study.yaml.

    Source: SDTMIG 3.4, 5.2 (DM), ARMCD, ARM and ARMNRS: a subject without an arm has null arms and a reason.
    """
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for arm in study.arms:
        for w in (arm.ARMCD, arm.ARM, *arm.collected):
            word = plain_text(w).casefold()
            codes[word], names[word] = arm.ARMCD, arm.ARM
    for entry in study.not_assigned:
        reasons |= {plain_text(w).casefold(): entry.ARMNRS for w in entry.collected}
    said = rows[of].cast(pl.String).str.strip_chars().str.to_lowercase()

    def take(words: dict[str, str]) -> pl.Series:
        lowered = {k.lower(): v for k, v in words.items()}
        return said.replace_strict(lowered, default=None, return_dtype=pl.String)

    values = {"": take(codes)}
    if arm_to:
        values[arm_to] = take(names)
    if reason_to:
        values[reason_to] = take(reasons)
    odd = said.is_not_null() & (said != "") & take(codes).is_null() & take(reasons).is_null()
    known = ", ".join(a.ARM for a in study.arms)
    findings = tuple(
        Finding(
            "error",
            "sdtm",
            "",
            "arm",
            f"'{rows[of][i]}' is no arm of study.yaml ({known}); the arm is null",
            i,
            None,
            of,
            str(rows[of][i]),
        )
        for i in odd.arg_true().to_list()
    )
    return Derived(values, findings=findings)
