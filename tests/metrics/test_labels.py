import pytest

from lab.metrics.labels import INVALID, label_accuracy, majority, parse_label, summarise_labels

YES_NO = ("no", "yes")


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("Yes", YES_NO, "yes"),
        ("No, never.", YES_NO, "no"),
        ("nothing", YES_NO, INVALID),
        ("perhaps yes", YES_NO, INVALID),
        ("The answer is no.", YES_NO, "no"),
        ("", YES_NO, INVALID),
        ("A", ("A", "B"), "A"),  # SQuAD's normalisation would delete it
        ("(b) the depot", ("A", "B"), "B"),
        ("A dog", ("A", "B"), INVALID),
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
    """yes: P 2/3, R 2/3, F1 2/3; no: P 1/1, R 1/2, F1 2/3; maybe: never said, F1 0. One answer is no label."""
    golds = ["yes", "yes", "yes", "no", "no", "maybe"]
    said = ["Yes.", "yes, clearly", "I think so", "no", "yes", "no idea... well"]
    summary = summarise_labels(said, golds, ["maybe", "no", "yes"])
    assert summary.n == 6
    assert summary.invalid == pytest.approx(1 / 6)
    # "no idea" reads as no: precision of no is 1/2
    assert summary.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert majority(golds) == ("yes", 0.5)


def test_a_summary_of_nothing_is_refused():
    with pytest.raises(ValueError, match="one gold for each prediction, got 0 and 0"):
        summarise_labels([], [], ["yes"])
