"""The standards' variables and our terminology against what is published; terminology files as handed out."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tlfgen.data import standards
from tlfgen.data.standards import (
    StandardCodelist,
    StandardTerm,
    StandardVariable,
    adam_variable,
    codelist,
    find_codelist,
    read_terminology,
    sdtm_domain,
    sdtm_variable,
    terminology_version,
)
from tlfgen.errors import DataError, SpecError
from tlfgen.spec.loader import read_tree

REFERENCE = os.environ.get("TLFGEN_REFERENCE")
needs_reference = pytest.mark.skipif(not REFERENCE, reason="TLFGEN_REFERENCE is not set")
DOMAINS = ("DM", "SE", "SV", "EC", "EX", "AE", "DS", "VS", "TA", "TE", "TV", "TS", "SUPPQUAL")
FIRST = {"xx": "01", "zz": "01", "y": "1", "w": "1"}
OURS = standards.FOLDER / "terminology.yaml"


def sdtm_variables() -> Iterator[tuple[str, StandardVariable]]:
    for name in DOMAINS:
        domain = sdtm_domain(name)
        assert domain is not None
        yield from ((name, variable) for variable in domain.variables)


def adam_entries() -> list[tuple[str, dict[str, Any]]]:
    """Every entry of adam.yaml with its standard, families under the name of the file."""
    tree = read_tree(standards.FOLDER / "adam.yaml", shown="adam.yaml")
    return [(standard, entry) for standard, entries in tree.items() for entry in entries]


def first_member(family: str) -> str:
    return re.sub("xx|zz|y|w", lambda letter: FIRST[letter[0]], family)


# our own files


@pytest.mark.parametrize("name", ["sdtm.yaml", "adam.yaml", "terminology.yaml"])
def test_no_key_stands_twice(name: str) -> None:
    assert read_tree(standards.FOLDER / name, shown=name)


def test_no_variable_stands_twice() -> None:
    adam = Counter(entry["name"] for _, entry in adam_entries())
    sdtm = Counter((domain, variable.name) for domain, variable in sdtm_variables())
    assert [name for name, count in {**adam, **sdtm}.items() if count > 1] == []


def test_names_and_labels_fit_a_transport_file() -> None:
    """XPT version 5: names of 8 characters, labels of 40, ASCII."""
    adam = [adam_variable(first_member(entry["name"])) for _, entry in adam_entries()]
    assert None not in adam
    every = [v for v in adam if v] + [v for _, v in sdtm_variables()]
    long = [v.name for v in every if not (0 < len(v.label) <= 40 and v.label.isascii())]
    badly_named = [v.name for v in every if not re.fullmatch("[A-Z][A-Z0-9]{0,7}", v.name)]
    assert (long, badly_named) == ([], [])
    for name in DOMAINS:
        domain = sdtm_domain(name)
        assert domain and len(domain.label) <= 40 and domain.label.isascii()


def test_every_variable_has_a_known_type() -> None:
    assert {v.type for _, v in sdtm_variables()} == {"text", "integer", "float", "iso", "duration"}
    assert {e["type"] for _, e in adam_entries()} == {"text", "integer", "float", "date", "datetime"}
    formats = {(e["type"], e.get("format")) for _, e in adam_entries()}
    assert {(kind, shown) for kind, shown in formats if kind in ("date", "datetime") or shown} == {
        ("date", "DATE9."),
        ("datetime", "DATETIME20."),
    }


def test_every_codelist_of_a_variable_is_in_our_terminology() -> None:
    named = {code for _, v in sdtm_variables() for code in v.codelist}
    named |= {entry["codelist"] for _, entry in adam_entries() if "codelist" in entry}
    assert {code for code in named if codelist(code) is None} == set()


def test_keys_are_variables_of_their_domain() -> None:
    for name in DOMAINS:
        domain = sdtm_domain(name)
        assert domain and set(domain.keys) <= set(domain.by_name), name


@pytest.mark.parametrize(("codes", "names"), [("VSTESTCD", "VSTEST"), ("TSPARMCD", "TSPARM")])
def test_a_short_name_and_its_name_are_one_concept(codes: str, names: str) -> None:
    short, long = codelist(codes), codelist(names)
    assert short and long
    assert {t.code: t.decode for t in short.terms} == {t.code: t.value for t in long.terms}


def test_each_own_list_is_whole_or_says_that_it_is_an_excerpt() -> None:
    both = [codelist("AESEV"), codelist("UNIT")]
    assert [(c.name, c.excerpt) for c in both if c] == [("AESEV", False), ("UNIT", True)]


# lookups


def test_a_variable_of_a_domain() -> None:
    """SDTMIG 3.4, the tables of AE and DS."""
    assert sdtm_variable("AE", "AESEV") == StandardVariable(
        "AESEV", "Severity/Intensity", "text", "Record Qualifier", "Perm", ("C66769",), standard="SDTMIG 3.4"
    )
    disposition = sdtm_variable("DS", "DSDECOD")
    assert disposition and set(disposition.codelist) == {"C66727", "C114118", "C150811"}
    assert sdtm_variable("AE", "DSDECOD") is None
    assert sdtm_variable("ZZ", "ZZSEQ") is None and sdtm_domain("ZZ") is None


def test_a_variable_of_the_model_says_so() -> None:
    collected = sdtm_variable("AE", "AEDTC")
    assert collected and (collected.standard, collected.core, collected.type) == ("SDTM 2.0", "Perm", "iso")


def test_supplemental_datasets_share_their_variables() -> None:
    general, of_events = sdtm_domain("SUPPQUAL"), sdtm_domain("SUPPAE")
    assert general and of_events and sdtm_domain("SUPP--") == general
    assert (of_events.name, of_events.label) == ("SUPPAE", "Supplemental Qualifiers for AE")
    assert of_events.variables == general.variables
    name = sdtm_variable("SUPPAE", "QNAM")
    assert name and name == sdtm_variable("SUPP--", "QNAM")


@pytest.mark.parametrize(
    ("name", "label", "kind"),
    [
        ("TRTSDT", "Date of First Exposure to Treatment", "date"),
        ("TRT01A", "Actual Treatment for Period 01", "text"),
        ("TRT12PN", "Planned Treatment for Period 12 (N)", "integer"),
        ("TR01PG2", "Planned Pooled Treatment 2 for Period 01", "text"),
        ("CQ02NAM", "Customized Query 02 Name", "text"),
        ("ANL01FL", "Analysis Flag 01", "text"),
        ("AGEGR1N", "Pooled Age Group 1 (N)", "integer"),
        ("TRTEM1FL", "Treatment Emergent Analysis 1 Flag", "text"),
    ],
)
def test_an_adam_variable_of_a_family(name: str, label: str, kind: str) -> None:
    """ADaMIG 1.3, section 3: xx and zz are two digits, y and w numbers without a leading zero; OCCDS 1.1."""
    found = adam_variable(name)
    assert found and (found.name, found.label, found.type) == (name, label, kind)


@pytest.mark.parametrize("name", ["TRTxxP", "TRT1P", "TRT00P", "AGEGR0", "TRTEM10FL", "CQ2NAM", "NOSUCH", ""])
def test_what_is_no_adam_variable(name: str) -> None:
    assert adam_variable(name) is None


def test_a_codelist_by_code_or_name() -> None:
    by_name = codelist("NY")
    assert by_name is not None and by_name is codelist("C66742")
    assert (by_name.label, by_name.extensible, by_name.standard) == ("No Yes Response", False, "SDTM")
    assert by_name.by_value["Y"] == StandardTerm("Y", "C49488", "Yes")
    assert list(by_name.by_value) == ["N", "NA", "U", "Y"]
    assert codelist("C0") is None
    grades = codelist("TOXGR")
    assert grades and (grades.code, grades.standard) == ("", "CTCAE 5.0")
    assert list(grades.by_value) == ["1", "2", "3", "4", "5"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", terminology_version())


# whole terminology files

SEX = StandardCodelist(
    "C66731", "SEX", "Sex", False, (StandardTerm("F", "C16576", "Female", ("Female", "Woman")),), "SDTM"
)
HEADER = (
    "Code\tCodelist Code\tCodelist Extensible (Yes/No)\tCodelist Name\tCDISC Submission Value\t"
    "CDISC Synonym(s)\tCDISC Definition\tNCI Preferred Term"
)
EVS = f"""{HEADER}
C66731\t\tNo\tSex\tSEX\tSex\tA list, of sexes.\tCDISC SDTM Sex Terminology
C16576\tC66731\t\tSex\tF\tFemale; Woman\tA "person".\tFemale
C71620\t\tYes\tUnit\tUNIT\tUnit\tUnits.\tCDISC SDTM Unit Terminology
C48500\tC71620\t\tUnit\t"in"\tInch\tA length.\tInch
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_export_with_tabs(tmp_path: Path) -> None:
    found = read_terminology(write(tmp_path, "SDTM Terminology.txt", EVS.replace("\n", "\r\n")))
    assert list(found) == ["C66731", "C71620"]
    assert found["C66731"] == StandardCodelist("C66731", "SEX", "Sex", False, SEX.terms)
    assert found["C71620"].extensible
    assert found["C71620"].terms == (StandardTerm("in", "C48500", "Inch", ("Inch",)),)
    assert find_codelist(found, "SEX") is found["C66731"] and find_codelist(found, "NY") is None


