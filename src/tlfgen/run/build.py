"""The steps of a build, each from files to files.

raw -> sdtm -> adam -> for each output its results (ard) -> checks -> audit -> the results of outputs of the
findings -> for each output its pages (part) -> report. `build_study` runs
what has changed and publishes sdtm/<study>, adam/<study> and output/<study> at once. With a theme of a
manuscript it is the outputs that report.yaml lists for it, published in output/<study>-<theme> alone."""

from __future__ import annotations

import csv
import datetime
import getpass
import json
import os
import platform
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlfgen.checks import check_specs, place_outputs
from tlfgen.errors import Finding, unknown
from tlfgen.run.cache import Cache
from tlfgen.run.keys import hash_file, hash_texts, source_digest, versions
from tlfgen.run.publishing import check_places, is_published, only_build, publish, restore
from tlfgen.run.steps import Progress, Project, Steps, manuscript_of, seldom_collected, theme_folders

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset
    from tlfgen.engine.finish import StageResult
    from tlfgen.report import Material

FRAME = ".frame.parquet"  # of a form: its typed records
SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Build:
    """What a build made. document: its PDF, where it has one. steps: each step asked for, run or reused.
    findings: their number by severity."""

    study: str
    id: str
    folder: Path
    document: Path | None
    steps: tuple[dict[str, object], ...]
    findings: Mapping[str, int]
    ledger: tuple[Mapping[str, Any], ...]
    changed: bool


def build_study(study: Project, raw: Path, theme: str, only: tuple[str, ...], progress: Progress) -> Build:
    """Run the steps that have changed and publish; with `only`, those outputs and not the document."""
    for wanted in only:
        if wanted not in study.specs.outputs:
            raise unknown("The output", wanted, study.specs.outputs)
    with only_build(study.root, study.name), seldom_collected():
        cache = Cache(study.root / "output" / f".cache-{study.name}")
        steps = Steps(study, raw, theme, cache, progress, manuscript_of(study, theme))
        check_places(steps.output, steps.links)
        restore(steps.output)
        build_id = _build_id(steps)
        _data_steps(steps)
        ids = only or tuple(steps.manuscript or study.specs.outputs)
        findings_shown = not only or any(_of_findings(steps, i) for i in ids)
        before = study.specs.outputs if findings_shown else ids
        _result_steps(steps, [i for i in before if not _of_findings(steps, i)])
        _audit_steps(steps)
        _result_steps(steps, [i for i in ids if _of_findings(steps, i)])
        _page_steps(steps, ids)
        if only:
            return _summary(steps, build_id, changed=True)
        if steps.manuscript:
            _manuscript_step(steps, build_id)
        elif study.specs.report.sections:
            _report_step(steps, build_id)
        _stamped(steps, build_id)
        changed = _publish(steps, build_id)
        if not steps.manuscript:
            cache.sweep()
        return _summary(steps, build_id, changed=changed)


def _build_id(steps: Steps) -> str:
    """The hash of everything that goes in: raw files, specs, theme, program, libraries."""
    parts = {
        **steps.raw_files(),
        **steps.dictionary_files(),
        "specs": steps.specs.digest,
        "theme": _theme_digest(steps),
    }
    return hash_texts({**parts, "source": source_digest(), "versions": hash_texts(versions())})[:12]


def _data_steps(steps: Steps) -> None:
    shared = steps.texts("study.yaml", "codelists.yaml")
    checked: list[bool] = []

    def checks() -> None:
        if not checked:
            check_specs(steps.specs)
            checked.append(True)

    def run(name: str, inputs: Mapping[str, str], work: Callable[[Path], None]) -> None:
        def checked_work(folder: Path) -> None:
            checks()
            steps.progress(name, 0, 1)
            work(folder)

        steps.results[name] = steps.cache.step(name, inputs, checked_work)

    run("raw", shared | steps.texts("forms/") | steps.raw_files(), lambda f: _raw(steps, f))
    run(
        "sdtm",
        shared
        | steps.texts("sdtm/", "dictionaries/", "forms/")
        | steps.dictionary_files()
        | _of(steps, "raw"),
        lambda f: _sdtm(steps, f),
    )
    run("adam", shared | steps.texts("adam/") | _of(steps, "sdtm"), lambda f: _adam(steps, f))
    specs_of_outputs = steps.texts("outputs/", "report.yaml", "report/", "study.yaml")
    run("specs", specs_of_outputs | _of(steps, "adam"), lambda f: None)


