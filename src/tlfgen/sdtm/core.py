"""A domain against the core of its standard: what is required, and what is expected."""

from __future__ import annotations

from collections.abc import Collection

from tlfgen.data.standards import StandardDomain
from tlfgen.errors import Finding, SpecError
from tlfgen.spec.dataset import DomainSpec


def check_core(domain: DomainSpec, standard: StandardDomain | None, there: Collection[str]) -> list[Finding]:
    """Compare the variables of a domain with its standard's.

    First case that applies, for a variable of the standard that the domain has not:
      1. required                                             a SpecError
      2. the result as collected (--ORRES) of findings        a SpecError: a finding without it says nothing
      3. expected                                             named in one note of the domain
      4. otherwise                                            nothing

    An expected variable stands in the dataset also where the study does not collect it, and is null then:
    `value: ""` says so.

    Source: SDTMIG 3.4, 4.1.5 (core variables).
    """
    missing = [v for v in standard.variables if v.name not in there] if standard else []
    needed = [v.name for v in missing if v.core == "Req" or _is_result(v.name, domain, standard)]
    if needed:
        hint = f"Add {'it' if len(needed) == 1 else 'them'} to variables: (SDTMIG 3.4, core)."
        says = f"{domain.domain} has no {', '.join(needed)}, which the standard requires."
        raise SpecError(says, place=domain.at_key("variables"), hint=hint)
    expected = [v.name for v in missing if v.core == "Exp"]
    if not expected:
        return []
    says = f"expected by the standard and not there: {', '.join(expected)}"
    how = 'give each, with value: "" where the study does not collect it'
    return [Finding("note", "sdtm", domain.domain, "core", f"{says}; {how}")]


def _is_result(name: str, domain: DomainSpec, standard: StandardDomain | None) -> bool:
    findings = standard is not None and standard.class_.startswith("FINDINGS")
    return findings and name == f"{domain.domain}ORRES"
