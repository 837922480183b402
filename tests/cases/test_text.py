"""Cases of texts: templates that are closed and bounded, numbers and words that are bound, values that could
not be read, characters that no font has."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from cases.conftest import Case, MakeCase

from tlfgen.errors import RenderError, SpecError, TlfgenError
from tlfgen.report import Material, filled_text
from tlfgen.spec.plain_values import plain_value
from tlfgen.spec.sandbox import Sandbox

TEMPLATE = "report/synopsis.md.j2"


def fill(text: str, **values: object) -> str:
    sandbox = Sandbox(functions={"n": lambda name: "12"})
    return sandbox.fill(sandbox.from_string(text), values)


def text_of(case: Case) -> str:
    """The synopsis, filled from the data in memory."""
    from tlfgen.display.parts import FrontMatter
    from tlfgen.document.theme import load_theme
    from tlfgen.run.inputs import theme_folders

    specs = case.study.specs
    theme = load_theme("house", theme_folders(case.root, specs.folder))
    results = {i: case.results(i) for i in ("ae-by-term", "demography", "deaths")}
    material = Material(specs, theme, FrontMatter("", ""), [], results, {}, {}, case.data, ())
    return filled_text(material, specs.report.sections[0], [])


def refused(case: MakeCase, name: str) -> TlfgenError:
    with pytest.raises((RenderError, SpecError)) as caught:
        text_of(case(name))
    assert f"{TEMPLATE}, line 1" in str(caught.value)
    return caught.value


def test_case_49_a_template_reaches_no_method(case: MakeCase) -> None:
    """Case 49: refused with file and line."""
    assert "model_json_schema" in refused(case, "49-template-reaches-methods").message


def test_case_55_a_template_s_work_is_bounded(case: MakeCase) -> None:
    """Case 55: two nested loops of 99,999 are refused after a bounded number of steps."""
    began = time.monotonic()
    assert "steps" in refused(case, "55-endless-narrative").message
    assert time.monotonic() - began < 30


def test_case_66_whatever_a_template_raises_is_an_error_with_its_line(case: MakeCase) -> None:
    """Case 66: `n(1)` is a RenderError with file and line, no traceback."""
    assert "not 1" in refused(case, "66-narrative-python-error").message


@pytest.mark.parametrize(
    "text",
    [
        "{{ n(none) }}",
        "{{ 1/0 }}",
        "{% include 'x' %}",
        "{{ nobody }}",
        "{{ n() }}",
        "{{ N(2) }}",
        "{{ ref([]) }}",
        "{{ n('ae-by-term.any.n[TRT01A=Nobody]') }}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{{ 'a' | nofilter }}",
        "{{ 'a' is notest }}",
        "{{ study.nothing }}",
        "{{ 'x' | int(none) | round(-1) }}",
    ],
)
def test_every_error_of_a_template_has_file_and_line(case: MakeCase, text: str) -> None:
    with pytest.raises((RenderError, SpecError)) as caught:
        made = case("base").write(TEMPLATE, f"One.\n{text}\n")
        text_of(made)
    assert f"{TEMPLATE}, line 2" in str(caught.value)


def test_a_template_that_is_not_utf_8_is_named(case: MakeCase) -> None:
    made = case("base")
    (made.folder / TEMPLATE).write_bytes(b"One.\nCaf\xe9.\n")
    with pytest.raises(SpecError, match="not UTF-8.*\n.*synopsis.md.j2, line 2"):
        made.check()


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ '' | attr('__class__') }}",
        "{{ study.arms[0].copy }}",
        "{{ study['copy']() }}",
        "{{ study | map(attribute='copy') | list }}",
        "{{ [study] | map(attribute='__class__') | first }}",
        "{{ [study, study] | sort(attribute='__init__') | length }}",
        "{{ ([study] | groupby('__doc__') | first).grouper }}",
        "{{ cycler('a') }}",
        "{{ joiner() }}",
        "{{ namespace(a=1) }}",
        "{{ lipsum() }}",
        "{{ dict(a=1) }}",
        "{{ self }}",
        "{{ self.__init__ }}",
        "{{ n.__globals__ }}",
        "{{ n }}",
        "{{ n.name }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ 'a'.upper() }}",
        "{{ study.items() }}",
        "{{ [1].append(2) }}",
        "{% for a in [1] %}{{ loop.__init__ }}{% endfor %}",
        "{% for a in [1] %}{{ loop.cycle('a') }}{% endfor %}",
        "{% macro m() %}{% endmacro %}{{ m.__call__ }}",
        "{% macro m() %}{% endmacro %}{{ m._func }}",
        "{% for a in [1] recursive %}{{ loop([2]) }}{% endfor %}",
        "{% autoescape false %}{% endautoescape %}",
        "{{ study }}",
        "{{ [1] }}",
        "{{ none }}",
        "{{ true }}",
        "{{ 'a' ~ none }}",
        "{{ 'a' * 2 }}",
        "{{ 2 ** 3 }}",
    ],
)
def test_only_plain_values_are_reached(text: str) -> None:
    with pytest.raises(Exception) as caught:
        fill(text, study={"arms": [{"ARM": "A"}]})
    assert type(caught.value).__module__.startswith("jinja2")


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'x' * 10**9 }}",
        "{{ '%999999999d' | format(1) }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 'x' | center(10**9) }}",
        "{{ range(10**9) | list | length }}",
        "{{ range(10**6) | sum }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 10 | round(10**9) }}",
        "{% set x = 'xxxxxxxxxx' %}" + "{% set x = x ~ x %}" * 40,
        "{% set x = 'xxxxxxxxxx' %}" + "{% set x = x + x %}" * 40,
        "{% set x = [1] %}" + "{% set x = x + x %}" * 40,
        "{% set x = ['y' ~ '" + "z" * 9000 + "'] %}{{ ([x[0]] + [x[0]]) | join(x[0] | replace('z', x[0])) }}",
        "{% macro m(k) %}{% if k %}{{ m(k - 1) }}{{ m(k - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
        "{% for a in range(99999) | map('string') %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ [1] | batch(10**9, 'x') | list | length }}",
        "{% for a in 'x' | list | cycle %}{% endfor %}",
    ],
)
def test_endless_and_huge_templates_are_refused_at_once(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(Exception) as caught:
        fill(text)
    assert type(caught.value).__module__.startswith("jinja2")
    assert time.monotonic() - began < 5


def test_a_template_is_handed_no_object_of_the_program(case: MakeCase) -> None:
    """Every public name of every value is refused or a plain value."""
    study = plain_value(case("base").study.specs.study)
    names = {n for kind in (str, int, float, list, dict) for n in dir(kind)}
    reached = 0
    for path, value in walk("study", study):
        assert value is None or type(value) in (str, int, float, bool, list, dict), path
        for name in names - set(value if isinstance(value, dict) else ()):
            with pytest.raises(Exception) as caught:
                fill("{{ value." + name + " }}", value=value)
            assert type(caught.value).__module__.startswith("jinja2"), f"{path}.{name}"
            reached += 1
        if reached > 600:
            break
    assert reached > 600


def walk(path: str, value: object) -> list[tuple[str, object]]:
    """A value and all that is in it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value), *(found for k, v in inner for found in walk(f"{path}.{k}", v))]


