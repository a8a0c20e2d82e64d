"""Finished runs made of small tables: the files that a run saves, with scores that the test knows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

METRIC = "token_f1"
LIBRARIES = {
    "torch": "2.13.0",
    "transformers": "5.23.0",
    "peft": "0.21.2",
    "rouge-score": "0.1.2",
    "sacrebleu": "2.6.0",
}
ENVIRONMENT = {
    "date": "2026-05-04", "python": "3.11.7", "cpu": "Some CPU", "cores": 2, "device": "cpu", "dtype": "bfloat16",
    "generator": "smollm2-135m", "encoder": "minilm", "libraries": LIBRARIES,
}  # fmt: skip


def make_run(folder, scores, **changes):
    """Write a run and return its folder.

    `scores` by method: one list of a value per question, or one list per training run. `changes`: ids, texts, gold,
    clusters, right (by method, as scores; default: where the score is 1), declined, seeds, choice, and `config`,
    `environment` and `result`, which replace parts of what is saved. `reverse`: every file is in the opposite order.
    """
    rows = {name: np.atleast_2d(np.array(found, dtype=float)) for name, found in scores.items()}
    n = next(iter(rows.values())).shape[1]
    ids = changes.get("ids") or [f"q{place}" for place in range(n)]
    made = {
        "ids": ids,
        "texts": changes.get("texts") or {name: f"What is {name}?" for name in ids},
        "gold": {name: ["an answer"] for name in ids} | changes.get("gold", {}),
        "clusters": changes.get("clusters") or [f"d{place}" for place in range(n)],
        "seeds": changes.get("seeds") or tuple(range(1, max(map(len, rows.values())) + 1)),
        "right": {name: np.atleast_2d(np.array(found)) for name, found in changes.get("right", {}).items()},
        "declined": {name: np.atleast_2d(np.array(found)) for name, found in changes.get("declined", {}).items()},
    }
    step = -1 if changes.get("reverse") else 1
    folder.mkdir(parents=True, exist_ok=True)
    _jsonl(folder / "questions.jsonl", _questions(made)[::step])
    _jsonl(folder / "scores.jsonl", _scores(rows, made)[::step])
    _jsonl(folder / "answers.jsonl", _answers(rows, made)[::step])
    result = _result(folder.name, rows, made, changes)
    (folder / "results.json").write_text(json.dumps(result), encoding="utf-8")
    return folder


def rewrite(folder: Path, **parts):
    """Replace top-level parts of a results.json."""
    file = folder / "results.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | parts), encoding="utf-8")


def _questions(made):
    return [
        {"id": name, "cluster": cluster, "kind": "span", "answerable": bool(made["gold"][name]), "answer_words": 2,
         "has_gold": True, "gold_rank": 1, "known": None, "popularity": None}
        for name, cluster in zip(made["ids"], made["clusters"], strict=True)
    ]  # fmt: skip


def _values(method, values, made):
    """(seed, question, its scores by metric)."""
    for run, (seed, row) in enumerate(zip(made["seeds"], values, strict=False)):
        for place, (name, value) in enumerate(zip(made["ids"], row, strict=True)):
            right = made["right"][method][run, place] if method in made["right"] else value == 1.0
            declined = made["declined"][method][run, place] if method in made["declined"] else 0.0
            found = {METRIC: value, "exact_match": float(right), "contains": float(right), "chrf": value}
            yield seed, name, found | {"wrong": float(not right and not declined), "abstained": float(declined)}


def _scores(rows, made):
    return [
        {"question_id": name, "method": method, "seed": seed, "metric": metric,
         "value": None if np.isnan(value) else float(value), "reason": None}
        for method, values in rows.items()
        for seed, name, found in _values(method, values, made)
        for metric, value in found.items()
    ]  # fmt: skip


def _answers(rows, made):
    return [
        {"question_id": name, "method": method, "seed": seed, "question": made["texts"][name], "kind": "span",
         "cluster": "d", "gold": made["gold"][name], "answer": f"{method} seed {seed} on {name}", "raw": "", "hits": [],
         "scores": {}, "cause": None}
        for method, values in rows.items()
        for seed, name, _ in _values(method, values, made)
    ]  # fmt: skip


def _result(name, rows, made, changes):
    seeds = list(made["seeds"])
    config = {
        "name": name, "domain": "a domain", "corpus": {"path": name}, "index": {"k": 3, "encoder": "minilm"},
        "training": {"seeds": seeds}, "metrics": {"primary": METRIC, "margin": 0.05, "nli": "none"},
        "economics": {"currency": "EUR"},
    }  # fmt: skip
    methods = {method: _method(method, values) for method, values in rows.items()}
    tree = {
        "schema_version": 1, "name": name, "domain": "a domain", "track": "question", "n_test": len(made["ids"]),
        "n_clusters": len(set(made["clusters"])), "seeds": seeds, "corpus": {}, "holdout": {"fingerprint": "f" * 64},
        "methods": methods, "comparisons": [], "retrieval": {},
        "recommendation": {"choice": changes.get("choice", "none")},
        "timings": {"total_s": 100.0, "model_s": 90.0, "steps": {}}, "environment": ENVIRONMENT, "config": config,
    }  # fmt: skip
    tree["config"] = config | changes.get("config", {})
    tree["environment"] = ENVIRONMENT | changes.get("environment", {})
    return tree | changes.get("result", {})


def _method(method, values):
    defined = ~np.isnan(values).any(axis=0)
    mean = float(values[:, defined].mean()) if defined.any() else None
    estimate = {"mean": mean, "low": None, "high": None, "n": int(defined.sum()), "undefined": int((~defined).sum())}
    tuned = method not in ("closed-book", "rag", "oracle")
    return {
        "weights": "A" if tuned else "base", "training": {"seconds": 9.0} if tuned else None,
        "metrics": {METRIC: estimate, "chrf": estimate}, "seconds_per_question": 0.5,
        "tokens": {"in": 300.0, "out": 6.0}, "build": {"training_s": 9.0 if tuned else 0.0},
    }  # fmt: skip


def _jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
