"""`lab report`: the files of a finished run, and its finding as a comment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lab.cli import main

SAMPLE = Path(__file__).parents[2] / "reports" / "velloway-sample"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name in ("results.json", "answers.jsonl"):
        shutil.copy(SAMPLE / name, tmp_path)
    return tmp_path


def test_it_names_what_it_wrote(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(run)]) == 0
    html, markdown, charts = capsys.readouterr().out.splitlines()
    assert (Path(html), Path(markdown)) == (run / "report.html", run / "report.md")
    assert Path(html).is_file() and Path(markdown).is_file()
    assert charts == f"{len(list((run / 'charts').iterdir()))} charts in {run / 'charts'}"


def test_short_prints_the_finding_and_writes_nothing(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(run), "--short"]) == 0
    shown = capsys.readouterr().out
    domain = json.loads((run / "results.json").read_text())["domain"]
    assert shown.startswith(f"# RAG or fine-tuning for {domain}?")
    assert "## Methods" in shown
    assert "<img" not in shown
    assert len(shown) < 65_536
    assert sorted(path.name for path in run.iterdir()) == ["answers.jsonl", "results.json"]