@pytest.mark.parametrize(
    "text", ["{{ part.rows.__class__ }}", "{{ margin.copy() }}", "{{ part.__class__ }}", "{{ style.name }}"]
)
def test_a_theme_s_template_reaches_no_method(text: str, tmp_path: Path) -> None:
    """Case 49: the theme's `margin` is a further way in."""
    from tlfgen.document.theme import Theme
    from tlfgen.spec.theme import MarginSpec, ThemeSpec

    (tmp_path / "table.html.j2").write_text(f"one\n{text}\n", "utf-8")
    theme = Theme("x", ThemeSpec(theme="x"), (tmp_path,))
    with pytest.raises(RenderError, match="table.html.j2, line 2"):
        theme.fill("table.html.j2", part={"rows": [1]}, margin=MarginSpec(), functions={"style": lambda t: t})


def test_case_70_a_character_that_no_font_has_costs_a_finding_and_no_report(case: MakeCase) -> None:
    """Case 70: a visible replacement and a finding, or the fallback font."""
    import importlib.util

    from tlfgen.document.theme import load_theme
    from tlfgen.document.unprintable import RULE
    from tlfgen.run.inputs import theme_folders

    made = case("70-cjk-in-a-term").replace("raw/ae.csv", "恶心 (nausea)", "恶\ue000 (nausea)")
    made.build()
    found = [f for f in made.findings() if f["RULE"] == RULE]
    assert [f["USUBJID"] for f in found] == ["BASE-1-02"]
    text = pages_of(made.root / "output" / "x" / "csr.pdf")
    assert "[U+E000] (nausea)" in text
    theme = load_theme("house", theme_folders(made.root, made.folder))
    installed = importlib.util.find_spec("pylopdf_fonts_zh_cn") is not None
    assert installed == (not theme.sans.missing("恶"))
    assert ("恶" if installed else "[U+6076]") in text


