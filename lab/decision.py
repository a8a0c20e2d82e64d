"""From a finished result and its scores table to a recommendation; the same way for a run and for `lab decide`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lab.config import ExperimentConfig
from lab.outcomes.table import Mask, ScoreTable
from lab.recommend.choose import recommend
from lab.recommend.evidence import Candidate, Evidence, Majority
from lab.types import Comparison, ExperimentResult

SIMPLEST_FIRST = ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft")
ORACLE = "oracle"
SUPPORT = "support_lexical"  # the metric that counts as groundedness
Methods = Mapping[str, Mapping[str, Any]]


def metrics_read(primary: str) -> tuple[str, ...]:
    """The metrics that a recommendation reads from the scores table."""
    return tuple(dict.fromkeys((primary, "wrong", SUPPORT)))


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
    """All that the recommendation reads: candidates on the questions that all of them have a value for."""
    primary = config.metrics.primary
    names = [name for name in SIMPLEST_FIRST if name in methods]
    names += [name for name in methods if name not in (*SIMPLEST_FIRST, ORACLE)]
    names = [name for name in names if table.has(name, primary)]
    shared: Mask = np.ones(len(table.questions), dtype=np.bool_)
    for name in names:
        shared &= ~np.isnan(table.values(name, primary)).any(axis=0)
    return Evidence(
        metric=primary,
        margin=config.metrics.margin,
        candidates=tuple(_candidate(name, methods[name], table, primary, shared) for name in names),
        clusters=table.clusters[shared],
        comparisons=tuple(one for one in comparisons if one.metric == primary),
        device=scope.get("device"),
        seed=config.holdout.seed,
        scope=scope,
        majority=_majority(methods, names, primary),
        groundedness_metric=SUPPORT,
    )


def _candidate(name: str, method: Mapping[str, Any], table: ScoreTable, primary: str, shared: Mask) -> Candidate:
    build = method.get("build") or {}
    latency = method.get("latency_ms") or {}
    tokens = method.get("tokens") or {}
    retrieves = method.get("context") not in (None, "none")
    grounded = table.values(name, SUPPORT)[:, shared] if table.has(name, SUPPORT) else None
    return Candidate(
        name=name,
        weights=str(method.get("weights") or name),
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
    )


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
