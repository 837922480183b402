"""An output's own texts, its title, subtitle, footnotes and description, with the results that they quote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.display.quote import Quotes
from tlfgen.spec.output import OutputSpec
from tlfgen.spec.own_texts import is_template, texts_of
from tlfgen.spec.study import StudySpec
from tlfgen.spec.template import filled_at
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset


def with_own_texts(
    output: OutputSpec, ard: pl.DataFrame, data: Mapping[str, Dataset], study: StudySpec, rules: NumberRules
) -> OutputSpec:
    """The output with its texts filled; each quotes the results of this output and the size of sets."""
    if not any(is_template(text) for _, text in texts_of(output)):
        return output
    quotes = Quotes({output.output: ard}, {output.output: output}, data, study, rules)

    def fill(text: str, key: str) -> str:
        from tlfgen.spec.sandbox import Sandbox

        if not is_template(text):
            return text
        with filled_at(output.at_key(key), key):
            sandbox = Sandbox(functions=quotes.functions)
            return sandbox.fill(sandbox.from_string(text), {})

    notes = tuple(
        fill(note, "footnotes")
        if isinstance(note, str)
        else note.model_copy(update={"text": fill(note.text, "footnotes")})
        for note in output.footnotes
    )
    changed = {key: fill(text, key) for key, text in texts_of(output) if key != "footnotes"}
    return output.model_copy(update={**changed, "footnotes": notes})
