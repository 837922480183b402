"""sum_of_diameters: the sum of the target lesions' diameters at each visit."""

from __future__ import annotations

import polars as pl

from tlfgen.adam.followed import followed
from tlfgen.adam.tumour_sums import DAY, SUM, VISIT, Measured, tumour_sums
from tlfgen.engine.keyed import SUBJECT, first_by
from tlfgen.engine.registry import ROW, Fetch, Made, Other, Others, OtherWhere, maker
from tlfgen.spec.study import StudySpec


@maker(makes=("NLESION", "NLEFT", "MEASURED"))
def make_sum_of_diameters(
    fetch: Fetch,
    *,
    value: Other,
    lesion: Other,
    visit: Other,
    date: Other,
    start: Other,
    where: OtherWhere = None,
    nodes: OtherWhere = None,
    population: Other | None = None,
    keep: Others = (),
    study: StudySpec,
) -> Made:
    """Make a record of the sum of diameters for each subject and visit.

    The targets are the lesions of the baseline: the last visit that is over on or before `start`. AVAL,
    first case that applies:
      1. the subject has no baseline visit                        null, and a warning
      2. a target without a value, or with two different ones     null, and a warning that names it
      3. otherwise                                                the sum in mm, rounded to 6 decimals

    value: longest diameter, or a node's short axis, in mm; a lesion that is gone, or was merged into another,
    is 0; the parts of one that split add up, each under its own name. where: the measurements of target
    lesions. nodes: those of them that are lymph nodes. visit, keep: their variables stand on the record.

    ADT is the latest day of the visit's measurements, on which the sum is known. NLESION: lesions with a
    value. MEASURED: their sum, also where AVAL is null. NLEFT: those that are not gone, a node below 10 mm
    counting as gone; null where AVAL is.

    Source: RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-247), 4.2, 4.3.1 and 4.3.2.
    """
    people = followed(fetch, start, population, (), study.cutoff)
    measured = Measured(value, lesion, visit, date, where, nodes, keep)
    sums = tumour_sums(fetch, measured, people, "sum_of_diameters")
    carried = list(dict.fromkeys(n.rpartition(".")[2] for n in (visit, *keep)))
    first = first_by(sums.records, [SUBJECT, VISIT], [ROW]).select(SUBJECT, VISIT, *carried)
    made = sums.visits.join(first, on=[SUBJECT, VISIT], how="left", maintain_order="left").with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("index")
    )
    frame = made.select(
        SUBJECT,
        pl.col(SUM).alias("AVAL"),
        pl.col(DAY).alias("ADT"),
        "NLESION",
        "NLEFT",
        "MEASURED",
        *carried,
    )
    used = made.select(SUBJECT, VISIT, "index").join(
        sums.records.select(SUBJECT, VISIT, ROW), on=[SUBJECT, VISIT]
    )
    sources = used.select(
        "index", pl.lit(measured.owner).alias("source"), pl.col(ROW).alias("source_row")
    ).sort("index", "source_row")
    return Made(frame, sources, sums.findings)