def test_an_export_with_commas(tmp_path: Path) -> None:
    """Commas, quotation marks and line breaks inside a quoted cell."""
    text = (
        HEADER.replace("\t", ",") + ",Standard and Date\n"
        "C66726,,Yes,Dosage Form,FRM,,,,SDTM CT 2025-03-28\n"
        'C42945,C66726,,Dosage Form,"INJECTION, SOLUTION",,"A ""form""\nof two lines",Injectable,SDTM CT\n'
    )
    (form,) = read_terminology(write(tmp_path, "ct.csv", text)).values()
    assert (form.name, form.extensible, form.standard) == ("FRM", True, "SDTM CT 2025-03-28")
    assert form.terms == (StandardTerm("INJECTION, SOLUTION", "C42945", "Injectable"),)


def test_json_by_name(tmp_path: Path) -> None:
    term = {"value": "F", "code": "C16576", "nci": "Female", "syn": ["Female", "Woman"]}
    entry = {"code": "C66731", "name": "Sex", "extensible": False, "terms": [term]}
    path = write(tmp_path, "ct.json", json.dumps({"codelists": {"SDTM:SEX": entry}}))
    assert read_terminology(path) == {"C66731": SEX}


def test_json_of_the_cdisc_library(tmp_path: Path) -> None:
    term = {"conceptId": "C16576", "submissionValue": "F", "preferredTerm": "Female"}
    entry = {"conceptId": "C66731", "submissionValue": "SEX", "name": "Sex", "extensible": "false"}
    entry_with_term = entry | {"terms": [term | {"synonyms": ["Female", "Woman"]}]}
    path = write(tmp_path, "ct.json", json.dumps({"codelists": [entry_with_term]}))
    assert read_terminology(path) == {"C66731": StandardCodelist("C66731", "SEX", "Sex", False, SEX.terms)}


