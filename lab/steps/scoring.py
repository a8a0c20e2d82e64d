"""Score every answer by every metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lab.files import read_jsonl, write_jsonl
from lab.metrics.catalogue import CALL, Catalogue
from lab.metrics.grounding import Entail
from lab.metrics.registry import score_answers
from lab.run_folder import StepProgress, StepSpec
from lab.steps.asked import Asked
from lab.steps.bench import Bench
from lab.types import Encoder, Score

LIBRARIES = ("torch", "transformers", "sentence-transformers", "rouge-score", "sacrebleu")


class Remembered:
    """An encoder that encodes no text twice: the passages come back for every method and training run."""

    def __init__(self, encoder: Encoder) -> None:
        self.digest, self.dimensions, self.max_tokens = encoder.digest, encoder.dimensions, encoder.max_tokens
        self._encoder = encoder
        self._vectors: dict[str, Any] = {}

    def encode(self, texts: Sequence[str]) -> Any:
        """Vectors as the encoder gives them, shape (n, dimensions)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors |= zip(new, self._encoder.encode(new), strict=True)
        return np.array([self._vectors[text] for text in texts])

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """As the encoder's."""
        return self._encoder.token_offsets(text)


def score(bench: Bench, asked: Mapping[str, Sequence[Asked]]) -> dict[str, tuple[tuple[Score, ...], ...]]:
    """By method, the scores of each training run's answers to the test questions."""
    questions = {question.id: question for question in bench.data.questions}
    runs = [(method, found) for method, several in asked.items() for found in several]

    def work(folder: Path, progress: StepProgress) -> None:
        rows: list[dict[str, Any]] = []
        entail, encoder = _entailment(bench), Remembered(bench.models.encoder)
        catalogue = Catalogue.of(bench.data.corpus.documents)
        for place, (method, found) in enumerate(runs, start=1):
            scores = score_answers(found.answers, questions, encoder, entail, catalogue)
            rows += [{"method": method, "seed": found.seed, **asdict(score)} for score in scores]
            progress(place, len(runs), "methods")
        write_jsonl(folder / "scores.jsonl", rows)

    inputs = {
        "answers": [[method, found.seed, found.key, found.options_key] for method, found in runs],
        "questions": [asdict(question) for question in questions.values()],
        "encoder": bench.models.encoder_files.digest,
        "nli": bench.models.nli_files.digest if bench.models.nli_files else None,
        "device": bench.models.hardware.device,
        "cards": [dict(document.metadata) for document in bench.data.corpus.documents if CALL in document.metadata],
    }
    code = ("steps/scoring.py", "metrics", "judge/entailment.py", "index/encoder.py")
    step = bench.folder.run(StepSpec("score", inputs, code, LIBRARIES), work)
    table: dict[str, dict[int, list[Score]]] = {
        method: {found.seed: [] for found in several} for method, several in asked.items()
    }
    for row in read_jsonl(step.path / "scores.jsonl"):
        table[row.pop("method")][row.pop("seed")].append(Score(**row))
    return {method: tuple(map(tuple, by_seed.values())) for method, by_seed in table.items()}


def _entailment(bench: Bench) -> Entail | None:
    if bench.models.nli_files is None:
        return None
    from lab.judge.entailment import load_entailment

    return load_entailment(bench.models.nli_files, bench.models.clock, device=bench.models.hardware.device)
