"""The limits of a file for submission (SAS transport, version 5), checked on the specs.

Source: SAS Institute, TS-140; SDTMIG 3.4, 4.2.1; ADaMIG 1.3, 3.1.1 (names of 8 characters, labels of 40).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tlfgen.data.dataset import Variable
from tlfgen.errors import Place, SpecError
from tlfgen.spec.dataset import DatasetSpec

MOST_OF_A_NAME, MOST_OF_A_LABEL = 8, 40
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,7}")
UNPRINTABLE = re.compile(r"[^ -~]")


def check_written(
    spec: DatasetSpec, label: str, variables: Iterable[Variable], places: Mapping[str, Place]
) -> None:
    """A dataset's name and label, and those of its variables, fit into the file for submission."""
    check_name(f"The dataset {spec.name}", spec.name, spec.at)
    check_label(f"The label of {spec.name}", label, spec.at_key("label"))
    for variable in variables:
        at = places.get(variable.name, spec.at)
        check_name(f"The variable {spec.name}.{variable.name}", variable.name, at)
        check_label(f"The label of {spec.name}.{variable.name}", variable.label, at)


def check_name(what: str, name: str, at: Place) -> None:
    """A name has 1 to 8 of A-Z, 0-9 and _, a letter first."""
    if NAME.fullmatch(name):
        return
    long = len(name) > MOST_OF_A_NAME
    says = f"has {len(name)} characters" if long else "is not written with A-Z, 0-9 and _, a letter first"
    hint = f"A name has at most {MOST_OF_A_NAME} characters of A-Z, 0-9 and _, a letter first."
    raise SpecError(f"{what} {says}.", place=at, hint=hint)


def check_label(what: str, label: str, at: Place) -> None:
    """A label has 1 to 40 characters, all of them ASCII."""
    odd = UNPRINTABLE.search(label)
    if not label.strip():
        says = "is blank"
    elif len(label) > MOST_OF_A_LABEL:
        says = f"has {len(label)} characters: '{label}'"
    elif odd:
        says = f"holds {odd[0]!r} (U+{ord(odd[0]):04X}): '{label}'"
    else:
        return
    hint = f"A label has at most {MOST_OF_A_LABEL} characters, all of them ASCII (SAS transport, version 5)."
    raise SpecError(f"{what} {says}.", place=at, hint=hint)