def test_the_value_na_that_became_nan(tmp_path: Path) -> None:
    term = '{"value": NaN, "code": "C48660"}'
    entry = f'{{"code": "C66742", "name": "No Yes Response", "extensible": false, "terms": [{term}]}}'
    found = read_terminology(write(tmp_path, "ct.json", f'{{"codelists": {{"SDTM:NY": {entry}}}}}'))
    assert list(found["C66742"].by_value) == ["NA"]


def test_our_own_form() -> None:
    found = read_terminology(OURS)
    assert found["C66742"] == codelist("NY") and found["COUNTRY"] == codelist("COUNTRY")


def json_list(rest: str) -> str:
    return f'{{"codelists": {{"A": {{"code": "C1", "name": "A", "terms": {rest}}}}}}}'


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("ct.xlsx", "", "does not end in '.xlsx'"),
        ("ct.txt", "Code\tCodelist Code\n", "no column 'Codelist Extensible (Yes/No)'"),
        ("ct.csv", "", "no column 'Code'"),
        ("ct.txt", HEADER + "\n", "holds no codelist"),
        ("ct.txt", HEADER + "\nC2\tC1\t\tA\tV\n", "ct.txt, line 2"),
        ("ct.txt", HEADER + "\nC1\t\tNo\tA\tA\nC2\tC1\t\tA\t\n", "ct.txt, line 3"),
        ("ct.txt", HEADER + "\nC1\t\tPerhaps\tA\tA\n", "Codelist C1: extensible is 'Perhaps'"),
        ("ct.json", '{"codelists": {', "line 1"),
        ("ct.json", "[]", "no 'codelists'"),
        ("ct.json", json_list("[]"), "Codelist A: the key 'extensible' is missing"),
        ("ct.json", json_list('[], "extensible": 2'), "Codelist A: extensible is '2'"),
        ("ct.json", json_list('[7], "extensible": false'), "Codelist A: "),
        ("ct.json", json_list('[{"value": 1, "code": "C2"}], "extensible": false'), "value 1 is not a text"),
    ],
)
def test_what_a_damaged_file_is_told(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read_terminology(write(tmp_path, name, text))
    assert says in str(caught.value) and str(tmp_path / name) in str(caught.value)


def test_a_file_that_is_absent_or_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_terminology(tmp_path / "none.txt")
    (tmp_path / "ct.txt").write_bytes(b"Code\t\xff")
    with pytest.raises(DataError, match="not UTF-8"):
        read_terminology(tmp_path / "ct.txt")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("NY: {label: No Yes, extensible: 'No', terms: {Y: {}}, colour: red}", "'colour' is not known"),
        ("NY: {label: No Yes, extensible: maybe, terms: {Y: {}}}", "extensible"),
        ("NY: {label: No Yes, extensible: 'No', terms: {Y: {}, Y: {}}}", "The key 'Y' stands twice"),
    ],
)
def test_wrong_yaml_names_its_line(tmp_path: Path, line: str, says: str) -> None:
    path = write(tmp_path, "ct.yaml", f"version: 2025-03-28\ncodelists:\n  {line}\n")
    with pytest.raises(SpecError) as caught:
        read_terminology(path)
    assert says in str(caught.value) and f"{path}, line 3" in str(caught.value)


