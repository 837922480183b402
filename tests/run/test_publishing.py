"""Publishing: whatever stands at the target, a reader sees one whole build."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlfgen.errors import UsageError
from tlfgen.run import publishing

NAMES = ("output", "sdtm", "adam")


class Project:
    """A project whose builds are texts: one file for each of the three folders."""

    def __init__(self, root: Path) -> None:
        self.root, self.output = root, root / "output" / "x"
        self.links = {root / "sdtm" / "x": "sdtm", root / "adam" / "x": "adam"}
        (root / "output").mkdir(exist_ok=True)

    def files(self, build: str) -> dict[str, tuple[Path, str]]:
        held = self.root / "held" / build
        held.parent.mkdir(exist_ok=True)
        held.write_text(build, "utf-8")
        digest = hashlib.sha256(build.encode()).hexdigest()
        return {name: (held, digest) for name in ("build", "sdtm/build", "adam/build")}

    def publish(self, build: str) -> None:
        publishing.publish(self.output, self.files(build), self.links)

    def seen(self) -> list[str]:
        """What a reader finds in the three folders."""
        places = [self.root / name / "x" / "build" for name in NAMES]
        return [p.read_text("utf-8") if p.is_file() else "nothing" for p in places]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def watch(monkeypatch: pytest.MonkeyPatch, look: Callable[[], None]) -> None:
    """Call `look` before and after each step in which a name on disk changes."""

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            look()
            result = real(*arguments, **named)
            look()
            return result

        return call

    monkeypatch.setattr(publishing, "_exchange", watched(publishing._exchange))
    monkeypatch.setattr("tlfgen.run.publishing.os.replace", watched(os.replace))
    monkeypatch.setattr("tlfgen.run.publishing.shutil.rmtree", watched(shutil.rmtree))


def test_at_no_moment_does_a_reader_see_two_builds(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.publish("first")
    moments: list[list[str]] = []
    with monkeypatch.context() as patch:
        watch(patch, lambda: moments.append(project.seen()))
        project.publish("second")
    assert {tuple(m) for m in moments} == {("first",) * 3, ("second",) * 3}
    assert project.seen() == ["second"] * 3


@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("at", range(4))
def test_a_build_killed_at_any_step_leaves_the_old_or_the_new_whole(
    project: Project, monkeypatch: pytest.MonkeyPatch, at: int, exchange: bool
) -> None:
    """With and without a file system that can exchange two folders."""
    project.publish("first")
    steps = iter(range(100))

    def maybe() -> None:
        if next(steps) == at:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if not exchange:
            patch.setattr(publishing, "_renameat2", lambda: None)
        watch(patch, maybe)
        with pytest.raises(KeyboardInterrupt):
            project.publish("second")
    publishing.restore(project.output)
    assert project.seen() in (["first"] * 3, ["second"] * 3)
    project.publish("third")
    assert project.seen() == ["third"] * 3
    assert not [p.name for p in project.output.parent.iterdir() if p.name.startswith(".x.")]


def test_a_link_to_another_disk_stays_and_is_filled(project: Project, tmp_path: Path) -> None:
    """Case 57: the study's folder moved away, a link in its place, two more builds."""
    project.publish("first")
    elsewhere = tmp_path / "disk" / "big"
    elsewhere.parent.mkdir()
    project.output.rename(elsewhere)
    project.output.symlink_to(elsewhere)
    for build in ("second", "third"):
        publishing.check_places(project.output, project.links)
        publishing.restore(project.output)
        project.publish(build)
        assert project.seen() == [build] * 3
        assert project.output.is_symlink() and (elsewhere / "build").read_text("utf-8") == build


def test_all_of_output_and_sdtm_on_another_disk(tmp_path: Path) -> None:
    for name in ("output", "sdtm"):
        (tmp_path / "disk" / name).mkdir(parents=True)
        (tmp_path / name).symlink_to(tmp_path / "disk" / name)
    project = Project(tmp_path)
    for build in ("first", "second"):
        project.publish(build)
        assert project.seen() == [build] * 3


def test_a_folder_of_an_earlier_version_gives_way_to_a_link(project: Project) -> None:
    (project.root / "sdtm" / "x").mkdir(parents=True)
    (project.root / "sdtm" / "x" / "old.xpt").write_text("old", "utf-8")
    project.publish("first")
    assert project.seen() == ["first"] * 3 and (project.root / "sdtm" / "x").is_symlink()


@pytest.mark.parametrize("what", ["a file", "a link of the user's"])
def test_what_cannot_be_switched_is_refused_before_anything_is_moved(project: Project, what: str) -> None:
    target = project.root / "sdtm" / "x"
    target.parent.mkdir()
    if what == "a file":
        target.write_text("mine", "utf-8")
    else:
        (project.root / "mine").mkdir()
        target.symlink_to(project.root / "mine")
    with pytest.raises(UsageError, match="sdtm/x is a"):
        publishing.check_places(project.output, project.links)


def test_a_project_that_is_moved_keeps_its_links(project: Project, tmp_path: Path) -> None:
    project.publish("first")
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    shutil.copytree(tmp_path, moved, symlinks=True)
    assert (moved / "sdtm" / "x" / "build").resolve() == moved.resolve() / "output" / "x" / "sdtm" / "build"
