"""Form specs and codelists drafted from files: a start for a person who knows the study.

Types are guessed with care and what was seen stands beside them as comments. Nothing is required but the
subject, no limit is set, and a key is only proposed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import polars as pl

from tlfgen.data.formats import RawTable, known_formats, read_raw
from tlfgen.errors import DataError
from tlfgen.raw.guess import YES_NO, Guess, guess
from tlfgen.raw.subjects import SUBJECT
from tlfgen.raw.types import trimmed

SUBJECT_NAMES = (
    "USUBJID", "SUBJID", "SUBJECT", "SUBJECTID", "SUBJECT_ID", "PATNUM", "PATIENT", "PATIENTID", "PATNO",
    "PATID", "SUBJNO", "SUBNO", "SUBJ", "PT", "PTNO",
)  # fmt: skip
GUESSED_ENCODING = "windows-1252"
MOST_KEYS, MOST_ROWS_FOR_KEYS = 3, 20_000
WORDS_OF_YAML = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null", "~"})


@dataclass(frozen=True)
class _File:
    path: Path
    table: RawTable
    encoding: str | None
    names: dict[str, str] = field(default_factory=dict)  # column -> the field's name
    guesses: dict[str, Guess] = field(default_factory=dict)


def draft_forms(folder: Path) -> dict[str, str]:
    """Draft `forms/<form>.yaml` for each file of a folder, and one `codelists.yaml`; YAML text by path.

    Raises DataError where the folder holds no file that can be read.
    """
    suffixes = {s for s, _ in known_formats()}
    paths = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in suffixes)
    if not paths:
        hint = f"Readable are files that end in {', '.join(sorted(suffixes))}."
        raise DataError("There is no file to draft forms from.", path=str(folder), hint=hint)
    files = [_open(path) for path in paths]
    subject = find_subject([f.table.frame for f in files])
    names: dict[str, Path] = {}
    texts: dict[str, str] = {}
    codelists = _Codelists()
    for file in files:
        form = _unused(_identifier(re.sub(r"(?i)^raw[_-]|[_-]raw$", "", file.path.stem)).upper(), names)
        names[form] = file.path
        texts[f"forms/{form.lower()}.yaml"] = _form_text(form, file, subject, codelists)
    return {**texts, "codelists.yaml": codelists.text()}


def find_subject(frames: Sequence[pl.DataFrame]) -> str | None:
    """The column that names the subject: in every file, rarely blank, by its name or its many values."""
    shared = [c for c in frames[0].columns if all(c in f.columns for f in frames)]
    varied = [c for c in shared if any(f[c].n_unique() > 1 for f in frames) or c.upper() in SUBJECT_NAMES]
    filled = [c for c in varied if all(2 * f[c].null_count() <= f.height for f in frames)]
    if not filled:
        return None
    known = [c for c in filled if c.upper() in SUBJECT_NAMES]
    if known:
        return min(known, key=lambda c: SUBJECT_NAMES.index(c.upper()))
    unique = [c for c in filled if any(f.height and f[c].n_unique() == f.height for f in frames)]
    return max(unique, key=lambda c: max(f[c].n_unique() for f in frames), default=None)


def _open(path: Path) -> _File:
    encoding = None
    try:
        table = read_raw(path)
    except DataError:
        if path.suffix.lower() != ".csv":
            raise
        try:
            table = read_raw(path, encoding=GUESSED_ENCODING)
        except DataError:
            table = read_raw(path)  # the error that says what is wrong
        encoding = GUESSED_ENCODING
    names: dict[str, str] = {}
    for column in table.frame.columns:
        name = column.rpartition(".")[2] if not column.isidentifier() else column
        name = "SUBJECT" if name == SUBJECT else _identifier(name)
        names[column] = _unused(name, names.values())
    return _File(path, table, encoding, names, {c: guess(table.frame[c]) for c in table.frame.columns})


def _identifier(text: str) -> str:
    name = re.sub(r"\W+", "_", text).strip("_")
    return name if name.isidentifier() else f"F_{name}"


def _unused(name: str, used: Iterable[str]) -> str:
    taken, number, found = set(used), 2, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _form_text(form: str, file: _File, subject: str | None, codelists: _Codelists) -> str:
    own = subject if subject in file.names else find_subject([file.table.frame])
    lines = [f"form: {form}", f"label: {scalar(file.path.stem)}", f"files: [{scalar(file.path.name)}]"]
    lines += [f"encoding: {file.encoding}   # guessed: the file is not UTF-8"] if file.encoding else []
    lines += (
        [f"subject: {file.names[own]}"]
        if own
        else ["# subject: NAME   # no field was found that names the subject"]
    )
    lines += ["key: []", *_key_lines(file, own), "fields:"]
    ignored = []
    for column, seen in file.guesses.items():
        if seen.type in ("blank", "constant") and column != own:
            ignored.append((column, seen))
        else:
            lines.append(_field_line(form, column, seen, file, codelists, is_subject=column == own))
    lines += ["ignore:" if ignored else "ignore: []"]
    lines += [f"  - {scalar(column)}   # {seen.seen}" for column, seen in ignored]
    return "\n".join(lines) + "\n"


def _field_line(
    form: str, column: str, seen: Guess, file: _File, codelists: _Codelists, *, is_subject: bool
) -> str:
    name = file.names[column]
    parts = [f"name: {scalar(column)}"]
    parts += [f"as: {name}"] if name != column else []
    if is_subject:
        parts += ["type: text", "required: true"]
    else:
        parts.append(f"type: {seen.type}")
        if seen.layouts:
            parts.append(f"layouts: [{', '.join(scalar(layout) for layout in seen.layouts)}]")
        parts += ["partial: true"] if seen.partial else []
        parts += [f"codelist: {codelists.add(name, form, seen)}"] if seen.type == "code" else []
    label = file.table.labels.get(column)
    parts += [f"label: {scalar(label)}"] if label else []
    comment = f"{file.table.frame[column].n_unique()} subjects" if is_subject else seen.seen
    return f"  - {{{', '.join(parts)}}}   # {comment}"


def _key_lines(file: _File, subject: str | None) -> list[str]:
    """Comments on what identifies a record: the subject with at most two others that are never blank."""
    frame = file.table.frame.select(pl.all().str.to_lowercase())  # words of a code differ in more than case
    if subject is None or not 1 < frame.height <= MOST_ROWS_FOR_KEYS:
        return []
    likely = [c for c, g in file.guesses.items() if g.type not in ("blank", "constant", "number")]
    others = [c for c in likely if c != subject and not trimmed(frame[c]).null_count()]
    for size in range(3):
        found = [
            c for c in combinations(others, size) if frame.select(subject, *c).n_unique() == frame.height
        ]
        if found:
            return [
                f"# key: [{', '.join(file.names[c] for c in (subject, *chosen))}]   # no two records share it"
                for chosen in found[:MOST_KEYS]
            ]
    return ["# no key of the subject and two further fields: each is shared by several records"]


class _Codelists:
    """The codelists of all forms; equal sets of words share one."""

    def __init__(self) -> None:
        self._names: dict[frozenset[str], str] = {}
        self._words: dict[str, dict[str, int]] = {}
        self._users: dict[str, list[str]] = {}

    def add(self, name: str, form: str, seen: Guess) -> str:
        words = frozenset({"y", "n"}) if seen.yes_no else frozenset(w.casefold() for w, _ in seen.words)
        if words not in self._names:
            self._names[words] = _unused("NY" if seen.yes_no else name, self._names.values())
        own = self._names[words]
        counts = self._words.setdefault(own, {})
        for word, n in seen.words:
            first = next((w for w in counts if w.casefold() == word.casefold()), word)
            counts[first] = counts.get(first, 0) + n
        self._users.setdefault(own, []).append(f"{form}.{name}")
        return own

    def text(self) -> str:
        """codelists.yaml: each word its own term, for a person to give it its submission value."""
        if not self._words:
            return "# No code was found.\n{}\n"
        lines = [
            "# Drafted from the words found. Write the submission value and keep the collected word:",
            "#   MILD: {code: C41338, collected: [Mild Adverse Event]}",
        ]
        for name, counts in self._words.items():
            lines += [f"{scalar(name)}:   # {', '.join(self._users[name])}", "  terms:"]
            for value, words in _terms(name, counts).items():
                numbers = ", ".join(str(counts[w]) for w in words)
                collected = ", ".join(scalar(w) for w in words)
                lines.append(f"    {scalar(value)}: {{collected: [{collected}]}}   # {numbers} times")
        return "\n".join(lines) + "\n"


def _terms(codelist: str, counts: dict[str, int]) -> dict[str, list[str]]:
    """Term -> the words that stand for it: Y and N for a yes and a no, else each word for itself."""
    terms: dict[str, list[str]] = {}
    for word in counts:
        yes_no = codelist.startswith("NY") and word.casefold() in YES_NO
        terms.setdefault(word[0].upper() if yes_no else word, []).append(word)
    return terms


def scalar(text: str) -> str:
    """A text as YAML: plain where that is safe in a flow mapping, else in double quotes."""
    plain = re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9_./() -]*[A-Za-z0-9_./)])?", text)
    return text if plain and text.casefold() not in WORDS_OF_YAML else json.dumps(text, ensure_ascii=False)
