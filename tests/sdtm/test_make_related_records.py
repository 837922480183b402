"""related_records: RELREC between datasets, as SDTMIG 3.4, 8.3.1 shows it for lesions and measurements."""

from __future__ import annotations

import polars as pl
import pytest

from tlfgen.engine.registry import ROW
from tlfgen.errors import Place, SpecError
from tlfgen.sdtm.make_related_records import make_related_records

LESIONS = {"TU.TULNKID": ["T01", "T02", None], "TR.TRLNKID": ["T01", "T01", "T02"]}


def fetch(*names: str, where: object = None) -> pl.DataFrame:
    (dotted,) = names
    values = LESIONS[dotted]
    return pl.DataFrame({"USUBJID": ["1"] * 3, ROW: [1, 2, 3], dotted.rpartition(".")[2]: values})


def test_one_record_a_dataset() -> None:
    made = make_related_records(
        fetch, relation="L", variables={"TU.TULNKID": "ONE", "TR.TRLNKID": "MANY"}, at=Place("relrec.yaml", 3)
    )
    assert made.frame.columns == ["RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELTYPE", "RELID"]
    assert made.frame.rows() == [
        ("TU", None, "TULNKID", None, "ONE", "L"),
        ("TR", None, "TRLNKID", None, "MANY", "L"),
    ]
    assert made.sources.rows() == [(0, "relrec.yaml", 3), (1, "relrec.yaml", 3)]
    assert made.findings == ()


def test_one_that_is_many_is_a_finding() -> None:
    made = make_related_records(fetch, relation="L", variables={"TU.TULNKID": "MANY", "TR.TRLNKID": "ONE"})
    (finding,) = made.findings
    assert (finding.severity, finding.dataset, finding.value) == ("error", "TR", "T01")


def test_a_relation_ties_two_datasets() -> None:
    with pytest.raises(SpecError, match=r"names 1 dataset[\s\S]*relrec.yaml, line 3"):
        make_related_records(fetch, relation="L", variables={"TU.TULNKID": "ONE"}, at=Place("relrec.yaml", 3))
