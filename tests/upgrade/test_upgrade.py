"""`tlfgen upgrade`: each changed construct, as the old grammar wrote it and as it is written now."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tlfgen.cli import cli
from tlfgen.errors import SpecError
from tlfgen.spec.specs import load_specs
from tlfgen.spec.version import VERSION
from tlfgen.upgrade.run import upgraded, write

STUDIES = Path(__file__).parents[1] / "cases" / "studies"
STUDY = """# ours
study: BASE   # the sponsor's
title: 'A: b'
missing: [NO, 010, '']
arms:
  - {ARMCD: A,   ARM: Arm A}
"""
TABLE = "output: x\nkind: table\nrows:\n"


def old(folder: Path, path: str, text: str) -> Path:
    """A study of the first grammar with one file more."""
    (folder / "study.yaml").write_text(STUDY, "utf-8")
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text(text, "utf-8")
    return folder


def construct(file: Path) -> tuple[str, str, str]:
    """A file's path in the study, its text in the old grammar and in this one."""
    path, text = file.read_text("utf-8").split("\n", 1)
    before, after = text.split("=====\n")
    return path, before, after


CONSTRUCTS = {f.stem: construct(f) for f in sorted((Path(__file__).parent / "constructs").glob("*.txt"))}


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_construct_is_written_anew(tmp_path: Path, name: str) -> None:
    path, before, after = CONSTRUCTS[name]
    done = upgraded(old(tmp_path, path, before))
    assert done.texts[path][1] == after
    assert not done.unmoved


def test_what_is_of_the_new_grammar_stays_as_it_is(tmp_path: Path) -> None:
    for path, _, after in CONSTRUCTS.values():
        assert path not in upgraded(old(tmp_path, path, after)).texts


def test_comments_quotes_blanks_and_words_stay(tmp_path: Path) -> None:
    done = upgraded(old(tmp_path, "report.yaml", "report: x\n"))
    new = STUDY.replace("sponsor's\n", f"sponsor's\nversion: {VERSION}\n")
    assert done.texts == {"study.yaml": (STUDY, new)}


def test_what_cannot_be_moved_is_listed_and_nothing_is_written(tmp_path: Path) -> None:
    of_levels = "  - {id: a, by: S, levels: {X: Ex}, sort: {by: frequency}}\n"
    text = TABLE + "  - {id: b, analyse: proportion}\n" + of_levels
    old(tmp_path, "outputs/ae.yaml", text)
    ran = CliRunner().invoke(cli, ["upgrade", str(tmp_path)], standalone_mode=False)
    assert ran.return_value == 2
    assert "outputs/ae.yaml, line 5: levels are listed" in ran.output
    assert (tmp_path / "outputs" / "ae.yaml").read_text("utf-8") == text
    assert (tmp_path / "study.yaml").read_text("utf-8") == STUDY


def test_a_dry_run_shows_and_writes_nothing(tmp_path: Path) -> None:
    path, before, after = CONSTRUCTS["row-analysis"]
    old(tmp_path, path, before)
    ran = CliRunner().invoke(cli, ["upgrade", str(tmp_path), "--dry-run"], standalone_mode=False)
    assert ran.return_value == 0
    assert "+" + after.splitlines()[-1] in ran.output.splitlines()
    assert (tmp_path / path).read_text("utf-8") == before


def test_a_study_is_upgraded_once(tmp_path: Path) -> None:
    path, before, after = CONSTRUCTS["joined-text"]
    old(tmp_path, path, before)
    assert CliRunner().invoke(cli, ["upgrade", str(tmp_path)], standalone_mode=False).return_value == 0
    assert (tmp_path / path).read_text("utf-8") == after
    assert not list(tmp_path.glob(".upgrade-*"))
    ran = CliRunner().invoke(cli, ["upgrade", str(tmp_path)], standalone_mode=False)
    assert f"Nothing to do: the study is of version {VERSION}." in ran.output


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "names no version, which is version 1 of the specs' grammar; this tlfgen reads version"),
        ("version: 1\n", "is of version 1 of the specs' grammar"),
        (f"version: {VERSION + 1}\n", "this tlfgen is older"),
        ("version: two\n", "version: 'two' is no version"),
    ],
)
def test_another_version_is_refused_before_a_key_is_read(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "study.yaml").write_text(f"study: X\n{line}of_another_grammar: 1\n", "utf-8")
    with pytest.raises(SpecError, match=says):
        load_specs(tmp_path)


@pytest.mark.reference
def test_a_case_of_the_first_grammar_is_one_of_this(tmp_path: Path, reference: Path) -> None:
    """Every case of the reference folder, upgraded, is read; or its fault is that of the case kept here."""
    failed = {}
    for case in sorted(p.name for p in (reference / "cases").iterdir() if p.name[:2].isdigit()):
        if not any((reference / "cases" / case).glob("*/*.yaml")):
            continue
        folder = laid_over(reference / "cases", case, tmp_path / "old" / case)
        try:
            done = upgraded(folder)
        except SpecError as error:
            found = error.message
        else:
            write(folder, done)
            found = f"{done.unmoved}" if done.unmoved else fault_of(folder)
        expected = fault_of(laid_over(STUDIES, case, tmp_path / "kept" / case))
        if found != expected:
            failed[case] = (found, expected)
    assert not failed


def laid_over(cases: Path, name: str, target: Path) -> Path:
    """A case over its base, specs alone."""
    for part in ("base", name):
        if (cases / part).is_dir():
            shutil.copytree(cases / part, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("raw"))
    return target


def fault_of(folder: Path) -> str:
    """What reading a study's specs stumbles over."""
    try:
        load_specs(folder)
    except SpecError as error:
        return error.message
    return ""


def test_texts_name_the_results_of_a_forest_anew(tmp_path: Path) -> None:
    path, before, _ = CONSTRUCTS["forest-of-a-ratio"]
    old(tmp_path, path, before)
    (tmp_path / "report").mkdir()
    said = '{{ n("f.estimate.lower[SEX=F]") }} {{ n("f.estimate.hazard_ratio") }}\n'
    (tmp_path / "report" / "a.md.j2").write_text(said, "utf-8")
    now = upgraded(tmp_path).texts["report/a.md.j2"][1]
    assert now == (
        '{{ n("f.subgroups.hazard_ratio_low[SEX=F,TRT01A=Drug~Placebo]") }} '
        '{{ n("f.estimate.hazard_ratio[TRT01A=Drug~Placebo]") }}\n'
    )
