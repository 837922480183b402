"""Version 2: a forest asks for an analysis and a comparison as a row of a table does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml.comments import CommentedMap

from tlfgen.upgrade.changes import Files, SpecFile, change, flow, flow_list, taken

METHODS = {"odds_ratio": ("proportion", "odds_ratio"), "hazard_ratio": ("kaplan_meier", "cox")}


@change(2)
def forest(file: SpecFile, files: Files) -> None:
    """A forest has `do:` and `compare:`, as a row has; its results are of pairs, in `subgroups` of levels."""
    tree = file.tree
    if file.folder != "outputs" or not isinstance(tree, CommentedMap) or tree.get("shape") != "forest":
        return
    given = tree.get("estimate")
    if not isinstance(given, CommentedMap) or given.get("method") not in (*METHODS, "proportion"):
        return
    place, own = list(tree).index("estimate"), dict(given)
    level = taken(tree, "level")
    taken(tree, "estimate")
    limits = {} if level is None else {"level": level}
    is_ratio = own["method"] != "proportion"
    made = _of_pair(own, limits) if is_ratio else _of_all(own, limits)
    for i, (key, value) in enumerate(made.items()):
        tree.insert(place + i, key, value)
    file.changed = True
    pair = f"{str(own['of']).rpartition('.')[2]}={own['each']}~{own['against']}" if is_ratio else ""
    _requote(str(tree.get("output")), own["method"], pair, files)


def _of_all(own: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    return {"do": "proportion", **{k: own[k] for k in ("event", "limits") if k in own}, **limits}


def _of_pair(own: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    do, method = METHODS[own["method"]]
    labels = own.get("labels") or {}
    called = {str(own[side]): str(labels.get(own[side], own[side])) for side in ("each", "against")}
    each, against = called.values()
    ties = {"ties": own["ties"]} if "ties" in own and method == "cox" else {}
    time = {"time": own["time"]} if "time" in own and method == "cox" else {}
    compare = flow_list([flow(id=own["method"], do=method, **ties, each=each, against=against, **limits)])
    columns = flow(by=own["of"], levels=flow(**called))
    return {"columns": columns, "do": do, "event": own["event"], **time, "compare": compare}


def _requote(output: str, method: str, pair: str, files: Files) -> None:
    """Name the results of a forest anew in texts: of pairs, those of levels under `subgroups`."""
    own = method if pair else "pct"
    names = {method: own, "lower": f"{own}_low", "upper": f"{own}_high"}
    if not pair:
        names |= {"lower": "low_pct", "upper": "high_pct", "events": "n", "n": "size"}
    pattern = re.compile(rf"\b{re.escape(output)}\.estimate\.(\w+)(?:\[([^\]]*)\])?")

    def anew(found: re.Match[str]) -> str:
        statistic, groups = names.get(found[1], found[1]), found[2] or ""
        inside = ",".join(g for g in (groups, pair if found[1] in (method, "lower", "upper") else "") if g)
        part = "subgroups" if groups else "estimate"
        return f"{output}.{part}.{statistic}" + (f"[{inside}]" if inside else "")

    for other in files.values():
        if other.tree is None:
            text = pattern.sub(anew, other.text)
            other.changed |= text != other.text
            other.text = text
