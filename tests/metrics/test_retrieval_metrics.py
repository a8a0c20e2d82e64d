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


def test_questions_without_gold_are_left_out_and_counted():
    run = {"q": hits("a1"), "unanswerable": hits("a1"), "unreachable": hits("a1"), "empty": ()}
    units = {"q": [["a1"]], "unanswerable": [], "unreachable": [[]], "empty": [["b1"]]}
    result = retrieval_metrics(run, units, documents("a1", "b1"), {"q": "a", "empty": "b"})
    assert (result["n"], result["excluded"]) == (2, 2)
    assert result["recall@1"]["mean"] == result["mrr"]["mean"] == result["precision@1"]["mean"] == 0.5
    json.dumps(result, allow_nan=False)


def test_no_question_has_gold():
    result = retrieval_metrics({"q": hits("a1")}, {"q": []}, {}, {})
    assert result["n"] == 0 and result["excluded"] == 1
    assert result["mrr"] == {"mean": None, "low": None, "high": None, "n": 0, "undefined": 0}


def test_missing_inputs_are_named():
    with pytest.raises(ValueError, match=r"run.*\['q'\]"):
        retrieval_metrics({}, {"q": [["a1"]]}, documents("a1"), {"q": "a"})
    with pytest.raises(ValueError, match=r"document.*\['a1'\]"):
        retrieval_metrics({"q": hits("a1")}, {"q": [["a1"]]}, {}, {"q": "a"})
