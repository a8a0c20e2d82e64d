import json

import ir_measures
import numpy as np
import pytest

from lab.metrics.retrieval import retrieval_metrics, unit_recall
from lab.types import Hit, Passage


def hits(*ids, score=1.0):
    """Hits with equal scores, ranked as given; 'a2' is a passage of document 'a'."""
    return tuple(Hit(Passage(one, one[0], "", "", 0, 0), score, rank) for rank, one in enumerate(ids, start=1))


def documents(*ids):
    return {one: one[0] for one in ids}


def means(result):
    return {name: value["mean"] for name, value in result.items() if isinstance(value, dict) and "mean" in value}


def test_the_worked_example():
    """rel = [0, 1, 0, 1, 1], R = 4, k = 5."""
    run = {"q": hits("x1", "a1", "y1", "b1", "c1")}
    units = {"q": [["a1"], ["b1"], ["c1"], ["d1"]]}
    found = means(retrieval_metrics(run, units, documents("a1", "b1", "c1", "d1"), {"q": "a"}, cutoffs=(5,)))
    assert found["precision@5"] == pytest.approx(0.6)
    assert found["recall@5"] == pytest.approx(0.75)
    assert found["mrr"] == pytest.approx(0.5)
    assert found["ndcg@10"] == pytest.approx(0.56545, abs=1e-5)


def test_recall_counts_units_not_passages():
    assert unit_recall(["a1", "a2", "b1"], [["a1", "a2"], ["c1"]], 3) == 0.5
    assert unit_recall(["x", "a2"], [["a1", "a2"]], 1) == 0.0
    assert unit_recall(["x", "a2"], [["a1", "a2"]], 2) == 1.0
    assert unit_recall(["a1"], [["a1"], []], 1) == 0.5  # nothing covers the second unit


def test_our_recall_agrees_with_ir_measures_where_units_are_passages():
    rng = np.random.default_rng(2)
    names = [f"{chr(97 + i)}1" for i in range(20)]
    runs = {f"q{i}": hits(*rng.permutation(names)[:10].tolist()) for i in range(30)}
    units = {q: [[one] for one in rng.permutation(names)[: 1 + i % 3].tolist()] for i, q in enumerate(runs)}
    found = means(retrieval_metrics(runs, units, documents(*names), {q: q for q in runs}))
    qrels = {q: {unit[0]: 1 for unit in wanted} for q, wanted in units.items()}
    scored = {q: {hit.passage.id: -float(hit.rank) for hit in ranking} for q, ranking in runs.items()}
    for k in (1, 3, 5, 10):
        assert found[f"recall@{k}"] == pytest.approx(
            ir_measures.calc_aggregate([ir_measures.R @ k], qrels, scored)[ir_measures.R @ k]
        )
    assert found["recall@1"] <= found["recall@3"] <= found["recall@10"]


def test_rank_decides_where_scores_are_equal():
    run = {"q": tuple(reversed(hits("b1", "a1", "c1")))}
    found = means(retrieval_metrics(run, {"q": [["b1"]]}, documents("b1"), {"q": "b"}))
    assert found["mrr"] == found["precision@1"] == found["recall@1"] == 1.0


def test_by_document_collapses_to_the_first_occurrence():
    run = {"q": hits("x1", "x2", "a2", "x3", "b1")}
    units = {"q": [["a1"], ["a3"], ["b1"]]}
    result = retrieval_metrics(run, units, documents("a1", "a3", "b1"), {"q": "a"})
    passage, document = means(result), means(result["by_document"])
    assert passage["recall@3"] == 0.0 and passage["mrr"] == pytest.approx(0.2)
    assert document["mrr"] == 0.5  # x, a, b
    assert document["recall@3"] == 1.0
    assert document["precision@3"] == pytest.approx(2 / 3)
    assert document.keys() == passage.keys()


def test_questions_without_evidence_are_left_out_and_counted():
    run = {"q": hits("a1"), "unanswerable": hits("a1"), "empty": ()}
    units = {"q": [["a1"]], "unanswerable": [], "empty": [["b1"]]}
    result = retrieval_metrics(run, units, documents("a1", "b1"), {"q": "a", "empty": "b"})
    assert (result["n"], result["excluded"], result["unreachable_questions"]) == (2, 1, 0)
    assert result["recall@1"]["mean"] == result["mrr"]["mean"] == result["precision@1"]["mean"] == 0.5
    json.dumps(result, allow_nan=False)


def test_evidence_that_no_passage_holds_is_missed_not_dropped():
    """Worse cutting must not raise a figure: the first question's evidence was cut in two, half of the second's."""
    run = {"cut": hits("a1"), "half": hits("b1"), "whole": hits("c1")}
    clusters = {"cut": "a", "half": "b", "whole": "c"}
    units = {"cut": [[]], "half": [["b1"], []], "whole": [["c1"]]}
    result = retrieval_metrics(run, units, documents("b1", "c1"), clusters)
    found = means(result)
    assert (result["n"], result["excluded"], result["unreachable_questions"]) == (3, 0, 1)
    assert found["recall@1"] == found["recall@10"] == pytest.approx((0 + 0.5 + 1) / 3)
    assert found["mrr"] == found["precision@1"] == pytest.approx(2 / 3)
    assert found["ndcg@10"] == pytest.approx((0 + 1 / (1 + 1 / np.log2(3)) + 1) / 3)
    assert means(result["by_document"])["recall@1"] == found["recall@1"]
    whole = {"cut": [["a9"]], "half": [["b1"], ["b9"]], "whole": [["c1"]]}
    better_cut = means(retrieval_metrics(run, whole, documents("a9", "b1", "b9", "c1"), clusters))
    assert {name: better_cut[name] for name in found} == pytest.approx(found)


def test_the_document_of_evidence_that_was_cut_can_still_be_found():
    run, clusters = {"cut": hits("a1"), "lost": hits("a1")}, {"cut": "a", "lost": "b"}
    result = retrieval_metrics(
        run, {"cut": [[]], "lost": [[]]}, {}, clusters, gold_documents={"cut": ["a"], "lost": ["b"]}
    )
    assert result["mrr"]["mean"] == 0.0
    assert result["by_document"]["mrr"]["mean"] == result["by_document"]["recall@1"]["mean"] == 0.5


def test_mrr_ends_at_rank_ten():
    def mrr(rank):
        run = {"q": hits(*[f"x{i}" for i in range(1, rank)], "a1")}
        return retrieval_metrics(run, {"q": [["a1"]]}, documents("a1"), {"q": "a"})["mrr"]["mean"]

    assert mrr(10) == pytest.approx(0.1)
    assert mrr(11) == 0.0


def test_no_question_has_gold():
    result = retrieval_metrics({"q": hits("a1")}, {"q": []}, {}, {})
    assert result["n"] == 0 and result["excluded"] == 1
    assert result["mrr"] == {"mean": None, "low": None, "high": None, "n": 0, "undefined": 0}


def test_missing_inputs_are_named():
    with pytest.raises(ValueError, match=r"run.*\['q'\]"):
        retrieval_metrics({}, {"q": [["a1"]]}, documents("a1"), {"q": "a"})
    with pytest.raises(ValueError, match=r"document.*\['a1'\]"):
        retrieval_metrics({"q": hits("a1")}, {"q": [["a1"]]}, {}, {"q": "a"})
