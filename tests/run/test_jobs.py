"""Steps side by side: the same bytes with any number of processes, the same errors, and none left behind."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cases.conftest import Case, MakeCase

from tlfgen.errors import DataError, RenderError, UsageError
from tlfgen.run.executors import Processes, Task, threads_of
from tlfgen.run.inputs import Inputs
from tlfgen.run.steps import Step

TEMPLATES = Path(__file__).parents[2] / "templates"


def published(case: Case) -> dict[str, str]:
    folder = case.study.folders[2]
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "run.json")
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_two_processes_give_the_bytes_of_one_and_end_with_the_build(case: MakeCase, tmp_path: Path) -> None:
    one, two = case("base"), case("85-unchanged-outputs-run-again")
    two.replace("adam/advs.yaml", "Analysis Value of the Measurement", "Analysis Value")
    told: list[tuple[str, int, int]] = []
    one.study.build()
    two.study.build(jobs=2, progress=lambda *now: told.append(now))
    assert published(one) == published(two)
    assert multiprocessing.active_children() == []
    assert [of for _, done, of in told if done == 0][:4] == [1, 1, 1, 1]
    outputs = [(done, of) for kind, done, of in told if kind == "outputs"]
    assert sorted(set(outputs)) == [(done, 9) for done in range(9)]


def test_the_error_of_a_process_is_the_one_that_a_build_without_jobs_meets(case: MakeCase) -> None:
    """The template of tables is broken, for all of them: the first is told, with its class and exit code."""
    raised = []
    for jobs, made in ((1, case("base")), (2, case("85-unchanged-outputs-run-again"))):
        shutil.copytree(TEMPLATES / "report", made.root / "templates" / "report")
        (made.root / "templates/report/table.html.j2").write_text("{{ nothing.of_it }}", "utf-8")
        with pytest.raises(RenderError) as caught:
            made.study.build(jobs=jobs)
        raised.append((str(caught.value).replace(str(made.root), ""), caught.value.exit_code))
    assert raised[0] == raised[1] and "table.html.j2, line 1" in raised[0][0]
    assert multiprocessing.active_children() == []


def _ends(at: object, folder: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_ended_from_outside_is_an_error_that_says_so(case: MakeCase, tmp_path: Path) -> None:
    study = case("base").study
    inputs = Inputs.of(study.project, study.raw_folder(None), "house")
    tasks = [Task(Step(n, "run.test_jobs:_ends", "x"), tmp_path / n, {}) for n in ("one", "two")]
    with Processes(inputs, 2) as executor, pytest.raises(DataError, match="was ended from outside"):
        list(executor.map(tasks))
    assert multiprocessing.active_children() == []
    assert not [p for p in tmp_path.iterdir() if p.name in ("one", "two")]


def test_a_stopped_build_leaves_no_process_and_no_output(case: MakeCase) -> None:
    made = case("base")
    command = [sys.executable, "-m", "tlfgen", "build", "x", "--jobs", "2", "--quiet"]
    build = subprocess.Popen(
        command, cwd=made.root, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    cache = made.root / "output" / ".cache-x"
    until = time.monotonic() + 120
    while not list(cache.glob("pages-*")) and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(build.pid, signal.SIGINT)
    said = build.communicate(timeout=60)[1]
    assert (build.returncode, "Stopped; the last good build stays." in said) == (130, True)
    assert not made.study.folders[2].exists()
    assert _left(build.pid) == []


def _left(session: int, seconds: float = 10) -> list[int]:
    """The processes of a session that are there after at most so many seconds."""
    until = time.monotonic() + seconds
    while True:
        there = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _session(p) == session]
        if not there or time.monotonic() > until:
            return there
        time.sleep(0.1)


def _session(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[3])
    except (OSError, IndexError):
        return -1


def test_threads_are_shared_among_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARS_MAX_THREADS", "8")
    assert [threads_of(n) for n in (1, 2, 3, 16)] == [8, 4, 2, 1]


def test_no_number_of_jobs_below_one(case: MakeCase) -> None:
    with pytest.raises(UsageError, match="1 or more, not 0"):
        case("base").study.build(jobs=0)


def _look(at: object, folder: Path) -> None:
    server = Path(f"/proc/{os.getppid()}")
    (folder / "threads").write_text("\n".join(t.joinpath("comm").read_text() for t in server.glob("task/*")))
    (folder / "server").write_text((server / "cmdline").read_text())


def test_the_fork_server_has_one_thread(case: MakeCase, tmp_path: Path) -> None:
    """A fork copies locks that other threads hold, and not the threads that would give them back."""
    study = case("base").study
    inputs = Inputs.of(study.project, study.raw_folder(None), "house")
    tasks = [Task(Step(n, "run.test_jobs:_look", "x"), tmp_path / n, {}) for n in ("one", "two")]
    with Processes(inputs, 2) as executor:
        assert sorted(name for name, _ in executor.map(tasks)) == ["one", "two"]
    assert "forkserver" in (tmp_path / "one" / "server").read_text()
    assert len((tmp_path / "one" / "threads").read_text().split("\n\n")) == 1
