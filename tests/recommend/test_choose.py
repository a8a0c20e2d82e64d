import numpy as np
import pytest
from decision_world import N, around, ask, candidate, contrast, evidence

from lab.decision_config import EconomicsConfig, NeedsConfig
from lab.recommend.choose import recommend

KEYS = {
    "choice", "clear", "proven", "p_best", "p_best_by_method", "p_within_by_method", "within_margin", "sentence",
    "reason", "words", "gates", "flips", "criteria_used", "criteria_dropped", "scores", "utility", "pareto", "tornado",
    "stability", "costs", "nearest_miss", "scope",
}  # fmt: skip
WON = contrast("rag", "closed-book", 0.5)
EQUAL = contrast("fine-tuned+rag", "fine-tuned", 0.002, "equivalent", 0.01)


def clear_world(**more):
    return evidence(
        candidate("closed-book", 0.1), candidate("rag", 0.6), candidate("fine-tuned", 0.3), comparisons=[WON], **more
    )


def test_retrieval_wins_clearly():
    result = ask(clear_world())
    assert result.keys() == KEYS
    assert (result["choice"], result["clear"], result["p_best"], result["words"]) == ("rag", True, 1.0, "RAG")
    assert result["within_margin"] == ["rag"] and result["nearest_miss"] is None
    assert result["sentence"] == (
        "On 180 held-out questions rag had the highest token F1, 0.60 against 0.30 for fine-tuned, and was best in "
        ">99\xa0% of resampled question sets: choose RAG."
    )
    assert result["utility"]["rag"]["mean"] == pytest.approx(0.6)
    assert result["utility"]["rag"]["low"] < 0.6 < result["utility"]["rag"]["high"]


def test_beats_is_said_and_a_choice_is_proven_by_a_registered_verdict_only():
    two = candidate("closed-book", 0.1), candidate("rag", 0.6)
    won = ask(evidence(*two, comparisons=[contrast("rag", "closed-book", 0.5, half=0.04, metric="bleu"), WON]))
    assert won["proven"] and "it beats closed-book by 0.50 [0.45,\xa00.55]." in won["reason"]
    for verdict, words in [
        ("inconclusive", "+0.50 [0.45,\xa00.55] against closed-book, which is not significant after Holm's adjustment"),
        (None, "+0.50 [0.45,\xa00.55] against closed-book, a pair that was not registered and so not tested"),
    ]:
        ahead = ask(evidence(*two, comparisons=[contrast("rag", "closed-book", 0.5, verdict)]))
        assert ahead["clear"] and not ahead["proven"] and "beats" not in ahead["reason"]
        assert ahead["reason"].startswith("Ahead, but not proven: rag has the highest token F1 (0.60)")
        assert words in ahead["reason"]
    other_metric = ask(evidence(*two, comparisons=[contrast("rag", "closed-book", 0.5, metric="bleu")]))
    assert not other_metric["proven"] and "a pair that was not compared" in other_metric["reason"]


def test_a_baseline_that_wins_turns_the_comparison_round():
    two = candidate("rag", 0.6), candidate("fine-tuned", 0.3)
    result = ask(evidence(*two, comparisons=[contrast("fine-tuned", "rag", -0.3, "worse")]))
    assert result["proven"] and "it beats fine-tuned by 0.30 [0.25,\xa00.35]" in result["reason"]


def test_a_verdict_against_an_equal_of_the_runner_up_proves_the_choice_and_one_against_a_far_method_does_not():
    four = candidate("closed-book", 0.1), candidate("rag", 0.38), candidate("fine-tuned", 0.40), candidate("raft", 0.6)
    assert ask(evidence(*four, comparisons=[contrast("raft", "rag", 0.22)]))["proven"]
    assert not ask(evidence(*four, comparisons=[contrast("raft", "closed-book", 0.5)]))["proven"]


