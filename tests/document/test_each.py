"""Narratives from data: who has one, what it says, and what is found wrong before any data is read.

Expected texts are read off the raw forms of tests/mini by hand: 1-02 has a serious event, 1-03 is 66
years old and has an event before the first dose only, 1-01 is 61, 2-01 was not treated.
"""

from __future__ import annotations

from pathlib import Path

import pdfplumber
import pikepdf
import pytest
from pdf_checks import check_pdf

from tlfgen.document.narrative import render_each, to_html
from tlfgen.errors import RenderError, SpecError
from tlfgen.spec.template import Named, template_names
from tlfgen.study import Study


def change(root: Path, file: str, old: str, new: str) -> None:
    path = root / "specs" / "mini" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def built(root: Path) -> Path:
    Study.open("mini", root=root).build()
    return root / "output" / "mini" / "csr.pdf"


def section(path: Path) -> list[str]:
    """The lines of section 14.3.3, up to the next."""
    with pdfplumber.open(path) as pdf:
        texts = [page.extract_text() for page in pdf.pages]
    (page,) = [t for t in texts if "14.3.3.1" in t or "No subject met" in t]
    return page[page.index("14.3.3 ") : page.index("16.2 Listings")].splitlines()


def outline(path: Path) -> list[str]:
    titles: list[str] = []

    def walk(items: list[pikepdf.OutlineItem]) -> None:
        for item in items:
            titles.append(item.title)
            walk(list(item.children))

    with pikepdf.open(path) as pdf, pdf.open_outline() as found:
        walk(list(found.root))
    return titles


def test_narratives_in_order_with_reasons_and_records(mini: Path) -> None:
    path = built(mini)
    assert section(path) == [
        "14.3.3 Narratives",
        "\u2022 14.3.3.1 MINI-1-03: Older than 65 years",
        "\u2022 14.3.3.2 MINI-1-02: Serious event",
        "14.3.3.1 MINI-1-03",
        "66-year-old man, Arm A, treated 2024-02-01 to 2024-06-30.",
        "Why: Older than 65 years. First dose 10 mg.",
        "No adverse event was reported.",
        "14.3.3.2 MINI-1-02",
        "57-year-old man, Arm B, treated 2024-01-15 to 2024-03-15.",
        "Why: Serious event. First dose 20 mg.",
        "\u2022 Cardiac arrest on 2024-04-01 to 2024-04-01, Listing 16.2.7.1",
    ]
    assert check_pdf(path) == []


def test_narratives_stand_in_the_outline_and_not_in_the_contents(mini: Path) -> None:
    path = built(mini)
    assert {"14.3.3 Narratives", "14.3.3.1 MINI-1-03", "14.3.3.2 MINI-1-02"} <= set(outline(path))
    with pdfplumber.open(path) as pdf:
        contents = pdf.pages[1].extract_text()
    assert "14.3.3 Narratives" in contents
    assert "MINI-1-03" not in contents


def test_where_nobody_qualifies_a_sentence_says_so(mini: Path) -> None:
    change(mini, "report.yaml", "AESER = 'Y'", "AESER = 'Y' AND ADSL.AGE > 99")
    change(mini, "report.yaml", "AGE > 65", "AGE > 99")
    assert section(built(mini)) == ["14.3.3 Narratives", "No subject met the criteria for a narrative."]


