"""What SDTM tells of deaths: each record that says that its subject has died, and the day if it has one."""

from __future__ import annotations

import polars as pl

from tlfgen.reconcile.columns import date, text
from tlfgen.reconcile.registry import ROW, SUBJECT, Data

WORDS = r"^(DEATH|DIED|DEAD|DECEASED)$"
# "Death of the patient's wife" and "death in the family" are not the subject's
TERM = (
    r"^(DIED|DEAD|DECEASED|FATAL)\b|^DEATH$|^DEATH\s*[,;:(/-]"
    r"|^DEATH\s+(DUE|FROM|BY|ON|CAUSED|RELATED|AFTER|SECONDARY|UNRELATED|NOT RELATED)\b"
    r"|(^|[,;:.(-]\s*|\b(AS|AND|BECAUSE|SINCE|THAT)\s+)(THE\s+)?(SUBJECT|PATIENT|PARTICIPANT)('S)?\s+(HAS\s+|HAD\s+|IS\s+|WAS\s+)?"
    r"(DIED|DEAD|DEATH|DECEASED|EXPIRED|PASSED AWAY)\b"
    r"|\bDEATH OF (THE )?(SUBJECT|PATIENT|PARTICIPANT)\s*($|[,;:(]|DUE|FROM|ON)"
    r"|\b(LEADING TO|LED TO|RESULTING IN|RESULTED IN)\s+DEATH\b"
)
GRADE_5 = r"^(GRADE\s*)?5(\.0*)?$"
# a record that says so: domain, variable, pattern; and the variable with the day of death
SIGNS: tuple[tuple[str, str, str, str], ...] = (
    ("DM", "DTHFL", "^Y$", "DTHDTC"),
    ("DS", "DSDECOD", WORDS, "DSSTDTC"),
    ("DS", "DSTERM", TERM, ""),  # of another decision, the date need not be that of the death
    ("AE", "AESDTH", "^Y$", "AEDTHDTC"),
    ("AE", "AEOUT", "^FATAL$", "AEDTHDTC"),
    ("AE", "AETOXGR", GRADE_5, "AEDTHDTC"),
    ("SS", "SSSTRESC", WORDS, ""),
    ("SS", "SSORRES", WORDS, ""),
)
DATED = (("DM", "DTHDTC"), ("AE", "AEDTHDTC"))
EVIDENCE = {
    "domain": pl.String, ROW: pl.UInt32, SUBJECT: pl.String, "tells": pl.String, "died": pl.String,
}  # fmt: skip


def is_like(frame: pl.DataFrame, name: str, pattern: str) -> pl.Expr:
    """Whether a variable fits a pattern in upper case; never null."""
    return text(frame, name).str.to_uppercase().str.contains(pattern).fill_null(value=False)


def evidence(data: Data) -> pl.DataFrame:
    """Every record of SDTM that says that its subject has died: domain, ROW, USUBJID, what tells it, and the
    date of death where the record holds one."""
    frames: list[pl.DataFrame] = []
    for domain, variable, pattern, dated in SIGNS:
        if domain in data and variable in data[domain].columns:
            own = data[domain]
            holds = is_like(own, variable, pattern)
            frames.append(_signs(domain, own, holds, text(own, variable), variable, dated))
    for domain, variable in DATED:
        if domain in data and variable in data[domain].columns:
            own = data[domain]
            dates = date(own, variable)
            frames.append(_signs(domain, own, dates.is_not_null(), dates, variable, variable))
    if "DD" in data:
        own = data["DD"]
        cause = pl.coalesce(text(own, "DDORRES"), text(own, "DDSTRESC"))
        frames.append(_signs("DD", own, cause.is_not_null(), cause, "DDORRES", ""))
    return pl.concat(frames) if frames else pl.DataFrame(schema=EVIDENCE)


def _signs(
    domain: str, own: pl.DataFrame, holds: pl.Expr, value: pl.Expr, variable: str, dated: str
) -> pl.DataFrame:
    return own.filter(holds).select(
        pl.lit(domain).alias("domain"),
        pl.col(ROW).cast(pl.UInt32),
        pl.col(SUBJECT).cast(pl.String),
        (pl.lit(f"{domain}.{variable} ") + value).alias("tells"),
        (date(own, dated) if dated else pl.lit(None, dtype=pl.String)).alias("died"),
    )


def deaths(data: Data) -> pl.DataFrame:
    """The subjects whom SDTM knows to have died: USUBJID, who tells it, and the earliest date of death."""
    known = evidence(data)
    return known.group_by(SUBJECT, maintain_order=True).agg(
        pl.col("tells").unique(maintain_order=True).str.join(", ").alias("tells"),
        pl.col("died").drop_nulls().sort().first().alias("died"),
    )
