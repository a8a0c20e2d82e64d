"""The result of answers that other systems gave: as a run's, with what nobody measured left open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lab.environment import describe_scoring
from lab.methods.registry import METHODS
from lab.metrics.registry import score_answers
from lab.models import ModelClock, choose_hardware, find_model
from lab.own_answers import Submission
from lab.report.write import write_report
from lab.results import Scored, Surroundings, save, summarise
from lab.score_table import AnsweredRun, ScoredRun, build_table, question_facts
from lab.types import Encoder, ExperimentResult

QUANTILES = {"p50": 50, "p95": 95, "p99": 99}
OWN = "Answers given in a file."


def score_submission(
    submission: Submission, encoder: Encoder | None
) -> tuple[ExperimentResult, list[dict[str, Any]], Scored]:
    """Score, compare and recommend. Without an encoder the metrics that embed texts have no value."""
    data = submission.data
    questions = {question.id: question for question in data.corpus.questions}
    scored = tuple(ScoredRun.of(run, score_answers(run.answers, questions, encoder)) for run in submission.runs)
    facts = question_facts(data, submission.hits, {})
    found = Scored(submission.runs, scored, build_table(scored, facts))
    around = Surroundings(
        described={name: _described(submission, name, found.runs_of(name)) for name in found.table.methods},
        retrieval={},
        environment=describe_scoring(),
        never_fed=frozenset(),
    )
    result, rows = summarise(submission.config, data, found, around)
    cut = {"passages": None, "evidence_split_share": None}  # other systems cut as they like
    return replace(result, corpus={**result.corpus, **cut}), rows, found


def _described(submission: Submission, name: str, runs: Sequence[AnsweredRun]) -> dict[str, Any]:
    recipe = METHODS.get(name)
    shows = any(answer.hits for run in runs for answer in run.answers)
    times = submission.latency_ms[name]
    quantiles = {key: float(np.percentile(times, share)) if times else None for key, share in QUANTILES.items()}
    return {
        "description": recipe.description if recipe else OWN,
        "weights": recipe.weights if recipe else name,
        "context": "given" if shows else "none",
        "few_shot": None,
        "prompt": None,
        "build": None,
        "build_seconds": None,
        "training": None,
        "trainings": {},
        "latency_ms": {**quantiles, "n": len(times), "samples": list(times), "beside": None},
        "throughput_per_s": None,
        "memory_bytes": None,
        "energy_j_per_question": None,
    }


def save_submission(submission: Submission, folder: Path, *, embed: bool) -> ExperimentResult:
    """Score a submission and write its result and report into `folder`."""
    start = time.perf_counter()
    encoder = None
    if embed:
        from lab.index.encoder import SentenceEncoder

        config, clock = submission.config, ModelClock()
        device = choose_hardware(config.generator.device, config.generator.dtype).device
        encoder = SentenceEncoder(find_model(config.index.encoder, offline=True), device=device, clock=clock)
    result, rows, found = score_submission(submission, encoder)
    seconds = time.perf_counter() - start
    result = replace(result, timings={"total_s": seconds, "model_s": None, "steps": {"score": seconds}})
    save(folder, result, rows, found)
    write_report(folder)
    return result
