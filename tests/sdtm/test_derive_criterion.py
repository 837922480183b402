"""criterion: the words are those of study.yaml."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tlfgen.engine.registry import ROW
from tlfgen.sdtm.derive_criterion import derive_criterion
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.study import StudySpec

TEXT = """\
study: X
title: X
cutoff: 2015-03-05
subject: {from: PT, USUBJID: "{PT}"}
arms: [{ARMCD: A, ARM: Arm A, order: 1}]
eligibility:
  - {IETESTCD: INCL01, IETEST: Aged 18 or more, IECAT: INCLUSION, TIVERS: "1"}
  - {IETESTCD: INCL01, IETEST: Aged 20 or more, IECAT: INCLUSION, TIVERS: "2"}
  - {IETESTCD: EXCL01, IETEST: Pregnant, IECAT: EXCLUSION}
"""


def test_words_by_code(tmp_path: Path) -> None:
    """The last version stands; an unknown code is a finding and has no words."""
    path = tmp_path / "study.yaml"
    path.write_text(TEXT, encoding="utf-8")
    study: StudySpec = load_yaml(path, StudySpec, shown="study.yaml")
    codes = ["EXCL01", None, "INCL01", "INCL02"]
    frame = pl.DataFrame({"USUBJID": ["1"] * 4, ROW: [1, 2, 3, 4], "CODE": codes})
    derived = derive_criterion(frame, of="CODE", category_to="IECAT", study=study)
    assert isinstance(derived.values, dict)
    assert derived.values[""].to_list() == ["Pregnant", None, "Aged 20 or more", None]
    assert derived.values["IECAT"].to_list() == ["EXCLUSION", None, "INCLUSION", None]
    assert [(f.severity, f.row, f.value) for f in derived.findings] == [("error", 3, "INCL02")]
