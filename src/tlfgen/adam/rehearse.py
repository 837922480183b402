"""The specs carried out on no record: what the build would refuse for the specs alone is found at check."""

from __future__ import annotations

from tlfgen.adam.build import run_adam
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.engine.plan import Schema, filled_names
from tlfgen.raw.forms import TypedForm, no_records
from tlfgen.raw.stage import check_form_specs
from tlfgen.sdtm.build import run_sdtm
from tlfgen.spec.specs import Specs


def rehearse(specs: Specs) -> dict[str, Schema]:
    """Run SDTM and ADaM with forms that have no record; give the variables that each dataset ends with.

    Every rule is called with its parameters, every variable is filled and typed, and every dataset is
    finished: an unknown group of a codelist, a variable that needs itself, a key that is not there or a name
    that XPT cannot hold is a SpecError with its line, before any data are read."""
    forms: dict[str, TypedForm] = {name: no_records(form) for name, form in check_form_specs(specs).items()}
    sdtm = run_sdtm(specs, forms, read_dictionaries(specs)).datasets
    finished = {**sdtm, **run_adam(specs, sdtm).datasets}
    helpers = {
        name: frozenset(n for e in spec.variables if not e.keep for n in filled_names(e))
        for name, spec in (*specs.domains.items(), *specs.datasets.items())
    }
    none: frozenset[str] = frozenset()
    return {
        name: Schema(name, set(dataset.frame.columns), helpers=helpers.get(name, none))
        for name, dataset in finished.items()
    }
