"""Score every answer by every metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from lab.files import read_jsonl, write_jsonl
from lab.metrics.registry import score_answers
from lab.run_folder import StepProgress, StepSpec
from lab.steps.asking import Asked
from lab.steps.bench import Bench
from lab.types import Score

LIBRARIES = ("torch", "transformers", "sentence-transformers", "rouge-score", "sacrebleu")


def score(bench: Bench, asked: Mapping[str, Asked]) -> dict[str, tuple[Score, ...]]:
    """The scores of each method's answers to the test questions."""
    questions = {question.id: question for question in bench.data.questions}

    def work(folder: Path, progress: StepProgress) -> None:
        rows = []
        for place, (method, found) in enumerate(asked.items(), start=1):
            scores = score_answers(found.answers, questions, bench.models.encoder)
            rows += [{"method": method, **asdict(score)} for score in scores]
            progress(place, len(asked), "methods")
        write_jsonl(folder / "scores.jsonl", rows)

    inputs = {
        "answers": {method: found.key for method, found in asked.items()},
        "questions": [asdict(question) for question in questions.values()],
        "encoder": bench.models.encoder_files.digest,
        "device": bench.models.hardware.device,
    }
    step = bench.folder.run(StepSpec("score", inputs, ("metrics", "index/encoder.py"), LIBRARIES), work)
    table: dict[str, list[Score]] = {method: [] for method in asked}
    for row in read_jsonl(step.path / "scores.jsonl"):
        table[row.pop("method")].append(Score(**row))
    return {method: tuple(scores) for method, scores in table.items()}