def test_retrieval_that_adds_nothing_is_left_out_and_the_reason_says_what_it_costs():
    result = ask(
        evidence(
            candidate("fine-tuned", around(0.600, 1), tokens_in=100.0),
            candidate("fine-tuned+rag", around(0.602, 2), tokens_in=310.0),
            comparisons=[EQUAL],
        )
    )
    assert (result["choice"], result["clear"], result["words"]) == ("fine-tuned", False, "fine-tuning")
    assert result["reason"].endswith(
        "fine-tuned is the simplest of them: retrieval adds no quality (equivalent by TOST within the margin of 0.03) "
        "and costs 3.1 times the prompt tokens."
    )
    assert result["sentence"].startswith("On 180 held-out questions there is no clear winner: ")


def test_a_declared_price_makes_the_cheaper_of_equals_the_clear_choice():
    priced = {"anchors": {"cost": [0.01, 0.0]}}
    prices = {"million_tokens_in": 10.0, "million_tokens_out": 10.0, "cpu_hour": 0.0}
    costs = {"tokens_out": 10.0, "training_seconds": 100.0, "index_seconds": 1.0}
    found = evidence(
        candidate("fine-tuned", around(0.600, 1), tokens_in=90.0, **costs),
        candidate("fine-tuned+rag", around(0.602, 2), tokens_in=290.0, **costs),
        comparisons=[EQUAL],
    )
    result = ask(found, priced, prices)
    assert (result["choice"], result["clear"], result["proven"]) == ("fine-tuned", True, False)
    assert "retrieval adds no quality (equivalent by TOST" in result["reason"]
    # (0.35 * 0.600 + 0.15 * (1 - 0.001 / 0.6 / 0.01)) / 0.5 by hand
    assert result["utility"]["fine-tuned"]["mean"] == pytest.approx(0.67)
    weights = {one["name"]: one["weight"] for one in result["criteria_used"]}
    assert weights == pytest.approx({"quality": 0.7, "cost": 0.3})
    assert "Its utility against fine-tuned+rag is +0.098: cost +0.100, quality -0.001." in result["reason"]


def test_equal_methods_have_no_clear_winner_and_share_the_draws():
    same = around(0.5, 1)
    result = ask(evidence(candidate("rag", same), candidate("raft", same)))
    assert result["p_best_by_method"] == {"rag": 0.5, "raft": 0.5}
    assert result["p_within_by_method"] == {"rag": 1.0, "raft": 1.0}
    assert (result["choice"], result["clear"], result["p_best"]) == ("rag", False, 0.5)
    assert "no clear winner" in result["sentence"]


def test_of_two_methods_with_the_same_parts_the_cheaper_is_chosen():
    same = around(0.5, 1)
    both = [
        candidate("fine-tuned+rag", same, seconds_per_question=2.0),
        candidate("raft", same, seconds_per_question=1.0),
    ]
    assert ask(evidence(*both))["choice"] == "raft"
    simpler = candidate("fine-tuned", same, seconds_per_question=9.0)
    assert ask(evidence(simpler, *both))["choice"] == "fine-tuned"


def test_a_gap_equal_to_the_margin_is_within_it():
    two = candidate("rag", np.full(N, 0.59)), candidate("raft", np.full(N, 0.62))
    assert ask(evidence(*two))["within_margin"] == ["rag", "raft"]


def test_the_margin_is_carried_into_utility():
    """Anchors of 0.5 and 0.7: a margin of 0.03 is 0.15 of the quality score."""
    two = candidate("rag", np.full(N, 0.57)), candidate("raft", np.full(N, 0.60))
    needs = {"anchors": {"quality": [0.5, 0.7]}}
    result = ask(evidence(*two), needs)
    assert result["utility"]["raft"]["mean"] - result["utility"]["rag"]["mean"] == pytest.approx(0.15)
    assert result["within_margin"] == ["rag", "raft"]
    assert ask(evidence(*two, margin=0.029), needs)["within_margin"] == ["raft"]