def _of(steps: Steps, *names: str) -> dict[str, str]:
    return {f"result {n}": steps.results[n].digest for n in names}


def _raw(steps: Steps, folder: Path) -> None:
    from tlfgen.raw.stage import run_raw, write_raw

    result = run_raw(steps.specs, steps.raw)
    write_raw(result, folder)
    _write_findings(list(result.findings), folder)
    result.ledger.write_parquet(folder / "ledger.parquet")


def _sdtm(steps: Steps, folder: Path) -> None:
    from tlfgen.data.dictionary import read_dictionaries
    from tlfgen.raw.stage import load_raw
    from tlfgen.sdtm.build import run_sdtm

    forms = load_raw(steps.specs, steps.results["raw"].folder)
    _write_stage(run_sdtm(steps.specs, forms, read_dictionaries(steps.specs)), folder, "sdtm")


def _adam(steps: Steps, folder: Path) -> None:
    from tlfgen.adam.build import run_adam
    from tlfgen.data.store import read_folder

    _write_stage(run_adam(steps.specs, read_folder(steps.results["sdtm"].folder / "data")), folder, "adam")


def _write_stage(result: StageResult, folder: Path, stage: str) -> None:
    from tlfgen.data.store import write_dataset, write_transport

    findings = list(result.findings)
    for dataset in result.datasets.values():
        write_dataset(dataset, folder / "data")
        findings += write_transport(dataset, folder / "data", stage)
        for name, table in (("lineage", result.lineage), ("decisions", result.decisions)):
            own = table.filter(table["dataset"] == dataset.name)
            if own.height:
                (folder / name).mkdir(exist_ok=True)
                own.write_parquet(folder / name / f"{dataset.name.lower()}.parquet")
    _write_findings(findings, folder)
    result.ledger.write_parquet(folder / "ledger.parquet")


def _write_findings(findings: list[Finding], folder: Path) -> None:
    from tlfgen.audit.record import findings_frame

    findings_frame(findings).write_parquet(folder / "findings.parquet")


def _audit_steps(steps: Steps) -> None:
    """The checks over what was built, then every finding and the ledger in one place."""
    made = [n for n in steps.results if n.startswith("ard-")]
    stages, checks = ("raw", "sdtm", "adam"), ("checks", "characters", "agreement")
    data, theme = _of(steps, "sdtm", "adam"), {"theme": _theme_digest(steps)}

    def run(name: str, inputs: Mapping[str, str], find: Callable[[], list[Finding]]) -> None:
        def work(folder: Path) -> None:
            steps.progress("checks", checks.index(name), len(checks))
            _write_findings(find(), folder)

        steps.results[name] = steps.cache.step(name, inputs, work)

    run("checks", steps.texts("") | data, lambda: _checks(steps))
    run("characters", steps.texts("outputs/", "report", "study") | data | theme, lambda: _characters(steps))
    run("agreement", steps.texts("outputs/") | _of(steps, *made), lambda: _agreement(steps, made))

    def audit(folder: Path) -> None:
        from tlfgen.audit.record import write_audit

        of_stages, of_checks = ([steps.results[n].folder for n in names] for names in (stages, checks))
        write_audit(of_stages, of_checks, folder)

    steps.results["audit"] = steps.cache.step("audit", _of(steps, *stages, *checks), audit)


