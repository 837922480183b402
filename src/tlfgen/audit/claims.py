"""Printed numbers against the study's own results: match or mismatch, and the method behind each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

from tlfgen.analysis.asked import Asked, asked_of_claims
from tlfgen.analysis.registry import find_analysis
from tlfgen.analysis.run import run_analysis
from tlfgen.analysis.table import find_result, parse_name
from tlfgen.audit.consistency import places
from tlfgen.display.numbers import half_up
from tlfgen.errors import Place, SpecError, unknown
from tlfgen.spec.analysis import OwnAnalysisSpec
from tlfgen.spec.claims import ClaimSpec, ClaimsSpec
from tlfgen.spec.output import RowSpec, TableSpec

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset
    from tlfgen.spec.study import StudySpec

Verdict = Literal["match", "mismatch"]
DENOMINATOR = "of"
PERCENT = ("pct", "events_pct")


@dataclass(frozen=True)
class Judged:
    """A claim with what the study gives for it.

    ours: our numbers, at the decimals printed. methods: for a claim with `vary`, what each other value of
    that parameter gives. apart: quantities that are no such number, and what they give.
    """

    claim: ClaimSpec
    ours: tuple[str, ...]
    verdict: Verdict
    methods: tuple[tuple[str, str, bool], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()

    @property
    def as_expected(self) -> bool:
        return self.verdict == self.claim.expect


class Judge:
    """Recomputes the results that claims name, from the datasets."""

    def __init__(
        self,
        outputs: Mapping[str, Any],
        data: Mapping[str, Dataset],
        study: StudySpec,
        shown: str = "",
        folder: Path = Path(),
    ) -> None:
        self.outputs, self.data, self.study, self.shown = outputs, data, study, shown
        self.folder = folder
        self.asked = Asked(everything=True)
        self._results: dict[str, pl.DataFrame] = {}

    def judge(self, spec: ClaimsSpec) -> list[Judged]:
        """Judge every claim, in order. A SpecError names a result or an output that does not exist."""
        self.asked = asked_of_claims(spec.claims)
        return [self.one(claim) for claim in spec.claims]

    def one(self, claim: ClaimSpec) -> Judged:
        """Judge one claim: it matches where each of its numbers does.

        First case that applies to a number:
          1. printed as "> x" or "< x"   ours lies on that side; one that is not estimable contradicts nothing
          2. not estimable               no match
          3. otherwise                   ours, rounded half up at the decimals printed, is the same number

        With `instead`, the claim also matches where one of those results does.
        """
        pairs = [(self._number(claim, key), says) for key, says in claim.says.items()]
        matches = all(agrees(value, says) for value, says in pairs)
        others = [(name, self._value(name, claim.at)) for name in claim.instead]
        first = next(iter(claim.says.values()))
        verdict: Verdict = "match" if matches or any(agrees(v, first) for _, v in others) else "mismatch"
        shown = [as_printed(value, says, self._empty) for value, says in pairs]
        tried = [(name, as_printed(v, first, self._empty), agrees(v, first)) for name, v in others]
        apart = [(n, as_printed(self._value(n, claim.at), first, self._empty)) for n in claim.apart]
        methods = (*tried, *(self._varied(claim) if claim.vary else ()))
        return Judged(claim, tuple(shown), verdict, methods, tuple(apart))

    @property
    def _empty(self) -> str:
        return self.study.conventions.not_estimable

    def _number(self, claim: ClaimSpec, key: str, ard: pl.DataFrame | None = None) -> float | None:
        if "." in key:
            return self._value(key, claim.at)
        analysis, bracket, groups = claim.result.partition("[")
        statistic = "n" if key == DENOMINATOR else key
        row = self._row(f"{analysis}.{statistic}{bracket}{groups}", claim.at, ard)
        value: float | None = row["denominator"] if key == DENOMINATOR else row["stat_num"]
        return 100 * value if key in PERCENT and value is not None else value

    def _value(self, name: str, at: Place) -> float | None:
        row = self._row(name, at)
        value: float | None = row["stat_num"]
        return 100 * value if row["statistic"] in PERCENT and value is not None else value

    def _row(self, name: str, at: Place, ard: pl.DataFrame | None = None) -> dict[str, Any]:
        output = parse_name(name)[0].partition(".")[0]
        return find_result(self._ard(output, at) if ard is None else ard, name, at)

    def _ard(self, output: str, at: Place) -> pl.DataFrame:
        if output not in self._results:
            if output not in self.outputs:
                raise unknown("The output", output, self.outputs, at)
            own = self.outputs[output]
            self._results[output] = run_analysis(own, self.data, self.study, self.asked, self.folder)
        return self._results[output]

    def _varied(self, claim: ClaimSpec) -> Iterator[tuple[str, str, bool]]:
        """What every value of the varied parameter gives, the stated one marked."""
        whole, row = analysis_of(claim, self.outputs)
        for value in methods_of(claim, row):
            alone = _alone(whole, row, {**row.params, claim.vary: value})
            ard = run_analysis(alone, self.data, self.study, asked_of_claims([claim]))
            pairs = [(self._number(claim, k, ard), says) for k, says in claim.says.items() if "." not in k]
            given = " to ".join(as_printed(v, s, self._empty) for v, s in pairs[-2:])
            stated = " (stated)" if value == claim.stated else ""
            yield f"{claim.vary} {value}{stated}", given, all(agrees(v, s) for v, s in pairs)


def check_claims(spec: ClaimsSpec, outputs: Mapping[str, Any]) -> None:
    """Check before data what claims name: outputs that there are, and an analysis whose method can vary."""
    for claim in spec.claims:
        whole = [f"{claim.result.partition('[')[0]}.n"] if claim.result else []
        for name in (*whole, *(k for k in claim.says if "." in k), *claim.instead, *claim.apart):
            output = _output_of(name, claim.at)
            if output not in outputs:
                raise unknown("The output", output, outputs, claim.at)
        if claim.vary:
            methods_of(claim, analysis_of(claim, outputs)[1])


def _output_of(name: str, at: Place) -> str:
    try:
        return parse_name(name)[0].partition(".")[0]
    except SpecError as error:
        raise SpecError(error.message, place=at, hint=error.hint) from None


def _alone(
    whole: TableSpec | OwnAnalysisSpec, row: RowSpec, params: dict[str, Any]
) -> TableSpec | OwnAnalysisSpec:
    """The analysis with other parameters, alone."""
    if isinstance(whole, OwnAnalysisSpec):
        other = whole.model_copy(update={"params": params})
        other.__dict__.pop("row", None)  # made from the parameters before
        return other
    return whole.model_copy(update={"rows": (row.model_copy(update={"params": params}),)})


def analysis_of(claim: ClaimSpec, outputs: Mapping[str, Any]) -> tuple[TableSpec | OwnAnalysisSpec, RowSpec]:
    """The table and the row behind a claim, or the analysis on its own; a SpecError where its method could
    not vary."""
    output, _, row_id = claim.result.partition("[")[0].partition(".")
    table = outputs.get(output)
    if isinstance(table, OwnAnalysisSpec):
        return table, table.row
    rows = table.rows if isinstance(table, TableSpec) else ()
    row = next((r for r in rows if isinstance(r, RowSpec) and r.id == row_id), None)
    if not isinstance(table, TableSpec) or row is None or row.do is None:
        raise SpecError(f"'{claim.result}' is no analysis whose method could vary.", place=claim.at)
    return table, row


def methods_of(claim: ClaimSpec, row: RowSpec) -> tuple[str, ...]:
    """The values of the parameter that a claim varies; a SpecError where the stated one is none of them."""
    values = choices(row, claim.vary, claim.at)
    if claim.stated and claim.stated not in values:
        raise unknown(f"{claim.vary} has no value", claim.stated, values, claim.at)
    return values


def choices(row: RowSpec, parameter: str, at: Place) -> tuple[str, ...]:
    """The values that a parameter of an analysis can have; a SpecError where it is no choice."""
    rule = find_analysis(str(row.do), row.at)
    field = rule.parameters.model.model_fields.get(parameter)
    values = tuple(map(str, get_args(field.annotation))) if field else ()
    if not values:
        raise SpecError(f"'{parameter}' of {row.do} is no choice between methods.", place=at)
    return values


def agrees(value: float | None, says: str) -> bool:
    """Say whether a number of ours is what was printed."""
    if says[:1] in "<>":
        bound = float(says[1:].strip())
        return value is None or (value > bound if says[0] == ">" else value < bound)
    return value is not None and half_up(value, places(says)) == Decimal(says)


def as_printed(value: float | None, says: str, empty: str) -> str:
    """A number of ours at the decimals of the print; of a bound with four."""
    if value is None:
        return empty
    return f"{half_up(value, 4 if says[:1] in '<>' else places(says))}"


def claims_frame(judged: Sequence[Judged]) -> pl.DataFrame:
    """The verdicts as a frame: id, where, printed, ours, verdict, expected, because, method."""
    rows = [
        {
            "id": j.claim.id, "where": j.claim.where, "label": j.claim.label, "printed": j.claim.printed,
            "result": j.claim.result or next(iter(j.claim.says)), "ours": "; ".join(j.ours),
            "verdict": j.verdict, "expected": j.claim.expect, "because": j.claim.because,
            "method": j.claim.method,
            "methods": "; ".join(f"{n}: {t}{' *' if ok else ''}" for n, t, ok in j.methods),
        }
        for j in judged
    ]  # fmt: skip
    return pl.DataFrame(rows)
