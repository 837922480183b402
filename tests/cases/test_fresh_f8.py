"""A newcomer's mistakes and surroundings: what a study names twice, what is drafted, how a command ends."""

from __future__ import annotations

import pytest
from cases.conftest import MakeCase

from tlfgen.errors import SpecError

ARM_B = "  - {ARMCD: B, ARM: Arm B, order: 2, collected: [B]}"
ELEMENT = (
    "elements: [{ETCD: T, ELEMENT: Treatment, EPOCH: TREATMENT, starts: [form.EC.ECSTDAT], rule: First dose}]"
)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("collected: [B]", "collected: [A, B]", "'A' stands for the arm Arm A and for the arm Arm B"),
        ("ARM: Arm B", "ARM: a", "'a' stands for the arm Arm A and for the arm a"),
        ("ARMCD: B", "ARMCD: A", "The ARMCD 'A' stands twice, first in line 7"),
        ("ARM: Arm B", "ARM: Arm A", "The ARM 'Arm A' stands twice"),
        ("order: 2", "order: 1", "The order '1' stands twice"),
        (
            ARM_B,
            ARM_B + "\nnot_assigned: [{collected: [B], ARMNRS: SCREEN FAILURE}]",
            "'B' stands for the arm Arm B and for SCREEN FAILURE",
        ),
        ("VISITNUM: 3", "VISITNUM: 2", "The VISITNUM '2' stands twice"),
        ("visits:", ELEMENT[:-1] + ", " + ELEMENT.removeprefix("elements: [") + "\nvisits:", "The ETCD 'T'"),
        ("visits:", ELEMENT[:-2] + ", arms: [C]}]\nvisits:", "The arm 'C' does not exist"),
        (
            "visits:",
            "eligibility:\n  - {IETESTCD: I1, IECAT: INCLUSION, IETEST: Aged}\n"
            "  - {IETESTCD: I1, IECAT: EXCLUSION, IETEST: Not aged}\nvisits:",
            "The IETESTCD 'I1' stands twice",
        ),
    ],
)
def test_what_study_yaml_names_stands_for_one_thing(case: MakeCase, old: str, new: str, says: str) -> None:
    """The base gives 4 subjects each to A and B; a word of both arms moved all four of A to B in silence."""
    with pytest.raises(SpecError) as caught:
        case("base").replace("study.yaml", old, new).check()
    assert says in str(caught.value) and "specs/x/study.yaml, line" in str(caught.value)


def test_an_arm_that_is_a_number_is_read_as_its_word(case: MakeCase) -> None:
    """1 and 2 for A and B: four subjects each, as the base has."""
    base = case("base").replace("forms/dm.yaml", "as: PLANNED, type: text", "as: PLANNED, type: integer")
    base.replace("study.yaml", "collected: [A]", "collected: ['1']")
    base.replace("study.yaml", "collected: [B]", "collected: ['2']")
    text = (base.folder / "raw/dm.csv").read_text("utf-8")
    base.write("raw/dm.csv", text.replace(",A\n", ",1\n").replace(",B\n", ",2\n"))
    assert sorted(r["ARMCD"] for r in base.rows("DM")) == ["A"] * 4 + ["B"] * 4


@pytest.mark.parametrize(
    "entry",
    [
        "{name: CQ01NAM, label: Group, derive: query_group, of: ADSL.AGE, groups: {A: [HEADACHE]}}",
        "{name: XDUR, label: Days, type: float, derive: duration, start: ASTDT, end: ADSL.AGE, unit: days}",
    ],
)
def test_a_derivation_of_a_variable_of_another_type_is_an_error_of_its_line(
    case: MakeCase, entry: str
) -> None:
    base = case("base").replace("adam/adae.yaml", "variables:\n", f"variables:\n  - {entry}\n")
    with pytest.raises(SpecError, match="cannot be derived of .*ADSL.AGE") as caught:
        base.check()
    assert "specs/x/adam/adae.yaml, line" in str(caught.value)
