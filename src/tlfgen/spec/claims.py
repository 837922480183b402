"""The model of claims.yaml: numbers that were printed elsewhere, and what each of them should be here."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tlfgen.spec.form import Texts
from tlfgen.spec.loader import Entry

PRINTED = re.compile(r"[<>] ?\d+(\.\d+)?|-?\d+(\.\d+)?")


class ClaimSpec(Entry):
    """A printed statement with its numbers.

    result: the analysis behind it with its groups (`response.orr[TRT01A=...]`). says: statistic of that
    analysis -> the number as printed (`{n: "4", pct: "23.5"}`); `of` is the denominator of n; a key with a
    dot is the whole name of another result. A number printed as "> 0.05" or "< 0.001" is a bound.

    method: what reproduces the print; stated: the value of the analysis's parameter `vary` that the source
    says it used; every other value of that parameter is tried too. instead: results of the same kind, any of
    which may match. apart: results that are something else: shown, never counted.

    expect: the verdict that is expected; because: why, where it is a mismatch.
    """

    id: str
    where: str
    label: str = ""
    printed: str
    result: str = ""
    says: dict[str, str]
    method: str = ""
    stated: str = ""
    vary: str = ""
    instead: Texts = ()
    apart: Texts = ()
    expect: Literal["match", "mismatch"] = "match"
    because: str = ""

    @model_validator(mode="after")
    def _reasoned(self) -> ClaimSpec:
        if not self.says:
            raise ValueError(f"the claim '{self.id}' says no number")
        for key, number in self.says.items():
            if not PRINTED.fullmatch(number):
                raise ValueError(
                    f"the claim '{self.id}': {key}: '{number}' is no number as \"23.5\" or \"> 0.05\""
                )
        if not self.result and any("." not in key for key in self.says):
            raise ValueError(f"the claim '{self.id}' names no result")
        if self.expect == "mismatch" and not self.because:
            raise ValueError(f"the claim '{self.id}' expects a mismatch and does not say because of what")
        if self.stated and not self.vary:
            raise ValueError(
                f"the claim '{self.id}' has stated: and needs vary:, the parameter it is a value of"
            )
        return self


class LevelsSumSpec(Entry):
    """The counts of the parts add up to the total's. of: the parts are maximum grades, levels, ..."""

    rule: Literal["levels_sum", "maximum_grades"]
    parts: Texts
    total: str


class SameNumberSpec(Entry):
    """Claims that state one number, in the text and in a table."""

    rule: Literal["same_number"]
    claims: Texts


class HazardRatioSpec(Entry):
    """A hazard ratio and the P value printed with it. n: the sizes of the two groups; censored: the fewest
    and the most subjects without the event."""

    rule: Literal["hazard_ratio"]
    ratio: str
    p_value: str
    n: tuple[int, int]
    censored: tuple[int, int]


RuleSpec = Annotated[LevelsSumSpec | SameNumberSpec | HazardRatioSpec, Field(discriminator="rule")]


class ClaimsSpec(Entry):
    """source: where the numbers were printed. rules: what must hold between them."""

    source: str
    claims: tuple[ClaimSpec, ...]
    rules: tuple[RuleSpec, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> ClaimsSpec:
        ids = [c.id for c in self.claims]
        for i, known in enumerate(ids):
            if known in ids[:i]:
                raise ValueError(f"the claim '{known}' stands twice")
        for rule in self.rules:
            for name in named_in(rule):
                if name not in ids:
                    raise ValueError(f"the rule {rule.rule} names '{name}', which is no claim")
        return self


def named_in(rule: LevelsSumSpec | SameNumberSpec | HazardRatioSpec) -> tuple[str, ...]:
    """The claims that a rule is about."""
    if isinstance(rule, LevelsSumSpec):
        return (*rule.parts, rule.total)
    return rule.claims if isinstance(rule, SameNumberSpec) else (rule.ratio, rule.p_value)
