import pytest

from lab.metrics.labels import label_accuracy, parse_label, summarise_labels
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


def test_the_summary_is_that_of_a_count_by_hand():
    """yes: P 2/3, R 2/3, F1 2/3; no: P 1/2, R 1/2, F1 1/2; maybe: never said, F1 0. One answer is no label."""
    golds = ["yes", "yes", "Yes", "no", "no", "maybe"]
    said = ["Yes.", "yes, clearly", "I think so", "no", "yes", "no idea... well"]
    summary = summarise_labels(said, golds, ["maybe", "no", "yes"])
    assert (summary.n, summary.majority, summary.majority_share) == (6, "yes", 0.5)
    assert summary.accuracy == pytest.approx(3 / 6)
    assert summary.invalid == pytest.approx(1 / 6)
    assert summary.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)


def test_a_summary_of_nothing_is_refused():
    with pytest.raises(ValueError, match="one gold for each prediction, got 0 and 0"):
        summarise_labels([], [], ["yes"])


def test_labels_may_be_signs_numbers_or_the_word_invalid():
    assert [label_accuracy(text, ["-1"], ("-1", "0", "1")) for text in ("-1", "1")] == [1, 0]
    assert label_accuracy("+", ["+"], ("+", "-")) == 1.0
    assert label_accuracy("invalid", ["invalid"], ("invalid", "valid")) == 1.0
    assert label_accuracy("gibberish", ["invalid"], ("invalid", "valid")) == 0.0
    assert summarise_labels(["gibberish"], ["invalid"], ["invalid", "valid"]).invalid == 1.0


def test_the_label_set_is_fixed_for_yes_no_and_folds_case_else():
    asked = [Question(str(n), "Is it?", (answer,), "label") for n, answer in enumerate(["Yes", "yes ", "no", "Yes"])]
    assert label_set("label", asked) == ("Yes", "no")
    assert label_set("yes-no", []) == ("no", "yes")
    assert label_set("span", asked) == ()
    assert summarise_labels(["yes", "YES"], ["Yes", "no"], label_set("label", asked)).majority_share == 0.5
