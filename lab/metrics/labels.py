"""Accuracy for questions whose answer is one of a fixed set of labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

INVALID = "INVALID"
YES_NO_LABELS = ("yes", "no")
_LEAD = re.compile(r"^\W*(?:(?:the )?answer(?: is)?\b\W*)?", re.IGNORECASE)


def parse_label(text: str, labels: Sequence[str]) -> str:
    """The label that `text` is or starts with, as written in `labels`; INVALID where there is none.

    Nothing is removed but leading punctuation and "the answer is", so the option label "A" survives. A label of one
    character must be followed by punctuation or the end ("A) 12", not "A dog").
    """
    answer = _LEAD.sub("", text).strip()
    for label in sorted(labels, key=len, reverse=True):
        border = r"(?=$|[^\w\s]|\n)" if len(label) == 1 else r"(?!\w)"
        if label and re.match(re.escape(label) + border, answer, re.IGNORECASE):
            return label
    return INVALID


def label_accuracy(prediction: str, golds: Sequence[str], labels: Sequence[str]) -> float | None:
    """1.0 if the parsed label is a gold, else 0.0; an INVALID answer is wrong. None without golds or labels."""
    if not golds or not labels:
        return None
    found = parse_label(prediction, labels).casefold()
    return float(any(found == gold.strip().casefold() for gold in golds) and found != INVALID.casefold())


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """Over `n` questions with labels: unweighted mean of each label's F1, and the share of answers that are none."""

    n: int
    macro_f1: float
    invalid: float


def summarise_labels(predictions: Sequence[str], golds: Sequence[str], labels: Sequence[str]) -> LabelSummary:
    """Macro F1 over `labels` as scikit-learn defines it; a label without gold and prediction counts 0.

    `predictions` are answers as given; an INVALID one is an error of its gold's recall, and never dropped.

    Raises:
        ValueError: nothing to score, or not one gold for each prediction.
    """
    from sklearn.metrics import f1_score

    if not golds or len(predictions) != len(golds):
        raise ValueError(f"expected one gold for each prediction, got {len(predictions)} and {len(golds)}")
    folded = [label.casefold() for label in labels]
    said = [parse_label(text, labels).casefold() for text in predictions]
    wanted = [gold.strip().casefold() for gold in golds]
    macro = f1_score(wanted, said, labels=folded, average="macro", zero_division=0)
    return LabelSummary(len(golds), float(macro), sum(label not in folded for label in said) / len(said))


def majority(golds: Sequence[str]) -> tuple[str, float]:
    """The most frequent label and its share: what an answerer scores that always gives it. The first of equals wins."""
    label, count = Counter(golds).most_common(1)[0]
    return label, count / len(golds)
