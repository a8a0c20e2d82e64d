"""Events of a made-up run, shown as lines, in run.log, and as a live table."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from lab.config import ExperimentConfig
from lab.errors import LabError
from lab.run_folder import StepEvent
from lab.steps.plan import planned_steps
from lab.terminal.board import Board, clock
from lab.terminal.plain import PlainLines, RunLog
from lab.terminal.watch import Watch

CONFIG = ExperimentConfig(name="toy", domain="a ropeway")
HARDWARE = StepEvent("hardware", "done", note="cpu, float32 (no bf16)")


class Time:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Run:
    """A board and its lines on a clock that the test moves."""

    def __init__(self) -> None:
        self.time = Time()
        self.board = Board(["index", "limits", "train-A"], self.time)
        self.lines: list[str] = []
        self._plain = PlainLines(self.board, self.lines.append)

    def at(self, seconds: float, *event: object, note: str = "") -> None:
        self.time.seconds = 100.0 + seconds
        made = StepEvent(*event, note=note)  # type: ignore[arg-type]
        self.board.update(made)
        self._plain.on_step(made)


def a_run() -> Run:
    run = Run()
    run.at(0, "hardware", "done", note="cpu, float32 (no bf16)")
    run.at(0, "index", "reused", note="unchanged")
    run.at(1, "train-A", "running", note="first time")
    run.at(2, "train-A", "running", 10, 100, note="540 tokens/s")
    run.at(4, "train-A", "running", 20, 100)
    run.at(7, "train-A", "running", 35, 100, note="loss 1.20, 560 tokens/s")
    return run


def test_lines_show_every_state_and_progress_now_and_then() -> None:
    run = a_run()
    run.at(8, "train-A", "failed", note="ResourceError")
    assert run.lines == [
        "hardware: cpu, float32 (no bf16)",
        "index: reused, unchanged",
        "train-A: running, first time",
        "train-A: 10 of 100, 540 tokens/s; 0:01 elapsed, ... left",
        "train-A: 35 of 100, loss 1.20, 560 tokens/s; 0:06 elapsed, 0:13 left",
        "train-A: failed, ResourceError",
    ]


def test_time_left_falls_between_two_reports() -> None:
    run = a_run()
    row = run.board.rows["train-A"]
    assert row.left(107.0) == pytest.approx(65 / 5)
    assert row.left(110.0) == pytest.approx(10.0)
    assert row.left(200.0) == 0.0


def test_a_resumed_step_is_timed_by_what_this_process_did() -> None:
    run = Run()
    run.at(0, "train-A", "resumed", note="goes on where it was cut off")
    run.at(2, "train-A", "running", 90, 100)
    run.at(4, "train-A", "running", 92, 100)
    row = run.board.rows["train-A"]
    assert (row.state, row.why) == ("resumed", "goes on where it was cut off")
    assert row.left(104.0) == pytest.approx(8.0)


def test_steps_that_never_ran_are_dropped_at_the_end() -> None:
    run = a_run()
    run.at(9, "train-A", "done", note="8.0 s")
    run.board.end()
    assert [(row.step, row.state) for row in run.board.rows.values()] == [("index", "reused"), ("train-A", "done")]
    assert not run.board.all_reused


def test_all_reused() -> None:
    run = Run()
    run.at(0, "index", "reused")
    run.at(0, "train-A", "reused")
    assert run.board.all_reused


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "..."), (0.2, "0:00"), (59.6, "1:00"), (725, "12:05"), (3725, "1:02:05")]
)
def test_clock(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text


def test_planned_steps_follow_the_methods() -> None:
    assert planned_steps(CONFIG) == (
        "quality", "index", "retrieve", "limits", "few-shot", "answer-closed-book", "answer-rag", "train-A",
        "answer-fine-tuned", "answer-fine-tuned+rag", "train-B", "answer-raft", "answer-oracle", "knowledge", "score",
        "latency",
    )  # fmt: skip
    fixed = CONFIG.generator.model_copy(update={"few_shot": 0})
    small = CONFIG.model_copy(update={"generator": fixed, "methods": ["rag"]})
    assert planned_steps(small) == ("quality", "index", "retrieve", "limits", "answer-rag", "score", "latency")


def test_planned_steps_name_the_seed_where_there_are_several() -> None:
    training = CONFIG.training.model_copy(update={"seeds": [4, 2]})
    steps = planned_steps(CONFIG.model_copy(update={"training": training, "methods": ["rag", "fine-tuned", "raft"]}))
    assert [step for step in steps if step.startswith(("train", "answer"))] == [
        "answer-rag", "train-A-seed4", "answer-fine-tuned-seed4", "train-A-seed2", "answer-fine-tuned-seed2",
        "train-B-seed4", "answer-raft-seed4", "train-B-seed2", "answer-raft-seed2",
    ]  # fmt: skip


def test_log_is_written_once_the_folder_is_ours_and_never_makes_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    log = RunLog(folder, lambda: datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC))
    log.write("hardware: cpu")
    folder.mkdir()
    log.write("still someone else's")
    assert not list(folder.iterdir())
    log.open()
    log.write("index: running")
    stamp = "2031-05-06T07:08:09Z "
    lines = ["hardware: cpu", "still someone else's", "index: running"]
    assert (folder / "run.log").read_text() == "".join(f"{stamp}{line}\n" for line in lines)
    (folder / "run.log").unlink()
    folder.rmdir()
    log.write("error: x")
    assert not folder.exists()


def watch(tmp_path: Path, console: Console) -> str:
    with pytest.raises(LabError), Watch(CONFIG, tmp_path, console=console) as watching:
        watching.on_step(HARDWARE)
        watching.on_step(StepEvent("index", "running", note="first [time]"))
        watching.on_step(StepEvent("index", "running", 5, 10, "passages"))
        watching.on_step(StepEvent("index", "failed", note="LabError"))
        raise LabError("broken\nin two lines")
    return (tmp_path / "run.log").read_text()


def test_in_a_pipe_a_run_is_plain_lines(tmp_path: Path) -> None:
    out = io.StringIO()
    log = watch(tmp_path, Console(file=out, width=30))
    assert out.getvalue().splitlines() == [
        "hardware: cpu, float32 (no bf16)",
        "index: running, first [time]",
        "index: 5 of 10, passages; 0:00 elapsed, ... left",
        "index: failed, LabError",
    ]
    assert [line.split("Z ", 1)[1] for line in log.splitlines()][-3:] == [
        "index: failed, LabError", "error: broken", "in two lines",
    ]  # fmt: skip


def test_on_a_terminal_a_run_is_a_table_that_stays(tmp_path: Path) -> None:
    out = io.StringIO()
    log = watch(tmp_path, Console(file=out, width=80, force_terminal=True, color_system=None, legacy_windows=False))
    last = out.getvalue().rsplit("toy  cpu, float32 (no bf16)", 1)[1]
    assert "x index                  failed" in last.replace("✗", "x")
    assert "· answer-fine-tuned+rag  waiting" in last
    assert "index: running, first [time]" in log


def test_nothing_stays_on_the_screen_of_a_run_that_never_began(tmp_path: Path) -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system=None, legacy_windows=False)
    with pytest.raises(LabError), Watch(CONFIG, tmp_path, console=console) as watching:
        watching.on_step(HARDWARE)
        raise LabError("bad data")
    assert "waiting" not in out.getvalue()
    assert not list(tmp_path.iterdir())
