"""The words that tlfgen prints by itself: a study says them in its own, and the numbers stay."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases.conftest import MakeCase

import tlfgen
from tlfgen.errors import SpecError
from tlfgen.spec.words import default_words

SOURCE = Path(tlfgen.__file__).parent
SAYING = ("say", "sentence", "RowNotes", "_stratified")
# Variables that hold a key, or a part of one.
NAMES = {
    ("footnotes", "how"), ("footnotes", "which"), ("footnotes", "unit"), ("figure_edish", "which"),
    ("figure_kaplan_meier", "which"), ("subjects", "which"),
}  # fmt: skip
WORDS = "templates/words.yaml"


def test_a_study_says_a_sentence_in_its_own_words_and_the_number_stays(case: MakeCase) -> None:
    """Case 4: one seriousness could not be read."""
    made = case("04-seriousness-unreadable")
    plain = made.shown("ae-by-term")
    assert "Percentages are of the N in the column header." in plain and "(N=4)" in plain
    assert "1 record has no AESER and could not be judged" in plain
    words = "percent_of_n: Percentages are based on N.\ncolumn_n: 'N = {n}'\n"
    words += "not_judged: '{variable} is not known in {who}'\n"
    shown = made.write(WORDS, words).shown("ae-by-term")
    assert "Percentages are based on N." in shown and "N = 4" in shown
    assert "AESER is not known in 1 record" in shown
    assert not any(old in shown for old in ("(N=4)", "column header", "has no AESER"))


ANALYSIS = """analysis: survival
population: SAFFL
from: ADTTE
where: "PARAMCD = 'OS'"
columns: {by: ADSL.TRT01A}
do: kaplan_meier
compare: [{id: p, do: log_rank, each: others, against: Arm B}]
"""
TABLE = """output: os
number: 14.2.1.1
kind: table
title: Overall Survival
population: SAFFL
from: ADTTE
where: "PARAMCD = 'OS'"
columns: {by: ADSL.TRT01A}
rows: [{id: km, analysis: survival, label: OS, cells: {Median: "{median}", P: "{p}"}}]
"""
FIGURE = """output: os-km
number: 14.2.F1
kind: figure
shape: kaplan_meier
title: Overall Survival
analysis: survival
unit: days
at_risk: {every: 30}
alt: A curve for each arm.
"""
LOG_RANK = "Log-rank P: unstratified log-rank test, asymptotic, two-sided."


def test_a_method_is_said_in_the_study_s_words_in_table_and_figure_alike(case: MakeCase) -> None:
    made = case("14-median-rule").write("analyses/survival.yaml", ANALYSIS)
    made.write("outputs/os.yaml", TABLE).write("outputs/os-km.yaml", FIGURE)
    before = [made.shown(output) for output in ("os", "os-km")]
    assert all(LOG_RANK in text for text in before)
    words = "log_rank: 'P by the unstratified log-rank test{rounded}.'\nshort_log_rank: Mantel test\n"
    words += "rule_midpoint: 'below half, or the middle'\nmethod_wald: Wald\n"
    made.write(WORDS, words)
    for output, old in zip(("os", "os-km"), before, strict=True):
        new = made.shown(output)
        assert "P by the unstratified log-rank test." in new and "below half, or the middle" in new
        assert LOG_RANK not in new and "middle of a plateau" in old and "middle of a plateau" not in new
    p_value = re.search("Log-rank (P=[0-9.]+)", before[1])
    assert p_value and f"Mantel test {p_value[1]}" in made.shown("os-km")
    methods = made.results("survival").filter(statistic="p")["method"]
    assert methods.unique().to_list() == [f"analyse log_rank: {LOG_RANK}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("percent_of_m: x", "(?s)The sentence 'percent_of_m' does not exist.*line 1.*'percent_of_n'"),
        ("\nquartiles: By {definitions}.", "(?s)'quartiles': the slot 'definitions' does not exist.*line 2"),
        ("quartiles: Quartiles.", "(?s)'quartiles' leaves out {definition}.*line 1"),
        ("record: {one: one record, many: '{n} records'}", "'record' leaves out {n}"),
        ("quartiles: By {definition", "'quartiles' cannot be read"),
        ("quartiles: 'By {definition:>9}'", "'quartiles': a slot is a name in braces"),
        ("record: {one: '{n} record'}", "'record' is a sentence, or one: and many:"),
        ("- quartiles", "holds a key and a sentence a line"),
    ],
)
def test_a_wrong_sentence_is_an_error_at_check(case: MakeCase, text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        case("base").write(WORDS, text + "\n").check()


def sentences_asked() -> Iterator[str]:
    """Each key that the source says or declares, a pattern where a part of it is filled in."""
    for path in (p for stage in ("analysis", "display", "document") for p in SOURCE.glob(f"{stage}/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in SAYING:
                yield from _keys(node.args[0]) if node.args else ()
            elif isinstance(node, ast.Assign) and (path.stem, getattr(node.targets[0], "id", "")) in NAMES:
                yield from _keys(node.value)


def _name(node: ast.expr) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _keys(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_keys(node.body), *_keys(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(v.value) if isinstance(v, ast.Constant) else "[a-z0-9_]+" for v in node.values)


def test_every_sentence_that_is_said_is_there_and_every_one_is_said() -> None:
    asked = set(sentences_asked())
    there = set(default_words().sentences)
    unknown = {key for key in asked if not any(re.fullmatch(key, name) for name in there)}
    unused = {name for name in there if not any(re.fullmatch(key, name) for key in asked)}
    assert unused <= {"SD", "SE", "Q1", "Q3", "and"}  # said by the abbreviation itself, and in a list
    assert not unknown