def pages_of(path: Path) -> str:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return "\n".join(page.extract_text() for page in pdf.pages)


def notes(case: Case) -> list[tuple[str, str]]:
    """(line, what is typed) of the texts of a case."""
    from tlfgen.analysis.check_words import check_words

    found = check_words(case.study.specs)
    assert {(f.severity, f.stage) for f in found} <= {("note", "specs")}
    return [(f"{f.dataset.removeprefix('specs/x/')}:{f.row}", f.value or "") for f in found]


def test_case_31_a_number_typed_in_a_footnote_is_noted(case: MakeCase) -> None:
    """Case 31: "Two of the three patients who died were in Arm B" is bound to no result."""
    made = case("31-number-typed-in-a-footnote")
    assert notes(made) == [("outputs/deaths.yaml:9", "Two"), ("outputs/deaths.yaml:9", "three")]
    assert [f.rule for f in made.check() if f.stage == "specs"] == ["typed number"] * 2


def test_case_31_a_footnote_takes_results(case: MakeCase) -> None:
    """Case 31: deaths are 1 in Arm A, 1 in Arm B, 2 of all; one death fewer than in the base."""
    made = case("31-number-typed-in-a-footnote").replace(
        "outputs/deaths.yaml",
        '"Two of the three patients who died were in Arm B."',
        """'{{ n("deaths.died.n[TRT01A=Arm B]") }} of the """
        """{{ counted("deaths.died.n[TRT01A=Total]", "patient") }}'""",
    )
    assert notes(made) == []
    assert made.check() is not None
    assert "1 of the 2 patients" in made.shown("deaths")


@pytest.mark.parametrize(
    "text",
    [
        "The groups were alike.",
        "Nausea was the most frequent event.",
        "Fewer patients had nausea on A.",
        "Response was higher on A.",
        "The arms were similar.",
        "5 patients had nausea.",
        "Twelve women were treated.",
        "It rose in 37%.",
        "3 of {{ N('SAFFL') }} had it.",
        "The median age was 58.5 years.",
        "One patient died.",
        "No patient was lost.",
        "4 responders of 14",
        "The majority recovered.",
    ],
)
def test_what_is_typed_in_a_text_is_noted(case: MakeCase, text: str) -> None:
    found = notes(case("base").write(TEMPLATE, f"Good.\n\n{text}\n"))
    assert found and {place for place, _ in found} == {"report/synopsis.md.j2:3"}


