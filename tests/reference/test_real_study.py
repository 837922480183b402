"""The public trial from its raw forms to the report, against the SDTM and ADaM that others made of the same
data.

Sources: pharmaversesdtm and pharmaverseadam (see docs/cdiscpilot01.md); scipy and pandas recount.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
import yaml
from handed import differing
from header_n import counted, database
from pdf_checks import check_pdf

from tlfgen.run.build import Build
from tlfgen.study import Study

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.reference
ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")


@pytest.fixture(scope="module")
def project(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Build]:
    root = tmp_path_factory.mktemp("real")
    shutil.copytree(ROOT / "specs" / "cdiscpilot01", root / "specs" / "cdiscpilot01")
    built = Study.open("cdiscpilot01", root=root).build(raw=reference / "data" / "pharmaverseraw")
    return root, built


def sdtm(project: tuple[Path, Build], name: str) -> pl.DataFrame:
    return pl.read_parquet(project[0] / "sdtm" / "cdiscpilot01" / f"{name}.parquet")


def adam(project: tuple[Path, Build], name: str) -> pl.DataFrame:
    return pl.read_parquet(project[0] / "adam" / "cdiscpilot01" / f"{name}.parquet")


def text(project: tuple[Path, Build], name: str) -> str:
    return (project[0] / "output" / "cdiscpilot01" / "outputs" / f"{name}.txt").read_text("utf-8")


def differences(
    ours: pl.DataFrame, theirs: pl.DataFrame, keys: list[str], names: list[str]
) -> dict[str, int]:
    """The records on which each variable differs; numbers as whole texts."""

    def plain(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(
            pl.col(c).cast(pl.Int64).cast(pl.String)
            if frame.schema[c].is_float() and c.endswith(("SEQ", "DY", "AGE"))
            else pl.col(c).cast(pl.Float64)
            if frame.schema[c].is_numeric() and not c.endswith(("SEQ", "DY", "AGE"))
            else pl.col(c).cast(pl.String)
            for c in (*keys, *names)
        )

    joined = plain(ours).join(plain(theirs), on=keys, how="full", coalesce=True, suffix="_theirs")
    return {n: int(joined[n].ne_missing(joined[f"{n}_theirs"]).sum()) for n in names}


def test_subjects_events_and_the_ledger_of_the_five_forms(project: tuple[Path, Build]) -> None:
    assert adam(project, "adsl").height == 306
    assert adam(project, "adsl").filter(pl.col("SAFFL") == "Y").height == 254
    assert adam(project, "adae").height == 1191
    raw = {
        r["dataset"]: (int(r["read"]), int(r["used"]), int(r["left_out"]))
        for r in project[1].ledger
        if r["stage"] == "raw"
    }
    assert raw == {
        "DM": (306, 306, 0),
        "DS": (850, 850, 0),
        "AE": (1191, 1191, 0),
        "EC": (591, 591, 0),
        "VS": (12978, 12978, 0),
    }


def test_the_known_defects_of_the_forms_are_findings(project: tuple[Path, Build]) -> None:
    """The defects that the readme of the public forms lists; 9 heights, 7 temperatures and 1 weight that
    their units contradict."""
    found = pl.read_csv(project[0] / "output/cdiscpilot01/findings.csv", infer_schema=False)
    counted = Counter(found.select("DATASET", "RULE").iter_rows())
    assert counted["AE", "required"] == 15
    assert counted["AE", "partial date"] == 11
    assert counted["AE", "duplicate"] == 1
    assert counted["AE", "check AE-03"] == 36
    assert counted["AE", "check AE-05"] == 9
    assert counted["EC", "check EC-02"] == 6
    assert [counted["VS", f"check VS-0{n}"] for n in (2, 3, 4)] == [9, 7, 1]
    assert counted["DM", "check DM-02"] == 12
    assert counted["ADSL", "last_date"] == 6


def test_tabulations_agree_with_the_published_ones(project: tuple[Path, Build], reference: Path) -> None:
    """Known differences: screen failures have no arm here (SDTMIG 3.4), one subject's RFENDTC is a day
    later there."""
    there = {
        n: pl.read_parquet(reference / "data/sdtm" / f"{n}.parquet") for n in ("dm", "ds", "ex", "ae", "vs")
    }
    names = [
        "RFSTDTC",
        "RFXSTDTC",
        "RFXENDTC",
        "DTHDTC",
        "DTHFL",
        "SITEID",
        "AGE",
        "SEX",
        "RACE",
        "ETHNIC",
        "ARMNRS",
        "DMDTC",
        "DMDY",
    ]
    assert differences(sdtm(project, "dm"), there["dm"], ["USUBJID"], names) == dict.fromkeys(names, 0)
    assert differences(sdtm(project, "dm"), there["dm"], ["USUBJID"], ["RFENDTC", "ARM"]) == {
        "RFENDTC": 1,
        "ARM": 52,
    }
    names = ["DSDECOD", "DSCAT", "VISIT", "DSDTC", "DSSTDTC", "DSSTDY"]
    assert differences(sdtm(project, "ds"), there["ds"], ["USUBJID", "DSSEQ"], names) == dict.fromkeys(
        names, 0
    )
    names = [
        "EXTRT",
        "EXDOSE",
        "EXDOSU",
        "EXDOSFRM",
        "EXDOSFRQ",
        "EXROUTE",
        "EXSTDTC",
        "EXENDTC",
        "EXSTDY",
        "EXENDY",
    ]
    assert differences(sdtm(project, "ex"), there["ex"], ["USUBJID", "EXSEQ"], names) == dict.fromkeys(
        names, 0
    )


def test_adverse_events_agree_row_by_row(project: tuple[Path, Build], reference: Path) -> None:
    """AESEQ is numbered otherwise there, so each subject's records are compared as a bag; 15 starts that
    lie in a month are blank in the raw form."""
    names = ["USUBJID", "AEDECOD", "AEBODSYS", "AESEV", "AESER", "AEREL", "AEOUT", "AEENDTC", "AEDTC"]
    there = pl.read_parquet(reference / "data/sdtm/ae.parquet")
    assert Counter(sdtm(project, "ae").select(names).iter_rows()) == Counter(there.select(names).iter_rows())
    starts = Counter(sdtm(project, "ae").select("USUBJID", "AESTDTC").iter_rows())
    missing = Counter(there.select("USUBJID", "AESTDTC").iter_rows()) - starts
    assert len(list(missing.elements())) == 15
    assert all(start is not None and len(start) == 7 for _, start in missing)


def test_vital_signs_agree_but_for_impossible_units_and_a_rounder_factor(
    project: tuple[Path, Build], reference: Path
) -> None:
    """29,635 results. Weights there are pounds x 0.4536 in 232 places; ours x 0.45359237 (NIST SP 811)."""
    there = pl.read_parquet(reference / "data/sdtm/vs.parquet").filter(pl.col("VSSTAT").is_null())
    ours = sdtm(project, "vs")
    assert ours.height == there.height == 29635
    keys = ["USUBJID", "VSTESTCD", "VSDTC", "VISITNUM", "VSTPT", "VSORRES"]
    joined = ours.join(
        there.select(*keys, pl.col("VSSTRESN").alias("theirs")), on=keys, nulls_equal=True
    ).unique(keys)
    assert joined["VSSTRESN"].null_count() == 0
    apart = joined.filter((pl.col("VSSTRESN") - pl.col("theirs")).abs() > 0.0051)
    assert dict(apart.group_by("VSTESTCD").len().iter_rows()) == {"WEIGHT": 232}


def test_visits_have_the_published_dates(project: tuple[Path, Build], reference: Path) -> None:
    """2,820 visits; the public ones hold 739 more, of forms that are not among the five."""
    there = pl.read_parquet(reference / "data/sdtm/sv.parquet")
    joined = sdtm(project, "sv").join(there, on=["USUBJID", "VISITNUM"], suffix="_theirs")
    assert joined.height == sdtm(project, "sv").height == 2820
    for name in ("SVSTDTC", "SVENDTC"):
        assert joined.filter(pl.col(name).ne_missing(pl.col(f"{name}_theirs"))).height == 0


def test_a_value_in_the_other_unit_is_in_the_table_and_the_report_says_so(
    project: tuple[Path, Build], reference: Path
) -> None:
    """One weight of 55.5 at week 26 is in kilograms in the public SDTM too. The mean of the placebo group,
    from there: of 58 values."""
    there = pl.read_parquet(reference / "data/sdtm/vs.parquet")
    arms = adam(project, "adsl").select("USUBJID", "TRT01A")
    weights = there.filter(pl.col("VSTESTCD") == "WEIGHT", pl.col("VISIT") == "WEEK 26").join(
        arms.filter(pl.col("TRT01A") == "Placebo"), on="USUBJID"
    )
    values = weights["VSSTRESN"].drop_nulls()
    assert (values.len(), weights.filter(pl.col("VSORRESU") == "kg")["VSORRES"].to_list()) == (58, ["055.5"])
    shown = text(project, "vital-signs-by-visit")
    week = shown[shown.index("Weight (kg)") :].split("Week 26")[1].splitlines()[1:3]
    assert [line.split()[1] for line in week] == ["58", "(SD)"]
    assert week[1].split()[2] == f"{float(values.mean()):.2f}"  # type: ignore[arg-type]
    assert "is taken in the other; each is a finding" in shown and "not analysed" not in shown


def test_subject_level_dates_agree_but_for_six_open_doses(
    project: tuple[Path, Build], reference: Path
) -> None:
    there = pl.read_parquet(reference / "data/adam_reference/adsl.parquet")
    ours = adam(project, "adsl")
    names = ["TRTSDT", "RANDDT", "EOSDT", "EOSSTT", "SAFFL", "DTHDT"]
    assert differences(ours, there, ["USUBJID"], names) == dict.fromkeys(names, 0)
    joined = ours.join(there.select("USUBJID", pl.col("TRTEDT").alias("theirs")), on="USUBJID")
    apart = joined.filter(pl.col("TRTEDT").ne_missing(pl.col("theirs")))["USUBJID"].sort().to_list()
    assert apart == ["01-704-1233", "01-705-1018", "01-705-1031", "01-705-1303", "01-705-1377", "01-705-1382"]


def test_counts_and_p_values_agree_with_pandas_and_scipy(project: tuple[Path, Build]) -> None:
    from scipy.stats import fisher_exact

    adsl, adae = adam(project, "adsl").to_pandas(), adam(project, "adae").to_pandas()
    safe = adsl[adsl["SAFFL"] == "Y"]
    size = safe.groupby("TRT01A")["USUBJID"].nunique().to_dict()
    assert [size[a] for a in ARMS] == [86, 96, 72]
    ard = pl.read_parquet(project[0] / "output/cdiscpilot01/ard.parquet").filter(
        pl.col("analysis") == "ae-by-soc-pt.term"
    )
    emergent = adae[(adae["TRTEMFL"] == "Y") & adae["USUBJID"].isin(safe["USUBJID"])]
    for term in ("PRURITUS", "APPLICATION SITE PRURITUS", "DIARRHOEA", "SINUS BRADYCARDIA"):
        own = emergent[emergent["AEDECOD"] == term].groupby("TRT01A")["USUBJID"].nunique().to_dict()
        rows = ard.filter(pl.col("level3") == term)
        counted = dict(rows.filter(pl.col("statistic") == "n").select("level1", "stat_num").iter_rows())
        assert [counted[a] for a in ARMS] == [own.get(a, 0) for a in ARMS]
        p = dict(rows.filter(pl.col("statistic") == "p_value").select("level1", "stat_num").iter_rows())
        for arm in ARMS[1:]:
            table = [[own.get(a, 0), size[a] - own.get(a, 0)] for a in (arm, ARMS[0])]
            assert p[f"{arm}~{ARMS[0]}"] == pytest.approx(fisher_exact(table)[1], rel=1e-9)


def test_headers_hold_one_n_and_serious_events_are_as_collected(project: tuple[Path, Build]) -> None:
    for name in ("demography", "exposure", "ae-overview", "ae-by-soc-pt", "ae-serious"):
        assert all(n in text(project, name) for n in ("(N=86)", "(N=96)", "(N=72)", "(N=254)"))
    assert adam(project, "adae").filter(pl.col("AESER") == "Y").height == 3
    assert adam(project, "adae").filter((pl.col("AESER") == "N") & (pl.col("SERCRIT") == "Y")).height == 36
    assert len(text(project, "ae-listing").splitlines()) > 1191


def test_no_page_has_a_fault(project: tuple[Path, Build]) -> None:
    path = project[0] / "output/cdiscpilot01/csr.pdf"
    assert check_pdf(path) == []


def test_every_adverse_event_is_on_the_listing_s_pages(project: tuple[Path, Build]) -> None:
    """One line of each record begins with its severity column's word."""
    import pdfplumber

    path = project[0] / "output/cdiscpilot01/outputs/ae-listing.pdf"
    with pdfplumber.open(path) as pdf:
        words = Counter(w["text"] for page in pdf.pages for w in page.extract_words() if w["x0"] > 500)
    assert sum(words[s] for s in ("MILD", "MODERATE", "SEVERE")) == 1191


def test_every_n_of_a_header_is_the_number_of_those_whom_it_names(project: tuple[Path, Build]) -> None:
    """The Ns that the cells file holds, counted again by SQLite."""
    data, outputs = (
        database({"ADSL": adam(project, "adsl")}),
        project[0] / "output" / "cdiscpilot01" / "outputs",
    )
    seen = 0
    for path in sorted((ROOT / "specs" / "cdiscpilot01" / "outputs").glob("*.yaml")):
        spec = yaml.safe_load(path.read_text("utf-8"))
        lines = csv.DictReader((outputs / f"{spec['output']}.cells.csv").read_text("utf-8").splitlines())
        for line in lines if spec["kind"] == "table" else ():
            if line["row"] == "0":
                seen += 1
                assert line["text"] == f"(N={counted(spec, line['label'], data)})", (spec["output"], line)
    assert seen > 30


def test_outputs_are_what_they_are_from_what_their_steps_are_handed(
    project: tuple[Path, Build], tmp_path: Path
) -> None:
    study = Study.open("cdiscpilot01", root=project[0])
    assert differing(study.specs, study.datasets(), tmp_path) == []
