"""Forms that no domain uses: an error of the specs, or, while a study grows, a note."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tlfgen.errors import Finding, SpecError
from tlfgen.raw.forms import TypedForm
from tlfgen.spec.specs import Specs

REASON = "no domain uses the form yet"


def unmapped(specs: Specs) -> list[str]:
    """The forms from which no domain takes its records and which no spec names as `form.NAME`."""
    taken = {s.form for d in specs.domains.values() for s in d.from_}
    texts = [t for n, t in specs.texts.items() if n == "study.yaml" or n.startswith("sdtm/")]
    named = {m.decode() for text in texts for m in re.findall(rb"\bform\.([A-Za-z]\w*)", text)}
    return [name for name in specs.forms if name not in taken | named]


def check_unmapped(specs: Specs) -> None:
    """Refuse a form that reaches no domain, where study.yaml does not take it for a note."""
    if specs.study.unmapped_forms == "note":
        return
    for name in unmapped(specs):
        raise SpecError(
            f"The form {name} reaches no domain: nothing in sdtm/ uses it.",
            place=specs.forms[name].at,
            hint="Map it in sdtm/, or leave it out of forms/. While a study grows form by form, write "
            "`unmapped_forms: note` in study.yaml.",
        )


def unmapped_notes(specs: Specs, forms: Mapping[str, TypedForm]) -> list[Finding]:
    """A note for each form that no domain uses yet, with its number of records."""
    return [
        Finding("note", "sdtm", name, "unmapped form", f"{forms[name].frame.height} records: {REASON}")
        for name in unmapped(specs)
    ]
