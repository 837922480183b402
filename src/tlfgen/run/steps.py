"""A step of a build: what it reads, what it runs, its key; and the steps of a build in waves.

A step is a value: it can be listed before anything is computed, compared, and sent to another process. Its
key is made when its inputs are there, from the digests of what it reads of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tlfgen.run.cache import Result
from tlfgen.run.keys import hash_texts
from tlfgen.run.views import Words, chosen, key_of, read_digests


@dataclass(frozen=True)
class Read:
    """What a step reads of another's result: all of it; or, where words are given, of its datasets the
    columns that they name (`columns`: all of them); or these files alone.

    labels: what is said of the columns too, not only their values.
    """

    step: str
    files: tuple[str, ...] = ()
    columns: bool = False
    words: Words | None = None
    labels: bool = True

    @property
    def of_columns(self) -> bool:
        return self.columns or self.words is not None

    def columns_in(self, folder: Path) -> dict[str, tuple[str, ...]] | None:
        """The columns that it reads of each dataset of a result; None for all."""
        return None if self.words is None else chosen(read_digests(folder), self.words)

    def digest(self, result: Result) -> str:
        """The digest of what it reads."""
        if self.of_columns:
            columns = self.columns_in(result.folder)
            return key_of(read_digests(result.folder), columns, labels=self.labels)
        if self.files:
            return hash_texts({name: result.files.get(name, "missing") for name in self.files})
        return result.digest


@dataclass(frozen=True)
class Step:
    """A step. work: the function that fills its folder, as "module:function". given: the digests of what it
    reads beside results: spec entries, theme, raw files. reads: what it reads of other steps. after: steps
    that come before it and give it nothing. kind: what progress calls it. argument: the output that it is
    of."""

    name: str
    work: str
    kind: str
    given: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[Read, ...] = ()
    after: tuple[str, ...] = ()
    argument: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the steps that come before it."""
        return tuple(dict.fromkeys([*(r.step for r in self.reads), *self.after]))

    def inputs(self, results: Mapping[str, Result]) -> dict[str, str]:
        """What its key is made of, once the results are there."""
        read = {f"read {n} {r.step}": r.digest(results[r.step]) for n, r in enumerate(self.reads)}
        return {**self.given, **read}


def in_waves(steps: Iterable[Step]) -> list[tuple[Step, ...]]:
    """The steps in waves: each stands in the first in which all that it needs is done.

    >>> a, b, c = Step("a", "", ""), Step("b", "", "", after=("a",)), Step("c", "", "")
    >>> [[s.name for s in wave] for wave in in_waves([a, b, c])]
    [['a', 'c'], ['b']]
    """
    left, waves, done = list(steps), [], set[str]()
    while left:
        wave = tuple(s for s in left if done.issuperset(s.needs))
        if not wave:
            raise ValueError(f"the steps {[s.name for s in left]} wait for each other or for what is no step")
        waves.append(wave)
        done |= {s.name for s in wave}
        left = [s for s in left if s.name not in done]
    return waves


def with_needed(wanted: Collection[str], steps: Iterable[Step]) -> tuple[Step, ...]:
    """Those of the steps that are wanted, and all that they need, in order."""
    known = {s.name: s for s in steps}
    found: set[str] = set()
    ahead = list(wanted)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += known[name].needs
    return tuple(s for s in known.values() if s.name in found)
