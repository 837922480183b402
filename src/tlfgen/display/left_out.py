"""Sentences about what an output leaves out: levels without a column, records that could not be judged."""

from __future__ import annotations

from collections.abc import Iterator

from tlfgen.analysis.pages import ON_NO_PAGE
from tlfgen.analysis.population import NARROWED, POPULATION
from tlfgen.analysis.source import SUBJECTS
from tlfgen.analysis.table import groups_of, level_of
from tlfgen.analysis.unseen import N_NOT_JUDGED, NOT_WITHIN, OPEN, STRANGER_SUBJECTS, STRANGERS, UNLISTED
from tlfgen.display.footnotes import count_of, not_judged
from tlfgen.display.output import population_label
from tlfgen.display.results import Results
from tlfgen.spec.output import ListingSpec, OutputSpec, TableSpec


def verb(number: float, one: str, several: str) -> str:
    return one if number == 1 else several


def left_out(output: OutputSpec, results: Results) -> Iterator[str]:
    """What the output as a whole leaves out."""
    analysis = f"{output.output}.{POPULATION}"
    yield from _whose_n(output, results)
    yield from _unlisted(output, results)
    for row in results.of(analysis, NOT_WITHIN):
        number, sets = float(row["stat_num"]), results.study.analysis_sets
        own, whole = (lower(sets[flag].label) for flag in (level_of(row), output.population))
        who = f"{count_of(number, 'subject')} of the {own}"
        yield f"{who} {verb(number, 'is', 'are')} not in the {whole}."
    for row in results.of(analysis, OPEN):
        number, label = float(row["stat_num"]), results.study.analysis_sets[level_of(row)].label
        who = f"{count_of(number, 'subject')} of whom it cannot be judged {verb(number, 'is', 'are')} not in"
        yield f"{who} the {lower(label)}."
    for sentence in not_judged(output, results, analysis):
        yield f"{sentence}: not in this {output.kind}."
    for row in results.of(analysis, ON_NO_PAGE):
        number = float(row["stat_num"])
        what = f"{count_of(number, 'record')} without {row['variable']}"
        yield f"{what} {verb(number, 'is', 'are')} on no page."
    records = results.number(analysis, STRANGERS)
    if records:
        subjects = results.number(analysis, STRANGER_SUBJECTS)
        who = f"{count_of(records, 'record')} of {count_of(subjects, 'subject')} without a record in ADSL"
        last = "stands last" if records == 1 else "stand last"
        where = (
            last
            if isinstance(output, ListingSpec)
            else f"{verb(records, 'is', 'are')} not in this {output.kind}"
        )
        yield f"{who} {where}."


def _whose_n(output: OutputSpec, results: Results) -> Iterator[str]:
    """Whose N a header has, where it is not that of the population and no label of the spec says so."""
    if not isinstance(output, TableSpec):
        return
    whole = lower(population_label(output, results.study))
    if output.columns.n == "records" and output.columns.by:
        yield f"N: the subjects of the {whole} with a record."
    for row in () if output.columns.n == "records" else results.of(f"{output.output}.{POPULATION}", NARROWED):
        yield f"N: the subjects of the {whole} with {row['where']}."
    if output.from_ == SUBJECTS or output.columns.n == "records":
        return  # the records that could not be judged are these subjects, or no N is of them
    for row in results.of(f"{output.output}.{POPULATION}", N_NOT_JUDGED):
        number = float(row["stat_num"])
        who = f"{count_of(number, 'subject')} {verb(number, 'has', 'have')} no {level_of(row)}"
        yield f"{who} and could not be judged: not in N."


def _unlisted(output: OutputSpec, results: Results) -> Iterator[str]:
    if isinstance(output, ListingSpec):
        return
    found = results.of(f"{output.output}.{POPULATION}", UNLISTED)
    of = (output.columns.of or "").removeprefix(f"{SUBJECTS}.")
    arms = set(results.study.arm_order)
    for name in dict.fromkeys(groups_of(r)[0][0] for r in found):
        is_of = name == of
        has_arms = any(arms & {level for _, level in groups} for groups, _ in results.columns(output.output))
        lacking = "an arm" if has_arms and not is_of else name
        has_total = output.columns.total and (is_of or not of)
        for of_level, rows in (
            (False, [r for r in found if groups_of(r)[0][0] == name and not groups_of(r)[0][1]]),
            (True, [r for r in found if groups_of(r)[0][0] == name and groups_of(r)[0][1]]),
        ):
            if not rows:
                continue
            number = sum(float(r["stat_num"]) for r in rows)
            levels = ", ".join(level_of(r) for r in rows)
            who = f"of {name} {levels}" if of_level else f"without {lacking}"
            alone = f"{verb(number, 'stands', 'stand')} only under {output.columns.total}"
            where = alone if has_total else f"{verb(number, 'is', 'are')} in none of the columns"
            yield f"{count_of(number, 'record' if is_of else 'subject')} {who} {where}."


def lower(label: str) -> str:
    """A set's label within a sentence."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
