"""From answers and scores to the one result that is saved. Every number comes from the scores table or was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from lab.config import ExperimentConfig
from lab.environment import describe_environment, portable
from lab.files import write_json, write_jsonl, write_text
from lab.holdout.parity import knowledge_parity
from lab.methods.registry import METHODS
from lab.metrics.compare import compare_methods
from lab.metrics.labels import summarise_labels
from lab.metrics.registry import METRICS, declines
from lab.metrics.retrieval import retrieval_metrics
from lab.preparation import Prepared
from lab.recommend.choose import recommend
from lab.run_folder import StepResult
from lab.score_table import ScoreTable, answer_rows, score_rows
from lab.steps.asking import Asked, Asking
from lab.steps.bench import Bench
from lab.steps.retrieval import Retrieval
from lab.types import LABEL_KINDS, Comparison, ExperimentResult, Question, Score, label_set

PATHS_ARE_SHORT = "# Paths are cut to their last part: give corpus.path to run this again."
CONTRAST_METRICS = ("exact_match", "token_f1", "contains")


def summarise(
    bench: Bench,
    retrieval: Retrieval,
    asking: Asking,
    asked: Mapping[str, Asked],
    scores: Mapping[str, Sequence[Score]],
) -> ExperimentResult:
    """All that the report shows, but for the timings, which end last."""
    config, data = bench.config, bench.data
    table = ScoreTable.from_scores(scores, data.holdout.test)
    comparisons = _comparisons(config, table)
    methods = {name: _method(name, found, bench, asking, table) for name, found in asked.items()}
    return ExperimentResult(
        name=config.name,
        domain=config.domain,
        track=data.holdout.track,
        n_test=len(data.holdout.test),
        n_clusters=len(set(table.clusters.values())),
        seeds=tuple(config.training.seeds),
        corpus=data.summary(),
        holdout=_holdout(data, asked),
        methods=methods,
        comparisons=comparisons,
        retrieval=_retrieval(data, retrieval, table),
        recommendation=recommend(
            table.by_method(config.metrics.primary),
            table.clusters,
            comparisons,
            metric=config.metrics.primary,
            margin=config.metrics.margin,
            seconds_per_question={name: method["seconds_per_question"] for name, method in methods.items()},
            seed=config.holdout.seed,
        ),
        timings={},
        environment=describe_environment(bench, asking),
        config=portable(config),
    )


def timings(steps: Sequence[StepResult], own_s: float, own_model_s: float) -> dict[str, Any]:
    """Seconds of every process that computed this result; `own_s` are those of this process outside the steps."""
    return {
        "total_s": sum(step.seconds for step in steps) + own_s,
        "model_s": sum(step.model_seconds for step in steps) + own_model_s,
        "steps": {step.name: step.seconds for step in steps},
    }


def save(
    run_folder: Path,
    result: ExperimentResult,
    asked: Mapping[str, Asked],
    data: Prepared,
    scores: Mapping[str, Sequence[Score]],
) -> None:
    """Write what the report and other programs read; results.json last, so that its presence means complete."""
    seed = result.seeds[0]
    table = ScoreTable.from_scores(scores, data.holdout.test)
    (run_folder / "results.json").unlink(missing_ok=True)
    resolved = yaml.safe_dump(dict(result.config), sort_keys=False)
    write_text(run_folder / "experiment.resolved.yaml", f"{PATHS_ARE_SHORT}\n{resolved}")
    write_jsonl(run_folder / "scores.jsonl", score_rows(scores, seed))
    write_jsonl(run_folder / "answers.jsonl", answer_rows(asked, data, table, seed))
    write_json(run_folder / "results.json", asdict(result))


def _comparisons(config: ExperimentConfig, table: ScoreTable) -> tuple[Comparison, ...]:
    primary = config.metrics.primary
    others = [name for name in CONTRAST_METRICS if name != primary]
    found: list[Comparison] = []
    for metric in (primary, *others):
        found += compare_methods(
            table.by_method(metric),
            table.clusters,
            metric,
            config.metrics.margin,
            config.holdout.seed,
            registered=metric == primary,
        )
    return tuple(found)


def _method(name: str, found: Asked, bench: Bench, asking: Asking, table: ScoreTable) -> dict[str, Any]:
    config, data = bench.config, bench.data
    recipe, answers = METHODS[name], found.answers
    seconds = [answer.timing.total for answer in answers]
    near = {leak.test_id for leak in data.leaks.near}
    clean = [question for question in data.holdout.test if question.id not in near]
    primary = config.metrics.primary
    return {
        "description": recipe.description,
        "weights": recipe.weights,
        "context": recipe.context,
        "few_shot": asking.few_shot.shots if recipe.few_shot else 0,
        "prompt": found.prompt,
        "metrics": {metric: table.estimate(name, metric) for metric in METRICS},
        "metrics_by_kind": {
            kind: {primary: table.estimate(name, primary, [q for q in data.holdout.test if q.kind == kind])}
            for kind in sorted({question.kind for question in data.holdout.test})
        },
        "metrics_without_near_leaks": {
            metric: table.estimate(name, metric, clean) for metric in dict.fromkeys((primary, *CONTRAST_METRICS))
        }
        if near and clean
        else {},
        "latency_ms": {"p50": None, "p95": None},
        "build_seconds": _build_seconds(found, recipe.context, bench),
        "answerable": {primary: table.estimate(name, primary, [q for q in data.holdout.test if q.answerable])},
        "abstention": _abstention(name, data.holdout.test, table),
        "labels": _labels(found, data),
        "seconds_per_question": float(np.mean(seconds)),
        "tokens": {
            "in": float(np.mean([answer.tokens.input for answer in answers])),
            "out": float(np.mean([answer.tokens.output for answer in answers])),
        },
        "passages_dropped": sum(answer.passages_dropped for answer in answers),
        "truncated": sum(answer.truncated for answer in answers),
        "parse_failures": sum(not answer.parse_ok for answer in answers),
        "training": _training(found),
    }


def _build_seconds(found: Asked, context: str, bench: Bench) -> float | None:
    """Seconds before the first question can be asked: indexing, training, or both; None where nothing is built."""
    index = sum(step.seconds for step in bench.folder.steps if step.name == "index")
    parts = [index] if context != "none" else []
    parts += [found.tuned.report.seconds] if found.tuned else []
    return sum(parts) if parts else None


def _abstention(name: str, test: Sequence[Question], table: ScoreTable) -> dict[str, Any]:
    abstained = table.values[name]["abstained"]
    answerable = [abstained[question.id] == 1.0 for question in test if question.answerable]
    unanswerable = [abstained[question.id] == 1.0 for question in test if not question.answerable]
    return {
        "over_refusal": float(np.mean(answerable)) if answerable else None,
        "false_answers": 1.0 - float(np.mean(unanswerable)) if unanswerable else None,
        "n_answerable": len(answerable),
        "n_unanswerable": len(unanswerable),
    }


def _labels(found: Asked, data: Prepared) -> dict[str, Any] | None:
    """By kind, how the test questions whose answers are labels were answered; None without such questions."""
    answers = {answer.query_id: answer.text for answer in found.answers}
    summaries = {}
    for kind in sorted(LABEL_KINDS & {question.kind for question in data.holdout.test}):
        asked = [question for question in data.holdout.test if question.kind == kind]
        labels = label_set(kind, data.questions)
        said = ["" if declines(answers[question.id], labels) else answers[question.id] for question in asked]
        summary = summarise_labels(said, [question.answers[0] for question in asked], labels)
        summaries[kind] = asdict(summary) | {"labels": list(labels)}
    return summaries or None


def _training(found: Asked) -> dict[str, Any] | None:
    if found.tuned is None:
        return None
    report = found.tuned.report
    return asdict(report) | {"dropped_too_long": len(report.dropped_too_long), "counts": found.tuned.counts}


def _holdout(data: Prepared, asked: Mapping[str, Asked]) -> dict[str, Any]:
    dropped = [set(found.tuned.report.dropped_too_long) for found in asked.values() if found.tuned]
    never_fed = set.intersection(*dropped) if dropped else set()
    parity = knowledge_parity(data.holdout, {q.id for q in data.holdout.train} - never_fed)
    leaks = data.leaks
    return {
        "fingerprint": data.holdout.fingerprint,
        "given_splits": data.given_splits,
        "parity": {
            "document": parity.document,
            "fact": parity.fact,
            "n": parity.answerable,
            "answerable": parity.answerable,
            "documents_known": parity.documents_known,
            "facts_known": parity.facts_known,
            "facts_by_whole_document": parity.facts_by_whole_document,
        },
        "straddling_groups": len(leaks.straddling_groups),
        "leaks": {
            "exact": len(leaks.exact),
            "near": [asdict(leak) for leak in leaks.near],
            "near_misses": leaks.near_misses,
            "intended": leaks.intended,
            "holding_their_answer": list(leaks.questions_holding_their_answer),
        },
    }


def _retrieval(data: Prepared, retrieval: Retrieval, table: ScoreTable) -> dict[str, Any]:
    test = data.holdout.test
    measured = retrieval_metrics(
        {question.id: retrieval.found[question.id].hits for question in test},
        {question.id: data.evidence.units(question.id) for question in test},
        {passage.id: passage.document_id for passage in data.passages},
        table.clusters,
        gold_documents={question.id: [item.document_id for item in question.evidence] for question in test},
    )
    info = retrieval.index_info
    return {**measured, "type": info["type"], "index_recall": info["recall"]}
