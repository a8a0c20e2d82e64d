"""Compare every two methods on the same questions; judge the contrasts that were registered before the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from lab.outcomes.table import ScoreTable
from lab.statistics.clustered import ClusteredMean, all_equal, cluster_sums, clustered_mean
from lab.statistics.effects import discordant, effect_sizes, is_binary
from lab.statistics.power import minimum_detectable, more_questions
from lab.statistics.resampling import bca_intervals, sign_flip_p
from lab.statistics.sample import Floats, Sample
from lab.statistics.significance import ALPHA, holm, mcnemar_p, t_p
from lab.types import Comparison

Pair = tuple[str, str]

ROUNDING = 1e-12  # a difference of 0.1 as floats have it is no less than a margin of 0.1
CANONICAL_ORDER = ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft", "oracle")
REGISTERED: tuple[Pair, ...] = (
    ("rag", "closed-book"),
    ("fine-tuned", "closed-book"),
    ("fine-tuned+rag", "rag"),
    ("fine-tuned+rag", "fine-tuned"),
    ("raft", "fine-tuned+rag"),
    ("raft", "rag"),
    # Where answers are labels: the encoder alone against the generator that has the same at hand.
    ("knn-vote", "rag"),
    ("linear-head", "fine-tuned"),
)


def compare_methods(
    table: ScoreTable,
    metric: str,
    margin: float,
    seed: int,
    *,
    registered: bool = True,
    contrasts: Sequence[Pair] = REGISTERED,
) -> tuple[Comparison, ...]:
    """Each pair of methods once, registered contrasts first, as method - baseline (else later minus earlier).

    Only registered contrasts carry `p_holm`, adjusted over those that exist in this run, and a verdict; their minimum
    detectable difference is at alpha / m. Where the run has none of them, as with methods of other names, every pair is
    judged. A pair without a question defined for both has no row.

    p is that of sign flips by cluster. With several training runs it is at least that of the t test with their error,
    which also is in the interval, the equivalence test and the detectable difference. `low_bca` and `high_bca` know
    the questions' spread only.

    Args:
        table: the scores of all methods.
        metric: name of the metric; methods without a value of it are left out.
        margin: the smallest difference worth acting on, above 0, in units of the metric.
        seed: of the resampling; a pair's figures do not depend on the other methods, but for the correction.
        registered: False for secondary metrics, which get intervals only.
        contrasts: the registered contrasts as (method, baseline).
    """
    methods = [method for method in table.methods if table.has(method, metric)]
    samples = {
        (method, baseline): sample
        for method, baseline in _pairs(methods, contrasts)
        if (sample := table.sample([(1.0, method, metric), (-1.0, baseline, metric)])) is not None
    }
    if not samples:
        return ()
    known = any(method in methods and baseline in methods for method, baseline in contrasts)
    judged = [pair for pair in samples if registered and (pair in contrasts or not known)]
    results = {pair: clustered_mean(sample) for pair, sample in samples.items()}
    rows = _compare(table, metric, samples, results, seed)
    for pair, row in rows.items():
        rows[pair] = replace(row, mde=minimum_detectable(results[pair], len(judged) if pair in judged else 1))
    for pair, p_holm in zip(judged, holm([rows[pair].p for pair in judged]), strict=True):
        rows[pair] = _judge(rows[pair], results[pair], p_holm, margin, len(judged))
    return tuple(rows.values())


def _pairs(methods: Sequence[str], contrasts: Sequence[Pair]) -> list[Pair]:
    known = [method for method in CANONICAL_ORDER if method in methods]
    ordered = known + [method for method in methods if method not in CANONICAL_ORDER]
    first = [pair for pair in contrasts if pair[0] in methods and pair[1] in methods]
    taken = {frozenset(pair) for pair in first}
    others = [(later, earlier) for earlier, later in combinations(ordered, 2)]
    return first + [pair for pair in others if frozenset(pair) not in taken]


def _compare(
    table: ScoreTable,
    metric: str,
    samples: Mapping[Pair, Sample],
    results: Mapping[Pair, ClusteredMean],
    seed: int,
) -> dict[Pair, Comparison]:
    """What needs no correction for the number of contrasts. All pairs share one resampling."""
    count = int(table.clusters.max()) + 1
    sums = np.stack([cluster_sums(one.values.mean(axis=0), one.clusters, count) for one in samples.values()])
    sizes = np.stack([cluster_sums(np.ones(one.n), one.clusters, count) for one in samples.values()])
    rows: dict[Pair, Comparison] = {}
    for pair, p, bca in zip(samples, sign_flip_p(sums, seed), bca_intervals(sums, sizes, seed), strict=True):
        result, sample = results[pair], samples[pair]
        low, high = result.interval() or (None, None)
        low_bca, high_bca = bca or (None, None)
        method, baseline = _both(table, metric, pair)
        rows[pair] = Comparison(
            metric=metric,
            method=pair[0],
            baseline=pair[1],
            difference=result.mean,
            low=low,
            high=high,
            p=_p(result, float(p)),
            p_holm=None,
            verdict=None,
            n=result.n,
            clusters=result.clusters,
            mde=None,
            lost=sample.lost,
            low_bca=low_bca,
            high_bca=high_bca,
            p_mcnemar=_mcnemar(method, baseline, result),
            effects=effect_sizes(method, baseline),
            by_seed=tuple(float(mean) for mean in sample.values.mean(axis=1)),
            p_retrained=_retrained(sample.values.mean(axis=1)),
        )
    return rows


def _both(table: ScoreTable, metric: str, pair: Pair) -> tuple[Floats, Floats]:
    method, baseline = (table.values(name, metric) for name in pair)
    defined = ~(np.isnan(method).any(axis=0) | np.isnan(baseline).any(axis=0))
    return method[:, defined], baseline[:, defined]


def _p(result: ClusteredMean, flipped: float) -> float:
    """Sign flips see no training run, so with several of them the t test sets a floor."""
    return max(flipped, result.p() or 0.0) if result.seeds > 1 else flipped


def _mcnemar(method: Floats, baseline: Floats, result: ClusteredMean) -> float | None:
    if result.n != result.clusters or not is_binary(method, baseline):
        return None
    return mcnemar_p(*discordant(method, baseline))


def _retrained(means: Floats) -> float | None:
    """Whether a method trained again would still differ: t test over the runs. None where their spread is unknown."""
    if len(means) < 2:
        return None
    if all_equal(means):
        return 1.0 if all_equal(np.append(means, 0.0)) else None
    return t_p(float(means.mean()), float(means.std(ddof=1)) / len(means) ** 0.5, len(means) - 1)


def _judge(row: Comparison, result: ClusteredMean, p_holm: float, margin: float, contrasts: int) -> Comparison:
    verdict = _verdict(result, p_holm, margin)
    needed = more_questions(result, margin, contrasts) if verdict == "inconclusive" else None
    return replace(row, p_holm=p_holm, verdict=verdict, needed=needed)


def _verdict(result: ClusteredMean, p_holm: float, margin: float) -> str:
    if result.within(margin):
        return "equivalent"
    if p_holm >= ALPHA:
        return "inconclusive"
    word = "better" if result.mean > 0 else "worse"
    return word if abs(result.mean) >= margin - ROUNDING else f"slightly {word}"
