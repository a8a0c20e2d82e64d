"""One method of a result: what its answers and scores say, whoever gave the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from lab.config import ExperimentConfig
from lab.metrics.abstention import is_abstention
from lab.metrics.case import declines
from lab.metrics.confusion import Told
from lab.metrics.labels import label_places, summarise_labels, summarise_options
from lab.metrics.registry import METRICS, range_of
from lab.outcomes.abstaining import abstaining
from lab.outcomes.confidence import confidence
from lab.outcomes.table import Mask, QuestionFacts, ScoreTable
from lab.preparation import Prepared
from lab.score_table import AnsweredRun
from lab.statistics.clustered import estimate
from lab.types import LABEL_KINDS, Answer, Question, label_set

CONTRAST_METRICS = ("exact_match", "token_f1", "contains")


def summarise_method(
    name: str, runs: Sequence[AnsweredRun], table: ScoreTable, config: ExperimentConfig, data: Prepared
) -> dict[str, Any]:
    """Metrics with intervals, abstention, calibration, labels, lengths, tokens and mishaps.

    Means and shares are over all training runs; what is counted is counted in the first of them.
    """
    first, primary = runs[0].answers, config.metrics.primary
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
        "labels": _labels(runs, data, config.holdout.seed),
        "lengths": _lengths(runs, data),
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
    return asdict(estimate(sample, sample.undefined if sample else asked, range_of(metric)))


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


def _labels(runs: Sequence[AnsweredRun], data: Prepared, seed: int) -> dict[str, Any] | None:
    """By kind, how the test questions whose answers are labels were answered; None without such questions.

    Of several right answers the first is the label that is wanted; `left_out` counts questions whose answer is none.
    """
    summaries = {}
    for kind in sorted(LABEL_KINDS & {question.kind for question in data.holdout.test}):
        labels = label_set(kind, data.corpus.questions)
        asked = [question for question in data.holdout.test if question.kind == kind and question.answerable]
        gold = label_places([question.answers[0] for question in asked], labels)
        judged = [question for question, place in zip(asked, gold, strict=True) if place < len(labels)]
        if judged:
            found = _label_summary(runs, judged, labels, seed)
            summaries[kind] = found | {"left_out": len(asked) - len(judged)}
    return summaries or None


def _label_summary(
    runs: Sequence[AnsweredRun], asked: Sequence[Question], labels: tuple[str, ...], seed: int
) -> dict[str, Any]:
    by_id = [{answer.query_id: answer for answer in run.answers} for run in runs]

    def told(questions: Sequence[Question], read: Callable[[Answer], str | None]) -> Told:
        gold = label_places([question.answers[0] for question in questions], labels)
        said = np.stack([label_places([read(run[one.id]) for one in questions], labels) for run in by_id])
        clusters = np.unique([question.cluster for question in questions], return_inverse=True)[1]
        return Told(labels, gold, said, clusters)

    def written(answer: Answer) -> str:
        return "" if declines(answer.text, labels) else answer.text

    weighed = [one for one in asked if all(run[one.id].option is not None for run in by_id)]
    option = summarise_options(told(weighed, lambda answer: answer.option), seed) if weighed else None
    return summarise_labels(told(asked, written), seed) | {"option": option}


def _lengths(runs: Sequence[AnsweredRun], data: Prepared) -> dict[str, Any]:
    """Words of the answers that do not decline, and of the first gold answers; None where there are none."""
    said = [len(answer.text.split()) for run in runs for answer in run.answers if not is_abstention(answer.text)]
    wanted = [len(question.answers[0].split()) for question in data.holdout.test if question.answers]
    return {
        "answer_words": float(np.mean(said)) if said else None,
        "gold_words": float(np.mean(wanted)) if wanted else None,
    }
