"""Form specs and codelists drafted from files: a start for a person who knows the study.

Types are guessed with care and what was seen stands beside them as comments. Nothing is required but the
subject, no limit is set, and a key is only proposed.
"""

from __future__ import annotations

import codecs
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import polars as pl

from tlfgen.data.formats import RawTable, known_formats, read_raw
from tlfgen.errors import DataError
from tlfgen.raw.find_subject import Subject, find_subject, own_subjects
from tlfgen.raw.guess import YES_NO, Guess, guess
from tlfgen.raw.subjects import SUBJECT
from tlfgen.raw.types import trimmed

GUESSED_ENCODING = "windows-1252"
MOST_OF_A_NAME = 60  # one that is taken gets a number behind
MOST_KEYS, MOST_ROWS_FOR_KEYS = 3, 20_000
WORDS_OF_YAML = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null", "~"})


@dataclass(frozen=True)
class DraftedForm:
    """A file, or a sheet of a workbook, with what its columns seem to hold.

    file: its path below the raw folder. names: column -> the field's name. guesses: column -> what it holds.
    subject: its column of the subject.
    """

    form: str
    path: Path
    file: str
    table: RawTable
    encoding: str | None = None
    sheet: str | None = None
    subject: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    guesses: dict[str, Guess] = field(default_factory=dict)

    @property
    def frame(self) -> pl.DataFrame:
        return self.table.frame


@dataclass(frozen=True)
class Draft:
    """What was drafted from a folder. notes: what was found and left, or guessed, in words for people."""

    forms: tuple[DraftedForm, ...]
    texts: dict[str, str]
    subject: Subject
    notes: tuple[str, ...]


def draft_forms(folder: Path) -> Draft:
    """Draft `forms/<form>.yaml` for each file of a folder and those below it, and one `codelists.yaml`.

    A file that cannot be read, or in which nothing names the subject, is a note, and the others are drafted.
    Raises DataError where the folder holds no file that can be read.
    """
    suffixes = {s for s, _ in known_formats()}
    there = sorted(p for p in folder.rglob("*") if p.is_file() and not _hidden(p.relative_to(folder)))
    paths = [p for p in there if p.suffix.lower() in suffixes]
    if not paths:
        hint = f"Readable are files that end in {', '.join(sorted(suffixes))}."
        raise DataError("There is no file to draft forms from.", path=str(folder), hint=hint)
    names = {p: p.relative_to(folder).as_posix() for p in there}
    notes = [f"{names[p]} is left out: no format is known for it." for p in there if p not in paths]
    read: list[DraftedForm] = []
    refused: list[DataError] = []
    for path in paths:
        for sheet in _sheets(path):
            try:
                read.append(_open(path, names[path], sheet))
            except DataError as error:
                refused.append(error)
                notes.append(f"{names[path]}{_of(sheet)} is left out: {error.message}")
    if not read:
        raise refused[0]
    subject = find_subject([f.frame for f in read])
    notes += subject.notes
    forms, more = _named(read, subject.column)
    notes += [*more, *_guessed_encodings(forms), *_alike(forms)]
    codelists = _Codelists()
    texts = {f"forms/{f.form.lower()}.yaml": _form_text(f, codelists) for f in forms}
    return Draft(forms, {**texts, "codelists.yaml": codelists.text()}, subject, tuple(notes))


def _of(sheet: str | None) -> str:
    return f", sheet '{sheet}'," if sheet else ""


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts)


def _named(read: Sequence[DraftedForm], subject: str | None) -> tuple[tuple[DraftedForm, ...], list[str]]:
    """The forms with names of their own, each with its column of the subject; and what is said of those that
    have none."""
    own = own_subjects([f.frame for f in read], subject)
    if not any(own):
        nobody = "No column of any file was found that names the subject: name it with subject: in each form."
        kept, notes = list(zip(read, own, strict=True)), [nobody]
    else:
        kept = [(f, column) for f, column in zip(read, own, strict=True) if column]
        without = [f for f, column in zip(read, own, strict=True) if not column]
        notes = [
            f"{f.file}{_of(f.sheet)} is left out: no column was found that names the subject."
            for f in without
        ]
    names: list[str] = []
    forms = []
    for file, column in kept:
        names.append(_unused(_file_name(re.sub(r"(?i)^raw[_-]|[_-]raw$", "", file.form)), names))
        forms.append(replace(file, form=names[-1], subject=column))
    return tuple(forms), notes


