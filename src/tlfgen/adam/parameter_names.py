"""PARAMCD, PARAM and PARAMN of a dataset: one name and one number for each code."""

from __future__ import annotations

from collections.abc import Iterator

from tlfgen.engine.registry import find_rule
from tlfgen.errors import Place, SpecError
from tlfgen.spec.dataset import AdamSpec


def parameter_numbers(spec: AdamSpec) -> dict[str, int]:
    """PARAMN by PARAMCD.

    First case that applies:
      1. an entry of `parameters` or `records` says PARAMN      that
      2. an entry of `parameters`                               its place
      3. an entry of `records`                                  its place, counting on from `parameters`

    Of several entries of one code the first gives its number.
    """
    numbers = {code: int(number) for code, _, number, _ in reversed([*_said(spec)]) if number is not None}
    for place, parameter in enumerate(spec.parameters, 1):
        numbers.setdefault(parameter.PARAMCD, place)
    for place, record in enumerate(spec.records, len(spec.parameters) + 1):
        numbers.setdefault(record.set.get("PARAMCD", ""), place)
    return numbers


def check_parameters(spec: AdamSpec) -> None:
    """A code has one name and one number, wherever entries say them; otherwise a SpecError.

    Source: ADaMIG 1.3, 3.3.4 (PARAM and PARAMCD, and PARAMN where it is there, are one to one in a dataset).
    """
    seen: dict[tuple[str, str], str] = {}
    for code, name, number, at in _said(spec):
        for what, said in (("PARAM", name), ("PARAMN", number)):
            first = seen.setdefault((code, what), said) if said is not None else None
            if first != said:
                raise SpecError(
                    f"{spec.name}: {code} has two {what}: '{first}' and '{said}'.", place=at,
                    hint="One parameter has one name and one number: give the second another PARAMCD.",
                )  # fmt: skip


def _said(spec: AdamSpec) -> Iterator[tuple[str, str | None, str | None, Place]]:
    """Code, name and number as each entry says them."""
    for parameter in spec.parameters:
        yield parameter.PARAMCD, parameter.PARAM, _text(parameter.PARAMN), parameter.at
    for record in spec.records:
        if "PARAMCD" in record.set:
            yield record.set["PARAMCD"], record.set.get("PARAM"), record.set.get("PARAMN"), record.at
        rule = find_rule(record.derive, record.at, makes_records=True)
        for one in rule.parameters_said(rule.read(record.params, record.at)):
            yield one.PARAMCD, one.PARAM, _text(one.PARAMN), one.at if one.at.line else record.at


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
