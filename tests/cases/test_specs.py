"""What the specs say is found by check, and what they say exists is there, whatever the data hold."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from cases.conftest import Case, MakeCase

from tlfgen.adam.build import sdtm_table, with_supplements
from tlfgen.data.ascii_text import as_ascii
from tlfgen.data.long_text import joined, pieces, submission_length
from tlfgen.data.store import read_dataset, write_dataset, write_transport
from tlfgen.data.unread import unread
from tlfgen.engine.table import Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import NOWHERE, DataError, Finding, SpecError
from tlfgen.sdtm.build import unread_variables


def as_adam_reads(case: Case, domain: str) -> tuple[Workspace, Table]:
    """A domain as the ADaM stage has it, with what stands in SUPP--."""
    specs = case.study.specs
    sdtm = {n: d for n, d in case.data.items() if n.removeprefix("SUPP") in specs.domains}
    table = sdtm_table(domain, with_supplements(sdtm, specs)[domain])
    table.collected = unread_variables(specs.domains[domain], specs.forms)
    return Workspace("adam", specs.study, specs.codelists, tables={domain: table}), table


def test_a_seriousness_that_cannot_be_read_is_told_from_one_that_was_not_given(case: MakeCase) -> None:
    """Case 04: of eight records one has the seriousness 'Yess'; in the base every one is read."""
    workspace, table = as_adam_reads(case("04-seriousness-unreadable"), "AE")
    rows = workspace.rows(table, ["AESER", "AETERM"], NOWHERE)
    told = rows.filter(unread(rows, "AESER"))
    assert told.height == 1 and told["AESER"].to_list() == [None]
    assert table.frame["AESERO"].drop_nulls().len() == 1
    assert not unread(rows, "AETERM").any()


def test_a_dose_that_cannot_be_read_is_told_among_the_records_of_another_dataset(case: MakeCase) -> None:
    """A number that its variable could not hold is kept as it was collected, and is no zero and no blank."""
    study = case("base")
    dosing = (study.folder / "raw" / "ec.csv").read_text("utf-8").splitlines()
    header, first, *rest = dosing
    fields = first.split(",")
    fields[header.split(",").index("DOSE")] = "1O0"
    study.write("raw/ec.csv", "\n".join([header, ",".join(fields), *rest]) + "\n")
    workspace, _ = as_adam_reads(study, "EX")
    records = workspace.records(["EX.EXDOSE", "EX.EXSTDTC"], NOWHERE)
    assert records.filter(unread(records, "EXDOSE"))["EXDOSE"].to_list() == [None]
    assert {r["QVAL"] for r in study.rows("SUPPEX") if r["QNAM"] == "EXDOSEO"} == {"1O0"}


def test_a_time_that_cannot_be_read_is_kept_beside_its_date(case: MakeCase) -> None:
    """The day stands in AESTDTC; the text with the time, which no variable holds, in SUPPAE."""
    study = case("base").replace("raw/ae.csv", "2024-03-25,,2024-03-26", "2024-03-25,25:99,2024-03-26")
    kept = [r["QVAL"] for r in study.rows("SUPPAE") if r["QNAM"] == "AESTDTCO"]
    assert kept == ["2024-03-25 25:99"]
    assert study.rows("AE")[0]["AESTDTC"] == "2024-03-25"


def test_two_names_of_eight_letters_that_begin_alike_keep_their_texts_apart(case: MakeCase) -> None:
    """AEACNDR1 and AEACNDR2 agree in seven letters; their texts must not share a name."""
    study = case("base").replace(
        "sdtm/ae.yaml", "  - {name: AESHOSP,",
        "  - {name: AEACNDR1, from: REL1, supp: true, label: First}\n"
        "  - {name: AEACNDR2, from: REL2, supp: true, label: Second}\n  - {name: AESHOSP,",
    )  # fmt: skip
    specs = study.study.specs
    names = unread_variables(specs.domains["AE"], specs.forms)
    assert (names["AEACNDR1"], names["AEACNDR2"]) == ("AEACNDRO", "AEACNDO2")


def test_a_supplemental_variable_without_a_record_is_null(case: MakeCase) -> None:
    """Case 58: nobody has a comment yet; COMMENT is null on all records and the report is built."""
    study = case("58-supp-without-records")
    assert not problems(study)
    assert {r["COMMENT"] for r in study.rows("ADAE")} == {None}


def test_an_empty_form_leaves_every_variable_of_its_domain_there(case: MakeCase) -> None:
    """An early cut: the form of events has its header alone."""
    study = case("58-supp-without-records")
    study.write("raw/ae.csv", (study.folder / "raw" / "ae.csv").read_text("utf-8").splitlines()[0] + "\n")
    assert study.rows("ADAE") == []
    assert {"COMMENT", "REL1", "REL2"} <= set(study.data["ADAE"].frame.columns)


def problems(case: Case) -> list[Finding]:
    return [f for f in case.check() if f.severity != "note"]


def refused(case: Case) -> SpecError:
    with pytest.raises(SpecError) as caught:
        case.check()
    return caught.value


@pytest.mark.parametrize(
    ("name", "file", "text", "says"),
    [
        ("61-key-not-there", "adam/adtte.yaml", "keys:", ("ADTTE has no variable 'STUDYID'", "'SUBJID'")),
        ("86-copy-typo", "adam/adsl.yaml", "SXE", ("DM has no variable 'SXE'", "'SEX'")),
        ("88-group-typo", "adam/adae.yaml", "relatd", ("the group 'relatd' does not exist", "'related'")),
        ("89-name-over-8", "adam/adsl.yaml", "DOSINGDAYS", ("ADSL.DOSINGDAYS has 10 characters", "8")),
        ("48-label-over-40", "adam/adsl.yaml", "CUMDOSE", ("ADSL.CUMDOSE has 58 characters", "40")),
    ],
)
def test_check_says_what_is_wrong_where_and_what_to_write(
    case: MakeCase, name: str, file: str, text: str, says: tuple[str, ...]
) -> None:
    """Cases 48, 61, 86, 88, 89: each was found by the build alone, cut in silence, or named a wrong place."""
    study = case(name)
    lines = (study.folder / file).read_text("utf-8").splitlines()
    line = next(n for n, content in enumerate(lines, 1) if text in content)
    error = refused(study)
    assert str(error.place) == f"specs/x/{file}, line {line}"
    assert all(part in str(error) for part in says)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("adam/adtte.yaml", "keys: [STUDYID,", "keys: [STUDYID, STUDYID,", "names STUDYID twice"),
        ("adam/adlb.yaml", "keys: [STUDYID,", "order: [LBSEK]\nkeys: [STUDYID,", "no variable 'LBSEK'"),
        ("sdtm/ae.yaml", "keys: [STUDYID,", "keys: [STUDYID, SOC,", "AE has no variable 'SOC'"),
        ("adam/adsl.yaml", "copy: {DM:", "copy: {DN: [AGE], DM:", "The dataset 'DN' does not exist"),
        ("adam/adae.yaml", "label: Adverse Events", "label: A Data Set of the Adverse Events", "ADAE has"),
        ("adam/adae.yaml", "Related to Drug 1 Flag", "Related to Drug ½", "(U+00BD)"),
        ("sdtm/ae.yaml", "Comment of the Investigator", f"C{'o' * 40}mment", "46 characters"),
        ("sdtm/ae.yaml", "{name: AECOMM, ", "{name: AECOMMENT, ", "AE.AECOMMENT has 9 characters"),
        ("adam/adsl.yaml", "start: TRTSDT, end: TRTEDT", "start: TRTSDT, end: TRTDURD", "needs itself"),
        ("adam/adsl.yaml", "EX.EXENDTC, open_until: [cutoff]", "EX.EXENDTC, open_until: [DTHDT]", None),
    ],
)  # fmt: skip
def test_names_labels_and_circles_are_found_at_check(
    case: MakeCase, file: str, old: str, new: str, says: str | None
) -> None:
    """The kinds of cases 48, 61, 86 and 89 in other places; None: right as it stands."""
    study = case("base").replace(file, old, new)
    if says is None:
        assert not problems(study)
    else:
        error = refused(study)
        assert says in str(error) and error.place.line and error.place.path == f"specs/x/{file}"


def test_a_circle_through_two_domains_is_found_at_check(case: MakeCase) -> None:
    """The study day needs the reference date; a reference date made from study days is a circle."""
    study = case("base").replace("sdtm/dm.yaml", "of: form.EC.ECSTDAT}", "of: AE.AESTDY}")
    error = refused(study)
    assert "AE.AESTDY needs itself: AE.AESTDY -> DM.RFSTDTC -> AE.AESTDY" in str(error)
    assert error.place.path == "specs/x/sdtm/ae.yaml" and error.place.line


def test_a_field_that_has_the_name_of_the_variable_is_meant(case: MakeCase) -> None:
    """Case 87: the form's column ARM fills DM.ARM."""
    study = case("87-column-named-as-a-variable")
    assert not problems(study)
    assert [r["ARM"] for r in study.rows("DM")] == [r["ARM"] for r in case("base").rows("DM")]


