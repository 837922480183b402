"""The registry of methods."""

from __future__ import annotations

import pytest

from tlfgen.errors import Place, SpecError
from tlfgen.stats import find_method, methods


def test_every_method_has_a_name_and_a_line() -> None:
    found = methods()
    assert {"fisher_exact", "summary"} <= {m.name for m in found}
    assert all(m.summary.endswith((".", ":")) for m in found)


def test_a_misspelt_method_is_a_spec_error_with_the_nearest_name() -> None:
    with pytest.raises(SpecError, match="(?s)'fisher_exakt' does not exist.*line 3.*'fisher_exact'"):
        find_method("fisher_exakt", "comparison", Place("outputs/x.yaml", 3))


def test_a_method_of_another_kind_is_not_found() -> None:
    with pytest.raises(SpecError, match="comparison 'summary' does not exist"):
        find_method("summary", "comparison")
