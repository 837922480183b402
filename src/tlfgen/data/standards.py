"""The standards' variables and the terminology in use.

Our own files `standards/sdtm.yaml`, `adam.yaml` and `terminology.yaml` hold what studies need. A study may
name a whole terminology file instead; `read_terminology` reads it in each form in which it is handed out.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from tlfgen.errors import DataError
from tlfgen.spec.loader import Entry, load_yaml

FOLDER = Path(__file__).with_name("standards")
SUPPLEMENTAL = "SUPPQUAL"
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class StandardVariable:
    """A variable as its standard has it.

    type: text, integer, float, date or datetime; in SDTM also iso (an ISO 8601 date or time as text, as
    precise as collected) and duration (ISO 8601, as text). codelist: C-codes. format: SAS's, for dates.
    role, core: SDTM's. standard: the guide with its version; "" for a usual variable of none.
    """

    name: str
    label: str
    type: str = "text"
    role: str = ""
    core: str = ""
    codelist: tuple[str, ...] = ()
    format: str = ""
    standard: str = ""


@dataclass(frozen=True)
class StandardDomain:
    """An SDTM domain; `variables` in the order of the guide, `keys` the natural ones."""

    name: str
    label: str
    class_: str
    structure: str
    keys: tuple[str, ...]
    variables: tuple[StandardVariable, ...]

    @cached_property
    def by_name(self) -> Mapping[str, StandardVariable]:
        return {v.name: v for v in self.variables}


@dataclass(frozen=True)
class StandardTerm:
    """A submission value, its C-code, and what it means where the value does not say it."""

    value: str
    code: str = ""
    decode: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class StandardCodelist:
    """A published codelist. code: "" where it is not CDISC's. excerpt: the published list has more terms."""

    code: str
    name: str
    label: str
    extensible: bool
    terms: tuple[StandardTerm, ...]
    standard: str = ""
    excerpt: bool = False

    @cached_property
    def by_value(self) -> Mapping[str, StandardTerm]:
        return {t.value: t for t in self.terms}

    @property
    def key(self) -> str:
        """What identifies it: its C-code, else its name."""
        return self.code or self.name


def sdtm_domain(domain: str) -> StandardDomain | None:
    """Find a domain by name; every SUPP-- dataset is SUPPQUAL under its own name. None for one not in use."""
    if not domain.startswith("SUPP"):
        return _domains().get(domain)
    supplemental, parent = _domains()[SUPPLEMENTAL], domain.removeprefix("SUPP")
    if parent in ("", "--", "QUAL"):
        return supplemental
    return replace(supplemental, name=domain, label=supplemental.label.replace("--", parent))


def sdtm_variable(domain: str, name: str) -> StandardVariable | None:
    """Find a variable of a domain; None for one that is not the standard's or not in use."""
    found = sdtm_domain(domain)
    return found.by_name.get(name) if found else None


@lru_cache(maxsize=1024)
def adam_variable(name: str) -> StandardVariable | None:
    """Find an ADaM variable, also one of a numbered family: TRT02A is TRTxxA, 02 for xx in name and label."""
    exact, families = _adam()
    if name in exact:
        return exact[name]
    for pattern, family in families:
        if found := pattern.fullmatch(name):
            label = family.label
            for letter, number in found.groupdict().items():
                label = re.sub(rf"\b{letter}\b", number, label)
            return replace(family, name=name, label=label)
    return None


def codelist(code_or_name: str) -> StandardCodelist | None:
    """Find one of our codelists, by C-code ("C66742") or name ("NY")."""
    return find_codelist(_terminology()[1], code_or_name)


def find_codelist(codelists: Mapping[str, StandardCodelist], code_or_name: str) -> StandardCodelist | None:
    """Find a codelist in what `read_terminology` gives, by C-code or name."""
    if code_or_name in codelists:
        return codelists[code_or_name]
    return next((c for c in codelists.values() if c.name == code_or_name), None)


def terminology_version() -> str:
    """The release of CDISC Controlled Terminology that our codelists are of, as a date."""
    return _terminology()[0]


