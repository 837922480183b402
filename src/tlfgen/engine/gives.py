"""What a derivation gives, said beside it: the type of its values and, where these are known before data, all
of them. A spec repeats it nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tlfgen.spec.study import StudySpec

Type = Literal["text", "integer", "float", "date", "datetime", "iso"]


@dataclass(frozen=True)
class Given:
    """type: "iso" is ISO 8601 text, perhaps partial. like: the parameter whose variable has the same kind.
    values: all that it can give; None where the data decide."""

    type: Type = "text"
    like: str = ""
    values: tuple[str, ...] | None = None


Gives = Callable[[Mapping[str, Any], StudySpec], Given]


def always(type_: Type, *values: str) -> Gives:
    """The same type whatever the parameters; `values` where they are all."""
    return lambda typed, study: Given(type_, values=values or None)


def same_as(parameter: str) -> Gives:
    """What the variable that a parameter names has."""
    return lambda typed, study: Given(like=parameter)


def keys_of(parameter: str) -> Gives:
    """The names of a parameter's groups."""
    return lambda typed, study: Given(values=tuple(typed[parameter]))


def flag(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """What the parameters `value`, `otherwise` and `unknown_as` say."""
    said = (typed.get("value", "Y"), typed.get("otherwise"), typed.get("unknown_as"))
    return Given(values=tuple(v for v in said if v))


TEXT, INTEGER, FLOAT, DATE, ISO = (always(t) for t in ("text", "integer", "float", "date", "iso"))
DATETIME = always("datetime")
YES = always("text", "Y")


def arm_codes(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """ARMCD of the arms of study.yaml."""
    return Given(values=tuple(a.ARMCD for a in study.arms))


def arm_names(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """ARM of the arms of study.yaml."""
    return Given(values=study.arm_order)


def not_assigned(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """ARMNRS of study.yaml."""
    return Given(values=tuple(n.ARMNRS for n in study.not_assigned))


def epochs(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """EPOCH of the elements of study.yaml."""
    return Given(values=tuple(dict.fromkeys(e.EPOCH for e in study.elements)))


def visits(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """VISIT of the visits of study.yaml; open where unscheduled ones are named as they were collected."""
    return Given(values=None if study.unscheduled else tuple(v.VISIT for v in study.visits))


def analysed_visits(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """The visits of study.yaml under which records are analysed, and the baseline."""
    named = [v.analysed for v in study.visits if v.analysed]
    return Given(
        values=tuple(dict.fromkeys((*([typed["baseline_name"]] if typed["baseline"] else []), *named)))
    )


def counted(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """A whole number where records are counted."""
    return Given("integer" if typed["statistic"] == "count" else "float")


def spans(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """Whole days; weeks and months are parts of days."""
    return Given("integer" if typed["unit"] == "days" else "float")


def numbers(typed: Mapping[str, Any], study: StudySpec) -> Given:
    """Whole numbers where those of `levels` are."""
    return Given("integer" if all(float(n).is_integer() for n in typed["levels"].values()) else "float")
