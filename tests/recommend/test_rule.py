"""What makes a choice clear and proven, and which criteria count."""

import pytest
from decision_world import around, ask, candidate, contrast, evidence


@pytest.mark.parametrize(("verdict", "proven"), [("inconclusive", False), ("equivalent", False), (None, True)])
def test_where_the_runner_up_was_judged_no_other_verdict_stands_in_for_it(verdict, proven):
    four = candidate("closed-book", 0.1), candidate("rag", 0.39), candidate("fine-tuned", 0.40), candidate("raft", 0.6)
    judged = contrast("raft", "fine-tuned", 0.2, verdict)
    found = ask(evidence(*four, comparisons=[judged, contrast("raft", "rag", 0.21)]))
    assert found["clear"] and found["proven"] is proven


def test_utilities_that_differ_by_less_than_a_thousandth_are_ties_in_the_draws():
    """The same questions right but for a price that moves utility by next to nothing: no clear winner."""
    same = around(0.5, 1)
    for gap, shares in ((0.0009, [0.5, 0.5]), (0.0011, [0.0, 1.0])):
        result = ask(evidence(candidate("rag", same), candidate("raft", same + gap)))
        assert list(result["p_best_by_method"].values()) == shares
        assert (result["choice"], result["clear"]) == (("rag", False) if gap < 0.001 else ("raft", True))


def test_a_need_brings_in_no_criterion_that_did_not_count_before():
    """Without closed-book all have groundedness: a need for citations must not make that decide."""
    grounded = around(0.9, 5)[None], around(0.1, 6)[None]
    three = (
        candidate("closed-book", 0.1),
        candidate("rag", 0.58, groundedness=grounded[0]),
        candidate("raft", 0.62, groundedness=grounded[1]),
    )
    for needs in ({}, {"citations_required": True}):
        result = ask(evidence(*three), needs)
        assert result["choice"] == "raft" and [one["name"] for one in result["criteria_used"]] == ["quality"]
        dropped = {one["name"]: one["reason"] for one in result["criteria_dropped"]}
        assert dropped["groundedness"] == "counts only where needs.weights names it"
    named = ask(evidence(*three), {"citations_required": True, "weights": {"quality": 0.5, "groundedness": 0.5}})
    assert named["choice"] == "rag"
