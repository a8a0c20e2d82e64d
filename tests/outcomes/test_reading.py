import json

import numpy as np
import pytest

from lab.outcomes.reading import reading
from lab.outcomes.table import QuestionFacts, ScoreTable


def table_of(outcomes, answerable=None):
    """`outcomes`: by method one string for each training run; c correct, w wrong, a declined."""
    n = len(next(iter(outcomes.values()))[0])
    questions = tuple(
        QuestionFacts(str(i), f"d{i // 2}", "span", answerable is None or answerable[i], 1) for i in range(n)
    )
    columns = {
        method: {
            name: np.array([[float(one == letter) for one in run] for run in runs])
            for name, letter in (("wrong", "w"), ("abstained", "a"))
        }
        for method, runs in outcomes.items()
    }
    return ScoreTable(questions, {method: tuple(range(len(runs))) for method, runs in outcomes.items()}, columns)


def read(table):
    found = reading(table)
    json.dumps(found, allow_nan=False)
    return found


def test_helped_and_harmed_are_counted_question_by_question():
    found = read(table_of({"closed-book": ["ccwwaacc"], "rag": ["cwcwcacc"]}))
    rag = found["rag"]
    assert rag["without"] == "closed-book"
    assert rag["helped"]["mean"] == pytest.approx(2 / 8)  # questions 2 and 4
    assert rag["harmed"]["mean"] == pytest.approx(1 / 8)  # question 1
    assert rag["net"]["mean"] == pytest.approx(1 / 8)
    assert rag["helped"]["n"] == 8 and rag["helped"]["low"] < 0.25 < rag["helped"]["high"]


def test_to_decline_helps_where_there_is_no_answer():
    found = read(table_of({"closed-book": ["wwca"], "rag": ["aaaa"]}, [False, True, True, False]))["rag"]
    assert found["helped"]["mean"] == 0.25 and found["harmed"]["mean"] == 0.25


def test_every_method_with_passages_has_its_own_counterpart():
    outcomes = {
        "closed-book": ["wwww"],
        "oracle": ["cccc"],
        "fine-tuned": ["ccww", "cwww"],
        "fine-tuned+rag": ["ccww", "wwcw"],
        "raft": ["cccw", "cwcw"],
    }
    found = read(table_of(outcomes))
    assert found["oracle"]["helped"]["mean"] == 1.0
    assert found["fine-tuned+rag"]["without"] == "fine-tuned" and found["fine-tuned+rag"]["note"] is None
    assert found["fine-tuned+rag"]["helped"]["mean"] == pytest.approx(1 / 8)  # run by run
    assert found["fine-tuned+rag"]["harmed"]["mean"] == pytest.approx(1 / 8)
    assert found["raft"]["without"] == "fine-tuned" and "weights of its own" in found["raft"]["note"]
    assert found["closed-book"]["reason"].startswith("not applicable")
    assert found["closed-book"]["helped"] is None


def test_a_missing_counterpart_is_said():
    found = read(table_of({"rag": ["cw"]}))["rag"]
    assert found["reason"] == "not measured: there is no wrong or no abstained of closed-book"
    assert found["net"] is None
