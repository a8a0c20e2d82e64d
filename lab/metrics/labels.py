"""Accuracy for questions whose answer is one of a fixed set of labels."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