def test_the_margin_is_worth_as_much_as_quality_weighs():
    """Half the weight lies on equal latencies: the gap of utility is half that of quality, and so is the margin."""
    needs = {"weights": {"quality": 1.0, "latency": 1.0}, "anchors": {"latency": [200.0, 0.0]}}
    for gap, within in ((0.031, ["raft"]), (0.030, ["rag", "raft"])):
        low, high = (
            candidate(name, np.full(N, mean), latency_ms=(100.0,) * 5)
            for name, mean in (("rag", 0.5), ("raft", 0.5 + gap))
        )
        assert ask(evidence(low, high), needs)["within_margin"] == within


@pytest.mark.parametrize(("documents", "clear"), [(1, False), (2, True)])
def test_the_best_in_at_least_80_percent_of_the_draws_is_clear(documents, clear):
    """All the advantage is in one or two documents; 119 are drawn from 120, so one or both are missed."""
    clusters = np.arange(240) // 2
    ahead = np.where(clusters < documents, 1.0, 0.498)
    result = ask(evidence(candidate("rag", np.full(240, 0.5)), candidate("raft", ahead), clusters=clusters))
    assert result["p_best_by_method"]["raft"] == pytest.approx(1 - (1 - documents / 120) ** 119, abs=0.03)
    assert result["clear"] is clear and result["choice"] == ("raft" if clear else "rag")


def test_nothing_passes():
    result = ask(clear_world(), {"quality_floor": 0.9, "citations_required": True})
    assert (result["choice"], result["clear"], result["words"], result["p_best"]) == ("none", False, "none", None)
    assert result["nearest_miss"]["method"] == "rag" and result["nearest_miss"]["failed"] == ["quality_floor"]
    assert "no method met all needs: choose none of them; the nearest miss is rag, which fails" in result["sentence"]


def test_none_only_if_nothing_scores():
    zero = np.zeros(N)
    result = ask(evidence(candidate("closed-book", zero), candidate("rag", zero)))
    assert (result["choice"], result["clear"], result["nearest_miss"]) == ("none", False, None)
    assert "no method had a mean token F1 above 0" in result["reason"]
    first, last = zero.copy(), zero.copy()
    first[0] = last[-1] = 0.1
    result = ask(evidence(candidate("closed-book", zero), candidate("rag", first), candidate("raft", last)))
    assert result["within_margin"] == ["closed-book", "rag", "raft"]
    assert (result["choice"], result["clear"]) == ("rag", False)  # closed-book is simpler, but never right


def test_closed_book_within_the_margin_is_neither():
    result = ask(evidence(candidate("closed-book", around(0.5, 1)), candidate("rag", around(0.501, 2))))
    assert (result["choice"], result["words"]) == ("closed-book", "neither")
    assert "choose neither RAG nor fine-tuning" in result["sentence"]


def test_both_names_which():
    assert ask(evidence(candidate("rag", 0.2), candidate("raft", 0.6)))["words"] == "both (raft)"


def test_citations_flip_the_choice_and_the_flip_is_stated():
    found = evidence(candidate("rag", 0.4), candidate("fine-tuned", 0.6))
    assert ask(found)["choice"] == "fine-tuned"
    cited = ask(found, {"citations_required": True})
    assert cited["choice"] == "rag" and cited["flips"][0]["choice"] == "fine-tuned"
    assert cited["flips"][0]["sentence"] == "Without the need for citations the choice would be fine-tuned."
    assert cited["reason"].startswith("Excluded: fine-tuned by citations_required.")
    assert cited["sentence"] == (
        "On 180 held-out questions rag is the only method that meets all needs (token F1 0.40): choose RAG."
    )


def test_training_runs_that_scatter_cost_a_method_its_clear_win():
    base = around(0.5, 1)
    calm = np.stack([around(0.55, seed) for seed in (2, 3, 4)])
    scattered = np.stack([around(mean, seed) for mean, seed in ((0.40, 2), (0.70, 3), (0.55, 4))])
    assert ask(evidence(candidate("rag", base), candidate("raft", calm)))["clear"]
    result = ask(evidence(candidate("rag", base), candidate("raft", scattered)))
    # Two of three runs are drawn: their mean is below 0.5 in 3 of 9 draws (0.40 twice, 0.40 with 0.55 either way).
    assert result["p_best_by_method"]["raft"] == pytest.approx(6 / 9, abs=0.03)
    assert (result["choice"], result["clear"]) == ("raft", False)


