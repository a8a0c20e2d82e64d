"""Our metrics as `evaluate.Metric` objects, for users of that library. The lab itself never imports this module.

    metric = load("token_f1")
    metric.compute(predictions=["Paris"], references=[["Paris", "City of Paris"]])  # {"token_f1": 1.0, "undefined": 0}

Nothing is downloaded: the metrics are built here, not loaded by name. Those of `BEYOND_TEXT` are missing: they read the
passages that a method was shown, or what its generator found likeliest, and strings hold neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate

from lab.metrics.case import make_cases
from lab.metrics.registry import BEYOND_TEXT, METRICS
from lab.types import Answer, Encoder, Question, Timing, Tokens

_KINDS = {"label_accuracy": "label", "call_match": "call", "list_f1": "list", "list_match": "list"}  # else free
NAMES = tuple(name for name in METRICS if name not in BEYOND_TEXT)


class LabMetric(evaluate.Metric):  # type: ignore[misc]
    """The mean of one of our metrics over the items for which it is defined."""

    def __init__(self, name: str, encoder: Encoder | None = None) -> None:
        self._name = name
        self._encoder = encoder
        super().__init__(config_name=name, keep_in_memory=True)

    def _info(self) -> evaluate.MetricInfo:
        features = {"predictions": datasets.Value("string"), "references": datasets.Sequence(datasets.Value("string"))}
        return evaluate.MetricInfo(
            description=(METRICS[self._name].__doc__ or "").strip(),
            citation="",
            inputs_description="predictions: a string each; references: the gold answers of each, none = unanswerable",
            features=datasets.Features(features),
        )

    def _compute(self, predictions: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, Any]:
        values = score_strings(self._name, predictions, references, self._encoder)
        defined = [value for value in values if value is not None]
        mean = sum(defined) / len(defined) if defined else None
        return {self._name: mean, "undefined": len(values) - len(defined)}


def load(name: str, encoder: Encoder | None = None) -> LabMetric:
    """The metric `name`; semantic_similarity needs an encoder.

    Raises:
        ValueError: there is no such metric, or it reads more than strings.
    """
    if name not in NAMES:
        raise ValueError(f"{name}: expected one of {', '.join(NAMES)}")
    return LabMetric(name, encoder)


def score_strings(
    name: str, predictions: Sequence[str], references: Sequence[Sequence[str]], encoder: Encoder | None = None
) -> list[float | None]:
    """The metric's value for each prediction. label_accuracy takes all references together as the label set."""
    kind = _KINDS.get(name, "free")
    questions = {str(i): Question(str(i), "", tuple(golds), kind) for i, golds in enumerate(references)}
    answers = [
        Answer(str(i), prediction, prediction, (), Timing(0.0, 0.0), Tokens(0, 0))
        for i, prediction in enumerate(predictions)
    ]
    return [METRICS[name](case).value for case in make_cases(answers, questions, encoder)]