def test_a_changed_record_that_no_output_counts_changes_the_narrative(mini: Path) -> None:
    built(mini)
    change(mini, "raw/ec.csv", "1-02,20,", "1-02,15,")
    assert "First dose 15 mg." in "\n".join(section(built(mini)))


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "place"),
    [
        ("report/narrative.md.j2", "p.AGE }}", "p.AEG }}", "ADSL has no variable 'AEG'", "md.j2, line 3"),
        ("report/narrative.md.j2", "e.AETERM", "e.AETREM", "ADAE has no variable 'AETREM'", "line 9"),
        ("report/narrative.md.j2", "first.EXDOSE", "first.EXDOES", "EX has no variable 'EXDOES'", "line 5"),
        ("report/narrative.md.j2", "e in AE", "e in AES", "The name 'AES' does not exist", "line 8"),
        ("report/narrative.md.j2", "{% endfor %}", "", "The narrative cannot be read", "md.j2, line"),
        ("report.yaml", "narrative.md.j2", "narative.md.j2", "The narrative 'narative.md.j2'", "report.yaml"),
        ("report.yaml", "{from: EX,", "{from: XE,", "The dataset 'XE' does not exist", "report.yaml"),
        ("report.yaml", "AESER = 'Y'", "AESRE = 'Y'", "ADAE has no variable 'AESRE'", "report.yaml"),
        ("report.yaml", "population: SAFFL", "population: SAFL", "The analysis set 'SAFL'", "report.yaml"),
        ("report.yaml", "order: [EXSTDTC]", "order: [EXSTDT]", "EX has no variable 'EXSTDT'", "report.yaml"),
        ("report.yaml", "EX: {", "p: {", "'p' cannot name records", "report.yaml"),
    ],
)  # fmt: skip
def test_what_is_misspelt_is_found_before_data_is_read(
    mini: Path, file: str, old: str, new: str, message: str, place: str
) -> None:
    change(mini, file, old, new)
    for path in (mini / "specs" / "mini" / "raw").iterdir():
        path.unlink()
    with pytest.raises(SpecError) as error:
        Study.open("mini", root=mini).check()
    assert message in error.value.message
    assert place in str(error.value)


def filled(template: str, **context: object) -> str:
    (text,) = render_each(
        template, name="x", contexts=[context],
        functions={"n": lambda n: "<1", "N": lambda n: "3", "ref": lambda o: f"[Table](tlfgen:{o})"},
    )  # fmt: skip
    return text


@pytest.mark.parametrize(
    ("template", "html"),
    [
        ("{{ t }}", "<p>A &lt;b&gt; *c* _d_</p>\n"),
        ("{{ t | lower }}", "<p>a &lt;b&gt; *c* _d_</p>\n"),
        ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(t) }}", "<p>A &lt;b&gt; *c* _d_</p>\n"),
        ("{{ [t, t] | join(', ') }}", "<p>A &lt;b&gt; *c* _d_, A &lt;b&gt; *c* _d_</p>\n"),
        ("**{{ n('a') }}**", "<p><strong>&lt;1</strong></p>\n"),
        ("{{ ref('a') }}", '<p><a href="tlfgen:a">Table</a></p>\n'),
    ],
)
def test_a_value_is_text_whatever_it_holds(template: str, html: str) -> None:
    assert to_html(filled(template, t="A <b> *c* _d_")) == html


def test_a_name_that_only_filling_can_find_stops_with_its_line() -> None:
    with pytest.raises(RenderError, match="line 2"):
        filled("{% macro m(r) %}\n{{ r.AGE }}{% endmacro %}{{ m(p) }}", p={"SEX": "F"})


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{{ p.A }}{{ p['B'] }}", [("p", "A"), ("p", "B")]),
        ("{% for e in L if e.A %}{{ e.B }}{% endfor %}", [("L", "A"), ("L", "B")]),
        ("{% for p in L %}{{ p.A }}{% endfor %}{{ p.B }}", [("L", "A"), ("p", "B")]),
        ("{% set e = L | selectattr('A', 'eq', 'Y') | first %}{{ e.B }}", [("L", "A"), ("L", "B")]),
        ("{{ (L | sort(attribute='A'))[0].B }}{{ L[1:] | map(attribute='C') }}",
         [("L", "A"), ("L", "B"), ("L", "C")]),
        ("{% macro m(p) %}{{ p.A }}{% endmacro %}", []),
    ],
)  # fmt: skip
def test_names_in_a_template(template: str, found: list[tuple[str, str]]) -> None:
    names = template_names(template, "x", records={"p": "p"}, lists={"L": "L"})
    assert sorted(names.variables, key=lambda v: v.variable) == [Named(of, v, 1) for of, v in found]
    assert names.free.keys() <= {"p", "L"}


def test_a_section_can_begin_a_page(mini: Path) -> None:
    change(mini, "report.yaml", '- {number: "11.2", ', '- {number: "11.2", new_page: true, ')
    with pdfplumber.open(built(mini)) as pdf:
        texts = [page.extract_text() for page in pdf.pages]
    (page,) = [t for t in texts[2:] if "11.2 Demographic" in t]
    assert "2 Synopsis" not in page and page.splitlines()[1].startswith("11.2 ")