def _file_name(text: str) -> str:
    """The name of a form, which becomes a file's: capitals, digits and _, accents left out."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _identifier(bare).upper()[:MOST_OF_A_NAME]


def _guessed_encodings(forms: Iterable[DraftedForm]) -> list[str]:
    return [f"{f.file} is not UTF-8: read as {f.encoding}, a guess." for f in forms if f.encoding]


def _alike(forms: Sequence[DraftedForm]) -> list[str]:
    """Files with the same columns, which may be one form of several sites."""
    first: dict[tuple[str, ...], DraftedForm] = {}
    notes = []
    for form in forms:
        other = first.setdefault(tuple(form.frame.columns), form)
        if other is not form and form.sheet == other.sheet:
            files = f"files: [{scalar(other.file)}, {scalar(form.file)}]"
            notes.append(
                f"form {form.form} has the columns of form {other.form}: where they are one form, write "
                f"{files} in forms/{other.form.lower()}.yaml and remove forms/{form.form.lower()}.yaml."
            )
    return notes


def _sheets(path: Path) -> tuple[str | None, ...]:
    """The sheets of a workbook with several; of any other file the file as it is."""
    if path.suffix.lower() != ".xlsx":
        return (None,)
    from tlfgen.data.excel_file import sheet_names

    try:
        names = sheet_names(path)
    except DataError:
        return (None,)  # reading it says what is wrong
    return names if len(names) > 1 else (None,)


def _open(path: Path, file: str, sheet: str | None) -> DraftedForm:
    if sheet is not None:
        return _guessed(sheet, path, file, read_raw(path, sheet=sheet), sheet=sheet)
    try:
        return _guessed(path.stem, path, file, read_raw(path))
    except DataError as first:
        if path.suffix.lower() != ".csv":
            raise
        encoding = "utf-16" if _says_utf_16(path) else GUESSED_ENCODING
        try:
            table = read_raw(path, encoding=encoding)
        except DataError:
            raise first from None
        return _guessed(path.stem, path, file, table, encoding=encoding)


def _says_utf_16(path: Path) -> bool:
    with path.open("rb") as opened:
        return opened.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _guessed(
    form: str,
    path: Path,
    file: str,
    table: RawTable,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
) -> DraftedForm:
    names: dict[str, str] = {}
    for column in table.frame.columns:
        name = column.rpartition(".")[2] if not column.isidentifier() else column
        name = "SUBJECT" if name == SUBJECT else _identifier(name)
        names[column] = _unused(name, names.values())
    guesses = {c: guess(table.frame[c]) for c in table.frame.columns}
    return DraftedForm(form, path, file, table, encoding, sheet, None, names, guesses)


def _identifier(text: str) -> str:
    name = re.sub(r"\W+", "_", text).strip("_")
    return name if name.isidentifier() else f"F_{name}"


def _unused(name: str, used: Iterable[str]) -> str:
    taken, number, found = set(used), 2, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _form_text(form: DraftedForm, codelists: _Codelists) -> str:
    label = form.sheet or form.path.stem
    lines = [f"form: {form.form}", f"label: {scalar(without_braces(label))}", f"files: [{scalar(form.file)}]"]
    lines += [f"sheet: {scalar(form.sheet)}"] if form.sheet else []
    lines += [f"encoding: {form.encoding}   # guessed: the file is not UTF-8"] if form.encoding else []
    lines += (
        [f"subject: {form.names[form.subject]}"]
        if form.subject
        else ["# subject: NAME   # no field was found that names the subject"]
    )
    lines += ["key: []", *_key_lines(form), "fields:"]
    lines += [_field_line(form, column, codelists) for column in form.guesses]
    return "\n".join(lines) + "\n"


def _field_line(form: DraftedForm, column: str, codelists: _Codelists) -> str:
    name, seen, is_subject = form.names[column], form.guesses[column], column == form.subject
    parts = [f"name: {scalar(column)}"]
    parts += [f"as: {name}"] if name != column else []
    if is_subject:
        parts += ["type: text", "required: true"]
    else:
        parts.append(f"type: {seen.type}")
        if seen.layouts:
            parts.append(f"layouts: [{', '.join(scalar(layout) for layout in seen.layouts)}]")
        parts += ["partial: true"] if seen.partial else []
        parts += [f"codelist: {codelists.add(name, form.form, seen)}"] if seen.type == "code" else []
        parts += [f"missing: [{', '.join(scalar(m) for m in seen.missing)}]"] if seen.missing else []
    label = form.table.labels.get(column)
    parts += [f"label: {scalar(without_braces(label))}"] if label else []
    comment = f"{form.frame[column].n_unique()} subjects" if is_subject else seen.seen
    return f"  - {{{', '.join(parts)}}}   # {comment}"


def _key_lines(form: DraftedForm) -> list[str]:
    """Comments on what identifies a record: the subject with at most two others that are never blank."""
    frame = form.frame.select(pl.all().str.to_lowercase())  # words of a code differ in more than case
    if form.subject is None or not 1 < frame.height <= MOST_ROWS_FOR_KEYS:
        return []
    likely = [c for c, g in form.guesses.items() if g.type != "number" and frame[c].n_unique() > 1]
    others = [c for c in likely if c != form.subject and not trimmed(frame[c]).null_count()]
    for size in range(3):
        found = [
            c for c in combinations(others, size) if frame.select(form.subject, *c).n_unique() == frame.height
        ]
        if found:
            keys = [", ".join(form.names[c] for c in (form.subject, *own)) for own in found[:MOST_KEYS]]
            return [f"# key: [{key}]   # no two records share it" for key in keys]
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


def without_braces(text: str) -> str:
    """A text as a spec takes it, where a brace would be filled in."""
    return text.replace("{", "(").replace("}", ")")
