"""The study pyrotinib-mcrc through its specs: the published counts, and what its readme says of each fault.

Published numbers are those of Yang et al., Drug Design, Development and Therapy (ChiCTR2000028711), Table 3
and the text; the faults are the table at the end of the study's raw/README.md.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from handed import differing
from header_n import counted, database, printed

from tlfgen.adam.build import run_adam
from tlfgen.analysis.asked import asked_of_specs
from tlfgen.analysis.run import run_analysis
from tlfgen.analysis.table import find_result
from tlfgen.data.dataset import Dataset
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.display.lay_out import lay_out
from tlfgen.display.parts import Table
from tlfgen.raw.stage import RawResult, run_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.spec.specs import Specs, load_specs
from tlfgen.spec.theme import NumberRules

STUDY = Path(__file__).resolve().parents[2] / "specs" / "pyrotinib-mcrc"
ARM = "TRT01A=Pyrotinib plus trastuzumab"
GRADES = {"g1": "1", "g2": "2", "g3": "3", "g4": "4", "any": "Any grade", "g34": "Grade 3-4"}
DIARRHEA_GRADE_1 = "t3.diarrhea.g1"  # printed 6, which does not add up with the other cells of its row
FORM_OF = {
    "ec_pyrotinib": "ECP", "ec_trastuzumab": "ECT", "cm_prior": "CMP", "lb_haematology": "LBH",
    "lb_chemistry": "LBC",
}  # fmt: skip


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(STUDY)


@pytest.fixture(scope="module")
def raw(specs: Specs) -> RawResult:
    return run_raw(specs, STUDY / "raw")


@pytest.fixture(scope="module")
def sdtm(specs: Specs, raw: RawResult) -> dict[str, Dataset]:
    return dict(run_sdtm(specs, raw.forms, read_dictionaries(specs)).datasets)


@pytest.fixture(scope="module")
def adam(specs: Specs, sdtm: dict[str, Dataset]) -> dict[str, Dataset]:
    return dict(run_adam(specs, sdtm).datasets)


def value(specs: Specs, adam: dict[str, Dataset], name: str) -> Any:
    output = specs.outputs[name.partition(".")[0]]
    return find_result(run_analysis(output, adam, specs.study), name)["stat_num"]


def test_table_3_is_as_published(specs: Specs, adam: dict[str, Dataset], reference: Path) -> None:
    published = yaml.safe_load((reference / "seed" / "published.yaml").read_text("utf-8"))["table3"]
    ard = run_analysis(specs.outputs["ae-related-by-grade"], adam, specs.study)
    found = {}
    for item in published:
        grade = GRADES[item["id"].rpartition(".")[2]]
        name = f"ae-related-by-grade.term.n[ATOXGR={grade},AEGRP={item['term']}]"
        found[item["id"]] = int(find_result(ard, name)["stat_num"])
    expected = {item["id"]: item["n"] for item in published}
    assert len(expected) == 84
    assert found.pop(DIARRHEA_GRADE_1) == 4 and expected.pop(DIARRHEA_GRADE_1) == 6
    assert found == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ae-related-by-grade.any.n[ATOXGR=Any grade]", 18),  # "TRAE of any grade, 18 (90)"
        ("ae-related-by-grade.any.n[ATOXGR=Grade 3-4]", 6),  # "grade 3/4 TRAE, 6 (30)"
        (f"exposure.cycles.median[{ARM}]", 7),  # "a median of 7 cycles (range, 1-17)"
        (f"exposure.cycles.min[{ARM}]", 1),
        (f"exposure.cycles.max[{ARM}]", 17),
        (f"dose-modifications.any.n[{ARM}]", 8),  # "8 (40), 7 due to diarrhea and 1 to fatigue"
        (f"dose-modifications.reason.n[{ARM},PYRMODRS=DIARRHEA]", 7),
        (f"dose-modifications.reason.n[{ARM},PYRMODRS=FATIGUE]", 1),
        (f"demography.age.median[{ARM}]", 56.5),  # Table 1
        (f"demography.sex.n[{ARM},SEX=M]", 13),
    ],
)
def test_the_text_is_as_published(specs: Specs, adam: dict[str, Dataset], name: str, expected: float) -> None:
    assert value(specs, adam, name) == expected


def test_twenty_patients_are_treated_and_nine_died(adam: dict[str, Dataset]) -> None:
    adsl = adam["ADSL"].frame
    assert adsl.filter(pl.col("SAFFL") == "Y").height == 20
    assert adsl.filter(pl.col("DTHFL") == "Y").height == 9


def test_findings_are_those_of_the_readme(raw: RawResult) -> None:
    text = (STUDY / "raw" / "README.md").read_text("utf-8").partition("<!-- dirt")[2]
    said: Counter[tuple[str, int, str, str]] = Counter()
    for line in re.findall(r"^\| (?!form|---)(.*) \|$", text, re.MULTILINE):
        name, row, _, _, _, rule, severity, _ = (cell.strip() for cell in line.split(" | "))
        if rule != "no finding":
            said[FORM_OF.get(name, name.upper()), int(row), rule, severity] += 1
    assert len(said) > 10
    found: Counter[tuple[str, int, str, str]] = Counter()
    for f in raw.findings:
        rule = f.rule.partition(" ")[0] if f.rule.startswith(("check ", "codelist ")) else f.rule
        found[f.dataset, f.row or 0, rule, f.severity] += 1
    assert found == said


def test_an_unreadable_end_leaves_the_serious_event(
    sdtm: dict[str, Dataset], adam: dict[str, Dataset]
) -> None:
    events = adam["ADAE"].frame.filter(pl.col("AESER") == "Y").sort("USUBJID")
    shown = events.select("USUBJID", "AEDECOD", "AEENDTC", "TRTEMFL").rows()
    assert shown == [
        ("PYROTINIB-MCRC-SIM-014", "Small intestinal obstruction", None, "Y"),
        ("PYROTINIB-MCRC-SIM-015", "Myocardial infarction", "2022-11-25", "Y"),
    ]
    kept = sdtm["SUPPAE"].frame.filter(pl.col("QVAL") == "31/02/2023")
    assert kept["USUBJID"].to_list() == ["PYROTINIB-MCRC-SIM-014"]


def test_partial_starts_are_imputed_with_flags(adam: dict[str, Dataset]) -> None:
    imputed = adam["ADAE"].frame.filter(pl.col("ASTDTF").is_not_null()).sort("USUBJID")
    shown = imputed.select("AESTDTC", pl.col("ASTDT").cast(pl.String), "ASTDTF", "TRTEMFL").rows()
    assert shown == [("2021", "2021-09-27", "M", "Y"), ("2022-09", "2022-09-01", "D", "Y")]


def test_an_action_that_one_drug_does_not_give_is_not_guessed(adam: dict[str, Dataset]) -> None:
    event = adam["ADAE"].frame.filter(pl.col("AEDECOD") == "Dizziness")
    assert event.select("AEACNPYR", "AEACNTRA", "AEACN").rows() == [(None, "DOSE NOT CHANGED", None)]


def test_impossible_and_converted_vital_signs(sdtm: dict[str, Dataset]) -> None:
    vs = sdtm["VS"].frame
    impossible = vs.filter(pl.col("VSORRES") == "1200").select("VSSTRESN", "VSSTRESC").rows()
    pounds = vs.filter(pl.col("VSORRESU") == "LB").select("VSORRES", "VSSTRESN", "VSSTRESU").rows()
    assert impossible == [(None, None)]
    assert pounds == [("162.3", 73.6, "kg")]  # 162.3 x 0.45359237 = 73.618


def test_doses_and_dates_are_the_patients(adam: dict[str, Dataset]) -> None:
    seed = pl.read_csv(STUDY / "seed" / "pseudo_ipd.csv", infer_schema_length=0).sort("usubjid")
    adsl = adam["ADSL"].frame.sort("USUBJID")
    given = adsl.select(
        pl.col("USUBJID").str.slice(-7),
        *(pl.col(c).cast(pl.String) for c in ("ENRLDT", "TRTSDT", "TRTEDT", "NCYCLES", "LSTCONDT")),
        pl.when(pl.col("DTHFL") == "Y").then(pl.col("DTHDT").cast(pl.String)),
        pl.col("PYRMODFL"),
    )
    expected = seed.select(
        "usubjid", "enrol_date", "first_dose_date", "last_dose_date", "n_cycles", "last_contact_date",
        pl.when(pl.col("os_end") == "DEATH").then(pl.col("os_date")),
        pl.when(pl.col("pyrotinib_modification").is_null()).then(pl.lit("N")).otherwise(pl.lit("Y")),
    )  # fmt: skip
    assert given.rows() == expected.rows()


ONLY = {  # tables of a part of their set, as their labels say
    "response-logistic": " AND RASGRP = 'RAS/BRAF wild type'",
    "duration-of-response": " AND USUBJID IN (SELECT USUBJID FROM ADTTE WHERE PARAMCD IN ('TTR', 'DOR'))",
}


def test_every_n_of_a_header_is_the_number_of_those_whom_it_names(
    specs: Specs, adam: dict[str, Dataset]
) -> None:
    """By SQLite; Yang et al.: 4 responders (Table 2), 14 evaluable patients of wild type (text)."""
    data = database({n: adam[n].frame for n in ("ADSL", "ADTTE")})
    found: dict[str, dict[str, int]] = {}
    for output in specs.outputs.values():
        if output.kind != "table" or output.from_ not in adam:
            continue
        ard = run_analysis(output, adam, specs.study, asked_of_specs(specs))
        part = lay_out(output, ard, adam, specs.study, NumberRules())
        assert isinstance(part, Table)
        found[output.output] = dict(printed(part))
        spec = yaml.safe_load((STUDY / "outputs" / f"{output.output}.yaml").read_text("utf-8"))
        for label, n in found[output.output].items():
            assert n == counted(spec, label, data, ONLY.get(output.output, "")), (output.output, label)
    assert found["duration-of-response"] == {"Patients with an objective response": 4}
    assert found["response-logistic"] == {"RAS/BRAF wild type patients": 14}
    assert len(found) > 30


def test_outputs_are_what_they_are_from_what_their_steps_are_handed(
    specs: Specs, sdtm: dict[str, Dataset], adam: dict[str, Dataset], tmp_path: Path
) -> None:
    assert differing(specs, {**sdtm, **adam}, tmp_path) == []
