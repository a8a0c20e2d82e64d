"""Every file format of `lab init`: a spoiled file has one outcome and stops no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing import EXAMPLES, SMOKE_EXAMPLES, Case, fuzz, lay, survives
from ingest_cases import INGEST_CASES

EVERY = pytest.mark.parametrize("case", INGEST_CASES, ids=lambda case: case.name)


@EVERY
def test_the_seed_is_read(case: Case, tmp_path: Path) -> None:
    assert survives(case, lay(tmp_path / "seed", case.seed)) is None


@pytest.mark.parametrize("case", [case for case in INGEST_CASES if case.smoke], ids=lambda case: case.name)
def test_a_few_spoiled_files(case: Case, tmp_path: Path) -> None:
    fuzz(case, tmp_path / "spoiled", SMOKE_EXAMPLES, fixed=True)


@pytest.mark.fuzz
@EVERY
def test_many_spoiled_files(case: Case, tmp_path: Path) -> None:
    fuzz(case, tmp_path / "spoiled", EXAMPLES)
