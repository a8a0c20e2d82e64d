"""What runs and other systems write: results, answers, scores, labels, recipes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from corpus_cases import JSONL
from fuzzing import Case
from hypothesis import strategies as st
from spoiling import (
    as_lines,
    json_bytes,
    spoiled_bytes,
    spoiled_json,
    spoiled_table,
)

from lab.compare.runs import read_runs
from lab.gate.read import reasons_in
from lab.judge.labels import read_labels
from lab.judge.rows import read_answers as read_judged
from lab.own_answers import read_submission
from lab.recipe import read_recipe
from lab.report.read import read_answers, read_result

SCORES = {"rag": (1.0, 0.5, 0.0), "raft": (1.0, 1.0, 0.25)}
METRICS = ("token_f1", "exact_match", "contains", "wrong", "abstained")


def run_files(name: str, shift: float = 0.0) -> dict[str, bytes]:
    """A finished run of three questions and two methods."""
    ids = ["q1", "q2", "q3"]
    facts = [
        {"id": id, "cluster": f"d{n}", "kind": "span", "answerable": True, "answer_words": 2, "has_gold": True,
         "gold_rank": 1, "known": None, "popularity": None}
        for n, id in enumerate(ids)
    ]  # fmt: skip
    scores, answers, methods = [], [], {}
    for method, values in SCORES.items():
        for id, value in zip(ids, values, strict=True):
            for metric in METRICS:
                scores.append(
                    {"question_id": id, "method": method, "seed": 1, "metric": metric, "value": value, "reason": None}
                )
            answers.append(
                {"question_id": id, "method": method, "seed": 1, "question": f"What is {id}?", "kind": "span",
                 "cluster": "d", "gold": ["an answer"], "answer": f"{method} on {id}", "raw": "",
                 "hits": [{"passage": "p", "document": "d", "text": "t", "score": 0.5, "rank": 1, "gold": True}],
                 "scores": {"token_f1": value}, "cause": None}
            )  # fmt: skip
        mean = sum(values) / 3
        estimate = {"mean": mean, "low": None, "high": None, "n": 3, "undefined": 0}
        methods[method] = {"metrics": {"token_f1": estimate}, "latency_ms": {"p50": 1, "p95": 2}}
    comparison = {
        "metric": "token_f1", "method": "raft", "baseline": "rag", "difference": 0.25, "low": None, "high": 0.5,
        "p": 0.5,
        "p_holm": None, "verdict": None, "n": 3, "clusters": 3, "mde": None, "by_seed": [0.25], "lost": 0,
        "effects": {"relative_error_reduction": 0.5, "odds_ratio": None, "d_z": 0.1},
        "needed": {"difference": 0.1, "questions": 9, "clusters": 9},
    }  # fmt: skip
    result = {
        "schema_version": 1, "name": name, "domain": "a domain", "track": "question", "n_test": 3, "n_clusters": 3,
        "seeds": [1], "corpus": {}, "holdout": {"fingerprint": "f" * 64}, "methods": methods,
        "comparisons": [comparison],
        "retrieval": {}, "recommendation": {"choice": "none"}, "timings": {"total_s": 1.0, "steps": {}},
        "environment": {},
        "config": {"name": name, "metrics": {"primary": "token_f1", "margin": 0.05}}, "analysis": {},
    }  # fmt: skip
    return {
        f"{name}/results.json": json_bytes(result),
        f"{name}/scores.jsonl": as_lines(scores),
        f"{name}/answers.jsonl": as_lines(answers),
        f"{name}/questions.jsonl": as_lines(facts),
    }


RUN = run_files("one") | run_files("two")
ROWS = {name: [json.loads(line) for line in data.splitlines()] for name, data in RUN.items() if name.endswith("l")}
RESULT = json.loads(RUN["one/results.json"])


def read_two_runs(folder: Path) -> None:
    """`lab compare`: both runs, of which one is spoiled."""
    for run in read_runs([folder / "one", folder / "two"]):
        assert run.name
        assert isinstance(run.primary, str)


def read_one_run(folder: Path) -> None:
    """The other readers of a run's files."""
    result = read_result(folder / "one" / "results.json")
    json.dumps(result.config, allow_nan=False)
    read_answers(folder / "one" / "answers.jsonl")
    reasons_in(folder / "one")("rag", "token_f1")


def read_judged_labels(folder: Path) -> None:
    """`lab judge`: people's labels of a run's answers."""
    read_labels(folder / "labels.csv", read_judged(folder / "one"))