def _checks(steps: Steps) -> list[Finding]:
    from tlfgen.reconcile.run import check_study

    return check_study(steps.datasets("sdtm", "adam"), steps.specs)


def _characters(steps: Steps) -> list[Finding]:
    from tlfgen.document.unprintable import unprintable, unprintable_specs

    data, theme = steps.datasets("sdtm", "adam"), _theme(steps)
    return [*unprintable(data, theme), *unprintable_specs(steps.specs.texts, theme)]


def _agreement(steps: Steps, made: list[str]) -> list[Finding]:
    from tlfgen.analysis.agree import disagreements

    results = {n.removeprefix("ard-"): steps.ard(n.removeprefix("ard-")) for n in made}
    return disagreements(steps.specs.outputs, results)


def _of_findings(steps: Steps, output: str) -> bool:
    """Whether an output shows findings: it is made when all of them are known."""
    return bool(steps.specs.outputs[output].from_ == "FINDINGS")


def _result_steps(steps: Steps, ids: Collection[str]) -> None:
    """The results of outputs, from the datasets."""
    for output in (o for o in steps.specs.outputs.values() if o.output in ids):

        def results(folder: Path, output: Any = output) -> None:
            from tlfgen.analysis.run import run_analysis

            data = steps.datasets(*_read_by(steps, output.output))
            ard = run_analysis(output, data, steps.specs.study, steps.asked)
            ard.write_parquet(folder / "ard.parquet")

        name = f"ard-{output.output}"
        steps.results[name] = steps.cache.step(name, _inputs_of(steps, output), results)


def _read_by(steps: Steps, output: str) -> tuple[str, ...]:
    """The steps whose datasets an output reads."""
    return ("sdtm", "adam", *(("audit",) if _of_findings(steps, output) else ()))


def _inputs_of(steps: Steps, output: Any) -> dict[str, str]:
    spec = steps.texts(f"outputs/{Path(output.at.path).name}", "study.yaml")
    return spec | steps.asks(output.output) | _of(steps, *_read_by(steps, output.output))


def _page_steps(steps: Steps, ids: Collection[str]) -> None:
    """The pages of outputs, from their results."""
    wanted = [o for o in steps.specs.outputs.values() if o.output in ids]
    for position, output in enumerate(wanted):

        def pages(folder: Path, output: Any = output, position: int = position) -> None:
            from tlfgen.audit.record import write_cells
            from tlfgen.display.text import as_text
            from tlfgen.document.output import render_output

            steps.progress("outputs", position, len(wanted))
            part = _lay_out(steps, output, steps.datasets(*_read_by(steps, output.output)))
            (folder / "part.pdf").write_bytes(render_output(part, _theme(steps)))
            write_cells(part, folder / "cells.csv")
            (folder / "part.txt").write_text(as_text(part) + "\n", "utf-8")

        part = f"part-{output.output}"
        number = steps.manuscript.get(output.output, output.number)
        inputs = _inputs_of(steps, output) | _of(steps, f"ard-{output.output}")
        inputs |= {"theme": _theme_digest(steps), "number": number}
        steps.results[part] = steps.cache.step(part, inputs, pages)


def _lay_out(steps: Steps, output: Any, data: Mapping[str, Dataset]) -> Any:
    from tlfgen.display.lay_out import lay_out

    part = lay_out(output, steps.ard(output.output), data, steps.specs.study, _theme(steps).numbers)
    return replace(part, number=steps.manuscript.get(output.output, output.number))


def _theme(steps: Steps) -> Any:
    from tlfgen.document.theme import load_theme

    return load_theme(steps.theme, theme_folders(steps.study.root, steps.specs.folder))


def _theme_digest(steps: Steps) -> str:
    return str(_theme(steps).digest())


