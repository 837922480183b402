"""Pages: breaks by fixed metrics, aligned numbers, embedded fonts, links; read back by pdfplumber and
pikepdf."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pdfplumber
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from pdf_checks import check_pdf, font_names

from tlfgen.display.panels import Axes, Legend, Line, Look, Panel, Scale, Strip
from tlfgen.display.parts import (
    Align,
    Cell,
    Figure,
    FrontMatter,
    Head,
    Listing,
    ListingColumn,
    Row,
    Table,
)
from tlfgen.document.lay_table import lay_table
from tlfgen.document.narrative import render_narrative, to_html
from tlfgen.document.output import render_output
from tlfgen.document.pdf import Part, join
from tlfgen.document.report import RenderedOutput, ReportInput, Section, render_report
from tlfgen.document.theme import Theme, known_themes, load_theme
from tlfgen.document.wrap import Setting, wrap
from tlfgen.errors import RenderError, SpecError, UsageError

DECIMAL: Align = "decimal"
TEMPLATES = Path(__file__).parents[2] / "templates"
FRONT = FrontMatter(
    "STUDY-1", "A title", (("Phase", "II"),), "SIMULATED DATA", "2015-03-05", "abc123", (("Errors", "3"),)
)
ARMS = tuple(Head((a, f"(N={n})")) for a, n in (("Placebo", 86), ("Low Dose", 96), ("High Dose", 72)))


@pytest.fixture(scope="module")
def house() -> Theme:
    return load_theme("house", [TEMPLATES])


def row(label: str, *texts: str, indent: int = 0, group: int = 0) -> Row:
    return Row(label, tuple(map(Cell, texts)), indent, group=group, space_before=indent == 0)


def events(groups: int, terms: int) -> Table:
    rows = []
    for g in range(groups):
        rows.append(row(f"SYSTEM ORGAN CLASS {g}", "12 (14.0)", "9 (9.4)", "0", group=g))
        rows += [
            row(f"TERM {g}.{t}", "1 (1.2)", "10 (10.4)", "72 (100.0)", indent=1, group=g)
            for t in range(terms)
        ]
    return Table(
        "ae",
        "14.3.1.2",
        "Adverse Events",
        "Safety set",
        ("n (%) = subjects.",),
        heads=(ARMS,),
        rows=tuple(rows),
        aligns=("decimal",) * 3,
        source="ADAE where TRTEMFL = 'Y'",
    )


def save(path: Path, pdf: bytes) -> Path:
    path.write_bytes(pdf)
    return path


def test_a_long_table_repeats_its_title_its_header_and_the_label_of_a_split_group(
    house: Theme, tmp_path: Path
) -> None:
    path = save(tmp_path / "ae.pdf", render_output(events(2, 90), house))
    with pdfplumber.open(path) as pdf:
        texts = [p.extract_text() for p in pdf.pages]
    assert len(texts) >= 2
    assert "(Continued)" not in texts[0] and all("Table 14.3.1.2 (Continued)" in t for t in texts[1:])
    assert all("Placebo" in t and "(N=86)" in t and "n (%) = subjects." in t for t in texts)
    assert "SYSTEM ORGAN CLASS 0 (continued)" in texts[1] or "SYSTEM ORGAN CLASS 1 (continued)" in texts[1]
    assert check_pdf(path, stamped=False) == []


@pytest.mark.parametrize("terms", range(3, 14))
def test_a_parent_is_never_last_on_a_page_and_two_rows_stand_on_each_side(house: Theme, terms: int) -> None:
    pages = lay_table(events(14, terms), house).pages
    assert len(pages) > 1
    labels = [row.lines[0] for page in pages for row in page.rows]
    assert len([x for x in labels if "(continued)" not in x]) == 14 * (terms + 1)
    for page in pages[:-1]:
        assert not page.rows[-1].lines[0].startswith("SYSTEM")


def test_a_group_that_fits_stays_whole(house: Theme) -> None:
    pages = lay_table(events(12, 6), house).pages
    assert not any("(continued)" in r.lines[0] for p in pages for r in p.rows)


def test_decimal_points_of_a_column_stand_below_each_other(house: Theme, tmp_path: Path) -> None:
    path = save(tmp_path / "ae.pdf", render_output(events(1, 3), house))
    with pdfplumber.open(path) as pdf:
        chars, words = pdf.pages[0].chars, pdf.pages[0].extract_words()
    for left in ("12 (14.0)", "1 (1.2)"):
        assert left.split()[0] in "".join(c["text"] for c in chars)
    first = sorted(w["x1"] for w in words if w["text"] in ("12", "1"))
    closing = sorted(c["x0"] for c in chars if c["text"] == ")" and 150 < c["top"] < 500)
    brackets = [x for x in closing if x < closing[0] + 30]
    assert first[-1] - first[0] < 0.05
    assert len(brackets) == 4 and brackets[-1] - brackets[0] < 0.05


def test_an_empty_table_prints_its_sentence_and_its_number(house: Theme, tmp_path: Path) -> None:
    table = Table(
        "e",
        "14.3.2.1",
        "Deaths",
        "Safety set",
        heads=(ARMS,),
        aligns=("decimal",) * 3,
        empty="No subject died.",
    )
    with pdfplumber.open(save(tmp_path / "e.pdf", render_output(table, house))) as pdf:
        text = pdf.pages[0].extract_text()
    assert "Table 14.3.2.1" in text and "No subject died." in text


def listing(records: int) -> Listing:
    columns = (
        ListingColumn("Subject", 20, repeat="page"),
        ListingColumn("Term", 50),
        ListingColumn("Start", 30),
    )
    rows = tuple(
        (
            f"S-{i // 7}",
            f"Itching <b>of</b> the left upper arm and \u2265 2 other places, number {i}",
            "2014-01-03",
        )
        for i in range(records)
    )
    return Listing("l", "16.2.7.1", "Events", "Safety set", columns=columns, rows=rows)


def test_every_record_of_a_listing_is_printed_and_markup_prints_as_text(house: Theme, tmp_path: Path) -> None:
    path = save(tmp_path / "l.pdf", render_output(listing(150), house))
    with pdfplumber.open(path) as pdf:
        texts = [p.extract_text() for p in pdf.pages]
    whole = "\n".join(texts)
    assert [
        i for i in range(150) if f"number {i}\n" not in whole + "\n" and f"number {i} " not in whole
    ] == []
    assert "<b>of</b>" in whole
    for text in texts:
        first = text.split("Start\n", 1)[1].splitlines()[0]
        assert first.startswith("S-")
    assert check_pdf(path, stamped=False) == []


def test_a_word_too_long_for_its_column_breaks_and_is_not_clipped(house: Theme) -> None:
    setting = Setting(house.sans, 9)
    lines = wrap("Pneumonoultramicroscopicsilicovolcanoconiosis again", 60, setting)
    assert "".join(lines).replace(" ", "") == "Pneumonoultramicroscopicsilicovolcanoconiosisagain"
    assert all(setting.width(line) <= 60 for line in lines)


def test_a_character_without_a_font_is_printed_as_its_code_point(house: Theme) -> None:
    """A private character (U+E000) is in no font."""
    table = Table("t", "14.1", "A \ue000 B", "Safety set", heads=(ARMS,), aligns=("decimal",) * 3)
    with pdfplumber.open(io.BytesIO(render_output(table, house))) as pdf:
        assert "A [U+E000] B" in pdf.pages[0].extract_text()


def figure() -> Figure:
    ticks = ((4.0, "Week 2"), (5.0, "Week 4"), (7.0, "Week 6"))
    arms = ("Placebo", "Low", "High")
    lines = tuple(
        Line(((4.0, 1.0), (5.0, -2.0)), symbols=True, look=i, dodge=float(i)) for i in range(len(arms))
    )
    axes = Axes(
        Scale(4.0, 7.0, ticks, "Visit", pad=0.04),
        Scale(-3.0, 2.0, ((-3.0, "-3"), (2.0, "2")), "Change (mmHg)"),
        lines,
        strips=tuple(Strip(a, ("20", "19", "0"), i) for i, a in enumerate(arms)),
    )
    looks = tuple(Look(a, "lines", i) for i, a in enumerate(arms))
    panel = Panel((axes,), looks, (Legend((0, 1, 2)),), above=True)
    return Figure("f", "14.3.6.F1", "Mean Change", "Safety set", panels=(panel,), alt="Mean change by visit.")


def test_a_figure_is_vector_with_real_text_in_the_theme_s_font(house: Theme, tmp_path: Path) -> None:
    path = save(tmp_path / "f.pdf", render_output(figure(), house))
    with pdfplumber.open(path) as pdf:
        text, images = pdf.pages[0].extract_text(), pdf.pages[0].images
    assert images == []
    assert (
        "Week4" in text.replace(" ", "")
        and "(mmHg)" in text.replace("\n", "")[::-1].replace(")gHmm(", "(mmHg)")
        and "Placebo" in text
    )
    assert font_names(path) <= {"Source-Sans-Pro", "Source-Sans-Pro-Bold", "Source-Sans-Pro-Semi-Bold"}
    assert check_pdf(path, stamped=False) == []


def report(house: Theme) -> bytes:
    parts = (events(4, 12), listing(40), figure())
    rendered = {p.id: RenderedOutput(p, render_output(p, house)) for p in parts}
    sections = (
        Section("2", "Synopsis", "See [Table 14.3.1.2](tlfgen:ae).\n\n" + "Some words. " * 700),
        Section("12", "Safety Evaluation"),
        Section("12.2", "Adverse Events", "Text.", (events(1, 2),)),
        Section("14", "Tables"),
        Section("14.3", "Safety Data", outputs=("ae", "f")),
        Section("16.2", "Listings", outputs=("l",)),
    )
    return render_report(ReportInput("Clinical Study Report", FRONT, sections, rendered), house)


def test_a_report_has_links_bookmarks_page_numbers_and_embedded_fonts(house: Theme, tmp_path: Path) -> None:
    path = save(tmp_path / "csr.pdf", report(house))
    assert check_pdf(path) == []
    with pdfplumber.open(path) as pdf:
        texts = [p.extract_text() for p in pdf.pages]
    assert "SIMULATED DATA" in texts[0] and "3 errors" in texts[0]
    assert all("SIMULATED DATA" in t and "Build abc123" in t for t in texts[1:])
    at = next(
        i for i, t in enumerate(texts) if i > 2 and t.split("Report\n", 1)[-1].startswith("Table 14.3.1.2\n")
    )
    line = next(line for line in texts[1].splitlines() if line.startswith("Table 14.3.1.2"))
    assert line.endswith(f" {at + 1}")


def test_two_renderings_give_the_same_bytes(house: Theme) -> None:
    assert report(house) == report(house)


def test_bytes_do_not_depend_on_the_folder(tmp_path: Path) -> None:
    code = (
        "import sys, hashlib; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "import test_pages as t; theme = t.load_theme('house', [Path(sys.argv[2])]);"
        "print(hashlib.sha256(t.report(theme)).hexdigest())"
    )
    import shutil

    seen = set()
    for name in ("one", "another-folder"):
        shutil.copytree(TEMPLATES, tmp_path / name / "templates")
        command = [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path / name / "templates")]
        seen.add(
            subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path / name).stdout
        )
    assert len(seen) == 1


def test_a_link_to_nowhere_stops_the_report(house: Theme) -> None:
    sections = (Section("2", "Synopsis", "See [Table 1](tlfgen:nowhere)."),)
    with pytest.raises(RenderError, match="nowhere"):
        render_report(ReportInput("Report", FRONT, sections, {}), house)
    assert join([Part(render_output(events(1, 1), house), {"x": 0})], "t")[:5] == b"%PDF-"


def narrative(text: str) -> str:
    def number(name: str) -> str:
        if name != "a.n":
            raise RenderError(f"The result '{name}' does not exist.")
        return "12"

    return render_narrative(
        text,
        name="synopsis.md.j2",
        functions={"n": number, "N": lambda s: "20", "ref": lambda o: f"[Table](tlfgen:{o})"},
        context={},
    )


def test_a_narrative_draws_numbers_by_name_and_a_wrong_name_stops_it() -> None:
    assert narrative('{{ n("a.n") }} of {{ N("SAFFL") }} ({{ ref("t") }})') == "12 of 20 ([Table](tlfgen:t))"
    with pytest.raises(RenderError, match=r"'a\.m' does not exist") as caught:
        narrative('One.\n\n{{ n("a.m") }}')
    assert "synopsis.md.j2, line 3" in str(caught.value)
    with pytest.raises(RenderError, match="undefined"):
        narrative("{{ unknown }}")


def test_a_narrative_is_sandboxed_and_holds_no_html() -> None:
    with pytest.raises(RenderError):
        narrative("{{ ''.__class__.__mro__[1].__subclasses__() }}")
    assert "&lt;script&gt;" in to_html("<script>alert(1)</script>")
    assert "href" not in to_html("[x](file:///etc/passwd)")


def test_a_theme_is_a_folder_and_a_misspelt_one_names_the_nearest() -> None:
    assert [n for n, _ in known_themes([TEMPLATES])] == ["house", "dove", "jco", "lancet", "nejm"]
    lancet = load_theme("lancet", [TEMPLATES])
    assert (
        lancet.numbers.decimal_mark == "\u00b7"
        and lancet.spec.page == load_theme("house", [TEMPLATES]).spec.page
    )
    assert lancet.digest() != load_theme("house", [TEMPLATES]).digest()
    with pytest.raises(UsageError, match="lancet"):
        load_theme("lancett", [TEMPLATES])


def test_no_part_of_a_text_is_lost_where_it_wraps(house: Theme) -> None:
    setting = Setting(house.sans, 9)
    text = "pain of 10\u00a0mg dose after\ttea and/or well-known 10-20 things \u2013 so it was said again"
    for width in range(30, 400, 7):
        lines = wrap(text, width, setting)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_the_declared_faces_are_the_ones_embedded(house: Theme) -> None:
    """theme.yaml's bold is Semibold, weight 600 (OpenType OS/2): what measures a text is what sets it."""
    weights = set()
    with pikepdf.open(io.BytesIO(render_output(events(1, 3), house))) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and "/FontFile2" in item:
                font = TTFont(io.BytesIO(item["/FontFile2"].read_bytes()))
                weights.add((font["name"].getDebugName(4), font["OS/2"].usWeightClass))
    assert weights == {("Source Sans Pro", 400), ("Source Sans Pro Semibold", 600)}


