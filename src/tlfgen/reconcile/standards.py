"""What the standard requires of the records of a domain."""

from __future__ import annotations

from collections.abc import Iterator

from tlfgen.data.standards import sdtm_domain
from tlfgen.reconcile.columns import is_adam, text
from tlfgen.reconcile.registry import Data, Found, check


@check(severity="error")
def check_required_variable(data: Data) -> Iterator[Found]:
    """Each variable that the SDTMIG requires (core Req) has a value in every record."""
    for name, frame in data.items():
        domain = None if is_adam(name) or name.startswith("SUPP") else sdtm_domain(name)
        for variable in domain.variables if domain else ():
            if variable.core != "Req" or variable.name not in frame.columns:
                continue
            rows = frame.filter(text(frame, variable.name).is_null())
            yield Found(
                name, f"{variable.name} is missing, which the SDTMIG requires", rows, (), variable.name
            )
