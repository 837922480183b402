"""Where steps run: here, one after the other, or in processes side by side; the bytes are the same.

An executor has one function, `map`: it runs the tasks of a wave, in any order, and gives the CPU seconds of
each when it is done. A cluster would be a third executor with the same function and the folders of the cache
on a file system that all of it sees.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol

from tlfgen.errors import DataError
from tlfgen.run.at import At, forget
from tlfgen.run.cache import fill
from tlfgen.run.inputs import Inputs
from tlfgen.run.steps import Step

PRELOADED = ("tlfgen.run.preloaded",)
THREADS = "POLARS_MAX_THREADS"
Done = tuple[str, float]  # a step's name, its CPU seconds


@dataclass(frozen=True)
class Task:
    """A step to run: where its result will stand, and where those that it needs do."""

    step: Step
    place: Path
    folders: Mapping[str, Path]


def run_task(inputs: Inputs, task: Task) -> Done:
    """Run one step into its place."""
    module, _, name = task.step.work.partition(":")
    work: Callable[[At, Path], None] = getattr(importlib.import_module(module), name)
    began = time.process_time()
    fill(task.place, lambda folder: work(At(inputs, task.step, task.folders), folder))
    return task.step.name, time.process_time() - began


class Executor(Protocol):
    """Runs the tasks of a wave."""

    def map(self, tasks: Sequence[Task]) -> Iterator[Done]:
        """Run them all; the error of one is raised as it is, and no further one is begun."""

    def __enter__(self) -> Executor: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Serial:
    """One step after the other, in this process."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs

    def map(self, tasks: Sequence[Task]) -> Iterator[Done]:
        for task in tasks:
            yield run_task(self.inputs, task)

    def __enter__(self) -> Serial:
        return self

    def __exit__(self, *_: object) -> None:
        forget()


class Processes:
    """Steps side by side in processes of a fork server, which has imported what they need and computed
    nothing: a fork of a process in which polars has run can hang. A wave of one step runs in this process.
    """

    def __init__(self, inputs: Inputs, jobs: int) -> None:
        self.inputs, self.jobs = inputs, jobs
        self._pool: ProcessPoolExecutor | None = None

    def map(self, tasks: Sequence[Task]) -> Iterator[Done]:
        if len(tasks) == 1:
            yield run_task(self.inputs, tasks[0])
            return
        waiting = {self.pool.submit(_in_worker, task): task for task in tasks}
        try:
            for future in as_completed(waiting):
                if future.exception() is not None:
                    self._raise_first(waiting)
                yield future.result()
        except BaseException:
            self._stop()
            raise

    def _raise_first(self, waiting: Mapping[Future[Done], Task]) -> None:
        """Raise the error that comes first in the order of the tasks, which is the one met without --jobs:
        what is not begun is left, what is running is waited for."""
        for future in waiting:
            future.cancel()
        for future, task in waiting.items():
            error = None if future.cancelled() else future.exception()
            if isinstance(error, BrokenProcessPool):
                raise DataError(
                    f"The process that made {task.step.name}, or one beside it, was ended from outside.",
                    hint="Often the memory is used up: build with fewer --jobs.",
                ) from None
            if error is not None:
                raise error

    @property
    def pool(self) -> ProcessPoolExecutor:
        """The processes, started when they are first needed."""
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(list(PRELOADED))
            self._pool = ProcessPoolExecutor(
                self.jobs, context, initializer=_begin, initargs=(self.inputs, threads_of(self.jobs))
            )
        return self._pool

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is not None:
            self._stop() if kind else self._pool.shutdown()
        forget()

    def _stop(self) -> None:
        """End every process now: what it was making is not whole and is not taken for a result."""
        if self._pool is None:
            return
        running = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()
        for process in running:
            process.join()
        self._pool = None


def threads_of(jobs: int) -> int:
    """The threads of polars that each of so many processes may use."""
    given = os.environ.get(THREADS, "")
    return max(1, (int(given) if given.isdigit() else os.cpu_count() or 1) // jobs)


_inputs: list[Inputs] = []  # of this worker


def _begin(inputs: Inputs, threads: int) -> None:
    """Make a process ready: polars has not run in it yet, so that its threads can still be set. A key that
    stops the build is for the process that waits for this one; and if that one is gone, this one ends."""
    os.environ[THREADS] = str(threads)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _inputs[:] = [inputs]
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_worker(task: Task) -> Done:
    return run_task(_inputs[0], task)


def executor_of(inputs: Inputs, jobs: int) -> Executor:
    """The executor for so many steps at once."""
    return Serial(inputs) if jobs == 1 else Processes(inputs, jobs)
