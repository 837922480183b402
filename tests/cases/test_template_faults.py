"""Templates, texts and files made to harm: refused in bounded time and memory, never printed as if right."""

from __future__ import annotations

import os
import shutil
import time
from base64 import b64encode
from pathlib import Path

import pytest
from cases.conftest import MakeCase

from tlfgen.errors import DataError, RenderError, SpecError
from tlfgen.spec.sandbox import MOST_WRITTEN, Sandbox

TEMPLATE = "report/synopsis.md.j2"
DOUBLED = "{% set a = [1] %}{% set b = [1] %}" + "{% set a = [a, a] %}{% set b = [b, b] %}" * 24
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><g id='a0'/></svg>"
LONG = "{% set s = 'a' %}" + "{% set s = s ~ s %}" * 17


def fill(text: str, **values: object) -> str:
    sandbox = Sandbox(functions={"n": lambda name: "12"})
    return sandbox.fill(sandbox.from_string(text), values)


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(99999) | _counted(-9) %}{% endfor %}",
        LONG + "{% for i in range(250000) %}{% set t = s | wordcount %}{% endfor %}",
        "{{ [[1]] | map('turns of a loop', -1000000000) | map('list') | list | length }}",
        "{% macro m() %}" + "z" * 50_000 + "{{ caller() }}{% endmacro %}"
        "{% for a in range(20000) %}{% call m() %}{% endcall %}{% endfor %}",
        "{% for a in range(200000) %}" + "z" * 990 + "{% endfor %}",
        "{% set x %}aaaaaaaaaa{% endset %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40 + "{{ x }}",
        DOUBLED + "{% if a == b %}{% endif %}",
        DOUBLED + "{% if a in [b] %}{% endif %}",
        DOUBLED + "{{ [a, b] | sort | length }}",
        DOUBLED + "{{ a | string | length }}",
        LONG + "{% set t = s ~ 'b' %}{% for i in range(250000) %}{% if t in s %}{% endif %}{% endfor %}",
        "{% set l = range(90000) | list %}{% for i in range(90000) %}{% if -1 in l %}{% endif %}{% endfor %}",
        "{{ range(99999) | select('in', range(100000, 199999) | list) | list | length }}",
    ],
)
def test_what_would_never_end_or_fill_the_memory_is_refused_at_once(text: str) -> None:
    """The work of one text is bounded: turns, printed text, lists within lists, comparisons."""
    began = time.monotonic()
    with pytest.raises(Exception) as caught:
        fill(text)
    assert type(caught.value).__module__.startswith("jinja2")
    assert time.monotonic() - began < 20


def test_a_text_of_many_pages_is_printed() -> None:
    text = "{% for a in range(900) %}" + "z" * 1000 + "{% endfor %}"
    assert len(fill(text)) == 900_000 < MOST_WRITTEN


@pytest.mark.parametrize(
    "expression",
    [
        "('1') if " + "(" * 3000 + "1" + ")" * 3000,
        "1" + " and 1" * 5000,
        "a" + ".b" * 3000,
        "9" * 5000,
    ],
)
def test_an_expression_nested_without_end_is_an_error_of_check(case: MakeCase, expression: str) -> None:
    made = case("base").write(TEMPLATE, "{{ " + expression + " }}")
    with pytest.raises(SpecError, match="nested too deeply|too large") as caught:
        made.check()
    assert TEMPLATE in str(caught.value)


def test_loops_nested_without_end_are_an_error_of_check(case: MakeCase) -> None:
    made = case("base").write(TEMPLATE, "{% for a in [1] %}" * 60 + "x" + "{% endfor %}" * 60)
    with pytest.raises(SpecError, match="nested too deeply"):
        made.check()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ 'not done' | int }}", "no number"),
        ("{{ e.AGE | int }}", "no number"),
        ("{{ '' | float }}", "no number"),
        ("{{ 'nan' | float }}", "no number"),
        ("{{ '1e999' | float }}", "no number"),
        ("{{ e.AGE | upper }}", "'none'"),
        ("{{ e.AGE | string }}", "'none'"),
        ("{{ '%s years' | format(e.AGE) }}", "'none'"),
        ("{{ true | string }}", "yes or no"),
        ("{{ e | string }}", "a mapping"),
        ("{{ n | lower }}", "a function"),
        ("{{ '%s' | format(n) }}", "a function"),
        ("{{ [e] | map('string') | join }}", "a mapping"),
    ],
)
def test_what_is_missing_or_no_number_is_never_printed(text: str, said: str) -> None:
    """`'not done' | int` printed 0, an empty value "None"."""
    with pytest.raises(Exception, match=said):
        fill(text, e={"AGE": None})


def test_what_is_a_number_is_read() -> None:
    assert fill("{{ '12' | int + 1 }} {{ ' 1.5' | float }} {{ 'x' | int(7) }} {{ 'ff' | int(0, 16) }}") == (
        "13 1.5 7 255"
    )


@pytest.mark.parametrize("path", ["forms/zz.yaml", "report/zz.md.j2", "raw/zz.csv"])
def test_a_pipe_among_the_specs_is_refused_and_not_waited_for(case: MakeCase, path: str) -> None:
    made = case("base")
    os.mkfifo(made.folder / path)
    with pytest.raises(SpecError, match="a pipe or a device") as caught:
        made.check()
    assert f"specs/x/{path}" in str(caught.value)


@pytest.mark.parametrize(
    ("css", "said"),
    [
        ("p{background:url(file:///etc/passwd)}", "does not hold: file:///etc/passwd"),
        ("p::before{content:url(http://127.0.0.1:9/a.png)}", "does not hold: http://127.0.0.1:9/a.png"),
        ("@font-face{font-family:x;src:url(file:///etc/hostname)} p{font-family:x}", "does not hold"),
        ("p{font-size:1e9pt}", "cannot be set"),
        (f'p{{background:url("data:image/svg+xml;utf8,{SVG}")}}', "does not hold: data:image/svg"),
        (f'p{{background:url("data:image/png;base64,{b64encode(SVG.encode()).decode()}")}}', "neither PNG"),
        ("p{width:" + "calc(" * 2000 + "1px" + ")" * 2000 + "}", "cannot be set"),
    ],
)
def test_what_a_theme_cannot_have_is_an_error_of_the_theme(tmp_path: Path, css: str, said: str) -> None:
    """No file and no address is read on account of a theme; no fault of the program is told."""
    from tlfgen.document.pdf import render_html
    from tlfgen.document.theme import load_theme

    shutil.copytree(Path(__file__).parents[2] / "templates" / "report", tmp_path / "report")
    (tmp_path / "report" / "zz.css").write_text(css, "utf-8")
    with pytest.raises(RenderError, match=said):
        render_html(
            '<html lang="en"><body><p>text</p></body></html>', load_theme("house", (tmp_path,)), "text"
        )


def test_a_header_of_many_columns_is_read_in_time_that_grows_with_it() -> None:
    """Each name was looked for among all: 200,000 columns took minutes."""
    from tlfgen.data.formats import name_columns

    began = time.monotonic()
    named, _ = name_columns((f"C{i}" for i in range(200_000)), path=Path("vs.csv"), line=1)
    assert len(named) == 200_000 and time.monotonic() - began < 10
    with pytest.raises(DataError, match=r"'A' \(columns 1, 3\)"):
        name_columns(["A", "B", " A"], path=Path("vs.csv"), line=1)
