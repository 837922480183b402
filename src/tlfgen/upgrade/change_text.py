"""Version 2: `value:` is a constant, `text:` joins variables."""

from __future__ import annotations

from ruamel.yaml.comments import CommentedMap

from tlfgen.upgrade.changes import Files, SpecFile, change, renamed


@change(2)
def text(file: SpecFile, files: Files) -> None:
    """A text is joined of variables by `text:`, which was a `value:` with names in braces."""
    if file.folder not in ("sdtm", "adam") or not isinstance(file.tree, dict):
        return
    for entry in file.tree.get("variables") or ():
        if not isinstance(entry, CommentedMap):
            continue
        parts = [entry, *(c for c in entry.get("cases") or () if isinstance(c, CommentedMap))]
        for part in parts:
            if "{" in str(part.get("value") or ""):
                renamed(part, "value", "text")
                file.changed = True
