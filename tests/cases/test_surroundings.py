"""Where a study stands, what it is called, who builds it and on which disk: said, and never a traceback."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cases.conftest import STUDIES, Case, MakeCase

from tlfgen.errors import SpecError, TlfgenError, UsageError
from tlfgen.faults import printable
from tlfgen.study import Study


def tlfgen(folder: Path, *arguments: str, most_bytes: int | None = None) -> tuple[int, str, str]:
    def limit() -> None:
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    command = [sys.executable, "-m", "tlfgen", *arguments]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, preexec_fn=limit, errors="replace"
    )
    assert "Traceback" not in run.stderr
    return run.returncode, run.stdout, run.stderr


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("outputs/deaths.yaml", "output: deaths", "output: ../../outside"),
        ("outputs/deaths.yaml", "output: deaths", "output: /outside"),
        ("outputs/deaths.yaml", "output: deaths", "output: a/b"),
        ("outputs/deaths.yaml", "output: deaths", "output: ''"),
        ("outputs/deaths.yaml", "output: deaths", "output: ..."),
        ("adam/adlb.yaml", "dataset: ADLB", "dataset: ../ADLB"),
        ("sdtm/vs.yaml", "domain: VS", "domain: ../VS"),
        ("forms/vs.yaml", "form: VS", "form: ../VS"),
    ],
)
def test_a_name_that_becomes_a_file_is_no_path(case: MakeCase, file: str, old: str, new: str) -> None:
    """Case 50: an id is letters, digits and hyphens."""
    with pytest.raises(SpecError, match="letters, digits") as caught:
        case("base").replace(file, old, new).check()
    assert f"specs/x/{file}, line 1" in str(caught.value)


@pytest.mark.parametrize(
    "path", ["forms/zz.yaml", "report/more.md.j2", "outputs", "raw", "dictionaries/d.csv"]
)
def test_a_link_out_of_the_study_is_refused_and_nothing_of_it_is_printed(case: MakeCase, path: str) -> None:
    """Case 51."""
    base = case("base")
    outside = base.root / "outside"
    outside.mkdir()
    (outside / "secret").write_text("root:x:0:0\n", "utf-8")
    target = base.folder / path
    if target.is_dir():
        shutil.rmtree(target)
    target.parent.mkdir(exist_ok=True)
    target.symlink_to(outside if "." not in path else outside / "secret")
    with pytest.raises(SpecError, match="leaves the study's folder") as caught:
        base.check()
    assert f"specs/x/{path}" in str(caught.value) and "root:x" not in str(caught.value)


def test_a_link_within_the_study_is_followed(case: MakeCase) -> None:
    base = case("base")
    (base.folder / "forms/vs.yaml").rename(base.folder / "vs-kept.yaml")
    (base.folder / "forms/vs.yaml").symlink_to(base.folder / "vs-kept.yaml")
    assert not [f for f in base.check() if f.severity == "error"]


def test_aliases_that_multiply_are_refused_at_once(case: MakeCase) -> None:
    """Case 52: a million nodes of 350 bytes, and thirty levels, which would never end."""
    with pytest.raises(SpecError, match="aliases make"):
        case("52-yaml-alias-bomb").check()
    lines = ["a0: &a0 [x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    base = case("base").write("codelists.yaml", "\n".join(lines))
    with pytest.raises(SpecError, match="aliases make"):
        base.check()


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "- " * 100_000 + "x", "? " * 5_000 + "x"])
def test_a_file_nested_without_end_is_refused(case: MakeCase, text: str) -> None:
    with pytest.raises(SpecError, match="nested deeper than 100 levels"):
        case("base").write("outputs/more.yaml", text).check()


def test_a_long_flat_file_is_read(case: MakeCase) -> None:
    """Ten thousand terms are no bomb."""
    base = case("base")
    text = (base.folder / "codelists.yaml").read_text("utf-8")
    terms = ", ".join(f"T{i}" for i in range(10_000))
    base.write("codelists.yaml", f"{text}\nLONG:\n  terms: [{terms}]\n").check()


def test_what_commands_a_terminal_is_printed_as_text(case: MakeCase) -> None:
    """Case 56: ESC ]0;title BEL and ESC [31m in a severity: named by code point, never sent."""
    code, out, err = tlfgen(case("56-terminal-escapes").root, "check")
    assert code == 0 and "U+001B" in out and "U+0007" in out
    assert not [c for c in out + err if c < " " and c not in "\n\t"]
    spec = case("base").replace("outputs/deaths.yaml", "population: SAFFL", 'population: "SAF\\x1b[31mFL"')
    code, out, err = tlfgen(spec.root, "check")
    assert code == 2 and not [c for c in out + err if c < " " and c not in "\n\t"]


def test_printable_leaves_text_alone() -> None:
    assert printable("Ä ≥ 10⁹/L\t— 中\n") == "Ä ≥ 10⁹/L\t— 中\n"
    assert printable("a\x1bb\x9bc\u202ed\u2028e\x7f") == "a\\x1bb\\x9bc\\u202ed\\u2028e\\x7f"


def test_sdtm_and_adam_are_built_without_outputs_and_report(case: MakeCase) -> None:
    """Case 60: the first milestone."""
    base = case("60-no-outputs")
    shutil.rmtree(base.folder / "outputs")
    shutil.rmtree(base.folder / "report")
    done = base.build()
    assert done.document is None
    assert [len(list(f.glob("*.xpt"))) > 0 for f in base.study.folders[:2]] == [True, True]
    assert base.study.load("ADSL").shape[0] == 8
    assert not base.build().changed
    (base.folder / "report.yaml").unlink()
    shutil.rmtree(base.folder / "adam")
    base.build()
    assert not list(base.study.folders[1].glob("*"))


def test_a_study_grows_form_by_form(case: MakeCase) -> None:
    """One domain only: the forms that no domain uses are an error, or notes where study.yaml says so."""
    base = case("base")
    for folder in ("outputs", "report", "adam"):
        shutil.rmtree(base.folder / folder)
    (base.folder / "report.yaml").unlink()
    for path in (base.folder / "sdtm").glob("*.yaml"):
        if path.name not in ("vs.yaml", "dm.yaml", "ex.yaml"):
            path.unlink()
    with pytest.raises(SpecError, match="form AE reaches no domain") as caught:
        base.check()
    assert "specs/x/forms/ae.yaml, line 1" in str(caught.value)
    base.replace("study.yaml", "cutoff:", "unmapped_forms: note\ncutoff:").build()
    assert sorted(p.stem for p in base.study.folders[0].glob("*.xpt")) == ["dm", "ex", "vs"]
    notes = [f for f in base.findings() if f["RULE"] == "unmapped form"]
    assert sorted(f["DATASET"] for f in notes) == ["AE", "DD", "LB"]  # DM asks form.DS
    assert "6 records" in notes[0]["MESSAGE"]


def test_a_study_without_a_domain_leaves_typed_forms_and_findings(case: MakeCase) -> None:
    base = case("base")
    for folder in ("outputs", "report", "adam", "sdtm"):
        shutil.rmtree(base.folder / folder)
    (base.folder / "report.yaml").unlink()
    base.replace("study.yaml", "cutoff:", "unmapped_forms: note\ncutoff:").build()
    forms = base.study.folders[2] / "forms"
    assert sorted(p.name.split(".")[0] for p in forms.iterdir()) == ["AE", "DD", "DM", "DS", "EC", "LB", "VS"]


def test_a_container_without_a_user_name_builds(case: MakeCase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 69: the run record says the number."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("tlfgen.run.record.getpass.getuser", nobody)
    monkeypatch.setattr("tlfgen.run.record.os.getuid", lambda: 12345)
    base = case("60-no-outputs")
    shutil.rmtree(base.folder / "outputs")
    shutil.rmtree(base.folder / "report")
    base.build()
    assert '"who": "user 12345"' in (base.study.folders[2] / "run.json").read_text("utf-8")


def test_an_error_names_the_path_that_the_user_can_reach(case: MakeCase) -> None:
    """Case 90: a study outside specs/, from beside it, from within it, and by an absolute path."""
    made = case("90-path-of-an-error")
    study, beside = made.root / "mystudy", made.root / "beside"
    made.folder.rename(study)
    beside.mkdir()
    assert "\n  mystudy/outputs/deaths.yaml, line 5" in tlfgen(made.root, "check", "mystudy")[2]
    assert "\n  outputs/deaths.yaml, line 5" in tlfgen(study, "check", ".")[2]
    assert f"\n  {study}/outputs/deaths.yaml, line 5" in tlfgen(beside, "check", str(study))[2]
    shutil.rmtree(study / "raw")
    (study / "outputs/deaths.yaml").unlink()
    (study / "report.yaml").write_text("report: R\nsections: []\n", "utf-8")
    assert "mystudy/raw is no folder" in tlfgen(made.root, "check", "mystudy")[2]


def test_a_build_from_within_the_study_writes_beside_it(case: MakeCase) -> None:
    """Case 92: said where it writes, nothing built among the specs, a second build changes nothing."""
    made = case("base")
    study = made.root / "mystudy"
    made.folder.rename(study)
    before = sorted(p.relative_to(study) for p in study.rglob("*"))
    code, out, err = tlfgen(study, "build", ".")
    assert (code, err) == (0, "")
    assert f"report   {made.root}/output/mystudy/csr.pdf" in out
    assert sorted(p.relative_to(study) for p in study.rglob("*")) == before
    assert "nothing had changed" in tlfgen(study, "build", ".")[1]
    assert "nothing had changed" in tlfgen(made.root, "build", "mystudy")[1]
    with pytest.raises(UsageError, match="never among them"):
        Study.open(".", root=study)


def test_a_disk_that_is_full_is_exit_code_3_with_the_path(case: MakeCase) -> None:
    """A limit on the size of files stands for a full disk: the system refuses the write all the same."""
    base = case("base")
    for most in (100, 6_000, 40_000):
        code, _, err = tlfgen(base.root, "build", "--quiet", most_bytes=most)
        assert code == 3 and f"{base.root}/output/.cache-x/" in err and "The last good build stays" in err
    assert not (base.root / "output" / "x").exists()
    assert tlfgen(base.root, "build", "--quiet")[0] == 0


def test_a_place_without_permission_is_exit_code_3_with_the_path(
    case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so the refusal is played."""
    from tlfgen import cli

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/readonly/output")

    base = case("base")
    monkeypatch.chdir(base.root)
    monkeypatch.setattr("tlfgen.run.build.only_build", refused)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["build", "x"])
    assert stopped.value.code == 3


