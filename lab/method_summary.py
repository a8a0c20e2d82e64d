"""One method of a result: what its answers and scores say, whoever gave the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from lab.metrics.case import declines
from lab.metrics.labels import summarise_labels
from lab.metrics.registry import METRICS
from lab.outcomes.abstaining import abstaining
from lab.outcomes.confidence import confidence
from lab.outcomes.table import Mask, QuestionFacts, ScoreTable
from lab.preparation import Prepared
from lab.score_table import AnsweredRun
from lab.statistics.clustered import estimate
from lab.types import LABEL_KINDS, Answer, label_set

CONTRAST_METRICS = ("exact_match", "token_f1", "contains")


def summarise_method(
    name: str, runs: Sequence[AnsweredRun], table: ScoreTable, primary: str, data: Prepared
) -> dict[str, Any]:
    """Metrics with intervals, abstention, calibration, labels, tokens and mishaps.

    Means and shares are over all training runs; what is counted is counted in the first of them.
    """
    first = runs[0].answers
    near = {leak.test_id for leak in data.leaks.near}
    clean = _mask(table, lambda question: question.id not in near)
    kinds = {question.kind: _mask(table, partial(_is_of, kind=question.kind)) for question in table.questions}
    return {
        "metrics": {metric: _estimate(table, name, metric) for metric in METRICS},
        "metrics_by_kind": {
            kind: {primary: _estimate(table, name, primary, where)} for kind, where in sorted(kinds.items())
        },
        "metrics_without_near_leaks": {
            metric: _estimate(table, name, metric, clean) for metric in dict.fromkeys((primary, *CONTRAST_METRICS))
        }
        if near and clean.any()
        else {},
        "by_seed": _by_seed(table, name, primary),
        "answerable": {primary: _estimate(table, name, primary, _mask(table, lambda question: question.answerable))},
        "abstention": abstaining(table, name),
        "confidence": confidence(table, name),
        "labels": _labels(runs, data),
        "seconds_per_question": _mean(runs, lambda answer: answer.timing.total if answer.timing else None),
        "tokens": {
            "in": _mean(runs, lambda answer: answer.tokens.input if answer.tokens else None),
            "out": _mean(runs, lambda answer: answer.tokens.output if answer.tokens else None),
        },
        "passages_dropped": sum(answer.passages_dropped for answer in first),
        "truncated": sum(answer.truncated for answer in first),
        "parse_failures": sum(not answer.parse_ok for answer in first),
    }


def _estimate(table: ScoreTable, method: str, metric: str, where: Mask | None = None) -> dict[str, Any]:
    asked = len(table.questions) if where is None else int(where.sum())
    sample = table.sample([(1.0, method, metric)], where) if table.has(method, metric) else None
    return asdict(estimate(sample, sample.undefined if sample else asked))


def _mask(table: ScoreTable, chosen: Callable[[QuestionFacts], bool]) -> Mask:
    return np.array([chosen(question) for question in table.questions], dtype=np.bool_)


def _is_of(question: QuestionFacts, kind: str) -> bool:
    return question.kind == kind


def _by_seed(table: ScoreTable, name: str, primary: str) -> dict[str, float | None]:
    """The primary metric of each training run."""
    return {
        str(seed): float(np.nanmean(row)) if not np.isnan(row).all() else None
        for seed, row in zip(table.seeds[name], table.values(name, primary), strict=True)
    }


def _mean(runs: Sequence[AnsweredRun], of: Callable[[Answer], float | None]) -> float | None:
    """None unless it was measured for every answer."""
    values = [of(answer) for run in runs for answer in run.answers]
    measured = [value for value in values if value is not None]
    return float(np.mean(measured)) if len(measured) == len(values) else None


def _labels(runs: Sequence[AnsweredRun], data: Prepared) -> dict[str, Any] | None:
    """By kind, how the test questions whose answers are labels were answered; None without such questions."""
    summaries = {}
    for kind in sorted(LABEL_KINDS & {question.kind for question in data.holdout.test}):
        asked = [question for question in data.holdout.test if question.kind == kind]
        labels = label_set(kind, data.corpus.questions)
        said = []
        for run in runs:
            answers = {answer.query_id: answer.text for answer in run.answers}
            said += ["" if declines(answers[question.id], labels) else answers[question.id] for question in asked]
        summary = summarise_labels(said, [question.answers[0] for question in asked] * len(runs), labels)
        summaries[kind] = asdict(summary) | {"labels": list(labels), "n": len(asked)}
    return summaries or None
