"""An output by page: the values of `page_by`, and the output as it is on the page of one of them.

A page is the output with one more condition, so that its N, its records and its footnotes are its own. Its
results have the page's groups before the others: `vital-signs.vs.mean[PARAM=Weight (kg),TRT01A=Placebo]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from tlfgen.analysis.columns import arms_first, in_order, levels_of, ranks, severity
from tlfgen.analysis.population import POPULATION, RECORDS
from tlfgen.analysis.prepare import prepare
from tlfgen.analysis.source import SUBJECTS, Source, text_of
from tlfgen.analysis.table import both, group_at, groups_of, in_shape, level_at, quoted, rows, width
from tlfgen.analysis.unseen import N_NOT_JUDGED, NOT_JUDGED
from tlfgen.errors import SpecError
from tlfgen.spec.shell import ColumnsSpec

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset
    from tlfgen.spec.output import OutputSpec
    from tlfgen.spec.study import StudySpec

ON_NO_PAGE = "on_no_page"
Groups = tuple[tuple[str, str], ...]


def pages_of(
    output: OutputSpec, data: Mapping[str, Dataset], study: StudySpec
) -> tuple[list[tuple[Groups, Any]], pl.DataFrame]:
    """The pages of an output, each with its groups and the output as it is there; and, as a result, the
    records that are on no page because they have no value.

    The values are those of its records; they stand in the order of the numeric twin, of the arms, of their
    numbers, of the alphabet, the first variable's first. All pages have the columns of the whole.
    """
    source = prepare(output, data, study).source
    output = with_columns_of_all(output, source)
    source.needs(output.page_by, output.at_key("page_by"))
    texts = source.frame.select(
        text_of(source.frame, source.own(n)).alias(str(i)) for i, n in enumerate(output.page_by)
    )
    orders = [_order(texts[str(i)], name, source) for i, name in enumerate(output.page_by)]
    found = texts.drop_nulls().unique().rows()
    places = [{v: i for i, v in enumerate(order)} for order in orders]
    found.sort(key=lambda levels: [p[v] for p, v in zip(places, levels, strict=True)])
    pages = [_page(output, levels, source) for levels in found]
    return pages, _on_no_page(output, source, texts.height - texts.drop_nulls().height)


def with_columns_of_all(output: OutputSpec, source: Source) -> Any:
    """The output with the levels that its records have in all as columns: a page without a record of one
    shows its 0, and not one column less."""
    spec = getattr(output, "columns", None)
    if not isinstance(spec, ColumnsSpec) or not spec.of or spec.levels:
        return output
    if spec.worst:
        severity(spec, source, source.frame)  # by numbers: the levels put in here have no order of their own
    levels = {level: level for level in levels_of(spec.of, source, by=False)}
    return output.model_copy(update={"columns": spec.model_copy(update={"levels": levels})})


def _order(values: pl.Series, name: str, source: Source) -> list[str]:
    levels, twin = values.drop_nulls().unique().to_list(), source.twin(name)
    if twin:
        return in_order(levels, ranks(source.frame, source.own(name), twin))
    return arms_first(levels, source.study) or in_order(levels, {})


def _page(output: OutputSpec, levels: Sequence[str], source: Source) -> tuple[Groups, Any]:
    names = output.page_by
    numeric = (source.frame.schema[source.own(n)].is_numeric() for n in names)
    equal = (
        f"{n} = {v if is_number else quoted(v)}"
        for n, v, is_number in zip(names, levels, numeric, strict=True)
    )
    groups = tuple((n.removeprefix(f"{SUBJECTS}."), v) for n, v in zip(names, levels, strict=True))
    return groups, output.narrowed(both(output.where, *equal))


def on_page(output: OutputSpec, found: pl.DataFrame) -> Any:
    """The output as it is on a page whose results are known: with the condition of its `records`."""
    records = found.filter(
        (pl.col("analysis") == f"{output.output}.{POPULATION}") & (pl.col("statistic") == RECORDS)
    )
    return output.narrowed(str(records["where"][0]))


def with_page(found: pl.DataFrame, groups: Groups) -> pl.DataFrame:
    """Results with the groups of their page before their own."""
    more = len(groups)
    moved = {f(i): f(i + more) for i in reversed(range(width(found.columns))) for f in (group_at, level_at)}
    page = {f(i): pair[k] for i, pair in enumerate(groups) for k, f in enumerate((group_at, level_at))}
    return in_shape(found.rename(moved).with_columns(pl.lit(v).alias(k) for k, v in page.items()))


def without_judged_elsewhere(output: OutputSpec, found: pl.DataFrame) -> pl.DataFrame:
    """The results of a page without its records that have no value of `page_by`: they are counted as on no
    page, and not as records that could not be judged too. A variable of the output's own condition stays."""
    asked = output.condition.columns if output.condition is not None else ()
    own = [n.removeprefix(f"{SUBJECTS}.") for n in output.page_by if n not in asked]
    of_page = pl.col(level_at(0)).is_in(own) & pl.col("statistic").is_in([NOT_JUDGED, N_NOT_JUDGED])
    return found.filter(~((pl.col("analysis") == f"{output.output}.{POPULATION}") & of_page).fill_null(False))


