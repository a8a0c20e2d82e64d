import pytest

from lab.metrics.labels import INVALID, label_accuracy, parse_label

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
