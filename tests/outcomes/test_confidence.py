import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from lab.outcomes.confidence import confidence, equal_mass_bins, risk_by_coverage
from lab.outcomes.table import QuestionFacts, ScoreTable


def table_of(sure, right, clusters=None):
    sure, right = np.atleast_2d(np.asarray(sure, float)), np.atleast_2d(np.asarray(right, float))
    n = right.shape[1]
    questions = tuple(QuestionFacts(str(i), (clusters or range(n))[i], "span", True, 1) for i in range(n))
    columns = {"logprob": np.log(sure), "wrong": 1.0 - right, "abstained": 0.0 * right}
    return ScoreTable(questions, {"rag": tuple(range(len(right)))}, {"rag": columns})


def measured(table, method="rag"):
    found = confidence(table, method)
    json.dumps(found, allow_nan=False)
    return found


def test_ten_answers_by_hand():
    sure = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]
    right = [0, 0, 0, 1, 0, 1, 1, 0, 1, 1]
    found = measured(table_of(sure, right))
    # one answer in each bin: the mean of |right - confidence|
    assert found["ece"] == pytest.approx((0.05 + 0.15 + 0.25 + 0.65 + 0.45 + 0.45 + 0.35 + 0.75 + 0.15 + 0.05) / 10)
    assert found["brier"]["mean"] == pytest.approx(brier_score_loss(right, sure))
    assert found["auroc"] == pytest.approx(roc_auc_score(right, sure)) == pytest.approx(21 / 25)
    risks = [0, 0, 1 / 3, 1 / 4, 1 / 5, 2 / 6, 2 / 7, 3 / 8, 4 / 9, 5 / 10]
    assert np.array(found["curve"]) == pytest.approx(np.array([[(i + 1) / 10, risk] for i, risk in enumerate(risks)]))
    assert found["risk_coverage_area"] == pytest.approx(sum(risks) / 10)
    assert (found["n"], found["accuracy"], found["confidence"]) == (10, 0.5, pytest.approx(0.5))


def test_bins_hold_about_equally_many_answers_and_their_gap_is_weighted():
    rng = np.random.default_rng(2)
    sure, right = rng.random(1003), (rng.random(1003) < 0.5).astype(float)
    bins = equal_mass_bins(sure, right)
    assert len(bins) == 10 and {one.n for one in bins} <= {100, 101}
    order = np.argsort(sure)
    assert bins[0].confidence == pytest.approx(sure[order[: bins[0].n]].mean())
    expected = sum(one.n / 1003 * abs(one.accuracy - one.confidence) for one in bins)
    assert measured(table_of(sure, right))["ece"] == pytest.approx(expected)


def test_an_overconfident_method_has_the_gap_as_its_error():
    found = measured(table_of([0.9] * 40, [1.0, 0.0] * 20))
    assert found["ece"] == pytest.approx(0.4)  # all tie, so one bin: 0.9 sure, 0.5 right
    assert [one["n"] for one in found["bins"]] == [40]
    assert found["risk_coverage_area"] == pytest.approx(0.5)
    assert found["auroc"] == pytest.approx(0.5)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.5, 0.9]), st.sampled_from([0.0, 1.0])), min_size=1, max_size=30))
def test_the_order_of_the_questions_changes_nothing(rows):
    sure, right = (np.array(column) for column in zip(*rows, strict=True))
    one, other = measured(table_of(sure, right)), measured(table_of(sure[::-1], right[::-1]))
    assert one["ece"] == pytest.approx(other["ece"])
    assert one["risk_coverage_area"] == pytest.approx(other["risk_coverage_area"])
    assert risk_by_coverage(sure, right)[-1] == pytest.approx(1 - right.mean())
    assert sum(found["n"] for found in one["bins"]) == len(rows)


def test_the_curve_is_thinned_to_fifty_points_from_the_first_to_the_last_answer():
    rng = np.random.default_rng(4)
    curve = measured(table_of(rng.random(500), (rng.random(500) < 0.3).astype(float)))["curve"]
    assert len(curve) == 50 and curve[0][0] == 1 / 500 and curve[-1][0] == 1.0


def test_one_class_has_no_auroc_and_says_so():
    found = measured(table_of([0.5, 0.6], [1.0, 1.0]))
    assert found["auroc"] is None and found["auroc_reason"] == "not defined: all answers are right"
    assert found["reason"] is None and found["brier"]["mean"] == pytest.approx((0.25 + 0.16) / 2)


def test_answers_without_a_log_probability_are_left_out_and_counted():
    found = measured(table_of([0.5, np.nan, 0.7], [1.0, 0.0, 0.0]))
    assert (found["n"], found["left_out"], found["brier"]["n"]) == (2, 1, 2)
    nothing = table_of([np.nan, np.nan], [1.0, 0.0])
    assert measured(nothing)["reason"] == "not measured: there is no logprob of rag"
    apart = measured(table_of([0.5, np.nan], [np.nan, 1.0]))
    assert apart["reason"] == "not measured: no answer has both a log-probability and a score"
    assert measured(nothing, "raft")["brier"]["mean"] is None


def test_training_runs_are_taken_together():
    found = measured(table_of([[0.9, 0.2], [0.9, 0.4]], [[1.0, 0.0], [0.0, 1.0]]))
    assert found["n"] == 4 and found["brier"]["n"] == 2
    assert found["brier"]["mean"] == pytest.approx((0.01 + 0.04 + 0.81 + 0.36) / 4)


def test_a_log_probability_above_0_is_refused_but_for_rounding():
    assert measured(table_of([math.exp(1e-9), 0.5], [1.0, 0.0]))["confidence"] == pytest.approx(0.75)
    with pytest.raises(ValueError, match="log-probabilities up to 0"):
        confidence(table_of([1.5, 0.5], [1.0, 0.0]), "rag")
