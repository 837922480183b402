"""The example of docs/spec-forms.md is a spec that works, and its table of findings is whole."""

from __future__ import annotations

import re
from pathlib import Path

from tlfgen.spec.form import CheckSpec, CodelistSpec, FieldSpec, FormSpec, TermSpec

from .conftest import Bench

DOCS, SOURCE = Path(__file__).parents[2] / "docs", Path(__file__).parents[2] / "src" / "tlfgen" / "raw"
PAGE = (DOCS / "spec-forms.md").read_text("utf-8")
FORM, CODELISTS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_reads_records(bench: Bench) -> None:
    bench.write("codelists.yaml", CODELISTS)
    bench.write(
        "study.yaml",
        "study: S\nversion: 2\ntitle: T\ncutoff: 2024-06-30\n"
        'subject: {from: PATNUM, USUBJID: "S-{PATNUM}"}\narms: []\n'
        "dictionaries: {adverse_events: {name: MedDRA, as_collected: true}}\n",
    )
    bench.form(FORM.replace("ae_site2.xpt", "ae_site2.csv"))
    bench.form("fields: [{name: PATNUM}, {name: DEATHDT, type: date}]", "DS")
    bench.file("PATNUM,DEATHDT\n1,2014-03-04\n", "ds.csv")
    head = "PATNUM,IT.AETERM,AESPID,AESEV,AESER,AEREL,AESTDAT,AESTTIM,AEENDAT,TEMP,CYCLE,AEDECOD,PAGE\n"
    bench.file(
        head + "1,Fall,E001,Grade 1,1,possible,UN-MAR-2014,07:30,01-Feb-2014,36.6,2,Fall,7\n", "ae_site1.csv"
    )
    bench.file(head + "1,Rash,E2,Grade 3,No,None,05-Mar-2014,,,,,,8\n", "ae_site2.csv")
    result = bench.run()
    ae = result.forms["AE"].frame
    assert ae.select("AESEV", "AESER", "AEREL", "AESTDAT", "AEENDAT").rows() == [
        ("MILD", "Y", "POSSIBLE", "2014-03", None),
        ("SEVERE", "N", "NONE", "2014-03-05", None),
    ]
    assert {(f.rule, f.row) for f in result.findings} == {
        ("partial date", 1), ("check AE-01", 1), ("check AE-03", 1), ("pattern", 2), ("check AE-02", 2),
    }  # fmt: skip


def test_every_key_stands_on_the_page() -> None:
    for model in (FormSpec, FieldSpec, CheckSpec, CodelistSpec, TermSpec):
        for name, field in model.model_fields.items():
            assert re.search(rf"\b{field.alias or name}:", FORM + CODELISTS), (model.__name__, name)


def test_every_rule_of_the_program_stands_in_the_table() -> None:
    code = "\n".join(p.read_text("utf-8") for p in SOURCE.glob("*.py"))
    rules = set(re.findall(r'"raw",\s+(?:form\.spec\.form|name),\s+"([a-z ]+)"', code))
    rules |= set(re.findall(r'refused\("([a-z ]+)"', code)) | {
        "record",
        "subject",
        "key",
        "date",
        "time",
        "partial date",
        "layout",
    }
    assert {
        "file",
        "undeclared column",
        "missing column",
        "duplicate",
        "required",
        "range",
        "subjects",
    } <= rules
    table = PAGE[PAGE.index("## What becomes of a problem") :]
    told = {
        r.strip() for row in re.findall(r"^\|[^|]*\|([^|]*)\|", table, re.MULTILINE) for r in row.split(",")
    }
    assert rules <= told