# against what is published


def reference(name: str) -> Path:
    assert REFERENCE
    return Path(REFERENCE) / name


@cache
def published(name: str) -> Any:
    """A file of the metadata that CDISC Library publishes."""
    return json.loads(gzip.decompress(reference(f"core_cache/{name}.json.gz").read_bytes()))


@cache
def guide() -> Any:
    return published("variables_metadata")["library_variables_metadata/sdtmig/3-4"]


def published_terminology(folder: Path) -> dict[str, StandardCodelist]:
    found: dict[str, StandardCodelist] = {}
    for name in ("sdtmct-2025-03-28", "adamct-2025-03-28"):
        path = folder / f"{name}.json"
        path.write_bytes(gzip.decompress(reference(f"core_cache/ct/{name}.json.gz").read_bytes()))
        found |= read_terminology(path)
    return found


def differences(ours: StandardCodelist, theirs: StandardCodelist) -> Iterator[str]:
    """Where one of our lists says something else than the published one."""
    for what in ("name", "label", "extensible"):
        if getattr(ours, what) != getattr(theirs, what):
            yield f"{ours.name}.{what}: {getattr(ours, what)!r}, published {getattr(theirs, what)!r}"
    for term in ours.terms:
        known = theirs.by_value.get(term.value)
        if known is None or known.code != term.code:
            yield f"{ours.name}: {term.value} {term.code}, published {known and known.code}"
    if ours.excerpt != (set(theirs.by_value) > set(ours.by_value)):
        yield f"{ours.name}: excerpt is {ours.excerpt}"


