"""What was measured of the candidates, and 2,000 other ways in which it might have come out.

One draw takes clusters of questions, and training runs, again: jointly for all candidates, so that what two of them
share cancels in their difference. Of n units n - 1 are drawn, with replacement: then the variance of the drawn means is
that of the mean itself, also where clusters or training runs are few (Rao and Wu 1988, section 2).

NaN stands for 'not measured' inside this package; what leaves it is None with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.recommend.evidence import Candidate, Evidence
from lab.statistics.sample import Codes, Floats, Sample

P95 = 95.0
UNSEEN = 0.05
_NO_ERROR = 1e-12
PARTS = ("wrong", "groundedness", "declined", "right")
_COLUMNS = 1 + 2 * len(PARTS)  # of each training run of a candidate
_BLOCK = 2**21  # numbers drawn at a time


@dataclass(frozen=True, slots=True)
class Figures:
    """Of each candidate, in the last axis: the means, and the 95th percentile of latency in ms.

    `right` is the share of answers that are neither wrong nor declined. Shape (candidates,) as measured, (draws,
    candidates) as drawn.
    """

    quality: Floats
    wrong: Floats
    groundedness: Floats
    declined: Floats
    right: Floats
    p95: Floats


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures as measured and as drawn; `drawn` is None where all questions belong to one cluster.

    `lower` are the lower ends of the clustered 95 % intervals of quality, NaN for one cluster. It is a two-sided
    interval, with the spread of the training runs in it. Where the clusters do not differ at all, `steady`, it is
    mean - (1 - 0.05 ** (1 / G)) for G clusters: that much of what no cluster showed would be missed in 5 % of samples.
    `p95_range` are the 2.5th and the 97.5th percentile of the drawn p95, shape (2, candidates).
    """

    found: Figures
    lower: Floats
    steady: tuple[bool, ...]
    p95_range: Floats
    drawn: Figures | None


def measure(evidence: Evidence, rng: np.random.Generator, draws: int) -> Measured:
    """Read the figures of all candidates and draw them again `draws` times.

    Raises:
        ValueError: the candidates differ in their questions, or those with the same weights in their training runs.
    """
    _check(evidence)
    candidates = evidence.candidates
    parts = [_parts(one) for one in candidates]
    found = Figures(
        quality=np.array([one.quality.mean() for one in candidates]),
        **{name: np.array([_mean_of_defined(part[name]) for part in parts]) for name in PARTS},
        p95=np.array([np.percentile(one.latency_ms, P95) if one.latency_ms else np.nan for one in candidates]),
    )
    for_clusters, for_runs, for_latency = rng.spawn(3)
    p95 = np.stack([_percentiles(one.latency_ms, for_latency, draws) for one in candidates], axis=1)
    lower, steady = _lower_bounds(evidence)
    drawn = _draw(evidence, found, p95, (for_clusters, for_runs))
    return Measured(found, lower, steady, np.quantile(p95, (0.025, 0.975), axis=0), drawn)


def _parts(one: Candidate) -> dict[str, Floats]:
    """Values beside quality, by name as in Figures, each in the shape of quality; NaN where there is none."""
    unknown = np.full_like(one.quality, np.nan)
    declined = unknown if one.declined is None else one.declined
    grounded = unknown if one.groundedness is None else one.groundedness
    return {"wrong": one.wrong, "groundedness": grounded, "declined": declined, "right": 1.0 - one.wrong - declined}


def _check(evidence: Evidence) -> None:
    runs: dict[str, int] = {}
    for one in evidence.candidates:
        shape = one.quality.shape
        parts = [values.shape for values in (one.wrong, one.groundedness, one.declined) if values is not None]
        if any(part != shape for part in parts) or shape[1] != len(evidence.clusters):
            raise ValueError(
                f"{one.name}: expected values of shape (seeds, {len(evidence.clusters)}), got {shape}, {parts}"
            )
        if runs.setdefault(one.weights, shape[0]) != shape[0]:
            raise ValueError(
                f"{one.name}: expected {runs[one.weights]} training runs of weights {one.weights}, got {shape[0]}"
            )


def _mean_of_defined(values: Floats) -> float:
    return float("nan") if np.isnan(values).all() else float(np.nanmean(values))


