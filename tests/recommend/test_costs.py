import numpy as np
import pytest
from decision_world import around, ask, candidate, evidence
from pydantic import ValidationError

from lab.decision_config import EconomicsConfig, NeedsConfig
from lab.recommend.costs import MethodCost, break_even, fixed_cost, total_cost
from lab.recommend.phrases import break_even_sentence

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


def test_a_question_alone_is_no_price_where_a_declared_volume_asks_for_more():
    """A hosted model without its seconds of training must not look cheap by leaving its hosting out."""
    hosted = {key: value for key, value in MEASURED["fine-tuned"].items() if key != "training_seconds"}
    found = evidence(candidate("rag", 0.60, **MEASURED["rag"]), candidate("fine-tuned", 0.59, **hosted))
    prices = {"million_tokens_in": 10.0, "million_tokens_out": 10.0, "cpu_hour": 1.0}
    volume = {"questions_per_month": 1000.0, "horizon_months": 12.0, "hosting_per_month": {"fine-tuned": 500.0}}
    needs = {"anchors": {"cost": [0.01, 0.0]}, "weights": {"quality": 0.5, "cost": 0.5}}
    result = ask(found, needs, {**prices, **volume})
    assert result["choice"] == "rag" and [one["name"] for one in result["criteria_used"]] == ["quality"]
    reason = "what building and upkeep cost is unknown (fine-tuned: the seconds of training were not measured)"
    assert {"name": "cost", "reason": reason} in result["criteria_dropped"]
    assert result["costs"]["missing"].startswith(f"cost of a question: {reason}")
    assert result["costs"]["spread"] is False
    assert result["costs"]["per_method"]["fine-tuned"]["price_per_question"] is None
    assert ask(found, needs, prices)["choice"] == "fine-tuned"  # without a volume a question stands alone


def test_who_declares_that_weights_are_trained_often_pays_for_it():
    """36,000 s at 10 an hour are 100 a training: every half month for 12 months, or as often as facts are updated."""
    economics = {"cpu_hour": 10.0, "questions_per_month": 1000.0, "horizon_months": 12.0, "updates_per_month": 0.5}

    def totals(needs, **more):
        costs = ask(two(), needs, {**economics, **more})["costs"]
        return {name: one["total_cost"] for name, one in costs["per_method"].items()}, costs

    declared, costs = totals({"update_interval_months": 0.5})
    seldom, _ = totals({"update_interval_months": 4.0})
    never, plain = totals({})
    asked = 12_000 * 0.2 * 10 / 3600
    assert declared["fine-tuned"] == pytest.approx(100 + 12 * 2 * 100 + asked)
    assert seldom["fine-tuned"] == never["fine-tuned"] == pytest.approx(100 + 12 * 0.5 * 100 + asked)
    assert declared["rag"] == seldom["rag"] == never["rag"]
    rates = {name: one["updates_per_month"] for name, one in costs["per_method"].items()}
    assert rates == {"rag": 0.5, "fine-tuned": 2.0}
    assert "trained again at least once in 0.5 months" in costs["note"] and "trained again" not in plain["note"]


def test_training_often_needs_a_horizon_as_updates_do():
    (pair,) = ask(two(), {"update_interval_months": 1.0}, {"cpu_hour": 1.0})["costs"]["break_even"]
    assert pair["reason"] == "horizon_months is not declared"


def partial(declined=None):
    """A token F1 of 0.6 with 0.4 wrong answers: 0.6 are right, or 0.5 where 0.1 are declined."""
    more = {} if declined is None else {"declined": declined}
    return evidence(*(candidate(name, 0.6, wrong=0.4, **more, **MEASURED[name]) for name in MEASURED))


