"""Version 2: `do:` names the method of an entry."""

from __future__ import annotations

from tlfgen.upgrade.changes import Files, SpecFile, change, renamed, rows_of


@change(2)
def a_do(file: SpecFile, files: Files) -> None:
    """A row asks for an analysis by `do:`, which was `analyse:`."""
    for row in rows_of(file):
        if "analyse" in row:
            renamed(row, "analyse", "do")
            file.changed = True
