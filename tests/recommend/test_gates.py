import numpy as np
import pytest
from decision_world import N, around, ask, candidate, evidence
from scipy.integrate import quad

from lab.recommend.evidence import Majority
from lab.recommend.gates import stale_share

ALL = ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft")


def verdicts(result, need):
    return {gate["method"]: gate["verdict"] for gate in result["gates"] if gate["need"] == need}


def everyone(**costs):
    return evidence(*(candidate(name, 0.5, **costs) for name in ALL))


@pytest.mark.parametrize(
    ("needs", "need", "pass_"),
    [
        ({"citations_required": True}, "citations_required", {"rag", "fine-tuned+rag", "raft"}),
        ({"erasure_required": True}, "erasure_required", {"rag"}),
        ({"index_allowed": False}, "index_allowed", {"closed-book", "fine-tuned"}),
    ],
)
def test_what_passes_follows_from_passages_and_training(needs, need, pass_):
    found = verdicts(ask(everyone(), needs), need)
    assert {name for name, verdict in found.items() if verdict == "pass"} == pass_
    assert set(found.values()) == {"pass", "fail"}


def test_erasure_says_that_weights_cannot_forget():
    reasons = {gate["method"]: gate["reason"] for gate in ask(everyone(), {"erasure_required": True})["gates"]}
    assert all("weights cannot forget" in reasons[name] for name in ("fine-tuned", "fine-tuned+rag", "raft"))


def test_no_need_no_gate():
    assert ask(everyone())["gates"] == []


def test_stale_share_known_value_and_the_mean_it_stands_for():
    assert stale_share(0.05, 3.0) == pytest.approx(0.07139, abs=5e-6)
    for rho, tau in [(0.05, 3.0), (0.9, 24.0), (1e-7, 1.0), (0.99e-4, 1.0), (1.01e-4, 1.0)]:
        mean = quad(lambda t, rho=rho: 1 - np.exp(-rho * t), 0, tau)[0] / tau
        assert stale_share(rho, tau) == pytest.approx(mean, rel=1e-6)
    assert stale_share(0.0, 3.0) == 0.0


def test_staleness_fails_methods_without_retrieval_only():
    declared = {"facts_changing_per_month": 0.05, "update_interval_months": 3.0}
    strict = ask(everyone(), {**declared, "max_staleness": 0.07})
    assert verdicts(strict, "max_staleness") == {
        "closed-book": "unknown", "rag": "pass", "fine-tuned": "fail", "fine-tuned+rag": "pass", "raft": "pass",
    }  # fmt: skip
    row = next(gate for gate in strict["gates"] if gate["method"] == "fine-tuned")
    assert row["measured"] == pytest.approx(0.07139, abs=5e-6) and row["limit"] == 0.07
    loose = verdicts(ask(everyone(), {**declared, "max_staleness": 0.072}), "max_staleness")
    assert loose.pop("closed-book") == "unknown"  # nobody trains its weights every 3 months
    assert set(loose.values()) == {"pass"}


def test_latency_and_memory_are_held_against_their_limits():
    slow = candidate("rag", 0.6, latency_ms=tuple(range(1, 101)), memory_bytes=3e9)
    fast = candidate("fine-tuned", 0.5, latency_ms=(10.0,) * 20, memory_bytes=1e9)
    alone = {"weights": {"quality": 1.0}}
    for limit, verdict in ((80.0, "fail"), (95.0, "unknown"), (100.0, "pass")):
        held = ask(evidence(slow, fast), {"max_p95_ms": limit, **alone})
        assert verdicts(held, "max_p95_ms") == {"rag": verdict, "fine-tuned": "pass"}
        assert held["choice"] == ("rag" if verdict == "pass" else "fine-tuned")
    assert ask(evidence(slow, fast), {"max_memory_gb": 2.9})["choice"] == "fine-tuned"
    assert ask(evidence(slow, fast), {"max_memory_gb": 3.0})["choice"] == "rag"


@pytest.mark.parametrize("need", ["max_p95_ms", "max_memory_gb"])
def test_what_was_not_measured_fails_a_declared_need_unless_it_may_pass(need):
    strict = ask(everyone(), {need: 100.0})
    assert set(verdicts(strict, need).values()) == {"unknown"} and strict["choice"] == "none"
    assert {"unknown_passes"} <= {flip["input"] for flip in strict["flips"]}
    lenient = ask(everyone(), {need: 100.0, "unknown_passes": True})
    assert set(verdicts(lenient, need).values()) == {"unknown"} and lenient["choice"] == "closed-book"
    assert not strict["gates"][0]["met"] and lenient["gates"][0]["met"]