@pytest.mark.reference
@needs_reference
def test_every_codelist_and_term_is_as_published(tmp_path: Path) -> None:
    theirs = published_terminology(tmp_path)
    ours = [c for c in read_terminology(OURS).values() if c.code]
    assert len(ours) > 40 and terminology_version() == "2025-03-28"
    assert [c.name for c in ours if c.code not in theirs] == []
    assert [d for c in ours for d in differences(c, theirs[c.code])] == []


@pytest.mark.reference
@needs_reference
def test_every_codelist_and_term_is_in_the_second_copy() -> None:
    """Another extract of the same release holds some of the lists; none contradicts ours."""
    theirs = read_terminology(reference("ct/cdisc_ct_2025-03-28.json"))
    ours = [c for c in read_terminology(OURS).values() if c.code in theirs]
    assert len(ours) > 30
    assert [d for c in ours for d in differences(c, theirs[c.code]) if "excerpt" not in d] == []


@pytest.mark.reference
@needs_reference
def test_a_wrong_code_or_value_is_noticed(tmp_path: Path) -> None:
    """So that the tests above can fail: a wrong code, an unknown term, extensible, an excerpt not marked."""
    theirs = published_terminology(tmp_path)["C66727"]
    right = StandardTerm("DEATH", "C28554")
    ours = StandardCodelist("C66727", "NCOMPLT", theirs.label, True, (right,), excerpt=True)
    assert list(differences(ours, theirs)) == []
    wrong = (StandardTerm("DEATH", "C1"), StandardTerm("GONE", "C2"))
    assert [d.split(",")[0] for d in differences(replace(ours, extensible=False, terms=wrong), theirs)] == [
        "NCOMPLT.extensible: False",
        "NCOMPLT: DEATH C1",
        "NCOMPLT: GONE C2",
        "NCOMPLT: excerpt is True",
    ]
    assert list(differences(replace(ours, excerpt=False), theirs)) == ["NCOMPLT: excerpt is False"]


@pytest.mark.reference
@needs_reference
def test_every_decode_is_the_published_term_or_a_synonym(tmp_path: Path) -> None:
    theirs = published_terminology(tmp_path)
    strange = []
    for ours in read_terminology(OURS).values():
        for term in ours.terms:
            if ours.code and term.decode:
                known = theirs[ours.code].by_value[term.value]
                tests = (*theirs["C67153"].terms, *theirs["C67152"].terms)
                long_names = {t.value for t in tests if t.code == term.code}
                if term.decode not in {known.decode, *known.synonyms, *long_names}:
                    strange.append((ours.name, term.value, term.decode))
    assert strange == []


@pytest.mark.reference
@needs_reference
def test_lists_without_a_code_are_not_in_the_release(tmp_path: Path) -> None:
    theirs = published_terminology(tmp_path)
    foreign = [c.name for c in read_terminology(OURS).values() if not c.code]
    assert foreign == ["COUNTRY", "NULLFLAVOR", "TOXGR"]
    assert [name for name in foreign if find_codelist(theirs, name)] == []


@pytest.mark.reference
@needs_reference
@pytest.mark.parametrize("name", DOMAINS)
def test_every_domain_is_the_guides(name: str) -> None:
    classes = published("standards_details")["standards/sdtmig/3-4"]["classes"]
    (cls, theirs), *_ = [(c["name"], d) for c in classes for d in c.get("datasets", []) if d["name"] == name]
    ours = sdtm_domain(name)
    assert ours
    assert ours.label == theirs["label"].replace("[domain name]", "--")
    assert ours.class_ == cls.upper().replace("-", " ")  # as Define-XML terminology C103329 writes it
    assert ours.structure == theirs["datasetStructure"]