def _lower_bounds(evidence: Evidence) -> tuple[Floats, tuple[bool, ...]]:
    from lab.statistics.clustered import clustered_mean  # its distributions take half a second to import

    lower, steady = [], []
    for one in evidence.candidates:
        mean = clustered_mean(Sample(one.quality, evidence.clusters))
        interval = mean.interval()
        steady.append(mean.error is not None and mean.error <= _NO_ERROR)
        unseen = 1.0 - UNSEEN ** (1.0 / mean.clusters)
        lower.append(np.nan if interval is None else mean.mean - unseen if steady[-1] else interval[0])
    return np.array(lower), tuple(steady)


def _draw(
    evidence: Evidence, found: Figures, p95: Floats, rngs: tuple[np.random.Generator, np.random.Generator]
) -> Figures | None:
    codes = np.unique(evidence.clusters, return_inverse=True)[1]
    count = int(codes.max()) + 1
    if count < 2:
        return None
    (for_clusters, for_runs), draws = rngs, len(p95)
    candidates = evidence.candidates
    runs = {one.weights: len(one.quality) for one in candidates}
    shares = {weights: _run_shares(seeds, for_runs, draws) for weights, seeds in runs.items()}
    totals = _cluster_totals(candidates, codes, count, for_clusters, draws)
    sizes = totals[:, -1]

    quality: list[Floats] = []
    means: dict[str, list[Floats]] = {name: [] for name in PARTS}
    at = 0
    for position, one in enumerate(candidates):
        seeds, share = len(one.quality), shares[one.weights]
        first, *rest = (
            (totals[:, at + part * seeds : at + (part + 1) * seeds] * share).sum(axis=1) for part in range(_COLUMNS)
        )
        at += _COLUMNS * seeds
        quality.append(first / sizes)
        for name, sums, counts in zip(PARTS, rest[::2], rest[1::2], strict=True):
            means[name].append(_ratio(sums, counts, float(getattr(found, name)[position])))
    columns = {name: np.stack(values, axis=1) for name, values in means.items()}
    return Figures(quality=np.stack(quality, axis=1), p95=p95, **columns)


def _ratio(sums: Floats, counts: Floats, otherwise: float) -> Floats:
    """Means of the draws; a draw without any defined value says nothing new and gets the mean as measured."""
    means: Floats = np.divide(sums, counts, out=np.full(len(sums), otherwise), where=counts > 0)
    return means


def _run_shares(seeds: int, rng: np.random.Generator, draws: int) -> Floats:
    """The weight of each training run in each draw, shape (draws, seeds); each row sums to 1."""
    if seeds == 1:
        return np.ones((draws, 1))
    return _times(seeds, draws, rng) / (seeds - 1)


def _cluster_totals(
    candidates: Sequence[Candidate], codes: Codes, count: int, rng: np.random.Generator, draws: int
) -> Floats:
    """Totals over the drawn clusters, shape (draws, columns).

    The columns of a candidate are, run by run: quality, then each of PARTS with how many of it are defined. The last
    column of all is the number of questions.
    """
    rows = []
    for one in candidates:
        rows.append(one.quality)
        for values in _parts(one).values():
            rows += [np.nan_to_num(values), (~np.isnan(values)).astype(np.float64)]
    values = np.concatenate([*rows, np.ones((1, len(codes)))])
    sums = np.stack([np.bincount(codes, weights=row, minlength=count) for row in values], axis=1)
    block = max(1, _BLOCK // count)
    parts = [_times(count, min(block, draws - start), rng) @ sums for start in range(0, draws, block)]
    return np.concatenate(parts)


def _times(count: int, draws: int, rng: np.random.Generator) -> Floats:
    """How often each of `count` units is among count - 1 drawn, shape (draws, count)."""
    drawn = rng.integers(0, count, (draws, count - 1)) + count * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * count).reshape(draws, count).astype(np.float64)


def _percentiles(latency: Sequence[float], rng: np.random.Generator, draws: int) -> Floats:
    """The 95th percentile of as many samples drawn again, shape (draws,)."""
    if not latency:
        return np.full(draws, np.nan)
    samples = np.asarray(latency, dtype=np.float64)
    drawn: Floats = np.percentile(samples[rng.integers(0, len(samples), (draws, len(samples)))], P95, axis=1)
    return drawn
