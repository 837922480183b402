"""The model of a dataset that was made elsewhere, as in SAS or R: adam/<name>.yaml with `file:`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tlfgen.spec.form import Texts
from tlfgen.spec.loader import Entry, FileName, Named

ElsewhereType = Literal["text", "integer", "float", "date"]


class ElsewhereVariable(Entry):
    """The label and type of a variable of the file, where the file or the standard gives none, or another."""

    name: Named
    label: str | None = None
    type: ElsewhereType | None = None


class ElsewhereSpec(Entry):
    """A dataset that is read, not derived.

    file: its path in the study. made_by: who or what made it, and when, as a footnote says it. keys: what
    identifies a record. variables: labels and types beside those of the file and the standard.
    """

    dataset: FileName
    file: Named
    made_by: Named
    label: str
    class_: str = Field(default="", alias="class")
    structure: str = ""
    keys: Texts
    variables: tuple[ElsewhereVariable, ...] = ()
    encoding: str | None = None

    @property
    def name(self) -> str:
        return self.dataset

    def type_said(self, name: str) -> ElsewhereType | None:
        """The type that the description gives a variable."""
        return next((v.type for v in self.variables if v.name == name), None)
