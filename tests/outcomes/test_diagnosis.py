import json

import numpy as np
import pytest

from lab.outcomes.diagnosis import diagnose
from lab.outcomes.table import QuestionFacts, ScoreTable

NAMES = ["knowledge_gap", "retrieval_gap", "behaviour_gap", "reading_gap", "storage_gain", "context_damage"]
N = 60


def table_of(columns, **facts):
    """`columns`: method -> metric -> values; `facts`: field -> a value for each question."""
    questions = tuple(
        QuestionFacts(
            **{"id": str(i), "cluster": f"d{i}", "kind": "span", "answerable": True, "answer_words": 1}
            | {"has_gold": True, "gold_rank": 1}
            | {name: values[i] for name, values in facts.items()}
        )
        for i in range(N)
    )
    arrays = {
        method: {name: np.atleast_2d(np.asarray(values, float)) for name, values in metrics.items()}
        for method, metrics in columns.items()
    }
    return ScoreTable(questions, {method: (1,) for method in arrays}, arrays)


def right(share):
    return [1.0] * round(N * share) + [0.0] * (N - round(N * share))


def diagnosed(table, metric="exact_match", margin=0.05, shown_k=3):
    rows = diagnose(table, metric, margin, shown_k=shown_k)
    json.dumps(rows, allow_nan=False)
    assert [row["name"] for row in rows] == NAMES
    return {row["name"]: row for row in rows}


def test_each_gap_is_its_formula_and_large_ones_point_to_their_lever():
    columns = {
        "closed-book": {"exact_match": right(0.1), "contains": right(0.2)},
        "rag": {"exact_match": right(0.4), "contains": right(0.6)},
        "oracle": {"exact_match": right(0.7), "contains": right(0.8)},
        "fine-tuned": {"exact_match": right(0.5)},
        "fine-tuned+rag": {"exact_match": right(0.2)},
    }
    known = ["known"] * 4 + ["maybe"] * 2 + ["unknown"] * 54
    ranks = [1] * 30 + [3] * 6 + [4] * 12 + [None] * 12
    found = diagnosed(table_of(columns, known=known, gold_rank=ranks))
    means = {name: row["estimate"]["mean"] for name, row in found.items()}
    assert means == pytest.approx(
        {
            "knowledge_gap": 0.6,
            "retrieval_gap": 0.3,
            "behaviour_gap": 0.2,  # of rag, the better one
            "reading_gap": 0.2,
            "storage_gain": 24 / 54,
            "context_damage": 12 / 36,  # questions 12 to 23 of the 36 with gold in the first three
        }
    )
    assert found["behaviour_gap"]["formula"] == "contains - exact_match, rag"
    assert found["storage_gain"]["estimate"]["n"] == 54
    assert {row["size"] for row in found.values()} == {"large"}
    starts = ["Retrieval supplies", "Improve the retriever", "Tuning for format", "Tune the reading (RAFT)"]
    starts += ["The weights store", "Prefer RAFT over fine-tuned+rag"]
    assert all(found[name]["lever"].startswith(start) for name, start in zip(NAMES, starts, strict=True))


def test_small_gaps_point_nowhere_and_a_small_gain_in_storage_warns():
    same = {"exact_match": right(0.5), "contains": right(1.0)}
    columns = {method: same for method in ("closed-book", "rag", "oracle", "fine-tuned", "fine-tuned+rag")}
    found = diagnosed(table_of(columns, known=["unknown"] * N))
    assert found["retrieval_gap"]["size"] == "small"
    assert found["retrieval_gap"]["lever"] == "Points nowhere: the gap is below the margin of 0.05."
    assert found["reading_gap"]["estimate"]["mean"] == 0.0 and found["reading_gap"]["size"] == "small"
    assert found["storage_gain"]["lever"].startswith("Do not rely on weights for facts")


def test_a_gap_whose_interval_holds_0_or_the_margin_is_unclear():
    wobbly = [1.0, 0.0] * 15 + [0.0] * 30
    columns = {"oracle": {"exact_match": wobbly}, "rag": {"exact_match": wobbly[::-1]}}
    row = diagnosed(table_of(columns))["retrieval_gap"]
    assert row["estimate"]["mean"] == 0.0 and row["size"] == "unclear" and row["lever"].startswith("Inconclusive")
    rare = {"oracle": {"exact_match": right(0.02)}, "rag": {"exact_match": right(0.0)}}
    ahead = diagnosed(table_of(rare), margin=0.01)["retrieval_gap"]
    assert ahead["estimate"]["mean"] > 0.01 and ahead["estimate"]["low"] < 0 and ahead["size"] == "unclear"
    one = {"oracle": {"exact_match": right(1.0)}, "rag": {"exact_match": right(0.0)}}
    alone = diagnosed(table_of(one, cluster=["d"] * N))["retrieval_gap"]
    assert alone["size"] == "unclear" and "share one document" in alone["lever"]
    below = {"oracle": {"exact_match": right(0.3)}, "rag": {"exact_match": right(0.1)}}
    assert diagnosed(table_of(below), margin=0.25)["retrieval_gap"]["size"] == "unclear"  # above 0, below the margin


def test_the_oracle_is_judged_where_its_context_is_known():
    known = [True] * 20 + [False] * 40
    columns = {"oracle": {"exact_match": right(1 / 3), "contains": right(1 / 3)}, "rag": {"exact_match": right(0.0)}}
    found = diagnosed(table_of(columns, has_gold=known, answerable=[True] * 50 + [False] * 10))
    assert (found["retrieval_gap"]["estimate"]["n"], found["retrieval_gap"]["estimate"]["mean"]) == (30, 2 / 3)
    assert found["reading_gap"]["estimate"]["mean"] == pytest.approx(1 / 3)
    nowhere = diagnosed(table_of(columns, has_gold=[False] * N))
    assert nowhere["reading_gap"]["estimate"]["reason"].startswith("not measured: no gold passage is known")


def test_what_was_not_measured_says_why_and_has_no_lever():
    found = diagnosed(table_of({"rag": {"contains": right(0.5)}}, gold_rank=[None] * N), metric="contains")
    assert all(row["estimate"]["reason"].startswith("not measured: ") for row in found.values())
    assert all(row["lever"] is None and row["size"] is None for row in found.values())
    assert "the lenient one" in found["behaviour_gap"]["estimate"]["reason"]
    assert "was not asked what it knows" in found["storage_gain"]["estimate"]["reason"]
    columns = {"rag": {"exact_match": right(0.5)}, "fine-tuned+rag": {"exact_match": right(0.5)}}
    assert (
        "no such questions" in diagnosed(table_of(columns, gold_rank=[4] * N))["context_damage"]["estimate"]["reason"]
    )
