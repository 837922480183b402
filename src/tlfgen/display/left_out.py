"""Sentences about what an output leaves out: levels without a column, records that could not be judged."""

from __future__ import annotations

from collections.abc import Iterator

from tlfgen.analysis.pages import ON_NO_PAGE
from tlfgen.analysis.population import NARROWED, POPULATION
from tlfgen.analysis.source import SUBJECTS
from tlfgen.analysis.table import groups_of, level_of
from tlfgen.analysis.unseen import N_NOT_JUDGED, NOT_WITHIN, OPEN, STRANGER_SUBJECTS, STRANGERS, UNLISTED
from tlfgen.display.footnotes import not_judged
from tlfgen.display.output import population_label
from tlfgen.display.results import Results
from tlfgen.spec.output import ListingSpec, OutputSpec, TableSpec


def left_out(output: OutputSpec, results: Results) -> Iterator[str]:
    """What the output as a whole leaves out."""
    analysis, say = f"{output.output}.{POPULATION}", results.rules.words.say
    sets = results.study.analysis_sets
    yield from _whose_n(output, results)
    yield from _unlisted(output, results)
    for row in results.of(analysis, NOT_WITHIN):
        number = float(row["stat_num"])
        own, whole = (lower(sets[flag].label) for flag in (level_of(row), output.population))
        yield say("not_within", number, who=say("subject", number), own=own, whole=whole)
    for row in results.of(analysis, OPEN):
        number, label = float(row["stat_num"]), lower(sets[level_of(row)].label)
        yield say("set_not_judged", number, who=say("subject", number), set=label)
    for sentence in not_judged(output, results, analysis):
        yield say("not_in_output", what=sentence, kind=output.kind)
    for row in results.of(analysis, ON_NO_PAGE):
        number = float(row["stat_num"])
        yield say("on_no_page", number, who=say("record", number), variable=row["variable"])
    records = results.number(analysis, STRANGERS)
    if records:
        subjects = say("subject", results.number(analysis, STRANGER_SUBJECTS))
        slots = {"who": say("record", records), "subjects": subjects}
        if isinstance(output, ListingSpec):
            yield say("strangers_last", records, **slots)
        else:
            yield say("strangers", records, **slots, kind=output.kind)


def _whose_n(output: OutputSpec, results: Results) -> Iterator[str]:
    """Whose N a header has, where it is not that of the population and no label of the spec says so."""
    if not isinstance(output, TableSpec):
        return
    say, whole = results.rules.words.say, lower(population_label(output, results.study))
    if output.columns.n == "records" and output.columns.by:
        yield say("n_of_records", set=whole)
    for row in () if output.columns.n == "records" else results.of(f"{output.output}.{POPULATION}", NARROWED):
        yield say("n_of_condition", set=whole, condition=row["where"])
    if output.from_ == SUBJECTS or output.columns.n == "records":
        return  # the records that could not be judged are these subjects, or no N is of them
    for row in results.of(f"{output.output}.{POPULATION}", N_NOT_JUDGED):
        number = float(row["stat_num"])
        yield say("n_not_judged", number, who=say("subject", number), variable=level_of(row))


def _unlisted(output: OutputSpec, results: Results) -> Iterator[str]:
    if isinstance(output, ListingSpec):
        return
    found, say = results.of(f"{output.output}.{POPULATION}", UNLISTED), results.rules.words.say
    of = (output.columns.of or "").removeprefix(f"{SUBJECTS}.")
    arms = set(results.study.arm_order)
    for name in dict.fromkeys(groups_of(r)[0][0] for r in found):
        is_of = name == of
        has_arms = any(arms & {level for _, level in groups} for groups, _ in results.columns(output.output))
        own = [r for r in found if groups_of(r)[0][0] == name]
        stands = "only_in_total" if output.columns.total and (is_of or not of) else "in_no_column"
        more = {"total": output.columns.total} if stands == "only_in_total" else {}
        for which, rows in (
            ("without_level", [r for r in own if not groups_of(r)[0][1]]),
            ("level", [r for r in own if groups_of(r)[0][1]]),
        ):
            if not rows:
                continue
            number = sum(float(r["stat_num"]) for r in rows)
            slots = {"who": say("record" if is_of else "subject", number), **more}
            if which == "level":
                slots |= {"variable": name, "levels": ", ".join(level_of(r) for r in rows)}
            else:
                slots |= {"variable": say("an_arm") if has_arms and not is_of else name}
            yield say(f"{which}_{stands}", number, **slots)


def lower(label: str) -> str:
    """A set's label within a sentence."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