LABEL_TABLE = [
    ["question_id", "method", "label", "seed"],
    ["q1", "rag", "correct", "1"],
    ["q2", "raft", "not attempted", ""],
]
LABELS = "\n".join(",".join(row) for row in LABEL_TABLE).encode()
OWN = [
    {"question_id": "q1", "method": "ours", "answer": "400 hours", "seed": 1, "seconds": 0.5, "latency_ms": 9,
     "tokens": {"in": 5, "out": 2}, "logprob": -0.5, "hits": [{"document": "d1", "text": "Pads last", "rank": 1,
     "score": 0.5}]},
    {"question_id": "2", "method": "ours", "answer": "yes", "seed": 1},
    {"question_id": "q1", "method": "theirs", "answer": "9", "hits": []},
    {"question_id": "2", "method": "theirs", "answer": "", "truncated": True},
]  # fmt: skip


def read_own_answers(folder: Path) -> None:
    """`lab score`: answers of other systems to the corpus beside them."""
    submission = read_submission(folder / "own.jsonl", folder / "corpus")
    assert submission.runs
    assert {len(run.answers) for run in submission.runs} == {len(submission.data.holdout.test)}


PASSAGE = {"id": "d#0", "document_id": "d", "title": "", "text": "Pads", "start": 0, "end": 4, "heading": ""}
PASSAGES = as_lines([PASSAGE])
MODEL = {"name": "smollm2-135m", "folder": "/nowhere", "digest": "d", "note": ""}
RECIPE = {
    "schema_version": 1, "lab": "0.1", "libraries": {"torch": "2"}, "domain": "brakes", "device": "cpu",
    "dtype": "float32",
    "batch_size": 8, "generator": MODEL, "encoder": MODEL, "rerank": None,
    "index": {"folder": "index", "settings": {"encoder": "minilm", "k": 3}, "depth": 10, "info_sha256": None},
    "passages": {"file": "passages.jsonl", "sha256": hashlib.sha256(PASSAGES).hexdigest(), "n": 1},
    "style": {"domain": "brakes", "reasoning": "none", "labels": []}, "shots": [
        {"question": "Who?", "passages": [PASSAGE], "answer": "x", "reason": None}
    ],
    "max_new_tokens": 16, "context_limit": 2048,
    "methods": {"rag": {"weights": "base", "context": "top-k", "engine": "generator", "adapters": []},
                "raft": {"weights": "raft", "context": "top-k", "adapters": [
                    {"seed": 1, "folder": "raft-1", "sha256": hashlib.sha256(b"a").hexdigest(),
                     "config_sha256": hashlib.sha256(b"c").hexdigest()}]}},
}  # fmt: skip


def read_a_recipe(folder: Path) -> None:
    """`lab ask`: what a run left behind."""
    recipe = read_recipe(folder / "run")
    recipe.passages()


def both(tree: Any, data: bytes, *, lines: bool = False) -> st.SearchStrategy[bytes]:
    return spoiled_json(tree, lines=lines) | spoiled_bytes([data])


RECIPE_FILES = {
    "run/.work/recipe.json": json_bytes(RECIPE),
    "run/.work/passages.jsonl": PASSAGES,
    "run/.work/raft-1/adapter_model.safetensors": b"a",
    "run/.work/raft-1/adapter_config.json": b"c",
}
RUN_CASES = [
    Case(
        "two runs",
        RUN,
        {"one/results.json": both(RESULT, RUN["one/results.json"])}
        | {name: both(rows, RUN[name], lines=True) for name, rows in ROWS.items() if name.startswith("one/")},
        read_two_runs,
        share=2.0,
    ),
    Case(
        "one run",
        RUN,
        {"one/results.json": both(RESULT, RUN["one/results.json"])}
        | {f"one/{name}": both(ROWS[f"one/{name}"], RUN[f"one/{name}"], lines=True) for name in ("answers.jsonl",
        "scores.jsonl")},
        read_one_run,
    ),
    Case(
        "labels for the judge",
        {**RUN, "labels.csv": LABELS},
        {
            "labels.csv": spoiled_table(LABEL_TABLE, ",") | spoiled_bytes([LABELS]),
            "one/answers.jsonl": both(ROWS["one/answers.jsonl"], RUN["one/answers.jsonl"], lines=True),
        },
        read_judged_labels,
    ),
    Case(
        "answers of other systems",
        {"own.jsonl": as_lines(OWN), **{f"corpus/{name}": data for name, data in JSONL.items()}},
        {"own.jsonl": both(OWN, as_lines(OWN), lines=True)},
        read_own_answers,
    ),
    Case("recipe.json", RECIPE_FILES, {"run/.work/recipe.json": both(RECIPE, json_bytes(RECIPE))}, read_a_recipe),
]  # fmt: skip
