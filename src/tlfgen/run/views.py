"""What a step is handed: the columns, and the facts of the study, that its key holds, and nothing else.

An output reads the columns that its spec or the program names, with those that belong to them. Their digests
are in its key, and it is given datasets that hold these columns alone: what is not in the key is not there
to be read, so that a result can be wrong by a missing column, and then says so, but never old.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tlfgen.run.keys import hash_texts
from tlfgen.spec.plain_values import plain_value
from tlfgen.spec.study import StudySpec, reason_name

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

Words = frozenset[str]
Columns = Mapping[str, tuple[str, ...]]
Digests = Mapping[str, Mapping[str, Mapping[str, str]]]
COLUMNS = "columns.json"  # beside a stage's datasets, with their digests
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TEXT, NAME = re.compile(r"""("[^"\n]*"|'[^'\n]*')"""), re.compile(r"\b[A-Z][A-Z0-9_]+\b")
READERS = ("analysis", "display")  # the packages that read columns for an output
SUPPLEMENTS = "SUPP"
FACTS = ("analysis_sets", "arms", "conventions", "cutoff")  # of study.yaml, for outputs


def words_of(entry: object) -> Words:
    """Every word in the keys and texts of a spec entry."""
    return frozenset(w for text in _texts(plain_value(entry)) for w in WORD.findall(text))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)


@lru_cache(maxsize=1)
def program_words() -> Words:
    """What the program reads by itself: the names in capitals in the texts of the modules that read columns
    for outputs, as "AVAL" or "CNSR = 0"; their docstrings do not count."""
    root, found = Path(__file__).parents[1], set[str]()
    for path in (p for name in READERS for p in (root / name).glob("*.py")):
        code = " ".join(path.read_text("utf-8").split('"""')[::2])
        found.update(name for text in TEXT.findall(code) for name in NAME.findall(text))
    return frozenset(found)


def with_relatives(words: Words) -> Words:
    """Add what belongs to a name: its numeric twin (PARAMN of PARAM and PARAMCD), the text that a number
    stands for, the reason of an analysis set."""
    found = set(words)
    for word in words:
        found |= {f"{word}N", f"{word.removesuffix('CD')}N", word.removesuffix("N"), reason_name(word)}
    return frozenset(found)


def chosen(digests: Digests, words: Words) -> dict[str, tuple[str, ...]]:
    """The datasets and columns, in order, that one who names these words may read.

    A dataset is read where a word is its name, supplemental qualifiers always; a column where a word or one
    of its relatives is its name, and the first where none is.
    """
    known = with_relatives(words)
    found = {}
    for dataset, parts in digests.items():
        if dataset in words or dataset.startswith(SUPPLEMENTS):
            every = tuple(parts["values"])
            found[dataset] = tuple(c for c in every if c in known) or every[:1]
    return found


@lru_cache(maxsize=16)
def read_digests(folder: Path) -> Digests:
    """The digests of a stage's columns, read once: a result's folder has its key in its name."""
    found: Digests = json.loads((folder / COLUMNS).read_text("utf-8"))
    return found


def key_of(digests: Digests, columns: Columns | None, *, labels: bool) -> str:
    """One digest of these columns, all of them where none are named; with labels also of what is said of
    them."""
    told: dict[str, str] = {}
    for dataset, parts in digests.items():
        if columns is not None and dataset not in columns:
            continue
        names = tuple(parts["values"]) if columns is None else columns[dataset]
        told |= {dataset: parts["head"][""], f"{dataset} order": " ".join(names)}
        told |= {f"{dataset}.{n}": parts["values"][n] for n in names}
        if labels:
            told |= {f"{dataset}.{n} words": parts["words"].get(n, "") for n in names}
            told[f"{dataset} words"] = parts["head"]["words"]
    return hash_texts(told)


def narrowed(data: Mapping[str, Dataset], columns: Columns | None, *, labels: bool) -> dict[str, Dataset]:
    """The datasets with these columns alone; without labels nothing is said of any variable."""
    found = {}
    for name in data if columns is None else columns:
        whole = data[name]
        kept = whole.frame.columns if columns is None else columns[name]
        told = tuple(v for v in whole.variables if labels and v.name in kept)
        found[name] = replace(
            whole, frame=whole.frame.select(kept), variables=told, label=whole.label if labels else "",
            made_by=whole.made_by if labels else "",
            unread={n: at for n, at in whole.unread.items() if n in kept},
            answered=tuple(n for n in whole.answered if n in kept),
        )  # fmt: skip
    return found


def facts_of(study: StudySpec) -> StudySpec:
    """The facts of study.yaml that outputs are made by; to ask this one for another is an error."""
    view = study.model_copy()
    for name in StudySpec.model_fields.keys() - FACTS:
        del view.__dict__[name]
    return view


def entry_digest(*entries: object) -> str:
    """The hash of spec entries: every value, in order, whatever comments the file has."""
    said = [[type(e).__name__, plain_value(e)] for e in entries]
    return hash_texts({"entries": json.dumps(said, ensure_ascii=False)})