def _front(steps: Steps, build_id: str) -> Any:
    from tlfgen.display.parts import FrontMatter

    study = steps.specs.study
    facts = {"Protocol": study.study, **study.facts, "Data cut-off": study.cutoff.isoformat()}
    findings: tuple[tuple[str, str], ...] = ()
    if build_id:
        counts = _finding_counts(steps)
        findings = tuple((f"{s.capitalize()}s", str(counts.get(s, 0))) for s in SEVERITIES)
    return FrontMatter(
        study.study,
        study.title,
        tuple(facts.items()),
        study.notice,
        study.cutoff.isoformat(),
        build_id,
        findings,
    )


def _finding_counts(steps: Steps) -> dict[str, int]:
    path = steps.results["audit"].folder / "counts.json"
    counts: dict[str, int] = json.loads(path.read_text("utf-8"))["findings"]
    return counts


def _report_step(steps: Steps, build_id: str) -> None:
    # the text reads datasets beside results: analysis sets, and narratives what they name
    names = [n for n in steps.results if n.startswith(("part-", "ard-", "audit")) or n in ("sdtm", "adam")]
    inputs = (
        _of(steps, *names)
        | steps.texts("report", "study.yaml")
        | {"theme": _theme_digest(steps), "build": build_id}
    )

    def work(folder: Path) -> None:
        from tlfgen.audit.record import write_numbers
        from tlfgen.report import assemble

        steps.progress("report", 0, 1)
        pdf, numbers = assemble(_material(steps, build_id))
        (folder / "csr.pdf").write_bytes(pdf)
        write_numbers(numbers, folder / "numbers.csv")

    steps.results["report"] = steps.cache.step("report", inputs, work)


def _manuscript_step(steps: Steps, build_id: str) -> None:
    names = [f"part-{i}" for i in steps.manuscript]

    def work(folder: Path) -> None:
        from tlfgen.display.lay_out import head_of
        from tlfgen.document.manuscript import render_manuscript

        steps.progress("manuscript", 0, 1)
        specs, data, outputs = steps.specs, steps.datasets("sdtm", "adam"), []
        for i, number in steps.manuscript.items():
            head = head_of(specs.outputs[i], steps.ard(i), data, specs.study, _theme(steps).numbers)
            pages = (steps.results[f"part-{i}"].folder / "part.pdf").read_bytes()
            outputs.append((i, f"{head.kind_label} {number} {head.title}", pages))
        pdf = render_manuscript(outputs, _theme(steps), _front(steps, build_id), steps.title)
        (folder / "manuscript.pdf").write_bytes(pdf)

    inputs = _of(steps, *names, "audit") | steps.texts("report.yaml", "study.yaml")
    inputs |= {"theme": _theme_digest(steps), "build": build_id}
    steps.results["manuscript"] = steps.cache.step("manuscript", inputs, work)


def _material(steps: Steps, build_id: str) -> Material:

    from tlfgen.report import Material

    ids = list(steps.specs.outputs)
    return Material(
        steps.specs,
        _theme(steps),
        _front(steps, build_id),
        place_outputs(steps.specs),
        {i: steps.ard(i) for i in ids},
        {i: (steps.results[f"part-{i}"].folder / "part.pdf").read_bytes() for i in ids},
        steps.datasets("sdtm", "adam", "audit"),
        tuple(_ledger(steps)),
    )


