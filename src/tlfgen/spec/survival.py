"""How times to an event are analysed where nothing else is said: one home for tables and figures."""

from __future__ import annotations

from typing import Literal

Transform = Literal["plain", "log", "loglog"]
Rule = Literal["first", "midpoint"]
QuantileLimits = Literal["brookmeyer_crowley", "spss_symmetric"]
Ties = Literal["efron", "breslow"]

LIMITS: Transform = "loglog"
RULE: Rule = "midpoint"  # as R's survfit and SAS's PROC LIFETEST
QUANTILE_LIMITS: QuantileLimits = "brookmeyer_crowley"
TIES: Ties = "efron"
LEVEL = 0.95
