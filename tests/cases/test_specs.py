"""What the specs say is found by check, and what they say exists is there, whatever the data hold."""

from __future__ import annotations

from cases.conftest import Case, MakeCase

from tlfgen.adam.build import sdtm_table, with_supplements
from tlfgen.data.unread import unread
from tlfgen.data.workspace import Table, Workspace
from tlfgen.errors import NOWHERE
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
    assert study.check() == []
    assert {r["COMMENT"] for r in study.rows("ADAE")} == {None}


def test_an_empty_form_leaves_every_variable_of_its_domain_there(case: MakeCase) -> None:
    """An early cut: the form of events has its header alone."""
    study = case("58-supp-without-records")
    study.write("raw/ae.csv", (study.folder / "raw" / "ae.csv").read_text("utf-8").splitlines()[0] + "\n")
    assert study.rows("ADAE") == []
    assert {"COMMENT", "REL1", "REL2"} <= set(study.data["ADAE"].frame.columns)
