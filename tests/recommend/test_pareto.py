import numpy as np
from decision_world import N, around, ask, candidate, evidence


def front(*candidates, **more):
    return {row["method"]: row["dominated_by"] for row in ask(evidence(*candidates, **more))["pareto"]}


def priced(name, quality, tokens, ms=100.0):
    return candidate(name, quality, tokens_in=tokens, tokens_out=0.0, latency_ms=(ms,) * 5)


def test_the_same_quality_for_more_tokens_is_dominated():
    same = around(0.5, 1)
    assert front(priced("rag", same, 400.0), priced("fine-tuned", same, 60.0)) == {
        "rag": ["fine-tuned"],
        "fine-tuned": [],
    }


def test_a_trade_off_is_on_the_front():
    assert front(priced("rag", 0.6, 400.0), priced("fine-tuned", 0.3, 60.0)) == {"rag": [], "fine-tuned": []}
    assert front(priced("rag", 0.6, 60.0, ms=200.0), priced("fine-tuned", 0.3, 60.0)) == {"rag": [], "fine-tuned": []}


def test_a_loss_within_the_margin_does_not_save_from_domination_but_one_that_may_be_beyond_it_does():
    steady = np.full(N, 0.5)
    cheap = priced("fine-tuned", steady - 0.02, 60.0)
    assert front(priced("rag", steady, 400.0), cheap)["rag"] == ["fine-tuned"]
    noisy = priced("fine-tuned", around(0.48, 1, 0.5), 60.0)
    assert front(priced("rag", steady, 400.0), noisy)["rag"] == []


def test_equal_methods_do_not_dominate_each_other():
    same = around(0.5, 1)
    assert front(priced("rag", same, 60.0), priced("raft", same, 60.0)) == {"rag": [], "raft": []}


def test_one_cluster_dominates_nothing():
    same = np.full(N, 0.5)
    two = priced("rag", same, 400.0), priced("fine-tuned", same, 60.0)
    assert front(*two, clusters=np.zeros(N, int)) == {"rag": [], "fine-tuned": []}


def test_what_was_not_measured_is_no_axis():
    rows = ask(evidence(candidate("rag", np.full(N, 0.5)), priced("fine-tuned", 0.5, 60.0)))["pareto"]
    assert rows[0] == {
        "method": "rag",
        "values": {"quality": 0.5, "p95_ms": None, "tokens_per_question": None},
        "dominated_by": [],
    }


def test_tokens_and_prices_that_differ_by_less_than_5_percent_are_alike():
    steady, ahead = np.full(N, 0.5), np.full(N, 0.55)
    for tokens, dominated in ((96.0, []), (94.0, ["fine-tuned"])):  # no advantage of fine-tuned, or one
        assert front(priced("rag", steady, 100.0), priced("fine-tuned", steady, tokens))["rag"] == dominated
    for tokens, dominated in ((104.0, ["fine-tuned"]), (106.0, [])):  # no disadvantage of it, or one
        assert front(priced("rag", steady, 100.0), priced("fine-tuned", ahead, tokens))["rag"] == dominated
    prices = {"million_tokens_in": 1.0, "million_tokens_out": 1.0}
    found = evidence(priced("rag", steady, 100.0), priced("fine-tuned", steady, 96.0))
    assert all(row["dominated_by"] == [] for row in ask(found, {}, prices)["pareto"])
