import numpy as np
import pytest
from decision_world import around, ask, candidate, evidence
from pydantic import ValidationError

from lab.decision_config import EconomicsConfig, NeedsConfig
from lab.recommend.costs import MethodCost, break_even, fixed_cost, total_cost

MEASURED = {
    "rag": {"tokens_in": 400.0, "tokens_out": 10.0, "seconds_per_question": 0.9, "index_seconds": 36.0,
            "training_seconds": 0.0},
    "fine-tuned": {"tokens_in": 60.0, "tokens_out": 10.0, "seconds_per_question": 0.2, "index_seconds": 0.0,
                   "training_seconds": 36000.0},
}  # fmt: skip


def two(**more):
    means = {"rag": 0.60, "fine-tuned": 0.50}
    return evidence(*(candidate(name, mean, **MEASURED[name]) for name, mean in means.items()), **more)


def table(economics, **more):
    return ask(two(**more), {}, economics)["costs"]


def test_break_even_of_the_methodology():
    economics = EconomicsConfig(horizon_months=12.0)
    tuned = MethodCost(0.0005, 0.0, build=400.0, update=60.0, hosting=5.0, updates=2.0, reasons={})
    rag = MethodCost(0.0012, 0.0, build=40.0, update=1.0, hosting=5.0, updates=2.0, reasons={})
    extra = fixed_cost(tuned, economics, 12.0) - fixed_cost(rag, economics, 12.0)
    questions = break_even(extra, rag.per_question - tuned.per_question)
    assert round(questions) == 2_537_143 and round(questions / 12) == 211_429
    for volume, cheaper in ((211_428.0, rag), (211_430.0, tuned)):
        at = economics.model_copy(update={"questions_per_month": volume})
        assert min((rag, tuned), key=lambda one: total_cost(one, at, 12.0)) is cheaper


@pytest.mark.parametrize("saving", [0.0, -0.001])
def test_no_volume_justifies_what_saves_nothing(saving):
    assert break_even(100.0, saving) is None


def test_prices_of_tokens():
    found = table({"million_tokens_in": 2.0, "million_tokens_out": 10.0})["per_method"]["rag"]
    assert found["expected_cost"] is None
    assert found["reasons"]["expected_cost"] == "neither wrong_answer nor escalation is declared"
    assert found["cost_per_question"] == pytest.approx((400 * 2 + 10 * 10) / 1e6)
    assert found["cost_per_correct"] == pytest.approx(0.0009 / 0.6)
    assert found["build_cost"] is None and found["reasons"]["build_cost"] == "no price of an hour on cpu is declared"
    assert found["build_seconds"] == 36.0 and found["update_seconds"] == 36.0


@pytest.mark.parametrize(("device", "hour"), [("cpu", 4.0), ("cuda", 8.0)])
def test_prices_of_hours_are_those_of_the_device(device, hour):
    found = table({"cpu_hour": 4.0, "gpu_hour": 8.0, "wrong_answer": 0.5}, device=device)["per_method"]["fine-tuned"]
    assert found["cost_per_question"] == pytest.approx(0.2 * hour / 3600)
    assert found["build_cost"] == found["update_cost"] == pytest.approx(10 * hour)
    assert found["expected_cost"] == pytest.approx(0.2 * hour / 3600 + 0.5 * 0.5)


def test_totals_over_time_and_the_break_even_of_a_pair():
    prices = {"million_tokens_in": 10.0, "million_tokens_out": 10.0, "cpu_hour": 10.0}
    volumes = {"questions_per_month": 1000.0, "horizon_months": 12.0, "updates_per_month": 0.5}
    economics = {**prices, **volumes, "hosting_per_month": {"fine-tuned": 20.0}}
    found = table(economics)
    assert found["months"] == [float(month) for month in range(13)]
    assert found["curves"]["fine-tuned"][0] == pytest.approx(100.0)
    # a month: 1,000 questions of 0.0007, half an update of 100, hosting 20
    assert np.diff(found["curves"]["fine-tuned"]) == pytest.approx(np.full(12, 0.7 + 50 + 20))
    assert found["per_method"]["rag"]["total_cost"] == pytest.approx(0.1 + 12 * (4.1 + 0.05))
    (pair,) = found["break_even"]
    assert (pair["method"], pair["baseline"], pair["above"], pair["below"]) == (
        "fine-tuned",
        "rag",
        "fine-tuned",
        "rag",
    )
    extra = 100 - 0.1 + 12 * (20 + 50 - 0.05)
    assert pair["questions"] == pytest.approx(extra / 0.0034) and pair["per_month"] == pytest.approx(extra / 0.0408)
    assert pair["sentence"] == (
        "fine-tuned is cheaper than rag from 276,265 questions in 12 months, 23,023 a month on; below that rag is."
    )


