"""Values worked out by hand, the closed form of kappa, and a simulated judge whose truth is known."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.judge.calibration import Label, agreement, calibrate, kappa, prediction_powered, rogan_gladen
from lab.judge.rows import AnswerRow, Graded

RIGHT, WRONG, NONE = "correct", "incorrect", "not attempted"


def graded(method, grades, clusters=None):
    return [
        Graded(
            AnswerRow(f"q{place}", method, 1, "?", ("g",), "a", clusters[place] if clusters else f"d{place}", {}), grade
        )
        for place, grade in enumerate(grades)
    ]


def labels(method, grades):
    return [Label(f"q{place}", method, 1, grade) for place, grade in enumerate(grades) if grade is not None]


def test_rogan_gladen_as_in_the_literature():
    found = rogan_gladen(0.70, 0.95, 0.90)
    assert found["value"] == pytest.approx(0.60 / 0.85)
    assert found["value"] == pytest.approx(0.70588, abs=5e-6)
    assert found["clipped"] is False and found["reason"] is None


@pytest.mark.parametrize(("observed", "value", "unclipped"), [(0.99, 1.0, 0.89 / 0.85), (0.05, 0.0, -0.05 / 0.85)])
def test_a_clipped_rate_says_so(observed, value, unclipped):
    found = rogan_gladen(observed, 0.95, 0.90)
    assert (found["value"], found["clipped"]) == (value, True)
    assert found["unclipped"] == pytest.approx(unclipped)


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.5, 0.5), (0.3, 0.6), (0.1, 0.9), (None, 0.9), (0.9, None)])
def test_no_rate_from_a_judge_that_cannot_tell(sensitivity, specificity):
    found = rogan_gladen(0.5, sensitivity, specificity)
    assert found["value"] is None and found["unclipped"] is None and found["reason"]


@given(truth=st.floats(0, 1), sensitivity=st.floats(0.6, 1), specificity=st.floats(0.6, 1))
def test_rogan_gladen_undoes_what_the_judge_does(truth, sensitivity, specificity):
    observed = truth * sensitivity + (1 - truth) * (1 - specificity)
    assert rogan_gladen(observed, sensitivity, specificity)["unclipped"] == pytest.approx(truth, abs=1e-9)


def test_kappa_by_hand():
    # 10 answers; same label 7 times; chance: .5 * .4 + .3 * .4 + .2 * .2 = .36; (.7 - .36) / (1 - .36)
    human = [RIGHT] * 5 + [WRONG] * 3 + [NONE] * 2
    judge = [RIGHT, RIGHT, RIGHT, RIGHT, WRONG, WRONG, WRONG, NONE, WRONG, NONE]
    assert kappa(human, judge)["value"] == pytest.approx(0.34 / 0.64)


def test_kappa_that_is_not_defined_says_why():
    assert kappa([RIGHT] * 4, [RIGHT] * 4) == {
        "value": None,
        "reason": "both say 'correct' every time, so chance agrees as well",
    }
    assert kappa([], [])["value"] is None
    assert kappa([RIGHT] * 4, [WRONG] * 4)["value"] == 0.0


def test_sensitivity_and_specificity_by_hand():
    both = [(RIGHT, RIGHT)] * 3 + [(RIGHT, NONE)] + [(WRONG, RIGHT)] + [(WRONG, NONE), (NONE, WRONG)] * 2
    found = agreement(both)
    assert (found["sensitivity"]["value"], found["sensitivity"]["n"]) == (0.75, 4)
    assert (found["specificity"]["value"], found["specificity"]["n"]) == (0.8, 5)
    z = 1.959963984540054  # Wilson 1927: centre and half width for 3 of 4
    centre, half = (0.75 + z * z / 8) / (1 + z * z / 4), z / (1 + z * z / 4) * math.sqrt(0.75 * 0.25 / 4 + z * z / 64)
    assert found["sensitivity"]["low"] == pytest.approx(centre - half)
    assert found["sensitivity"]["high"] == pytest.approx(centre + half)


def test_a_label_that_nobody_gave_leaves_no_share():
    found = agreement([(WRONG, WRONG)])
    assert found["sensitivity"] == {
        "value": None, "low": None, "high": None, "n": 0, "reason": "no answer is labelled correct",
    }  # fmt: skip
    assert found["specificity"]["value"] == 1.0


def test_prediction_powered_by_hand():
    # judge: 6 of 8 correct; labelled errors -1, 0, 0, 1, -1 -> mean -.2
    found = prediction_powered([1, 1, 1, 0, 1, 1, 1, 0], [-1, 0, 0, 1, -1, None, None, None], list("abcdefgh"))
    assert found["value"] == pytest.approx(0.75 - 0.2)
    assert found["low"] < 0.55 < found["high"]


def test_prediction_powered_with_every_answer_labelled_is_the_people_s_mean():
    human, judge = np.array([1, 0, 0, 1, 1, 0, 1, 1.0]), np.array([1, 1, 0, 1, 0, 0, 1, 1.0])
    found = prediction_powered(list(judge), list(human - judge), list("abcdefgh"))
    half = 2.3646242510102993 * human.std(ddof=1) / math.sqrt(8)  # t with 7 degrees of freedom
    assert found["value"] == pytest.approx(human.mean())
    assert found["high"] - found["value"] == pytest.approx(half)


@pytest.mark.parametrize(("judged", "errors", "clusters"), [([], [], []), ([1.0], [None], ["a"])])
def test_nothing_judged_or_labelled_is_no_rate(judged, errors, clusters):
    found = prediction_powered(judged, errors, clusters)
    assert found["value"] is None and found["low"] is None and found["reason"]


def test_labels_of_one_cluster_give_no_interval():
    found = prediction_powered([1, 0, 1, 1], [0, 0, None, None], ["a", "a", "b", "c"])
    assert (found["value"], found["low"], found["high"]) == (0.75, None, None)


def test_the_corrected_interval_holds_the_truth_where_the_raw_rate_is_wrong():
    rng = np.random.default_rng(5)
    held, truth, trials = 0, 0.6, 300
    for _ in range(trials):
        human = rng.random(400) < truth
        judge = np.where(human, rng.random(400) < 0.9, rng.random(400) < 0.3)
        errors = [
            float(h) - float(j) if place < 100 else None for place, (h, j) in enumerate(zip(human, judge, strict=True))
        ]
        found = prediction_powered(judge.astype(float).tolist(), errors, [str(place) for place in range(400)])
        held += found["low"] <= truth <= found["high"]
    assert 0.91 <= held / trials <= 0.98


def test_answers_of_one_document_widen_the_interval():
    judged, errors = [1.0, 1.0, 0.0, 0.0] * 5, [-1.0, -1.0, 0.0, 0.0] * 5
    apart = prediction_powered(judged, errors, [str(place) for place in range(20)])
    together = prediction_powered(judged, errors, [str(place // 2) for place in range(20)])
    assert together["value"] == apart["value"]
    # every answer is labelled and people call none correct, so nothing is uncertain
    assert together["high"] == pytest.approx(together["low"])
    errors = [0.0, 0.0, 1.0, 1.0, *errors[4:]]
    apart = prediction_powered(judged, errors, [str(place) for place in range(20)])
    together = prediction_powered(judged, errors, [str(place // 2) for place in range(20)])
    assert together["high"] - together["low"] > 1.2 * (apart["high"] - apart["low"])


def test_calibration_counts_what_it_leaves_out():
    judged = graded("rag", [RIGHT, WRONG, None, RIGHT])
    found = calibrate(judged, [*labels("rag", [RIGHT, RIGHT, RIGHT]), Label("q9", "rag", 1, RIGHT)])
    assert (found["labels"], found["used"], found["not_judged"], found["unparsed"]) == (4, 2, 1, 1)
    assert found["by_method"]["rag"]["observed"] == pytest.approx(2 / 3)
    # all three readable answers 2/3, plus the labelled error (0 + 1) / 2, which is above 1
    assert found["by_method"]["rag"]["prediction_powered"]["unclipped"] == pytest.approx(7 / 6)
    assert found["by_method"]["rag"]["prediction_powered"]["value"] == 1.0
    assert any("rag: prediction_powered gave 1.167" in warning for warning in found["warnings"])
    assert found["by_method"]["rag"]["rogan_gladen"]["value"] is None
    json.dumps(found, allow_nan=False)


def test_a_judge_that_is_kinder_to_one_method_is_named():
    judged = graded("rag", [RIGHT] * 8) + graded("raft", [RIGHT] * 4 + [WRONG] * 4)
    found = calibrate(judged, labels("rag", [RIGHT] * 4 + [WRONG] * 4) + labels("raft", [RIGHT] * 4 + [WRONG] * 4))
    assert found["by_method"]["rag"]["rogan_gladen"]["reason"].startswith("sensitivity and specificity sum to 1")
    assert found["by_method"]["raft"]["rogan_gladen"]["value"] == 0.5
    biased = [warning for warning in found["warnings"] if "differs between methods" in warning]
    assert biased == [
        "the judge's specificity differs between methods: 0.00 for rag (n = 4), 1.00 for raft (n = 4); "
        "the raw rates rank them with a bias"
    ]
    assert found["by_method"]["rag"]["prediction_powered"]["value"] == 0.5


def test_a_judge_that_is_the_same_to_all_is_not_named():
    judged = [one for method in ("rag", "raft") for one in graded(method, [RIGHT] * 4 + [WRONG] * 4)]
    given_labels = [label for method in ("rag", "raft") for label in labels(method, [RIGHT] * 4 + [WRONG] * 4)]
    assert [text for text in calibrate(judged, given_labels)["warnings"] if "differs" in text] == []
