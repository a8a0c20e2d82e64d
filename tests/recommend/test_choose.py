import json

import numpy as np
import pytest

from lab.recommend.choose import recommend
from lab.types import Comparison

N = 180
QUESTIONS = [str(i) for i in range(N)]
CLUSTERS = {question: f"d{int(question) // 3}" for question in QUESTIONS}
KEYS = {
    "choice", "clear", "proven", "p_best", "p_best_by_method", "within_margin", "reason", "gates", "flips",
    "criteria_used", "criteria_dropped",
}  # fmt: skip


def scores(mean, seed=0, spread=0.1):
    draws = np.random.default_rng(seed).normal(0.0, spread, N)
    return dict(zip(QUESTIONS, map(float, draws - draws.mean() + mean), strict=True))


def ask(values, comparisons=(), *, margin=0.03, seconds=None, clusters=CLUSTERS, seed=3, metric="token_f1"):
    result = recommend(
        values, clusters, comparisons, metric=metric, margin=margin, seconds_per_question=seconds or {}, seed=seed
    )
    assert result.keys() == KEYS
    json.dumps(result, allow_nan=False)
    assert len(result["flips"]) <= 3
    return result


def compared(method, baseline, difference, low, high, metric="token_f1", verdict="better"):
    p_holm = None if verdict is None else 0.006
    return Comparison(metric, method, baseline, difference, low, high, 0.001, p_holm, verdict, N, 60, 0.05)


def test_a_clear_winner_is_chosen_with_its_numbers():
    values = {"oracle": scores(0.9, 1), "raft": scores(0.62, 2), "rag": scores(0.41, 3), "closed-book": scores(0.1, 4)}
    result = ask(values, [compared("raft", "rag", 0.3, 0.2, 0.4, "bleu"), compared("raft", "rag", 0.21, 0.15, 0.27)])
    assert (result["choice"], result["clear"], result["p_best"]) == ("raft", True, 1.0)
    assert result["reason"] == (
        "raft has the highest token F1 (0.62) and was best in 100 % of resampled question sets; "
        "it beats rag by 0.21 [0.15, 0.27]."
    )
    assert result["within_margin"] == ["raft"]
    assert "oracle" not in result["p_best_by_method"]
    assert result["flips"] == ["If a loss of 0.210 in token F1 is acceptable, the simpler rag will do."]
    assert result["criteria_used"] == ["quality"] and "cost" in result["criteria_dropped"] and result["gates"] == []


def test_a_baseline_that_wins_turns_the_comparison_round():
    values = {"rag": scores(0.6, 1), "fine-tuned": scores(0.3, 2)}
    result = ask(values, [compared("fine-tuned", "rag", -0.3, -0.35, -0.25, verdict="worse")])
    assert "beats fine-tuned by 0.30 [0.25, 0.35]" in result["reason"] and result["proven"]


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("inconclusive", "is ahead of fine-tuned by 0.30 [0.25, 0.35], which is not significant after Holm's adj"),
        ("equivalent", "it and fine-tuned are equivalent within the margin of 0.03 (ahead by 0.30 [0.25, 0.35])"),
        (None, "is ahead of fine-tuned by 0.30 [0.25, 0.35], a pair that was not registered"),
    ],
)
def test_ahead_is_not_proven_without_the_verdict_of_a_registered_contrast(verdict, words):
    values = {"rag": scores(0.6, 1), "fine-tuned": scores(0.3, 2)}
    result = ask(values, [compared("rag", "fine-tuned", 0.3, 0.25, 0.35, verdict=verdict)])
    assert result["clear"] and not result["proven"] and "beats" not in result["reason"]
    assert result["reason"].startswith(
        "Ahead, but not proven: rag has the highest token F1 (0.60) and was best in 100 %"
    )
    assert words in result["reason"]


def test_a_verdict_against_an_equal_of_the_runner_up_proves_the_choice_and_one_against_a_far_method_does_not():
    values = {
        "raft": scores(0.6, 1),
        "fine-tuned": scores(0.40, 2),
        "rag": scores(0.38, 3),
        "closed-book": scores(0.1, 4),
    }
    assert ask(values, [compared("raft", "rag", 0.22, 0.1, 0.3)])["proven"]
    assert not ask(values, [compared("raft", "closed-book", 0.5, 0.4, 0.6)])["proven"]
    assert not ask(values, [compared("raft", "rag", 0.22, 0.1, 0.3, "bleu")])["proven"]


def test_an_undecided_leader_is_never_proven():
    values = {"rag": scores(0.50, 1, 0.4), "raft": scores(0.51, 2, 0.4)}
    result = ask(values, [compared("raft", "rag", 0.01, 0.005, 0.02)])
    assert not result["clear"] and not result["proven"]


