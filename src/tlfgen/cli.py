"""The command line: a thin layer over `Study`.

Exit codes: 0 done; 1 done, with error findings, under --strict; 2 a spec or usage error; 3 data that cannot
be read, or a disk or permission that fails; 4 a claim whose verdict is not the expected one; 70 a fault of
tlfgen."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tlfgen import __version__
from tlfgen.errors import Finding, TlfgenError
from tlfgen.faults import disk_error, fault_of_tlfgen, printable

if TYPE_CHECKING:
    from tlfgen.study import Study

STUDY = click.argument("study", required=False)
RAW = click.option(
    "--raw", type=click.Path(path_type=Path), help="Folder of the raw forms, if not specs/STUDY/raw."
)
STRICT = click.option("--strict", is_flag=True, help="Exit with 1 where the data have errors.")
KINDS = ("derivations", "checks", "analyses", "comparisons", "statistics", "outputs", "formats", "themes")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; whatever goes wrong is a message and an exit code, never a traceback."""
    # many small frames: a pool of threads for each costs more than it saves
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    _open_closed_streams()
    try:
        code = cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except TlfgenError as error:
        _say(f"{type(error).__name__}: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _say("Stopped; the last good build stays.", err=True)
        sys.exit(130)
    except OSError as error:
        _say(f"DataError: {disk_error(error)}", err=True)
        sys.exit(3)
    except Exception as error:
        _say(fault_of_tlfgen(error), err=True)
        sys.exit(70)
    sys.exit(code if isinstance(code, int) else 0)


def _say(text: str, *, err: bool = False) -> None:
    """Print a line. What comes from data or specs may hold no character that commands the terminal."""
    try:
        click.echo(printable(text), err=err)
    except BrokenPipeError:  # the reader has seen enough, as `head` does; the exit code is still ours to give
        stream = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _open_closed_streams() -> None:
    """Let no file that a build writes take the number of a stream that the caller has closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tlfgen")
def cli() -> None:
    """From the raw records of a clinical trial to a clinical study report that anyone can audit.

    STUDY is a folder, or the name of one under specs/; it may be left out where there is only one.
    """


@cli.command()
@STUDY
@RAW
@STRICT
@click.option(
    "--theme", default="house", show_default=True, help="The theme; `tlfgen list themes` shows all."
)
@click.option(
    "--only", multiple=True, metavar="ID", help="Render only this output; may be given several times."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="How many steps may run side by side; what is built is the same with any number.",
)
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def build(
    study: str | None,
    raw: Path | None,
    strict: bool,
    theme: str,
    only: tuple[str, ...],
    jobs: int,
    quiet: bool,
) -> int:
    """Build everything, or what has changed: datasets, results, outputs and the report."""
    opened = _open(study)
    with _Bar(quiet) as bar:
        done = opened.build(raw=raw, theme=theme, only=only, jobs=jobs, progress=bar.update)
    if not quiet:
        _summarise(opened, done, only)
    return 1 if strict and done.findings.get("error") else 0


@cli.command()
@STUDY
@RAW
@STRICT
@click.option("--most", default=20, show_default=True, help="How many findings of each severity to show.")
def check(study: str | None, raw: Path | None, strict: bool, most: int) -> int:
    """Check the specs, then the raw data against them; nothing is built."""
    opened = _open(study)
    findings = opened.check(raw=raw)
    for severity in ("error", "warning", "note"):
        own = [f for f in findings if f.severity == severity]
        for finding in own[:most]:
            _say(_finding_text(finding))
        if len(own) > most:
            _say(f"         ... and {len(own) - most} more of severity {severity}; --most shows more.")
    _say(_counts({s: sum(f.severity == s for f in findings) for s in ("error", "warning", "note")}))
    return 1 if strict and any(f.severity == "error" for f in findings) else 0


@cli.command()
@click.argument("output")
@click.option("--study", help="The study, where there are several.")
@RAW
def show(output: str, study: str | None, raw: Path | None) -> None:
    """Show one output of the last whole build in the terminal."""
    opened = _open(study)
    text, changed = opened.show(output), opened.changed(raw=raw)
    _say(text)
    if changed:
        others = f" and {len(changed) - 1} more have" if len(changed) > 1 else " has"
        _say(f"This is of an earlier build: {changed[0]}{others} changed since.", err=True)
        _say(f"  `tlfgen build {opened.name}` builds it anew.", err=True)


@cli.command()
@STUDY
@click.option("--csv", "path", type=click.Path(path_type=Path), help="Write the verdicts to this file too.")
def claims(study: str | None, path: Path | None) -> int:
    """Judge the numbers of claims.yaml against the built datasets; 4 where a verdict is not the expected."""
    from tlfgen.audit.claims_text import claims_text

    judged, remarks = _open(study).claims()
    _say(claims_text(judged, remarks))
    if path is not None:
        from tlfgen.audit.claims import claims_frame
        from tlfgen.data.safe_csv import safe

        safe(claims_frame(judged)).write_csv(path)
    return 0 if all(j.as_expected for j in judged) else 4


@cli.command(name="list")
@click.argument("what", type=click.Choice(KINDS))
@click.option("--study", help="The study, for outputs and its own analyses.")
def list_(what: str, study: str | None) -> None:
    """List what there is, with a line each."""
    from tlfgen.listing import entries

    named = what == "outputs" or (what == "analyses" and study)
    found = entries(what, _open(study) if named else None)
    width = max((len(name) for name, _ in found), default=0)
    for name, line in found:
        _say(f"{name:<{width}}  {line}".rstrip())


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@RAW
def new(folder: Path, raw: Path | None) -> None:
    """Start a study in FOLDER: one that builds; with --raw, form specs drafted from the files found there."""
    from tlfgen.scaffold import new_study

    written = new_study(folder, raw)
    for path in written.files:
        _say(f"  {path}")
    for note in written.notes:
        _say(f"note: {note}")
    of_raw = f" --raw {shlex.quote(str(raw))}" if raw else ""
    _say(f"Next: tlfgen check {shlex.quote(str(folder))}{of_raw}")


@cli.command()
@STUDY
@click.option("--dry-run", is_flag=True, help="Print the changes as a diff; write nothing.")
def upgrade(study: str | None, dry_run: bool) -> int:
    """Rewrite a study of an older grammar; 2, and nothing written, where something cannot be moved."""
    from tlfgen.spec.specs import find_study
    from tlfgen.upgrade.run import upgraded, write

    folder = find_study(study, Path.cwd())
    done = upgraded(folder)
    if dry_run:
        for line in done.diff():
            _say(line.rstrip("\n"))
    for path, line_number, says in done.unmoved:
        _say(f"{path}, line {line_number}: {says}", err=True)
    if done.unmoved:
        _say("Nothing is written. Write these in the new grammar by hand, then upgrade again.", err=True)
        return 2
    for says in done.made:
        _say(f"changed: {says}")
    if not done.texts:
        _say(f"Nothing to do: the study is of version {done.version}.")
    elif not dry_run:
        write(folder, done)
        _say(f"{len(done.texts)} files written. Next: tlfgen check")
    return 0


def _open(study: str | None) -> Study:
    from tlfgen.study import Study

    return Study.open(study)


class _Bar:
    """A progress line on a terminal; nothing elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self.on = not quiet and sys.stderr.isatty()

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self.on:
            click.echo("\r\x1b[K", nl=False, err=True)

    def update(self, step: str, done: int, of: int) -> None:
        """Draw the step's name and, where it has parts, how many are done."""
        if self.on:
            filled = int(24 * done / of) if of > 1 else 0
            parts = f" [{'=' * filled}{' ' * (24 - filled)}] {done}/{of}" if of > 1 else " ..."
            click.echo(f"\r\x1b[K{step}{parts}", nl=False, err=True)


def _summarise(study: Study, done: Any, only: tuple[str, ...]) -> None:
    ran = [str(s["step"]) for s in done.steps if s["ran"]]
    for row in done.ledger:
        if row["stage"] == "raw":
            _say(
                f"form {row['dataset']:<8} {row['read']:>8} read = "
                f"{row['used']} accepted + {row['left_out']} quarantined"
            )
    _say(_counts(done.findings))
    what = f"{len(ran)} of {len(done.steps)} steps run" if ran else "nothing had changed"
    _say(f"{study.specs.study.study}: build {done.id}, {what}")
    for wanted in dict.fromkeys(only):
        _say((done.outputs[wanted] / "part.txt").read_text("utf-8").rstrip("\n"))
    if not only:
        _say(
            f"report   {_shown(done.document)}"
            if done.document
            else f"built    {_shown(done.folder)}, no report"
        )


def _counts(findings: Any) -> str:
    words = [
        f"{findings.get(s, 0)} {s}{'' if findings.get(s, 0) == 1 else 's'}"
        for s in ("error", "warning", "note")
    ]
    return "findings " + ", ".join(words)


def _finding_text(f: Finding) -> str:
    at = (
        [f"{'form' if f.stage == 'raw' else f.stage} {f.dataset}"]
        + [f"row {f.row}"] * (f.row is not None)
        + [f"subject {f.subject}"] * bool(f.subject)
    )
    return f"{f.severity:<8} {', '.join(at)}\n         {f.field + ': ' if f.field else ''}{f.message}"


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