def test_the_floor_holds_for_the_lower_end_of_the_interval_and_not_for_the_mean():
    """Means of clusters of 3 equal values: the interval is that of 60 independent ones."""
    rng = np.random.default_rng(0)
    means = rng.normal(0.0, 0.1, 60)
    values = np.repeat(means - means.mean() + 0.5, 3)
    half = 2.0009953780882688 * means.std(ddof=1) / np.sqrt(60)  # t with 59 degrees of freedom
    found = evidence(candidate("rag", values))
    assert ask(found, {"quality_floor": 0.5 - half - 1e-9})["choice"] == "rag"
    assert ask(found, {"quality_floor": 0.5 - half + 1e-9})["choice"] == "none"


def test_the_floor_is_unknown_for_one_cluster():
    found = evidence(candidate("rag", 0.5), clusters=np.zeros(N, int))
    assert verdicts(ask(found, {"quality_floor": 0.1}), "quality_floor") == {"rag": "unknown"}


def test_a_method_must_be_above_the_most_frequent_label():
    two = candidate("rag", around(0.55, 1)), candidate("fine-tuned", around(0.70, 2))
    found = ask(evidence(*two, majority=Majority("yes", 0.55)))
    assert verdicts(found, "majority_label") == {"rag": "fail", "fine-tuned": "pass"}
    assert found["choice"] == "fine-tuned" and found["proven"]
    assert found["reason"].startswith("Excluded: rag by majority_label.")
    assert ask(evidence(*two, majority=Majority("yes", 0.75)))["choice"] == "none"
    close = ask(evidence(*two, majority=Majority("yes", 0.699)))
    assert close["choice"] == "fine-tuned" and not close["proven"]  # its interval holds 0.699
    assert not close["clear"] and 0.3 < close["p_best"] < 0.8, "in the other draws always answering yes is as good"
    assert ", though in only " in close["sentence"] and ", though in only " not in found["sentence"]
    assert found["p_best"] > 0.99


def test_the_nearest_miss_failed_the_fewest_needs():
    found = evidence(candidate("closed-book", 0.9), candidate("rag", 0.4), candidate("raft", 0.5))
    result = ask(found, {"citations_required": True, "quality_floor": 0.95})
    assert result["nearest_miss"]["method"] == "raft" and result["nearest_miss"]["failed"] == ["quality_floor"]


def test_the_latency_gate_names_n_and_few_questions_decide_nothing_near_the_limit():
    """Of 10 samples the largest is missed by a third of the draws, (9/10)^10 = 0.35: p95 may be far below it."""
    few = candidate("rag", 0.5, latency_ms=(*range(100, 190, 10), 1000.0))
    for limit, verdict in ((120.0, "fail"), (400.0, "unknown"), (900.0, "unknown"), (1000.0, "pass")):
        (gate,) = ask(evidence(few), {"max_p95_ms": limit})["gates"]
        assert gate["verdict"] == verdict and "on 10 questions asked alone" in gate["reason"]
        assert gate["measured"] == pytest.approx(np.percentile(few.latency_ms, 95))
    assert "lies in its 95 % interval [" in ask(evidence(few), {"max_p95_ms": 400.0})["gates"][0]["reason"]
    lone = candidate("rag", 0.5, latency_ms=(5.0,))
    (gate,) = ask(evidence(lone, clusters=np.zeros(N, int)), {"max_p95_ms": 4.0})["gates"]
    assert gate["verdict"] == "fail" and "on 1 question asked alone" in gate["reason"]


def test_freshness_does_not_count_for_weights_that_nobody_trains_again():
    declared = {"facts_changing_per_month": 0.05, "update_interval_months": 3.0, "weights": {"freshness": 1.0}}
    dropped = {one["name"]: one["reason"] for one in ask(everyone(), declared)["criteria_dropped"]}
    assert dropped["freshness"].startswith("unknown for closed-book: ")
    tuned = ask(evidence(candidate("rag", 0.5), candidate("fine-tuned", 0.6)), declared)
    values = {one["method"]: one["value"] for one in tuned["scores"]}
    assert values == pytest.approx({"rag": 1.0, "fine-tuned": 1 - stale_share(0.05, 3.0)})
    pareto = {row["method"]: row["values"]["freshness"] for row in ask(everyone(), declared)["pareto"]}
    assert pareto["closed-book"] is None and pareto["rag"] == 1.0


def test_a_score_that_never_varies_has_a_lower_end_all_the_same():
    """60 clusters all at 0.8: what shows in none of them may still be 1 - 0.05 ** (1 / 60) = 0.0487 of all."""
    found = evidence(candidate("rag", np.full(N, 0.8)))
    lower = 0.8 - (1 - 0.05 ** (1 / 60))
    assert lower == pytest.approx(0.7513, abs=5e-5)
    (gate,) = ask(found, {"quality_floor": lower - 1e-9})["gates"]
    assert gate["verdict"] == "pass" and "as 60 clusters without any difference show no spread" in gate["reason"]
    (gate,) = ask(found, {"quality_floor": lower + 1e-9})["gates"]
    assert gate["verdict"] == "fail" and gate["measured"] == pytest.approx(lower)
    close = ask(evidence(candidate("rag", np.full(N, 0.8)), majority=Majority("yes", 0.77)))
    assert close["choice"] == "rag" and not close["proven"]