def read_terminology(path: Path) -> dict[str, StandardCodelist]:
    """Read a whole terminology file; codelists by C-code, by name where one has no code.

    By the file's ending:
      .yaml .yml        the form of our own terminology.yaml
      .json             {codelists: {"SDTM:SEX": {code, name, extensible, terms: [{value, code, nci, syn}]}}},
                        or CDISC Library's {codelists: [{conceptId, submissionValue, terms: [...]}]}
      .txt .tsv .csv    NCI EVS's export, tabs or commas: a row without "Codelist Code" is a list, else a term

    A file that cannot be read so is a DataError that names the line or the term; wrong YAML is a SpecError.
    """
    ending = path.suffix.lower()
    if ending in (".yaml", ".yml"):
        return _by_key(_read_yaml(path)[1])
    if ending not in (".json", ".txt", ".tsv", ".csv"):
        hint = "Give .yaml, .json, .txt, .tsv or .csv."
        raise DataError(f"A terminology file does not end in '{ending}'.", path=str(path), hint=hint)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        hint = "Save it as UTF-8."
        raise DataError("The terminology file is not UTF-8.", path=str(path), hint=hint) from None
    except OSError as error:
        raise DataError(f"The terminology file cannot be read: {error.strerror}.", path=str(path)) from None
    found = _by_key(_read_json(text, path) if ending == ".json" else _read_table(text, path))
    if not found:
        raise DataError("The terminology file holds no codelist.", path=str(path))
    return found


def _by_key(codelists: Iterable[StandardCodelist]) -> dict[str, StandardCodelist]:
    found: dict[str, StandardCodelist] = {}
    for c in codelists:
        found.setdefault(c.key, c)  # SDTM and Define-XML publish some lists twice
    return found


# Our own files


@cache
def _domains() -> dict[str, StandardDomain]:
    tree = _load("sdtm.yaml")
    return {
        name: StandardDomain(
            name,
            d["label"],
            d["class"],
            d["structure"],
            tuple(d["keys"]),
            tuple(_variable(v, tree["standard"]) for v in d["variables"]),
        )  # fmt: skip
        for name, d in tree["domains"].items()
    }


@cache
def _adam() -> tuple[dict[str, StandardVariable], list[tuple[re.Pattern[str], StandardVariable]]]:
    exact, families = {}, []
    for standard, entries in _load("adam.yaml").items():
        for entry in entries:
            variable = _variable(entry, "" if standard == "none" else standard)
            if variable.name.isupper():
                exact[variable.name] = variable
            else:
                families.append((_family(variable.name), variable))
    return exact, families


_NUMBERS = {"xx": "0[1-9]|[1-9][0-9]", "zz": "0[1-9]|[1-9][0-9]", "y": "[1-9][0-9]?", "w": "[1-9]"}


def _family(name: str) -> re.Pattern[str]:
    """TRTxxP: the pattern of its names; each small letter is a group named for itself."""
    return re.compile(re.sub("xx|zz|y|w", lambda m: f"(?P<{m[0]}>{_NUMBERS[m[0]]})", name))


def _variable(entry: dict[str, Any], standard: str) -> StandardVariable:
    codes = entry.get("codelist", [])
    codelist = (codes,) if isinstance(codes, str) else tuple(codes)
    return StandardVariable(**{"standard": standard, **entry, "codelist": codelist})


def _load(name: str) -> Any:
    with (FOLDER / name).open("rb") as file:
        return yaml.load(file, Loader=_Loader)


@cache
def _terminology() -> tuple[str, dict[str, StandardCodelist]]:
    version, codelists = _read_yaml(FOLDER / "terminology.yaml")
    return version, _by_key(codelists)


# Terminology files


class TerminologyTerm(Entry):
    code: str = ""
    decode: str = ""


class TerminologyList(Entry):
    code: str = ""
    label: str
    standard: str = ""
    extensible: Literal["Yes", "No"]
    excerpt: Literal["Yes", "No"] = "No"
    terms: dict[str, TerminologyTerm]


class TerminologyFile(Entry):
    """A terminology file in our own form; codelists by name."""

    version: str
    codelists: dict[str, TerminologyList]


def _read_yaml(path: Path) -> tuple[str, list[StandardCodelist]]:
    file: TerminologyFile = load_yaml(path, TerminologyFile)
    return file.version, [
        StandardCodelist(
            c.code,
            name,
            c.label,
            c.extensible == "Yes",
            tuple(StandardTerm(value, t.code, t.decode) for value, t in c.terms.items()),
            c.standard,
            c.excerpt == "Yes",
        )  # fmt: skip
        for name, c in file.codelists.items()
    ]


def _read_json(text: str, path: Path) -> list[StandardCodelist]:
    try:
        # A bare NaN is the submission value NA (of list NY) that some program took for a missing one.
        tree = json.loads(text, parse_constant=lambda word: "NA" if word == "NaN" else word)
    except json.JSONDecodeError as error:
        raise DataError(f"The file is not JSON: {error.msg}.", path=f"{path}, line {error.lineno}") from None
    codelists = tree.get("codelists") if isinstance(tree, dict) else None
    if not isinstance(codelists, (dict, list)):
        raise DataError("The terminology file has no 'codelists'.", path=str(path))
    entries = codelists.items() if isinstance(codelists, dict) else enumerate(codelists, start=1)
    return [_json_list(key, entry, path) for key, entry in entries]


