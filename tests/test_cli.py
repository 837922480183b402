"""The command line: what it says and with which exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def tlfgen(folder: Path, *arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "tlfgen", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in run.stderr
    return run.returncode, run.stdout, run.stderr


def test_build_then_show(mini: Path) -> None:
    """2 of 3 treated subjects had an event; the form of adverse events has four records."""
    code, out, _ = tlfgen(mini, "build")
    assert code == 0
    assert "form AE              4 read = 4 accepted + 0 quarantined" in out
    assert "output/mini/csr.pdf" in out
    code, out, _ = tlfgen(mini, "show", "ae-by-term")
    assert code == 0 and "2 (66.7)" in out
    assert "nothing had changed" in tlfgen(mini, "build")[1]
    assert tlfgen(mini, "show", "ae-by-term")[2] == ""


def test_an_output_alone_is_printed_and_an_older_one_is_said_to_be_older(mini: Path) -> None:
    """`build --only` leaves the last whole build as it is; what `show` prints of it has the old title."""
    assert tlfgen(mini, "build", "--quiet")[0] == 0
    path = mini / "specs/mini/outputs/ae.yaml"
    title = next(x for x in path.read_text("utf-8").splitlines() if x.startswith("title: "))
    path.write_text(path.read_text("utf-8").replace(title, "title: A new title"), "utf-8")
    assert "A new title" in tlfgen(mini, "build", "--only", "ae-by-term")[1]
    _, out, says = tlfgen(mini, "show", "ae-by-term")
    assert "A new title" not in out
    assert "of an earlier build: outputs/ae.yaml has changed since" in says
    raw = mini / "specs/mini/raw/dm.csv"
    raw.write_text(raw.read_text("utf-8").replace(",61,", ",62,"), "utf-8")
    assert (
        "of an earlier build: dm.csv and 1 more have changed since" in tlfgen(mini, "show", "ae-by-term")[2]
    )


def test_strict_turns_errors_in_the_data_into_exit_code_1(mini: Path) -> None:
    assert tlfgen(mini, "check", "--strict")[0] == 0
    path = mini / "specs/mini/raw/dm.csv"
    path.write_text(path.read_text("utf-8").replace(",61,", ",161,"), "utf-8")
    code, out, _ = tlfgen(mini, "check", "--strict")
    assert code == 1 and "161" in out and "1 error" in out
    assert tlfgen(mini, "check")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["build", "minni"], 2, "Did you mean 'mini'?"),
        (["build", "--theme", "lancett"], 2, "Did you mean 'lancet'?"),
        (["build", "--only", "demograpy"], 2, "Did you mean 'demography'?"),
        (["show", "demograpy"], 2, "Did you mean 'demography'?"),
        (["show", "demography"], 3, "is not built"),
        (["build", "--raw", "nowhere"], 2, "--raw"),
        (["list", "nothing"], 2, "derivations"),
        (["new", "specs"], 2, "is not empty"),
    ],
)
def test_what_cannot_be_done_is_said(mini: Path, arguments: list[str], code: int, says: str) -> None:
    found, _, err = tlfgen(mini, *arguments)
    assert (found, says in err) == (code, True)


@pytest.mark.parametrize(
    ("what", "name"),
    [("derivations", "treatment_emergent"), ("analyses", "kaplan_meier"), ("statistics", "fisher_exact"),
     ("outputs", "ae-by-term"), ("formats", ".xpt"), ("themes", "house")],
)  # fmt: skip
def test_list_names_what_there_is_with_a_line_each(mini: Path, what: str, name: str) -> None:
    code, out, _ = tlfgen(mini, "list", what)
    lines = out.splitlines()
    assert code == 0 and any(line.startswith(name) for line in lines)
    assert all(len(line.split(maxsplit=1)) == 2 for line in lines)


def test_a_new_study_builds(tmp_path: Path) -> None:
    """The starter's ages: 61, 57, 66, 49, mean 58.25, printed half up."""
    assert tlfgen(tmp_path, "new", "specs/first")[0] == 0
    assert tlfgen(tmp_path, "build")[0] == 0
    out = tlfgen(tmp_path, "show", "demography")[1]
    assert "58.3" in out and "(N=4)" in out


def test_a_study_drafted_from_files_reads_every_form_without_an_error(
    reference: Path, tmp_path: Path
) -> None:
    """What stays are faults of the data: three deaths that the drafted DM does not tell, 35 events that were
    a stay in hospital and are not serious, dispositions without a term."""
    raw = str(reference / "data" / "pharmaverseraw")
    assert tlfgen(tmp_path, "new", "specs/drafted", "--raw", raw)[0] == 0
    code, out, _ = tlfgen(tmp_path, "check", "drafted", "--raw", raw)
    assert code == 0 and "error    form" not in out
    assert out.count("another domain tells that the subject has died") == 3
    assert "the event is not serious" in out and "findings 40 errors" in out  # 3, 35, and 2 of 290 each


def test_a_theme_is_swapped_by_a_folder(mini: Path) -> None:
    folder = mini / "templates" / "journals" / "comma"
    folder.mkdir(parents=True)
    (folder / "theme.yaml").write_text(
        "theme: comma\nbased_on: house\nnumbers: {decimal_mark: ','}\n", "utf-8"
    )
    assert tlfgen(mini, "build", "--theme", "comma")[0] == 0
    assert "2 (66,7)" in tlfgen(mini, "show", "ae-by-term")[1]


CLAIMS = """source: a paper
claims:
  - id: any
    where: Table 1
    printed: 2 of 3
    result: "ae-by-term.any[TRT01A=Total]"
    says: {n: "2", of: "3", pct: "66.7"}
  - id: more
    where: Table 1
    printed: "3"
    result: "ae-by-term.any[TRT01A=Total]"
    says: {n: "3"}
    expect: mismatch
    because: one had none
"""


def test_claims_end_with_4_where_a_verdict_is_not_the_expected_one(mini: Path) -> None:
    assert tlfgen(mini, "claims")[0] == 2  # no claims.yaml
    path = mini / "specs/mini/claims.yaml"
    path.write_text(CLAIMS, "utf-8")
    code, _, err = tlfgen(mini, "claims")
    assert (code, "is not built" in err) == (3, True)
    assert tlfgen(mini, "build")[0] == 0
    code, out, _ = tlfgen(mini, "claims", "--csv", "verdicts.csv")
    assert (code, "1 of 2 claims match." in out, "one had none" in out) == (0, True, True)
    assert (mini / "verdicts.csv").read_text("utf-8").count("\n") == 3
    path.write_text(CLAIMS.replace("    expect: mismatch\n    because: one had none\n", ""), "utf-8")
    code, out, _ = tlfgen(mini, "claims")
    assert (code, "MISMATCH (expected: match)" in out) == (4, True)
    assert "1 of 22 steps run" in tlfgen(mini, "build")[1]  # claims are checked, and no part
