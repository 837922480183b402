def test_the_baseline_record_is_named_whatever_its_visit() -> None:
    """Screening value used as baseline: it is Baseline, and the unflagged value of the visit so named is
    nothing."""
    from types import SimpleNamespace
    from typing import Any, cast

    import polars as pl

    from tlfgen.adam.derive_analysis_visit import derive_analysis_visit

    visits = [
        SimpleNamespace(VISITNUM=1.0, analysed=None),
        SimpleNamespace(VISITNUM=3.0, analysed="Baseline"),
        SimpleNamespace(VISITNUM=4.0, analysed="Week 2"),
    ]
    rows = pl.DataFrame({"VISITNUM": [1.0, 3.0, 4.0, 3.1], "ABLFL": ["Y", None, None, None]})
    study = cast(Any, SimpleNamespace(visits=visits))
    derived = derive_analysis_visit(rows, baseline="ABLFL", number_to="AVISITN", study=study)
    values = cast(dict[str, pl.Series], derived.values)
    assert values[""].to_list() == ["Baseline", None, "Week 2", None]
    assert values["AVISITN"].to_list() == [3.0, None, 4.0, None]
