"""Which SAS catalogue of formats belongs to a file of a form."""

from __future__ import annotations

from pathlib import Path

from tlfgen.spec.form import FormSpec
from tlfgen.spec.specs import inside

CATALOG, SAS = ".sas7bcat", (".sas7bdat", ".xpt")


def catalog_of(form: FormSpec, path: Path, folder: Path) -> Path | None:
    """Find the SAS catalogue of formats: the form's own, else one beside a SAS file."""
    if form.catalog is not None:
        return inside(folder, form.catalog, form.at)
    beside = (path.with_suffix(CATALOG), path.with_name(f"formats{CATALOG}"))
    return next((c for c in beside if c.is_file()), None) if path.suffix.lower() in SAS else None