def test_methods_with_the_same_weights_share_their_training_runs():
    runs = (0.40, 0.70, 0.55)
    tuned = np.stack([np.full(N, mean) for mean in runs])
    result = ask(evidence(candidate("fine-tuned", tuned), candidate("fine-tuned+rag", tuned + 0.001)))
    assert result["p_best_by_method"] == {"fine-tuned": 0.0, "fine-tuned+rag": 1.0}


def test_one_cluster_decides_nothing():
    found = evidence(
        candidate("closed-book", around(0.1, 1)), candidate("rag", around(0.9, 2)), clusters=np.zeros(N, int)
    )
    result = ask(found)
    assert (result["choice"], result["clear"], result["p_best"]) == ("rag", False, None)
    assert result["p_best_by_method"] == {"closed-book": None, "rag": None}
    assert "all questions belong to one cluster, so nothing says how far that holds" in result["reason"]
    assert result["utility"]["rag"]["low"] is None and result["pareto"][0]["dominated_by"] == []


def test_one_candidate_has_no_rival():
    result = ask(evidence(candidate("rag", 0.5)))
    assert (result["choice"], result["clear"], result["proven"]) == ("rag", True, True)
    assert "it had no rival." in result["reason"]


def test_few_questions_are_screening_only():
    found = evidence(candidate("closed-book", [0.0, 0.1, 0.0]), candidate("rag", [1.0, 0.9, 1.0]), clusters=[0, 1, 2])
    result = ask(found)
    assert result["choice"] == "rag" and result["scope"] == {"model": "toy", "track": "question", "screening": True}
    assert result["reason"].endswith(" Screening only: fewer than 150 questions.")
    assert not ask(clear_world())["scope"]["screening"]


def test_no_candidate_has_the_same_keys():
    result = ask(evidence())
    assert result["choice"] == "none" and result.keys() == KEYS


def test_nothing_is_priced_where_nothing_is_declared():
    result = ask(clear_world())
    assert [one["name"] for one in result["criteria_used"]] == ["quality"]
    reasons = {one["name"]: one["reason"] for one in result["criteria_dropped"]}
    assert (
        reasons["cost"] == "no price declared" and reasons["groundedness"] == "counts only where needs.weights names it"
    )
    assert reasons["robustness"] == "not measured yet" and len(reasons) == 7
    assert result["costs"]["per_method"]["rag"]["cost_per_question"] is None
    assert result["costs"]["per_method"]["rag"]["reasons"]["cost_per_question"] == "no price declared"
    assert result["costs"]["missing"].startswith("cost of a question: no price declared")
    assert {"method": "rag", "criterion": "quality", "value": pytest.approx(0.6), "score": pytest.approx(0.6),
            "source": "scores.jsonl: method rag, metric token_f1"} in result["scores"]  # fmt: skip


def test_quality_decides_alone_where_no_weighted_criterion_was_measured():
    result = ask(clear_world(), {"weights": {"robustness": 1.0}})
    assert result["choice"] == "rag" and [one["name"] for one in result["criteria_used"]] == ["quality"]
    assert "so quality alone decides." in result["reason"]


def test_same_seed_same_answer():
    two = candidate("rag", around(0.50, 1, 0.4)), candidate("raft", around(0.51, 2, 0.4))
    assert ask(evidence(*two)) == ask(evidence(*two))
    assert ask(evidence(*two, seed=4))["p_best"] != ask(evidence(*two))["p_best"]


def test_candidates_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="raft: expected values of shape"):
        recommend(evidence(candidate("rag", 0.5), candidate("raft", np.zeros(N - 1))), NeedsConfig(), EconomicsConfig())
    runs = candidate("fine-tuned", np.zeros((2, N))), candidate("fine-tuned+rag", np.zeros((3, N)))
    with pytest.raises(ValueError, match="expected 2 training runs of weights A, got 3"):
        recommend(evidence(*runs), NeedsConfig(), EconomicsConfig())
