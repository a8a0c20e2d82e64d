"""Guessing is not free where a wrong answer is declared to take something away."""

import numpy as np
import pytest
from decision_world import ask, candidate, contrast, evidence

ALONE = {"weights": {"quality": 1.0}}


def guesser(spread=0.1):
    """rag is right on 0.50 and declines the rest; raft is right on 0.60, and wrong on the rest."""
    rng = np.random.default_rng(1)
    noise = rng.normal(0.0, spread, 180)
    return evidence(
        candidate("rag", 0.50 + noise - noise.mean(), wrong=0.0, declined=0.5),
        candidate("raft", 0.60 + noise - noise.mean(), wrong=0.4, declined=0.0),
        comparisons=[contrast("raft", "rag", 0.1)],
    )


def test_a_penalty_counts_in_quality_draws_and_sentences():
    """0.50 against 0.60 - 0.4 p: the guesser is ahead up to p = 0.25."""
    free = ask(guesser(), ALONE)
    assert free["choice"] == "raft" and free["clear"]
    fined = ask(guesser(), {**ALONE, "wrong_penalty": 1.0})
    assert fined["choice"] == "rag" and fined["p_best"] == 1.0
    values = {one["method"]: one["value"] for one in fined["scores"]}
    assert values == pytest.approx({"rag": 0.50, "raft": 0.20})
    # From -1, all wrong, to 1, all right.
    assert fined["utility"]["rag"]["mean"] == pytest.approx(1.5 / 2)
    said = "rag had the highest token F1 less 1 for each wrong answer, 0.50 against 0.20 for raft, and was best"
    assert said in fined["sentence"]
    assert "which fewer wrong answers outweigh" in fined["reason"] and not fined["proven"]
    assert fined["scores"][0]["source"].endswith("less needs.wrong_penalty for each in metric wrong")
    assert "wrong_penalty" not in free["scores"][0]["source"]


def test_beside_other_criteria_the_penalty_is_named_too():
    needs = {"weights": {"quality": 1.0, "latency": 1.0}, "anchors": {"latency": [200.0, 0.0]}, "wrong_penalty": 0.5}
    two = [
        candidate(name, mean, wrong=wrong, latency_ms=(100.0,) * 5) for name, mean, wrong in
        (("rag", 0.5, 0.1), ("raft", 0.6, 0.4))
    ]  # fmt: skip
    said = ask(evidence(*two), needs)["reason"]
    assert "highest utility of quality less 0.5 for each wrong answer and latency" in said


def test_the_point_where_guessing_stops_to_pay_is_printed_though_nothing_is_declared():
    result = ask(guesser(), ALONE)
    (flip,) = (flip for flip in result["flips"] if flip["input"] == "wrong_penalty")
    # A lead of 0.001 in utility, which is (0.1 - 0.4 p) / (1 + p), is a tie in the draws: clear no more.
    assert flip["now"] == 0.0 and flip["choice"] == "rag" and flip["at"] == pytest.approx(0.099 / 0.401)
    assert flip["sentence"] == "If a wrong answer took away 0.247 or more (looked at up to 3), the choice would be rag."
    assert "wrong_penalty" not in {row["input"] for row in result["tornado"]}
    back = [flip for flip in ask(guesser(), {**ALONE, "wrong_penalty": 1.0})["flips"] if flip["choice"] == "raft"]
    assert [(flip["input"], flip["now"]) for flip in back] == [("wrong_penalty", 1.0)]
    assert back[0]["until"] == 0.0 and "or less (looked at down to 0), the choice would be raft" in back[0]["sentence"]


def test_the_floor_stays_on_the_metric():
    gates = ask(guesser(), {**ALONE, "wrong_penalty": 1.0, "quality_floor": 0.45})["gates"]
    assert all(gate["verdict"] == "pass" for gate in gates)


def test_what_gives_less_than_its_wrong_answers_take_is_never_chosen():
    result = ask(evidence(candidate("rag", 0.4, wrong=0.6), candidate("raft", 0.3, wrong=0.7)), {"wrong_penalty": 1.0})
    assert result["choice"] == "none"
    assert "no method had a mean token F1 less 1 for each wrong answer above 0" in result["sentence"]


def test_wrong_answers_that_were_not_counted_take_nothing_away_and_that_is_said():
    two = candidate("rag", 0.5, wrong=np.nan), candidate("raft", 0.6)
    result = ask(evidence(*two), {"wrong_penalty": 1.0})
    assert result["choice"] == "raft" and "less 1 for each" not in result["sentence"]
    assert "Wrong answers were not counted, so needs.wrong_penalty takes nothing away." in result["reason"]
    assert not any(flip["input"] == "wrong_penalty" for flip in result["flips"])
