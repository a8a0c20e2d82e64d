"""Accuracy for questions whose answer is one of a fixed set of labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_LEAD = re.compile(r"^\W*(?:(?:the )?answer(?: is)?\b\W*)?", re.IGNORECASE)
_NO_LABEL = "\0"  # equal to no label that a file can hold


def parse_label(text: str, labels: Sequence[str]) -> str | None:
    """The label that `text` is or starts with, as written in `labels`; None where there is none.

    Tried on the text as it is, so that a label may begin with a sign, and then without leading punctuation and "the
    answer is". A label of one character must be followed by punctuation or the end ("A) 12", not "A dog").
    """
    for answer in (text.strip(), _LEAD.sub("", text).strip()):
        for label in sorted(labels, key=len, reverse=True):
            border = r"(?=$|[^\w\s]|\n)" if len(label) == 1 else r"(?!\w)"
            if label and re.match(re.escape(label) + border, answer, re.IGNORECASE):
                return label
    return None


def label_accuracy(prediction: str, golds: Sequence[str], labels: Sequence[str]) -> float | None:
    """1.0 if the parsed label is a gold, else 0.0: no label is wrong. None without golds or labels."""
    if not golds or not labels:
        return None
    found = parse_label(prediction, labels)
    return 0.0 if found is None else same_label(found, golds)


def same_label(label: str, golds: Sequence[str]) -> float:
    """1.0 if a label is a gold whatever its case, else 0.0."""
    return float(label.strip().casefold() in {gold.strip().casefold() for gold in golds})


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """Over `n` questions with labels: accuracy, unweighted mean of each label's F1, share of answers that are none.

    `majority` is the most frequent gold (the first of equals), and `majority_share` what always giving it would score.
    """

    n: int
    accuracy: float
    macro_f1: float
    invalid: float
    majority: str
    majority_share: float


def summarise_labels(predictions: Sequence[str], golds: Sequence[str], labels: Sequence[str]) -> LabelSummary:
    """Macro F1 over `labels` as scikit-learn defines it; a label without gold and prediction counts 0.

    `predictions` are answers as given; one that is no label is an error of its gold's recall, and never dropped.

    Raises:
        ValueError: nothing to score, or not one gold for each prediction.
    """
    from sklearn.metrics import accuracy_score, f1_score

    if not golds or len(predictions) != len(golds):
        raise ValueError(f"expected one gold for each prediction, got {len(predictions)} and {len(golds)}")
    said = [(parse_label(text, labels) or _NO_LABEL).casefold() for text in predictions]
    wanted = [gold.strip().casefold() for gold in golds]
    folded = sorted({label.casefold() for label in labels})
    most, count = Counter(wanted).most_common(1)[0]
    return LabelSummary(
        n=len(golds),
        accuracy=float(accuracy_score(wanted, said)),
        macro_f1=float(f1_score(wanted, said, labels=folded, average="macro", zero_division=0)),
        invalid=said.count(_NO_LABEL) / len(said),
        majority=next(label for label in labels if label.casefold() == most),
        majority_share=count / len(golds),
    )
