"""The steps of a build, before anything is computed.

specs -> raw -> sdtm -> adam -> for each output its results (ard), from these the output laid out (part), from
this its pages -> report, manuscript, files. Beside them what looks for faults (checks, conditions,
characters, texts, agreement) and the audit that counts them, before the outputs that show findings."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tlfgen.run.inputs import Inputs
from tlfgen.run.steps import Read, Step, with_needed
from tlfgen.run.views import FACTS, entry_digest, program_words, words_of
from tlfgen.run.work_data import CHECKS, STAGES
from tlfgen.spec.analysis import shown_by

FINDINGS = "FINDINGS"
SHARED = ("study.yaml", "codelists.yaml")
FOUND = ("findings.parquet", "ledger.parquet")


def plan(inputs: Inputs, only: Collection[str] = ()) -> tuple[Step, ...]:
    """Plan a build: every step, each behind what it needs; with `only`, those outputs and no document."""
    specs = inputs.specs
    ids = tuple(only) or tuple(inputs.manuscript or specs.outputs)
    shown = [specs.outputs[i] for i in specs.outputs if i in ids]
    whole = not only or any(_of_findings(o) for o in shown)
    counted = [o for o in (specs.outputs.values() if whole else shown) if not _of_findings(o)]
    late = [o for o in shown if _of_findings(o)]
    maker = _OutputSteps(inputs)
    made = [s for o in shown for s in (maker.part(o), maker.pages(o))]
    analyses = list(specs.analyses.values())
    steps = [
        *_data_steps(inputs),
        *(maker.results(o) for o in (*analyses, *counted, *late)),
        *_audit_steps(inputs, [*analyses, *counted]),
        *made,
        *(() if only else _documents(inputs, [o.output for o in shown])),
    ]
    wanted = {"audit", *STAGES, *(s.name for s in (steps if not only else made))}
    return with_needed(wanted, steps)


def _of_findings(output: Any) -> bool:
    """Whether an output shows findings: it is made when all of them are known."""
    return bool(output.from_ == FINDINGS)


def _of_file(inputs: Inputs, output: Any) -> dict[str, str]:
    """The digest of the file of results that were made elsewhere."""
    own = inputs.specs.results_elsewhere.get(output.output)
    return {} if own is None else inputs.elsewhere(own.file)


def _data_steps(inputs: Inputs) -> list[Step]:
    every, shared, checked = inputs.texts(""), inputs.texts(*SHARED), ("specs",)
    of_forms = shared | inputs.texts("forms/")
    of_sdtm = {**of_forms, **inputs.texts("sdtm/"), **inputs.dictionary_digests}
    # what SDTM's values can be tells what ADaM's are
    made = inputs.elsewhere(*(e.file for e in inputs.specs.elsewhere.values()))
    of_adam = of_forms | inputs.texts("sdtm/", "adam/") | made
    subjects = {"subjects": inputs.specs.form_of_subjects or ""}
    return [
        _step("specs", {**every, **inputs.elsewhere_digests, "claims": entry_digest(inputs.specs.claims)}),
        _step("raw", {**of_forms, **inputs.raw_digests, **subjects}, after=checked),
        _step("sdtm", of_sdtm, (Read("raw"),), after=checked),
        _step("adam", of_adam, (Read("sdtm", columns=True),), after=checked),
    ]


def _audit_steps(inputs: Inputs, counted: list[Any]) -> list[Step]:
    """The checks over what was built, then every finding and the ledger in one place."""
    made = inputs.elsewhere(*(e.file for e in inputs.specs.elsewhere.values()))
    values = tuple(Read(s, columns=True, labels=False) for s in ("sdtm", "adam"))
    results = tuple(Read(f"ard-{o.output}") for o in counted)
    figures = [o for o in inputs.specs.outputs.values() if o.kind == "figure"]
    read = tuple(Read(name, FOUND if name in STAGES else FOUND[:1]) for name in (*STAGES, *CHECKS))
    theme = {"theme": inputs.theme_digest}
    return [
        _step("checks", inputs.texts("study.yaml"), values, kind="checks"),
        _step("conditions", inputs.written | made, values, kind="checks"),
        _step("characters", theme, values, kind="checks"),
        _step("texts", inputs.texts(*inputs.specs.printed) | theme, kind="checks"),
        _step("agreement", {"figures": entry_digest(*figures)}, results, kind="checks"),
        _step("audit", {}, read, kind="checks"),
    ]


class _OutputSteps:
    """The steps of one output after the other; what all share is digested once."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        facts = [[name, getattr(inputs.specs.study, name)] for name in FACTS]
        self.shared = {"facts": entry_digest(facts)}
        self.rules = {"rules": entry_digest(inputs.theme.numbers)}
        self.rules["made elsewhere"] = entry_digest(inputs.specs.elsewhere_told)

    def results(self, output: Any) -> Step:
        asked = {"asked": " ".join(self.inputs.asked.of(output.output))}
        given = self._given(output) | asked | _of_file(self.inputs, output)
        return self._step("results", "ard", output, given, self._reads(output, False))

    def part(self, output: Any) -> Step:
        number = {"number": self.inputs.manuscript.get(output.output, output.number)}
        own = (Read(f"ard-{i}") for i in (output.output, *shown_by(output)))
        reads = (*own, *self._reads(output, True))
        return self._step("part", "part", output, self._given(output) | self.rules | number, reads)

    def pages(self, output: Any) -> Step:
        reads = (Read(f"part-{output.output}", ("part.json",)),)
        return self._step("pages", "pages", output, {"theme": self.inputs.theme_digest}, reads)

    def _given(self, output: Any) -> dict[str, str]:
        return self.shared | {"output": entry_digest(output)}

    def _reads(self, output: Any, labels: bool) -> tuple[Read, ...]:
        words = words_of(output) | program_words()
        stages = ("sdtm", "adam", *(("audit",) if _of_findings(output) else ()))
        return tuple(Read(s, words=words, labels=labels) for s in stages)

    @staticmethod
    def _step(work: str, name: str, output: Any, given: dict[str, str], reads: tuple[Read, ...]) -> Step:
        place, kind = f"tlfgen.run.work_outputs:{work}", "results" if name == "ard" else "outputs"
        own = f"{name}-{output.output}"
        return Step(own, place, kind, given, reads, argument=output.output)


