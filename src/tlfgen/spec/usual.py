"""How proportions and quantiles are made where nothing else is said; times to an event: spec/survival.py."""

from __future__ import annotations

from typing import Final

PROPORTION_LIMITS: Final = "clopper_pearson"
PERCENTILE: Final = 2  # the definition of quartiles, by Hyndman and Fan's number
