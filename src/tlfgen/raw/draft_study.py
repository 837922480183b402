"""study.yaml drafted from forms: subject, arms, visits and cut-off as the values have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from tlfgen.raw.dates import read_layout
from tlfgen.raw.draft import Draft, DraftedForm, scalar, without_braces
from tlfgen.raw.types import trimmed
from tlfgen.spec.characters import plain_text
from tlfgen.spec.version import VERSION

ARMS = ("PLANNED_ARM", "ARM", "TRT01P", "TREATMENT", "TRTGRP", "RANDARM", "PLANNED_ARMCD", "ARMCD", "TRT")
VISITS = ("VISIT", "VISITNAM", "VISITNAME", "INSTANCE", "EVENT", "VISNAME", "AVISIT")
NUMBERS = ("VISITNUM", "VISNUM", "AVISITN")
MOST_ARMS, MOST_VISITS = 12, 60
PARTS = "[A-Za-z0-9]+-[A-Za-z0-9]+"


def draft_study(draft: Draft, name: str) -> str:
    """Draft study.yaml. What is guessed says so and asks to be corrected."""
    column = draft.subject.column
    field = next((f.names[column] for f in draft.forms if column in f.names), "") if column else ""
    field = field or "SUBJECT"
    parts = ", parts: '(?P<SITEID>[A-Za-z0-9]+)-(?P<SUBJID>[A-Za-z0-9]+)'" if has_site(draft) else ""
    lines = [
        "# Drafted from the raw files. Correct what is in capitals and what is said to be guessed;",
        "# then describe sdtm/, adam/, outputs/ and report.yaml.",
        f"study: {scalar(name)}",
        f"version: {VERSION}",
        "title: TITLE OF THE STUDY",
        f"cutoff: {_last_date(draft.forms)}   # guessed: the latest date found. CORRECT: the data cut-off",
        f'subject: {{from: {field}{parts}, USUBJID: "{name}-{{{field}}}"}}',
        "unmapped_forms: note   # forms that no domain uses yet are notes; remove this when all are mapped",
        *_arm_lines(draft.forms),
        *_visit_lines(draft.forms),
    ]
    return "\n".join(lines) + "\n"


def arm_column(form: DraftedForm) -> str | None:
    """The column of a form that names the planned arm."""
    by_name = {n.upper(): c for c, n in form.names.items()}
    return next((by_name[n] for n in ARMS if n in by_name), None)


def has_site(draft: Draft) -> bool:
    """Whether every subject's number is made of two parts, as 701-1015 is, and no field holds them."""
    column = draft.subject.column
    if column is None or {"SITEID", "SUBJID"} & {n for f in draft.forms for n in f.names.values()}:
        return False
    numbers = [f.frame[column].drop_nulls() for f in draft.forms if column in f.frame.columns]
    return bool(numbers) and all(n.str.contains(f"^(?:{PARTS})$").all() for n in numbers)


def _arm_lines(forms: Sequence[DraftedForm]) -> Iterator[str]:
    for form in forms:
        column = arm_column(form)
        words = _words(form, column) if column else []
        if column and words and len(words) <= MOST_ARMS:
            yield f"arms:   # guessed from {form.form}.{form.names[column]}. CORRECT codes, names and order"
            codes = _codes(words)
            for order, (code, word) in enumerate(zip(codes, words, strict=True), 1):
                name, said = scalar(without_braces(word)), scalar(word)
                yield f"  - {{ARMCD: {scalar(code)}, ARM: {name}, order: {order}, collected: [{said}]}}"
            return
    yield "arms:   # no column of arms was found. CORRECT"
    yield "  - {ARMCD: A, ARM: ARM A, order: 1, collected: [A]}"


def _codes(words: Sequence[str]) -> list[str]:
    """A code of its own for each arm, which is no word of another."""
    codes: list[str] = []
    for order, word in enumerate(words, 1):
        others = {_folded(w) for w in words if w != word} | {_folded(c) for c in codes}
        bare = re.sub(r"[^A-Z0-9]", "", word.upper())[:18]
        codes.append(bare if bare and _folded(bare) not in others else f"{bare or 'ARM'}{order}")
    return codes


def _folded(word: str) -> str:
    return " ".join(plain_text(word).split()).casefold()


def _visit_lines(forms: Sequence[DraftedForm]) -> Iterator[str]:
    order: dict[str, float] = {}
    sources = []
    for form in forms:
        by_name = {n.upper(): c for c, n in form.names.items()}
        column = next((by_name[n] for n in VISITS if n in by_name), None)
        if column is None or len(_words(form, column)) > MOST_VISITS:
            continue
        sources.append(f"{form.form}.{form.names[column]}")
        number = next((by_name[n] for n in NUMBERS if n in by_name), None)
        for word, place in _places(form.frame, column, number):
            if _folded(word) not in {_folded(w) for w in order}:
                order[word] = place if number else len(order) + 1.0
    if not order:
        return
    yield f"visits:   # guessed from {', '.join(sources)}. CORRECT numbers, days and windows"
    for number_, word in enumerate(sorted(order, key=lambda w: order[w]), 1):
        visit, name = scalar(without_braces(word.upper())), scalar(without_braces(word))
        yield (f"  - {{VISITNUM: {number_}, VISIT: {visit}, collected: [{scalar(word)}], analysis: {name}}}")


def _places(frame: pl.DataFrame, column: str, number: str | None) -> list[tuple[str, float]]:
    """Each visit with its number in the data, or the place where it first stands."""
    text = trimmed(frame[column]).alias("word")
    place = frame[number].cast(pl.Float64, strict=False) if number else pl.int_range(len(text), eager=True)
    rows = pl.DataFrame({"word": text, "place": place.cast(pl.Float64)}).drop_nulls()
    found = rows.group_by("word", maintain_order=True).agg(pl.col("place").min()).sort("place", "word")
    return [(str(w), float(p)) for w, p in found.iter_rows()]


def _words(form: DraftedForm, column: str) -> list[str]:
    """The different words of a column; of those that differ in case or blanks alone, the first."""
    found = sorted(str(w) for w in trimmed(form.frame[column]).drop_nulls().unique())
    return list({_folded(w): w for w in reversed(found)}.values())[::-1]


def _last_date(forms: Sequence[DraftedForm]) -> str:
    found = []
    for form in forms:
        for column, seen in form.guesses.items():
            if seen.type != "date":
                continue
            for layout in seen.layouts:
                read = read_layout(layout, "date").expr(pl.col("t"))
                days = form.frame[column].alias("t").to_frame().select(read.alias("v")).to_series()
                days = days.str.slice(0, 10).filter(days.str.len_chars() >= 10)
                found += [str(d) for d in days.drop_nulls().unique() if "1900" <= str(d)[:4] <= "2100"]
    return max(found, default="2099-12-31")
