"""An analysis of all subjects and, once more, of those in each level of each subgroup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from tlfgen.analysis.analyse import analysed
from tlfgen.analysis.asked import Asked
from tlfgen.analysis.columns import in_order
from tlfgen.analysis.pages import with_page
from tlfgen.analysis.planned import planned
from tlfgen.analysis.population import sizes_of
from tlfgen.analysis.prepare import MISSING, Prepared, analysis_of, note
from tlfgen.analysis.source import EVERYTHING, NUMBER, SUBJECTS, text_of
from tlfgen.analysis.table import both, pairs, quoted, stack
from tlfgen.data.dataset import missing_variable
from tlfgen.errors import Place, SpecError
from tlfgen.spec.output import RowSpec
from tlfgen.spec.subgroup import SubgroupSpec

SUBGROUP = "SUBGROUP"
WHOLE = Asked(everything=True)


def analysed_by_subgroup(
    prepared: Prepared, row: RowSpec, subgroups: Sequence[SubgroupSpec]
) -> Iterator[pl.DataFrame]:
    """Analyse the subjects of each level: those of the population in it are its N, with a record or not.

    row: the entry that asks, whose id names the results. A level's results have it before their other groups.
    The levels are those that are listed, then others as they sort; the subjects without one are counted.
    """
    for subgroup in subgroups:
        texts, is_text = _texts(prepared, subgroup)
        others = [v for v in texts.drop_nulls().unique().to_list() if v not in subgroup.levels]
        for level in (*subgroup.levels, *in_order(others, {})):
            inside = prepared.subjects.filter((texts == level).fill_null(False))
            said = f"{subgroup.by} = {quoted(level) if is_text else level}"
            yield with_page(_level(_only(prepared, inside, said), row), ((subgroup.group, level),))
        analysis = analysis_of(prepared, row.id, "", ())
        yield note(analysis, MISSING, texts.null_count(), pairs([(SUBGROUP, subgroup.group)]))


def without_a_set(at: Place) -> SpecError:
    """The error for subgroups of records that are in no analysis set."""
    return SpecError(
        "Subgroups need an analysis set to be of.",
        place=at,
        hint=f"Name one of study.yaml instead of '{EVERYTHING}'.",
    )


def _texts(prepared: Prepared, subgroup: SubgroupSpec) -> tuple[pl.Series, bool]:
    """Each subject's level, and whether it is a text."""
    source, subjects = prepared.source, prepared.subjects
    if source.subjects is None:
        raise without_a_set(prepared.output.at_key("population"))
    if subgroup.group not in subjects.columns:
        raise missing_variable(SUBJECTS, subgroup.group, source.everyone.columns, subgroup.at_key("by"))
    texts = subjects.select(text_of(subjects, subgroup.group).alias("text"))["text"]
    return texts, not subjects.schema[subgroup.group].is_numeric()


def _only(prepared: Prepared, subjects: pl.DataFrame, said: str) -> Prepared:
    """What is prepared, of some subjects. said: the condition that they meet."""
    output = prepared.output.model_copy(update={"where": both(prepared.output.where, said)})
    output.__dict__.pop("condition", None)  # that of all subjects
    numbers = subjects[NUMBER].cast(pl.UInt32)
    frame = prepared.source.frame
    frame = frame.filter(pl.col(NUMBER).cast(pl.UInt32).is_in(numbers.implode()))
    source = replace(prepared.source, frame=frame, subjects=subjects)
    counted = frame if output.columns.n == "records" else None
    sizes = sizes_of(prepared.columns, subjects, counted)
    return replace(prepared, output=output, source=source, sizes=sizes, subjects=subjects)


def _level(prepared: Prepared, row: RowSpec) -> pl.DataFrame:
    """The statistics of one level; what is left out is counted once, of all subjects."""
    found = stack(analysed(prepared, row, WHOLE))
    return found.filter(pl.col("statistic").is_in(planned(row).statistics))
