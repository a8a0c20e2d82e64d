"""Scripted candidates whose right answer is known by hand."""

import json

import numpy as np

from lab.decision_config import EconomicsConfig, NeedsConfig
from lab.recommend.choose import recommend
from lab.recommend.evidence import Candidate, Evidence
from lab.types import Comparison

N = 180
CLUSTERS = np.arange(N) // 3
KINDS = {  # weights, retrieves
    "closed-book": ("base", False),
    "rag": ("base", True),
    "fine-tuned": ("A", False),
    "fine-tuned+rag": ("A", True),
    "raft": ("B", True),
}


def around(mean, seed=0, spread=0.1, n=N):
    """Values with exactly this mean; other seeds are independent of it."""
    values = np.random.default_rng(seed).normal(0.0, spread, n)
    return values - values.mean() + mean


def candidate(name, quality, **costs):
    """`quality`: a mean, values of one run, or values of several."""
    if np.isscalar(quality):
        quality = around(quality, sorted(KINDS).index(name) if name in KINDS else 9)
    weights, retrieves = costs.pop("kind", None) or KINDS[name]
    values = np.atleast_2d(np.asarray(quality, dtype=np.float64))
    wrong = costs.pop("wrong", None)
    wrong = 1.0 - values if wrong is None else np.broadcast_to(np.float64(wrong), values.shape)
    if np.isscalar(costs.get("declined")):
        costs["declined"] = np.full_like(values, costs["declined"])
    return Candidate(name, weights, retrieves, values, wrong, **costs)


def evidence(*candidates, comparisons=(), margin=0.03, seed=3, **more):
    n = candidates[0].quality.shape[1] if candidates else 0
    return Evidence(
        metric="token_f1",
        margin=margin,
        candidates=candidates,
        clusters=np.asarray(more.pop("clusters", np.arange(n) // 3)),
        comparisons=tuple(comparisons),
        device=more.pop("device", "cpu"),
        seed=seed,
        scope={"model": "toy", "track": "question"},
        **more,
    )


def contrast(method, baseline, difference, verdict="better", half=0.05, metric="token_f1"):
    p_holm = None if verdict is None else 0.006
    low, high = difference - half, difference + half
    return Comparison(metric, method, baseline, difference, low, high, 0.001, p_holm, verdict, N, 60, 0.05)


def ask(found, needs=None, economics=None, **options):
    """The recommendation, which must be JSON, and the same when asked again."""
    result = recommend(found, NeedsConfig(**(needs or {})), EconomicsConfig(**(economics or {})), **options)
    json.dumps(result, allow_nan=False)
    return result