def test_a_made_record_is_of_the_study_and_its_null_keys_are_errors(case: MakeCase) -> None:
    """Case 28: eight records of AGE have STUDYID and what copy takes from ADSL; ADT and LBSEQ, keys, are null
    on them: each record is named."""
    study = case("28-null-key")
    made = [r for r in study.rows("ADLB") if r["PARAMCD"] == "AGE"]
    treated = {r["USUBJID"]: (r["TRT01A"], r["TRTSDT"], r["SAFFL"]) for r in study.rows("ADSL")}
    assert len(made) == 8 and {r["STUDYID"] for r in made} == {"BASE"}
    assert all((r["TRT01A"], r["TRTSDT"], r["SAFFL"]) == treated[r["USUBJID"]] for r in made)
    told = [f for f in study.stages[1] if f.rule == "keys"]
    assert {(f.field, f.subject) for f in told} == {(k, r["USUBJID"]) for r in made for k in ("ADT", "LBSEQ")}
    assert len(told) == 16 and all(f.severity == "error" for f in told)
    numbers = {n for n, r in enumerate(study.rows("ADLB"), 1) if r["PARAMCD"] == "AGE"}
    assert {f.row for f in told} == numbers


def test_the_keys_of_made_records_are_said_where_they_are_fewer(case: MakeCase) -> None:
    """One age a subject: known by subject and parameter, without date and sequence number."""
    study = case("28-null-key")
    study.replace("adam/adlb.yaml", "split_records,", "split_records, keys: [STUDYID, USUBJID, PARAMCD],")
    assert not [f for f in study.stages[1] if f.rule == "keys"]


