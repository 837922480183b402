"""An analysis as a spec asks for it: its rule, its parameters, its comparisons, what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from tlfgen.analysis.comparisons import ComparisonRule, find_comparison
from tlfgen.analysis.forms import Declared, forms_elsewhere
from tlfgen.analysis.parameters import Parameters
from tlfgen.analysis.registry import AnalysisRule, find_analysis
from tlfgen.analysis.times import of_rounded
from tlfgen.errors import Place, SpecError, unknown
from tlfgen.spec.comparison import ColumnComparisonSpec, ComparisonSpec
from tlfgen.spec.elsewhere_results import ResultsSpec
from tlfgen.spec.loader import Entry, Mapping_
from tlfgen.spec.output import RowSpec
from tlfgen.spec.words import Sentence, Words, sentence


@dataclass(frozen=True)
class PlannedComparison:
    """A comparison with its typed parameters."""

    spec: ComparisonSpec
    rule: ComparisonRule
    typed: Mapping[str, Any]

    @property
    def method(self) -> Sentence:
        """How a footnote names its method, within a sentence."""
        return self.rule.notes(**self.typed)

    @property
    def statistics(self) -> dict[str, str]:
        """The names of its statistics, with the end that each has."""
        return {self.spec.id + end: end for end in self.rule.forms}

    def declared(self, statistic: str) -> Declared:
        """How a statistic of it is shown; a limit is of its own."""
        found = self.rule.forms[self.statistics[statistic]]
        return replace(found, of=found.of.replace("*", self.spec.id))


@dataclass(frozen=True)
class Planned:
    """rule: the analysis; typed: its parameters; comparisons: in the order of the spec."""

    rule: AnalysisRule
    typed: Mapping[str, Any]
    comparisons: tuple[PlannedComparison, ...] = ()

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The statistics of each column."""
        return self.rule.statistics(**self.typed)

    @cached_property
    def statistics(self) -> tuple[str, ...]:
        """All statistics that it gives."""
        return (*self.own, *(s for c in self.comparisons for s in c.statistics))

    def compares(self, statistics: Sequence[str]) -> tuple[PlannedComparison, ...]:
        """The comparisons that give some of these statistics."""
        return tuple(c for c in self.comparisons if set(c.statistics) & set(statistics))

    def declared(self, statistic: str) -> Declared:
        """How a statistic is shown."""
        for comparison in self.comparisons:
            if statistic in comparison.statistics:
                return comparison.declared(statistic)
        return self.rule.declared(statistic)

    @property
    def rounded(self) -> Sentence | str:
        """What a sentence adds where times are rounded before the analysis."""
        return of_rounded(self.typed.get("round"))

    def notes(
        self, statistics: Sequence[str], labels: Mapping[str, Sequence[str]], words: Words
    ) -> Iterator[str]:
        """The sentences of the methods of some statistics. labels: of each comparison, those of `each`."""
        own = self.rule.notes(**self.typed)
        yield from dict.fromkeys(words.tell(own[s]) for s in statistics if s in own)
        for comparison in self.compares(statistics):
            ends = [comparison.statistics[s] for s in statistics if s in comparison.statistics]
            yield self.note(comparison, labels[comparison.spec.id], ends, words)

    def note(
        self, comparison: PlannedComparison, each: Sequence[str], ends: Sequence[str], words: Words
    ) -> str:
        """The sentence of a comparison's method. ends: of the names of what is shown."""
        said = {"each": tuple(each), "against": comparison.spec.against}
        found = comparison.rule.notes(**said, rounded=self.rounded, ends=ends, **comparison.typed)
        if comparison.rule.kind != "survival":
            found = sentence("of_pair", method=found, **said)
        note = words.tell(found)
        return note[:1].upper() + note[1:]

    def names(self, row: RowSpec) -> Iterator[tuple[str, Place]]:
        """(variable, place) of what the parameters name."""
        yield from ((n, row.at_key(p)) for p, n in self.rule.names(self.typed))
        for c in self.comparisons:
            yield from ((n, c.spec.at_key(p)) for p, n in c.rule.parameters.names(c.typed))


