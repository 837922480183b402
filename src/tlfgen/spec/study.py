"""The model of study.yaml: identity, arms, visits, analysis sets, conventions."""

from __future__ import annotations

import datetime
import re
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SkipValidation, field_validator, model_validator

from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.form import Texts
from tlfgen.spec.loader import Decimals, Entry, Number, split_params
from tlfgen.spec.pattern import named_groups
from tlfgen.spec.usual import PERCENTILE
from tlfgen.spec.version import VERSION


def _iso_date(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            raise ValueError("a date is written YYYY-MM-DD")
        return datetime.date.fromisoformat(value)
    return value


IsoDay = Annotated[datetime.date, BeforeValidator(_iso_date)]


class SubjectSpec(Entry):
    """How a subject is identified. `from`: the field of every form; parts: a pattern with named groups;
    USUBJID: a template over the field and its parts."""

    from_: str = Field(alias="from")
    parts: str | None = None
    USUBJID: str

    @property
    def pattern(self) -> str:
        return self.parts or f"(?P<{self.from_}>.+)"

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The names of the parts, in their order; a SpecError where the pattern cannot be read."""
        return named_groups(self.pattern, self.at)


class ArmSpec(Entry):
    ARMCD: str
    ARM: str
    order: Number
    collected: Texts = ()


class NotAssignedSpec(Entry):
    collected: Texts
    ARMNRS: str


class ReasonSpec(Entry):
    where: str
    says: str

    @cached_property
    def condition(self) -> Condition:
        return parse_condition(self.where, self.at_key("where"))


class AnalysisSetSpec(Entry):
    """A flag of ADSL. reason: why a subject is not in the set, one text or the first case that applies."""

    label: str
    where: str
    definition: str = ""
    reason: str | tuple[ReasonSpec, ...] = ()

    @cached_property
    def condition(self) -> Condition:
        return parse_condition(self.where, self.at_key("where"))


class VisitSpec(Entry):
    """A planned visit. window: the days an analysis takes as this visit. analysis: "none" keeps it out of
    tables."""

    VISITNUM: float
    VISIT: str
    day: Number | None = None
    window: tuple[Number, Number] | None = None
    collected: Texts = ()
    analysis: str | None = None

    @property
    def analysed(self) -> str | None:
        """The analysis visit's name; None where it is not analysed."""
        return None if self.analysis == "none" else (self.analysis or self.VISIT)


class UnscheduledSpec(Entry):
    """pattern: a visit name that is no planned one; its group VISITNUM is the number."""

    pattern: str


class ElementSpec(Entry):
    """An element of the trial design. starts: date columns of which the earliest begins it for a subject;
    days_after: how many days after that; ends: of which the latest ends the last element. rule: the start
    rule in words (TESTRL); end_rule: TEENRL."""

    ETCD: str
    ELEMENT: str
    EPOCH: str
    starts: Texts
    ends: Texts = ()
    rule: str
    end_rule: str = ""
    arms: Texts = ()
    days_after: Number = 0


class DictionarySpec(Entry):
    """A coding dictionary: a file of the study's or by path, or the terms as they were collected."""

    name: str
    version: str = ""
    file: str | None = None
    key: str | None = None
    as_collected: bool = False


class PercentSpec(Entry):
    """zero "count": 0 prints without a percentage. hundred: how 100 prints ("100" or "100.0")."""

    decimals: Decimals = 1
    zero: Literal["count", "percent"] = "count"
    hundred: Literal["plain", "decimals"] = "decimals"


class ConventionsSpec(Entry):
    """How numbers are made. family: whose defaults. decimals: added to the collected decimals, by
    statistic."""

    family: Literal["sas"] = "sas"
    month_days: float = 30.4375
    percentile: Literal[2, 6, 7] = PERCENTILE
    rounding: Literal["half_up"] = "half_up"
    percent: PercentSpec = PercentSpec()
    decimals: dict[str, Annotated[int, Field(ge=-9, le=9)]] = {}
    not_estimable: str = "NE"

    def extra_decimals(self, statistic: str, limit_of: str = "") -> int:
        """Decimals beyond the collected ones; min and max as collected, mean and quartiles +1, SD and SE
        +2; another limit of a statistic as what it limits."""
        usual = {"mean": 1, "sd": 2, "se": 2, "median": 1, "q1": 1, "q3": 1, "min": 0, "max": 0}
        named = statistic if statistic in usual else limit_of
        return self.decimals.get(named, usual.get(named, 0))

    @field_validator("percentile", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return int(value) if isinstance(value, str) and value.isdigit() else value


class TrialSummarySpec(Entry):
    TSPARMCD: str
    TSVAL: str | None = None
    TSVALNF: str | None = None
    TSVALCD: str | None = None
    TSVCDREF: str | None = None
    TSVCDVER: str | None = None
    TSPARM: str | None = None


class CriterionSpec(Entry):
    """A criterion of eligibility, in SDTM's words (TI). IETEST: the criterion in at most 200 characters."""

    IETESTCD: str = Field(max_length=8)
    IETEST: str = Field(max_length=200)
    IECAT: Literal["INCLUSION", "EXCLUSION"]
    IESCAT: str | None = None
    TIRL: str | None = None
    TIVERS: str | None = None


Duration = Annotated[str, Field(pattern=r"^P(\d+[YMWD])+$")]


class DiseaseAssessmentSpec(Entry):
    """A schedule of disease assessments, in SDTM's words (TD).

    TDANCVAR: the date that anchors it. TDSTOFF: how long after that it starts. TDTGTPAI, TDMINPAI, TDMAXPAI:
    the planned, the shortest and the longest interval, as ISO 8601 durations. TDNUMRPT: at most how many
    assessments.
    """

    TDANCVAR: str
    TDSTOFF: Duration = "P0D"
    TDTGTPAI: Duration
    TDMINPAI: Duration
    TDMAXPAI: Duration
    TDNUMRPT: int = Field(ge=1)


class CheckSettings(Entry):
    """What a study says of a built-in check. off: the reason why it is not run; else its parameters."""

    off: str = ""
    params: Annotated[dict[str, Any], SkipValidation] = {}  # as read: its keys know their lines

    @model_validator(mode="before")
    @classmethod
    def _apart(cls, data: Any) -> Any:
        return split_params(data, ("off",)) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _one_or_other(self) -> CheckSettings:
        if bool(self.off) == bool(self.params):
            raise ValueError('a check takes parameters, or off: "the reason"')
        return self


class StandardsSpec(Entry):
    SDTMIG: str = "3.4"
    ADaMIG: str = "1.3"
    define: str = "2.1"
    terminology: str = "2025-03-28"


class StudySpec(Entry):
    """A study's identity and the facts that every stage shares. facts: further lines of the cover.

    version: of the grammar that the specs are written in.
    missing: texts of the raw files that say that nothing is there.
    unmapped_forms: what a form is that no domain uses, an error, or a note while a study grows form by form.
    dictionary_folders: absolute folders outside the study from which dictionaries may be read.
    """

    study: str
    version: int = VERSION
    title: str
    notice: str = ""
    start: Literal["raw"] = "raw"
    standards: StandardsSpec = StandardsSpec()
    dictionaries: dict[str, DictionarySpec] = {}
    dictionary_folders: Texts = ()
    unmapped_forms: Literal["error", "note"] = "error"
    cutoff: IsoDay
    subject: SubjectSpec
    facts: dict[str, str] = {}
    arms: tuple[ArmSpec, ...]
    not_assigned: tuple[NotAssignedSpec, ...] = ()
    analysis_sets: dict[str, AnalysisSetSpec] = {}
    visits: tuple[VisitSpec, ...] = ()
    unscheduled: UnscheduledSpec | None = None
    elements: tuple[ElementSpec, ...] = ()
    trial_summary: tuple[TrialSummarySpec, ...] = ()
    eligibility: tuple[CriterionSpec, ...] = ()
    disease_assessments: tuple[DiseaseAssessmentSpec, ...] = ()
    conventions: ConventionsSpec = ConventionsSpec()
    not_collected: dict[str, str] = {}
    missing: Texts = ()
    checks: dict[str, CheckSettings] = {}
    terminology: str | None = None

    @property
    def arm_order(self) -> tuple[str, ...]:
        """The arms' names in order."""
        return tuple(a.ARM for a in sorted(self.arms, key=lambda a: a.order))


def reason_name(flag: str) -> str:
    """The variable that says why a subject is not in a set: SAFFL -> SAFRSN."""
    return flag.removesuffix("FL")[:5] + "RSN"
