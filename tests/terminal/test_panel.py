"""The panel fits every screen, whatever the run; a made-up board on a clock that the test moves."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from lab.config import ExperimentConfig
from lab.run_folder import StepEvent
from lab.steps.plan import planned_steps
from lab.terminal.board import Board, Row, roughly
from lab.terminal.live import LiveBoard
from lab.terminal.panel import Panel, Screen, bar, fold, lines

LONG = [f"answer-fine-tuned+rag-seed{number}" for number in range(25)]
NOTE = "loss 1.234, 12,345 tokens/s, and a note of many words " * 4


class Time:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def a_board(steps: list[str], ended: int, *, stopping: bool = False) -> Board:
    """`ended` steps are done, the next one is at 1,500 of 12,000 after 30 s, at 50 a second."""
    time = Time()
    board = Board(steps, time)
    board.update(StepEvent("hardware", "done", note="cpu, float32 (a processor with a long name) " * 3))
    for step in steps[:ended]:
        board.update(StepEvent(step, "running", note="changed: " + "input, " * 40))
        board.update(StepEvent(step, "done", note="1.0 s"))
    if ended < len(steps):
        board.update(StepEvent(steps[ended], "running", note="first time"))
        board.update(StepEvent(steps[ended], "running", 0, 12000, NOTE))
        time.seconds = 30.0
        board.update(StepEvent(steps[ended], "running", 1500, 12000, NOTE))
    board.warnings, board.stopping = 3, stopping
    return board


@pytest.mark.parametrize("width", [50, 80, 140])
@pytest.mark.parametrize("height", [12, 24, 40])
@pytest.mark.parametrize("ended", [0, 12, 24])
@pytest.mark.parametrize("stopping", [False, True])
def test_twenty_five_steps_fit_the_screen(width: int, height: int, ended: int, stopping: bool) -> None:
    board = a_board(LONG, ended, stopping=stopping)
    drawn = lines(board, Panel("toy", "memory 1.9 GB", 700.0), Screen(width, height))
    assert len(drawn) < height
    assert all(line.cell_len < width and "\n" not in line.plain for line in drawn)
    text = "\n".join(line.plain for line in drawn)
    assert LONG[ended] in text, "the step that is being worked on"
    assert ("finishing the current shard" in text) == stopping
    if height == 24:
        assert ("steps done" in text) == (ended > 0)
        assert ("more steps are waiting" in text) == (ended == 0)


@given(
    ended=st.integers(0, 30),
    waiting=st.integers(0, 30),
    working=st.booleans(),
    at_work=st.sampled_from(["running", "resumed", "failed", "stopped"]),
    room=st.integers(3, 40),
)
def test_folding_hides_no_step(ended: int, waiting: int, working: bool, at_work: str, room: int) -> None:
    states = ["done"] * ended + [at_work] * working + ["waiting"] * waiting
    rows = [Row(f"step-{place}", state) for place, state in enumerate(states)]
    shown = fold(rows, room)
    assert len(shown) <= room
    counted = sum(int(line.split()[0]) if isinstance(line, str) else 1 for line in shown)
    assert counted == len(rows)
    assert not working or rows[ended] in shown
    assert len(rows) > room or shown == rows


def test_the_current_step_has_bar_rate_and_time_left() -> None:
    drawn = lines(a_board(["index", "train-A", "score"], 1), Panel("toy", "memory 1.9 GB", 7200.0), Screen(80, 24))
    text = [line.plain for line in drawn]
    bar_line = next(line for line in text if "1,500 of 12,000" in line)
    assert bar_line.endswith("3:30 left"), "10,500 steps at 50 a second"
    share = bar_line.count("━") / (bar_line.count("━") + bar_line.count("─") + bar_line.count("╸"))
    assert share == pytest.approx(1 / 8, abs=0.02)
    assert any(line.startswith("50.0 steps/s · loss 1.234") for line in text)
    assert text[-1].startswith("step 2 of 3 · 0:30 elapsed · about 2 h left · memory 1.9 GB · 3 warnings")


def test_a_finished_run_is_folded_only_where_its_result_needs_the_room() -> None:
    steps = list(planned_steps(ExperimentConfig(name="toy", domain="a ropeway")))
    done, panel = a_board(steps, len(steps)), Panel("toy", "", None)
    assert [line.plain.strip() for line in lines(done, panel, Screen(80, 24), final=True)][-1] == "16 steps done"
    assert len(lines(done, panel, Screen(80, 40), final=True)) >= 16
    failed = a_board(steps, 4)
    failed.update(StepEvent(steps[4], "failed", note="ResourceError"))
    assert len(lines(failed, panel, Screen(80, 40), final=True)) >= 16
    short = "\n".join(line.plain for line in lines(failed, panel, Screen(80, 14), final=True))
    assert "✗ few-shot               failed     0:30  ResourceError" in short and "4 steps done" in short


def test_a_step_that_was_cut_short_is_no_longer_running() -> None:
    board = a_board(["index", "train-A"], 1)
    board.interrupt()
    assert [row.state for row in board.rows.values()] == ["done", "stopped"]
    drawn = lines(board, Panel("toy", "", None), Screen(80, 24), final=True)
    assert drawn[-1].plain.startswith("■ train-A  stopped")


@given(share=st.floats(0, 1), width=st.integers(1, 200), ascii_only=st.booleans())
def test_a_bar_is_as_wide_as_asked_and_as_full_as_told(share: float, width: int, ascii_only: bool) -> None:
    drawn = bar(share, width, ascii_only).plain
    assert cell_len(drawn) == width
    full = drawn.count("#") + drawn.count("━") + 0.5 * drawn.count("╸")
    assert abs(full - share * width) <= 1
    assert drawn.isascii() == ascii_only


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (20, "under a minute"), (89, "about 1 min"), (13 * 60, "about 13 min"), (59.4 * 60, "about 59 min"),
        (59.6 * 60, "about 1 h"), (3600 + 47 * 60, "about 1 h 50 min"), (2 * 3600 - 60, "about 2 h"),
    ],
)  # fmt: skip
def test_roughly(seconds: float, text: str) -> None:
    assert roughly(seconds) == text


class Terminal:
    """Keeps what a terminal would show: enough of one to follow what rich writes. Breaks lines anew when narrower."""

    def __init__(self, width: int) -> None:
        self.rows, self.at, self.width = [""], 0, width

    def resize(self, width: int) -> None:
        broken = []
        for row in self.rows[: self.at + 1]:
            pieces = [row[start : start + width] for start in range(0, len(row), width)] or [""]
            broken += pieces
        self.rows, self.at, self.width = broken, len(broken) - 1, width

    def feed(self, text: str) -> None:
        place = 0
        while place < len(text):
            if text[place] == "\x1b":
                end = next(at for at in range(place + 2, len(text)) if text[at].isalpha())
                if text[end] == "A":
                    self.at = max(0, self.at - int(text[place + 2 : end] or 1))
                elif text[end] == "K":
                    self.rows[self.at] = ""
                place = end + 1
                continue
            if text[place] == "\n":
                self.at += 1
                if self.at == len(self.rows):
                    self.rows.append("")
            elif text[place] != "\r":
                assert len(self.rows[self.at]) < self.width, "a line that the terminal would break"
                self.rows[self.at] += text[place]
            place += 1


def test_a_narrower_window_leaves_nothing_behind() -> None:
    out = io.StringIO()
    console = Console(file=out, width=140, height=40, force_terminal=True, color_system=None, legacy_windows=False)
    board = a_board(LONG[:12], 5)
    live = LiveBoard(console, board, "toy", memory=lambda: "memory 1.9 GB")
    live._live.auto_refresh = False
    terminal = Terminal(140)
    terminal.feed("$ lab run toy\n")
    live.start()
    for width in (140, 80, 110, 50, 50, 140):
        terminal.feed(out.getvalue())
        out.seek(0)
        out.truncate()
        terminal.resize(width)
        console.size = (width, 40)  # type: ignore[assignment]
        live._live.refresh()
    live.stop()
    terminal.feed(out.getvalue())
    shown = [row for row in terminal.rows if row]
    assert shown[0] == "$ lab run toy"
    assert sum(row.startswith("toy  cpu") for row in shown) == 1
    assert sum(row[2:].startswith("answer-") for row in shown) == 12
