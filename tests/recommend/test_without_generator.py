"""How methods without a language model stand in the decision."""

import pytest
from decision_world import ask, candidate, evidence

VOTE, HEADED = ("neighbours", False), ("head", False)


def knn(quality, **costs):
    return candidate("knn-vote", quality, kind=VOTE, **costs)


def head(quality, **costs):
    return candidate("linear-head", quality, kind=HEADED, **costs)


def gates(result, need):
    return {gate["method"]: (gate["verdict"], gate["reason"]) for gate in result["gates"] if gate["need"] == need}


def test_a_vote_can_forget_a_training_question_and_a_head_cannot():
    found = gates(ask(evidence(knn(0.5), head(0.5)), {"erasure_required": True}), "erasure_required")
    assert found["knn-vote"][0] == "pass" and "votes no more" in found["knn-vote"][1]
    assert found["linear-head"][0] == "fail" and "weights cannot forget" in found["linear-head"][1]


def test_they_name_no_source_and_need_no_index_of_the_documents():
    for need, verdict in (("citations_required", "fail"), ("index_allowed", "pass")):
        found = gates(ask(evidence(knn(0.5), head(0.5)), {need: need == "citations_required"}), need)
        assert {one[0] for one in found.values()} == {verdict}


def test_they_are_made_again_as_tuned_methods_are_and_so_go_stale():
    needs = {"facts_changing_per_month": 0.05, "update_interval_months": 3, "max_staleness": 0.08}
    found = gates(ask(evidence(knn(0.5), head(0.5), candidate("fine-tuned", 0.5)), needs), "max_staleness")
    assert {one[0] for one in found.values()} == {"pass"} and len({one[1] for one in found.values()}) == 1
    assert "0.071" in found["knn-vote"][1]


def test_fitting_is_paid_for():
    costs = {"training_seconds": 36.0, "seconds_per_question": 0.01}
    result = ask(evidence(knn(0.5, **costs), head(0.5, **costs)), economics={"cpu_hour": 2.0})
    for method in ("knn-vote", "linear-head"):
        assert result["costs"]["per_method"][method]["build_cost"] == pytest.approx(0.02)


@pytest.mark.parametrize("choice", ["knn-vote", "linear-head"])
def test_choosing_one_is_neither_rag_nor_fine_tuning_and_says_which(choice):
    quality = {"knn-vote": 0.3, "linear-head": 0.3} | {choice: 0.8}
    result = ask(
        evidence(
            candidate("closed-book", 0.1), knn(quality["knn-vote"]), candidate("rag", 0.4), head(quality["linear-head"])
        )
    )
    assert result["choice"] == choice and result["words"] == "neither"
    assert f"choose {choice}, neither RAG nor fine-tuning" in result["sentence"]


def test_what_sets_them_apart_is_no_one_lever():
    """'Tuning adds ...' would be wrong of a head against a base model without passages."""
    result = ask(evidence(candidate("closed-book", 0.60), head(0.62)))
    assert not result["clear"] or result["choice"] == "linear-head"
    assert "tuning adds" not in result["reason"] and "with tuning" not in result["reason"]


def test_of_equals_the_one_without_a_language_model_is_simpler():
    same = 0.5
    result = ask(evidence(head(same), candidate("fine-tuned", same)))
    assert result["choice"] == "linear-head"
