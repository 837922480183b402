"""Which statistics of analyses are asked for: by cells, by texts and by claims. Nothing else is computed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tlfgen.spec.claims import ClaimSpec
from tlfgen.spec.output import RowSpec
from tlfgen.spec.specs import Specs

NAMED = re.compile(r"(?<![\w.-])([A-Za-z0-9][\w-]*)\.(?:([A-Za-z0-9][\w-]*)(?:\.(\w+))?)?")
ANY, DENOMINATOR = "", "of"


@dataclass(frozen=True)
class Asked:
    """names: (output, row, statistic) named outside of cells; ANY row or statistic stands for each of them.
    everything: no result is left out."""

    names: frozenset[tuple[str, str, str]] = frozenset()
    everything: bool = False

    def of_row(self, output: str, row: RowSpec, statistics: Iterable[str]) -> tuple[str, ...]:
        """Those of a row's statistics that a cell prints or that are named elsewhere, in order."""
        from tlfgen.analysis.names import tokens  # a plan is made without frames

        printed = {name for form in (row.cell, *row.cells.values()) for name in tokens(form or "", row.at)}
        return tuple(
            s for s in statistics if self.everything or s in printed or self._named(output, row.id, s)
        )

    def of(self, output: str) -> list[str]:
        """What is asked of an output, for the key of its step."""
        return sorted(".".join(name) for name in self.names if name[0] == output)

    def _named(self, output: str, row: str, statistic: str) -> bool:
        return not self.names.isdisjoint({(output, row, statistic), (output, row, ANY), (output, ANY, ANY)})


def asked_of_texts(texts: Iterable[str], outputs: Collection[str]) -> Asked:
    """What texts name of outputs: `os.km.median` one statistic; `os.km` and `os.`, to which a template may
    add, all of them."""
    found = (match.groups(default=ANY) for text in texts for match in NAMED.finditer(text))
    return Asked(frozenset((o, r, s) for o, r, s in found if o in outputs))


def asked_of_specs(specs: Specs) -> Asked:
    """What the report's texts and the outputs' own ask of results, beside what their cells print."""
    named = specs.texts.items()
    texts = [t.decode("utf-8", "replace") for n, t in named if n.startswith(("report", "outputs/"))]
    return asked_of_texts(texts, specs.outputs)


def asked_of_claims(claims: Iterable[ClaimSpec]) -> Asked:
    """What claims name, with what they are judged by instead and apart."""
    from tlfgen.analysis.table import parse_name

    names = set()
    for claim in claims:
        whole = [*claim.instead, *claim.apart, *(key for key in claim.says if "." in key)]
        analysis = claim.result.partition("[")[0]
        own = [k for k in claim.says if "." not in k]
        whole += [f"{analysis}.{'n' if key == DENOMINATOR else key}" for key in own]
        for name in whole:
            of, statistic, _ = parse_name(name)
            output, _, row = of.partition(".")
            names.add((output, row, statistic))
    return Asked(frozenset(names))
