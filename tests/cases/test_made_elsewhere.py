"""A dataset that was made elsewhere is read, held against its description, and marked where it is printed.

The base's own ADAE, written as an XPT file and read back, gives by hand: emergent events of 3 / 2 / 5
patients [4, 2, 6 events]."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tlfgen.data.store import write_transport
from tlfgen.errors import DataError, SpecError

ENTRY = """dataset: ADAE
file: adam/adae.xpt
made_by: SAS 9.4, program adae.sas, 2026-05-01
label: Adverse Events Analysis Dataset
class: OCCURRENCE DATA STRUCTURE
keys: [STUDYID, USUBJID, AESEQ]
variables:
  - {name: AESEQ, type: integer}
"""
SAYS = "ADAE was made elsewhere (SAS 9.4, program adae.sas, 2026-05-01)"


@pytest.fixture
def elsewhere(case: Any, tmp_path: Path) -> Any:
    """The base with its ADAE as a file from elsewhere."""
    made = case("base")
    write_transport(made.data["ADAE"], made.folder / "adam", "adam")
    del made.stages
    return made.write("adam/adae.yaml", ENTRY)


def rewritten(made: Any, **changed: pl.Expr) -> Any:
    """The file with some columns changed."""
    own = made.data["ADAE"]
    del made.stages
    frame = own.frame.with_columns(**changed)
    texts = {n for n, t in frame.schema.items() if t == pl.String}
    variables = tuple(replace(v, type="text") if v.name in texts else v for v in own.variables)
    write_transport(replace(own, frame=frame, variables=variables), made.folder / "adam", "adam")
    return made


def test_it_is_read_as_it_was_made(elsewhere: Any) -> None:
    theirs = elsewhere.data["ADAE"]
    assert theirs.made_by == "SAS 9.4, program adae.sas, 2026-05-01"
    assert theirs.frame.schema["AESEQ"] == pl.Int64
    assert theirs.frame.schema["ASTDT"] == pl.Date
    assert theirs.variable("AEDECOD").label == "Dictionary-Derived Term"


def test_an_output_of_it_has_the_numbers_and_says_so(elsewhere: Any) -> None:
    shown = elsewhere.shown("ae-by-term")
    (line,) = [x for x in shown.splitlines() if x.startswith("Any event")]
    for cell in ("3 (75.0) [4]", "2 (50.0) [2]", "5 (62.5) [6]"):
        assert cell in line
    assert SAYS in " ".join(shown.split())
    assert "made elsewhere" not in elsewhere.shown("demography")


def test_its_lineage_ends_at_the_file(elsewhere: Any) -> None:
    from tlfgen.adam.elsewhere import read_elsewhere

    read = read_elsewhere(elsewhere.study.specs)["ADAE"]
    assert set(read.lineage["source"]) == {"adam/adae.xpt"}
    assert read.lineage["row"].to_list() == list(range(1, read.dataset.frame.height + 1))
    assert "not recomputed" in read.ledger["reason"][0]


def test_a_value_of_another_type_is_null_and_an_error(elsewhere: Any) -> None:
    first = pl.col("AESEQ").cum_count() == 1
    text = pl.when(first).then(pl.lit("3 weeks")).otherwise(pl.col("ASTDY").cast(pl.String))
    rewritten(elsewhere, ASTDY=text)
    (found,) = [f for f in elsewhere.stages[1] if f.rule == "made elsewhere"]
    assert (found.severity, found.field, found.value) == ("error", "ASTDY", "3 weeks")
    assert elsewhere.data["ADAE"].frame["ASTDY"].null_count() == 1


@pytest.mark.parametrize("text", ["NaN", "inf", "-Infinity"])
def test_what_r_and_python_write_for_no_number_is_null_and_an_error(elsewhere: Any, text: str) -> None:
    elsewhere.replace("adam/adae.yaml", "type: integer}", "type: integer}\n  - {name: ASTDY, type: float}")
    first = pl.col("AESEQ").cum_count() == 1
    rewritten(elsewhere, ASTDY=pl.when(first).then(pl.lit(text)).otherwise(pl.col("ASTDY").cast(pl.String)))
    (found,) = [f for f in elsewhere.stages[1] if f.rule == "made elsewhere"]
    assert (found.severity, found.field, found.value) == ("error", "ASTDY", text)
    values = elsewhere.data["ADAE"].frame["ASTDY"]
    assert (values.null_count(), values.is_finite().sum()) == (1, values.len() - 1)


def test_a_subject_that_is_not_in_adsl_is_an_error(elsewhere: Any) -> None:
    who = pl.col("USUBJID").str.replace("1-01", "9-99")
    rewritten(elsewhere, USUBJID=who)
    found = [f.subject for f in elsewhere.stages[1] if f.rule == "made elsewhere"]
    assert found
    assert all(w.endswith("9-99") for w in found)


def test_keys_that_repeat_stop_the_build(elsewhere: Any) -> None:
    rewritten(elsewhere, AESEQ=pl.lit(1))
    with pytest.raises(DataError, match="ADAE: .* records share their keys"):
        _ = elsewhere.data


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("name: AESEQ", "name: AESEQQ", "ADAE has no variable 'AESEQQ'"),
        ("keys: [STUDYID", "keys: [STUDY", "ADAE has no variable 'STUDY'"),
        ("adae.xpt", "adea.xpt", "The file 'adam/adea.xpt' of ADAE is not there"),
        ("made_by: SAS 9.4, program adae.sas, 2026-05-01\n", "", "The key 'made_by' is missing"),
        ("keys:", "copy: {}\nkeys:", "The key 'copy' is not known here"),
    ],
)
def test_what_the_description_says_wrongly_is_found_by_check(
    elsewhere: Any, old: str, new: str, says: str
) -> None:
    elsewhere.replace("adam/adae.yaml", old, new)
    with pytest.raises(SpecError, match=says):
        elsewhere.check()


def test_another_maker_changes_what_is_read_of_it(elsewhere: Any) -> None:
    from tlfgen.run.digests import digests_of

    one = digests_of(elsewhere.data["ADAE"])
    del elsewhere.stages
    elsewhere.replace("adam/adae.yaml", "SAS 9.4", "R 4.5")
    two = digests_of(elsewhere.data["ADAE"])
    assert one["values"] == two["values"]
    assert one["head"]["words"] != two["head"]["words"]
