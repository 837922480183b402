"""Records of records in a study: layers of one dataset, by spec alone."""

from __future__ import annotations

import pytest
from cases.conftest import Case, MakeCase

from tlfgen.errors import SpecError

MAP = """records:
  - derive: computed_parameter
    set: {PARAMCD: MAP, PARAM: Mean arterial pressure (mmHg)}
    of: ADVS.AVAL
    parts: {SYSBP: "PARAMCD = 'SYSBP'", DIABP: "PARAMCD = 'DIABP'"}
    compute: "(SYSBP + 2 * DIABP) / 3"
    by: [VISITNUM, VISIT, ADT]
"""
WORST = """  - {derive: extreme_records, of: ADVS.AVAL, by: PARAMCD, order: [AVAL], take: last,
     keep: [VISITNUM, ADT], where: "AVISITN > 1", set: {DTYPE: WC, AVISIT: Worst}}
"""
MEAN = """  - {derive: summary_records, of: ADVS.AVAL, by: [PARAMCD], statistic: mean, where: "DTYPE IS NULL"}
"""


def values(study: Case, who: str, **known: object) -> list[float]:
    rows = [r for r in study.rows("ADVS") if r["USUBJID"] == f"BASE-{who}"]
    rows = [r for r in rows if all(r.get(k) == v for k, v in known.items())]
    return [r["AVAL"] for r in sorted(rows, key=lambda r: r["VISITNUM"] or 0)]


def test_a_parameter_is_made_of_parameters(case: MakeCase) -> None:
    """Case 76: 24 records; (systolic + 2 x diastolic) / 3."""
    study = case("76-parameter-from-parameters")
    assert sum(r["PARAMCD"] == "MAP" for r in study.rows("ADVS")) == 24
    assert values(study, "1-01", PARAMCD="MAP") == [90.0, 92.0, 88.0]
    assert values(study, "2-05", PARAMCD="MAP") == [110.0, 108.0, 112.0]


def test_layers_stand_on_each_other(case: MakeCase) -> None:
    """MAP 90, 92, 88; its worst after baseline is 92; the mean of those measured is 90."""
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"{MAP}{WORST}{MEAN}variables:\n")
    study.replace("adam/advs.yaml", "ADT, VSSEQ]", "ADT, VSSEQ, DTYPE]")
    assert values(study, "1-01", PARAMCD="MAP", DTYPE="WC", AVISIT="Worst") == [92.0]
    assert values(study, "1-01", PARAMCD="MAP", DTYPE="AVERAGE") == [90.0]
    assert values(study, "1-01", PARAMCD="MAP", DTYPE=None) == [90.0, 92.0, 88.0]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("2 * DIABP", "2 * DIAPB", "Did you mean 'DIABP'"),
        ("PARAMCD = 'DIABP'", "PARAMCD = 'DIAPB'", "no value of PARAMCD"),
        ("by: [VISITNUM", "by: [VISITNOM", "Did you mean 'VISITNUM'"),
        ("of: ADVS.AVAL", "of: ADVS.AVALL", "Did you mean 'AVAL'"),
    ],
)
def test_what_a_rule_names_is_checked_before_data(case: MakeCase, old: str, new: str, says: str) -> None:
    study = case("76-parameter-from-parameters").replace("adam/advs.yaml", old, new)
    with pytest.raises(SpecError) as refused:
        study.check()
    assert says in f"{refused.value} {refused.value.hint}"
    assert refused.value.place.path == "specs/x/adam/advs.yaml" and refused.value.place.line
