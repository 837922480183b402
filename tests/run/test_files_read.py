"""Whatever a build reads is in the keys of the steps that read it, wherever it lies; and what has changed
while it was read is kept under no key."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from cases.conftest import Case, MakeCase

from tlfgen.adam.elsewhere import elsewhere_names
from tlfgen.errors import DataError, SpecError, UsageError
from tlfgen.run.cache import MANIFEST, Cache, Spot, fill
from tlfgen.run.inputs import Inputs
from tlfgen.run.keys import versions
from tlfgen.run.plan import plan
from tlfgen.spec.specs import spec_texts

QS = "dataset: ADQS\nfile: {file}\nmade_by: R 4.4\nlabel: Scores\nkeys: [STUDYID, USUBJID]\n"
SCORES = "STUDYID,USUBJID,AGE\nBASE,BASE-1-01,61\n"
DICTIONARY = "dictionaries:\n  terms: {{name: T, file: {file}, key: AETERM}}\ncutoff:"
TERMS = "AETERM,AEDECOD\nCOUGH,Cough\n"


def inputs_of(made: Case) -> Inputs:
    study = made.study
    return Inputs.of(study.project, study.raw_folder(None), "house")


def given(made: Case) -> dict[str, dict[str, str]]:
    """What each step is given beside results of others."""
    return {step.name: dict(step.given) for step in plan(inputs_of(made))}


def moved(made: Case, path: str, text: str) -> set[str]:
    """The steps that are given something else when a file is written anew, the documents apart: they are
    given the number of the build, which must move too."""
    before, number = given(made), inputs_of(made).id
    made.write(path, text)
    assert inputs_of(made).id != number
    after = given(made)
    return {n for n in after if after[n] != before[n]} - {"report", "files"}


@pytest.mark.parametrize("file", ["ext/adqs.csv", "raw/adqs.csv", "seed/adqs.csv", ".kept/adqs.csv"])
def test_a_byte_of_a_dataset_made_elsewhere_is_in_the_key_wherever_it_lies(case: MakeCase, file: str) -> None:
    made = case("base").write(file, SCORES).write("adam/adqs.yaml", QS.format(file=file))
    assert moved(made, file, SCORES.replace("61", "62")) >= {"specs", "adam", "conditions"}


@pytest.mark.parametrize("file", ["dictionaries/t.csv", "terms/t.csv", "raw/t.csv", ".kept/t.csv"])
def test_a_byte_of_a_dictionary_is_in_the_key_wherever_it_lies(case: MakeCase, file: str) -> None:
    made = case("base").write(file, TERMS).replace("study.yaml", "cutoff:", DICTIONARY.format(file=file))
    assert "sdtm" in moved(made, file, TERMS.replace("Cough", "Coughing"))


@pytest.mark.parametrize("said", [True, False])
def test_a_catalogue_of_formats_is_in_the_key(case: MakeCase, said: bool) -> None:
    """The catalogue decodes the values of the form: SEX 1 is Male by one, Female by another."""
    made = case("base").write("raw/dm.xpt", "").write("raw/formats.sas7bcat", "one")
    catalog = "\ncatalog: formats.sas7bcat" if said else ""
    made.replace("forms/dm.yaml", "files: [dm.csv]", f"files: [dm.xpt]{catalog}")
    assert "raw" in moved(made, "raw/formats.sas7bcat", "two")
    if not said:  # one that is nearer takes its place
        assert "raw" in moved(made, "raw/dm.sas7bcat", "two")


def test_the_form_of_the_subjects_is_in_the_key_of_raw(case: MakeCase) -> None:
    """Subjects of other forms are held against the form that DM comes from, which sdtm/dm.yaml says."""
    made = case("base")
    dm = (made.folder / "sdtm/dm.yaml").read_text("utf-8")
    assert "raw" in moved(made, "sdtm/dm.yaml", dm.replace("from: DM", "from: DS"))
    assert "raw" not in moved(made, "sdtm/dm.yaml", dm.replace("from: DM", "from: DS").replace("USA", "CAN"))


def test_a_misspelt_claim_is_met_by_the_next_build(case: MakeCase) -> None:
    made = case("base").write("claims.yaml", "source: A\nclaims: []\n")
    before = given(made)["specs"]
    made.write("claims.yaml", "source: B\nclaims: []\n")
    assert given(made)["specs"] != before


def test_forms_in_a_folder_that_is_a_link_are_in_the_key(case: MakeCase) -> None:
    made = case("base")
    (made.folder / "forms").rename(made.folder / "all-forms")
    (made.folder / "forms").symlink_to("all-forms")
    (made.folder / "all-forms" / "again").symlink_to("..")  # and one that leads into itself ends
    assert "forms/dm.yaml" in spec_texts(made.folder)
    dm = (made.folder / "forms/dm.yaml").read_text("utf-8")
    assert "raw" in moved(made, "all-forms/dm.yaml", dm.replace("max: 110", "max: 100"))


def test_a_hidden_narrative_is_none(case: MakeCase) -> None:
    """Hidden files are in no key, so none is read."""
    made = case("base").write("report/.synopsis.md.j2", "Text.")
    made.replace("report.yaml", "text: synopsis.md.j2", "text: .synopsis.md.j2")
    with pytest.raises(SpecError, match="The narrative"):
        made.check()


def test_a_file_of_the_same_size_and_time_is_read_again(case: MakeCase) -> None:
    made = case("base").write("ext/adqs.csv", SCORES).write("adam/adqs.yaml", QS.format(file="ext/adqs.csv"))
    path = made.folder / "ext/adqs.csv"
    assert elsewhere_names(made.study.specs)["ADQS"][-1] == "AGE"
    told = path.stat()
    path.write_text(SCORES.replace("AGE", "SEX"), "utf-8")
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert elsewhere_names(made.study.specs)["ADQS"][-1] == "SEX"


def test_specs_that_changed_since_the_study_was_opened_are_not_built(case: MakeCase) -> None:
    made = case("base")
    study = made.study
    made.replace("outputs/deaths.yaml", "IS NOT NULL", "IS NULL")
    with pytest.raises(UsageError, match="The specs of x have changed since they were read"):
        study.build()


@pytest.mark.parametrize(
    ("path", "named"), [("raw/dm.csv", "raw dm.csv"), ("outputs/deaths.yaml", "outputs/deaths.yaml")]
)
def test_what_changes_while_it_is_read_is_kept_under_no_key(
    case: MakeCase, tmp_path: Path, path: str, named: str
) -> None:
    """The raw value is 61 when keys are made and 62 when it is read: a later build of 61 would find 62."""
    made = case("base")
    inputs, cache = inputs_of(made), Cache(tmp_path / "cache")

    def build() -> None:
        with cache.kept_where(inputs.check_unchanged):
            place = cache.spot("raw", {}).folder
            cache.making.add(place)
            fill(place, lambda folder: pl.DataFrame({"a": [1]}).write_parquet(folder / "a.parquet"))

    build()
    assert cache.spot("raw", {}).load() is not None
    made.write(path, (made.folder / path).read_text("utf-8") + "\n")
    with pytest.raises(DataError, match=f"^{named} has changed since the build read it"):
        build()
    assert cache.spot("raw", {}).load() is None


def _leave(folder: Path) -> None:
    (folder / "a").write_text("1")


@pytest.mark.parametrize("damage", ["[]", "null", "{}", '{"a": 1}', ""])
def test_a_damaged_manifest_is_no_result(tmp_path: Path, damage: str) -> None:
    spot = Spot("raw", "k", tmp_path / "raw-k")
    fill(spot.folder, _leave)
    assert spot.load() is not None
    (spot.folder / MANIFEST).write_text(damage)
    assert spot.load() is None


def test_a_file_that_the_step_did_not_leave_is_no_part_of_its_result(tmp_path: Path) -> None:
    """A folder of datasets is read whole: a file more would be a dataset more."""
    spot = Spot("raw", "k", tmp_path / "raw-k")
    fill(spot.folder, _leave)
    (spot.folder / "b").write_text("2")
    assert spot.load() is None


def test_keys_hold_the_versions_of_all_that_computes() -> None:
    """numpy computes for scipy, polars-runtime for polars; neither is named by tlfgen."""
    assert {"python", "tlfgen", "polars", "numpy", "pydantic-core", "pydyf"} <= versions().keys()
    assert any(name.startswith("polars-runtime") for name in versions())
