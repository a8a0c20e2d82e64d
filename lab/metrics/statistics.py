"""Statistics for questions that share documents: everything is clustered, nothing is ever NaN.

Clustered standard error of a mean: Miller 2024 (arXiv 2411.00640), times sqrt(G / (G - 1)) for G clusters, read with
Student's t with G - 1 degrees of freedom. Naive intervals are too narrow when questions share a document.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from lab.types import Estimate

Floats = npt.NDArray[np.float64]
Values = Sequence[float | None]

CONFIDENCE = 0.95
ALPHA = 0.05
POWER = 0.8
RESAMPLES = 9_999
EXACT_UP_TO = 13  # 2**13 sign patterns are fewer than RESAMPLES
_TOLERANCE = 1e-12  # sums that differ by rounding alone count as equal


@dataclass(frozen=True, slots=True)
class ClusteredMean:
    """A mean over `n` items in `clusters` clusters; `error` is its clustered standard error, None for one cluster."""

    mean: float
    error: float | None
    n: int
    clusters: int

    def interval(self) -> tuple[float, float] | None:
        """The 95 % t interval as (low, high)."""
        if self.error is None:
            return None
        half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, self.clusters - 1)) * self.error
        return self.mean - half, self.mean + half


@dataclass(frozen=True, slots=True)
class Difference:
    """Paired differences a - b over the items defined for both; `lost` counts the items defined for one only."""

    d: tuple[float, ...]
    clusters: tuple[str, ...]
    lost: int


def estimate(values: Values, clusters: Sequence[str]) -> Estimate:
    """Mean of the defined values with its clustered 95 % interval, which is not clipped to the metric's range.

    No defined value: mean None. One cluster: no interval.

    Raises:
        ValueError: `values` and `clusters` differ in length.
    """
    pairs = [(value, cluster) for value, cluster in zip(values, clusters, strict=True) if value is not None]
    undefined = len(values) - len(pairs)
    if not pairs:
        return Estimate(None, None, None, 0, undefined)
    result = clustered_mean([value for value, _ in pairs], [cluster for _, cluster in pairs])
    low, high = result.interval() or (None, None)
    return Estimate(result.mean, low, high, result.n, undefined)


def difference(a: Values, b: Values, clusters: Sequence[str]) -> Difference:
    """Pair two lists of values item by item.

    Raises:
        ValueError: the arguments differ in length.
    """
    both: list[tuple[float, str]] = []
    lost = 0
    for x, y, cluster in zip(a, b, clusters, strict=True):
        if x is not None and y is not None:
            both.append((x - y, cluster))
        elif x is not None or y is not None:
            lost += 1
    return Difference(tuple(d for d, _ in both), tuple(cluster for _, cluster in both), lost)


def clustered_mean(values: Sequence[float], clusters: Sequence[str]) -> ClusteredMean:
    """Mean and clustered standard error of at least one value."""
    if not values:
        raise ValueError("expected at least one value, got none")
    data = np.asarray(values, dtype=np.float64)
    if np.ptp(data) == 0.0:  # equal values: no rounding noise in the mean or its error
        count = len(set(clusters))
        return ClusteredMean(float(data[0]), 0.0 if count > 1 else None, len(data), count)
    mean = float(data.mean())
    sums = _cluster_sums(data - mean, clusters)
    count = len(sums)
    error = math.sqrt(float(sums @ sums) * count / (count - 1)) / len(data) if count > 1 else None
    return ClusteredMean(mean, error, len(data), count)


def permutation_p(d: Sequence[float], clusters: Sequence[str], rng: np.random.Generator) -> float:
    """Two-sided p of 'no difference' by flipping the signs of whole clusters.

    All patterns up to 13 clusters; above, 9,999 random ones, where the observed pattern counts as one more (the +1 rule
    of Phipson and Smyth 2010), so p is never 0.
    """
    sums = _cluster_sums(np.asarray(d, dtype=np.float64), clusters)
    threshold = abs(float(sums.sum())) - _TOLERANCE * float(np.abs(sums).sum())
    exact = len(sums) <= EXACT_UP_TO
    patterns = _all_patterns(len(sums)) if exact else rng.integers(0, 2, (RESAMPLES, len(sums)), dtype=np.int8)
    extreme = int(np.count_nonzero(np.abs((2.0 * patterns - 1.0) @ sums) >= threshold))
    return extreme / len(patterns) if exact else (extreme + 1) / (RESAMPLES + 1)


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values (Holm 1979), in the order given."""
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, position in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[position]))
        adjusted[position] = highest
    return tuple(adjusted)


def tost_p(mean: float, error: float, df: int, margin: float) -> float:
    """The p-value of two one-sided t tests against -margin and +margin (Schuirmann 1987): small means equivalent."""
    if error == 0.0:
        return 0.0 if abs(mean) < margin else 1.0
    above_lower = stats.t.sf((mean + margin) / error, df)
    below_upper = stats.t.cdf((mean - margin) / error, df)
    return float(max(above_lower, below_upper))


def tost(d: Sequence[float], clusters: Sequence[str], margin: float) -> float | None:
    """The p-value of equivalence within `margin`, clustered; None for one cluster."""
    result = clustered_mean(d, clusters)
    return None if result.error is None else tost_p(result.mean, result.error, result.clusters - 1, margin)


def minimum_detectable(d: Sequence[float], clusters: Sequence[str], contrasts: int = 1) -> float | None:
    """Smallest true difference found with 80 % power at alpha 0.05, divided by `contrasts` (Bonferroni).

    (t(1 - alpha / 2) + t(power)) * clustered standard error, G - 1 degrees of freedom. None where no difference can be
    detected, or none be told: the error cannot be estimated (one cluster, or equal differences throughout), or the
    clusters are so few that the sign-flip test cannot reach alpha whatever the data. Its smallest p is 2 / 2**G (all
    clusters point one way), so Holm's first step needs contrasts * 2 / 2**G < alpha: 6 clusters for one contrast, 8
    for six.
    """
    result = clustered_mean(d, clusters)
    if not result.error or contrasts * smallest_p(result.clusters) >= ALPHA:
        return None
    quantiles = stats.t.ppf([1 - ALPHA / (2 * contrasts), POWER], result.clusters - 1)
    return float(quantiles.sum()) * result.error


def smallest_p(clusters: int) -> float:
    """The smallest p that `permutation_p` can give for so many clusters."""
    return 2.0 / 2**clusters if clusters <= EXACT_UP_TO else 1 / (RESAMPLES + 1)


def _cluster_sums(values: Floats, clusters: Sequence[str]) -> Floats:
    if len(values) != len(clusters):
        raise ValueError(f"expected one cluster per value, got {len(clusters)} for {len(values)} values")
    position = {cluster: index for index, cluster in enumerate(dict.fromkeys(clusters))}
    sums = np.zeros(len(position))
    np.add.at(sums, [position[cluster] for cluster in clusters], values)
    return sums


def _all_patterns(clusters: int) -> npt.NDArray[np.int64]:
    """All sign patterns as bits, shape (2**clusters, clusters)."""
    return (np.arange(2**clusters)[:, None] >> np.arange(clusters)) & 1
