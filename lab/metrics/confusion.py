"""How well labels were told apart: macro F1, balanced accuracy, Matthews' correlation, with intervals by cluster.

Every figure needs three counts of each label only: how often it was right, wanted and said. So the bootstrap draws
sums by cluster, and never questions. An answer that is no label stands in a column of its own: it is an error of its
question's label and never dropped, and it is a class of its own for Matthews' correlation.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from lab.statistics.clustered import CONFIDENCE, SHARE, bounded
from lab.statistics.sample import Codes, Floats

RESAMPLES = 2_000
INTERVAL_FROM = 20  # clusters; simulated with 20 clusters of 3, five labels: 94.5 % coverage of macro F1, 90 % with 10
MATRIX_UP_TO = 50  # labels; a larger matrix says little and makes the result large
FIGURES = ("accuracy", "macro_precision", "macro_recall", "macro_f1", "balanced_accuracy", "mcc")
_BLOCK = 2**20  # numbers drawn at a time


@dataclass(frozen=True, slots=True)
class Told:
    """Which labels the same questions want and which were said, as places in `labels`.

    `gold` and `clusters` have shape (questions,), `said` (training runs, questions); a place of len(labels) in `said`
    is an answer that is no label.
    """

    labels: tuple[str, ...]
    gold: Codes
    said: Codes
    clusters: Codes

    def __post_init__(self) -> None:
        if not self.gold.size or self.said.shape[1:] != self.gold.shape:
            raise ValueError(f"expected one gold for each prediction, got {self.said.shape[-1]} and {self.gold.size}")


class Counts(NamedTuple):
    """How often each label was right, wanted and said: shapes (..., labels), (..., labels), (..., labels + 1)."""

    right: Floats
    wanted: Floats
    said: Floats


def label_figures(told: Told) -> dict[str, float]:
    """`FIGURES`, each the mean over the training runs of what one run has; as scikit-learn defines them.

    macro_precision, macro_recall, macro_f1    precision_recall_fscore_support(average="macro", labels=told.labels,
                                               zero_division=0): a label that nobody wants or says counts 0
    balanced_accuracy                          mean recall of the labels that are wanted
    mcc                                        Gorodkin 2004, for many classes; 0 where only one is wanted or said
    """
    found = _figures(_counts(told), _unwanted(told))
    return {name: float(values.mean()) for name, values in found.items()}


def always(told: Told, label: int) -> Told:
    """The same questions, all answered by one label."""
    return Told(told.labels, told.gold, np.full((1, told.gold.size), label), told.clusters)


def label_intervals(told: Told, seed: int) -> Mapping[str, tuple[float, float]] | None:
    """95 % intervals of the figures by a bootstrap of clusters, 2,000 resamples; None below 20 clusters.

    Half of the width is Student's t times the deviation of the resamples times sqrt(G / (G - 1)) for G clusters, which
    covers better with few clusters than the resamples' percentiles do. It sees the spread of the questions only: that
    of training runs is no part of it. A label that a resample holds no question of says nothing and is left out of its
    mean.
    """
    codes = np.unique(told.clusters, return_inverse=True)[1]
    clusters = int(codes.max()) + 1
    if clusters < INTERVAL_FROM:
        return None
    sums = _counts_by_cluster(told, codes, clusters)
    unwanted = _unwanted(told)
    drawn: dict[str, list[Floats]] = {name: [] for name in FIGURES}
    for weights in _weights(seed, clusters):
        found = _figures(Counts(*(weights @ part for part in sums)), unwanted)
        for name, values in found.items():
            drawn[name].append(values.mean(axis=0))
    factor = float(stdtrit(clusters - 1, 0.5 + CONFIDENCE / 2)) * math.sqrt(clusters / (clusters - 1))
    halves = {name: factor * float(np.concatenate(parts).std(ddof=1)) for name, parts in drawn.items()}
    return {
        name: bounded((value - halves[name], value + halves[name]), (-1.0, 1.0) if name == "mcc" else SHARE)
        for name, value in label_figures(told).items()
    }


def by_label(told: Told, run: int = 0) -> list[dict[str, Any]]:
    """Precision, recall, F1, `support` (questions that want it) and `said` of each label in one training run."""
    counts = Counts(*(part[run] for part in _counts(told)))
    precision, recall, f1 = _shares(counts)
    return [
        {
            "label": label,
            "precision": float(precision[place]),
            "recall": float(recall[place]),
            "f1": float(f1[place]),
            "support": int(counts.wanted[place]),
            "said": int(counts.said[place]),
        }
        for place, label in enumerate(told.labels)
    ]


def confusion_matrix(told: Told, run: int = 0) -> list[list[int]] | None:
    """Questions of one training run by the label they want (row) and the label said; last column: no label.

    None for more than 50 labels.
    """
    size = len(told.labels)
    if size > MATRIX_UP_TO:
        return None
    cells = np.bincount(told.gold * (size + 1) + told.said[run], minlength=size * (size + 1))
    return [list(map(int, row)) for row in cells.reshape(size, size + 1)]


def _counts(told: Told) -> Counts:
    """Counts of each training run, shape (runs, labels)."""
    size = len(told.labels)
    right = np.stack([np.bincount(told.gold[run == told.gold], minlength=size) for run in told.said])
    said = np.stack([np.bincount(run, minlength=size + 1) for run in told.said])
    wanted = np.broadcast_to(np.bincount(told.gold, minlength=size), right.shape)
    return Counts(*(part.astype(np.float64) for part in (right, wanted, said)))


def _counts_by_cluster(told: Told, clusters: Codes, count: int) -> Counts:
    """Counts of each training run in each cluster, shape (runs, clusters, labels), without labels that never occur."""
    size = len(told.labels)
    seen, codes = np.unique(np.concatenate([told.gold, told.said.ravel(), [size]]), return_inverse=True)
    gold, said = codes[: told.gold.size], codes[told.gold.size : -1].reshape(told.said.shape)
    width = len(seen)  # the last one is 'no label'

    def summed(labels: Codes, kept: npt.NDArray[np.bool_]) -> Floats:
        cells = np.bincount((clusters * width + labels)[kept], minlength=count * width)
        return cells.reshape(count, width).astype(np.float64)

    every = np.ones(told.gold.size, dtype=np.bool_)
    right = np.stack([summed(gold, run == gold)[:, :-1] for run in said])
    wanted = np.stack([summed(gold, every)[:, :-1] for _ in said])
    return Counts(right, wanted, np.stack([summed(run, every) for run in said]))


def _figures(counts: Counts, unwanted: int) -> dict[str, Floats]:
    """The figures from counts; `unwanted` labels are those that no question of the whole test wants."""
    right, wanted, said = counts
    precision, recall, f1 = _shares(counts)
    with_gold = (wanted > 0).sum(axis=-1)
    n, hits = wanted.sum(axis=-1), right.sum(axis=-1)
    labels = with_gold + unwanted
    agreement = hits * n - (wanted * said[..., :-1]).sum(axis=-1)
    spread = (n**2 - (wanted**2).sum(axis=-1)) * (n**2 - (said**2).sum(axis=-1))
    return {
        "accuracy": hits / n,
        "macro_precision": precision.sum(axis=-1) / labels,
        "macro_recall": recall.sum(axis=-1) / labels,
        "macro_f1": f1.sum(axis=-1) / labels,
        "balanced_accuracy": recall.sum(axis=-1) / with_gold,
        "mcc": _ratio(agreement, np.sqrt(spread)),
    }


def _shares(counts: Counts) -> tuple[Floats, Floats, Floats]:
    right, wanted, said = counts.right, counts.wanted, counts.said[..., :-1]
    return _ratio(right, said), _ratio(right, wanted), _ratio(2 * right, said + wanted)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """0 where there is nothing to divide by."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _unwanted(told: Told) -> int:
    return len(told.labels) - len(np.unique(told.gold))


def _weights(seed: int, clusters: int) -> Iterator[Floats]:
    """How often each cluster is drawn, shape (block, clusters), 2,000 rows in all."""
    digest = hashlib.sha256(f"{seed}\nlabels\n{clusters}".encode()).digest()
    generator = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    rows = max(1, _BLOCK // clusters)
    for start in range(0, RESAMPLES, rows):
        block = min(rows, RESAMPLES - start)
        yield generator.multinomial(clusters, np.full(clusters, 1 / clusters), block).astype(np.float64)
