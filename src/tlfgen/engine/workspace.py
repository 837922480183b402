"""Datasets in the making: their tables, and what is read of them.

A `Table` has rows and, for each of its variables, the entry that fills it. The graph (engine/graph.py) says
in which order variables are filled: what is read here stands already. Inside, a row carries USUBJID and ROW;
both survive until the dataset is finished.

A bare name is a variable of the dataset in hand; a variable that the entry fills, and a name that is no
variable, is a field of the form. `ADSL.TRTSDT` is another dataset's value, joined by subject; it must be one
value a subject. `cutoff` is the study's data cut-off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from tlfgen.data.dataset import missing_variable
from tlfgen.data.unread import marked, unread
from tlfgen.engine.bound import Bound
from tlfgen.engine.judged import judged
from tlfgen.engine.registry import ROW, Rule
from tlfgen.engine.table import BEHIND, SUBJECT, Table, renamed
from tlfgen.errors import Finding, Place, SpecError, unknown
from tlfgen.spec.condition import Condition
from tlfgen.spec.form import CodelistSpec
from tlfgen.spec.study import StudySpec


@dataclass
class Workspace:
    """The tables of a stage with what is known of the study.

    tables: "form.AE", "AE", "ADAE". dictionaries: name -> frame whose first column is the upper-case key.
    sources and decisions collect what derivations say, with provisional row numbers. filling: the variable or
    the records that are being filled. consulted: for each table, the variables elsewhere that looked at its
    records."""

    stage: str
    study: StudySpec
    codelists: Mapping[str, CodelistSpec]
    tables: dict[str, Table] = field(default_factory=dict)
    dictionaries: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    sources: list[pl.DataFrame] = field(default_factory=list)
    decisions: list[pl.DataFrame] = field(default_factory=list)
    consulted: dict[str, set[str]] = field(default_factory=dict)
    filling: str = ""

    DECIDED: ClassVar[tuple[pl.Expr, ...]] = (
        *(pl.col(c).cast(pl.String) for c in ("candidate", "value", "rule")),
        pl.col("chosen").cast(pl.Boolean),
        pl.col("reason").cast(pl.String),
    )

    def table(self, name: str, at: Place) -> Table:
        if name not in self.tables:
            raise unknown("The dataset or form", name, self.tables, at)
        return self.tables[name]

    def column(self, table: Table, name: str, at: Place, *, filling: str = "") -> str:
        """Give the column of the table's frame that holds a variable; other datasets' are joined.

        A variable that is not filled yet was not declared as read: a fault of the rule that asks for it.
        """
        if name == "cutoff" and name not in table.frame.columns:
            table.frame = table.frame.with_columns(pl.lit(self.study.cutoff).alias("cutoff"))
        if "." in name:
            return self._foreign(table, name, at)
        if name in table.entries and table.entries.get(filling) is not table.entries[name]:
            if name not in table.frame.columns:
                raise TypeError(f"{self.filling} reads {table.name}.{name}, which its rule does not declare")
            return name
        if name in table.fields:
            return table.brought(name)
        if name in table.frame.columns:
            return name
        if filling and table.entries.get(name) is table.entries[filling]:
            raise SpecError(f"{table.name}.{name} needs itself.", place=at)
        raise missing_variable(table.name, name, table.known(), at)

    def records(
        self,
        dotted: Iterable[str],
        at: Place,
        where: Condition | None = None,
        *,
        quiet: bool = False,
    ) -> pl.DataFrame:
        """Columns of one other table by their bare names, beside USUBJID and ROW; the records that meet a
        condition. quiet: whoever asks sees itself to those that cannot be judged."""
        names = list(dotted)
        owner, _, bare = names[0].rpartition(".")
        other = self.table(owner, at)
        for name in names[1:]:
            if "." in name and name.rpartition(".")[0] != owner:
                raise SpecError(f"{names[0]} and {name} are of different datasets.", place=at)
        bares = [bare, *(n.rsplit(".", 1)[-1] for n in names[1:])]
        columns = {b: self.column(other, b, at) for b in dict.fromkeys(bares) if b != SUBJECT}
        self.consulted.setdefault(other.name, set()).add(self.filling)
        if where is None:
            return self._named(other, columns, pl.lit(True))
        kept = self.holds(other, where) if quiet else judged(self, other, where)
        return self._named(other, columns, kept)

    def unsure_records(self, dotted: Iterable[str], at: Place, where: Condition) -> pl.DataFrame:
        """Those records of which a value that cannot be read leaves open whether they meet a condition."""
        names = list(dotted)
        other, _ = self._split(names[0], at)
        bares = dict.fromkeys(n.rsplit(".", 1)[-1] for n in names)
        columns = {b: self.column(other, b, at) for b in bares if b != SUBJECT}
        asked = self.rows(other, where.columns, at)
        lost = [unread(asked, name) for name in where.columns]
        some = pl.any_horizontal(pl.lit(False), *(pl.lit(s) for s in lost))
        return self._named(other, columns, pl.lit(self.truth(other, where)).is_null() & some)

    def _named(self, other: Table, columns: Mapping[str, str], kept: pl.Expr | pl.Series) -> pl.DataFrame:
        frame = other.frame.filter(kept)
        named = renamed(frame, {SUBJECT: SUBJECT, ROW: ROW, **columns})
        return marked(named, {b: frame[t] for b in columns if (t := other.text_of(b))})

    def partial_of(self, table: Table, names: Iterable[str]) -> dict[str, str]:
        """Which of these names hold ISO 8601 text."""
        found = {}
        for name in names:
            owner, bare = self._split(name, Place()) if "." in name else (table, name)
            if bare in owner.partial:
                found[name] = "partial"
        return found

    def holds(self, table: Table, condition: Condition, *, filling: str = "") -> pl.Series:
        """The rows of a table that are known to meet a condition."""
        return self.truth(table, condition, filling=filling).fill_null(False)

    def truth(self, table: Table, condition: Condition, *, filling: str = "") -> pl.Series:
        """Whether the rows of a table meet a condition; null where their values do not tell."""
        rows = self.rows(table, condition.columns, condition.place, filling=filling)
        return Bound(condition, self.partial_of(table, condition.columns), table.flags).truth(rows)

    def rows(self, table: Table, names: Iterable[str], at: Place, *, filling: str = "") -> pl.DataFrame:
        """USUBJID, ROW and the named columns by these names."""
        columns = {n: self.column(table, n, at, filling=filling) for n in dict.fromkeys(names)}
        kept = {c: c for c in (SUBJECT, ROW) if c in table.frame.columns and c not in columns}
        named = renamed(table.frame, kept | columns)
        return marked(named, {n: table.frame[t] for n in columns if (t := table.text_of(n))})

    def note(
        self,
        table: Table,
        severity: Any,
        rule: str,
        message: str,
        rows: pl.DataFrame,
        value: str | None,
        name: str,
    ) -> None:
        """Record one finding for each of these rows (USUBJID, ROW and the value's column) that the entry
        fills."""
        asked = rows.filter(pl.col(ROW).is_in(table.asked(name).implode()))
        for r in asked.iter_rows(named=True):
            shown = None if value is None or r[value] is None else str(r[value])
            text = message.format(value=shown)
            self.findings.append(
                Finding(severity, self.stage, table.name, rule, text, r[ROW], r[SUBJECT], name, shown)
            )

    def _split(self, dotted: str, at: Place) -> tuple[Table, str]:
        owner, _, bare = dotted.rpartition(".")
        return self.table(owner, at), bare

    def _foreign(self, table: Table, dotted: str, at: Place) -> str:
        if dotted in table.frame.columns:
            return dotted
        other, bare = self._split(dotted, at)
        if other.name in table.origins and bare in table.fields:
            return table.brought(bare)
        column = self.column(other, bare, at)
        self.consulted.setdefault(other.name, set()).add(f"{table.name}.{bare}")
        values = renamed(other.frame, {SUBJECT: SUBJECT, dotted: column}).drop_nulls(dotted).unique()
        if values[SUBJECT].n_unique() < values.height:
            twice = values.filter(pl.col(SUBJECT).is_duplicated())
            who = ", ".join(sorted(set(twice[SUBJECT].to_list()))[:3])
            raise SpecError(
                f"{dotted} has several values for one subject ({who}).",
                place=at,
                hint="Say which: derive: first_date, last_date or one_value.",
            )
        table.frame = table.frame.join(values, on=SUBJECT, how="left", maintain_order="left")
        if (text := other.text_of(bare)) is not None:
            told = renamed(other.frame, {SUBJECT: SUBJECT, BEHIND + dotted: text}).unique()
            told = told.drop_nulls().unique(SUBJECT, keep="none")
            table.frame = table.frame.join(told, on=SUBJECT, how="left", maintain_order="left")
            table.collected[dotted] = BEHIND + dotted
        if bare in other.partial:
            table.partial.add(dotted)
        return dotted

    def handed_in(self, rule: Rule, typed: Mapping[str, Any], at: Place) -> dict[str, Any]:
        """The arguments of a rule: its parameters and what the caller hands in."""
        given: dict[str, Any] = {"study": self.study, "codelists": self.codelists, "at": at}
        return dict(typed) | {k: v for k, v in given.items() if k in rule.handed_in}
