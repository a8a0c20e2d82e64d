"""The difference to the recommended method and the price of a question, worked out by hand; what joins no decision."""

import numpy as np
import pytest

from lab.analysis import analyse, beside_choice
from lab.config import ExperimentConfig
from lab.decision import gather
from lab.outcomes.table import QuestionFacts, ScoreTable
from lab.statistics.clustered import estimate_values

ENGINE = {"engine": {"name": "endpoint"}}
SCORES = {
    "rag": [1.0, 0.0, 0.5, 0.0],
    "closed-book": [0.0, 0.0, 0.0, 0.0],
    "endpoint": [1.0, 1.0, 0.5, np.nan],
}


@pytest.fixture
def table():
    facts = tuple(QuestionFacts(f"q{n}", f"d{n // 2}", "span", True, 1) for n in range(4))
    columns = {
        name: {"token_f1": np.array([values]), "wrong": 1.0 - np.array([values]), "abstained": np.zeros((1, 4))}
        for name, values in SCORES.items()
    }
    return ScoreTable(facts, dict.fromkeys(columns, (1,)), columns)


def config(economics=None, **endpoint):
    served = {"url": "http://localhost:1/v1", "model": "m", **endpoint}
    return ExperimentConfig.model_validate(
        {"name": "n", "domain": "d", "generator": {"endpoint": served}, "economics": economics or {}}
    )


METHODS = {
    "rag": {"engine": {"name": "generator"}, "weights": "base"},
    "closed-book": {"weights": "base"},
    "endpoint": {**ENGINE, "weights": "server", "tokens": {"in": 200.0, "out": 10.0}},
}


def test_the_difference_is_paired_and_clustered_and_has_no_verdict(table):
    found = beside_choice(table, METHODS, "rag", config())
    assert (found["metric"], found["baseline"], list(found["methods"])) == ("token_f1", "rag", ["endpoint"])
    difference = found["methods"]["endpoint"]["difference"]
    # q0: 0, q1: 1, q2: 0; q3 has no value
    expected = estimate_values([0.0, 1.0, 0.0], ["d0", "d0", "d1"])
    assert difference["mean"] == pytest.approx(1 / 3)
    assert (difference["low"], difference["high"]) == (expected.low, expected.high)
    assert (difference["n"], difference["undefined"], difference["reason"]) == (3, 1, None)


@pytest.mark.parametrize("choice", [None, "none", "gone"])
def test_without_a_recommended_method_there_is_a_reason(table, choice):
    found = beside_choice(table, METHODS, choice, config())
    assert found["baseline"] is None
    assert found["methods"]["endpoint"]["difference"]["reason"] == "not measured: no method is recommended"


def test_the_price_is_the_servers_own_else_that_of_economics_else_unknown(table):
    general, own = (
        {"million_tokens_in": 1.0, "million_tokens_out": 4.0},
        {"million_tokens_in": 2.0, "million_tokens_out": 30.0},
    )

    def price(methods=METHODS, **settings):
        found = beside_choice(table, methods, "rag", config(**settings))["methods"]["endpoint"]
        return found["price_per_question"], found["price_reason"]

    assert price(economics=general) == (pytest.approx(240e-6), None)
    assert price(economics=general, **own) == (pytest.approx(700e-6), None)
    assert price() == (
        None,
        "not measured: no price of its tokens is declared (generator.endpoint.million_tokens_in, _out)",
    )
    untold = {**METHODS, "endpoint": {**METHODS["endpoint"], "tokens": {"in": None, "out": None}}}
    assert price(untold, economics=general) == (None, "not measured: the server did not count its tokens")


def test_it_is_no_candidate_and_loses_nobody_a_question(table):
    found = gather(METHODS, table, (), {}, config())
    assert [one.name for one in found.candidates] == ["closed-book", "rag"]
    assert found.scope["n"] == 4, "the endpoint's question without a value counts for the others"
    analysis = analyse(table, config(), ["endpoint"])
    assert analysis["router"]["candidates"] == ["closed-book", "rag"]
    alone = analyse(table.without(["endpoint"]), config())
    assert analysis["factorial"] == alone["factorial"] and analysis["diagnosis"] == alone["diagnosis"]


def test_a_system_of_ones_own_may_bear_the_name(table):
    own = {**METHODS, "endpoint": {"weights": "endpoint", "tuned": None}}
    assert {one.name for one in gather(own, table, (), {}, config()).candidates} == set(METHODS)
