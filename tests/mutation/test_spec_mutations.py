"""Every field of every spec model, given what it does not expect: a message or a build (a subset)."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutation.spec_mutations import make_study, mutations, outcome, run

NUMBER, SEED = 150, 20


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("mutated"))


def test_the_study_as_it_is_runs(specs: Path) -> None:
    run(specs, data=True)
    run(specs, data=False)


def test_no_fault_ends_in_a_traceback_or_hangs(specs: Path) -> None:
    found = [outcome(m, specs) for m in mutations(specs, NUMBER, SEED)]
    bad = [f"{o.kind}: {o.mutation}\n{o.says[-800:]}" for o in found if o.kind not in ("refused", "built")]
    assert not bad, "\n".join(bad)
    kinds = [o.kind for o in found]
    assert kinds.count("refused") > kinds.count("built") > 0
