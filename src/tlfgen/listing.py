"""What there is to name in a spec, with a line each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tlfgen.study import Study

# How `tlfgen list statistics` names the forms of analysis/table.py.
FORMS = {
    "count": "a whole number",
    "percent": "a percentage",
    "p": "a P value",
    "ratio": "a ratio, 2 decimals",
    "proportion": "a proportion, 3 decimals or the row's",
    "number": "a number, 1 decimal or the row's",
}


def entries(what: str, study: Study | None) -> list[tuple[str, str]]:
    """(name, line) of every derivation, check, analysis, statistic, output, format or theme, by name."""
    if what == "derivations":
        from tlfgen.engine.registry import rules

        return [(n, r.summary + (" (makes records)" if r.makes_records else "")) for n, r in rules().items()]
    if what == "checks":
        from tlfgen.reconcile.registry import checks

        return [(n, f"{c.severity}: {c.summary}") for n, c in checks().items()]
    if what == "analyses":
        from tlfgen.analysis.registry import analyses

        found = [(n, (a.function.__doc__ or "").strip().splitlines()[0]) for n, a in analyses().items()]
        own = () if study is None else study.specs.analyses.values()
        return found + [
            (
                a.analysis,
                f"{a.row.do or 'made elsewhere'}, of {a.from_}: {a.label or a.where or a.population}",
            )
            for a in own
        ]
    if what == "comparisons":
        from tlfgen.analysis.comparisons import comparisons

        return [(n, f"of {c.kind}: {c.summary}") for n, c in comparisons().items()]
    if what == "statistics":
        from tlfgen.analysis.comparisons import comparisons
        from tlfgen.analysis.registry import analyses
        from tlfgen.stats import methods

        found = [(m.name, m.summary) for m in methods()]
        shown = [
            (f"{n}.{s}", f"{f.label}, {FORMS[f.shown]}")
            for n, a in analyses().items()
            for s, f in a.forms.items()
        ]
        shown += [
            (n + end, f"{f.label}, {FORMS[f.shown]}")
            for n, c in comparisons().items()
            for end, f in c.forms.items()
            if end
        ]
        return found + shown
    if what == "formats":
        from tlfgen.data.formats import known_formats

        return list(known_formats())
    if what == "themes":
        from tlfgen.document.theme import known_themes
        from tlfgen.run.inputs import theme_folders

        return known_themes(theme_folders(Path.cwd()))
    assert study is not None
    return [
        (o.output, f"{o.kind} {o.number}: {o.title}")
        for o in sorted(study.specs.outputs.values(), key=lambda o: o.place_in_order)
    ]
