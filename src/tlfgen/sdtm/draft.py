"""Domains drafted from forms whose columns bear the names of the standard, or CDASH's for dates and times."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tlfgen.data.standards import StandardDomain, sdtm_domain
from tlfgen.raw.draft import Draft, DraftedForm
from tlfgen.raw.draft_study import arm_column, has_site

NOT_KNOWN = "NOT KNOWN"
GIVEN = frozenset({"STUDYID", "DOMAIN", "USUBJID"})
DERIVED = ("SEQ", "DY", "STRESN", "STRESC")
OF_ARMS = frozenset({"ARM", "ARMCD", "ACTARM", "ACTARMCD", "ARMNRS", "ACTARMUD"})
NUMBERS, NUMBERS_OF_FORMS = frozenset({"integer", "float"}), frozenset({"integer", "number"})
DATE = re.compile(r"^(?P<stem>[A-Z]{2,6})DAT$")  # CDASH: AESTDAT and AESTTIM make AESTDTC


def draft_domains(draft: Draft) -> tuple[dict[str, str], tuple[str, ...]]:
    """Draft `sdtm/<domain>.yaml` for each form that can be mapped by its names; say which could not.

    First case that applies:
      1. the form's name is no domain of the standard                      a note
      2. no column bears the name of the domain's topic (AETERM, EXTRT)    a note
      3. otherwise a domain; a required variable without a column is 'NOT KNOWN', with a note
    """
    texts: dict[str, str] = {}
    notes: list[str] = []
    for form in draft.forms:
        standard = sdtm_domain(form.form)
        if standard is None:
            notes.append(f"form {form.form} is mapped to no domain: its name is none of SDTM's.")
            continue
        lacking = [t for t in _topics(standard) if t not in form.names.values()]
        if lacking:
            notes.append(f"form {form.form} is mapped to no domain: it has no column {', '.join(lacking)}.")
            continue
        path = f"sdtm/{form.form.lower()}.yaml"
        lines, unknown = _domain(form, standard, draft)
        texts[path] = "\n".join(lines) + "\n"
        notes += [
            f"{path}: {name} is left out: {name} of the form is no number."
            for name in _unlike(form, standard)
        ]
        if unknown:
            notes.append(f"{path}: no column for {', '.join(unknown)}, set to '{NOT_KNOWN}'.")
    return texts, tuple(notes)


def _unlike(form: DraftedForm, standard: StandardDomain) -> list[str]:
    """The numeric variables whose column holds something else."""
    types = {name: form.guesses[column].type for column, name in form.names.items()}
    numeric = (v.name for v in standard.variables if v.type in NUMBERS and not v.name.endswith(DERIVED))
    return [n for n in numeric if n in types and types[n] not in NUMBERS_OF_FORMS]


def _topics(standard: StandardDomain) -> list[str]:
    """What a record of the domain is about, and for a finding its result."""
    prefix = standard.name
    names = [v.name for v in standard.variables]
    if standard.class_.upper() == "FINDINGS":
        return [f"{prefix}TESTCD", f"{prefix}TEST", f"{prefix}ORRES"]
    return [n for n in (f"{prefix}TERM", f"{prefix}TRT") if n in names]


def _domain(form: DraftedForm, standard: StandardDomain, draft: Draft) -> tuple[list[str], list[str]]:
    """The lines of a domain, and the required variables that no column fills."""
    number = f"{standard.name}SEQ"
    own = [*_entries(form, standard)]
    keys = ["STUDYID", "USUBJID"]
    if number in standard.by_name:
        own.insert(0, (number, "derive: sequence"))
        keys.append(number)
    if standard.name == "DM":
        own += _of_demography(form, {n for n, _ in own}, sites=has_site(draft))
    there = {name for name, _ in own} | GIVEN
    unknown = [v.name for v in standard.variables if v.core == "Req" and v.name not in there]
    lines = [f"domain: {standard.name}", f"from: {form.form}   # drafted: each line to be confirmed"]
    lines += [f"keys: [{', '.join(keys)}]", "variables:"]
    lines += [f"  - {{name: {name}, {rule}}}" for name, rule in own]
    lines += [f"  - {{name: {n}, value: {NOT_KNOWN}}}   # CORRECT: required by SDTMIG 3.4" for n in unknown]
    return lines, unknown


def _of_demography(form: DraftedForm, there: set[str], *, sites: bool) -> Iterator[tuple[str, str]]:
    """The subject's number within the study, its site and its arm."""
    if sites:
        yield from (("SITEID", "from: SITEID"), ("SUBJID", "from: SUBJID"))
    elif form.subject and "SUBJID" not in there:
        yield "SUBJID", f"from: {form.names[form.subject]}"
    column = arm_column(form)
    if column is not None:
        yield "ARMCD", f"derive: arm, of: form.{form.form}.{form.names[column]}, arm_to: ARM"


def _entries(form: DraftedForm, standard: StandardDomain) -> Iterator[tuple[str, str]]:
    """Variable and rule for each column that bears the variable's name, or CDASH's name of a date."""
    known = {v.name for v in standard.variables} - GIVEN - OF_ARMS
    fields = set(form.names.values())
    unlike = set(_unlike(form, standard))
    dates = {}
    for name in fields:
        found = DATE.match(name)
        if found and f"{found['stem']}DTC" in known and f"{found['stem']}DTC" not in fields:
            time = f"{found['stem']}TIM"
            rule = f"date: {name}" + (f", time: {time}" if time in fields else "")
            dates[f"{found['stem']}DTC"] = rule if time in fields else f"from: {name}"
    for variable in standard.variables:
        if variable.name in dates:
            yield variable.name, dates[variable.name]
        elif variable.name in fields & known - unlike and not variable.name.endswith(DERIVED):
            yield variable.name, f"from: {variable.name}"
