"""A build: its steps run as far as anything has changed, and what they leave is published at once.

It is published in sdtm/<study>, adam/<study> and output/<study>; with a theme of a manuscript it is the
outputs that report.yaml lists for it, in output/<study>-<theme> alone."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlfgen.errors import UsageError, unknown
from tlfgen.run.at import finding_counts
from tlfgen.run.cache import Cache, Result, Spot
from tlfgen.run.executors import Executor, Task, executor_of
from tlfgen.run.inputs import Inputs, Project
from tlfgen.run.plan import plan
from tlfgen.run.publishing import check_places, only_build, restore
from tlfgen.run.record import publish_build
from tlfgen.run.steps import Step, in_waves
from tlfgen.run.work_documents import ledger
from tlfgen.spec.specs import digest_of, spec_texts

Progress = Callable[[str, int, int], None]
Log = list[dict[str, object]]


@dataclass(frozen=True)
class Build:
    """What a build made. document: its PDF, where it has one. outputs: the folder of each output's text, as
    it was laid out. steps: each step asked for, run or reused.
    findings: their number by severity."""

    study: str
    id: str
    folder: Path
    document: Path | None
    steps: tuple[dict[str, object], ...]
    findings: Mapping[str, int]
    ledger: tuple[Mapping[str, Any], ...]
    changed: bool
    outputs: Mapping[str, Path]


def build_study(
    study: Project, raw: Path, theme: str, only: Sequence[str], progress: Progress, jobs: int = 1
) -> Build:
    """Run the steps that have changed and publish; with `only`, those outputs and not the document.

    jobs: how many steps may run side by side, each in a process of its own.
    """
    for wanted in only:
        if wanted not in study.specs.outputs:
            raise unknown("The output", wanted, study.specs.outputs)
    if jobs < 1:
        raise UsageError(f"--jobs is how many steps run side by side, 1 or more, not {jobs}.")
    if digest_of(spec_texts(study.specs.folder)) != study.specs.digest:
        raise UsageError(
            f"The specs of {study.name} have changed since they were read.", hint="Open the study again."
        )
    with only_build(study.root, study.name), _seldom_collected():
        cache = Cache(study.root / "output" / f".cache-{study.name}")
        inputs = Inputs.of(study, raw, theme)
        check_places(inputs.output, inputs.links)
        restore(inputs.output)
        log: Log = []
        with cache.kept_where(inputs.check_unchanged), executor_of(inputs, jobs) as executor:
            results = run_steps(plan(inputs, only), cache, executor, progress, log)
        changed = True
        if not only:
            changed = publish_build(inputs, results, cache.folder, log)
            if not inputs.manuscript:
                cache.sweep()
        return _summary(inputs, results, log, changed=changed)


def run_steps(
    steps: Sequence[Step], cache: Cache, executor: Executor, progress: Progress, log: Log
) -> dict[str, Result]:
    """Run the steps wave by wave, each that has no result for what it reads; log says of each whether it was
    run, and its CPU seconds."""
    results: dict[str, Result] = {}
    for wave in in_waves(steps):
        spots = {s.name: cache.spot(s.name, s.inputs(results)) for s in wave}
        found = {name: spot.load() for name, spot in spots.items()}
        folders = {name: result.folder for name, result in results.items()}
        tasks = [
            Task(s, spots[s.name].folder, {n: folders[n] for n in s.needs})
            for s in wave
            if found[s.name] is None
        ]
        cache.making |= {t.place for t in tasks}
        seconds = _run(tasks, executor, progress)
        for name, spot in spots.items():
            results[name] = found[name] or _made(spot)
            ran = found[name] is None
            log.append(
                {
                    "step": name,
                    "key": spot.key[:24],
                    "ran": ran,
                    "cpu_seconds": round(seconds.get(name, 0.0), 3),
                }
            )
    return results


def _run(tasks: Sequence[Task], executor: Executor, progress: Progress) -> dict[str, float]:
    """Run the tasks of a wave; progress is told of those of each kind that are done."""
    kinds = {t.step.name: t.step.kind for t in tasks}
    left = list(kinds.values())
    of = {kind: left.count(kind) for kind in left}
    seconds: dict[str, float] = {}
    if tasks:
        progress(left[0], 0, of[left[0]])
    for name, took in executor.map(tasks):
        seconds[name] = took
        left.remove(kinds[name])
        shown = kinds[name] if kinds[name] in left else left[0] if left else ""
        if shown:
            progress(shown, of[shown] - left.count(shown), of[shown])
    return seconds


def _made(spot: Spot) -> Result:
    found = spot.load()
    assert found is not None, f"{spot.name} was made and is not whole"
    return found


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Let the garbage collector look less often: for the many small objects of a build that live on, looking
    takes a tenth of its time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _summary(inputs: Inputs, results: Mapping[str, Result], log: Log, *, changed: bool) -> Build:
    audit = results["audit"].folder
    has_document = bool(inputs.manuscript or inputs.specs.report.sections)
    return Build(
        inputs.project.name,
        inputs.id,
        inputs.output,
        inputs.output / inputs.document if has_document else None,
        tuple(log),
        finding_counts(audit),
        tuple(ledger(audit)),
        changed,
        {n.removeprefix("part-"): r.folder for n, r in results.items() if n.startswith("part-")},
    )