def by_page(output: OutputSpec, ard: pl.DataFrame) -> tuple[list[tuple[Groups, pl.DataFrame]], pl.DataFrame]:
    """The results of each page, in order, without the page's groups; and those of no page."""
    more = len(output.page_by)
    names = [n.removeprefix(f"{SUBJECTS}.") for n in output.page_by]
    own = ard.with_row_index("#row")
    on_page_: dict[Groups, list[int]] = {}
    outside = []
    for row in own.iter_rows(named=True):
        groups = groups_of(row)[:more]
        if [g for g, _ in groups] == names:
            on_page_.setdefault(groups, []).append(row["#row"])
        else:
            outside.append(row["#row"])
    return [(g, without_page(ard[at], more)) for g, at in on_page_.items()], ard[outside]


def without_page(found: pl.DataFrame, more: int) -> pl.DataFrame:
    """Results without the first groups, those of their page."""
    first = [f(i) for i in range(more) for f in (group_at, level_at)]
    moved = {f(i): f(i - more) for i in range(more, width(found.columns)) for f in (group_at, level_at)}
    return in_shape(found.drop(first).rename(moved))


def _on_no_page(output: OutputSpec, source: Source, number: int) -> pl.DataFrame:
    """The records without a value, as a result; none where there are none."""
    names = " or ".join(n.removeprefix(f"{SUBJECTS}.") for n in output.page_by)
    row = {
        "output": output.output, "analysis": f"{output.output}.{POPULATION}", "statistic": ON_NO_PAGE,
        "variable": names, "stat_num": float(number), "shown": "count", "method": "count",
        "dataset": source.dataset, "population": source.population,
        "where": both(output.where, _without_a_value(output.page_by)),
    }  # fmt: skip
    return rows([row] if number else [])


def _without_a_value(names: Sequence[str]) -> str:
    """The condition that some variable has no value."""
    return " OR ".join(f"{n} IS NULL" for n in names)


def check_pages(output: OutputSpec) -> None:
    """Check that nothing else of an output is split by what its pages are split by."""
    columns = getattr(output, "columns", None)
    taken = [getattr(columns, "by", None), getattr(columns, "of", None)]
    taken += [n for row in getattr(output, "rows", ()) for n in getattr(row, "by_names", ())]
    bare = [n.removeprefix(f"{SUBJECTS}.") for n in output.page_by]
    for i, name in enumerate(bare):
        others = [*bare[:i], *(n.removeprefix(f"{SUBJECTS}.") for n in taken if n)]
        if name in others:
            raise SpecError(
                f"page_by: '{name}' splits this output twice.",
                place=output.at_key("page_by"),
                hint="Take it out of columns and of by:, its value stands in the subtitle.",
            )


def check_files(output: OutputSpec, outputs: Mapping[str, OutputSpec]) -> None:
    """Check that the files of an output can have numbers and names of their own, `14.3.1.1` and `id-1`."""
    place = output.at_key("split")
    if not output.page_by:
        raise SpecError(
            "split: file needs page_by:, the variables of whose values the files are.", place=place
        )
    for other in outputs.values():
        if other.number.startswith(f"{output.number}."):
            raise SpecError(
                f"{other.number}, a number of its files, is that of '{other.output}'.", place=place
            )
        if re.fullmatch(rf"{re.escape(output.output)}-[0-9]+", other.output):
            raise SpecError(f"'{other.output}', a name of its files, is another output.", place=place)
