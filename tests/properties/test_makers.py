"""What every registered rule that makes records promises: made for each group of subjects apart, they are the
records of all at once, with the same sources and findings. Rules of scope "study" make no subject's records.

The examples are the entries of `records` of the bundled study, and MORE on its datasets. A rule without one
fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tlfgen.adam.build import run_adam, sdtm_table, with_supplements
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.engine.make import Group, make_group
from tlfgen.engine.registry import find_rule, rules
from tlfgen.engine.table import Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import Finding
from tlfgen.raw.stage import run_raw
from tlfgen.sdtm.build import form_table, run_sdtm
from tlfgen.spec.dataset import RecordsSpec
from tlfgen.spec.specs import Specs
from tlfgen.study import Study

PROJECT = Path(__file__).parents[2]
SUBJECT = "USUBJID"
Tables = dict[str, Table]
MORE: dict[str, dict[str, Any]] = {
    "computed_parameter": {
        "of": "ADVS.AVAL", "parts": {"SYSBP": "PARAMCD = 'SYSBP'", "DIABP": "PARAMCD = 'DIABP'"},
        "compute": "(SYSBP + 2 * DIABP) / 3", "by": ["AVISIT", "ADT"],
    },
    "summary_records": {"of": "ADVS.AVAL", "by": ["PARAMCD", "AVISIT"], "statistic": "mean"},
    "extreme_records": {
        "of": "ADLB.AVAL", "by": "PARAMCD", "order": ["AVAL", "ADT"], "take": "last", "keep": "AVISIT",
    },
    "carried_forward": {"of": "ADVS.AVAL", "by": "PARAMCD", "visit": "AVISIT", "number": "AVISITN"},
    "expected_records": {
        "subjects": "ADSL.TRTSDT", "parameters": [{"PARAMCD": "PULSE", "PARAM": "Pulse (beats/min)"}],
        "parameter": "ADVS.PARAMCD", "visit": "ADVS.AVISIT", "number": "ADVS.AVISITN",
    },
    "joined_records": {
        "of": "ADRS.AVALC", "date": "ADT", "first": "PARAMCD = 'OVR'", "later": "PARAMCD = 'OVR'",
        "between": "later.AVALC = AVALC", "min_days": 28,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def built() -> tuple[Specs, Tables]:
    """The bundled study with every form, domain and dataset as a table."""
    specs = Study.open("pyrotinib-mcrc", root=PROJECT).specs
    for entry in (e for d in specs.datasets.values() for e in d.variables if not e.keep):
        object.__setattr__(
            entry, "keep", True
        )  # rules read helpers too, and the tables here are finished ones
        object.__setattr__(entry, "label", entry.name)
    forms = run_raw(specs, PROJECT / "specs" / "pyrotinib-mcrc" / "raw").forms
    sdtm = run_sdtm(specs, forms, read_dictionaries(specs)).datasets
    adam = run_adam(specs, sdtm).datasets
    tables = {f"form.{n}": form_table(n, f) for n, f in forms.items()}
    whole = {**with_supplements(sdtm, specs), **adam}
    return specs, tables | {n: sdtm_table(n, d) for n, d in whole.items()}


def entries(specs: Specs) -> Iterator[tuple[str, RecordsSpec]]:
    for spec in (*specs.domains.values(), *specs.datasets.values()):
        yield from ((spec.name, record) for record in spec.records)
    for rule, parameters in MORE.items():
        yield "ADVS", RecordsSpec.model_validate({"derive": rule, **parameters})


def made(specs: Specs, tables: Tables, dataset: str, record: RecordsSpec) -> tuple[Group, list[Finding]]:
    workspace = Workspace("adam", specs.study, specs.codelists, {n: replace(t) for n, t in tables.items()})
    return make_group(workspace, dataset, record, after=0), workspace.findings


def of_subjects(tables: Tables, subjects: pl.Series) -> Tables:
    """The tables with the records of these subjects; those of the design are whole."""
    chosen = pl.col(SUBJECT).is_in(subjects.implode())
    return {
        n: replace(t, frame=t.frame.filter(chosen)) if SUBJECT in t.frame.columns else t
        for n, t in tables.items()
    }


def shown(group: Group, findings: list[Finding]) -> tuple[list[str], list[str], list[str]]:
    """Records, (subject, source) and findings, in one order."""
    names = group.frame.select("#row", pl.col(SUBJECT))
    sources = group.sources.join(names, left_on="row", right_on="#row").drop("row")
    records = group.frame.drop("#row")
    return (
        sorted(str(r) for r in records.select(sorted(records.columns)).rows()),
        sorted(str(r) for r in sources.rows()),
        sorted(str(f) for f in findings if f.subject is not None),
    )


def test_every_rule_that_makes_records_of_subjects_has_an_example(built: tuple[Specs, Tables]) -> None:
    used = {record.derive for _, record in entries(built[0])}
    wanted = {n for n, r in rules().items() if r.makes_records and r.scope == "subject"}
    assert wanted <= used


@pytest.mark.parametrize("parts", [2, 5])
def test_made_for_groups_of_subjects_apart_is_made_at_once(built: tuple[Specs, Tables], parts: int) -> None:
    specs, tables = built
    named = [t.frame[SUBJECT] for t in tables.values() if SUBJECT in t.frame.columns]
    people = pl.concat(named).drop_nulls().unique().sort()  # a form may name one that no other does
    shares = [people.gather_every(parts, offset) for offset in range(parts)]
    for dataset, record in entries(specs):
        if find_rule(record.derive, record.at, makes_records=True).scope == "study":
            continue
        whole = shown(*made(specs, tables, dataset, record))
        apart = [shown(*made(specs, of_subjects(tables, s), dataset, record)) for s in shares]
        joined = tuple(sorted(line for part in apart for line in part[i]) for i in range(3))
        assert whole[0] and joined == whole, f"{dataset}: {record.derive} {record.set}"


def test_rules_of_the_study_make_no_records_of_subjects(built: tuple[Specs, Tables]) -> None:
    specs, tables = built
    of_study = [
        (d, r) for d, r in entries(specs) if find_rule(r.derive, r.at, makes_records=True).scope == "study"
    ]
    assert of_study
    for dataset, record in of_study:
        frame = made(specs, tables, dataset, record)[0].frame
        assert SUBJECT not in frame.columns or frame[SUBJECT].null_count() == frame.height
