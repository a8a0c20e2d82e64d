"""What foreign names do in the tables of `lab decide`: nothing but stand there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lab.cli import main

SAMPLE = Path(__file__).parents[2] / "reports" / "velloway-sample"


@pytest.mark.parametrize(("name", "shown"), [("[/b]x", "[/b]x"), ("x\x1b]0;P\x07y", "x\\x1b]0;P\\x07y")])
def test_a_foreign_method_name_is_shown_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, shown: str
) -> None:
    config = json.loads((SAMPLE / "results.json").read_text(encoding="utf-8"))["config"]
    for file in ("results.json", "scores.jsonl"):
        text = (SAMPLE / file).read_text(encoding="utf-8").replace('"raft"', json.dumps(name))
        (tmp_path / file).write_text(text, encoding="utf-8")
    tree = json.loads((tmp_path / "results.json").read_text(encoding="utf-8")) | {"config": config}
    (tmp_path / "results.json").write_text(json.dumps(tree), encoding="utf-8")
    for file in ("answers.jsonl", "questions.jsonl"):
        shutil.copy(SAMPLE / file, tmp_path)
    assert main(["decide", str(tmp_path), "--citations-required"]) == 0
    printed = capsys.readouterr().out
    assert shown in printed
    assert "\x1b]" not in printed
