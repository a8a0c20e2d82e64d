import numpy as np
import pytest

from lab.metrics.confusion import Told
from lab.metrics.labels import label_accuracy, label_places, parse_label, summarise_labels, summarise_options
from lab.types import Question, label_set

YES_NO = ("no", "yes")


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("Yes", YES_NO, "yes"),
        ("No, never.", YES_NO, "no"),
        ("nothing", YES_NO, None),
        ("perhaps yes", YES_NO, None),
        ("The answer is no.", YES_NO, "no"),
        ("", YES_NO, None),
        ("A", ("A", "B"), "A"),  # SQuAD's normalisation would delete it
        ("(b) the depot", ("A", "B"), "B"),
        ("A dog", ("A", "B"), None),
        ("not urgent", ("urgent", "not urgent", "not"), "not urgent"),
        ("C++", ("C", "C++"), "C++"),
    ],
)
def test_parse_label(text, labels, expected):
    assert parse_label(text, labels) == expected


def test_an_invalid_answer_is_wrong_not_dropped():
    assert label_accuracy("perhaps", ["yes"], YES_NO) == 0.0
    assert label_accuracy("YES!", ["yes"], YES_NO) == 1.0
    assert label_accuracy("no", ["yes"], YES_NO) == 0.0


def test_no_gold_or_no_labels_is_undefined():
    assert label_accuracy("yes", [], YES_NO) is None
    assert label_accuracy("yes", ["yes"], []) is None


def told(said, golds, labels, clusters=None):
    """One training run, or several if `said` is a list of lists."""
    runs = said if isinstance(said[0], list) else [said]
    codes = np.arange(len(golds)) if clusters is None else np.array(clusters)
    return Told(
        tuple(labels), label_places(golds, labels), np.stack([label_places(run, labels) for run in runs]), codes
    )


def test_the_summary_is_that_of_a_count_by_hand():
    """yes: P 2/3, R 2/3, F1 2/3; no: P 1/2, R 1/2, F1 1/2; maybe: never said, F1 0. One answer is no label."""
    golds = ["yes", "yes", "Yes", "no", "no", "maybe"]
    said = ["Yes.", "yes, clearly", "I think so", "no", "yes", "no idea... well"]
    found = summarise_labels(told(said, golds, ["maybe", "no", "yes"]), 7)
    assert (found["n"], found["majority"], found["majority_share"]) == (6, "yes", 0.5)
    assert found["accuracy"] == pytest.approx(3 / 6)
    assert found["invalid"] == pytest.approx(1 / 6)
    assert found["macro_f1"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert found["macro_precision"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert found["balanced_accuracy"] == found["macro_recall"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert found["confusion"] == [[0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 2, 1]]  # rows maybe, no, yes; last: no label
    assert found["per_label"][2] == {
        "label": "yes", "precision": pytest.approx(2 / 3), "recall": pytest.approx(2 / 3), "f1": pytest.approx(2 / 3),
        "support": 3, "said": 3,
    }  # fmt: skip
    # 3 of 6 right; wanted (1, 2, 3), said (0, 2, 3) and 1 no label: (3 * 6 - 13) / sqrt((36 - 14) * (36 - 14)).
    assert found["mcc"] == pytest.approx((18 - 13) / 22)
    assert found["majority_baseline"]["macro_f1"] == pytest.approx((2 / 3) / 3)
    assert found["majority_baseline"]["mcc"] == 0.0
    assert found["above_majority"]["mean"] == pytest.approx(0.0)
    assert found["intervals"]["macro_f1"] is None  # six clusters are too few
    assert found["intervals"]["accuracy"]["low"] < 0.5 < found["intervals"]["accuracy"]["high"]


def test_a_summary_of_nothing_is_refused():
    with pytest.raises(ValueError, match="one gold for each prediction, got 0 and 0"):
        Told(("yes",), *(np.zeros(shape, dtype=np.intp) for shape in (0, (1, 0), 0)))


def test_figures_are_means_over_training_runs_and_counts_those_of_the_first():
    golds = ["a", "a", "b", "b"]
    found = summarise_labels(told([["a", "a", "b", "b"], ["a", "a", "a", "a"]], golds, ["a", "b"]), 7)
    assert found["accuracy"] == pytest.approx(0.75)
    assert found["macro_f1"] == pytest.approx((1 + (2 / 3) / 2) / 2)
    assert found["mcc"] == pytest.approx(0.5)
    assert found["confusion"] == [[2, 0, 0], [0, 2, 0]]


def test_the_likeliest_option_has_figures_of_its_own():
    found = summarise_options(told(["a", "b", "b"], ["a", "b", "a"], ["a", "b", "c"]), 7)
    assert (found["n"], found["accuracy"]) == (3, pytest.approx(2 / 3))
    assert found["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)


def test_labels_may_be_signs_numbers_or_the_word_invalid():
    assert [label_accuracy(text, ["-1"], ("-1", "0", "1")) for text in ("-1", "1")] == [1, 0]
    assert label_accuracy("+", ["+"], ("+", "-")) == 1.0
    assert label_accuracy("invalid", ["invalid"], ("invalid", "valid")) == 1.0
    assert label_accuracy("gibberish", ["invalid"], ("invalid", "valid")) == 0.0
    assert summarise_labels(told(["gibberish"], ["invalid"], ["invalid", "valid"]), 7)["invalid"] == 1.0


def test_the_label_set_is_fixed_for_yes_no_and_folds_case_else():
    asked = [Question(str(n), "Is it?", (answer,), "label") for n, answer in enumerate(["Yes", "yes ", "no", "Yes"])]
    assert label_set("label", asked) == ("Yes", "no")
    assert label_set("yes-no", []) == ("no", "yes")
    assert label_set("span", asked) == ()
    assert summarise_labels(told(["yes", "YES"], ["Yes", "no"], label_set("label", asked)), 7)["majority_share"] == 0.5
