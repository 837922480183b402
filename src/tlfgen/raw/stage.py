"""The raw stage: every form of a study, its checks, its ledger, and the same on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tlfgen.data.dataset import LEDGER
from tlfgen.data.safe_csv import safe
from tlfgen.engine.registry import ROW
from tlfgen.errors import DataError, Finding, LedgerError, SpecError
from tlfgen.raw.checks import check_checks, check_forms, check_subjects
from tlfgen.raw.fields import Form, compile_form
from tlfgen.raw.forms import TypedForm, type_form
from tlfgen.raw.set_aside import KIND
from tlfgen.spec.pattern import named_groups
from tlfgen.spec.specs import Specs

PARTS = ("frame", "collected", "quarantined")


@dataclass(frozen=True)
class RawResult:
    """What the raw stage made. ledger: one row a form, read = used (accepted) + left_out (set aside)."""

    forms: dict[str, TypedForm]
    findings: list[Finding]
    ledger: pl.DataFrame


def check_form_specs(specs: Specs) -> dict[str, Form]:
    """Compile every form; the first thing wrong in forms/ is a SpecError. No data is touched."""
    compiled = {name: compile_form(form, specs.study, specs.codelists) for name, form in specs.forms.items()}
    for form in specs.forms.values():
        check_checks(form, specs)
    unscheduled = specs.study.unscheduled
    if unscheduled and "VISITNUM" not in named_groups(unscheduled.pattern, unscheduled.at):
        raise SpecError(
            f"The pattern of unscheduled visits has no group VISITNUM: {unscheduled.pattern}",
            place=unscheduled.at,
            hint="The group is the visit's number: 'UNSCHEDULED (?P<VISITNUM>[0-9.]+)'.",
        )
    return compiled


def run_raw(specs: Specs, folder: Path) -> RawResult:
    """Read and check every form of a study in `folder`.

    Raises SpecError before any data is read, DataError for a file that cannot be read, LedgerError where
    records are not accounted for.
    """
    compiled = check_form_specs(specs)
    read = {name: type_form(form, folder) for name, form in compiled.items()}
    findings = [f for form in read.values() for f in form.findings]
    forms, more = check_forms(read, specs)
    findings += more
    reference = specs.form_of_subjects
    if reference is not None:
        findings += check_subjects(forms, reference)
    return RawResult(forms, findings, _ledger(forms))


def _ledger(forms: Mapping[str, TypedForm]) -> pl.DataFrame:
    rows = []
    for name, form in forms.items():
        accepted, aside = form.frame.height, form.quarantined.height
        if form.read != accepted + aside or form.collected.height != accepted:
            raise LedgerError(
                f"Form {name}: {form.read} records were read, {accepted} are accepted and {aside} set aside.",
                hint="This is a fault of tlfgen: please report it.",
            )
        kinds = form.quarantined.group_by(KIND).len().sort(KIND)
        reason = "; ".join(f"{kind}: {n}" for kind, n in kinds.iter_rows())
        rows.append(("raw", name, ", ".join(form.spec.files), form.read, accepted, aside, reason, accepted))
    return pl.DataFrame(rows, schema=LEDGER, orient="row")


def write_raw(result: RawResult, folder: Path) -> None:
    """Write `forms/<form>.<part>.parquet`, and `quarantine/<form>.csv` for each form with records set aside.

    The CSV file is for people: an apostrophe keeps a text that a spreadsheet would take for a formula from
    being one. The Parquet file holds the record as it was collected.
    """
    (folder / "forms").mkdir(parents=True, exist_ok=True)
    for name, form in result.forms.items():
        for part in PARTS:
            frame: pl.DataFrame = getattr(form, part)
            frame.write_parquet(folder / "forms" / f"{name}.{part}.parquet")
        if form.quarantined.height:
            (folder / "quarantine").mkdir(exist_ok=True)
            kept = form.quarantined
            names = {ROW: "row"} if "row" not in kept.columns else {}
            safe(kept.rename(names)).write_csv(folder / "quarantine" / f"{name}.csv")


def load_raw(specs: Specs, folder: Path) -> dict[str, TypedForm]:
    """Read the forms that `write_raw` wrote; their findings stand in the stage's findings, not here."""
    forms = {}
    for name, spec in specs.forms.items():
        try:
            parts = {p: pl.read_parquet(folder / "forms" / f"{name}.{p}.parquet") for p in PARTS}
        except (OSError, pl.exceptions.PolarsError) as error:
            raise DataError(f"The typed form {name} cannot be read: {error}.", path=str(folder)) from None
        read = parts["frame"].height + parts["quarantined"].height
        forms[name] = TypedForm(spec, **parts, read=read, findings=())
    return forms