def test_a_fault_of_ours_is_one_line_with_its_own_exit_code_and_a_file(
    case: MakeCase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tlfgen import cli

    def fault(*_: object, **__: object) -> None:
        raise KeyError("something nobody thought of")

    base = case("base")
    monkeypatch.chdir(base.root)
    monkeypatch.setattr("tlfgen.study.build_study", fault)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["build", "x"])
    said = capsys.readouterr().err
    assert stopped.value.code == 70 and said.count("\n") == 1 and "Please report it" in said
    kept = list(base.root.glob("tlfgen-fault-*.txt"))
    assert len(kept) == 1 and "KeyError: 'something nobody thought of'" in kept[0].read_text("utf-8")


def test_a_reader_that_stops_reading_is_no_error(case: MakeCase) -> None:
    base = case("base")
    run = subprocess.run(
        f"{sys.executable} -m tlfgen list derivations | head -n 1",
        cwd=base.root, shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0 and "Traceback" not in run.stderr and "fault" not in run.stderr


DICTIONARY = """
dictionaries:
  terms: {name: House terms, file: PATH}
"""


def dictionary_study(case: MakeCase, more: str = "") -> tuple[Case, Path]:
    base = case("base")
    path = base.root / "licensed" / "terms.csv"
    path.parent.mkdir()
    path.write_text("TERM,AEDECOD\nNAUSEA,Nausea\n", "utf-8")
    base.replace("study.yaml", "arms:", DICTIONARY.replace("PATH", str(path)) + more + "arms:")
    return base, path


def test_a_dictionary_outside_is_read_only_from_a_folder_that_study_yaml_lists(case: MakeCase) -> None:
    from tlfgen.data.dictionary import read_dictionaries

    base, path = dictionary_study(case)
    with pytest.raises(SpecError, match="in no folder that study.yaml lists") as caught:
        read_dictionaries(base.study.specs)
    assert f'dictionary_folders: ["{path.parent}"]' in str(caught.value)
    study = (base.folder / "study.yaml").read_text("utf-8")
    base.write("study.yaml", f'{study}\ndictionary_folders: ["{path.parent}"]\n')
    assert read_dictionaries(base.study.specs)["terms"].height == 1
    os.symlink("/etc/passwd", path.parent / "link.csv")
    base.replace("study.yaml", str(path), str(path.parent / "link.csv"))
    with pytest.raises(TlfgenError, match="in no folder"):
        read_dictionaries(base.study.specs)


def test_the_cases_are_all_there() -> None:
    assert len([p for p in STUDIES.iterdir() if p.is_dir()]) == 83


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "a/" * 2100 + "dm.csv"])
def test_a_file_name_that_no_file_can_have_is_a_spec_error(case: MakeCase, name: str) -> None:
    """A name has 255 bytes on every common file system; a longer one was a fault of the program."""
    study = case("base").replace("forms/dm.yaml", "[dm.csv]", f"[{name}]")
    with pytest.raises(SpecError, match="(?s)longer than a file's name can be.*forms/dm.yaml, line"):
        study.check()
