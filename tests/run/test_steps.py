"""Which steps run again: those that read what has changed, and no others."""

from __future__ import annotations

from cases.conftest import Case, MakeCase
from cases.test_analyses import ANALYSIS, TABLE

from tlfgen.run.steps import Read, Step, in_waves


def ran(case: Case) -> set[str]:
    return {str(s["step"]) for s in case.build().steps if s["ran"]}


def test_case_85_a_label_runs_what_prints_it_again_and_nothing_else(case: MakeCase) -> None:
    """Case 85: a label of ADVS: ADaM, the one output that reads it, laid out and found to be as it was, and
    the document with the number of the build; no number is computed again, no page set."""
    made, changed = case("base"), case("85-unchanged-outputs-run-again")
    every = ran(made)
    made.write("adam/advs.yaml", (changed.folder / "adam/advs.yaml").read_text("utf-8"))
    assert ran(made) == {"specs", "adam", "conditions", "part-vital-signs", "report", "files"}
    assert len(every) > 30


def test_a_changed_output_runs_its_own_steps_and_what_holds_it(case: MakeCase) -> None:
    """specs, conditions and texts look for faults in the spec; no number has moved."""
    made = case("base")
    made.build()
    made.replace("outputs/deaths.yaml", "title: ", "title: All ")
    own = {"ard-deaths", "part-deaths", "pages-deaths"}
    assert ran(made) == own | {"specs", "conditions", "texts", "report", "files"}
    assert ran(made) == set()


def test_a_changed_analysis_runs_the_output_that_shows_it(case: MakeCase) -> None:
    made = case("14-median-rule").write("analyses/survival.yaml", ANALYSIS).write("outputs/os.yaml", TABLE)
    made.build()
    made.replace("analyses/survival.yaml", "do: kaplan_meier", "do: kaplan_meier\nlevel: 0.9")
    steps = ran(made)
    assert {"ard-survival", "part-os"} <= steps
    assert not {"ard-deaths", "part-deaths", "ard-os-km"} & steps


def test_a_comment_in_an_output_runs_no_step_of_it(case: MakeCase) -> None:
    made = case("base")
    made.build()
    made.write("outputs/deaths.yaml", (made.folder / "outputs/deaths.yaml").read_text("utf-8") + "# more\n")
    assert not {n for n in ran(made) if n.endswith("-deaths")}


def test_a_raw_value_that_no_output_reads_runs_none(case: MakeCase) -> None:
    """Where the results of a step come out as they were, what reads them is not run."""
    made = case("base")
    made.build()
    made.replace("raw/dm.csv", "\n", "\n\n")  # an empty line is no record
    assert not {n for n in ran(made) if n.startswith(("ard-", "part-", "pages-"))}


def test_steps_stand_in_waves_by_what_they_need() -> None:
    steps = [
        Step("d", "", "", reads=(Read("b"), Read("c"))),
        Step("a", "", ""),
        Step("b", "", "", after=("a",)),
    ]
    steps.append(Step("c", "", "", reads=(Read("a"),)))
    assert [[s.name for s in wave] for wave in in_waves(steps)] == [["a"], ["b", "c"], ["d"]]
