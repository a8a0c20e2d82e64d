"""A result whose numbers are easy to keep in mind."""

from __future__ import annotations

from typing import Any

ODD_NAME = 'my "system" 2.0 - beta'


def estimate(mean: float | None, low: float | None, high: float | None, n: int, undefined: int = 0) -> dict[str, Any]:
    return {"mean": mean, "low": low, "high": high, "n": n, "undefined": undefined}


def method(f1: dict[str, Any], **more: Any) -> dict[str, Any]:
    metrics = {
        "token_f1": f1,
        "exact_match": estimate(0.25, 0.125, 0.375, 40),
        "rouge_l": estimate(None, None, None, 0, 40),
    }
    return {
        "metrics": metrics,
        "seconds_per_question": 0.5,
        "latency_ms": {"p50": 400.0, "p95": 900.0, "n": 10},
        **more,
    }


def comparison(metric: str, name: str, baseline: str, ends: tuple[float | None, float | None], **more: Any) -> Any:
    low, high = ends
    difference = 0.0 if low is None or high is None else (low + high) / 2
    return {
        "metric": metric, "method": name, "baseline": baseline, "difference": difference, "low": low, "high": high,
        "p": 0.25, "p_holm": None, "verdict": None, "n": 40, "clusters": 16, "mde": 0.125, **more,
    }  # fmt: skip


def small_tree() -> dict[str, Any]:
    costs = {
        "rag": {"cost_per_question": 0.002, "reasons": {}},
        "raft": {"cost_per_question": None, "reasons": {"cost_per_question": "no price of an hour is declared"}},
    }
    return {
        "schema_version": 1, "name": "small", "domain": "ropeways", "track": "question", "n_test": 40,
        "n_clusters": 16, "seeds": [1], "corpus": {}, "holdout": {}, "timings": {}, "environment": {},
        "methods": {
            "closed-book": method(estimate(0.1, 0.0, 0.2, 40)),
            "rag": method(estimate(0.5, 0.375, 0.625, 40)),
            "fine-tuned+rag": method(estimate(0.6, None, None, 40)),
            "raft": method(estimate(0.75, 0.6, 0.875, 30, 10)),
            ODD_NAME: method(estimate(0.5, 0.25, 0.75, 40)),
        },
        "comparisons": [
            comparison("token_f1", "rag", "closed-book", (0.25, 0.5), p=0.001, p_holm=0.004, verdict="better"),
            comparison("token_f1", "raft", "rag", (-0.125, 0.375), p_holm=0.5, verdict="inconclusive"),
            comparison("token_f1", "fine-tuned+rag", "rag", (None, None)),
            comparison("exact_match", "raft", "rag", (0.0, 0.25)),
        ],
        "retrieval": {
            "n": 36, "type": "Flat", "recall@5": estimate(0.875, 0.75, 1.0, 36), "mrr": estimate(0.5, 0.25, 0.75, 36),
            "by_document": {"recall@5": estimate(1.0, 1.0, 1.0, 36)},
        },
        "recommendation": {
            "choice": "raft", "clear": False, "proven": True, "p_best": 0.799,
            "costs": {"currency": "EUR", "per_method": costs},
        },
        "config": {"metrics": {"primary": "token_f1", "margin": 0.03}},
    }  # fmt: skip
