"""Footnotes that follow from what is printed: methods, denominators, what is missing, abbreviations."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from tlfgen.analysis.compare import kind_of_row
from tlfgen.analysis.comparisons import STRATA
from tlfgen.analysis.count import described
from tlfgen.analysis.names import tokens
from tlfgen.analysis.pairs import BETWEEN, compared_labels
from tlfgen.analysis.planned import PlannedComparison, planned, planned_columns
from tlfgen.analysis.prepare import LEFT_OUT, MISSING, OUTRANKED, REPEATED
from tlfgen.analysis.source import EVERYTHING, SUBJECTS
from tlfgen.analysis.table import groups_of, level_of
from tlfgen.analysis.times import EVENT_UNKNOWN
from tlfgen.analysis.unseen import NOT_JUDGED
from tlfgen.display.across import statistics_of
from tlfgen.display.cells import Seen
from tlfgen.display.heads import labels_of
from tlfgen.display.parts import Row
from tlfgen.display.results import CENSORED, Result, Results
from tlfgen.display.row_notes import RowNotes
from tlfgen.spec.marks import without_marks
from tlfgen.spec.output import RowSpec, TableSpec
from tlfgen.spec.shell import OutputShell
from tlfgen.spec.words import Words, sentence

ABBREVIATIONS = ("SD", "SE", "Q1", "Q3")


def table_footnotes(
    table: TableSpec, results: Results, rows: Sequence[Row], seen: Seen, label: Callable[[str], str]
) -> tuple[str, ...]:
    """The sentences that a table needs beside its own; none where nothing is printed.

    label: what a variable is called.
    """
    if not rows:
        return ()

    def name(row: RowSpec) -> str:
        return _bare(row) or ", ".join(label(n) for n in row.by_names) or row.id

    found = [*_percentages(table, results, seen, name), *_methods(table, results, seen)]
    found += _left_out(table, results, name)
    found += explanations(results, seen, _words(table, rows))
    return tuple(found)


def left_out_notes(results: Results, analysis: str) -> Iterator[str]:
    """Which subjects take no part in an analysis, or are counted as without the event, and how many."""
    say = results.rules.words.say
    for row in results.of(analysis, LEFT_OUT):
        count, why = row["stat_num"], level_of(row)
        if count:
            how = "counted_without" if why == EVENT_UNKNOWN else "left_out"
            yield say(how, count, who=say("subject", count), why=why) + "."


def not_estimable_note(results: Results, printed: Iterable[tuple[str, Iterable[str]]]) -> Iterator[str]:
    """What NE means in a figure, with the reasons of what it prints: (analysis, its statistics)."""
    rows = [r for analysis, statistics in printed for s in statistics for r in results.of(analysis, s)]
    without = [r for r in rows if r["stat_num"] is None and not r["stat_chr"]]
    if without:
        yield _not_estimable(results, "reasons", dict.fromkeys(r["reason"] for r in without if r["reason"]))


def explanations(results: Results, seen: Seen, words: set[str]) -> Iterator[str]:
    """What NE, a blank and abbreviations mean, each where it is printed."""
    say = results.rules.words.say
    if seen.not_estimable:
        yield _not_estimable(results, "analyses", seen.reasons)
    if seen.censored:
        yield say("censored", sign=CENSORED)
    if seen.nothing:
        yield say("blank")
    if seen.no_event:
        yield say("blank_p_value")
    words = words & {s.upper() for s in seen.statistics}  # SD may stand for stable disease
    known = [say("abbreviation", short=s, long=say(s)) for s in ABBREVIATIONS if s in words]
    if known:
        yield say("beside").join(known) + "."


def _not_estimable(results: Results, which: str, reasons: Collection[str]) -> str:
    """What NE means, with the reasons, where there are any."""
    say, sign = results.rules.words.say, results.study.conventions.not_estimable
    if not reasons:
        return say("not_estimable", sign=sign)
    return say(f"not_estimable_{which}", sign=sign, reasons=say("beside").join(reasons))


def percentile_note(results: Results, statistics: Iterable[str]) -> str:
    """The definition of the quartiles, where they are printed; the median is the same by each of them."""
    if not set(statistics) & {"q1", "q3"}:
        return ""
    definition = sentence(f"percentile_{results.study.conventions.percentile}")
    return results.rules.words.say("quartiles", definition=definition)


def not_judged(output: OutputShell, results: Results, analysis: str) -> Iterator[str]:
    """What a condition could not judge, variable by variable; without a full stop."""
    unit = "subject" if output.from_ == SUBJECTS else "record"
    say = results.rules.words.say
    for number, variable in _unjudged(results, analysis):
        yield say("not_judged", number, who=say(unit, number), variable=variable)


def _unjudged(results: Results, analysis: str) -> Iterator[tuple[float, str]]:
    return ((float(row["stat_num"]), level_of(row)) for row in results.of(analysis, NOT_JUDGED))


def outranked(words: Words, number: float, variable: str) -> str:
    """Whose rank is not known, where the worst counts; without a full stop."""
    return words.say("outranked", number, who=words.say("record", number), variable=variable)


def _bare(row: RowSpec) -> str:
    """The label of a row without the names of what its cells print first: Sex of Sex, n (%)."""
    bare, comma, last = row.label.rpartition(", ")
    printed = described(without_marks(row.cell or ""))
    return bare if comma and last and printed.startswith(last) else row.label


def _entries(table: TableSpec) -> list[RowSpec]:
    return [r for r in table.rows if isinstance(r, RowSpec)]


def _percentages(
    table: TableSpec, results: Results, seen: Seen, name: Callable[[RowSpec], str]
) -> Iterator[str]:
    said, say = table.denominator_footnote == "none", results.rules.words.say
    shares = [r for r in _entries(table) if _prints_share(r, {"pct"}, "size")]
    of_n = any("{pct}" in (r.cell or "") and not r.denominator for r in _entries(table))
    whole = any(not r.by and not r.denominator for r in shares)
    if whole and table.population == EVERYTHING:
        yield say("percent_of_records")
    of_n |= whole and table.population != EVERYTHING
    missing = [r for r in _entries(table) if _prints_missing(r) and not r.denominator]
    of_fewer = [r for r in missing if _is_of_fewer(r, table, results)]
    of_n |= any(r not in of_fewer for r in missing)
    if of_n and {"pct", "missing_pct"} & seen.statistics and not said:
        yield say("percent_of_n")
    if any(r.by and not r.denominator for r in shares) and not said:
        yield say("percent_within_level")
    if any(_prints_share(r, {"events_pct", "censored_pct"}, "n") for r in _entries(table)):
        yield say("percent_of_events")
    for row in of_fewer:
        yield say("percent_missing_within", row=name(row))
    for row in _entries(table):
        if (
            (row.count or row in shares or _prints_missing(row))
            and row.denominator
            and row.denominator_footnote != "none"
        ):
            yield say("percent_of_denominator", row=name(row), condition=row.denominator)
        if row.at_least is not None:
            which = "at_least" if _is_reached(row, table, results) else "at_least_none"
            yield say(which, row=name(row), percent=f"{row.at_least:g}")


def _is_reached(row: RowSpec, table: TableSpec, results: Results) -> bool:
    """Say whether some line of an entry has its `at_least`."""
    across = bool(table.columns.by or table.columns.sets) + bool(table.columns.of)
    least, whole = (row.at_least or 0.0) / 100 - 1e-12, across + len(row.by)
    shares = results.of(f"{table.output}.{row.id}", "pct")
    return any((r["stat_num"] or 0.0) >= least for r in shares if len(groups_of(r)) == whole)


def _prints_missing(row: RowSpec) -> bool:
    """Say whether a summary prints the percentage of subjects without a value."""
    return any("{missing_pct}" in form for form in row.cells.values())


def _is_of_fewer(row: RowSpec, table: TableSpec, results: Results) -> bool:
    """Say whether the subjects whom some line is about are fewer than the N of its column."""
    sizes = dict(results.columns(table.output))
    across = len(next(iter(sizes)))
    return any(
        found["denominator"] not in (None, sizes[groups_of(found)[:across]])
        for analysis in _analyses(table, row)
        for found in results.of(analysis, "missing_pct")
    )


def _prints_share(row: RowSpec, shares: set[str], of: str) -> bool:
    """Say whether an analysis prints one of these percentages, and not the number that they are of."""
    printed = {s for form in row.cells.values() for s in tokens(form, row.at)}
    return bool(row.do and printed & shares) and of not in printed


def _methods(table: TableSpec, results: Results, seen: Seen) -> Iterator[str]:
    words, say = results.rules.words, results.rules.words.say
    for spec in table.compare:
        kinds = {kind_of_row(row) for row in _entries(table)}
        found = [p for p in planned_columns(spec) if p.rule.kind in kinds]
        if any(s in seen.statistics for p in found for s in p.statistics):
            methods = say("beside").join(words.tell(p.method) for p in found)
            yield say("compared", label=spec.label, methods=methods, against=spec.against)
    summarised = any(r.summarise for r in _entries(table))
    percentiles = percentile_note(results, seen.statistics) if summarised else ""
    if percentiles:
        yield percentiles
    said: dict[str, None] = {}
    for row in _entries(table):
        if row.elsewhere is not None:
            name, by = _bare(row) or row.id, row.elsewhere.made_by
            said[say("results_made_elsewhere", row=name, made_by=by)] = None
        elif row.do:
            said |= dict.fromkeys(_of_analysis(row, table, results))
    yield from said


def _of_analysis(row: RowSpec, table: TableSpec, results: Results) -> Iterator[str]:
    """The sentences of an analysis and of its comparisons, as far as they are printed."""
    plan = planned(row)
    printed = [s for form in row.cells.values() for s in tokens(form, row.at)]
    levels = labels_of(table, results.columns(table.output), results.study)
    compared = plan.compares(printed)
    each = {c.spec.id: compared_labels(c.spec, table.columns, levels) for c in compared}
    yield from plan.notes(printed, each, results.rules.words)
    for c in compared:
        for found in results.of(table.analysis_of(row), f"{c.spec.id}_silent_strata"):
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
        slots = {"strata": f"{strata:.0f}", "names": names, "whose": whose}
        yield results.rules.words.say("silent_strata", silent, **slots)


def _left_out(table: TableSpec, results: Results, name: Callable[[RowSpec], str]) -> Iterator[str]:
    unit = "subject" if table.from_ == SUBJECTS else "record"
    words = results.rules.words
    say = words.say
    missing, ranked, apart = RowNotes(words, "not_shown_head"), RowNotes(words), RowNotes(words)
    repeated, unjudged = RowNotes(words, "repeated_head"), RowNotes(words, "not_judged_head")
    above = ""
    for row in _entries(table):
        analysis, who = table.analysis_of(row), name(row)
        above = _bare(row) if row.label or not row.indent else above  # whose part an indented row is
        number = results.number(analysis, MISSING)
        if number:
            counted = say(unit, number)
            alone = say("not_shown", number, who=counted)
            missing.add(who, alone, say("not_shown_part", number, who=counted))
        unknown = results.number(analysis, OUTRANKED)
        if unknown:
            by = (row.worst or table.columns.of or "").removeprefix(f"{SUBJECTS}.")
            ranked.add(who, outranked(words, unknown, by))
        for said in left_out_notes(results, analysis):
            apart.add(who, said.removesuffix("."))
        for number in dict.fromkeys(results.number(a, REPEATED) for a in _analyses(table, row)):
            if number:
                what = say("subject", number)
                repeated.add(who, say("repeated", number, who=what), what)
        for count, variable in _unjudged(results, analysis):
            slots = {"who": say(unit, count), "variable": variable}
            whole = above or who
            unjudged.add(whole, say("not_judged", count, **slots), say("not_judged_part", count, **slots))
    for notes in (missing, ranked, apart, repeated, unjudged):
        yield from notes.sentences()


def _analyses(table: TableSpec, row: RowSpec) -> list[str]:
    base = f"{table.output}.{row.id}"
    if len(row.summarise) < 2:
        return [base] if row.summarise else []
    return [f"{base}.{v.removeprefix('ADSL.')}" for v in row.summarise]


def _words(table: TableSpec, rows: Sequence[Row]) -> set[str]:
    texts = [table.stub, table.title, *table.columns.spans, *statistics_of(table), *(r.label for r in rows)]
    return set(re.findall(r"[A-Za-z0-9]+", " ".join(texts)))
