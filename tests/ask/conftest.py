"""One finished run for all tests of asking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, make_tiny_model: Callable[..., Path]) -> Path:
    """The run folder; nobody may change it."""
    pytest.importorskip("torch")
    from tiny_run import make_run

    return make_run(tmp_path_factory.mktemp("finished"), make_tiny_model)