def _documents(inputs: Inputs, ids: list[str]) -> list[Step]:
    """The document, the outputs' own files and the results in one table, as far as there are such."""
    build = {"theme": inputs.theme_digest, "build": inputs.id}
    pages = tuple(Read(f"pages-{i}") for i in ids)
    parts = tuple(Read(f"part-{i}") for i in ids)
    results = tuple(Read(f"ard-{i}") for i in (*inputs.specs.analyses, *ids))
    found: list[Step] = []
    if inputs.manuscript:
        in_order = tuple(Read(f"pages-{i}") for i in inputs.manuscript)
        found.append(_document("manuscript", build, (*in_order, *parts, Read("audit")), "manuscript"))
    elif inputs.specs.report.sections:
        # the text reads datasets beside results: analysis sets, and narratives what they name
        data = tuple(Read(s, columns=True) for s in ("sdtm", "adam", "audit"))
        found.append(_document("report", build, (*pages, *parts, *results, *data, Read("audit")), "report"))
    if ids:
        found.append(_document("files", build, (*pages, *parts, Read("audit")), "files"))
        found.append(_document("ards", {}, results, "all_results"))
    return found


def _document(name: str, given: dict[str, str], reads: tuple[Read, ...], work: str) -> Step:
    return Step(name, f"tlfgen.run.work_documents:{work}", name, given, reads)


def _step(
    name: str,
    given: dict[str, str],
    reads: tuple[Read, ...] = (),
    *,
    after: tuple[str, ...] = (),
    kind: str = "",
) -> Step:
    place = f"tlfgen.run.work_data:{name}"
    return Step(name, place, kind or name, given, reads, after)