def test_the_contents_stand_where_a_section_says(house: Theme, tmp_path: Path) -> None:
    sections = (
        Section("2", "Synopsis", "Some words."),
        Section("3", "Table of Contents", contents=True),
        Section("4", "Abbreviations", "None."),
    )
    path = save(tmp_path / "r.pdf", render_report(ReportInput("Report", FRONT, sections, {}), house))
    with pdfplumber.open(path) as pdf:
        texts = [p.extract_text() for p in pdf.pages]
    assert ["Some words." in texts[1], "Table of Contents" in texts[2], "None." in texts[3]] == [True] * 3
    lines = [line for line in texts[2].splitlines() if line[:2] in ("2 ", "3 ", "4 ") and line[-1].isdigit()]
    assert [line.split()[-1] for line in lines] == ["2", "3", "4"]
    assert check_pdf(path) == []


@pytest.mark.parametrize("name", ["../../report", "a/b", ""])
def test_a_theme_s_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(UsageError, match="no name of a theme"):
        load_theme(name, [TEMPLATES])


def test_a_theme_based_on_itself_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "journals" / "x"
    folder.mkdir(parents=True)
    (folder / "theme.yaml").write_text("theme: x\nbased_on: x\n", "utf-8")
    with pytest.raises(SpecError, match="based on itself"):
        load_theme("x", [tmp_path])


def test_bytes_do_not_depend_on_where_the_fonts_are_installed(
    house: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = render_output(events(1, 2), house)
    for face in house.faces:
        (tmp_path / face.path.name).write_bytes(face.path.read_bytes())
    moved = tuple(replace(face, path=tmp_path / face.path.name) for face in house.faces)
    elsewhere = Theme(house.name, house.spec, house.folders)
    monkeypatch.setitem(vars(elsewhere), "faces", moved)
    assert render_output(events(1, 2), elsewhere) == here


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("<p>{{ part.title }}</p>\n<p>{{ colour }}</p>", 2, "'colour' is undefined"),
        ("<p>\n\n{% if part %}", 3, "Unexpected end of template"),
    ],
)
def test_a_template_that_cannot_be_filled_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    own = tmp_path / "journals" / "broken"
    own.mkdir(parents=True)
    (own / "theme.yaml").write_text("theme: broken\nbased_on: house\n")
    (own / "output.html.j2").write_text(text)
    with pytest.raises(RenderError) as caught:
        render_output(listing(2), load_theme("broken", [tmp_path, TEMPLATES]))
    assert said in caught.value.message
    assert str(caught.value.path) == f"{own / 'output.html.j2'}, line {line}"