def test_undecided_takes_the_simplest_within_the_margin():
    values = {"raft": scores(0.520, 2, 0.5), "fine-tuned": scores(0.512, 5, 0.5), "rag": scores(0.505, 3, 0.5),
              "closed-book": scores(0.1, 4, 0.5)}  # fmt: skip
    seconds = {"raft": 0.3, "rag": 0.3, "fine-tuned": 0.1, "closed-book": 0.05}
    result = ask(values, seconds=seconds)
    assert (result["choice"], result["clear"]) == ("rag", False)
    assert result["within_margin"] == ["rag", "fine-tuned", "raft"]
    assert result["reason"].startswith("Undecided: raft has the highest token F1 (0.52) but was best in only ")
    assert result["reason"].endswith("rag, fine-tuned and raft, of which rag is the simplest.")
    assert result["p_best"] == result["p_best_by_method"]["rag"] < 0.8
    assert sum(result["p_best_by_method"].values()) == pytest.approx(1.0)
    assert result["flips"] == [
        "With a margin of 0.420 or more, the choice would be closed-book.",
        "With a margin below 0.015, the choice would be fine-tuned.",
        "If time counts, fine-tuned is also within the margin: 100 ms of compute a question against 300 ms "
        "(factor 3.0), measured in batches of questions.",
    ]


@pytest.mark.parametrize(("margin", "choice"), [(0.421, "closed-book"), (0.0149, "fine-tuned"), (0.0151, "rag")])
def test_the_stated_flips_happen(margin, choice):
    values = {"raft": scores(0.520, 2, 0.5), "fine-tuned": scores(0.512, 5, 0.5), "rag": scores(0.505, 3, 0.5),
              "closed-book": scores(0.1, 4, 0.5)}  # fmt: skip
    assert ask(values, margin=margin)["choice"] == choice


def test_a_gap_equal_to_the_margin_is_within_it():
    constant = {name: dict.fromkeys(QUESTIONS, mean) for name, mean in (("rag", 0.59), ("raft", 0.62))}
    assert ask(constant, margin=0.03)["within_margin"] == ["rag", "raft"]


def test_equal_methods_share_the_draws():
    values = {"rag": scores(0.5, 1), "raft": scores(0.5, 1)}
    result = ask(values)
    assert result["p_best_by_method"] == {"rag": 0.5, "raft": 0.5}
    assert result["choice"] == "rag" and not result["clear"]


def test_draws_take_whole_clusters():
    """One document of 60 questions holds the whole advantage, so one draw in three or so misses it."""
    clusters = {question: "big" if int(question) < 60 else f"d{question}" for question in QUESTIONS}
    ahead = {question: 1.0 if int(question) < 60 else 0.499 for question in QUESTIONS}
    values = {"raft": ahead, "rag": dict.fromkeys(QUESTIONS, 0.5)}
    by_cluster = ask(values, clusters=clusters)["p_best_by_method"]["raft"]
    assert by_cluster == pytest.approx(1 - (120 / 121) ** 121, abs=0.04)
    assert ask(values, clusters={question: question for question in QUESTIONS})["p_best"] == 1.0


def test_same_seed_same_answer():
    values = {"rag": scores(0.50, 1, 0.4), "raft": scores(0.51, 2, 0.4)}
    assert ask(values) == ask(values)
    assert ask(values, seed=4)["p_best_by_method"] != ask(values)["p_best_by_method"]


def test_few_questions_are_screening_only():
    values = {"rag": {"1": 1.0, "2": 0.9}, "closed-book": {"1": 0.0, "2": 0.1}}
    result = ask(values, clusters={"1": "a", "2": "b"})
    assert result["choice"] == "rag"
    assert result["reason"].endswith(" Screening only: fewer than 150 questions.")


def test_one_cluster_decides_nothing():
    result = ask({"rag": {"1": 1.0}, "closed-book": {"1": 0.0}}, clusters={"1": "a"})
    assert not result["clear"] and result["p_best"] is None
    assert result["reason"].startswith("Undecided: rag has the highest token F1 (1.00) but all questions belong")
    assert "No other method is within the margin of 0.03." in result["reason"]


def test_none_only_if_nothing_scores():
    zero = dict.fromkeys(QUESTIONS, 0.0)
    result = ask({"rag": zero, "closed-book": zero})
    assert (result["choice"], result["clear"], result["flips"]) == ("none", False, [])
    assert result["reason"] == "No method has a mean token F1 above 0."
    assert ask({"rag": zero, "closed-book": {**zero, "5": 0.1}})["choice"] == "closed-book"


def test_no_candidate():
    assert ask({"oracle": scores(0.9)})["choice"] == "none"
    assert ask({"rag": {"1": None}})["choice"] == "none"


def test_one_candidate_has_no_rival():
    result = ask({"rag": scores(0.5)})
    assert result["choice"] == "rag" and result["reason"].endswith("it had no rival.")
