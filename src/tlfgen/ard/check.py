"""The names in outputs/*.yaml, checked before data are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

from tlfgen.data.plan import Schema, check_name
from tlfgen.errors import Place, unknown
from tlfgen.spec.output import FigureSpec, ListingSpec, RowSpec, TableSpec
from tlfgen.spec.study import StudySpec

EVERYONE = "all"


def check_outputs(outputs: Mapping[str, Any], study: StudySpec, schemas: Mapping[str, Schema]) -> None:
    """Check populations, datasets and variables; a SpecError names file, line and the nearest name."""
    for output in outputs.values():
        if output.population not in (*study.analysis_sets, EVERYONE):
            raise unknown("The analysis set", output.population, study.analysis_sets, output.at_key("population"))
        if output.from_ not in schemas:
            raise unknown("The dataset", output.from_, schemas, output.at_key("from"))
        schema = schemas[output.from_]
        _check(output.condition.columns if output.condition else (), output.at_key("where"), schema, schemas)
        if isinstance(output, TableSpec):
            _check_table(output, schema, schemas)
        elif isinstance(output, ListingSpec):
            _check(output.order, output.at_key("order"), schema, schemas)
            for column in output.columns:
                fields = [f for _, f, _, _ in Formatter().parse(column.cell or "") if f]
                _check((*column.name, *fields), column.at, schema, schemas)
        elif isinstance(output, FigureSpec):
            names = [n for n in (output.y, output.x, output.x_value, output.columns.by) if n]
            _check(names, output.at, schema, schemas)


def _check_table(output: TableSpec, schema: Schema, schemas: Mapping[str, Schema]) -> None:
    columns = output.columns
    across = [n for n in (columns.by, columns.of, *columns.spans.values()) if n]
    _check(across, output.at_key("columns"), schema, schemas)
    for row in output.rows:
        if isinstance(row, RowSpec):
            conditions = [c for c in (row.condition, row.denominator_condition) if c is not None]
            names = [*row.summarise, *row.by, *([row.worst] if row.worst else [])]
            _check([*names, *(c for k in conditions for c in k.columns)], row.at, schema, schemas)


def _check(names: Iterable[str], at: Place, schema: Schema, schemas: Mapping[str, Schema]) -> None:
    """A bare name is a variable of the dataset, or of ADSL, whose variables stand beside every record."""
    subjects = schemas.get("ADSL")
    for name in names:
        if not schema.has(name) and "." not in name and subjects is not None and subjects.has(name):
            continue
        check_name(name, at, schema, schemas)
