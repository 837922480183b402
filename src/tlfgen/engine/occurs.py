"""What only data can tell of a condition: a literal that never occurs, an event that is never met, an
analysis set of nobody. Each is a warning: the spec is not wrong by itself, and the number that it gives is 0.

A literal is asked for where a comparison wants it to be there (`=`, `IN`, not `<>`). It stays quiet

  1. of a variable whose values are closed and known before data (a codelist, the arms, flags), or where the
     spec itself gives that value: `check` has judged the literal, and that a study has no such record is a
     fact and no fault
  2. in a list of which another value occurs
  3. as a number, unless it stands for a text (AVISITN of AVISIT, PARAMN, VISITNUM): what is measured or
     counted may be anything
  4. where the dataset has no records at all, or the variable no values

In `cases`, `cuts` and `parameters` it is a note where another of them finds its literal in the same variable:
they list what may come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from tlfgen.data.dataset import Dataset
from tlfgen.engine.kinds import Kinds
from tlfgen.engine.used import SUBJECTS, Used
from tlfgen.errors import Finding
from tlfgen.spec.condition import Condition
from tlfgen.spec.condition_tree import Column, Compare, In, Logical, Not, Number, Text, parts_of

SUBJECT, EVERYTHING = "USUBJID", "all"
RULE = "condition never met"


def never_met(used: Iterable[Used], datasets: Mapping[str, Dataset], kinds: Kinds) -> list[Finding]:
    """Warn of literals that never occur, of events that are never met and of analysis sets of nobody.

    used: the conditions of all specs (`conditions_of`).
    """
    found: list[Finding] = []
    listed = [one for one in used if one.owner in datasets]
    seen = _seen_in_cases(listed, datasets)
    for one in listed:
        found += _absent(one, datasets, kinds, seen)
        found += _without_events(one, datasets)
    adsl = datasets.get(SUBJECTS)
    for flag, spec in kinds.specs.study.analysis_sets.items():
        if adsl is not None and flag in adsl.frame.columns and not (adsl.frame[flag] == "Y").any():
            message = f"the analysis set {flag} ({spec.label}) has nobody"
            found.append(Finding("warning", "adam", SUBJECTS, RULE, message, field=flag))
    return list(dict.fromkeys(found))


def _absent(
    used: Used, datasets: Mapping[str, Dataset], kinds: Kinds, seen: set[tuple[str, str]]
) -> Iterator[Finding]:
    for owner, name, literals, there in _literals(used, datasets):
        if there or kinds.foresees(owner, name, literals):
            continue
        shown = " or ".join(f"'{v}'" if isinstance(v, str) else f"{v:g}" for v in literals)
        yield Finding(
            "note" if (used.case_of, name) in seen else "warning",
            "adam" if owner in kinds.specs.datasets else "sdtm", owner, RULE,
            f"no record has {name} {shown}, which {used.says} asks for ({used.condition.place})",
            field=name, value=str(literals[0]),
        )  # fmt: skip


def _seen_in_cases(used: Iterable[Used], datasets: Mapping[str, Dataset]) -> set[tuple[str, str]]:
    """(entry, variable) of which one case at least finds its literal."""
    return {
        (one.case_of, name)
        for one in used
        if one.case_of
        for _, name, _, there in _literals(one, datasets)
        if there
    }


def _literals(
    used: Used, datasets: Mapping[str, Dataset]
) -> Iterator[tuple[str, str, tuple[str | float, ...], bool]]:
    """(dataset, variable, literals, whether one occurs) of what a condition wants to be there."""
    for name, literals in wanted_literals(used.condition.tree):
        owner, _, bare = name.rpartition(".")
        owner = owner or _owner_of(bare, used, datasets)
        if owner not in datasets or bare not in datasets[owner].frame.columns:
            continue
        frame = datasets[owner].frame
        values = frame[bare].drop_nulls().unique()
        texts = any(isinstance(v, str) for v in literals)
        if values.len() and (texts or _stands_for_text(bare, frame)):
            yield owner, bare, literals, bool(set(values.to_list()) & set(literals))


def wanted_literals(node: Logical, wanted: bool = True) -> Iterator[tuple[str, tuple[str | float, ...]]]:
    """(column, literals) of which one must be there for a condition to be met."""
    match node:
        case Not(of):
            yield from wanted_literals(of, not wanted)
        case Compare("eq" | "ne" as sign, Column(name), Text(value) | Number(value)):
            if (sign == "eq") == wanted:
                yield name, (value,)
        case Compare("eq" | "ne" as sign, Text(value) | Number(value), Column(name)):
            if (sign == "eq") == wanted:
                yield name, (value,)
        case In(Column(name), values):
            literals = tuple(v.value for v in values if isinstance(v, (Text, Number)))
            if wanted and literals:
                yield name, literals
        case _:
            for part in parts_of(node):
                if isinstance(part, Logical):
                    yield from wanted_literals(part, wanted)


def _owner_of(name: str, used: Used, datasets: Mapping[str, Dataset]) -> str:
    beside = datasets.get(used.beside)
    own = name in datasets[used.owner].frame.columns
    return used.owner if own or beside is None or name not in beside.frame.columns else used.beside


def _stands_for_text(name: str, frame: pl.DataFrame) -> bool:
    twins = (name.removesuffix("N"), f"{name.removesuffix('N')}CD", name.removesuffix("NUM"))
    return any(t != name and t in frame.columns and frame.schema[t] == pl.String for t in twins)


def _without_events(used: Used, datasets: Mapping[str, Dataset]) -> Iterator[Finding]:
    if used.role != "event":
        return
    rows = _with_subjects(used, datasets)
    for condition in used.within:
        rows = rows.filter(_holds(condition, rows))
    if rows.height and not _holds(used.condition, rows).any():
        message = f"none of the {rows.height} records of {used.says} is an event: {used.condition.text}"
        yield Finding("warning", "adam", used.owner, RULE, f"{message} ({used.condition.place})")


def _with_subjects(used: Used, datasets: Mapping[str, Dataset]) -> pl.DataFrame:
    """The records of the population, with the variables of ADSL that the conditions name beside them."""
    frame = datasets[used.owner].frame
    names = {n for c in (used.condition, *used.within) for n in c.columns}
    adsl = datasets[SUBJECTS].frame if SUBJECTS in datasets else pl.DataFrame({SUBJECT: []})
    if used.population not in ("", EVERYTHING) and used.population in adsl.columns:
        adsl = adsl.filter(pl.col(used.population) == "Y")
        frame = frame.join(adsl.select(SUBJECT), on=SUBJECT, how="semi", maintain_order="left")
    bare = {n: n.removeprefix(f"{SUBJECTS}.") for n in names if n not in frame.columns}
    taken = [pl.col(b).alias(n) for n, b in bare.items() if b in adsl.columns]
    return frame.join(adsl.select(SUBJECT, *taken), on=SUBJECT, how="left", maintain_order="left")


def _holds(condition: Condition, frame: pl.DataFrame) -> pl.Series:
    partial = {c: "partial" for c, t in frame.schema.items() if c.endswith("DTC") and t == pl.String}
    return condition.rows(frame, partial)
