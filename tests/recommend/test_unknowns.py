"""What nobody told of a method is not guessed: whether it is tuned, its device, its place in the order."""

import numpy as np
import pytest
from decision_world import around, ask, candidate, contrast, evidence

from lab.recommend.costs import is_tuned
from lab.recommend.rule import simplicity


def foreign(name, quality, *, reads=True, **more):
    """A method that the lab does not know, with weights of its own."""
    return candidate(name, quality, kind=(name, reads), **more)


@pytest.mark.parametrize(
    ("name", "kind", "told", "tuned"),
    [
        ("rag", ("base", True), None, False),
        ("raft", ("B", True), None, True),
        ("raft", ("base", True), None, False),
        ("raft", ("B", True), False, False),
        ("ours", ("ours", True), None, None),
        ("ours", ("base", True), None, False),
        ("ours", ("ours", True), True, True),
        ("ours", ("ours", True), False, False),
    ],
)
def test_whether_a_method_is_tuned_is_told_or_follows_from_the_weights_of_a_known_one(name, kind, told, tuned):
    assert is_tuned(candidate(name, 0.5, kind=kind, tuned=told)) is tuned


def test_an_unknown_method_is_called_by_its_name():
    result = ask(evidence(candidate("closed-book", 0.1), foreign("ours", 0.6)))
    assert (result["choice"], result["words"]) == ("ours", "ours")
    assert result["sentence"].endswith(">99\xa0% of resampled question sets: choose ours.")
    told = ask(evidence(candidate("closed-book", 0.1), foreign("ours", 0.6, tuned=True)))
    assert told["words"] == "both (ours)" and told["sentence"].endswith("choose both, as ours.")
    assert ask(evidence(candidate("closed-book", 0.1), foreign("ours", 0.6, tuned=False)))["words"] == "RAG"


def test_tuning_is_no_lever_of_a_method_that_may_be_tuned_or_not():
    two = candidate("rag", around(0.500, 1)), foreign("ours", around(0.501, 2))
    reason = ask(evidence(*two))["reason"]
    assert "with ours the token F1 is +0.001" in reason and "tuning" not in reason and "retrieval" not in reason


@pytest.mark.parametrize("reads", [True, False])
def test_whether_what_may_be_tuned_can_forget_is_unknown(reads):
    gates = ask(evidence(foreign("ours", 0.5, reads=reads)), {"erasure_required": True})["gates"]
    assert [(gate["verdict"], gate["met"]) for gate in gates] == [("unknown", False)]
    assert "whether its weights were trained on the documents is not known" in gates[0]["reason"]


def test_what_building_costs_is_unknown_without_the_seconds_of_a_training_that_may_have_been():
    found = evidence(foreign("ours", 0.5, seconds_per_question=1.0, index_seconds=1.0))
    ours = ask(found, {}, {"cpu_hour": 1.0})["costs"]["per_method"]["ours"]
    assert ours["build_cost"] is None
    assert ours["reasons"]["build_cost"] == "whether its weights were trained, and for how long, was not told"
    told = evidence(foreign("ours", 0.5, seconds_per_question=1.0, index_seconds=1.0, training_seconds=2.0))
    assert ask(told, {}, {"cpu_hour": 1.0})["costs"]["per_method"]["ours"]["build_seconds"] == 3.0


def test_no_price_of_an_hour_applies_to_a_device_that_was_not_told():
    measured = {"seconds_per_question": 1.0, "index_seconds": 1.0, "tokens_in": 1.0, "tokens_out": 1.0}
    found = evidence(candidate("rag", 0.5, **measured), device=None)
    costs = ask(found, {"anchors": {"cost": [1.0, 0.0]}}, {"cpu_hour": 1.0, "gpu_hour": 2.0})["costs"]
    assert costs["hour_price"] is None and costs["device"] is None
    rag = costs["per_method"]["rag"]
    assert rag["cost_per_question"] is rag["build_cost"] is None
    for reason in ("cost_per_question", "build_cost"):
        assert "on which device was not told" in rag["reasons"][reason]
    tokens = ask(found, {}, {"million_tokens_in": 1.0, "million_tokens_out": 1.0})["costs"]["per_method"]["rag"]
    assert tokens["cost_per_question"] == pytest.approx(2e-6)
    assert ask(found)["costs"]["per_method"]["rag"]["reasons"]["cost_per_question"] == "no price declared"


def test_the_order_of_simplicity_has_a_place_for_foreign_methods():
    places = [
        simplicity(foreign("a", 0.5, reads=reads, tuned=tuned))
        for tuned in (False, None, True)
        for reads in (False, True)
    ]
    assert places == [0, 1, 0, 1, 2, 3]
    known = [
        simplicity(candidate(name, 0.5)) for name in ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft")
    ]
    assert known == [0, 1, 2, 3, 3]


def test_the_first_listed_is_not_called_the_simplest_where_nothing_tells_that():
    """Equal in everything that is known: the order of the list decides, and that is said."""
    same = around(0.5, 1)
    twins = foreign("ours", same, tuned=False), foreign("theirs", same, tuned=False)
    result = ask(evidence(*twins))
    assert result["choice"] == "ours" and "the first listed of them" in result["sentence"]
    assert "simplest" not in result["sentence"] + result["reason"]
    told = foreign("ours", same, tuned=False), foreign("theirs", same, tuned=True)
    assert "the simplest of them" in ask(evidence(*told))["sentence"]
    assert "the simplest of them" in ask(evidence(candidate("rag", same), candidate("raft", same)))["sentence"]
    both = [foreign(name, same, tuned=False, seconds_per_question=at) for name, at in (("a", 1.0), ("b", 2.0))]
    assert "the cheapest of the simplest of them" in ask(evidence(*both))["sentence"]
    cheaper = twins[0], foreign("theirs", same, tuned=False, seconds_per_question=1.0)
    assert "the first listed of them" in ask(evidence(*cheaper))["sentence"]  # seconds are known of one only


def test_no_sentence_has_a_negative_zero():
    below, above = np.full(180, 0.5), np.full(180, 0.5)
    above[:3] += 0.001
    for verdict in ("equivalent", "inconclusive", None):
        turned = contrast("rag", "raft", 0.0, verdict, half=0.0)
        for two in (
            (candidate("rag", above), candidate("raft", below)),
            (candidate("rag", below), candidate("raft", above)),
        ):
            result = ask(evidence(*two, comparisons=[turned]), {"quality_floor": 0.0})
            said = [result["sentence"], result["reason"], *(flip["sentence"] for flip in result["flips"])]
            said += [gate["reason"] for gate in result["gates"]]
            assert not any(
                "-0.00 " in f"{one} " or "-0.000" in one or "-0.00]" in one or "-0.00," in one for one in said
            )
