"""Sign flips and the bootstrap by cluster, for many contrasts at once.

Both work on the sums of a contrast in each cluster, never on questions, and draw each pattern once for all contrasts.
What is drawn depends on the seed and the number of clusters only, so a contrast has the same p and the same interval
whichever others are tested beside it. Patterns are drawn in blocks, so memory does not grow with their number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from lab.statistics.sample import Floats

RESAMPLES = 9_999
EXACT_UP_TO = 13  # 2**13 sign patterns are fewer than RESAMPLES
BCA_FROM = 40  # below, the bootstrap of clusters covers too rarely
_ROUNDING = 1e-12  # sums that differ by less, relative to their parts, count as equal
_BLOCK = 2**20  # numbers drawn at a time
_FEW = 4  # columns up to which adding up what was drawn is faster than counting it first


def sign_flip_p(sums: Floats, seed: int) -> Floats:
    """Two-sided p of 'no difference' by flipping the signs of whole clusters.

    Flipping the sign of a sum of 0 changes nothing. So the distribution over all patterns is that over the patterns of
    the clusters with another sum, and a contrast with up to 13 of these is tested exactly, however many other clusters
    there are, with or without a question of this contrast. All others share 9,999 random patterns, where the observed
    one counts as one more (the +1 rule of Phipson and Smyth 2010), so p is never 0.

    Args:
        sums: shape (contrasts, clusters), sums of the paired differences.
        seed: of the random patterns.

    Returns:
        Shape (contrasts,), in (0, 1]; 1 where all sums are 0.
    """
    scale = np.abs(sums).sum(axis=1)
    moving = np.abs(sums) > _ROUNDING * scale[:, None]
    thresholds = np.abs(sums.sum(axis=1)) - _ROUNDING * scale
    counts = moving.sum(axis=1)
    ps = np.ones(len(sums))
    for row in np.flatnonzero(counts <= EXACT_UP_TO):
        kept = sums[row, moving[row]]
        ps[row] = np.mean(np.abs(_flipped(_all_patterns(len(kept)), kept)) >= thresholds[row])
    many = np.flatnonzero(counts > EXACT_UP_TO)
    if len(many):
        extreme = np.zeros(len(many))
        for patterns in _random_patterns(_generator(seed, "sign flips", sums.shape[1]), sums.shape[1]):
            extreme += (np.abs(_flipped(patterns, sums[many].T)) >= thresholds[many]).sum(axis=0)
        ps[many] = (extreme + 1) / (RESAMPLES + 1)
    return ps


def smallest_p(clusters: int) -> float:
    """The smallest p that `sign_flip_p` can give for so many clusters, whatever the data."""
    return 2.0 / 2**clusters if clusters <= EXACT_UP_TO else 1 / (RESAMPLES + 1)


def bca_intervals(
    sums: Floats, sizes: Floats, seed: int, *, least: int = BCA_FROM, confidence: float = 0.95
) -> tuple[tuple[float, float] | None, ...]:
    """Bias-corrected and accelerated bootstrap of clusters (Efron 1987), for the mean sums.sum() / sizes.sum().

    A contrast resamples the clusters in which it has a question. It sees the spread of the questions only: that of
    training runs is no part of it.

    Args:
        sums: shape (contrasts, clusters), sums of the paired differences.
        sizes: same shape, the number of questions; 0 where the contrast has none in this cluster.
        seed: of the resamples, 9,999 of them.
        least: contrasts with fewer clusters get None.
        confidence: of the two-sided interval.

    Returns:
        (low, high) of each contrast; both are the mean where all clusters have the same one. None: no interval.
    """
    found: list[tuple[float, float] | None] = [None] * len(sums)
    present = sizes > 0
    alone, group = np.unique(present, axis=0, return_inverse=True)
    for number, clusters in enumerate(alone):
        count = int(clusters.sum())
        if count < max(2, least):
            continue
        rows = np.flatnonzero(group.ravel() == number)
        own = sums[np.ix_(rows, clusters)], sizes[np.ix_(rows, clusters)]
        drawn = _resampled_means(*own, _generator(seed, "bootstrap", count))
        for row, means, row_sums, row_sizes in zip(rows, drawn.T, *own, strict=True):
            found[row] = _bca(means, row_sums, row_sizes, confidence)
    return tuple(found)


def _bca(drawn: Floats, sums: Floats, sizes: Floats, confidence: float) -> tuple[float, float] | None:
    """Efron and Tibshirani 1993, section 14.3; ties count half in the bias correction, as in scipy."""
    total, n = sums.sum(), sizes.sum()
    mean = float(total / n)
    without = (total - sums) / (n - sizes)
    tolerance = _ROUNDING * float(np.abs(sums).sum() / n)
    if np.ptp(without) <= tolerance:
        return mean, mean
    pull = without.mean() - without
    acceleration = float((pull**3).sum() / (6.0 * (pull**2).sum() ** 1.5))
    below = (np.mean(drawn < mean - tolerance) + np.mean(drawn <= mean + tolerance)) / 2
    if not 0.0 < below < 1.0:  # every resample on one side: the bias cannot be told
        return None
    bias, tail = ndtri(below), ndtri((1.0 - confidence) / 2)
    shifted = bias + np.array([tail, -tail])
    low, high = np.quantile(drawn, ndtr(bias + shifted / (1.0 - acceleration * shifted)))
    return float(low), float(high)


def _resampled_means(sums: Floats, sizes: Floats, generator: np.random.Generator) -> Floats:
    """Means of the resamples, shape (RESAMPLES, contrasts)."""
    distinct, which = np.unique(sizes, axis=0, return_inverse=True)
    columns = np.concatenate([sums, distinct])
    clusters = sums.shape[1]
    drawn = (generator.integers(0, clusters, (rows, clusters), dtype=np.int32) for rows in _blocks(clusters))
    found = np.concatenate([_totals(columns, chosen) for chosen in drawn])
    means: Floats = found[:, : len(sums)] / found[:, len(sums) :][:, which.ravel()]
    return means


def _totals(columns: Floats, chosen: npt.NDArray[np.int32]) -> Floats:
    """Totals of each of `columns` (columns, clusters) over the `chosen` clusters (block, clusters)."""
    rows, clusters = chosen.shape
    if len(columns) <= _FEW:
        parts = [
            np.full(rows, clusters * column[0]) if (column == column[0]).all() else column[chosen].sum(axis=1)
            for column in columns
        ]
        return np.stack(parts, axis=1)
    places = (chosen + clusters * np.arange(rows, dtype=np.int32)[:, None]).ravel()
    counts = np.bincount(places, minlength=rows * clusters).reshape(rows, clusters)
    totals: Floats = counts.astype(np.float64) @ columns.T
    return totals


def _random_patterns(generator: np.random.Generator, clusters: int) -> Iterator[Floats]:
    """Random zeros and ones, shape (block, clusters), RESAMPLES rows in all."""
    width = 4 * -(-clusters // 32)  # bytes; the generator gives four at a time, so blocks of any size are one stream
    for rows in _blocks(clusters):
        drawn = generator.integers(0, 256, (rows, width), dtype=np.uint8)
        yield np.unpackbits(drawn, axis=1, count=clusters).astype(np.float64)


def _blocks(clusters: int) -> Iterator[int]:
    rows = max(1, _BLOCK // clusters)
    for start in range(0, RESAMPLES, rows):
        yield min(rows, RESAMPLES - start)


def _all_patterns(clusters: int) -> Floats:
    """All zeros and ones, shape (2**clusters, clusters)."""
    return ((np.arange(2**clusters)[:, None] >> np.arange(clusters)) & 1).astype(np.float64)


def _flipped(patterns: Floats, sums: Floats) -> Floats:
    """Totals of `sums` with the sign of those turned where a pattern has 0."""
    totals: Floats = 2.0 * (patterns @ sums) - sums.sum(axis=0)
    return totals


def _generator(seed: int, purpose: str, clusters: int) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}\n{purpose}\n{clusters}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