def test_made_records_that_share_their_own_keys_stop_the_build(case: MakeCase) -> None:
    """Three weights a subject, of which the dates differ: subject and parameter do not tell them apart."""
    study = case("28-null-key").replace(
        "adam/adlb.yaml",
        "{derive: split_records, parameters: [{PARAMCD: AGE, PARAM: Age (years), PARAMN: 4, of: ADSL.AGE}]}",
        "{derive: split_records, keys: [STUDYID, USUBJID, PARAMCD], keep: [ADVS.ADT], "
        "where: \"PARAMCD = 'WEIGHT'\", "
        "parameters: [{PARAMCD: WT, PARAM: Weight (kg), PARAMN: 4, of: ADVS.AVAL}]}",
    )
    with pytest.raises(DataError, match=r"ADLB: \d+ records share their keys \(STUDYID, USUBJID, PARAMCD\)"):
        study.rows("ADLB")


def test_a_key_of_made_records_is_one_of_the_datasets(case: MakeCase) -> None:
    study = case("28-null-key")
    study.replace("adam/adlb.yaml", "split_records,", "split_records, keys: [STUDYID, USUBJID, PARAM],")
    assert "The key of ADLB 'PARAM' does not exist" in str(refused(study))


def test_a_variable_that_is_not_kept_is_read_and_stands_nowhere(case: MakeCase) -> None:
    """The weight in pounds of 1-01 at baseline, 60.5 kg, is 133.4 lb; ADVS, its lineage and its labels have
    no POUNDS."""
    study = case("base").replace(
        "adam/advs.yaml",
        "variables:\n",
        "variables:\n  - {name: POUNDS, compute: 'AVAL / 0.45359237', type: float, keep: false}\n"
        "  - {name: HEAVYFL, derive: flag_where, where: 'POUNDS > 133', label: Above 133 Pounds Flag}\n",
    )
    rows = [r for r in study.rows("ADVS") if r["PARAMCD"] == "WEIGHT"]
    assert "POUNDS" not in rows[0] and "POUNDS" not in [v.name for v in study.data["ADVS"].variables]
    assert all((r["HEAVYFL"] == "Y") == (r["AVAL"] / 0.45359237 > 133) for r in rows)
    assert {r["HEAVYFL"] for r in rows} == {"Y", None}


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("outputs/ae-by-term.yaml", "where: \"TRTEMFL = 'Y'\"", 'where: "AENDY > 1"', "no variable 'AENDY'"),
        ("adam/adae.yaml", "keys: [STUDYID, USUBJID, AESEQ]", "keys: [STUDYID, USUBJID, AENDY]", "'AENDY'"),
    ],
)
def test_what_is_not_kept_is_no_variable_of_the_dataset(
    case: MakeCase, file: str, old: str, new: str, says: str
) -> None:
    """An output or a key that names it is refused at check."""
    study = case("base").replace("adam/adae.yaml", "{name: AENDY,", "{name: AENDY, keep: false,")
    error = refused(study.replace(file, old, new))
    assert says in str(error) and "keep: false" in str(error.hint)


