"""What runs and other systems write, spoiled: it is read, or refused with one clear message."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing import EXAMPLES, SMOKE_EXAMPLES, Case, fuzz, lay, survives
from run_cases import RUN_CASES

EVERY = pytest.mark.parametrize("case", RUN_CASES, ids=lambda case: case.name)


@EVERY
def test_the_seed_is_read(case: Case, tmp_path: Path) -> None:
    assert survives(case, lay(tmp_path / "seed", case.seed)) is None


@pytest.mark.parametrize("case", [case for case in RUN_CASES if case.smoke], ids=lambda case: case.name)
def test_a_few_spoiled_files(case: Case, tmp_path: Path) -> None:
    fuzz(case, tmp_path / "spoiled", SMOKE_EXAMPLES, fixed=True)


@pytest.mark.fuzz
@EVERY
def test_many_spoiled_files(case: Case, tmp_path: Path) -> None:
    fuzz(case, tmp_path / "spoiled", EXAMPLES)