def test_a_pair_without_a_saving_and_one_without_prices():
    slow = {**MEASURED["fine-tuned"], "seconds_per_question": 1.0}
    found = evidence(candidate("rag", 0.6, **MEASURED["rag"]), candidate("fine-tuned", 0.5, **slow))
    (pair,) = ask(found, {}, {"cpu_hour": 1.0})["costs"]["break_even"]
    assert (pair["questions"], pair["above"], pair["below"]) == (None, "rag", "rag")
    assert pair["sentence"] == "No volume justifies fine-tuned over rag on cost: it saves nothing on a question."
    (pair,) = ask(found)["costs"]["break_even"]
    assert pair["questions"] is pair["above"] is None and "is unknown: no price" in pair["sentence"]


def test_of_two_that_are_built_alike_the_one_with_the_cheaper_question_is_cheaper_at_every_volume():
    built = {"index_seconds": 1.0, "training_seconds": 10.0}
    slow = candidate("fine-tuned+rag", 0.5, seconds_per_question=2.0, **built)
    fast = candidate("raft", 0.5, seconds_per_question=1.0, **built)
    (pair,) = ask(evidence(slow, fast), {}, {"cpu_hour": 1.0})["costs"]["break_even"]
    assert (pair["method"], pair["questions"], pair["below"], pair["above"]) == ("raft", 0.0, "raft", "raft")
    assert pair["sentence"] == "raft is cheaper than fine-tuned+rag at every volume."


def test_hosting_or_updates_need_a_horizon():
    found = table({"cpu_hour": 1.0, "updates_per_month": 1.0})["break_even"][0]
    assert found["questions"] is None and found["reason"] == "horizon_months is not declared"
    assert table({"cpu_hour": 1.0})["break_even"][0]["questions"] is not None


def test_hosting_of_a_stranger_is_said():
    assert "hosting of tuned: no candidate of this name" in table({"hosting_per_month": {"tuned": 1.0}})["missing"]


def test_the_cost_criterion_needs_an_anchor_and_prices():
    def reason(needs, economics):
        dropped = ask(two(), needs, economics)["criteria_dropped"]
        return {one["name"]: one["reason"] for one in dropped}.get("cost")

    assert reason({}, {"cpu_hour": 1.0}) == "no anchor declared"
    assert reason({"anchors": {"cost": [1.0, 0.0]}}, {}) == "no price declared"
    assert reason({"anchors": {"cost": [1.0, 0.0]}}, {"cpu_hour": 1.0}) is None


def test_the_cost_criterion_counts_wrong_answers_and_the_build():
    needs = {"anchors": {"cost": [1.0, 0.0]}, "weights": {"cost": 1.0}}
    economics = {"million_tokens_in": 10.0, "million_tokens_out": 10.0, "cpu_hour": 10.0, "wrong_answer": 0.5}

    def value(**more):
        scores = ask(two(), needs, {**economics, **more})["scores"]
        return next(one["value"] for one in scores if one["method"] == "fine-tuned" and one["criterion"] == "cost")

    assert value() == pytest.approx((0.0007 + 0.5 * 0.5) / 0.5)
    spread = value(questions_per_month=1000.0, horizon_months=10.0)
    assert spread == pytest.approx((0.0007 + 100 / 10_000 + 0.5 * 0.5) / 0.5)


def test_a_method_that_is_never_right_has_no_cost_of_a_right_answer():
    found = evidence(
        candidate("closed-book", np.zeros(180), seconds_per_question=1.0),
        candidate("rag", around(0.5, 1), **MEASURED["rag"]),
    )
    result = ask(found, {"anchors": {"cost": [1.0, 0.0]}}, {"cpu_hour": 1.0})
    row = next(one for one in result["scores"] if one["method"] == "closed-book" and one["criterion"] == "cost")
    assert row["value"] is None and row["score"] == 0.0
    assert result["costs"]["per_method"]["closed-book"]["reasons"]["cost_per_correct"] == "no answer was right"


@pytest.mark.parametrize("anchors", [{"cost": [0.0, 1.0]}, {"quality": [1.0, 0.0]}])
def test_anchors_in_the_wrong_order_are_refused(anchors):
    with pytest.raises(ValidationError, match=r"expected \[worst, good\] with good"):
        NeedsConfig(anchors=anchors)


def test_wrong_answers_that_were_not_counted_leave_the_expected_cost_open():
    found = evidence(candidate("rag", around(0.5, 1), wrong=np.nan, **MEASURED["rag"]))
    result = ask(found, {"anchors": {"cost": [1.0, 0.0]}}, {"cpu_hour": 1.0, "wrong_answer": 1.0})
    assert result["costs"]["per_method"]["rag"]["expected_cost"] is None
    assert {"name": "cost", "reason": "not measured"} in result["criteria_dropped"]
