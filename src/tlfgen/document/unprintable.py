"""Characters that the theme's fonts do not have, as findings about the data and notes about specs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.document.theme import Theme
from tlfgen.errors import Finding

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

RULE = "character without a font"
SUBJECT = "USUBJID"


def unprintable(datasets: Mapping[str, Dataset], theme: Theme) -> list[Finding]:
    """Find the texts with a character that no font of the theme has: a warning each, once a subject and text.

    The report prints the character's code point in its place, where it prints the text.
    """
    seen: set[tuple[str | None, str]] = set()
    found = []
    for dataset in datasets.values():
        for finding in _of_dataset(dataset, theme, "adam" if dataset.name.startswith("AD") else "sdtm"):
            key = (finding.subject, finding.value or "")
            if key not in seen:
                seen.add(key)
                found.append(finding)
    return found


def unprintable_specs(texts: Mapping[str, bytes], theme: Theme) -> list[Finding]:
    """The same of specs that are printed; `texts` by path. The row is the line of the file."""
    found = []
    for path, raw in texts.items():
        for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), 1):
            lost = "" if line.lstrip().startswith("#") else _lost(line, theme)
            if lost:
                found.append(
                    Finding("warning", "specs", path, RULE, message(lost), row=number, value=line.strip())
                )
    return found


def _of_dataset(dataset: Dataset, theme: Theme, stage: str) -> Iterator[Finding]:
    frame = dataset.frame
    texts = [c for c, kind in frame.schema.items() if kind == pl.String and c != SUBJECT]
    for column in texts:
        odd = frame.select(
            pl.int_range(1, pl.len() + 1).alias("row"),
            (pl.col(SUBJECT) if SUBJECT in frame.columns else pl.lit(None, pl.String)).alias("subject"),
            pl.col(column).alias("text"),
        ).filter(pl.col("text").str.contains(r"[^ -~\n\t]"))
        lost = {t: _lost(t, theme) for t in odd["text"].unique().to_list()}
        for row, subject, text in odd.iter_rows():
            if lost[text]:
                yield Finding(
                    "warning", stage, dataset.name, RULE, message(lost[text]), row=row, subject=subject,
                    field=column, value=text,
                )  # fmt: skip


def message(lost: Iterable[str]) -> str:
    """What is said of characters that no font has."""
    names = ", ".join(f"U+{ord(c):04X}" for c in lost)
    return (
        f"No font of the theme has {names}: where the text is printed, its code point stands in its place. "
        "For Chinese, Japanese and Korean install tlfgen[cjk], for others name a font in theme.yaml."
    )


def _lost(text: str, theme: Theme) -> str:
    """What neither tables nor running text can set."""
    both = theme.sans.missing(text) + theme.serif.missing(text)
    return "".join(dict.fromkeys(both))