@pytest.mark.reference
@needs_reference
@pytest.mark.parametrize("name", DOMAINS)
def test_every_variable_is_the_guides(name: str) -> None:
    """Label, role, core, codelists, kind, order; no required or expected variable is left out."""
    theirs, maps = guide()[name], published("variable_codelist_maps")["sdtmig-3-4-codelists"]
    ours = [v for domain, v in sdtm_variables() if domain == name and v.standard == "SDTMIG 3.4"]
    for v in ours:
        known = theirs[v.name]
        codes = {link["href"].rsplit("/", 1)[1] for link in known["_links"].get("codelist", [])}
        assert (v.label, v.role, v.core) == (known["label"], known["role"], known["core"]), v.name
        assert set(v.codelist) == codes == set(maps.get(v.name, [])), v.name
        assert (v.type in ("integer", "float")) == (known["simpleDatatype"] == "Num"), v.name
        domain_of_values = known.get("describedValueDomain") or ""
        assert (v.type == "iso") == ("datetime" in domain_of_values), v.name
        assert (v.type == "duration") == ("duration" in domain_of_values), v.name
    order = [n for n in theirs if n in {v.name for v in ours}]
    assert [v.name for v in ours] == order
    assert {n for n, v in theirs.items() if v["core"] in ("Req", "Exp")} <= set(order)


@pytest.mark.reference
@needs_reference
def test_variables_of_the_model_are_the_models() -> None:
    classes = published("standards_models")["models/sdtm/2-0"]["classes"]
    general = next(c for c in classes if c["name"] == "General Observations")
    theirs = {v["name"]: v for v in general["classVariables"]}
    ours = [(d, v) for d, v in sdtm_variables() if v.standard == "SDTM 2.0"]
    assert {v.name for _, v in ours} == {"AEDTC", "AEDY", "VISITNUM", "VISIT", "VISITDY"}
    for domain, v in ours:
        known = theirs[re.sub(f"^{domain}", "--", v.name)]
        assert (v.label, v.role) == (known["label"], known["role"]), v.name
        assert v.name not in guide()[domain]


def adam_published(*guides: str) -> dict[str, dict[str, Any]]:
    details = published("standards_details")
    structures = [s for g in guides for s in details[f"standards/adam/{g}"]["dataStructures"]]
    sets = [s for structure in structures for s in structure.get("analysisVariableSets", [])]
    return {v["name"]: v for s in sets for v in s["analysisVariables"]}


@pytest.mark.reference
@needs_reference
@pytest.mark.parametrize("standard", ["ADaMIG 1.3", "OCCDS 1.1"])
def test_every_adam_variable_is_its_guides(standard: str) -> None:
    theirs = adam_published({"ADaMIG 1.3": "adamig-1-3", "OCCDS 1.1": "adam-occds-1-1"}[standard])
    ours = [entry for s, entry in adam_entries() if s == standard]
    assert len(ours) > 30
    for entry in ours:
        known = theirs.get(entry["name"]) or theirs[re.sub("^AE", "--", entry["name"])]
        codes = {link["href"].rsplit("/", 1)[1] for link in known["_links"].get("codelist", [])}
        assert entry["label"] == known["label"], entry["name"]
        assert {entry["codelist"]} == codes if "codelist" in entry else not codes, entry["name"]
        assert (entry["type"] == "text") == (known["simpleDatatype"] == "Char"), entry["name"]


@pytest.mark.reference
@needs_reference
def test_adam_variables_of_no_adam_guide() -> None:
    theirs = adam_published("adamig-1-3", "adam-occds-1-1")
    of_sdtm = {v["name"]: v["label"] for domain in guide().values() for v in domain.values()}
    ours = [(s, e) for s, e in adam_entries() if s in ("SDTMIG 3.4", "none")]
    assert [e["name"] for _, e in ours if e["name"] in theirs] == []
    assert [e["name"] for s, e in ours if s == "SDTMIG 3.4" and e["label"] != of_sdtm[e["name"]]] == []
    assert [e["name"] for s, e in ours if s == "none" and e["name"] in of_sdtm] == []
