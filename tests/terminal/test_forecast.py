"""The time a whole run takes: nothing before anything is known, then the pace of what has run."""

from __future__ import annotations

from typing import Any

import pytest

from lab.config import ExperimentConfig
from lab.run_folder import StepEvent
from lab.steps.plan import planned_steps
from lab.terminal.board import Board
from lab.terminal.forecast import Forecast

LIMITS = {"limit_train": 80, "limit_dev": 10, "limit_test": 100}


class Time:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Run:
    """A run whose steps take the seconds that the test says."""

    def __init__(self, **sections: Any) -> None:
        self.config = ExperimentConfig(name="toy", domain="a ropeway", **sections)
        self.time = Time()
        self.board = Board(planned_steps(self.config), self.time)
        self.forecast = Forecast(self.config)

    def step(self, name: str, seconds: float, total: int = 0) -> None:
        self.board.update(StepEvent(name, "running", note="first time"))
        self.time.seconds += seconds
        if total:
            self.board.update(StepEvent(name, "running", total, total, "answers"))
        self.board.update(StepEvent(name, "done"))

    def begin(self, name: str, done: int, total: int, seconds: float) -> None:
        self.board.update(StepEvent(name, "running", note="first time"))
        self.board.update(StepEvent(name, "running", 0, total, "answers"))
        self.time.seconds += seconds
        self.board.update(StepEvent(name, "running", done, total, "answers"))

    @property
    def left(self) -> float | None:
        return self.forecast.left(self.board, self.time.seconds)


def untuned(**holdout: int) -> Run:
    return Run(generator={"few_shot": 0}, methods=["rag", "oracle"], holdout=holdout)


def test_nothing_is_said_before_the_generator_has_worked() -> None:
    run = untuned(**LIMITS)
    assert run.left is None
    run.step("index", 30.0, 500)
    run.step("retrieve", 2.0)
    assert run.left is None


def test_equal_steps_take_equal_time() -> None:
    run = untuned()
    run.step("answer-rag", 200.0, 100)
    latency = 200.0 * 14 / 100  # ten questions and four more, one at a time: their batches cost more, so at least that
    assert run.left is not None
    assert 200.0 + latency <= run.left <= 200.0 + 8 * latency
    run.begin("answer-oracle", 50, 100, 100.0)
    halfway = run.left
    assert halfway is not None
    run.time.seconds += 40.0
    assert run.left == pytest.approx(halfway - 40.0)


def test_a_slower_machine_takes_in_proportion() -> None:
    slow, fast = untuned(), untuned()
    fast.step("answer-rag", 10.0, 100)
    slow.step("answer-rag", 70.0, 100)
    assert fast.left is not None
    assert slow.left == pytest.approx(7 * fast.left)


def test_training_of_unknown_size_is_not_guessed() -> None:
    run = Run(generator={"few_shot": 0}, methods=["rag", "fine-tuned", "raft"])
    run.step("answer-rag", 50.0, 100)
    assert run.left is None
    known = Run(generator={"few_shot": 0}, methods=["rag", "fine-tuned", "raft"], holdout=LIMITS)
    known.step("answer-rag", 50.0, 100)
    assert known.left is not None


def test_the_second_training_is_forecast_from_the_first() -> None:
    run = Run(generator={"few_shot": 0}, methods=["rag", "fine-tuned", "raft"])
    run.step("answer-rag", 1.0, 100)
    run.step("train-A", 100.0, 30)
    assert run.left is not None
    prompt = 80 + 16
    longer = (prompt + 3 * 96) / prompt  # raft reads k passages with each question
    assert run.left == pytest.approx(100.0 * longer, rel=0.05)


def test_a_step_that_went_on_or_was_reused_sets_no_pace() -> None:
    run = untuned()
    run.board.update(StepEvent("answer-rag", "resumed", note="goes on"))
    run.time.seconds += 3.0
    run.board.update(StepEvent("answer-rag", "running", 100, 100, "answers"))
    run.board.update(StepEvent("answer-rag", "done"))
    assert run.left is None
