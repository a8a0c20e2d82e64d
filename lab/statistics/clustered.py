"""Means of questions that share documents: their error, their interval, and an estimate for a table.

The error of the questions is Miller's clustered standard error (2024, arXiv 2411.00640, section 2.2) times
sqrt(G / (G - 1)) for G clusters, read with Student's t. Naive intervals are too narrow when questions share a document.
All questions share a training run, so with S runs s**2 / S is added, where s is the deviation of the runs' means; the
degrees of freedom are those of Welch (1947) and Satterthwaite (1946). Up to four runs tell so little of their own
deviation that this finds too many differences (`make simulation`): there the interval is as wide as Howe's (1974).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from lab.statistics.sample import Codes, Floats, Sample
from lab.statistics.significance import ALPHA, t_p, tost_p
from lab.types import Estimate

CONFIDENCE = 0.95
SHARE = (0.0, 1.0)
RUNS_FOR_WELCH = 5
_RELATIVE, _ABSOLUTE = 1e-12, 1e-14  # values that differ by rounding alone count as equal


@dataclass(frozen=True, slots=True)
class ClusteredMean:
    """A mean over `n` questions in `clusters` clusters, over `seeds` training runs.

    `error` is its standard error, of questions and training runs together, with `df` degrees of freedom by Welch and
    Satterthwaite; both are None for one cluster. `seed_error` is the part of the training runs; None for one run, of
    which nothing can be told.
    """

    mean: float
    error: float | None
    n: int
    clusters: int
    seeds: int
    df: float | None
    seed_error: float | None

    @property
    def few_runs(self) -> bool:
        """Whether the training runs tell little of their own deviation."""
        return bool(self.seed_error) and self.seeds < RUNS_FOR_WELCH

    def half_width(self, confidence: float) -> float | None:
        """Half of the two-sided interval at `confidence`; None for one cluster.

        Student's t times the error. With few runs Howe's (1974) sqrt((t_items * items)**2 + (t_seeds * seeds)**2).
        """
        if self.error is None or self.df is None:
            return None
        upper = 0.5 + confidence / 2
        if not self.few_runs:
            return float(stdtrit(self.df, upper)) * self.error
        seeds = self.seed_error or 0.0
        items = math.sqrt(max(0.0, self.error**2 - seeds**2))
        return math.hypot(stdtrit(self.clusters - 1, upper) * items, stdtrit(self.seeds - 1, upper) * seeds)

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
        """The two-sided interval as (low, high), not clipped to the metric's range; None for one cluster."""
        half = self.half_width(confidence)
        return None if half is None else (self.mean - half, self.mean + half)

    def p(self) -> float | None:
        """Two-sided p of 'the mean is 0': 1 less the confidence at which the interval touches 0.

        None for one cluster. Without any error 1 for a mean of 0, else 0.
        """
        if self.error is None or self.df is None:
            return None
        if not self.few_runs:
            return t_p(self.mean, self.error, self.df)
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            inside = abs(self.mean) <= (self.half_width(middle) or 0.0)
            low, high = (low, middle) if inside else (middle, high)
        return 1.0 - (low + high) / 2

    def within(self, margin: float) -> bool:
        """Two one-sided tests at 5 % (Schuirmann 1987): the 90 % interval lies inside (-margin, margin)."""
        if self.error is None or self.df is None:
            return False
        if not self.few_runs:
            return tost_p(self.mean, self.error, self.df, margin) < ALPHA
        return abs(self.mean) + (self.half_width(1 - 2 * ALPHA) or 0.0) < margin


