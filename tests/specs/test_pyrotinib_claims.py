"""claims.yaml of the bundled study: each number as printed, each verdict as expected.

Published: Yang et al., Drug Design, Development and Therapy (ChiCTR2000028711).
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlfgen.adam.build import run_adam
from tlfgen.audit.claims import Judge, Judged
from tlfgen.audit.consistency import remarks
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.raw.stage import run_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.spec.specs import Specs, load_specs

STUDY = Path(__file__).resolve().parents[2] / "specs" / "pyrotinib-mcrc"
NUMBERS = {"n": "n", "denom": "of", "pct": "pct", "lo": "low", "hi": "high", "p": "p_log_rank"}


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(STUDY)


def judge(specs: Specs, raw: Path) -> dict[str, Judged]:
    sdtm = run_sdtm(specs, run_raw(specs, raw).forms, read_dictionaries(specs)).datasets
    data = {**sdtm, **run_adam(specs, sdtm).datasets}
    assert specs.claims is not None
    return {j.claim.id: j for j in Judge(specs.outputs, data, specs.study).judge(specs.claims)}


@pytest.fixture(scope="module")
def judged(specs: Specs) -> dict[str, Judged]:
    return judge(specs, STUDY / "raw")


def test_227_of_229_numbers_come_out_and_two_say_why_not(judged: dict[str, Judged]) -> None:
    assert len(judged) == 229
    assert [c for c, j in judged.items() if not j.as_expected] == []
    wrong = {c: j for c, j in judged.items() if j.verdict == "mismatch"}
    assert set(wrong) == {"t3.diarrhea.g1", "ab.hr"}
    assert wrong["t3.diarrhea.g1"].ours == ("4", "20", "20.0")
    assert [given for _, given, _ in wrong["ab.hr"].methods] == ["0.11", "0.18", "0.01"]
    assert [given for _, given in wrong["ab.hr"].apart] == ["0.32", "0.32"]


def test_the_claims_are_the_publication_s(specs: Specs, reference: Path) -> None:
    """Every item that patient data can give stands there, as printed, with its numbers."""
    published = {}
    for line in (reference / "seed" / "published.yaml").read_text("utf-8").splitlines():
        item = re.match(r"\s+- (\{.*\})\s*$", line)
        if item:
            found = json.loads(item[1])
            published[found["id"]] = found
    assert specs.claims is not None
    for claim in specs.claims.claims:
        item_ = published[claim.id]
        assert claim.printed == item_["printed"]
        for theirs, ours in NUMBERS.items():
            if theirs in item_ and ours in claim.says:
                assert float(claim.says[ours]) == float(item_[theirs]), claim.id
    left = {c for c in published if c not in {x.id for x in specs.claims.claims}}
    kinds = {"design", "external", "date", "date_range"}  # what no patient's data can give
    assert {published[c]["kind"] for c in left} == kinds


@pytest.mark.parametrize(
    ("claim", "stated", "reproduces"),
    [
        ("ef.orr.ci", "limits wald (stated)", "limits mean_t"),
        ("ef.pfs", "quantile_limits brookmeyer_crowley (stated)", "quantile_limits spss_symmetric"),
        ("ef.os12", "limits clopper_pearson (stated)", "limits mean_t"),
        ("ex.pfs.kras", "", "quantile_rule first"),
    ],
)
def test_an_interval_names_the_method_that_gives_it(
    judged: dict[str, Judged], claim: str, stated: str, reproduces: str
) -> None:
    methods = judged[claim].methods
    assert [name for name, _, right in methods if right] == [reproduces]
    assert not stated or stated in [name for name, _, right in methods if not right]


def test_what_cannot_hold_among_the_printed_numbers(specs: Specs) -> None:
    assert specs.claims is not None
    found = {(r.rule, r.claims[0]) for r in remarks(specs.claims)}
    assert found == {
        ("limits", "ef.dcr.ci"), ("limits", "ef.os12"), ("limits", "t2.os12"),
        ("maximum_grades", "t3.diarrhea.g1"), ("hazard_ratio", "ab.hr"),
    }  # fmt: skip


def changed(path: Path, where: Callable[[dict[str, str]], bool], field: str, value: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    hits = [r for r in rows if where(r)]
    assert len(hits) == 1
    hits[0][field] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


CHANGES: list[tuple[str, Any, str, str, set[str]]] = [
    (
        "dm.csv", lambda r: r["SUBJECT"] == "SIM-003", "SEX", "Female",
        {"t1.sex.m", "t1.sex.f", "bt.male", "bt.female"},
    ),
    (
        "ae.csv", lambda r: r["SUBJECT"] == "SIM-004" and r["AETERM"] in ("Nausea", "feeling sick", "NAUSEA"),
        "AETOXGR", "2", {"t3.nausea.g1", "t3.nausea.g2"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("form", "where", "field", "value", "expected"), CHANGES)
def test_one_raw_value_changes_the_claims_that_depend_on_it_and_no_other(
    specs: Specs, judged: dict[str, Judged], tmp_path: Path,
    form: str, where: Any, field: str, value: str, expected: set[str],
) -> None:  # fmt: skip
    raw = tmp_path / "raw"
    shutil.copytree(STUDY / "raw", raw)
    changed(raw / form, where, field, value)
    after = judge(specs, raw)
    assert {c for c, j in after.items() if j.ours != judged[c].ours} == expected
    assert {c for c, j in after.items() if not j.as_expected} == expected
