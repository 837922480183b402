"""visit: VISITNUM, VISIT and VISITDY from a visit's name as collected."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from tlfgen.engine.gives import FLOAT, INTEGER, visits
from tlfgen.engine.keyed import INDEX, numbered
from tlfgen.engine.registry import Column, Derived, Fills, derivation
from tlfgen.errors import Finding, SpecError
from tlfgen.spec.characters import plain_text
from tlfgen.spec.pattern import whole_pattern
from tlfgen.spec.study import StudySpec, VisitSpec

NAMES = {
    "name": pl.String,
    "VISITNUM": pl.Float64,
    "VISIT": pl.String,
    "VISITDY": pl.Int64,
    "planned": pl.Boolean,
    "known": pl.Boolean,
}


@derivation(gives=FLOAT, fills={"visit_to": visits, "day_to": INTEGER})
def derive_visit(
    rows: pl.DataFrame, *, of: Column, visit_to: Fills = None, day_to: Fills = None, study: StudySpec
) -> Derived:
    """Number a visit by its name as collected; name it and give its planned day.

    First case that applies (names compare without regard to case and to repeated blanks):
      1. no name                                            all null
      2. `collected` or VISIT of a visit in study.yaml      its VISITNUM, VISIT and day
      3. the pattern of `unscheduled` in study.yaml         the number in it; the name in capitals; no day
      4. any other name                                     all null, and an error finding

    visit_to, day_to: the variables for VISIT and VISITDY.
    """
    names = visits_by_name(rows[of], study)
    found = (
        numbered(rows)
        .select(INDEX, pl.col(of).alias("name"))
        .join(names, on="name", how="left", maintain_order="left")
    )
    values = {"": found["VISITNUM"]}
    if visit_to is not None:
        values[visit_to] = found["VISIT"]
    if day_to is not None:
        values[day_to] = found["VISITDY"]
    unknown = found.filter(pl.col("name").is_not_null() & ~pl.col("known"))
    return Derived(
        values,
        findings=tuple(
            Finding(
                "error",
                "",
                "",
                "visit",
                f"'{name}' is no visit of the study",
                row=index,
                field=of,
                value=name,
            )
            for index, name in unknown.select(INDEX, "name").iter_rows()
        ),
    )


def visits_by_name(names: pl.Series, study: StudySpec) -> pl.DataFrame:
    """Each distinct name with VISITNUM, VISIT, VISITDY, and whether it is planned, and known at all."""
    planned = planned_names(study.visits)
    found: list[tuple[str, float | None, str | None, int | None, bool, bool]] = []
    for name in sorted(n for n in names.unique().to_list() if n is not None):
        visit = planned.get(_plain(name))
        if visit is not None:
            found.append((name, visit.VISITNUM, visit.VISIT, visit.day, True, True))
        else:
            number = _unscheduled(name, study)
            capitals = None if number is None else " ".join(name.split()).upper()
            found.append((name, number, capitals, None, False, number is not None))
    return pl.DataFrame(found, schema=NAMES, orient="row")


def planned_names(visits: Iterable[VisitSpec]) -> dict[str, VisitSpec]:
    """Name as collected -> visit; a name of two visits is a SpecError."""
    found: dict[str, VisitSpec] = {}
    for visit in visits:
        for name in {_plain(n) for n in (visit.VISIT, *visit.collected)}:
            if name in found:
                raise SpecError(
                    f"'{name}' is collected for two visits, {found[name].VISIT} and {visit.VISIT}.",
                    place=visit.at,
                )
            found[name] = visit
    return found


def _unscheduled(name: str, study: StudySpec) -> float | None:
    if study.unscheduled is None:
        return None
    pattern = whole_pattern(study.unscheduled.pattern, study.unscheduled.at, any_case=True)
    found = pl.Series([" ".join(name.split())]).str.extract_groups(pattern).struct.unnest()
    number = (found["VISITNUM"].item() if "VISITNUM" in found.columns else None) or ""
    return float(number) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", number) else None


def _plain(name: str) -> str:
    return " ".join(plain_text(name).split()).casefold()
