"""Version 2: `compare:` is a list of comparisons, of a table or of a row, each with an id and a method."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from ruamel.yaml.comments import CommentedMap

from tlfgen.upgrade.changes import Files, SpecFile, change, flow, flow_list, rows_of, taken

OLD = "compare_survival"
COX = ("hr", "p_wald", "p_likelihood_ratio", "p_score")
METHODS = {
    "p_log_rank": "log_rank", "p_permutation": "log_rank_permutation", "p_gehan": "gehan", "hr": "cox",
    "hr_breslow": "cox", "hr_oe": "hazard_ratio_log_rank", "hr_mh": "hazard_ratio_mantel_haenszel",
    "ratio_of_medians": "ratio_of_medians", "rate_ratio": "rate_ratio",
}  # fmt: skip
WITH_STRATA = ("log_rank", "gehan", "cox")
WITH_LEVEL = ("cox", "hazard_ratio_log_rank", "hazard_ratio_mantel_haenszel")
RENAMED = {p: f"hr_{p}".replace("hr_p_wald", "hr_p") for p in COX[1:]}


@change(2)
def compare(file: SpecFile, files: Files) -> None:
    """A comparison is an entry of `compare:` with `id:` and `do:`; its results are of pairs, Drug~Placebo."""
    if file.folder != "outputs" or not isinstance(file.tree, dict):
        return
    given = file.tree.get("compare")
    if isinstance(given, CommentedMap) and "method" in given:
        file.tree["compare"] = flow_list([_of_table(given)])
        file.changed = True
    for row in rows_of(file):
        if row.get("do") == OLD:
            _move(row, file, files)


def _of_table(given: CommentedMap) -> CommentedMap:
    """The entry of a table's comparison, without what is said by default."""
    defaults = {"place": "after each", "label": "P value"}
    kept = {k: v for k, v in given.items() if k != "method" and defaults.get(k) != v}
    return flow(id="p_value", do=given["method"], **kept)


def _move(row: CommentedMap, file: SpecFile, files: Files) -> None:
    """Make of a row that compared two groups of a variable one that compares two columns."""
    columns = file.tree.get("columns") or {}
    across = str(columns.get("by", "")).rpartition(".")[2]
    group = str(row.get("group", "")).rpartition(".")[2]
    if across != group or not {"each", "against"} <= row.keys():
        file.note(row, "do", f"the groups of {group} are compared in columns of {across or 'no variable'}: "
                  f"make columns of {group}, or a table of its own")  # fmt: skip
        return
    sides = {k: taken(row, k) for k in ("each", "against")}
    taken(row, "group")
    extra = {k: taken(row, k) for k in ("strata", "level") if k in row}
    wanted = list(_asked(row, file, files))
    row["do"] = "kaplan_meier"
    made = flow_list([_entry(name, sides, extra) for name in dict.fromkeys(wanted)])
    place = list(row).index("cells") if "cells" in row else len(row)
    row.insert(place, "compare", made)
    cells = row.get("cells") or {}
    for label, text in cells.items():
        cells[label] = _like(
            text, re.sub(r"\{(\w+)\}", lambda m: f"{{{RENAMED.get(m[1], m[1])}}}", str(text))
        )
    file.changed = True
    _requote(row, f"{sides['each']}~{sides['against']}", group, file, files)


def _asked(row: CommentedMap, file: SpecFile, files: Files) -> Iterator[str]:
    """The comparisons whose statistics cells, texts and claims name, by their ids."""
    text = " ".join(str(t) for t in (row.get("cells") or {}).values())
    names = re.findall(r"\{(\w+)\}", text)
    start = re.escape(f"{file.tree.get('output')}.{row.get('id')}.")
    for other in files.values():
        names += re.findall(start + r"(\w+)\[", other.text or str(_texts(other.tree)))
    for name in names:
        bare = re.sub(r"_(low|high)$", "", name)
        if bare in COX:
            yield "hr"
        elif bare in METHODS:
            yield bare


def _texts(tree: Any) -> list[str]:
    """Every text of a tree."""
    if isinstance(tree, dict):
        return [t for v in tree.values() for t in _texts(v)]
    return [t for v in tree for t in _texts(v)] if isinstance(tree, list) else [str(tree)]


def _entry(name: str, sides: Mapping[str, Any], extra: Mapping[str, Any]) -> CommentedMap:
    method = METHODS[name]
    own = {
        k: deepcopy(v) for k, v in extra.items() if method in (WITH_STRATA if k == "strata" else WITH_LEVEL)
    }
    ties = {"ties": "breslow"} if name == "hr_breslow" else {}
    return flow(id=name, do=method, **ties, **sides, **own)


def _like(old: Any, new: str) -> Any:
    """A text with the quotes that another one had."""
    return type(old)(new) if old != new and type(old) is not str else new


def _requote(row: CommentedMap, pair: str, group: str, file: SpecFile, files: Files) -> None:
    """Name the results of a row by their pair, in claims and texts."""
    name = re.escape(f"{file.tree.get('output')}.{row.get('id')}")
    pattern = re.compile(rf"({name})(?:\.(\w+))?\[{re.escape(group)}=[^\],]*\]")

    def anew(found: re.Match[str]) -> str:
        statistic = found[2] and RENAMED.get(found[2], found[2])
        return f"{found[1]}{'.' + statistic if statistic else ''}[{group}={pair}]"

    for other in files.values():
        if other.tree is None:
            text = pattern.sub(anew, other.text)
            other.changed |= text != other.text
            other.text = text
        elif other.path == "claims.yaml":
            other.changed |= _replaced(other.tree, pattern, anew)


def _replaced(tree: Any, pattern: re.Pattern[str], anew: Any) -> bool:
    """Whether a text of a tree was replaced."""
    changed = False
    for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        if isinstance(value, (dict, list)):
            changed |= _replaced(value, pattern, anew)
        elif (text := pattern.sub(anew, str(value))) != value:
            tree[key] = _like(value, text)
            changed = True
    return changed
