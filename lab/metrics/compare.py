"""Compare every two methods on the same questions; judge the contrasts that were registered before the run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from lab.metrics.statistics import (
    ALPHA,
    Difference,
    clustered_mean,
    difference,
    holm,
    minimum_detectable,
    permutation_p,
    tost,
)
from lab.types import Comparison

CANONICAL_ORDER = ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft", "oracle")
REGISTERED = (
    ("rag", "closed-book"),
    ("fine-tuned", "closed-book"),
    ("fine-tuned+rag", "rag"),
    ("fine-tuned+rag", "fine-tuned"),
    ("raft", "fine-tuned+rag"),
    ("raft", "rag"),
)

Values = Mapping[str, Mapping[str, float | None]]


def compare_methods(
    values: Values, clusters: Mapping[str, str], metric: str, margin: float, seed: int, *, registered: bool = True
) -> tuple[Comparison, ...]:
    """Each pair of methods once, registered contrasts first, as method - baseline (later minus earlier).

    Only registered contrasts carry `p_holm`, adjusted over those that exist in this run, and a verdict; their
    minimum detectable difference is at alpha / m. A pair without a question defined for both has no row.

    Args:
        values: by method, then by question id; None where the metric is undefined.
        clusters: the cluster of each question id.
        metric: name of the metric.
        margin: the smallest difference worth acting on, in units of the metric.
        seed: of the permutations; each pair draws its own, so it does not depend on the other methods.
        registered: False for secondary metrics, which get intervals only.

    Raises:
        ValueError: the methods were not scored on the same questions, or a question has no cluster.
    """
    questions = _same_questions(values, clusters)
    families = [clusters[question] for question in questions]
    paired = {
        (method, baseline): difference(
            [values[method][question] for question in questions],
            [values[baseline][question] for question in questions],
            families,
        )
        for method, baseline in _pairs(list(values))
    }
    paired = {pair: items for pair, items in paired.items() if items.d}
    judged = [pair for pair in paired if registered and pair in REGISTERED]
    rows = {
        pair: _compare(pair, items, metric, seed, contrasts=len(judged) if pair in judged else 1)
        for pair, items in paired.items()
    }
    for pair, p_holm in zip(judged, holm([rows[pair].p for pair in judged]), strict=True):
        verdict = _verdict(rows[pair].difference, p_holm, tost(paired[pair].d, paired[pair].clusters, margin), margin)
        rows[pair] = replace(rows[pair], p_holm=p_holm, verdict=verdict)
    return tuple(rows.values())


def _same_questions(values: Values, clusters: Mapping[str, str]) -> list[str]:
    first = next(iter(values.values()), {})
    for method, by_question in values.items():
        if by_question.keys() != first.keys():
            odd = sorted(by_question.keys() ^ first.keys())
            raise ValueError(f"{method}: expected the questions of the other methods, these differ: {odd[:5]}")
    without = sorted(question for question in first if question not in clusters)
    if without:
        raise ValueError(f"expected a cluster for each question, none for: {without[:5]}")
    return list(first)


def _pairs(methods: Sequence[str]) -> list[tuple[str, str]]:
    known = [method for method in CANONICAL_ORDER if method in methods]
    ordered = known + [method for method in methods if method not in CANONICAL_ORDER]
    pairs = [(later, earlier) for earlier, later in combinations(ordered, 2)]
    return [pair for pair in REGISTERED if pair in pairs] + [pair for pair in pairs if pair not in REGISTERED]


def _compare(pair: tuple[str, str], items: Difference, metric: str, seed: int, *, contrasts: int) -> Comparison:
    method, baseline = pair
    result = clustered_mean(items.d, items.clusters)
    low, high = result.interval() or (None, None)
    return Comparison(
        metric=metric,
        method=method,
        baseline=baseline,
        difference=result.mean,
        low=low,
        high=high,
        p=permutation_p(items.d, items.clusters, _generator(seed, metric, method, baseline)),
        p_holm=None,
        verdict=None,
        n=result.n,
        clusters=result.clusters,
        mde=minimum_detectable(items.d, items.clusters, contrasts),
        lost=items.lost,
    )


def _verdict(mean: float, p_holm: float, equivalence_p: float | None, margin: float) -> str:
    if equivalence_p is not None and equivalence_p < ALPHA:
        return "equivalent"
    if p_holm >= ALPHA:
        return "inconclusive"
    word = "better" if mean > 0 else "worse"
    return word if abs(mean) >= margin else f"slightly {word}"


def _generator(seed: int, *names: str) -> np.random.Generator:
    digest = hashlib.sha256("\n".join([str(seed), *names]).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
