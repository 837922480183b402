"""What a spec says of a time-to-event parameter: its start, its events, and when and where it is censored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tlfgen.engine.keyed import SUBJECT
from tlfgen.errors import SpecError
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.form import Texts
from tlfgen.spec.loader import Entry, Mapping_, Sequence_

SUBJECTS = "ADSL"
Case = Literal[
    "no_baseline",
    "no_adequate_assessment_no_event",
    "new_therapy_before_event",
    "event_after_missed",
    "no_event",
]
AT_START: tuple[Case, ...] = ("no_baseline", "no_adequate_assessment_no_event")
DAYS_OF = {"day": 1, "days": 1, "week": 7, "weeks": 7}


class RecordsOf(Entry):
    """Records of a dataset that meet a condition; all of them where there is none."""

    from_: str = Field(alias="from")
    where: str | None = None

    @cached_property
    def condition(self) -> Condition | None:
        return parse_condition(self.where, self.at_key("where")) if self.where else None

    def names(self) -> tuple[str, ...]:
        """The dotted names that it reads."""
        return tuple(self.dotted(c) for c in (SUBJECT, *(self.condition.columns if self.condition else ())))

    def dotted(self, name: str) -> str:
        return name if "." in name else f"{self.from_}.{name}"


class DatedRecordsOf(RecordsOf):
    """date: the variable with their date. seq: the one with their sequence number, which SRCSEQ repeats."""

    date: str
    seq: str | None = None

    def names(self) -> tuple[str, ...]:
        return (*super().names(), self.dotted(self.date), *((self.dotted(self.seq),) if self.seq else ()))


class TextOf(Entry):
    """A subject's text: `from` another dataset, in other words where `words` has it, `else` where it is
    null."""

    from_: str = Field(alias="from")
    words: dict[str, str] = {}
    else_: str | None = Field(default=None, alias="else")


Text = str | TextOf


class EventOf(DatedRecordsOf):
    """An event. rank: the lower one wins on one day. CNSR: 0, or what a competing end of the time at risk is
    censored with (death, in the time under observation)."""

    id: str
    EVNTDESC: Text
    rank: int = 1
    CNSR: int = Field(default=0, ge=0)
    CNSDTDSC: str | None = None

    def names(self) -> tuple[str, ...]:
        return (*super().names(), *((self.EVNTDESC.from_,) if isinstance(self.EVNTDESC, TextOf) else ()))


def _days(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d{1,5}) (day|days|week|weeks)", value.strip())
    if found is None:
        raise ValueError("a time is written as 42 days or 6 weeks")
    return int(found[1]) * DAYS_OF[found[2]]


Days = Annotated[int, BeforeValidator(_days), Field(ge=0)]


class Schedule(Entry):
    """How often the protocol has assessments. first: from the start to the first one, where it is not
    `every`."""

    every: Annotated[Days, Field(gt=0)]
    window: Days = 0
    first: Days | None = None


class CensoringRule(Entry):
    """When a subject is censored and at which date. where: of the subject's record in ADSL."""

    if_: Case = Field(alias="if")
    where: str | None = None
    date: str | None = None
    same_day: Literal["event", "censor"] = "event"
    n: int = Field(default=2, ge=1)
    applies_to: Texts = ()
    at_: str | None = Field(default=None, alias="at")
    CNSR: int = Field(ge=0)
    EVNTDESC: Text
    CNSDTDSC: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> CensoringRule:
        if (self.if_ == "new_therapy_before_event") != (self.date is not None):
            raise ValueError("'date' belongs to new_therapy_before_event, and to that only")
        if self.date is not None and "." not in self.date:
            raise ValueError(f"date: write DATASET.VARIABLE, as in ADSL.NACTDT, not {self.date}")
        if "." not in self.place and self.place not in ("start", "last_adequate", "last_known"):
            raise ValueError(f"at: write start, last_adequate, last_known or DATASET.DATE, not {self.place}")
        return self

    @property
    def place(self) -> str:
        """Where the date of censoring comes from: start, last_adequate, last_known or a dotted name."""
        return self.at_ or ("start" if self.if_ in AT_START else "last_adequate")

    @cached_property
    def condition(self) -> Condition | None:
        return parse_condition(self.where, self.at_key("where")) if self.where else None

    def names(self) -> tuple[str, ...]:
        """The dotted names that it reads."""
        columns = self.condition.columns if self.condition else ()
        found = [c if "." in c else f"{SUBJECTS}.{c}" for c in columns]
        found += [n for n in (self.date, self.at_) if n and "." in n]
        return (*found, *((self.EVNTDESC.from_,) if isinstance(self.EVNTDESC, TextOf) else ()))


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, (dict, Entry, str)) else value


def _populations(value: Any) -> Any:
    """`FASFL` stands for the records of ADSL in which it is "Y"."""

    def one(item: Any) -> Any:
        if not isinstance(item, str):
            return item
        owner, _, flag = item.rpartition(".")
        return Mapping_({"from": owner or SUBJECTS, "where": f"{flag} = 'Y'"})

    many = _one_or_more(value)
    if not isinstance(many, (list, tuple)) or not many:
        return many
    found = Sequence_(one(item) for item in many)
    found.item_places = getattr(many, "item_places", [])
    return found


def _start(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    owner, _, name = value.rpartition(".")
    if not owner:
        raise ValueError("write DATASET.VARIABLE, as in ADSL.TRTSDT")
    return Mapping_({"from": owner, "date": name})


Population = Annotated[tuple[RecordsOf, ...], BeforeValidator(_populations), Field(min_length=1)]
Start = Annotated[DatedRecordsOf, BeforeValidator(_start)]
Events = Annotated[tuple[EventOf, ...], Field(min_length=1)]
Assessments = Annotated[tuple[DatedRecordsOf, ...], BeforeValidator(_one_or_more)]


def check_rules(rules: tuple[CensoringRule, ...], events: Events, given: Mapping[str, object]) -> None:
    """A rule needs what it speaks of; a SpecError says what is missing. given: the parameters by name."""
    ids = [e.id for e in events]
    for rule in rules:
        needs = {
            "adequate": rule.place == "last_adequate" or rule.if_ == "no_adequate_assessment_no_event",
            "last_known": rule.place == "last_known",
            "baseline": rule.if_ == "no_baseline",
            "schedule": rule.if_ == "event_after_missed",
        }
        for name in (n for n, needed in needs.items() if needed and not given[n]):
            raise SpecError(f"The rule {rule.if_} needs '{name}', which is not given.", place=rule.at)
        for strange in (i for i in rule.applies_to if i not in ids):
            raise SpecError(
                f"The rule applies to '{strange}', which is no event.",
                place=rule.at_key("applies_to"),
                hint=f"Events: {', '.join(ids)}.",
            )
    for double in {i for i in ids if ids.count(i) > 1}:
        raise SpecError(f"Two events are named '{double}'.", place=events[ids.index(double)].at)
