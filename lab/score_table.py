"""The scores table: one value for each method, metric and question; and the rows that are saved of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lab.metrics.registry import METRICS
from lab.metrics.statistics import estimate
from lab.preparation import Prepared
from lab.steps.asking import Asked
from lab.types import Question, Score


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Values by method, metric and question id; None where a metric could not be computed."""

    values: Mapping[str, Mapping[str, Mapping[str, float | None]]]
    questions: tuple[Question, ...]

    @classmethod
    def from_scores(cls, scores: Mapping[str, Sequence[Score]], questions: Sequence[Question]) -> ScoreTable:
        """Arrange scores by metric."""
        values = {
            method: {name: {score.query_id: score.value for score in found if score.metric == name} for name in METRICS}
            for method, found in scores.items()
        }
        return cls(values, tuple(questions))

    @property
    def clusters(self) -> dict[str, str]:
        """The cluster of each question."""
        return {question.id: question.cluster for question in self.questions}

    def by_method(self, metric: str) -> dict[str, Mapping[str, float | None]]:
        """One metric of all methods."""
        return {method: metrics[metric] for method, metrics in self.values.items()}

    def estimate(self, method: str, metric: str, questions: Sequence[Question] | None = None) -> dict[str, Any]:
        """Mean and clustered interval over some questions; all of them by default."""
        chosen = self.questions if questions is None else questions
        values = [self.values[method][metric][question.id] for question in chosen]
        return asdict(estimate(values, [question.cluster for question in chosen]))


def answer_rows(asked: Mapping[str, Asked], data: Prepared, table: ScoreTable, seed: int) -> list[dict[str, Any]]:
    """One row for each question and method, for `answers.jsonl`."""
    questions = {question.id: question for question in data.holdout.test}
    rows = []
    for method, found in asked.items():
        for answer in found.answers:
            question = questions[answer.query_id]
            gold = data.evidence.gold(question.id)
            rows.append(
                {
                    "question_id": question.id,
                    "method": method,
                    "seed": seed,
                    "question": question.text,
                    "kind": question.kind,
                    "gold": list(question.answers),
                    "answer": answer.text,
                    "raw": answer.raw,
                    "hits": [
                        {
                            "passage": hit.passage.id,
                            "document": hit.passage.document_id,
                            "title": hit.passage.title,
                            "text": hit.passage.text,
                            "score": hit.score,
                            "rank": hit.rank,
                            "gold": hit.passage.id in gold,
                        }
                        for hit in answer.hits
                    ],
                    "scores": {name: values[question.id] for name, values in table.values[method].items()},
                    "cause": None,
                    "tokens": {"in": answer.tokens.input, "out": answer.tokens.output},
                    "seconds": answer.timing.total,
                    "parse_ok": answer.parse_ok,
                    "truncated": answer.truncated,
                }
            )
    return rows


def score_rows(scores: Mapping[str, Sequence[Score]], seed: int) -> list[dict[str, Any]]:
    """One row for each value, for `scores.jsonl`."""
    return [
        {
            "question_id": score.query_id,
            "method": method,
            "seed": seed,
            "metric": score.metric,
            "value": score.value,
            "reason": score.reason,
        }
        for method, found in scores.items()
        for score in found
    ]
