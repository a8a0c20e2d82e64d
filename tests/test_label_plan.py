"""What is known before a run over labels starts: its steps, what scoring the labels costs, and when it will end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lab.config import ExperimentConfig
from lab.errors import ConfigError
from lab.estimate import MEASURED_ON, Workload, estimate
from lab.methods.registry import METHODS
from lab.run_folder import StepEvent
from lab.steps.plan import planned_steps
from lab.terminal.board import Board
from lab.terminal.forecast import Forecast

NOTHING = Workload(
    embed_tokens=0, train_tokens=0, prefill_tokens=0, decode_steps=0, decode_rows=0, train_batch=0, vectors=0,
    dimensions=0,
)  # fmt: skip


def config(**sections: Any) -> ExperimentConfig:
    tree = {"generator": {"few_shot": 0}, "methods": ["rag", "knn-vote", "linear-head"], **sections}
    return ExperimentConfig.model_validate({"name": "toy", "domain": "a ferry", **tree})


def steps(**sections: Any) -> list[str]:
    return [name for name in planned_steps(config(**sections)) if name != "quality"]


def test_the_encoders_methods_are_fitted_before_the_generator_is_loaded() -> None:
    assert steps(metrics={"primary": "label_accuracy"}) == [
        "index", "retrieve", "embed-questions", "fit-knn-vote", "fit-linear-head", "limits", "answer-rag",
        "answer-knn-vote", "answer-linear-head", "options", "score", "latency",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "primary", "methods", "planned"),
    [
        ("auto", "label_accuracy", ["rag"], True),
        ("auto", "token_f1", ["rag"], False),
        (True, "token_f1", ["rag"], True),
        (False, "label_accuracy", ["rag"], False),
        ("auto", "label_accuracy", ["knn-vote"], False),
    ],
)
def test_scoring_of_labels_is_planned_where_labels_decide(
    wanted: Any, primary: str, methods: list[str], planned: bool
) -> None:
    found = steps(generator={"few_shot": 0, "option_scoring": wanted}, metrics={"primary": primary}, methods=methods)
    assert ("options" in found) is planned


def test_no_seed_asks_them_twice() -> None:
    found = steps(training={"seeds": [1, 2]}, methods=["fine-tuned", "knn-vote"])
    assert [name for name in found if name.startswith("answer-")] == [
        "answer-fine-tuned-seed1", "answer-fine-tuned-seed2", "answer-knn-vote",
    ]  # fmt: skip


def test_every_method_has_one_engine_and_adapters_are_the_generators() -> None:
    for name, recipe in METHODS.items():
        assert (recipe.engine == "encoder") == (name in ("knn-vote", "linear-head")), name
        assert recipe.adapter == {"fine-tuned": "A", "fine-tuned+rag": "A", "raft": "B"}.get(name), name


def test_the_cost_of_scoring_is_reading_the_prompts_and_a_step_for_each_label() -> None:
    work = replace(NOTHING, option_tokens=4000, option_steps=10, option_rows=100)
    seconds = estimate(work, MEASURED_ON, MEASURED_ON, "bfloat16").seconds
    assert seconds["score options"] == pytest.approx(4000 / 2000 + 10 * 0.03 + 100 * 0.001)
    assert seconds["write answers"] == 0.0
    assert "score options" not in estimate(NOTHING, MEASURED_ON, MEASURED_ON, "bfloat16").seconds


def forecast_after_asking(**generator: Any) -> tuple[Forecast, Board]:
    """The generator has answered 100 questions in a minute."""
    seconds = 0.0
    found = config(
        metrics={"primary": "label_accuracy"},
        methods=["closed-book", "knn-vote"],
        generator={"few_shot": 0, **generator},
    )
    board = Board(planned_steps(found), lambda: seconds)
    for step, took, total in (("index", 5.0, 0), ("retrieve", 1.0, 0), ("answer-closed-book", 60.0, 100)):
        board.update(StepEvent(step, "running"))
        seconds += took
        if total:
            board.update(StepEvent(step, "running", total, total, "answers"))
        board.update(StepEvent(step, "done"))
    return Forecast(found), board


def test_scoring_is_forecast_as_reading_without_writing() -> None:
    with_scoring, without = forecast_after_asking(), forecast_after_asking(option_scoring=False)
    more, less = (forecast.left(board, 66.0) for forecast, board in (with_scoring, without))
    assert more is not None and less is not None
    assert 0.0 < more - less < 60.0, "the answers took a minute"


def test_fitting_is_forecast_as_nothing() -> None:
    forecast, board = forecast_after_asking()
    before = forecast.left(board, 66.0)
    for step in ("embed-questions", "fit-knn-vote", "answer-knn-vote"):
        board.update(StepEvent(step, "running"))
        board.update(StepEvent(step, "done"))
    assert before is not None and forecast.left(board, 66.0) == before


@pytest.mark.parametrize("reasoning", ["quoted", "given"])
def test_scoring_that_is_asked_for_behind_a_reason_is_refused(reasoning: str) -> None:
    with pytest.raises(ValueError, match=rf"raft\.reasoning: {reasoning} puts a reason there"):
        config(generator={"option_scoring": True}, raft={"reasoning": reasoning})
    config(generator={"option_scoring": "auto"}, raft={"reasoning": reasoning})


def test_a_wrong_word_for_it_is_told_with_its_key() -> None:
    from lab.config import checked_config

    with pytest.raises(ConfigError) as caught:
        checked_config({"name": "toy", "domain": "d", "generator": {"option_scoring": "often"}}, "faults")
    assert "  generator.option_scoring: " in str(caught.value) and "'often'" in str(caught.value)
