"""study_day: --DY, ADY and the like."""

from __future__ import annotations

import polars as pl

from tlfgen.data.dates import complete_day, study_day
from tlfgen.engine.gives import INTEGER
from tlfgen.engine.registry import Column, derivation


@derivation(gives=INTEGER)
def derive_study_day(rows: pl.DataFrame, *, date: Column, reference: Column = "DM.RFSTDTC") -> pl.Series:
    """Count days from a reference date, with no day 0.

    First case that applies:
      1. either date missing or partial   null
      2. date on or after reference       date - reference + 1
      3. date before reference            date - reference

    Days are whole calendar days; times are cut off. SDTM counts from DM.RFSTDTC, ADaM by convention from the
    first dose (`reference: TRTSDT`): the two may differ.

    Source: SDTMIG 3.4, 4.4.4.
    """
    return study_day(complete_day(rows[date]), complete_day(rows[reference]))