def _ledger(steps: Steps) -> list[dict[str, Any]]:
    text = (steps.results["audit"].folder / "published" / "ledger.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _stamped(steps: Steps, build_id: str) -> None:
    """Each output's own file: its pages with running header and footer, and its text."""
    names = [n for n in steps.results if n.startswith("part-")]
    if not names:
        return

    def work(folder: Path) -> None:
        from tlfgen.document.running import stamp

        steps.progress("files", 0, 1)
        places = [steps.results[name].folder for name in names]
        pages = [(place / "part.pdf").read_bytes() for place in places]
        stamped = stamp(pages, _theme(steps), _front(steps, build_id), steps.title)
        for name, place, pdf in zip(names, places, stamped, strict=True):
            own = name.removeprefix("part-")
            (folder / f"{own}.pdf").write_bytes(pdf)
            (folder / f"{own}.txt").write_bytes((place / "part.txt").read_bytes())
            (folder / f"{own}.cells.csv").write_bytes((place / "cells.csv").read_bytes())

    inputs = _of(steps, *names, "audit") | {"theme": _theme_digest(steps), "build": build_id}
    steps.results["files"] = steps.cache.step("files", inputs, work)


def _publish(steps: Steps, build_id: str) -> bool:
    tree: dict[str, tuple[Path, str]] = {}

    def take(result: str, inside_: str = "", to: str = "", suffix: str = "") -> None:
        done = steps.results[result]
        for name, digest in done.files.items():
            if name.startswith(inside_) and name.endswith(suffix) and (inside_ or "/" not in name):
                tree[to + name.removeprefix(inside_)] = (done.folder / name, digest)

    if steps.manuscript:
        take("manuscript")
    else:
        for stage in ("sdtm", "adam"):
            take(stage, "data/", f"{stage}/")
            take(stage, "lineage/", "lineage/")
            take(stage, "decisions/", "decisions/")
        take("raw", "quarantine/", "quarantine/")
        take("raw", "forms/", "forms/", FRAME)
        take("audit", "published/")
        if "report" in steps.results:
            take("report")
    if "files" in steps.results:
        take("files", to="outputs/")
        _take_ard(steps, tree)
    if is_published(steps.output, tree, steps.links, frozenset({"run.json"})) and steps.has_record:
        return False
    record = _run_record(steps, build_id, tree)
    held = steps.cache.folder / "run.json"
    held.write_text(json.dumps(record, indent=1, ensure_ascii=False), "utf-8")
    tree["run.json"] = (held, hash_file(held))
    publish(steps.output, tree, steps.links)
    held.unlink()
    return True


def _take_ard(steps: Steps, tree: dict[str, tuple[Path, str]]) -> None:
    shown = sorted(n.removeprefix("part-") for n in steps.results if n.startswith("part-"))

    def work(folder: Path) -> None:
        from tlfgen.analysis.table import stack

        stack(steps.ard(i) for i in shown).write_parquet(folder / "ard.parquet")

    done = steps.cache.step("ards", _of(steps, *(f"ard-{i}" for i in shown)), work)
    tree["ard.parquet"] = (done.folder / "ard.parquet", done.files["ard.parquet"])


def _run_record(steps: Steps, build_id: str, tree: Mapping[str, tuple[Path, str]]) -> dict[str, Any]:
    """What went in and came out, who ran it and when: the one file that differs from run to run."""
    from tlfgen.document.theme import font_digests

    theme = _theme(steps)
    outputs = {f"output/{steps.output.name}/{n}": d for n, (_, d) in sorted(tree.items())}
    return {
        "study": steps.specs.study.study,
        "build": build_id,
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "who": _user(),
        "where": platform.platform(),
        "python": platform.python_version(),
        "versions": versions(),
        "source": source_digest(),
        "theme": {"name": steps.theme, "digest": theme.digest(), "fonts": font_digests(theme)},
        "inputs": {
            n.removeprefix("raw "): d for n, d in (steps.raw_files() | steps.dictionary_files()).items()
        },
        "specs": {n.removeprefix("spec "): d for n, d in steps.texts("").items()},
        "outputs": outputs,
        "steps": steps.cache.log,
    }


def _user() -> str:
    """The name of who runs the build; the number where the system knows no name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _summary(steps: Steps, build_id: str, *, changed: bool) -> Build:
    counts = _finding_counts(steps)
    return Build(
        steps.study.name,
        build_id,
        steps.output,
        steps.output / steps.document if steps.manuscript or steps.specs.report.sections else None,
        tuple(steps.cache.log),
        counts,
        tuple(_ledger(steps)),
        changed,
    )
