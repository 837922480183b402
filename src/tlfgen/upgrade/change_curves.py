"""Version 2: a Kaplan-Meier figure names its estimates and comparisons as a row of a table does."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml.comments import CommentedMap

from tlfgen.upgrade.changes import Files, SpecFile, change, flow, flow_list, taken

RENAMED = {"transform": "limits", "rule": "quantile_rule"}
IDS = {"log_rank": "p", "log_rank_permutation": "exact"}
RESULTS = {"median_lower": "median_low", "median_upper": "median_high"}


@change(2)
def curves(file: SpecFile, files: Files) -> None:
    """Curves say `limits:`, `quantile_rule:` and a list `compare:`, as a row does."""
    tree = file.tree
    if file.folder != "outputs" or not isinstance(tree, CommentedMap) or tree.get("shape") != "kaplan_meier":
        return
    for old, new in RENAMED.items():
        if old in tree:
            place, comment = list(tree).index(old), tree.ca.items.get(old)
            tree.insert(place, new, taken(tree, old))
            if comment is not None:
                tree.ca.items[new] = comment
            file.changed = True
    given = tree.get("compare")
    if isinstance(given, CommentedMap):
        place, own = list(tree).index("compare"), dict(given)
        taken(tree, "compare")
        tree.insert(place, "compare", flow_list(_comparisons(own)))
        file.changed = True
    _requote(str(tree.get("output")), files)


def _comparisons(own: dict[str, Any]) -> list[CommentedMap]:
    """A comparison for the ratio, where there is one, and for each test; `log_rank` where none is named."""
    ties = own.get("hazard_ratio", "efron")
    made: list[dict[str, Any]] = [] if ties == "none" else [{"id": "hr", "do": "cox", "ties": ties}]
    made += [{"id": IDS[t], "do": t} for t in own.get("tests", ["log_rank"])]
    return [flow(**m, each=_names(own["each"]), against=own["against"]) for m in made]


def _names(each: Any) -> Any:
    """A list of its own for each comparison: one shared would be written as an anchor."""
    return flow_list(list(each)) if isinstance(each, list) else each


def _requote(output: str, files: Files) -> None:
    """Name the limits of medians anew in texts."""
    pattern = re.compile(rf"\b({re.escape(output)}\.summary)\.({'|'.join(RESULTS)})\b")
    for other in files.values():
        if other.tree is None:
            text = pattern.sub(lambda m: f"{m[1]}.{RESULTS[m[2]]}", other.text)
            other.changed |= text != other.text
            other.text = text
