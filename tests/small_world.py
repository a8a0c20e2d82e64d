"""A small slice of the Velloway corpus for whole runs, and what must be equal between two of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from lab.corpus.registry import read_corpus
from lab.corpus.source import Source
from lab.corpus_config import CorpusConfig
from lab.types import Corpus

VELLOWAY = Path(__file__).parents[1] / "corpora" / "velloway"
MEASURED = {
    "timings", "latency_ms", "seconds_per_question", "build_seconds", "seconds", "test_asked", "throughput_per_s",
    "build", "memory_bytes", "energy_j_per_question", "date", "costs", "pareto",
}  # fmt: skip


def write_slice(folder: Path, n_documents: int, **sections: Any) -> Path:
    """Write the first documents, the questions about them and an experiment file; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = _rows(VELLOWAY / "documents.jsonl")[:n_documents]
    kept = {document["id"] for document in documents}
    questions = [
        question
        for question in _rows(VELLOWAY / "questions.jsonl")
        if ({item["document"] for item in question["evidence"]} or {question.get("document")}) <= kept
    ]
    for name, rows in (("documents", documents), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    path = folder / "experiment.yaml"
    path.write_text(yaml.safe_dump({"name": "slice", "domain": "ropeways", **sections}), encoding="utf-8")
    return path


def read_at(path: Path, format: str, name: str = "toy", **options: Any) -> Corpus:
    """The corpus that a `corpus` section with these options reads."""
    return read_corpus(Source(CorpusConfig.model_validate({"path": str(path), "format": format, **options}), name))


def comparable(results: Path) -> Any:
    """A results.json without what a clock measured and without the count of runs."""
    return _without_measured(json.loads(results.read_text(encoding="utf-8")))


def _without_measured(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_measured(inner) for key, inner in value.items() if key not in MEASURED}
    if isinstance(value, list):
        return [_without_measured(inner) for inner in value]
    return value


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