def _json_list(key: str | int, entry: dict[str, Any], path: Path) -> StandardCodelist:
    """A list under its name is in the short form, a numbered one in CDISC Library's."""
    try:
        if isinstance(key, str):
            standard, _, name = key.rpartition(":")
            terms = tuple(_json_term(t, "value", "code", "nci", "syn") for t in entry["terms"])
            extensible = _yes(entry["extensible"])
            return StandardCodelist(entry["code"], name, entry["name"], extensible, terms, standard)
        terms = tuple(
            _json_term(t, "submissionValue", "conceptId", "preferredTerm", "synonyms") for t in entry["terms"]
        )
        name = entry["submissionValue"]
        return StandardCodelist(entry["conceptId"], name, entry["name"], _yes(entry["extensible"]), terms)
    except KeyError as error:
        raise DataError(f"Codelist {key}: the key {error} is missing.", path=str(path)) from None
    except (TypeError, ValueError) as error:
        raise DataError(f"Codelist {key}: {error}.", path=str(path)) from None


def _json_term(term: dict[str, Any], value: str, code: str, decode: str, synonyms: str) -> StandardTerm:
    if not isinstance(term[value], str):
        raise ValueError(f"the submission value {term[value]!r} is not a text")
    return StandardTerm(term[value], term[code], term.get(decode) or "", tuple(term.get(synonyms) or ()))


def _yes(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in ("yes", "true", "no", "false"):
        raise ValueError(f"extensible is '{value}', neither Yes nor No")
    return word in ("yes", "true")


_CODE, _LIST, _EXTENSIBLE = "Code", "Codelist Code", "Codelist Extensible (Yes/No)"
_LABEL, _VALUE, _SYNONYMS, _DECODE, _STANDARD = (
    "Codelist Name", "CDISC Submission Value", "CDISC Synonym(s)", "NCI Preferred Term", "Standard and Date",
)  # fmt: skip


def _read_table(text: str, path: Path) -> list[StandardCodelist]:
    lines = _lines(text)
    header = [cell.strip() for cell in next(lines, (1, []))[1]]
    missing = [c for c in (_CODE, _LIST, _EXTENSIBLE, _LABEL, _VALUE) if c not in header]
    if missing:
        hint = "The columns are those of NCI EVS's export of CDISC terminology."
        raise DataError(f"The terminology file has no column '{missing[0]}'.", path=str(path), hint=hint)
    lists: dict[str, StandardCodelist] = {}
    terms: dict[str, list[StandardTerm]] = {}
    for number, cells in lines:
        if not any(cells):
            continue
        row = dict.fromkeys(header, "") | dict(zip(header, (cell.strip() for cell in cells), strict=False))
        place = f"{path}, line {number}"
        if not row[_CODE] or not row[_VALUE]:
            raise DataError(f"A row has no '{_VALUE if row[_CODE] else _CODE}'.", path=place)
        if not row[_LIST]:
            lists[row[_CODE]] = _table_list(row, place)
        elif row[_LIST] in lists:
            terms.setdefault(row[_LIST], []).append(_table_term(row))
        else:
            raise DataError(f"Codelist {row[_LIST]} has no row of its own before its terms.", path=place)
    return [replace(c, terms=tuple(terms.get(code, ()))) for code, c in lists.items()]


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with their lines. With tabs a line is a row; with commas a quoted cell may hold line breaks."""
    if "\t" in text.partition("\n")[0]:
        for number, line in enumerate(text.split("\n"), start=1):
            yield number, [_unquoted(cell) for cell in line.rstrip("\r").split("\t")]
    else:
        reader = csv.reader(io.StringIO(text, newline=""))
        for cells in reader:
            yield reader.line_num, cells


def _table_list(row: Mapping[str, str], place: str) -> StandardCodelist:
    try:
        extensible = _yes(row[_EXTENSIBLE])
    except ValueError as error:
        raise DataError(f"Codelist {row[_CODE]}: {error}.", path=place) from None
    return StandardCodelist(row[_CODE], row[_VALUE], row[_LABEL], extensible, (), row.get(_STANDARD, ""))


def _table_term(row: Mapping[str, str]) -> StandardTerm:
    synonyms = tuple(s.strip() for s in row.get(_SYNONYMS, "").split(";") if s.strip())
    return StandardTerm(row[_VALUE], row[_CODE], row.get(_DECODE, ""), synonyms)


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def type_of_file(name: str, said: str | None) -> Literal["text", "integer", "float", "date"]:
    """The type of a variable of an ADaM file that was made elsewhere: the one said, else the standard's, else
    text."""
    standard = adam_variable(name)
    kind = said or (standard.type if standard else "text")
    known: tuple[Literal["integer", "float", "date"], ...] = ("integer", "float", "date")
    return next((k for k in known if k == kind), "text")
