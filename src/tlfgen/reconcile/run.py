"""The checks run over built datasets: their settings in study.yaml, and what they find as findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from tlfgen.adam.schemas import compile_graph, kinds_of
from tlfgen.analysis.outside import outside_population
from tlfgen.analysis.used import conditions_of
from tlfgen.data.alike import MOST_ALIKE, MOST_NOTES, said_rows
from tlfgen.data.dataset import Dataset
from tlfgen.engine.occurs import never_met
from tlfgen.errors import Finding, unknown
from tlfgen.reconcile.columns import is_adam
from tlfgen.reconcile.registry import ROW, SUBJECT, Check, Found, checks
from tlfgen.spec.loader import validate
from tlfgen.spec.specs import Specs
from tlfgen.spec.study import CheckSettings, StudySpec


def check_settings(study: StudySpec) -> None:
    """Refuse settings of a check that does not exist, and parameters that it does not have."""
    known = checks()
    for name, settings in study.checks.items():
        if name not in known:
            raise unknown("The check", name, known, settings.at, more="`tlfgen list checks` shows all.")
        _parameters(known[name], settings)


def check_study(datasets: Mapping[str, Dataset], specs: Specs) -> list[Finding]:
    """All that can be found in built datasets: what the checks find, and what the specs ask of them in
    vain."""
    return [*check_data(datasets, specs.study), *check_conditions(datasets, specs)]


def check_conditions(datasets: Mapping[str, Dataset], specs: Specs) -> list[Finding]:
    """The conditions of the specs that no record meets, and subjects of a set who are not in the population
    of its output."""
    unmet = never_met(conditions_of(specs), datasets, kinds_of(specs, compile_graph(specs)))
    return [*unmet, *outside_population(specs.outputs, datasets)]


def check_data(datasets: Mapping[str, Dataset], study: StudySpec) -> list[Finding]:
    """Run every check that is not set off; one that is set off is a note with its reason."""
    data = {n: _numbered(d.frame) for n, d in datasets.items()}
    findings: list[Finding] = []
    for name, one in checks().items():
        settings = study.checks.get(name)
        if settings is not None and settings.off:
            message = f"the check is set off in study.yaml: {settings.off}"
            findings.append(Finding("note", "sdtm", "CHECKS", f"check {name}", message))
        elif one.applies(data):
            given = _parameters(one, settings) if settings is not None else {}
            for found in one.run(data, study=study, **given):
                findings += _findings(one, found)
    return findings


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The records with their numbers, and subjects as text, whatever type a spec gives them."""
    return frame.with_row_index(ROW, offset=1).cast({n: pl.String for n in frame.columns if n == SUBJECT})


def _parameters(one: Check, settings: CheckSettings) -> dict[str, object]:
    params, known = settings.params, one.parameters.model_fields
    for key in params:
        if key not in known:
            raise unknown(f"The parameter of the check '{one.id}'", key, known, settings.at_key(key))
    model: object = validate(params, one.parameters, shown=settings.at.path)
    return {key: getattr(model, key) for key in params}


def _findings(one: Check, found: Found) -> Iterator[Finding]:
    rows, field = found.rows, found.field
    if not rows.height:
        return
    severity = found.severity or one.severity
    stage = "adam" if is_adam(found.dataset) else "sdtm"
    rule = f"check {one.id}"
    most = MOST_NOTES if severity == "note" else MOST_ALIKE
    if found.together or rows.height > most:
        yield Finding(severity, stage, found.dataset, rule, _counted(found), None, None, field)
        return
    for row in rows.iter_rows(named=True):
        value = row.get(field) if field else None
        yield Finding(
            severity, stage, found.dataset, rule, found.says + _told(found, row), row.get(ROW),
            row.get(SUBJECT), field, None if value is None else str(value),
        )  # fmt: skip


def _counted(found: Found) -> str:
    """What is said of many records at once: how many, of how many subjects, and the first of them."""
    rows = found.rows
    many = f"{rows.height} record{'' if rows.height == 1 else 's'}"
    if SUBJECT not in rows.columns:
        return f"{found.says}: {many}"
    subjects = rows[SUBJECT].n_unique()
    first = rows.row(0, named=True)
    at = f"the first is row {first[ROW]} of {first[SUBJECT]}" if ROW in first else f"first {first[SUBJECT]}"
    many += f" of {subjects} subject{'' if subjects == 1 else 's'}"
    if rows.height > 1 and ROW in rows.columns:
        many += f" ({said_rows(rows[ROW].to_list())})"
    return f"{found.says}: {many}, {at}{_told(found, first)}"


def _told(found: Found, row: Mapping[str, object]) -> str:
    said = ", ".join(f"{n} {'blank' if row[n] is None else row[n]}" for n in found.told if n in row)
    return f" ({said})" if said else ""
