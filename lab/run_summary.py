"""What a run measured beside its answers: how each method was made, what that took, how long a lone question takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from lab.endpoint_config import ENDPOINT, MARK, shown_model
from lab.environment import describe_environment
from lab.methods.finetune import ADAPTER_FILE
from lab.methods.options import RULE
from lab.methods.registry import METHODS, Recipe
from lab.outcomes.table import Known
from lab.results import QUANTILES, Scored, Surroundings, retrieval_summary
from lab.score_table import AnsweredRun, ScoredRun, build_table, question_facts
from lab.steps.asked import Asked, Fitted
from lab.steps.asking import Asking
from lab.steps.bench import Bench
from lab.steps.retrieval import Retrieval
from lab.steps.traffic import server_of
from lab.types import Score

_NO_OPTIONS: Mapping[str, str] = {
    "encoder": "it writes no text: its answer is its likeliest label",
    "endpoint": "a server tells no likelihood of labels",
}


def arrange(
    bench: Bench,
    retrieval: Retrieval,
    asked: Mapping[str, Sequence[Asked]],
    scores: Mapping[str, Sequence[tuple[Score, ...]]],
    known: Mapping[str, Known],
) -> Scored:
    """Answers and scores of all methods and training runs, with the table for statistics."""
    hits = {question.id: retrieval.found[question.id].hits for question in bench.data.holdout.test}
    answered = [AnsweredRun(name, run.seed, run.answers) for name, runs in asked.items() for run in runs]
    found = [by_seed for name in asked for by_seed in scores[name]]
    scored = [ScoredRun.of(run, one) for run, one in zip(answered, found, strict=True)]
    facts = question_facts(bench.data, hits, known)
    return Scored(tuple(answered), tuple(scored), build_table(scored, facts))


def surroundings(
    bench: Bench,
    retrieval: Retrieval,
    asking: Asking,
    asked: Mapping[str, Sequence[Asked]],
    latency: Mapping[str, Mapping[str, Any]],
    found: Scored,
) -> Surroundings:
    """All that the answers do not tell."""
    hits = {question.id: retrieval.found[question.id].hits for question in bench.data.holdout.test}
    info = retrieval.index_info
    dropped = [set(run.tuned.report.dropped_too_long) for runs in asked.values() for run in runs if run.tuned]
    return Surroundings(
        described={
            name: _described(name, runs, bench, retrieval, asking) | _measured(runs[0], latency.get(name))
            for name, runs in asked.items()
        },
        retrieval={
            **retrieval_summary(bench.data, hits, found.table),
            "type": info["type"],
            "index_recall": info["recall"],
        },
        environment=describe_environment(bench, asking),
        never_fed=frozenset(set.intersection(*dropped) if dropped else set()),
    )


def _described(name: str, runs: Sequence[Asked], bench: Bench, retrieval: Retrieval, asking: Asking) -> dict[str, Any]:
    recipe = METHODS[name]
    build = _build(recipe, runs, bench, retrieval)
    parts = [seconds for seconds in (build["index_s"], build["training_s"]) if seconds]
    return {
        "description": recipe.description,
        "engine": _engine(recipe, runs[0], bench),
        "weights": recipe.weights,
        "context": recipe.context,
        "few_shot": asking.few_shot.shots if recipe.few_shot else 0,
        "prompt": runs[0].prompt,
        "build": build,
        "build_seconds": sum(parts) if parts else None,
        "training": _training(runs[0]) or None,
        "training_by_seed": [{"seed": run.seed, **_training(run)} for run in runs if run.tuned],
        "fit": asdict(runs[0].fitted.record) if runs[0].fitted else None,
        "option_scoring": _option_scoring(recipe, asking),
    }


def _engine(recipe: Recipe, run: Asked, bench: Bench) -> dict[str, Any]:
    """Who answers. Of an endpoint also which model on which server, as far as these told, and why replies ended."""
    endpoint = bench.config.generator.endpoint
    if recipe.engine != ENDPOINT or endpoint is None:
        return {"name": recipe.engine}
    return {
        "name": recipe.engine,
        "model": shown_model(endpoint.model),
        "server": server_of(endpoint),
        "note": MARK,
        "finishes": dict(run.finishes or {}),
    }


def _option_scoring(recipe: Recipe, asking: Asking) -> dict[str, Any]:
    """Which labels were scored and by which rule, or why none was."""
    options = asking.options
    reason = _NO_OPTIONS.get(recipe.engine, options.reason)
    return {"labels": [] if reason else list(options.labels), "rule": None if reason else RULE, "reason": reason}


def _build(recipe: Recipe, runs: Sequence[Asked], bench: Bench, retrieval: Retrieval) -> dict[str, Any]:
    """Seconds, bytes and tokens of building once what the method needs; the mean over training runs."""
    retrieves = recipe.context != "none"
    index, files = retrieval.index, retrieval.index_files()
    tuned = [run.tuned for run in runs if run.tuned]
    if runs[0].fitted:
        return _build_of_fit(runs[0].fitted)
    return {
        "index_s": index.seconds if retrieves else 0.0,
        "indexing_s": files.indexing_seconds if retrieves else 0.0,
        "embedding_s": index.seconds - files.indexing_seconds if retrieves else 0.0,
        "index_bytes": files.size if retrieves else 0,
        "training_s": float(np.mean([one.report.seconds for one in tuned])) if tuned else 0.0,
        "peak_memory_bytes": max(one.peak_memory for one in tuned) if tuned else None,
        "tokens_seen": float(np.mean([one.report.tokens for one in tuned])) if tuned else 0,
        "adapter_bytes": (tuned[0].adapter.folder / ADAPTER_FILE).stat().st_size if tuned else 0,
    }


def _build_of_fit(fitted: Fitted) -> dict[str, Any]:
    """The same of a method that the encoder answers: it reads no index of passages and has no adapter."""
    absent = ("index_s", "indexing_s", "embedding_s", "index_bytes", "tokens_seen", "adapter_bytes")
    return {
        **dict.fromkeys(absent, 0),
        "training_s": fitted.seconds,
        "peak_memory_bytes": fitted.peak_memory,
        "fit_tokens": fitted.tokens,
        "fit_bytes": fitted.size,
    }


def _measured(run: Asked, latency: Mapping[str, Any] | None) -> dict[str, Any]:
    if run.finishes is not None:
        return _requested(run)
    seconds = sum(answer.timing.total for answer in run.answers if answer.timing)
    throughput = len(run.answers) / seconds if seconds else None
    if latency is None:
        unknown: dict[str, Any] = {**dict.fromkeys(QUANTILES), "n": 0, "samples": [], "beside": None}
        return {
            "latency_ms": unknown,
            "throughput_per_s": throughput,
            "memory_bytes": None,
            "energy_j_per_question": None,
        }
    return {
        "latency_ms": {
            **_quantiles(latency["merged_ms"]),
            "samples": latency["merged_ms"],
            "beside": _quantiles(latency["beside_ms"]) if latency["beside_ms"] else None,
        },
        "throughput_per_s": throughput,
        "memory_bytes": latency["peak_bytes"],
        "energy_j_per_question": latency["joules"],
    }


def _requested(run: Asked) -> dict[str, Any]:
    """Of an endpoint: milliseconds of its requests, several under way at a time; nobody here sees the rest."""
    times = [1000.0 * answer.timing.total for answer in run.answers if answer.timing]
    return {
        "latency_ms": {**_quantiles(times), "samples": times, "beside": None, "of": "requests"},
        **dict.fromkeys(("throughput_per_s", "memory_bytes", "energy_j_per_question")),
    }


def _quantiles(times: Sequence[float]) -> dict[str, Any]:
    return {name: float(np.percentile(times, share)) for name, share in QUANTILES.items()} | {"n": len(times)}


def _training(run: Asked) -> dict[str, Any]:
    """The record of the adapter that a method was asked with, empty for base weights."""
    if run.tuned is None:
        return {}
    report = run.tuned.report
    return asdict(report) | {
        "planned_steps": report.steps,
        "stopped_early": report.stopped_early,
        "dropped_too_long": len(report.dropped_too_long),
        "counts": run.tuned.counts,
    }
