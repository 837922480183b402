"""The words that tlfgen prints by itself: headers, footnotes, abbreviations. They stand in `words.yaml`.

The package's file has every sentence; one of the project or of the study says some of them in other words.
A sentence is a text, or `one` and `many` for a number of 1 and any other. Its slots are the package's:
`{n}` is the number, and no wording can leave one out.

What is known before the words are is a `Sentence`: an analysis declares which sentence says its method, and
the table or figure that shows it says it.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tlfgen.errors import Place, SpecError, unknown
from tlfgen.spec.loader import Mapping_, read_tree

WORDS = "words.yaml"
ONE, MANY = "one", "many"
AND = "and"


@dataclass(frozen=True)
class Sentence:
    """What is to be said, by its key. A slot is a text, a number, a sentence, or a tuple of them, joined by
    `and`."""

    key: str
    number: float | None = None
    slots: Mapping[str, object] = field(default_factory=dict)


def sentence(key: str, number: float | None = None, /, **slots: object) -> Sentence:
    """A sentence with its slots, to be said in whatever words.

    >>> default_words().tell(sentence("not_within", 1, who=sentence("subject", 1), own="A", whole="B"))
    '1 subject of the A is not in the B.'
    """
    return Sentence(key, number, slots)


@dataclass(frozen=True)
class Words:
    """sentences: by key, each with the forms `one` and `many`."""

    sentences: Mapping[str, Mapping[str, str]]

    def say(self, key: str, number: float | None = None, /, **slots: object) -> str:
        """Fill a sentence; without a number it is the form of many.

        >>> default_words().say("record", 1), default_words().say("record", 3)
        ('1 record', '3 records')
        """
        if key not in self.sentences:
            raise unknown("The sentence", key, self.sentences, Place(WORDS))
        form = self.sentences[key][ONE if number == 1 else MANY]
        counted = {} if number is None else {"n": f"{number:.0f}"}
        return form.format(**counted, **{name: self._text(slot) for name, slot in slots.items()})

    def tell(self, said: Sentence) -> str:
        """Say a sentence with the sentences in its slots."""
        return self.say(said.key, said.number, **said.slots)

    def _text(self, slot: object) -> object:
        if isinstance(slot, Sentence):
            return self.tell(slot)
        if isinstance(slot, tuple):
            return self.say(AND).join(str(self._text(one)) for one in slot)
        return slot


def shipped_templates() -> list[Path]:
    """Where the package's own templates may stand: installed, and in a working copy."""
    here = Path(__file__).resolve()
    return [p for p in (here.parents[1] / "templates", here.parents[3] / "templates") if p.is_dir()]


@lru_cache(maxsize=1)
def default_words() -> Words:
    """The package's own words."""
    path = shipped_templates()[0] / WORDS
    return Words(
        {key: _forms(key, value, Place(WORDS)) for key, value in read_tree(path, shown=WORDS).items()}
    )


def load_words(folders: Sequence[Path]) -> Words:
    """The words of template folders, the first that says a sentence counts.

    A SpecError names the line of a key that there is not, of a slot that is none or is left out, and of a
    text that cannot be filled.
    """
    plain = default_words().sentences
    found: dict[str, Mapping[str, str]] = {}
    own = [f for f in folders if f not in shipped_templates()]
    for path in (folder / WORDS for folder in reversed(own)):
        if path.is_file():
            shown = f"{path.parent.parent.name}/templates/{WORDS}"
            found |= _said(read_tree(path, shown=shown), plain, shown)
    return Words({**plain, **found})


def _said(tree: object, plain: Mapping[str, Mapping[str, str]], shown: str) -> dict[str, Mapping[str, str]]:
    if not isinstance(tree, Mapping_):
        raise SpecError("A file of words holds a key and a sentence a line.", place=Place(shown, 1))
    found: dict[str, Mapping[str, str]] = {}
    for key, value in tree.items():
        at = tree.key_places[key]
        if key not in plain:
            raise unknown("The sentence", key, plain, at)
        found[key] = _forms(key, value, at)
        for form, text in found[key].items():
            _check_slots(key, text, plain[key][form], at)
    return found


def _forms(key: str, value: object, at: Place) -> dict[str, str]:
    if isinstance(value, str):
        return {ONE: value, MANY: value}
    if (
        isinstance(value, Mapping)
        and set(value) == {ONE, MANY}
        and all(isinstance(v, str) for v in value.values())
    ):
        return {ONE: value[ONE], MANY: value[MANY]}
    raise SpecError(f"'{key}' is a sentence, or one: and many:.", place=at)


def _check_slots(key: str, text: str, plain: str, at: Place) -> None:
    wanted, given = _slots(plain, key, at), _slots(text, key, at)
    for slot in given - wanted:
        raise unknown(f"'{key}': the slot", slot, sorted(wanted), at)
    for slot in sorted(wanted - given):
        raise SpecError(
            f"'{key}' leaves out {{{slot}}}.", place=at, hint=f"The words that it stands for: {plain}"
        )


def _slots(text: str, key: str, at: Place) -> set[str]:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise SpecError(f"'{key}' cannot be read: {error}.", place=at) from None
    for _, name, form, conversion in parts:
        if name is not None and (not name.isidentifier() or form or conversion):
            raise SpecError(f"'{key}': a slot is a name in braces, as {{n}}.", place=at)
    return {name for _, name, _, _ in parts if name is not None}
