"""Raw files of every format, damaged: no traceback, no hang, and every record accounted for.

    python bench/mutate_raw.py [NUMBER] [SEED]

Forms of a small study are written to each format, then damaged: bytes flipped, the end cut off, columns
renamed or dropped, records doubled, cells spoilt, another encoding. Each must end in a DataError, or in
records read = accepted + set aside. A reader in C could end the process: the inputs are read in a process of
their own, and one that ends or hangs is told and begun anew.
"""

from __future__ import annotations

import io
import multiprocessing
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tlfgen.errors import DataError
from tlfgen.raw.fields import Form, compile_form
from tlfgen.raw.forms import type_form
from tlfgen.spec.form import CodelistSpec, FormSpec
from tlfgen.spec.study import StudySpec

FORMATS = ("csv", "parquet", "xlsx", "sav", "zsav", "dta", "xpt")
LIMIT_SECONDS = 20
STUDY = StudySpec.model_validate(
    {
        "study": "S",
        "title": "T",
        "cutoff": "2024-12-31",
        "subject": {"from": "SUBJ", "parts": r"(?P<SITEID>\d)-(?P<SUBJID>\d\d)", "USUBJID": "S-{SUBJ}"},
        "arms": [],
    }
)
FORM = FormSpec.model_validate(
    {
        "form": "AE",
        "label": "Adverse events",
        "files": ["ae.csv"],
        "key": ["SUBJ", "TERM", "STDAT"],
        "fields": [
            {"name": "SUBJ", "required": "true"},
            {"name": "TERM", "required": "true", "max_length": "40", "pattern": "[A-Z].*"},
            {"name": "SEV", "type": "code", "codelist": "SEV"},
            {"name": "STDAT", "type": "date", "layouts": ["DD-Mon-YYYY"]},
            {"name": "TIM", "type": "time"},
            {"name": "DOSE", "type": "number", "min": "0"},
        ],
    }
)
CODELISTS = {"SEV": CodelistSpec.model_validate({"terms": ["MILD", "SEVERE"]})}
CELLS = ("", " ", "NA", ".", "31-Feb-2024", "UN-UNK-2024", "2024---10", "0021-04-10", "1e5", "=1+1", "\u200b",
         "x" * 300, "é", "\ufffd", '"', ",", "\n", "-0", "Infinity", "腹泻", "\u202e", "1-01")  # fmt: skip


def records(chance: random.Random) -> pl.DataFrame:
    rows = [
        {
            "SUBJ": f"1-{chance.randrange(20):02d}",
            "TERM": chance.choice(["Headache", "Nausea", "Übelkeit"]),
            "SEV": chance.choice(["Mild", "Severe", None]),
            "STDAT": f"{chance.randrange(1, 29):02d}-Mar-2024",
            "TIM": chance.choice(["07:30", None]),
            "DOSE": chance.choice(["1.5", "20", None]),
        }
        for _ in range(chance.randrange(1, 40))
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))


def spoilt(frame: pl.DataFrame, chance: random.Random) -> pl.DataFrame:
    """Damage the records: cells, columns, repeats, order, blank records."""
    kind = chance.randrange(7)
    rows = frame.to_dicts()
    if kind == 0:
        for _ in range(chance.randrange(1, 10)):
            chance.choice(rows)[chance.choice(frame.columns)] = chance.choice(CELLS)
        return pl.DataFrame(rows, schema=frame.schema)
    if kind == 1:
        return frame.rename(
            {chance.choice(frame.columns): chance.choice(["X", "TERM\u200b", "sev", "A" * 40])}
        )
    if kind == 2:
        return frame.drop(chance.choice(frame.columns))
    if kind == 3:
        return pl.concat([frame, frame])
    if kind == 4:
        return pl.concat([frame, frame.clear(chance.randrange(1, 30))])
    return frame.clear() if kind == 5 else frame


def written(frame: pl.DataFrame, suffix: str, path: Path) -> None:
    import pyreadstat

    if suffix == "csv":
        frame.write_csv(path)
    elif suffix == "parquet":
        frame.write_parquet(path)
    elif suffix == "xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for row in (frame.columns, *frame.rows()):
            sheet.append([c if c is None else "".join(x for x in c if x >= " " or x == "\n") for c in row])
        book.save(path)
    else:
        pandas = frame.with_columns(pl.all().fill_null("")).to_pandas()
        if suffix == "dta":
            pyreadstat.write_dta(pandas, path)
        elif suffix == "xpt":
            pyreadstat.write_xport(pandas, path, file_format_version=8)
        else:
            pyreadstat.write_sav(pandas, path, compress=suffix == "zsav")


