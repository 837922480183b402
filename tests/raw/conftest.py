"""A form in a few lines: its spec as YAML, its records as CSV."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tlfgen.raw.forms import TypedForm
from tlfgen.raw.stage import RawResult, run_raw
from tlfgen.spec.specs import Specs, load_specs

STUDY = r"""
study: S
version: 2
title: A study to test with
cutoff: 2024-06-30
subject: {from: SUBJ, parts: '(?P<SITEID>\d)-(?P<SUBJID>\d\d)', USUBJID: "S-{SUBJ}"}
arms: []
"""
CODELISTS = """
NY: {terms: {"Y": {collected: ["Yes"]}, "N": {collected: ["No"]}}}
AESEV: {terms: {MILD: {collected: [Mild Event]}, MODERATE: {}, SEVERE: {}}}
"""


class Bench:
    """A study folder: `form` adds a form spec, `file` a raw file; then `specs`, `run` or `read`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.raw = folder / "specs" / "s", folder / "raw"
        for path in (self.folder / "forms", self.folder / "sdtm", self.raw):
            path.mkdir(parents=True)
        self.write("study.yaml", STUDY)
        self.write("codelists.yaml", CODELISTS)
        self.write("report.yaml", "report: R\nsections: []\n")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(dedent(text).lstrip("\n"), "utf-8")

    def form(self, text: str, name: str = "AE") -> Bench:
        head = f"form: {name}\nlabel: A form\nfiles: [{name.lower()}.csv]\n"
        body = dedent(text).lstrip("\n")
        self.write(f"forms/{name.lower()}.yaml", body if body.startswith("form:") else head + body)
        return self

    def file(self, text: str, name: str = "ae.csv") -> Bench:
        (self.raw / name).write_text(dedent(text).lstrip("\n"), "utf-8")
        return self

    def specs(self) -> Specs:
        return load_specs(self.folder)

    def run(self) -> RawResult:
        return run_raw(self.specs(), self.raw)

    def read(self, name: str = "AE") -> TypedForm:
        return self.run().forms[name]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