def test_a_collected_record_without_a_key_is_an_error(case: MakeCase) -> None:
    """A laboratory record without a date: its row, subject and key are named."""
    study = case("base")
    header, first, *rest = (study.folder / "raw" / "lb.csv").read_text("utf-8").splitlines()
    fields = first.split(",")
    fields[header.split(",").index("LBDAT")] = ""
    study.write("raw/lb.csv", "\n".join([header, ",".join(fields), *rest]) + "\n")
    errors = [f for f in study.stages[1] if f.rule == "keys"]
    assert [(f.severity, f.dataset, f.field, f.subject) for f in errors] == [
        ("error", "ADLB", "ADT", f"BASE-{fields[0]}")
    ]


def test_records_that_share_their_keys_stop_the_build(case: MakeCase) -> None:
    """Two events of one subject with the same keys: the message counts both and names the first."""
    study = case("base").replace(
        "sdtm/ae.yaml", "keys: [STUDYID, USUBJID, AESEQ]", "keys: [STUDYID, USUBJID]"
    )
    with pytest.raises(DataError, match=r"AE: \d+ records share their keys \(STUDYID, USUBJID\)"):
        study.rows("AE")


def test_a_domain_without_a_required_variable_is_refused_at_check(case: MakeCase) -> None:
    """Case 46: DSTERM is required; DDORRES, the result as collected, is what a finding of DD says
    (SDTMIG 3.4, core)."""
    study = case("46-required-variable-missing")
    error = refused(study)
    assert "DD has no DDORRES" in str(error) and str(error.place) == "specs/x/sdtm/dd.yaml, line 4"
    study.replace(
        "sdtm/dd.yaml", "  - {name: DDSTRESC,", "  - {name: DDORRES, from: CAUSE}\n  - {name: DDSTRESC,"
    )
    error = refused(study)
    assert "DS has no DSTERM" in str(error) and str(error.place) == "specs/x/sdtm/ds.yaml, line 4"


def test_expected_variables_that_are_not_there_are_named_in_a_note(case: MakeCase) -> None:
    """DS of the base has no DSSTDY, its only missing expected variable (SDTMIG 3.4, DS)."""
    told = {f.dataset: f.message for f in case("base").stages[1] if f.rule == "core"}
    assert told["DS"].startswith("expected by the standard and not there: DSSTDY;")


def test_an_expected_variable_that_is_not_collected_is_there_and_null(case: MakeCase) -> None:
    """SDTMIG 3.4, 4.1.5: a null column is still included."""
    study = case("base").replace(
        "sdtm/ds.yaml", "  - {name: DSSTDTC,", '  - {name: DSSTDY, value: ""}\n  - {name: DSSTDTC,'
    )
    assert "DS" not in {f.dataset for f in study.stages[1] if f.rule == "core"}
    assert {r["DSSTDY"] for r in study.rows("DS")} == {None}


def test_a_text_joins_the_texts_of_variables(case: MakeCase) -> None:
    """Case 26: `text: "Left the study: {REASON}"` says each subject's reason."""
    study = case("26-unresolved-braces")
    assert not problems(study)
    reasons = {r["USUBJID"]: r["DSDECOD"] for r in study.rows("DS")}
    assert len(reasons) == 8 and None not in reasons.values()
    assert {r["USUBJID"]: r["DSTERM"] for r in study.rows("DS")} == {
        subject: f"Left the study: {reason}" for subject, reason in reasons.items()
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("sdtm/ds.yaml", "value: DISPOSITION EVENT", 'text: "END {REASN}"', "'REASON'"),
        ("sdtm/ds.yaml", "value: DISPOSITION EVENT", 'text: "END {REASON"', "names no variable"),
        ("sdtm/ds.yaml", "value: DISPOSITION EVENT", 'text: "END {REASON:>8}"', "names no variable"),
        ("sdtm/ds.yaml", "value: DISPOSITION EVENT", 'value: "END {REASON}"', "has a brace"),
        ("sdtm/vs.yaml", "VSTEST: Weight,", 'VSTEST: "Weight {UNIT}",', "has a brace"),
        ("sdtm/ae.yaml", "label: Comment of the Investigator", "label: '{x}'", "has a brace"),
        ("adam/adtte.yaml", "EVNTDESC: Death", 'EVNTDESC: "Death {DTHCAUS}"', "has a brace"),
        ("adam/adtte.yaml", "PARAM: Overall Survival (days)", "PARAM: '{x}'", "has a brace"),
        ("adam/advs.yaml", "PARAM: Weight (kg)", 'PARAM: "Weight ({VSSTRESU})"', "has a brace"),
        ("forms/ae.yaml", "says: ends before it starts", "says: '{AEENDAT}'", "has a brace"),
        ("outputs/deaths.yaml", "title:", 'title: "Deaths {n}" #', "nothing fills the brace"),
        ("study.yaml", "label: Safety set", 'label: "Safety {set}"', "has a brace"),
    ],
)
def test_a_brace_where_nothing_is_filled_is_an_error(
    case: MakeCase, file: str, old: str, new: str, says: str
) -> None:
    """The kind of case 26: a text that looks like a template, in a place that is none."""
    error = refused(case("base").replace(file, old, new))
    assert says in str(error) and error.place.path == f"specs/x/{file}" and error.place.line


