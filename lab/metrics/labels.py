"""Questions whose answer is one of a fixed set of labels: which label an answer is, and what all answers are worth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from lab.metrics.confusion import FIGURES, Told, always, by_label, confusion_matrix, label_figures, label_intervals
from lab.statistics.clustered import SHARE, estimate
from lab.statistics.sample import Codes, Floats, Sample

_LEAD = re.compile(r"^\W*(?:(?:the )?answer(?: is)?\b\W*)?", re.IGNORECASE)


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


def label_places(texts: Iterable[str | None], labels: Sequence[str]) -> Codes:
    """Place in `labels` of the label that each text is or starts with; len(labels) where there is none."""
    place = {label.casefold(): position for position, label in enumerate(labels)}
    found = (parse_label(text, labels) if text else None for text in texts)
    return np.array([len(labels) if label is None else place[label.casefold()] for label in found], dtype=np.intp)


def summarise_labels(told: Told, seed: int) -> dict[str, Any]:
    """What the answers to questions with labels are worth, and what always giving one label would be.

    n, labels               the questions, and the labels that their answers are one of
    accuracy to mcc         `label_figures`: means over the training runs
    invalid                 share of answers that are no label, over all runs
    intervals               low and high of these figures: of accuracy clustered, with the spread of training runs; of
                            the others by the bootstrap, without it. None where there are too few clusters
    majority, majority_share, majority_baseline    the most frequent gold (the first of equals) and its figures
    above_majority          accuracy less that of always giving it, paired by question, with a clustered interval
    per_label, confusion    of the first training run
    """
    figures, size = label_figures(told), len(told.labels)
    wanted = np.bincount(told.gold, minlength=size)
    most = int(wanted.argmax())
    right = (told.said == told.gold).astype(np.float64)
    drawn = label_intervals(told, seed)
    intervals = {
        name: None if drawn is None else dict(zip(("low", "high"), drawn[name], strict=True)) for name in FIGURES
    }
    return {
        "n": int(told.gold.size),
        "labels": list(told.labels),
        **figures,
        "invalid": float((told.said == size).mean()),
        "intervals": intervals | {"accuracy": _interval(right, told.clusters)},
        "majority": told.labels[most],
        "majority_share": float(wanted[most] / told.gold.size),
        "majority_baseline": label_figures(always(told, most)),
        "above_majority": asdict(estimate(Sample(right - (told.gold == most), told.clusters), 0)),
        "per_label": by_label(told),
        "confusion": confusion_matrix(told),
    }


def summarise_options(told: Told, seed: int) -> dict[str, Any]:
    """Accuracy and macro F1 of the likeliest label of each question, whatever was written, as `summarise_labels`."""
    full = summarise_labels(told, seed)
    names = ("accuracy", "macro_f1")
    return {
        "n": full["n"],
        **{name: full[name] for name in names},
        "intervals": {n: full["intervals"][n] for n in names},
    }


def _interval(values: Floats, clusters: Codes) -> dict[str, float] | None:
    found = estimate(Sample(values, clusters), 0, SHARE)
    return None if found.low is None or found.high is None else {"low": found.low, "high": found.high}
