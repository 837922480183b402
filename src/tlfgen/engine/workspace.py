"""Datasets in the making: variables are computed when something needs them.

Planning is by variable, not by dataset: DM needs first doses and every --DY needs DM. A `Table` has rows
and, for each of its variables, the entry that fills it; `Workspace.column` computes a variable once, first
what it needs. Inside, a row carries USUBJID and ROW; both survive until the dataset is finished.

A bare name is a variable of the dataset in hand; a variable that the entry fills, and a name that is no
variable, is a field of the form. `ADSL.TRTSDT` is another dataset's value, joined by subject; it must be one
value a subject. `cutoff` is the study's data cut-off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import polars as pl

from tlfgen.data.dataset import missing_variable
from tlfgen.data.unread import marked, unread
from tlfgen.engine.analysis_set import judge_set, reasons_of
from tlfgen.engine.bound import Bound
from tlfgen.engine.cases import first_case
from tlfgen.engine.cast import cast_values, suiting_types
from tlfgen.engine.compute import computed
from tlfgen.engine.join_text import constant, join_text
from tlfgen.engine.judged import judged
from tlfgen.engine.look_up import looked_up, translated
from tlfgen.engine.registry import ROW, Derived, Rule, find_rule
from tlfgen.engine.table import BEHIND, DTYPES, OVERRIDDEN, OVERRIDE, SUBJECT, Table, renamed
from tlfgen.errors import Finding, Place, SpecError, unknown
from tlfgen.spec.condition import Condition
from tlfgen.spec.dataset import CaseSpec, VariableSpec
from tlfgen.spec.form import CodelistSpec
from tlfgen.spec.joined_text import joined_names
from tlfgen.spec.study import StudySpec, reason_name


@dataclass
class Workspace:
    """The tables of a stage with what is known of the study.

    tables: "form.AE", "AE", "ADAE". dictionaries: name -> frame whose first column is the upper-case key.
    sources and decisions collect what derivations say, with provisional row numbers. pending: tables whose
    rows are made when they are first needed. making: those whose rows are being made: a maker may read the
    groups above its own, and nobody else any of them. consulted: for each table, the variables elsewhere that
    looked at its records."""

    stage: str
    study: StudySpec
    codelists: Mapping[str, CodelistSpec]
    tables: dict[str, Table] = field(default_factory=dict)
    dictionaries: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    sources: list[pl.DataFrame] = field(default_factory=list)
    decisions: list[pl.DataFrame] = field(default_factory=list)
    pending: dict[str, Callable[[], Table]] = field(default_factory=dict)
    consulted: dict[str, set[str]] = field(default_factory=dict)
    making: set[str] = field(default_factory=set)
    _stack: list[str] = field(default_factory=list)

    DECIDED: ClassVar[tuple[pl.Expr, ...]] = (
        *(pl.col(c).cast(pl.String) for c in ("candidate", "value", "rule")),
        pl.col("chosen").cast(pl.Boolean),
        pl.col("reason").cast(pl.String),
    )

    def table(self, name: str, at: Place) -> Table:
        if name in self.making:
            chain = " -> ".join([f"records of {name}", *self._stack, f"records of {name}"])
            raise SpecError(f"{name} needs itself: {chain}.", place=at)
        if name in self.pending:
            make = self.pending.pop(name)
            self.making.add(name)
            self.tables[name] = make()
            self.making.discard(name)
        if name not in self.tables:
            raise unknown("The dataset or form", name, [*self.tables, *self.pending], at)
        return self.tables[name]

    def column(self, table: Table, name: str, at: Place, *, filling: str = "") -> str:
        """Make sure that `name` is computed; give the column of the table's frame that holds it."""
        if name == "cutoff" and name not in table.frame.columns:
            table.frame = table.frame.with_columns(pl.lit(self.study.cutoff).alias("cutoff"))
        if "." in name:
            return self._foreign(table, name, at)
        if name in table.entries and table.entries.get(filling) is not table.entries[name]:
            self._fill(table, name)
            return name
        if name in table.fields:
            return table.fields[name]
        if name in table.frame.columns:
            return name
        if filling and table.entries.get(name) is table.entries[filling]:
            raise SpecError(f"{table.name}.{name} needs itself.", place=at)
        raise missing_variable(table.name, name, table.known(), at)

    def fill_all(self, table: Table) -> None:
        for name in table.entries:
            self._fill(table, name)

    def records(
        self,
        dotted: Iterable[str],
        at: Place,
        where: Condition | None = None,
        *,
        quiet: bool = False,
        above: Table | None = None,
    ) -> pl.DataFrame:
        """Columns of one other table by their bare names, beside USUBJID and ROW; the records that meet a
        condition. quiet: whoever asks sees itself to those that cannot be judged. above: the table whose
        further rows are being made of these."""
        names = list(dotted)
        owner, _, bare = names[0].rpartition(".")
        other = above if above is not None and above.name == owner else self.table(owner, at)
        for name in names[1:]:
            if "." in name and name.rpartition(".")[0] != owner:
                raise SpecError(f"{names[0]} and {name} are of different datasets.", place=at)
        bares = [bare, *(n.rsplit(".", 1)[-1] for n in names[1:])]
        columns = {b: self.column(other, b, at) for b in dict.fromkeys(bares) if b != SUBJECT}
        self.consulted.setdefault(other.name, set()).add(self._stack[-1] if self._stack else "its records")
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
        asked = rows.filter(pl.col(ROW).is_in(self._asked(table, name).implode()))
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
            return table.fields[bare]
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

    def _fill(self, table: Table, name: str) -> None:
        if name in table.frame.columns:
            return
        entry, mark = table.entries[name], f"{table.name}.{name}"
        if mark in self._stack:
            chain = " -> ".join([*self._stack[self._stack.index(mark) :], mark])
            raise SpecError(f"{mark} needs itself: {chain}.", place=entry.at)
        if table.frame.height and self._asked(table, name).is_empty():
            table.frame = table.frame.with_columns(
                cast_values(
                    table.frame[OVERRIDE + name], DTYPES[table.types.get(name, "text")], mark, entry.at
                ).alias(name)
            )
            return
        self._stack.append(mark)
        try:
            filled = self._values(table, entry, name)
        finally:
            self._stack.pop()
        columns = []
        for variable, values in filled.items():
            variable = variable or entry.name
            dtype = DTYPES[table.types.get(variable, "text")]
            as_text = dtype in (pl.Date, pl.Datetime) and values.dtype == pl.String
            if as_text and variable not in table.collected:
                columns.append(values.alias(BEHIND + variable))
                table.collected[variable] = BEHIND + variable
            columns.append(cast_values(values, dtype, f"{table.name}.{variable}", entry.at).alias(variable))
            table.types.setdefault(variable, "text")
        table.frame = table.frame.with_columns(columns)
        for variable in [v for v in filled if OVERRIDE + v in table.frame.columns]:
            override = pl.col(OVERRIDE + variable).cast(table.frame.schema[variable])
            chosen = pl.when(pl.col(OVERRIDDEN + variable)).then(override).otherwise(pl.col(variable))
            table.frame = table.frame.with_columns(chosen.alias(variable))

    def _asked(self, table: Table, name: str) -> pl.Series:
        """The numbers of the rows on which the entry of a variable fills it: on others it is given."""
        given = OVERRIDDEN + name
        rows = table.frame[ROW]
        return rows.filter(~table.frame[given]) if given in table.frame.columns else rows

    def _values(self, table: Table, entry: VariableSpec, name: str) -> dict[str, pl.Series]:
        if entry.derive is not None:
            return self._derive(table, entry)
        if entry.sets:
            return self._sets(table, entry)
        series = self._plain(table, entry)
        if entry.codelist:
            series = translated(self, table, entry, series)
        if entry.dictionary:
            series = looked_up(self, table, entry, series)
        if entry.condition is not None:
            holds = self.holds(table, entry.condition, filling=name)
            series = pl.select(pl.when(holds).then(series).otherwise(None).alias(name)).to_series()
        return {entry.name: series}

    def _plain(self, table: Table, entry: VariableSpec) -> pl.Series:
        if entry.compute is not None:
            return computed(self, table, entry)
        if entry.value is not None or entry.text is not None or entry.from_ is not None:
            return self._one(table, entry, entry)
        if entry.date is not None:
            from tlfgen.data.dates import join_date_time

            date = self._source(table, entry, entry.date)
            time = self._source(table, entry, entry.time) if entry.time else None
            return join_date_time(date, time)
        met = [
            None if c.condition is None else self.truth(table, c.condition, filling=entry.name)
            for c in entry.cases
        ]
        result, unsure = first_case(
            met, [self._one(table, entry, c) for c in entry.cases], table.frame.height
        )
        if unsure:
            says = (
                f"{unsure} of {table.frame.height} records: no case is known to apply, {entry.name} is null"
            )
            self.findings.append(Finding("note", self.stage, table.name, "cases", says, field=entry.name))
        return result

    def _one(self, table: Table, entry: VariableSpec, says: VariableSpec | CaseSpec) -> pl.Series:
        """A variable, a text joined of several, or a constant."""
        if says.from_:
            return self._source(table, entry, says.from_)
        if says.text:
            return join_text(
                says.text, {n: self._source(table, entry, n) for n in joined_names(says.text, entry.at)}
            )
        return constant(says.value, table.frame.height)

    def _source(self, table: Table, entry: VariableSpec, name: str) -> pl.Series:
        column = self.column(table, name, entry.at, filling=entry.name)
        if table.types.get(entry.name, "text") == "text" and table.fields.get(name) == column:
            column = table.texts.get(name, column)
        return table.frame[column]

    def _sets(self, table: Table, entry: VariableSpec) -> dict[str, pl.Series]:
        flag = entry.sets[0]
        if flag not in self.study.analysis_sets:
            raise unknown("The analysis set", flag, self.study.analysis_sets, entry.at)
        spec = self.study.analysis_sets[flag]
        inside = self.truth(table, spec.condition, filling=flag)
        met = [
            None if c is None or not c.columns else self.holds(table, c, filling=flag)
            for c, _ in reasons_of(spec)
        ]
        asked = self.rows(table, spec.condition.columns, spec.condition.place, filling=flag)
        frame = judge_set(spec, inside, met, asked)
        message = f"whether the subject is in the {spec.label.lower()} cannot be judged; {flag} is N"
        self.note(table, "error", "analysis set", message, frame.filter("open"), "reason", flag)
        return {flag: frame["flag"], reason_name(flag): frame["reason"]}

    def _derive(self, table: Table, entry: VariableSpec) -> dict[str, pl.Series]:
        rule = find_rule(str(entry.derive), entry.at)
        typed = rule.read(entry.params, entry.at)
        names = rule.names(typed, "column", "columns", "where", "cuts")
        rows = self.rows(table, names, entry.at, filling=entry.name)
        arguments = self.handed_in(rule, typed, entry.at)
        if "look" in rule.handed_in:
            arguments["look"] = lambda name: self._look(table, name, entry)
        if "unsure" in rule.handed_in:
            arguments["unsure"] = self._other_records(rule, typed, entry.at, unsure=True)
        for parameter, kind in rule.kinds.items():
            given = typed.get(parameter)
            if kind == "where" and isinstance(given, Condition):
                arguments[parameter] = self._bound(table, given)
            elif kind == "cuts" and given is not None:
                arguments[parameter] = {group: self._bound(table, cut) for group, cut in given.items()}
        others = [self._other_records(rule, typed, entry.at)] if rule.takes_records else []
        given = {n: rows.schema[n] for n in names if n in rows.columns}
        with suiting_types(f"{table.name}.{entry.name}: {rule.name}", given, entry.at):
            result = rule.function(rows, *others, **arguments)
        derived = result if isinstance(result, Derived) else Derived(result)
        self._collect(table, entry, derived, str(rule.names(typed, "other")[0]) if rule.takes_records else "")
        if derived.null_is_no:
            table.flags.add(entry.name)
        if rule.gives is not None and set(rule.gives(typed, self.study).values or ()) > {"Y"}:
            table.answered.add(entry.name)
        if derived.behind is not None:
            table.frame = table.frame.with_columns(derived.behind.alias(BEHIND + entry.name))
            table.collected[entry.name] = BEHIND + entry.name
        values = derived.values if isinstance(derived.values, Mapping) else {"": derived.values}
        wanted = {"", *rule.names(typed, "fills")}
        return {k or entry.name: v for k, v in values.items() if k in wanted}

    def _bound(self, table: Table, condition: Condition) -> Bound:
        return Bound(condition, self.partial_of(table, condition.columns), table.flags)

    def handed_in(self, rule: Rule, typed: Mapping[str, Any], at: Place) -> dict[str, Any]:
        """The arguments of a rule: its parameters and what the caller hands in."""
        given: dict[str, Any] = {"study": self.study, "codelists": self.codelists, "at": at}
        return dict(typed) | {k: v for k, v in given.items() if k in rule.handed_in}

    def _look(self, table: Table, name: str, entry: VariableSpec) -> pl.Series | None:
        """Another variable in hand, where the table has it."""
        if name not in (*table.entries, *table.fields):
            return None
        return self.rows(table, [name], entry.at, filling=entry.name)[name]

    def _other_records(
        self, rule: Rule, typed: Mapping[str, Any], at: Place, *, unsure: bool = False
    ) -> pl.DataFrame:
        where = [c for n, k in rule.kinds.items() if k == "other where" and (c := typed.get(n)) is not None]
        if len(where) > 1:
            raise SpecError(f"'{rule.name}' has two conditions on its records.", place=at)
        names = rule.names(typed, "other", "others")
        if not unsure:
            return self.records(names, at, *where, quiet="unsure" in rule.handed_in)
        return self.unsure_records(names, at, where[0]) if where else self.records(names, at).clear()

    def _collect(self, table: Table, entry: VariableSpec, derived: Derived, other: str) -> None:
        numbers, subjects = table.frame[ROW], table.frame[SUBJECT]
        row_number = pl.lit(numbers).gather(pl.col("index")).alias("row")
        asked = self._asked(table, entry.name)
        filled = numbers.is_in(asked.implode())
        given = pl.lit(filled).gather(pl.col("index"))
        if derived.sources is not None and derived.sources.height:
            source = (
                pl.col("source")
                if "source" in derived.sources.columns
                else pl.lit(other.rpartition(".")[0] or table.name).alias("source")
            )
            self.sources.append(
                derived.sources.filter(given).select(
                    pl.lit(table.name).alias("dataset"),
                    row_number,
                    source,
                    pl.col("source_row").cast(pl.Int64),
                    pl.lit(entry.name).alias("role"),
                )
            )
        if derived.decisions is not None and derived.decisions.height:
            self.decisions.append(
                derived.decisions.filter(given).select(
                    pl.lit(table.name).alias("dataset"),
                    row_number,
                    pl.lit(entry.name).alias("variable"),
                    *self.DECIDED,
                )
            )
        for f in derived.findings:
            at = f.row
            if at is not None and not filled[at]:
                continue
            row, who = (None, f.subject) if at is None else (int(numbers[at]), str(subjects[at]))
            placed = replace(f, stage=self.stage, dataset=table.name, row=row, subject=who)
            self.findings.append(replace(placed, field=f.field or entry.name))