def clustered_mean(sample: Sample) -> ClusteredMean:
    """Mean of all values with its clustered standard error; exactly 0 where the values are equal.

    With several training runs the question's values are averaged over the runs first. The deviation of the runs is that
    of the runs' means of these very values, so in a difference an adapter that both methods use counts once.

    Raises:
        ValueError: the sample holds no value.
    """
    if sample.n == 0 or sample.seeds == 0:
        raise ValueError(f"expected at least one value, got shape {sample.values.shape}")
    values = sample.values.mean(axis=0) if sample.seeds > 1 else sample.values[0]
    count = len(np.unique(sample.clusters))
    mean = float(sample.values[0, 0]) if all_equal(sample.values) else float(values.mean())
    items = _item_error(values, sample.clusters, count, mean)
    seeds = _seed_error(sample.values)
    if items is None:
        return ClusteredMean(mean, None, sample.n, count, sample.seeds, None, seeds)
    error = math.hypot(items, seeds or 0.0)
    df = welch_satterthwaite(items, count - 1, seeds or 0.0, sample.seeds - 1)
    return ClusteredMean(mean, error, sample.n, count, sample.seeds, df, seeds)


def estimate(sample: Sample | None, undefined: int, bounds: tuple[float, float] | None = None) -> Estimate:
    """A mean with its 95 % interval for a table; `undefined` counts the questions without a value.

    `bounds`: the least and the greatest that such a mean can be, where the interval ends at the latest; with few
    clusters Student's t reaches far beyond. No sample: no question has a value, and mean and interval are None. One
    cluster: no interval.
    """
    if sample is None:
        return Estimate(None, None, None, 0, undefined)
    result = clustered_mean(sample)
    interval = result.interval()
    if interval is None:
        return Estimate(result.mean, None, None, result.n, undefined)
    low, high = interval if bounds is None else bounded(interval, bounds)
    return Estimate(result.mean, low, high, result.n, undefined)


def bounded(interval: tuple[float, float], bounds: tuple[float, float]) -> tuple[float, float]:
    """The part of an interval that lies within `bounds`; its true value lies there, so nothing of its cover is lost."""
    return max(interval[0], bounds[0]), min(interval[1], bounds[1])


def estimate_values(
    values: Sequence[float | None], clusters: Sequence[str], bounds: tuple[float, float] | None = None
) -> Estimate:
    """The same for one value per question, with the name of its cluster; None where it is undefined.

    Raises:
        ValueError: `values` and `clusters` differ in length.
    """
    pairs = [(value, cluster) for value, cluster in zip(values, clusters, strict=True) if value is not None]
    undefined = len(values) - len(pairs)
    if not pairs:
        return estimate(None, undefined)
    codes = np.unique([cluster for _, cluster in pairs], return_inverse=True)[1]
    return estimate(Sample(np.array([[value for value, _ in pairs]], dtype=np.float64), codes), undefined, bounds)


def cluster_sums(values: Floats, clusters: Codes, count: int) -> Floats:
    """Sum of `values` (questions,) in each of `count` clusters, shape (count,); 0 for a cluster without a question."""
    sums: Floats = np.bincount(clusters, weights=values, minlength=count).astype(np.float64)
    return sums


def all_equal(values: Floats) -> bool:
    """Whether the values differ by no more than rounding."""
    return bool(np.ptp(values) <= _ABSOLUTE + _RELATIVE * np.abs(values).max())


def welch_satterthwaite(items: float, items_df: int, seeds: float, seeds_df: int) -> float:
    """Degrees of freedom of sqrt(items**2 + seeds**2), two independent standard errors with theirs.

    `items_df` where the training runs do not differ, or there is one.
    """
    if seeds == 0.0:
        return float(items_df)
    share = items**2 / (items**2 + seeds**2)
    return 1.0 / (share**2 / items_df + (1.0 - share) ** 2 / seeds_df)


def _item_error(values: Floats, clusters: Codes, count: int, mean: float) -> float | None:
    if count < 2:
        return None
    if all_equal(values):
        return 0.0
    sums = cluster_sums(values - mean, clusters, int(clusters.max()) + 1)
    return math.sqrt(float(sums @ sums) * count / (count - 1)) / len(values)


def _seed_error(values: Floats) -> float | None:
    runs = len(values)
    if runs < 2:
        return None
    means = values.mean(axis=1)
    return 0.0 if all_equal(means) else float(means.std(ddof=1)) / math.sqrt(runs)
