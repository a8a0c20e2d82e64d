import json

import numpy as np
import pytest
import statsmodels.api as sm

from lab.outcomes.factorial import Effect, effect_of, factorial
from lab.outcomes.table import QuestionFacts, ScoreTable

CELLS = {"closed-book": 0.30, "rag": 0.70, "fine-tuned": 0.40, "fine-tuned+rag": 0.72}


def table_of(columns, cluster=lambda i: f"d{i}"):
    """One training run each; `columns` by method hold a list of values."""
    arrays = {method: {"token_f1": np.atleast_2d(np.asarray(values, float))} for method, values in columns.items()}
    n = next(iter(arrays.values()))["token_f1"].shape[1]
    questions = tuple(QuestionFacts(str(i), cluster(i), "span", True, 1) for i in range(n))
    seeds = {method: tuple(range(1, len(one["token_f1"]) + 1)) for method, one in arrays.items()}
    return ScoreTable(questions, seeds, arrays)


def shares(**overrides):
    """100 questions of 0 and 1 with the given share right."""
    return {method: [1.0] * round(100 * share) + [0.0] * round(100 - 100 * share) for method, share in CELLS.items()}


def test_the_worked_example():
    found = factorial(table_of(shares()), "token_f1")
    json.dumps(found, allow_nan=False)
    assert found["retrieval"]["mean"] == pytest.approx(0.36)
    assert found["tuning"]["mean"] == pytest.approx(0.06)
    assert found["interaction"]["mean"] == pytest.approx(-0.08)
    assert found["interaction_reads"] == "substitutes"
    assert found["retrieval"]["n"] == 100
    assert found["trained_with_context"]["mean"] is None
    assert found["trained_with_context"]["reason"] == "not measured: there is no token_f1 of raft"


def test_the_interval_of_an_effect_is_that_of_a_clustered_regression_on_the_constant():
    rng = np.random.default_rng(3)
    columns = {method: rng.random(40) for method in (*CELLS, "raft")}
    found = factorial(table_of(columns, lambda i: f"d{i // 3}"), "token_f1")
    d = columns["fine-tuned+rag"] - columns["rag"] - columns["fine-tuned"] + columns["closed-book"]
    fit = sm.OLS(d, np.ones(40)).fit(cov_type="cluster", cov_kwds={"groups": np.arange(40) // 3}, use_t=True)
    low, high = fit.conf_int()[0]
    assert (found["interaction"]["low"], found["interaction"]["high"]) == pytest.approx((low, high))
    assert found["trained_with_context"]["mean"] == pytest.approx(np.mean(columns["raft"] - columns["fine-tuned+rag"]))


@pytest.mark.parametrize(("both", "word"), [(0.95, "complements"), (0.80, "neither shown"), (0.72, "substitutes")])
def test_the_sign_of_the_interaction_is_read(both, word):
    columns = shares() | {"fine-tuned+rag": [1.0] * round(100 * both) + [0.0] * round(100 - 100 * both)}
    assert factorial(table_of(columns), "token_f1")["interaction_reads"] == word


def test_equal_interactions_of_every_question_that_are_0_but_for_rounding_show_nothing():
    columns = {"closed-book": [0.1] * 9, "rag": [0.3] * 9, "fine-tuned": [0.4] * 9, "fine-tuned+rag": [0.6] * 9}
    found = factorial(table_of(columns), "token_f1")
    assert found["interaction"]["mean"] == pytest.approx(0.0, abs=1e-12)
    assert found["interaction_reads"] == "neither shown"


def test_what_is_missing_is_said_and_the_rest_is_still_measured():
    columns = shares()
    del columns["fine-tuned"]
    found = factorial(table_of(columns | {"raft": columns["rag"]}), "token_f1")
    assert found["retrieval"]["reason"] == "not measured: there is no token_f1 of fine-tuned"
    assert found["interaction_reads"] is None
    assert found["trained_with_context"]["mean"] == pytest.approx(-0.02)
    assert factorial(table_of(columns), "chrf") is None


def test_questions_without_a_value_are_counted_and_one_document_has_no_interval():
    values = np.array([[1.0, np.nan, 0.0, 1.0]])
    found = effect_of(values, np.zeros(4, dtype=np.intp))
    assert (found.mean, found.n, found.undefined, found.low) == (pytest.approx(2 / 3), 3, 1, None)
    assert found.reason == "all questions share one document, so there is no interval"
    nothing = np.zeros(4, dtype=bool)
    assert effect_of(values, np.zeros(4, dtype=np.intp), nothing) == Effect.missing("there are no such questions")
    assert effect_of(values[:, 1:2], np.zeros(1, dtype=np.intp)).reason == "not measured: no question has a value"


def test_the_spread_of_training_runs_widens_the_interval():
    one = shares()
    alone = factorial(table_of(one), "token_f1")["tuning"]
    shifted = [list(np.roll(one["fine-tuned"], 0)), [1.0] * 60 + [0.0] * 40, [1.0] * 20 + [0.0] * 80]
    runs = factorial(table_of(one | {"fine-tuned": shifted, "fine-tuned+rag": [one["fine-tuned+rag"]] * 3}), "token_f1")
    assert runs["tuning"]["mean"] == pytest.approx(0.06)
    assert runs["tuning"]["high"] - runs["tuning"]["low"] > 2 * (alone["high"] - alone["low"])
