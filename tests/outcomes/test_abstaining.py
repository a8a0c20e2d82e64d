import json

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from lab.outcomes.abstaining import abstaining, right
from lab.outcomes.table import QuestionFacts, ScoreTable


def table_of(outcomes, answerable=None, clusters=None):
    """`outcomes`: one string for each training run, a letter for each question: c correct, w wrong, a declined."""
    n = len(outcomes[0])
    answerable = answerable or [True] * n
    clusters = clusters or [f"d{i}" for i in range(n)]
    questions = tuple(
        QuestionFacts(str(i), clusters[i], "span", answerable[i], 1 if answerable[i] else 0) for i in range(n)
    )
    columns = {
        name: np.array([[np.nan if one == "?" else float(one == letter) for one in run] for run in outcomes])
        for name, letter in (("wrong", "w"), ("abstained", "a"))
    }
    return ScoreTable(questions, {"rag": tuple(range(len(outcomes)))}, {"rag": columns})


def summed(table):
    found = abstaining(table, "rag")
    json.dumps(found, allow_nan=False)
    return found


def test_the_worked_example():
    found = summed(table_of(["c" * 70 + "w" * 20 + "a" * 10]))
    assert found["counts"] == {"answers": 100, "correct": 70, "wrong": 20, "declined": 10, "unanswerable": 0}
    assert found["coverage"]["mean"] == pytest.approx(0.9)
    assert found["selective_accuracy"]["mean"] == pytest.approx(0.7778, abs=5e-5)
    assert found["selective_accuracy"]["n"] == 90
    assert found["f1_attempted"]["mean"] == pytest.approx(0.7368, abs=5e-5)
    assert found["utility"]["0"]["mean"] == pytest.approx(0.70)
    assert found["utility"]["1"]["mean"] == pytest.approx(0.50) == (2 * 70 + 10) / 100 - 1  # CRAG's score
    assert found["utility"]["3"]["mean"] == pytest.approx(0.10)
    assert found["over_refusal"]["mean"] == pytest.approx(0.1)


def test_unanswerable_questions_tell_false_answers_and_the_quality_of_declining():
    answerable = [True] * 6 + [False] * 4
    found = summed(table_of(["ccwaac" + "aaaw"], answerable))
    assert (found["false_answer"]["mean"], found["false_answer"]["n"]) == (0.25, 4)
    assert (found["over_refusal"]["mean"], found["over_refusal"]["n"]) == (pytest.approx(1 / 3), 6)
    assert found["counts"]["unanswerable"] == 4
    declined = [0, 0, 0, 1, 1, 0, 1, 1, 1, 0]
    expected = precision_recall_fscore_support([not one for one in answerable], declined, average="binary")
    assert [found[name]["mean"] for name in ("precision", "recall", "f1")] == pytest.approx(expected[:3])
    assert found["f1"]["low"] is None and found["f1"]["reason"].startswith("no interval")


def test_the_interval_of_a_share_of_what_was_answered_is_that_of_the_mean_over_those():
    clusters = [f"d{i // 3}" for i in range(30)]
    outcomes = "cwacc" * 4 + "wwcca" * 2
    found = summed(table_of([outcomes], clusters=clusters))["selective_accuracy"]
    kept = [i for i, one in enumerate(outcomes) if one != "a"]
    values = np.array([float(outcomes[i] == "c") for i in kept])
    groups = np.array([i // 3 for i in kept])
    sums = np.array([(values - values.mean())[groups == one].sum() for one in np.unique(groups)])
    error = np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / len(values)
    assert found["mean"] == pytest.approx(values.mean())
    assert found["high"] - found["mean"] == pytest.approx(2.262157 * error, rel=1e-5)  # t with 9 degrees of freedom


def test_training_runs_that_answer_different_questions_share_one_ratio():
    found = summed(table_of(["ca", "cw"]))
    assert found["selective_accuracy"]["mean"] == pytest.approx(2 / 3)  # 2 right of 3 answered
    assert found["counts"]["answers"] == 4 and found["coverage"]["mean"] == 0.75


def test_the_interval_of_that_ratio_is_that_of_all_answers_clustered():
    runs = ["cwaccawwcc", "ccwwaccawc"]  # the second is the first from behind: both runs have the same ratio
    assert runs[1] == runs[0][::-1]
    clusters = [f"d{i // 2}" for i in range(10)]
    found = summed(table_of(runs, clusters=clusters))["selective_accuracy"]
    stacked = [(float(one == "c"), i // 2) for run in runs for i, one in enumerate(run) if one != "a"]
    values, groups = (np.array(column) for column in zip(*stacked, strict=True))
    fit = sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    assert (found["low"], found["high"]) == pytest.approx(tuple(fit.conf_int()[0]))


def test_what_is_not_defined_says_why():
    found = summed(table_of(["aaa"]))
    assert found["selective_accuracy"]["reason"] == "not measured: nothing was answered"
    assert found["f1_attempted"]["mean"] is None
    assert found["false_answer"]["reason"] == "not measured: there are no such questions"
    assert found["recall"]["mean"] is None and found["f1"]["mean"] is None
    assert summed(table_of(["ccc"]))["precision"]["reason"] == "not measured: nothing was declined"
    table = table_of(["ccc"])
    assert abstaining(table, "raft") == {"reason": "not measured: there is no wrong and no abstained of raft"}


def test_to_decline_is_right_for_unanswerable_questions_only():
    table = table_of(["cwacwa?"], [True] * 3 + [False] * 3 + [True])
    np.testing.assert_array_equal(right(table, "rag"), [[1, 0, 0, 0, 0, 1, np.nan]])


@given(st.data())
def test_the_parts_add_up(data):
    n = data.draw(st.integers(1, 12))
    run = data.draw(st.text("cwa?", min_size=n, max_size=n))
    flags = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    run = "".join("w" if one == "c" and not flag else one for one, flag in zip(run, flags, strict=True))
    table = table_of([run], flags)
    if set(run) == {"?"}:
        assert summed(table).keys() == {"reason"}
        return
    found = summed(table)
    counts, defined = found["counts"], n - run.count("?")
    assert counts["answers"] == defined == counts["correct"] + counts["wrong"] + counts["declined"]
    assert found["coverage"]["mean"] == pytest.approx(1 - counts["declined"] / defined)
    for penalty in (0, 1, 3):
        expected = (counts["correct"] - penalty * counts["wrong"]) / defined
        assert found["utility"][str(penalty)]["mean"] == pytest.approx(expected)
