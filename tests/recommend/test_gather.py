"""From a result's methods and its scores table to the evidence of a decision."""

import numpy as np
import pytest

from lab.config import ExperimentConfig
from lab.decision import decide, gather, metrics_read
from lab.outcomes.table import QuestionFacts, ScoreTable

NAN = float("nan")
CONFIG = {
    "name": "t", "domain": "a desk", "corpus": {"path": "x", "format": "jsonl"}, "metrics": {"primary": "token_f1"},
}  # fmt: skip
FOREIGN = {"weights": "ours", "context": "given"}


def table_of(values, metrics=("wrong", "abstained")):
    """Six questions in three clusters; `values` by method."""
    facts = tuple(QuestionFacts(f"q{at}", f"d{at // 2}", "fact", True, 1) for at in range(6))
    columns = {
        name: {"token_f1": np.array([row]), **{metric: np.array([[0.0] * 6]) for metric in metrics}}
        for name, row in values.items()
    }
    return ScoreTable(facts, dict.fromkeys(values, (1,)), columns)


def evidence(methods, values, **more):
    config = ExperimentConfig.model_validate(CONFIG)
    return gather(methods, table_of(values, **more), (), {"n": 6, "clusters": 3, "device": None}, config)


def test_abstentions_are_read():
    assert metrics_read("contains") == ("contains", "wrong", "abstained", "support_lexical")
    found = evidence({"rag": {"weights": "base", "context": "retrieved"}}, {"rag": [1.0] * 6})
    assert found.candidates[0].declined.shape == (1, 6)
    found = evidence({"rag": {"weights": "base"}}, {"rag": [1.0] * 6}, metrics=("wrong",))
    assert found.candidates[0].declined is None


def test_the_scope_is_that_of_the_questions_that_all_candidates_answered():
    methods = {name: {"weights": "base"} for name in ("rag", "closed-book", "raft", "oracle")}
    values = {"rag": [1.0, 1.0, 1.0, NAN, 1.0, 1.0], "closed-book": [NAN, NAN, 1.0, 1.0, 1.0, 1.0], "raft": [NAN] * 6,
              "oracle": [NAN] * 6}  # fmt: skip
    found = evidence(methods, values)
    assert [one.name for one in found.candidates] == ["closed-book", "rag"]
    assert (found.scope["n"], found.scope["clusters"], found.scope["lost"]) == (3, 2, 3)
    assert found.scope["left_out"] == ["raft"]
    config = ExperimentConfig.model_validate(CONFIG)
    scope = decide(methods, table_of(values), (), {"n": 6}, config)["scope"]
    assert (scope["n"], scope["lost"], scope["left_out"]) == (3, 3, ["raft"])


@pytest.mark.parametrize(
    ("method", "tuned"),
    [
        ({**FOREIGN, "tuned": True}, True),
        ({**FOREIGN, "tuned": False}, False),
        ({**FOREIGN, "tuned": None}, None),
        (FOREIGN, None),
        ({**FOREIGN, "weights": "base"}, False),
        ({**FOREIGN, "weights": "adapter"}, True),
    ],
)
def test_whether_a_method_is_tuned_is_what_the_result_tells_or_its_weights(method, tuned):
    assert evidence({"ours": method}, {"ours": [1.0] * 6}).candidates[0].tuned is tuned


def test_foreign_methods_stand_among_the_known_ones_by_their_parts():
    methods = {
        "both": {**FOREIGN, "tuned": True}, "reads": {**FOREIGN, "tuned": False},
        "trained": {"context": "none", "weights": "t", "tuned": True}, "raft": {"weights": "r", "context": "given"},
        "fine-tuned": {"weights": "a", "context": "none"}, "rag": {"weights": "base", "context": "given"},
        "closed-book": {"weights": "base", "context": "none"},
    }  # fmt: skip
    found = evidence(methods, dict.fromkeys(methods, [1.0] * 6))
    assert [one.name for one in found.candidates] == [
        "closed-book", "rag", "reads", "fine-tuned", "trained", "raft", "both",
    ]  # fmt: skip
