"""The small result in a folder, and `lab gate` on it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from small_result import small_tree

from lab.cli import main
from lab.report.read import read_result


@dataclass(frozen=True)
class Shown:
    code: int
    out: str
    err: str


@pytest.fixture
def tree() -> dict[str, Any]:
    return small_tree()


@pytest.fixture
def save(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    def write(tree: dict[str, Any]) -> Path:
        (tmp_path / "run").mkdir(exist_ok=True)
        (tmp_path / "run" / "results.json").write_text(json.dumps(tree), encoding="utf-8")
        return tmp_path / "run"

    return write


@pytest.fixture
def result(tree: dict[str, Any], save: Callable[[dict[str, Any]], Path]) -> Any:
    return read_result(save(copy.deepcopy(tree)) / "results.json")


@pytest.fixture
def gate(
    tree: dict[str, Any],
    save: Callable[[dict[str, Any]], Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Shown]:
    """Calls `lab gate` on the small result with these requirements."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(*requirements: str, options: tuple[str, ...] = ()) -> Shown:
        given = [word for one in requirements for word in ("--require", one)]
        code = main(["gate", str(save(tree)), *given, *options])
        shown = capsys.readouterr()
        return Shown(code, shown.out, shown.err)

    return call