def test_a_text_over_200_characters_goes_on_in_supp_and_is_whole_for_analysis(case: MakeCase) -> None:
    """Case 41: a term of 229 characters. SDTMIG 3.4, 4.5.3.2: at most 200 in AETERM, split between words, the
    rest in SUPPAE as AETERM1."""
    study = case("41-text-over-200")
    with (study.folder / "raw" / "ae.csv").open(encoding="utf-8") as file:
        term = next(row["AETERM"] for row in csv.DictReader(file) if len(row["AETERM"]) > 200)
    assert len(term) == 229
    first = next(r["AETERM"] for r in study.rows("AE") if r["AETERM"] and r["AETERM"].startswith("Syncope"))
    rest = [r["QVAL"] for r in study.rows("SUPPAE") if r["QNAM"] == "AETERM1"]
    assert 150 < len(first) <= 200 and f"{first} {rest[0]}" == term and len(rest) == 1
    assert term in {r["AETERM"] for r in study.rows("ADAE")}
    told = [f for f in study.stages[1] if f.rule == "length" and f.field == "AETERM"]
    assert told and "AETERM1" in told[0].message


def test_the_files_for_submission_say_the_same_as_those_for_analysis(case: MakeCase, tmp_path: Path) -> None:
    """Case 41: nothing is cut and nothing becomes "?"; an accented letter stands without its mark."""
    study = case("41-text-over-200")
    ae, adae = study.data["AE"], study.data["ADAE"]
    findings = [f for d in (ae, adae) for f in write_transport(d, tmp_path, "x")]
    for dataset, whole in ((ae, False), (adae, True)):
        write_dataset(dataset, tmp_path)
        stored = pl.read_parquet(tmp_path / f"{dataset.name.lower()}.parquet")
        xpt, _ = pyreadstat.read_xport(tmp_path / f"{dataset.name.lower()}.xpt")
        term = next(i for i, t in enumerate(stored["AETERM"]) if t and t.startswith("Syncope"))
        assert xpt["AETERM"][term] == as_ascii(stored["AETERM"][term]) and len(xpt["AETERM"][term]) <= 200
        assert ("AETERM1" in stored.columns) == ("AETERM1" in xpt.columns) == whole
        assert read_dataset(tmp_path / f"{dataset.name.lower()}.parquet").frame.equals(dataset.frame)
        assert not any("?" in str(value) for value in xpt["AETERM"])
    assert "Ubelkeit" in xpt["AETERM"][term] and "Schweissausbruch" in xpt["AETERM"][term]
    letters = [f for f in findings if f.rule == "ASCII"]
    assert letters and all(f.row and f.field and f.severity == "note" for f in letters)


def test_a_character_without_a_latin_form_stands_as_its_code_point() -> None:
    """U+81EA is the first character of "by itself" in Chinese; 10² is not 102, 1½ not 11/2."""
    assert as_ascii("自 é ß 10² 1½") == "[U+81EA] e ss 10^2 1 1/2"


@pytest.mark.parametrize(
    "text", ["word " * 90, "x" * 450, "a " + "y" * 230 + " b", "é" * 205, "≥" * 150, "z" * 200]
)
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    text = text.strip()
    parts = pieces(text)
    assert all(submission_length(p) <= 200 for p in parts) and joined(parts) == text