def test_a_right_answer_is_neither_wrong_nor_declined():
    economics = {"million_tokens_in": 10.0, "million_tokens_out": 10.0}
    needs = {"anchors": {"cost": [1.0, 0.0]}}
    counted = ask(partial(0.1), needs, economics)
    assert counted["costs"]["per"] == "right answer"
    rag = counted["costs"]["per_method"]["rag"]
    assert (rag["wrong"], rag["declined"], rag["right"]) == pytest.approx((0.4, 0.1, 0.5))
    assert rag["cost_per_correct"] == pytest.approx(0.0041 / 0.5)
    cost = next(one for one in counted["scores"] if (one["method"], one["criterion"]) == ("rag", "cost"))
    assert cost["value"] == pytest.approx(0.0041 / 0.5) and "metrics wrong, abstained" in cost["source"]
    by_metric = ask(partial(), needs, economics)["costs"]
    assert by_metric["per"] == "point of token F1"
    assert by_metric["per_method"]["rag"]["cost_per_correct"] == pytest.approx(0.0041 / 0.6)
    assert by_metric["per_method"]["rag"]["right"] is by_metric["per_method"]["rag"]["declined"] is None


def test_partial_credit_alone_is_no_right_answer():
    """A token F1 of 0.2 on answers that are all wrong: nothing is right, so no price of it."""
    found = evidence(
        candidate("rag", 0.6, wrong=0.3, declined=0.1, **MEASURED["rag"]),
        candidate("fine-tuned", 0.2, wrong=1.0, declined=0.0, **MEASURED["fine-tuned"]),
    )
    result = ask(found, {"anchors": {"cost": [1.0, 0.0]}}, {"cpu_hour": 1.0})
    tuned = result["costs"]["per_method"]["fine-tuned"]
    assert tuned["cost_per_correct"] is None and tuned["reasons"]["cost_per_correct"] == "no answer was right"
    score = next(one for one in result["scores"] if (one["method"], one["criterion"]) == ("fine-tuned", "cost"))
    assert (score["value"], score["score"]) == (None, 0.0)


def test_a_declined_answer_costs_what_people_cost_who_then_answer():
    economics = {"million_tokens_in": 10.0, "million_tokens_out": 10.0, "escalation": 2.0}
    needs = {"anchors": {"cost": [1.0, 0.0]}}
    result = ask(partial(0.1), needs, economics)
    rag = result["costs"]["per_method"]["rag"]
    assert rag["expected_cost"] == pytest.approx(0.0041 + 0.1 * 2.0)
    both = ask(partial(0.1), needs, {**economics, "wrong_answer": 0.5})["costs"]["per_method"]["rag"]
    assert both["expected_cost"] == pytest.approx(0.0041 + 0.1 * 2.0 + 0.4 * 0.5)
    cost = next(one for one in result["scores"] if (one["method"], one["criterion"]) == ("rag", "cost"))
    assert cost["value"] == pytest.approx((0.0041 + 0.1 * 2.0) / 0.5)
    assert "escalation" in {row["input"] for row in result["tornado"]}
    unknown = ask(partial(), needs, economics)
    assert unknown["costs"]["per_method"]["rag"]["reasons"]["expected_cost"] == "declined answers were not counted"
    assert {"name": "cost", "reason": "not measured"} in unknown["criteria_dropped"]


def test_the_note_names_what_is_not_counted():
    note = table({})["note"]
    for part in ("hours of labelling", "storage", "hosting", "what wrong answers do", "people who answer"):
        assert part in note
    note = table({"wrong_answer": 1.0, "escalation": 1.0, "hosting_per_month": {"rag": 1.0}})["note"]
    assert note.endswith("Not counted: hours of labelling and of evaluating again, storage.")


def test_a_break_even_is_not_rounded_up_by_the_last_digit_of_a_float():
    pair = {"method": "a", "baseline": "b", "saving_per_question": 0.1, "reason": None}
    for questions, said in ((3.0000000000000004, "3 questions"), (3.001, "4 questions")):
        told = break_even_sentence({**pair, "questions": questions, "per_month": None}, EconomicsConfig())
        assert f"from {said} on" in told
