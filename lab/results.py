"""From answers and scores to the one result that is saved. Every number comes from the scores table or was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from lab.analysis import analyse, beside_choice, find_causes
from lab.config import ExperimentConfig
from lab.decision import decide, scope_of
from lab.endpoint_config import is_beside
from lab.environment import portable
from lab.files import (
    ANSWERS_FILE,
    QUESTIONS_FILE,
    RESULTS_FILE,
    SCORES_FILE,
    write_json,
    write_jsonl,
    write_text,
)
from lab.holdout.parity import knowledge_parity
from lab.method_summary import CONTRAST_METRICS, summarise_method
from lab.metrics.retrieval import retrieval_metrics
from lab.outcomes.compare import compare_methods
from lab.outcomes.table import ScoreTable
from lab.preparation import Prepared
from lab.quality.finding import Quality
from lab.run_folder import RunFolder
from lab.score_table import (
    AnsweredRun,
    ScoredRun,
    answer_rows,
    facts_rows,
    score_rows,
)
from lab.steps.quality import with_contamination
from lab.types import Comparison, ExperimentResult, Hit

PATHS_ARE_SHORT = "# Paths are cut to their last part: give corpus.path to run this again."
JUDGED = ("judge.json", "judge-grades.jsonl")  # of earlier answers; the replies in judge.jsonl are found by prompt
QUANTILES = {"p50": 50, "p95": 95, "p99": 99}  # of latencies
Described = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Scored:
    """What all methods answered, how that was scored, and both arranged for statistics."""

    answered: tuple[AnsweredRun, ...]
    scored: tuple[ScoredRun, ...]
    table: ScoreTable

    def runs_of(self, method: str) -> list[AnsweredRun]:
        """The training runs of one method."""
        return [run for run in self.answered if run.method == method]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a result tells beside its scores: how methods were made, what retrieval found, where all that happened.

    `described` are the parts of each method that answers do not tell; `quality` is what was found of the data.
    """

    described: Described
    retrieval: Mapping[str, Any]
    environment: Mapping[str, Any]
    never_fed: frozenset[str]
    quality: Quality | None = None


def summarise(
    config: ExperimentConfig, data: Prepared, found: Scored, around: Surroundings
) -> tuple[ExperimentResult, list[dict[str, Any]]]:
    """The result but for its timings, which end last; and the rows of `answers.jsonl`, with causes."""
    table = found.table
    beside = [name for name, method in around.described.items() if is_beside(method)]
    comparisons = _comparisons(config, table.without(beside))
    methods = {
        name: {**around.described[name], **summarise_method(name, found.runs_of(name), table, config, data)}
        for name in table.methods
    }
    rows, causes = find_causes(answer_rows(found.answered, data, table), table, beside)
    result = ExperimentResult(
        name=config.name,
        domain=config.domain,
        track=data.holdout.track,
        n_test=len(data.holdout.test),
        n_clusters=len(np.unique(table.clusters)),
        seeds=tuple(config.training.seeds),
        corpus={**data.summary(), "quality": _quality(around.quality, table, data)},
        holdout=_holdout(data, around.never_fed),
        methods=methods,
        comparisons=comparisons,
        retrieval=around.retrieval,
        recommendation={},
        timings={},
        environment=around.environment,
        config=portable(config),
        analysis={**analyse(table, config, beside), "causes": causes},
    )
    advice = decide(methods, table, comparisons, scope_of(result), config)
    result = replace(result, recommendation=advice)
    if not beside:
        return result, rows
    served = beside_choice(table, methods, advice.get("choice"), config)
    return replace(result, analysis={**result.analysis, "endpoint": served}), rows


def timings(folder: RunFolder, seconds: float, model_seconds: float) -> dict[str, Any]:
    """Seconds of every process that computed this result; the two are those of this process, steps included."""
    own, own_model = seconds - folder.seconds_in_steps, model_seconds - folder.model_seconds_in_steps
    return {
        "total_s": sum(step.seconds for step in folder.steps) + own,
        "model_s": sum(step.model_seconds for step in folder.steps) + own_model,
        "steps": {step.name: step.seconds for step in folder.steps},
    }


def save(run_folder: Path, result: ExperimentResult, rows: Sequence[Mapping[str, Any]], found: Scored) -> None:
    """Write what the report and other programs read; results.json last, so that its presence means complete."""
    for stale in (RESULTS_FILE, *JUDGED):
        (run_folder / stale).unlink(missing_ok=True)
    resolved = yaml.safe_dump(dict(result.config), sort_keys=False)
    write_text(run_folder / "experiment.resolved.yaml", f"{PATHS_ARE_SHORT}\n{resolved}")
    write_jsonl(run_folder / QUESTIONS_FILE, facts_rows(found.table))
    write_jsonl(run_folder / SCORES_FILE, score_rows(found.scored))
    write_jsonl(run_folder / ANSWERS_FILE, rows)
    write_json(run_folder / RESULTS_FILE, asdict(result))


def _quality(found: Quality | None, table: ScoreTable, data: Prepared) -> dict[str, Any] | None:
    """What was found of the data, with what the base model knew; None where the data were not checked."""
    return None if found is None else asdict(with_contamination(found, table, data.holdout.test))


def _comparisons(config: ExperimentConfig, table: ScoreTable) -> tuple[Comparison, ...]:
    primary, margin, seed = config.metrics.primary, config.metrics.margin, config.holdout.seed
    found = list(compare_methods(table, primary, margin, seed))
    for metric in CONTRAST_METRICS:
        if metric != primary:
            found += compare_methods(table, metric, margin, seed, registered=False)
    return tuple(found)


def _holdout(data: Prepared, never_fed: frozenset[str]) -> dict[str, Any]:
    parity = knowledge_parity(data.holdout, {question.id for question in data.holdout.train} - never_fed)
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


def retrieval_summary(data: Prepared, hits: Mapping[str, Sequence[Hit]], table: ScoreTable) -> dict[str, Any]:
    """How well the test questions' evidence was found among `hits`, by question id."""
    test = data.holdout.test
    return retrieval_metrics(
        {question.id: hits[question.id] for question in test},
        {question.id: data.evidence.units(question.id) for question in test},
        {passage.id: passage.document_id for passage in data.passages},
        {question.id: question.cluster for question in table.questions},
        gold_documents={question.id: [item.document_id for item in question.evidence] for question in test},
    )
