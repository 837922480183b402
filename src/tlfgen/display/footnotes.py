"""Footnotes that follow from what is printed: methods, denominators, what is missing, abbreviations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tlfgen.analysis.compare import kind_of_row
from tlfgen.analysis.comparisons import STRATA
from tlfgen.analysis.names import tokens
from tlfgen.analysis.pairs import BETWEEN, compared_labels
from tlfgen.analysis.planned import PlannedComparison, planned, planned_columns
from tlfgen.analysis.prepare import LEFT_OUT, MISSING, OUTRANKED, REPEATED
from tlfgen.analysis.source import EVERYTHING, SUBJECTS
from tlfgen.analysis.table import groups_of, level_of
from tlfgen.analysis.times import EVENT_UNKNOWN
from tlfgen.analysis.unseen import NOT_JUDGED
from tlfgen.display.cells import Seen
from tlfgen.display.heads import labels_of
from tlfgen.display.parts import Row
from tlfgen.display.results import CENSORED, Result, Results
from tlfgen.display.row_notes import RowNotes
from tlfgen.spec.output import RowSpec, TableSpec
from tlfgen.spec.shell import OutputShell
from tlfgen.stats.summary import PERCENTILES

ABBREVIATIONS = {
    "SD": "standard deviation",
    "SE": "standard error",
    "Q1": "first quartile",
    "Q3": "third quartile",
}


def table_footnotes(
    table: TableSpec, results: Results, rows: Sequence[Row], seen: Seen, label: Callable[[str], str]
) -> tuple[str, ...]:
    """The sentences that a table needs beside its own; none where nothing is printed.

    label: what a variable is called.
    """
    if not rows:
        return ()

    def name(row: RowSpec) -> str:
        return row.label.removesuffix(", n (%)") or ", ".join(label(n) for n in row.by_names) or row.id

    found = [*_percentages(table, results, seen, name), *_methods(table, results, seen)]
    found += _left_out(table, results, name)
    found += explanations(results, seen, _words(table, rows))
    return tuple(found)


def left_out_notes(results: Results, analysis: str) -> Iterator[str]:
    """Which subjects take no part in an analysis, or are counted as without the event, and how many."""
    for row in results.of(analysis, LEFT_OUT):
        count = row["stat_num"]
        if count:
            verb = "is" if count == 1 else "are"
            how = "counted as without it" if level_of(row) == EVENT_UNKNOWN else "left out"
            yield f"{count_of(count, 'subject')} {level_of(row)} {verb} {how}."


def not_estimable_note(results: Results, printed: Iterable[tuple[str, Iterable[str]]]) -> Iterator[str]:
    """What NE means in a figure, with the reasons of what it prints: (analysis, its statistics)."""
    rows = [r for analysis, statistics in printed for s in statistics for r in results.of(analysis, s)]
    without = [r for r in rows if r["stat_num"] is None and not r["stat_chr"]]
    if without:
        why = "; ".join(dict.fromkeys(r["reason"] for r in without if r["reason"]))
        yield f"{results.study.conventions.not_estimable}: not estimable{f'; {why}' if why else ''}."


def explanations(results: Results, seen: Seen, words: set[str]) -> Iterator[str]:
    """What NE, a blank and abbreviations mean, each where it is printed."""
    if seen.not_estimable:
        why = f"; in the analyses: {'; '.join(seen.reasons)}" if seen.reasons else ""
        yield f"{results.study.conventions.not_estimable}: not estimable{why}."
    if seen.censored:
        yield f"{CENSORED}: censored."
    if seen.nothing:
        yield "Blank: no value to summarise."
    if seen.no_event:
        yield "Blank P value: no subject with a record on either side."
    words = words & {s.upper() for s in seen.statistics}  # SD may stand for stable disease
    known = [f"{short} = {long}" for short, long in ABBREVIATIONS.items() if short in words]
    if known:
        yield "; ".join(known) + "."


def percentile_note(results: Results, statistics: Iterable[str]) -> str:
    """The definition of the quartiles, where they are printed; the median is the same by each of them."""
    if not set(statistics) & {"q1", "q3"}:
        return ""
    return f"Quartiles by {PERCENTILES[results.study.conventions.percentile]}."


def count_of(number: float, singular: str) -> str:
    """A number with its noun."""
    return f"{number:.0f} {singular}" if number == 1 else f"{number:.0f} {singular}s"


def not_judged(output: OutputShell, results: Results, analysis: str) -> Iterator[str]:
    """What a condition could not judge, variable by variable; without a full stop."""
    unit = "subject" if output.from_ == SUBJECTS else "record"
    for number, variable in _unjudged(results, analysis):
        yield _not_judged(number, unit, variable)


def _unjudged(results: Results, analysis: str) -> Iterator[tuple[float, str]]:
    return ((float(row["stat_num"]), level_of(row)) for row in results.of(analysis, NOT_JUDGED))


def _not_judged(number: float, unit: str, variable: str) -> str:
    has = "has" if number == 1 else "have"
    return f"{count_of(number, unit)} {has} no {variable} and could not be judged"


def outranked(number: float, variable: str) -> str:
    """Whose rank is not known, where the worst counts; without a full stop."""
    whose = ("has", "its subject is") if number == 1 else ("have", "their subjects are")
    return f"{count_of(number, 'record')} {whose[0]} no {variable}; {whose[1]} counted by other records"


def _entries(table: TableSpec) -> list[RowSpec]:
    return [r for r in table.rows if isinstance(r, RowSpec)]


def _percentages(
    table: TableSpec, results: Results, seen: Seen, name: Callable[[RowSpec], str]
) -> Iterator[str]:
    said = table.denominator_footnote == "none"
    shares = [r for r in _entries(table) if _prints_share(r, {"pct"}, "size")]
    of_n = any("{pct}" in (r.cell or "") and not r.denominator for r in _entries(table))
    whole = any(not r.by and not r.denominator for r in shares)
    if whole and table.population == EVERYTHING:
        yield "Percentages are of the subjects with a record."
    of_n |= whole and table.population != EVERYTHING
    if of_n and "pct" in seen.statistics and not said:
        yield "Percentages are of the N in the column header."
    if any(r.by and not r.denominator for r in shares) and not said:
        yield "Percentages within a level are of the subjects with a record there."
    if any(_prints_share(r, {"events_pct", "censored_pct"}, "n") for r in _entries(table)):
        yield "Percentages of events are of the subjects analysed."
    for row in _entries(table):
        if (row.count or row in shares) and row.denominator and row.denominator_footnote != "none":
            yield f"{name(row)}: percentages are of the subjects with {row.denominator}."
        if row.at_least is not None:
            which = "rows with" if _is_reached(row, table, results) else "no row has"
            yield f"{name(row)}: {which} at least {row.at_least:g}% of the subjects in some column."


def _is_reached(row: RowSpec, table: TableSpec, results: Results) -> bool:
    """Say whether some line of an entry has its `at_least`."""
    across = bool(table.columns.by or table.columns.sets) + bool(table.columns.of)
    least, whole = (row.at_least or 0.0) / 100 - 1e-12, across + len(row.by)
    shares = results.of(f"{table.output}.{row.id}", "pct")
    return any((r["stat_num"] or 0.0) >= least for r in shares if len(groups_of(r)) == whole)


def _prints_share(row: RowSpec, shares: set[str], of: str) -> bool:
    """Say whether an analysis prints one of these percentages, and not the number that they are of."""
    printed = {s for form in row.cells.values() for s in tokens(form, row.at)}
    return bool(row.do and printed & shares) and of not in printed


def _methods(table: TableSpec, results: Results, seen: Seen) -> Iterator[str]:
    for spec in table.compare:
        kinds = {kind_of_row(row) for row in _entries(table)}
        found = [p for p in planned_columns(spec) if p.rule.kind in kinds]
        if any(s in seen.statistics for p in found for s in p.statistics):
            yield f"{spec.label}: {'; '.join(p.words for p in found)}, against {spec.against}."
    summarised = any(r.summarise for r in _entries(table))
    percentiles = percentile_note(results, seen.statistics) if summarised else ""
    if percentiles:
        yield percentiles
    said: dict[str, None] = {}
    for row in _entries(table):
        if row.do:
            said |= dict.fromkeys(_of_analysis(row, table, results))
    yield from said


def _of_analysis(row: RowSpec, table: TableSpec, results: Results) -> Iterator[str]:
    """The sentences of an analysis and of its comparisons, as far as they are printed."""
    plan = planned(row)
    printed = [s for form in row.cells.values() for s in tokens(form, row.at)]
    levels = labels_of(table, results.columns(table.output), results.study)
    compared = plan.compares(printed)
    each = {c.spec.id: compared_labels(c.spec, table.columns, levels) for c in compared}
    yield from plan.notes(printed, each)
    for c in compared:
        for found in results.of(f"{table.output}.{row.id}", f"{c.spec.id}_silent_strata"):
            yield from silent_strata(results, found, c, alone=len(each[c.spec.id]) == 1)


def silent_strata(
    results: Results, found: Result, comparison: PlannedComparison, *, alone: bool
) -> Iterator[str]:
    """How many strata tell nothing of a pair; nothing where all do."""
    silent = int(found["stat_num"] or 0)
    if silent:
        statistic = f"{comparison.spec.id}_strata"
        strata = results.number(found["analysis"], statistic, groups_of(found))
        names = ", ".join(n.removeprefix(f"{SUBJECTS}.") for n in comparison.typed[STRATA])
        whose = "" if alone else " for " + " against ".join(groups_of(found)[-1][1].split(BETWEEN))
        verb = "tells" if silent == 1 else "tell"
        yield (
            f"{silent} of {strata:.0f} strata by {names} {verb} nothing{whose}: no event with both groups at "
            "risk."
        )


def _left_out(table: TableSpec, results: Results, name: Callable[[RowSpec], str]) -> Iterator[str]:
    unit = "subject" if table.from_ == SUBJECTS else "record"
    missing, ranked, apart = RowNotes("Not shown"), RowNotes(), RowNotes()
    repeated, unjudged = RowNotes("More than one value in a line"), RowNotes("Could not be judged")
    above = ""
    for row in _entries(table):
        analysis, who = f"{table.output}.{row.id}", name(row)
        above = row.label if row.label or not row.indent else above  # whose part an indented row is
        number = results.number(analysis, MISSING)
        if number:
            without = f"{count_of(number, unit)} without a value"
            missing.add(who, f"{without} {'is' if number == 1 else 'are'} not shown", without)
        unknown = results.number(analysis, OUTRANKED)
        if unknown:
            by = (row.worst or table.columns.of or "").removeprefix(f"{SUBJECTS}.")
            ranked.add(who, outranked(unknown, by))
        for said in left_out_notes(results, analysis):
            apart.add(who, said.removesuffix("."))
        for number in dict.fromkeys(results.number(a, REPEATED) for a in _analyses(table, row)):
            if number:
                what = count_of(number, "subject")
                verb = "has" if number == 1 else "have"
                repeated.add(who, f"{what} {verb} more than one value in a line", what)
        for count, variable in _unjudged(results, analysis):
            beside = f"{count_of(count, unit)} without {variable}"
            whole = above.removesuffix(", n (%)") or who
            unjudged.add(whole, _not_judged(count, unit, variable), beside)
    for notes in (missing, ranked, apart, repeated, unjudged):
        yield from notes.sentences()


def _analyses(table: TableSpec, row: RowSpec) -> list[str]:
    base = f"{table.output}.{row.id}"
    if len(row.summarise) < 2:
        return [base] if row.summarise else []
    return [f"{base}.{v.removeprefix('ADSL.')}" for v in row.summarise]


def _words(table: TableSpec, rows: Sequence[Row]) -> set[str]:
    texts = [table.stub, table.title, *table.columns.spans, *(r.label for r in rows)]
    return set(re.findall(r"[A-Za-z0-9]+", " ".join(texts)))
