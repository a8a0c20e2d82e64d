"""--json-logs: one object a line with the same keys, whatever happens."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from lab.config import ExperimentConfig
from lab.errors import LabError
from lab.report.read import read_result
from lab.run_folder import StepEvent
from lab.terminal.json_lines import JsonLines
from lab.terminal.watch import Watch

CONFIG = ExperimentConfig(name="toy", domain="a ropeway")
SAMPLE = Path(__file__).parents[2] / "reports" / "velloway-sample"
KEYS = ["time", "event", "step", "state", "done", "total", "note"]


def rows(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_events_have_the_same_keys_and_null_for_what_they_do_not_have() -> None:
    out = io.StringIO()
    lines = JsonLines(out, lambda: datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC))
    lines.on_step(StepEvent("hardware", "done", note="cpu"), "done")
    lines.on_step(StepEvent("train-A", "running", note="first time"), "running")
    lines.on_step(StepEvent("train-A", "running", 3, 10, "loss 1.2"), "running")
    lines.on_step(StepEvent("train-A", "failed", note="goes on"), "stopped")
    assert [list(row) for row in rows(out)] == [KEYS] * 4
    assert [list(row.values())[1:] for row in rows(out)] == [
        ["hardware", None, None, None, None, "cpu"],
        ["step", "train-A", "running", None, None, "first time"],
        ["progress", "train-A", "running", 3, 10, "loss 1.2"],
        ["step", "train-A", "stopped", None, None, "goes on"],
    ]
    assert {row["time"] for row in rows(out)} == {"2031-05-06T07:08:09Z"}


def test_the_last_line_is_the_result() -> None:
    out = io.StringIO()
    result = read_result(SAMPLE / "results.json")
    JsonLines(out).result(result, SAMPLE)
    last = rows(out)[-1]
    assert last["event"] == "result"
    assert (last["choice"], last["clear"], last["p_best"]) == ("raft", True, result.recommendation["p_best"])
    assert Path(str(last["report"])).is_file() and Path(str(last["results"])).is_file()


@pytest.mark.parametrize(("error", "event"), [(LabError("no\x1b[2J room"), "error"), (KeyboardInterrupt(), "stopped")])
def test_a_run_that_ends_early_says_so_last(tmp_path: Path, error: BaseException, event: str) -> None:
    out = io.StringIO()
    with pytest.raises(type(error)), Watch(CONFIG, tmp_path, "json", console=Console(file=out)) as watch:
        watch.on_step(StepEvent("index", "running", note="first\x1b]0;title\x07 time"))
        watch.on_prompts({"rag": "Frage: wie groß?\u202e"})
        raise error
    found = rows(out)
    assert [row["event"] for row in found] == ["step", "prompt", event]
    assert found[1]["method"] == "rag" and found[1]["note"] == "Frage: wie groß?\u202e"
    assert out.getvalue().replace("\n", "").isprintable() and out.getvalue().isascii()


def test_quiet_is_silent_until_the_report(tmp_path: Path) -> None:
    out = io.StringIO()
    with Watch(CONFIG, tmp_path, "quiet", console=Console(file=out)) as watch:
        watch.on_step(StepEvent("hardware", "done", note="cpu"))
        watch.on_step(StepEvent("index", "running", 1, 2))
    assert out.getvalue() == ""
    watch.show_result(read_result(SAMPLE / "results.json"), ())
    assert out.getvalue() == f"report: {tmp_path / 'report.html'}\n"
