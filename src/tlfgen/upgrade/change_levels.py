"""Version 2: what applies to the levels of a variable is said at the variable."""

from __future__ import annotations

from typing import Any

from ruamel.yaml.comments import CommentedMap

from tlfgen.upgrade.changes import Files, SpecFile, change, flow, flow_list, rows_of, taken

OF_LEVELS = ("levels", "missing", "sort", "worst")


@change(2)
def levels(file: SpecFile, files: Files) -> None:
    """`levels`, `missing`, `sort` and `worst` stand at the variable of `by:`, no longer at the row.

    First case that applies, for each variable of `by:`:
      1. levels, worst     of the last variable
      2. missing           of each
      3. sort              of each where it is by value; by frequency, of the last, and of the outer ones of a
                           nested count, while those of another row stand by value
    """
    for row in rows_of(file):
        by = row.get("by")
        if not any(k in row for k in OF_LEVELS) or by is None or not _names(by):
            continue
        if "levels" in row and "sort" in row:
            file.note(row, "sort", "levels are listed, which gives their order, and sorted as well: keep one")
            continue
        _move(row, _names(by))
        file.changed = True


def _names(by: Any) -> list[str]:
    names = by if isinstance(by, list) else [by]
    return [str(n) for n in names] if all(isinstance(n, str) for n in names) else []


def _move(row: CommentedMap, names: list[str]) -> None:
    given = {k: taken(row, k) for k in OF_LEVELS if k in row}
    sort, every = given.pop("sort", None), []
    missing = given.pop("missing", None)
    for place, name in enumerate(names):
        last = place == len(names) - 1
        entry = flow(name=name)
        if last and "levels" in given:
            entry["levels"] = given["levels"]
            if not given["levels"].fa.flow_style():  # written line by line: the entry as well
                entry.fa.set_block_style()
        if missing is not None:
            entry["missing"] = missing
        if sort is not None:
            entry["sort"] = _sort(sort, outer=not last and row.get("nested") != "true")
        if last and "worst" in given:
            entry["worst"] = given["worst"]
        every.append(entry if len(entry) > 1 else name)
    row["by"] = every[0] if len(every) == 1 else flow_list(every)
    if len(every) > 1 and isinstance(every[-1], CommentedMap) and not every[-1].fa.flow_style():
        row["by"].fa.set_block_style()


def _sort(sort: CommentedMap, *, outer: bool) -> Any:
    """value, frequency, or frequency in a column; ties are always alphabetical."""
    if outer or sort.get("by") == "value":
        return "value"
    return flow(by="frequency", **{"in": sort["in"]}) if "in" in sort else "frequency"