def damaged(data: bytes, suffix: str, chance: random.Random) -> bytes:
    """Damage the bytes: flipped, cut, doubled, lost, or in another encoding."""
    kind = chance.randrange(7)
    if kind == 0:
        return data
    if kind == 1:
        return data[: chance.randrange(len(data) + 1)]
    if kind == 2 and suffix == "csv":
        return data.decode(errors="replace").encode(chance.choice(["latin-1", "utf-16", "cp1252"]), "replace")
    spoilt_bytes = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 20])):
        at = chance.randrange(len(spoilt_bytes))
        if kind in (2, 3, 4):
            spoilt_bytes[at] ^= 1 << chance.randrange(8)
        elif kind == 5:
            spoilt_bytes[at : at + 1] = bytes([chance.randrange(256)] * chance.randrange(3))
        else:
            spoilt_bytes[at : at + 8] = bytes(8)
    return bytes(spoilt_bytes)


def make(seed: int, folder: Path) -> Form:
    """Write the damaged file of a seed; give the form that reads it."""
    chance = random.Random(seed)
    suffix = FORMATS[seed % len(FORMATS)]
    path = folder / f"ae{seed}.{suffix}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            written(spoilt(records(chance), chance), suffix, path)
        except Exception:  # what a format cannot hold is no input
            written(records(chance), suffix, path)
    path.write_bytes(damaged(path.read_bytes(), suffix, chance))
    form = compile_form(FORM, STUDY, CODELISTS)
    return replace(form, spec=form.spec.model_copy(update={"files": (path.name,)}))


def outcome(seed: int, folder: Path) -> str:
    """What became of an input: "refused" or "read"; anything else is a fault."""
    form = make(seed, folder)
    try:
        found = type_form(form, folder)
    except DataError as error:
        return "refused" if form.spec.files[0] in str(error) else f"no file named: {error}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    accounted = (
        found.frame.height + found.quarantined.height
        == found.read
        == found.collected.height + (found.quarantined.height)
    )
    told = not found.quarantined.height or any(f.severity == "error" for f in found.findings)
    return "read" if accounted and told else "records are not accounted for"


def _work(seeds: range, folder: str, done: Callable[[tuple[int, str, float]], None]) -> None:
    sys.stderr = io.StringIO()
    for seed in seeds:
        started = time.perf_counter()
        done((seed, outcome(seed, Path(folder)), time.perf_counter() - started))


def outcomes(number: int, first: int) -> Iterator[tuple[int, str]]:
    """Read inputs in a process of their own, begun anew after one that ends or hangs it."""
    spawn = multiprocessing.get_context("spawn")
    at = first
    with TemporaryDirectory() as folder:
        while at < first + number:
            queue = spawn.SimpleQueue()
            worker = spawn.Process(target=_work, args=(range(at, first + number), folder, queue.put))
            worker.start()
            waited = time.monotonic()
            while at < first + number:
                if not queue.empty():
                    seed, said, seconds = queue.get()
                    yield seed, said if seconds < LIMIT_SECONDS else f"took {seconds:.0f} s"
                    at, waited = seed + 1, time.monotonic()
                elif not worker.is_alive() and queue.empty():
                    yield at, f"ended the process ({worker.exitcode})"
                    at += 1
                    break
                elif time.monotonic() - waited > 3 * LIMIT_SECONDS:
                    yield at, "hangs"
                    at += 1
                    break
                else:
                    time.sleep(0.01)
            worker.kill()
            worker.join()


def main() -> int:
    number, first = (int(a) for a in (*sys.argv[1:3], "2500", "0")[:2]) if len(sys.argv) != 2 else (
        int(sys.argv[1]), 0
    )  # fmt: skip
    counts: Counter[str] = Counter()
    faults = 0
    for seed, said in outcomes(number, first):
        counts[f"{FORMATS[seed % len(FORMATS)]} {said if said in ('read', 'refused') else 'FAULT'}"] += 1
        if said not in ("read", "refused"):
            faults += 1
            print(f"seed {seed} ({FORMATS[seed % len(FORMATS)]}): {said[:300]}", flush=True)
    for name, n in sorted(counts.items()):
        print(f"{name}: {n}")
    print(f"{number} inputs, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
