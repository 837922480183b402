"""The work of the steps from raw files to datasets, and of those that look for faults in them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tlfgen.checks import check_specs
from tlfgen.errors import Finding
from tlfgen.run.at import At

if TYPE_CHECKING:
    from tlfgen.engine.finish import StageResult

STAGES = ("raw", "sdtm", "adam")
CHECKS = ("checks", "conditions", "characters", "texts", "agreement")


def specs(at: At, folder: Path) -> None:
    """Check every spec; before data are read."""
    check_specs(at.inputs.specs)


def raw(at: At, folder: Path) -> None:
    from tlfgen.raw.stage import run_raw, write_raw

    result = run_raw(at.inputs.specs, at.inputs.raw)
    write_raw(result, folder)
    _write_findings(result.findings, folder)
    result.ledger.write_parquet(folder / "ledger.parquet")


def sdtm(at: At, folder: Path) -> None:
    from tlfgen.data.dictionary import read_dictionaries
    from tlfgen.raw.stage import load_raw
    from tlfgen.sdtm.build import run_sdtm

    specs = at.inputs.specs
    forms = load_raw(specs, at.folders["raw"])
    _write_stage(run_sdtm(specs, forms, read_dictionaries(specs)), folder, "sdtm")


def adam(at: At, folder: Path) -> None:
    from tlfgen.adam.build import run_adam

    _write_stage(run_adam(at.inputs.specs, at.data()), folder, "adam")


def _write_stage(result: StageResult, folder: Path, stage: str) -> None:
    import polars as pl

    from tlfgen.data.store import write_dataset, write_transport
    from tlfgen.run.digests import write_digests

    findings = list(result.findings)
    for dataset in result.datasets.values():
        write_dataset(dataset, folder / "data")
        findings += write_transport(dataset, folder / "data", stage)
        for name, table in (("lineage", result.lineage), ("decisions", result.decisions)):
            own = table.filter(pl.col("dataset") == dataset.name).cast({pl.Categorical: pl.String})
            if own.height:
                (folder / name).mkdir(exist_ok=True)
                own.write_parquet(folder / name / f"{dataset.name.lower()}.parquet")
    write_digests(folder)
    _write_findings(findings, folder)
    result.ledger.write_parquet(folder / "ledger.parquet")


def _write_findings(findings: Iterable[Finding], folder: Path) -> None:
    from tlfgen.audit.record import findings_frame

    findings_frame(findings).write_parquet(folder / "findings.parquet")


def checks(at: At, folder: Path) -> None:
    """What built datasets tell of each other."""
    from tlfgen.reconcile.run import check_data

    _write_findings(check_data(at.data(), at.inputs.specs.study), folder)


def conditions(at: At, folder: Path) -> None:
    """The conditions of specs that no record meets."""
    from tlfgen.reconcile.run import check_conditions

    _write_findings(check_conditions(at.data(), at.inputs.specs), folder)


def characters(at: At, folder: Path) -> None:
    """The characters of datasets that no font of the theme has."""
    from tlfgen.document.unprintable import unprintable

    _write_findings(unprintable(at.data(), at.inputs.theme), folder)


def texts(at: At, folder: Path) -> None:
    """The same of the specs that are printed."""
    from tlfgen.document.unprintable import unprintable_specs

    _write_findings(unprintable_specs(at.inputs.specs.printed, at.inputs.theme), folder)


def agreement(at: At, folder: Path) -> None:
    """Whether figures and tables say the same."""
    from tlfgen.analysis.agree import disagreements

    made = [n.removeprefix("ard-") for n in at.folders if n.startswith("ard-")]
    outputs = {i: o for i, o in at.inputs.specs.outputs.items() if o.kind == "figure"}
    _write_findings(disagreements(outputs, {i: at.results(i) for i in made}), folder)


def audit(at: At, folder: Path) -> None:
    """Every finding and the ledger in one place."""
    from tlfgen.audit.record import write_audit
    from tlfgen.run.digests import write_digests

    of_stages, of_checks = ([at.folders[n] for n in names] for names in (STAGES, CHECKS))
    write_audit(of_stages, of_checks, folder)
    write_digests(folder)
