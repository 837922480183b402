"""standard_result: --STRESN, --STRESC and --STRESU from a result as collected."""

from __future__ import annotations

import polars as pl

from tlfgen.data.units import convert, half_up, number, same_unit, shortest
from tlfgen.engine.gives import FLOAT, TEXT
from tlfgen.engine.keyed import INDEX, numbered
from tlfgen.engine.registry import Column, Derived, Fills, derivation
from tlfgen.errors import Finding
from tlfgen.spec.loader import Entry

RESULT = {"number": pl.Float64, "text": pl.String, "unit_to": pl.String, "problem": pl.String}
KEYS = ("result", "unit", "test", "void")


class StandardUnit(Entry):
    """The unit in which a test is reported, and the decimals to which a converted result is rounded."""

    unit: str
    decimals: int | None = None


@derivation(gives=FLOAT, fills={"text_to": TEXT, "unit_to": TEXT})
def derive_standard_result(
    rows: pl.DataFrame,
    *,
    result: Column,
    unit: Column,
    test: Column,
    standards: dict[str, StandardUnit],
    value: Column | None = None,
    text_to: Fills = None,
    unit_to: Fills = None,
) -> Derived:
    """Bring a result to its test's standard unit.

    First case that applies:
      1. no result                             all null
      2. a text that is no decimal number      the text and the unit as collected; no number
      3. `value` given and null                all null: the form's own limits found the number impossible
      4. no standard for the test              the number and the unit as collected
      5. the collected unit is the standard    the number as collected, in the standard's spelling of the unit
      6. a known conversion                    converted exactly, then rounded half up to `decimals`
      7. no unit, or no known conversion       all null, and an error finding

    A decimal number has digits, perhaps a sign and perhaps a fraction, and nothing else. The text is the
    number's shortest. Factors are exact (data/units.py); without `decimals` a result has at most 12
    significant digits.

    value: the result as the form typed it. standards: test -> {unit, decimals}. text_to, unit_to: the
    variables for --STRESC and --STRESU.
    """
    asked = numbered(rows).select(
        INDEX,
        *(
            pl.col(c).cast(pl.String).str.strip_chars().alias(k)
            for k, c in zip(KEYS, (result, unit, test), strict=False)
        ),
        (pl.col(value).is_null() if value else pl.lit(False)).alias("void"),
    )
    distinct = asked.select(KEYS).unique()
    results = [_standard(t, u, name, void, standards) for t, u, name, void in distinct.iter_rows()]
    answers = distinct.hstack(pl.DataFrame(results, schema=RESULT, orient="row"))
    found = asked.join(answers, on=KEYS, how="left", nulls_equal=True, maintain_order="left")
    values = {"": found["number"]}
    if text_to is not None:
        values[text_to] = found["text"]
    if unit_to is not None:
        values[unit_to] = found["unit_to"]
    bad = found.filter(pl.col("problem").is_not_null()).select(INDEX, "problem", "result")
    return Derived(
        values,
        findings=tuple(
            Finding("error", "", "", "standard_result", problem, row=index, field=result, value=text)
            for index, problem, text in bad.iter_rows()
        ),
    )


def _standard(
    text: str | None, unit: str | None, test: str | None, void: bool, standards: dict[str, StandardUnit]
) -> tuple[float | None, str | None, str | None, str | None]:
    """Number, text, unit and what is wrong, of one result."""
    if text is None or text == "":
        return None, None, None, None
    value = number(text)
    if value is None:
        return None, text, unit, None
    if void:
        return None, None, None, None
    standard = standards.get(test or "")
    if standard is None or (unit is not None and same_unit(unit, standard.unit)):
        plain = shortest(half_up(value, len(text.partition(".")[2])))
        return float(plain), plain, unit if standard is None else standard.unit, None
    converted = convert(value, unit, standard.unit) if unit else None
    if converted is None:
        given = f"the unit '{unit}'" if unit else "no unit"
        return None, None, None, f"{test} {text} has {given}, which does not convert to {standard.unit}"
    rounded = shortest(half_up(converted, standard.decimals))
    return float(rounded), rounded, standard.unit, None