@pytest.mark.parametrize(
    "text",
    [
        "See Table 14.2.1 and section 9.6.",
        "The first dose was at week 24, day 1 of cycle 3.",
        "Events of grade 3 or higher.",
        "Response by RECIST 1.1, grades by CTCAE 5.0, as ICH E3 has it.",
        "Limits have a level of 95%.",
        "(95% CI)",
        "The cut-off is 2024-12-31, in December 2024.",
        "1. Cox DR. Regression models. J R Stat Soc B 1972; 34: 187-220.",
        "At most one; at least one dose; the lower limit.",
        "HER2 was 3+.",
        "{{ N('SAFFL') }} of {{ N('SAFFL') }}",
        "A patient counts once in each row.",
        "**12.2.1 Brief summary.** It is short.",
        "{% for t in ranked('ae-by-term.term.n[TRT01A=Total]') %}{{ t.level }}{% endfor %} was the most.",
    ],
)
def test_what_a_spec_a_version_or_a_reference_gives_is_not_noted(case: MakeCase, text: str) -> None:
    assert notes(case("base").write(TEMPLATE, f"{text}\n")) == []


@pytest.mark.parametrize("study", ["pyrotinib-mcrc", "cdiscpilot01"])
def test_the_texts_of_the_bundled_studies_hold_nothing_typed(study: str) -> None:
    from tlfgen.analysis.check_words import check_words
    from tlfgen.study import Study

    found = check_words(Study.open(study, root=Path(__file__).parents[2]).specs)
    assert [(f.dataset, f.row, f.value) for f in found] == []


def test_case_30_an_end_that_could_not_be_read_is_told_so(case: MakeCase) -> None:
    """Case 30: "end not known (2024-04-31 as collected)"; blank, unreadable and partial are three states."""
    made = case("30-end-unreadable-in-narrative")
    told = told_of(made)
    assert told["AEENDTC"] == "not known (2024-04-31 as collected)"
    assert told["AEENDTC_AS_COLLECTED"] == "2024-04-31"
    made = case("base").write("report.yaml", (made.folder / "report.yaml").read_text("utf-8"))
    made.write("report/narrative.md.j2", "{% for e in AE %}{{ e.AEENDTC }}{% endfor %}")
    assert (told_of(made)["AEENDTC"], told_of(made)["AEENDTC_AS_COLLECTED"]) == ("2024-04-29", "")


@pytest.mark.parametrize(("end", "shown"), [("", ""), ("2024-04", "2024-04")])
def test_a_blank_end_and_a_partial_one_are_no_unreadable_ones(case: MakeCase, end: str, shown: str) -> None:
    made = case("30-end-unreadable-in-narrative").replace("raw/ae.csv", "2024-04-31", end)
    told = told_of(made)
    assert (told["AEENDTC"], told["AEENDTC_AS_COLLECTED"]) == (shown, "")


def told_of(made: Case) -> Mapping[str, str]:
    """The serious event that the narrative of the case tells."""
    from tlfgen.display.records import told_records
    from tlfgen.spec.theme import NumberRules

    specs = made.study.specs
    each = next(s.each for s in specs.report.sections if s.each)
    (told,) = told_records(each, {"AE": ["AEENDTC"]}, made.data, specs.study, NumberRules())
    return told.records["AE"][0]


def test_a_reference_to_what_the_report_lacks_is_a_warning(case: MakeCase) -> None:
    """The base has sections 2, 14 and 16.2, and no 9.6."""
    made = case("base").write(
        TEMPLATE, "See section 9.6 and Table 14.9.9.\nSee section 14, section 9 of ICH E3.\n"
    )
    found = [f for f in made.check() if f.rule == "dangling reference"]
    assert [(f.severity, f.row, f.value) for f in found] == [("warning", 1, "9.6"), ("warning", 1, "14.9.9")]


@pytest.mark.parametrize("study", ["pyrotinib-mcrc", "cdiscpilot01"])
def test_the_bundled_studies_refer_to_what_is_there(study: str) -> None:
    from tlfgen.analysis.check_references import check_references
    from tlfgen.study import Study

    assert check_references(Study.open(study, root=Path(__file__).parents[2]).specs) == []
