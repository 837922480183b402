"""YAML as text until a model types it; every fault names file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlfgen.errors import DataError, SpecError
from tlfgen.spec.form import FormSpec
from tlfgen.spec.loader import load_yaml, read_tree
from tlfgen.spec.specs import find_study, load_specs
from tlfgen.spec.study import StudySpec

FORM = """\
form: AE
label: Adverse events
files: [ae.csv]
fields:
  - {name: SUBJ, type: text}
  - {name: AETERM, type: text,
     required: true}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ae.yaml"
    path.write_text(text, "utf-8")
    return path


def fault(tmp_path: Path, text: str) -> str:
    with pytest.raises(SpecError) as caught:
        load_yaml(write(tmp_path, text), FormSpec, shown="forms/ae.yaml")
    return str(caught.value)


def test_scalars_stay_text_until_they_are_typed(tmp_path: Path) -> None:
    tree = read_tree(
        write(tmp_path, "a: NO\nb: 010\nc: 1:30\nd: 1_000\ne: null\nf:\ng: ''\nh: 2014-01-02"), shown="x"
    )
    assert list(tree.values()) == ["NO", "010", "1:30", "1_000", "null", None, "", "2014-01-02"]


def test_an_entry_knows_its_line_and_those_of_its_keys(tmp_path: Path) -> None:
    form: FormSpec = load_yaml(write(tmp_path, FORM), FormSpec, shown="forms/ae.yaml")
    assert [f.at.line for f in form.fields] == [5, 6]
    assert str(form.fields[1].at_key("required")) == "forms/ae.yaml, line 7"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("label: Adverse events", "label: A\nlabel: B", 3, "'label' stands twice (first on line 2)"),
        ("label:", "lable:", 2, "Did you mean 'label'?"),
        ("files: [ae.csv]\n", "", 1, "The key 'files' is missing"),
        ("     required: true", "     required: perhaps", 7, "'perhaps'"),
        ("type: text}", "type: txt}", 5, "'txt'"),
        ("name: SUBJ, type", "nme: SUBJ, type", 5, "Did you mean 'name'?"),
        ("files: [ae.csv]", "files: [ae.csv", 4, "not YAML"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in FORM
    message = fault(tmp_path, FORM.replace(old, new, 1))
    assert says in message and f"forms/ae.yaml, line {line}" in message


def test_an_alias_works_and_one_that_holds_itself_is_refused(tmp_path: Path) -> None:
    tree = read_tree(write(tmp_path, "a: &x [1, 2]\nb: *x"), shown="x")
    assert tree["b"] == ["1", "2"]
    with pytest.raises(SpecError, match="refers to the entry that holds it"):
        read_tree(write(tmp_path, "a: &x [*x]"), shown="x")


def test_a_file_that_is_not_utf_8_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "ae.yaml"
    path.write_bytes(b"form: \xff")
    with pytest.raises(SpecError, match="not UTF-8"):
        read_tree(path, shown="forms/ae.yaml")
    with pytest.raises(DataError, match="cannot be read"):
        read_tree(tmp_path / "none.yaml", shown="none.yaml")


def test_a_date_is_written_in_full(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        "study: X\ntitle: T\ncutoff: 1/2/2024\nsubject: {from: S, USUBJID: '{S}'}\narms: []\n", "utf-8"
    )
    with pytest.raises(SpecError, match="YYYY-MM-DD") as caught:
        load_yaml(path, StudySpec, shown="study.yaml")
    assert "study.yaml, line 3" in str(caught.value)


def test_one_id_in_two_files_is_refused(mini: Path) -> None:
    folder = mini / "specs" / "mini"
    (folder / "forms" / "zz.yaml").write_text((folder / "forms" / "ae.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(SpecError, match="The form 'AE' is described twice") as caught:
        load_specs(folder)
    assert "First in specs/mini/forms/ae.yaml" in str(caught.value)


def test_a_study_is_found_by_name_by_folder_and_where_it_is_the_only_one(mini: Path) -> None:
    folder = mini / "specs" / "mini"
    assert find_study("mini", mini) == folder
    assert find_study("specs/mini", mini) == folder
    assert find_study(None, mini) == folder
    assert find_study(None, folder) == folder
    with pytest.raises(Exception, match="Did you mean 'mini'"):
        find_study("minni", mini)
