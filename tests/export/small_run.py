"""A hand-made run: eight questions in four clusters, two methods, texts that a spreadsheet would run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VALUES = {"rag": [1.0, 1.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0], "closed-book": [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]}
CLUSTERS = [0, 0, 0, 1, 1, 2, 3, 3]
HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    'a "quoted", text\nof two lines',
    "plain \ud800",
]


def estimate(mean: float | None, n: int, undefined: int = 0) -> dict[str, Any]:
    return {"mean": mean, "low": mean, "high": mean, "n": n, "undefined": undefined}


def small_tree() -> dict[str, Any]:
    def method(name: str) -> dict[str, Any]:
        mean = sum(VALUES[name]) / 8
        metrics = {"token_f1": estimate(mean, 8), "wrong": estimate(0.5, 2, 6), "bleu": estimate(None, 0, 8)}
        return {
            "description": f"What {name} does.", "weights": "base", "few_shot": 3, "metrics": metrics,
            "seconds_per_question": 0.5, "latency_ms": {"p95": 900.0}, "tokens": {"in": 12.5, "out": 3},
            "by_seed": {"1": mean},
        }  # fmt: skip

    comparison = {
        "metric": "token_f1", "method": "rag", "baseline": "closed-book", "difference": 0.0, "low": -0.5, "high": 0.5,
        "p": 1.0, "p_holm": None, "verdict": "inconclusive", "n": 8, "clusters": 4, "mde": None,
        "effects": {"relative_error_reduction": 0.25, "odds_ratio": None, "d_z": 0.0},
    }  # fmt: skip
    return {
        "schema_version": 1, "name": "small", "domain": "d", "track": "question", "n_test": 8, "n_clusters": 4,
        "seeds": [1], "corpus": {}, "holdout": {}, "methods": {name: method(name) for name in VALUES},
        "comparisons": [comparison], "retrieval": {}, "timings": {},
        "recommendation": {"costs": {"per_method": {"rag": {"cost_per_question": 0.25}}}},
        "environment": {"generator": "tiny", "dtype": "float32", "device": "cpu", "date": "2026-01-02"},
        "config": {"metrics": {"primary": "token_f1"}, "corpus": {"path": "small"}, "generator": {"batch_size": 64}},
    }  # fmt: skip


def answer_rows() -> list[dict[str, Any]]:
    return [
        {
            "question_id": f"q{place}", "method": name, "seed": 1, "question": f"Question {place}?", "kind": "span",
            "cluster": f"doc{CLUSTERS[place]}", "gold": ["=x", "y"], "answer": HOSTILE[place], "raw": "",
            "hits": [{"passage": "p1", "gold": True}, {"passage": "p2", "gold": False}] if name == "rag" else [],
            "scores": {"token_f1": VALUES[name][place], "wrong": None}, "cause": None, "tokens": {"in": 5, "out": 2},
            "seconds": None, "logprob": -0.5, "parse_ok": True, "truncated": False, "passages_dropped": 0,
        }
        for name in VALUES
        for place in range(8)
    ]  # fmt: skip


def score_rows() -> list[dict[str, Any]]:
    found = []
    for name, values in VALUES.items():
        for place, value in enumerate(values):
            key = {"question_id": f"q{place}", "method": name, "seed": 1}
            found.append({**key, "metric": "token_f1", "value": value, "reason": None})
            wrong = 1.0 if place == 0 else 0.0 if place == 1 else None
            reason = None if wrong is not None else "=not asked"
            found.append({**key, "metric": "wrong", "value": wrong, "reason": reason})
            found.append({**key, "metric": "bleu", "value": None, "reason": "too short"})
    return found


def save_small_run(folder: Path) -> Path:
    folder.mkdir()
    facts = [
        {"id": f"q{place}", "cluster": f"doc{cluster}", "kind": "span", "answerable": True, "answer_words": 1,
         "has_gold": True, "gold_rank": 1, "known": None, "popularity": None}
        for place, cluster in enumerate(CLUSTERS)
    ]  # fmt: skip
    (folder / "results.json").write_text(json.dumps(small_tree()))
    for name, rows in (("answers", answer_rows()), ("scores", score_rows()), ("questions", facts)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder
