"""Version 2: parameters that are variables of another dataset are split of its records."""

from __future__ import annotations

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from tlfgen.upgrade.changes import Files, SpecFile, change, flow

OLD = "subject_value"
OF_PARAMETER = ("PARAMCD", "PARAM")


@change(2)
def split_records(file: SpecFile, files: Files) -> None:
    """`derive: split_records` makes several parameters of one record, where `subject_value` made one each.

    Entries that follow each other, of one dataset and one condition, become one. PARAMN, which was the place
    among the parameters, is written out.
    """
    records = file.tree.get("records") if file.folder == "adam" and isinstance(file.tree, dict) else None
    if not isinstance(records, CommentedSeq) or not any(r.get("derive") == OLD for r in records):
        return
    kept, number = CommentedSeq(), len(file.tree.get("parameters") or ())
    for entry in records:
        number += 1
        given = entry.get("set") or {}
        if entry.get("derive") != OLD:
            kept.append(entry)
        elif not set(OF_PARAMETER) <= given.keys():
            file.note(entry, "derive", f"{OLD} without PARAMCD and PARAM in set: write split_records")
            kept.append(entry)
        else:
            _add(kept, entry, number)
            file.changed = True
    _keep_comments(records, kept)
    file.tree["records"] = kept


def _add(kept: CommentedSeq, entry: CommentedMap, number: int) -> None:
    """Add a parameter to the entry before it where that is of the same records, else as an entry."""
    given = dict(entry["set"])
    named = {k: given.pop(k) for k in OF_PARAMETER}
    place = given.pop("PARAMN", str(number))
    more = {"decimals": entry["decimals"]} if "decimals" in entry else {}
    one = flow(PARAMCD=named["PARAMCD"], PARAMN=place, of=entry["of"], PARAM=named["PARAM"], **more)
    rest = {k: entry[k] for k in entry if k not in ("derive", "of", "set", "decimals")}
    rest |= {"set": flow(**given)} if given else {}
    last = kept[-1] if kept else {}
    same = {k: v for k, v in last.items() if k not in ("derive", "parameters")} == rest
    if last.get("derive") == "split_records" and same and _owner(last["parameters"][0]) == _owner(one):
        last["parameters"].append(one)
    else:
        kept.append(CommentedMap({"derive": "split_records", **rest, "parameters": CommentedSeq([one])}))


def _owner(parameter: CommentedMap) -> str:
    return str(parameter["of"]).rpartition(".")[0]


def _keep_comments(old: CommentedSeq, new: CommentedSeq) -> None:
    """Comments above and beside the list; those beside an entry go where several became one."""
    if old.ca.comment is not None:
        new.ca.comment = old.ca.comment