def planned(row: RowSpec) -> Planned:
    """Read what an entry with `do:` asks for; a SpecError names the line of what does not fit together.

    First thing wrong that applies:
      1. a method, a parameter or a value that is not known
      2. a comparison of another kind of results than the analysis gives
      3. a comparison whose id makes the name of a statistic that another has
    """
    if row.elsewhere is not None:
        return planned_elsewhere(row.elsewhere)
    rule = find_analysis(str(row.do), row.at_key("do"))
    found = Planned(rule, rule.read(row.params, row.at))
    taken = set(found.own)
    comparisons = []
    for spec in row.compare:
        method = find_comparison(spec.do, spec.at_key("do"))
        if method.kind != rule.compares:
            raise SpecError(
                f"'{spec.id}': {method.name} compares {method.kind}, and {rule.name} gives "
                f"{rule.compares or 'nothing to compare'}.",
                place=spec.at_key("do"),
            )
        one = PlannedComparison(spec, method, method.parameters.read(spec.params, spec.at))
        twice = taken & set(one.statistics)
        if twice:
            raise SpecError(
                f"compare: '{min(twice)}' is the name of two statistics.", place=spec.at_key("id")
            )
        taken |= set(one.statistics)
        comparisons.append(one)
    return Planned(rule, found.typed, tuple(comparisons))


MADE_ELSEWHERE = "made elsewhere"


def planned_elsewhere(results: ResultsSpec) -> Planned:
    """Results that were made elsewhere as an analysis that gives them: those of each column, and for each
    `each` and `against` a comparison. A SpecError names the line of a form that there is not."""
    forms, none = forms_elsewhere(results), Parameters(MADE_ELSEWHERE, Entry, {})
    pairs = {n: (s.each, s.against) for n, s in results.statistics.items() if s.against is not None}
    own = {n: form for n, form in forms.items() if n not in pairs}
    comparisons = []
    for each, against in dict.fromkeys(pairs.values()):
        of_pair = {n: forms[n] for n, pair in pairs.items() if pair == (each, against)}
        rule = ComparisonRule(MADE_ELSEWHERE, "survival", _read, none, of_pair, _read, "")
        spec = ComparisonSpec.model_construct(id="", do=MADE_ELSEWHERE, each=each, against=against)
        private = {"_place": results.at_key("statistics"), "_keys": {}}
        object.__setattr__(spec, "__pydantic_private__", private)
        comparisons.append(PlannedComparison(spec, rule, {}))
    rule_ = AnalysisRule(MADE_ELSEWHERE, _read, none, own, lambda **_: tuple(own), lambda **_: {})
    return Planned(rule_, {}, tuple(comparisons))


def _read(*_: Any, **__: Any) -> Any:
    raise NotImplementedError("results that were made elsewhere are read, not computed")


def planned_columns(spec: ColumnComparisonSpec) -> tuple[PlannedComparison, ...]:
    """Read a comparison of a table, one for each kind of row; a SpecError names the line of what is wrong.

    A parameter is given to those methods that have it; one that none has is an error.
    """
    methods = [find_comparison(name, spec.at_key("do")) for name in spec.do]
    kinds = [m.kind for m in methods]
    for method in methods:
        if method.kind == "survival":
            raise SpecError(
                f"'{spec.id}': {method.name} compares survival, which a row analyses.",
                place=spec.at_key("do"),
                hint="Write it under compare: of the row with do: kaplan_meier.",
            )
        if kinds.count(method.kind) > 1:
            said = f"'{spec.id}': two methods compare {method.kind}; one row would have two results."
            raise SpecError(said, place=spec.at_key("do"))
    known = {name for m in methods for name in m.parameters.model.model_fields}
    for key in spec.params:
        if key not in known:
            raise unknown(f"The parameter of '{spec.id}'", key, known, spec.at_key(key))
    return tuple(PlannedComparison(spec, m, m.parameters.read(_of(spec, m), spec.at)) for m in methods)


def _of(spec: ColumnComparisonSpec, method: ComparisonRule) -> Mapping[str, Any]:
    """The parameters that a method has; they keep their lines."""
    own = method.parameters.model.model_fields
    kept = Mapping_({k: v for k, v in spec.params.items() if k in own})
    kept.place, kept.key_places = spec.at, getattr(spec.params, "key_places", {})
    return kept
