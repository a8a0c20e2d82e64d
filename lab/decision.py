"""From a finished result and its scores table to a recommendation; the same way for a run and for `lab decide`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lab.config import ExperimentConfig
from lab.endpoint_config import is_beside
from lab.outcomes.table import Mask, ScoreTable
from lab.recommend.choose import recommend
from lab.recommend.costs import UNTUNED
from lab.recommend.evidence import SIMPLEST_FIRST, Candidate, Evidence, Majority
from lab.recommend.rule import simplicity
from lab.types import Comparison, ExperimentResult

ORACLE = "oracle"
SUPPORT = "support_lexical"  # the metric that counts as groundedness
Methods = Mapping[str, Mapping[str, Any]]


def metrics_read(primary: str) -> tuple[str, ...]:
    """The metrics that a recommendation reads from the scores table."""
    return tuple(dict.fromkeys((primary, "wrong", "abstained", SUPPORT)))


def decide(
    methods: Methods,
    table: ScoreTable,
    comparisons: Sequence[Comparison],
    scope: Mapping[str, Any],
    config: ExperimentConfig,
) -> dict[str, Any]:
    """The recommendation by the config's needs and economics. `methods` is the result's own part of that name."""
    return recommend(gather(methods, table, comparisons, scope, config), config.needs, config.economics)


def gather(
    methods: Methods,
    table: ScoreTable,
    comparisons: Sequence[Comparison],
    scope: Mapping[str, Any],
    config: ExperimentConfig,
) -> Evidence:
    """All that the recommendation reads: candidates on the questions that all of them have a value for.

    The simplest first: the methods that the lab knows in their order, others among them by what they are made of. The
    scope's n, clusters and `lost` are of these questions; `left_out` names methods without any value.
    """
    primary = config.metrics.primary
    asked = [name for name in dict.fromkeys((*SIMPLEST_FIRST, *methods)) if _competes(name, methods)]
    names = [name for name in asked if table.has(name, primary)]
    shared: Mask = np.ones(len(table.questions), dtype=np.bool_)
    for name in names:
        shared &= ~np.isnan(table.values(name, primary)).any(axis=0)
    candidates = sorted((_candidate(name, methods[name], table, primary, shared) for name in names), key=simplicity)
    clusters = table.clusters[shared]
    counted = {"n": len(clusters), "clusters": len(np.unique(clusters)), "lost": int(np.sum(~shared))}
    return Evidence(
        metric=primary,
        margin=config.metrics.margin,
        candidates=tuple(candidates),
        clusters=clusters,
        comparisons=tuple(one for one in comparisons if one.metric == primary),
        device=scope.get("device"),
        seed=config.holdout.seed,
        scope={**scope, **counted, "left_out": [name for name in asked if name not in names]},
        majority=_majority(methods, names, primary),
        groundedness_metric=SUPPORT,
    )


def _competes(name: str, methods: Methods) -> bool:
    return name in methods and name != ORACLE and not is_beside(methods[name])


def _candidate(name: str, method: Mapping[str, Any], table: ScoreTable, primary: str, shared: Mask) -> Candidate:
    build = method.get("build") or {}
    latency = method.get("latency_ms") or {}
    tokens = method.get("tokens") or {}
    retrieves = method.get("context") not in (None, "none")
    grounded = table.values(name, SUPPORT)[:, shared] if table.has(name, SUPPORT) else None
    declined = table.values(name, "abstained")[:, shared] if table.has(name, "abstained") else None
    weights = str(method.get("weights") or name)
    return Candidate(
        name=name,
        weights=weights,
        retrieves=retrieves,
        quality=table.values(name, primary)[:, shared],
        wrong=table.values(name, "wrong")[:, shared],
        groundedness=grounded if retrieves else None,
        latency_ms=tuple(latency.get("samples") or ()),
        seconds_per_question=method.get("seconds_per_question"),
        tokens_in=tokens.get("in"),
        tokens_out=tokens.get("out"),
        index_seconds=build.get("index_s"),
        training_seconds=build.get("training_s"),
        memory_bytes=method.get("memory_bytes"),
        declined=declined,
        tuned=method["tuned"] if "tuned" in method else _tuned(name, weights),
    )


def _tuned(name: str, weights: str) -> bool | None:
    """By the name of the weights; None where a method that the lab does not know has weights of its own name."""
    return None if weights == name and name not in SIMPLEST_FIRST else weights != UNTUNED


def _majority(methods: Methods, names: Sequence[str], primary: str) -> Majority | None:
    """What always giving the most frequent label would score, where one kind of labels decides."""
    if primary != "label_accuracy" or not names:
        return None
    kinds = list((methods[names[0]].get("labels") or {}).values())
    return Majority(kinds[0]["majority"], kinds[0]["majority_share"]) if len(kinds) == 1 else None


def scope_of(result: ExperimentResult) -> dict[str, Any]:
    """What the recommendation holds for: it says nothing beyond."""
    judged = [one.mde for one in result.comparisons if one.p_holm is not None]
    known = [mde for mde in judged if mde is not None]
    return {
        "model": result.environment.get("generator"),
        "domain": result.domain,
        "track": result.track,
        "n": result.n_test,
        "clusters": result.n_clusters,
        "seeds": len(result.seeds),
        "mde": max(known) if known and len(known) == len(judged) else None,
        "device": result.environment.get("device"),
        "date": result.environment.get("date"),
    }
