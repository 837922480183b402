"""An output's own percentages and P values: on its page and where a text quotes it.

Events of the skin: none of 2 in Low, 2 of 3 in High. Fisher's exact P, by hand: of the C(5, 2) = 10 ways to
place two events, 3 have none in Low, 6 one and 1 two; P = 3/10 + 1/10 = 0.4.
"""

from __future__ import annotations

from typing import Any

import pytest

from tlfgen.errors import SpecError
from tlfgen.spec.theme import NumberRules, PercentBand, PValueRules

TABLE = """kind: table
population: SAFFL
from: ADAE
columns: {by: ADSL.TRT01A}
rows: [{id: skin, count: subjects, where: "AESOC = 'Skin'", label: Skin, cell: "{n} ({pct})"}]
compare: [{id: p_value, do: fisher_exact, each: High, against: Low}]
"""
P = "skin.p_value[TRT01A=High~Low]"
PCT = "skin.pct[TRT01A=High]"


def test_without_a_style_of_its_own_the_theme_and_the_study_hold(page: Any) -> None:
    assert page.body(TABLE) == ["Skin  0      2 (66.7)  0.400"]
    assert page.value(TABLE, P) == "0.400" and page.value(TABLE, PCT) == "66.7%"


def test_an_output_prints_percentages_and_p_values_in_its_own_way(page: Any) -> None:
    own = TABLE + 'percent: {decimals: 0, sign: "%"}\np_value: {digits: 2}\n'
    assert page.body(own) == ["Skin  0      2 (67%)  0.40"]
    assert page.value(own, P) == "0.40" and page.value(own, PCT) == "67%"


def test_its_style_goes_before_the_themes(page: Any) -> None:
    """Digits replace significant digits and bands; a rule that it does not name stays the theme's."""
    page.rules = NumberRules(
        percent_decimals=(PercentBand(below=100, decimals=0),),
        p_value=PValueRules(significant=1, leading_zero=False),
    )
    assert page.body(TABLE) == ["Skin  0      2 (67)  .4"]
    own = TABLE + "percent: {decimals: 2}\np_value: {digits: 4}\n"
    assert page.body(own) == ["Skin  0      2 (66.67)  .4000"]


def test_bands_of_its_own_stand_in_place_of_the_themes_significant_digits(page: Any) -> None:
    """P is 0.4: one significant digit in the theme, four decimals below 0.5 in the output."""
    page.rules = NumberRules(p_value=PValueRules(significant=1))
    own = TABLE + "p_value: {bands: [{below: 0.5, digits: 4}]}\n"
    assert page.value(own, P) == "0.4000"


@pytest.mark.parametrize("own", ["percent: {decimals: 9}", "percent: {digits: 1}", "p_value: {decimals: 3}"])
def test_a_style_that_is_not_known_is_refused(page: Any, own: str) -> None:
    with pytest.raises(SpecError, match=r"outputs/x.yaml, line \d+"):
        page.body(TABLE + own)
