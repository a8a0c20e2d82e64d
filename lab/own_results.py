"""The result of answers that other systems gave: as a run's, with what nobody measured left open."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from lab.config import ExperimentConfig
from lab.corpus_config import Section
from lab.decision_config import Amount
from lab.endpoint_config import ENDPOINT
from lab.environment import describe_scoring
from lab.errors import ConfigError, UserError, list_faults
from lab.methods.registry import METHODS, Weights
from lab.metrics.catalogue import Catalogue
from lab.metrics.grounding import Entail
from lab.metrics.registry import score_answers
from lab.models import ModelClock, choose_hardware, find_model
from lab.own_answers import Submission
from lab.report.write import write_report
from lab.results import QUANTILES, Scored, Surroundings, save, summarise
from lab.score_table import AnsweredRun, ScoredRun, build_table, question_facts
from lab.types import Encoder, ExperimentResult
from lab.yaml_file import read_yaml

OWN = "Answers given in a file."
_KNOWN = {name: recipe for name, recipe in METHODS.items() if recipe.engine != ENDPOINT}  # what their names say
UNTUNED: Weights = "base"


class OwnMeasures(Section):
    """What answers cannot tell of the method that gave them; what is not given is not measured."""

    tuned: bool | None = Field(None, description="Whether its weights were tuned; null: by its name, else unknown.")
    index_s: Amount | None = Field(None, description="Seconds of building its index; 0 without one.")
    training_s: Amount | None = Field(None, description="Seconds of training it; 0 without any.")
    memory_gb: Amount | None = Field(None, description="Memory while answering, GB.")
    device: Literal["cpu", "cuda"] | None = Field(None, description="What its seconds are of; null: no hour price.")


def read_measures(path: Path, methods: Collection[str]) -> dict[str, OwnMeasures]:
    """Measures by method from a YAML file: `rag: {tuned: false, index_s: 10, training_s: 0}`.

    Raises:
        ConfigError: the file is not readable as such, or names a method that gave no answers.
    """
    found, faults = {}, []
    for method, values in read_yaml(path).items():
        if method not in methods:
            faults.append(f"{method}: expected one of {', '.join(sorted(methods))}")
        try:
            found[method] = OwnMeasures.model_validate(values)
        except ValidationError as error:
            said = [f"{'.'.join(map(str, one['loc']))} {one['msg']}".strip() for one in error.errors()]
            faults.append(f"{method}: {'; '.join(said)}; expected some of {', '.join(OwnMeasures.model_fields)}")
    if faults:
        raise ConfigError(list_faults(f"{path}: what was measured has faults", faults))
    return found


def score_submission(
    submission: Submission,
    encoder: Encoder | None,
    measures: Mapping[str, OwnMeasures] = MappingProxyType({}),
    entail: Entail | None = None,
) -> tuple[ExperimentResult, list[dict[str, Any]], Scored]:
    """Score, compare and recommend. Without an encoder the metrics that embed texts have no value."""
    data = submission.data
    questions = {question.id: question for question in data.corpus.questions}
    catalogue = Catalogue.of(data.corpus.documents)
    scored = tuple(
        ScoredRun.of(run, score_answers(run.answers, questions, encoder, entail, catalogue)) for run in submission.runs
    )
    facts = tuple(
        replace(fact, has_gold=bool(question.evidence))  # evidence that no system has shown is gold all the same
        for fact, question in zip(question_facts(data, submission.hits, {}), data.holdout.test, strict=True)
    )
    found = Scored(submission.runs, scored, build_table(scored, facts))
    around = Surroundings(
        described={
            name: _described(submission, found.runs_of(name), measures.get(name, OwnMeasures()))
            for name in found.table.methods
        },
        retrieval={},
        environment={**describe_scoring(), "device": _device(measures)},
        never_fed=frozenset(),
    )
    result, rows = summarise(submission.config, data, found, around)
    unseen = dict.fromkeys(("passages", "evidence_split_share", "train", "dev"))
    corpus = {**result.corpus, **unseen, "sides": {"test": result.corpus["sides"]["test"]}}
    holdout: dict[str, Any] = {"fingerprint": data.holdout.fingerprint, "given_splits": None, "parity": {}, "leaks": {}}
    return replace(result, corpus=corpus, holdout=holdout), rows, found


def _described(submission: Submission, runs: Sequence[AnsweredRun], measured: OwnMeasures) -> dict[str, Any]:
    name = runs[0].method
    recipe = _KNOWN.get(name)
    tuned = _tuned(name, measured)
    shows = any(answer.hits for run in runs for answer in run.answers)
    times = submission.latency_ms[name]
    quantiles = {key: float(np.percentile(times, share)) if times else None for key, share in QUANTILES.items()}
    return {
        "description": recipe.description if recipe else OWN,
        "tuned": tuned,
        "weights": _weights(name, tuned=tuned),
        "context": "given" if shows else "none",
        "few_shot": None,
        "prompt": None,
        "build": {"index_s": measured.index_s, "training_s": measured.training_s},
        "training": None,
        "training_by_seed": [],
        "latency_ms": {**quantiles, "n": len(times), "samples": list(times), "beside": None},
        "throughput_per_s": None,
        "memory_bytes": None if measured.memory_gb is None else 1e9 * measured.memory_gb,
        "energy_j_per_question": None,
    }


def _device(measures: Mapping[str, OwnMeasures]) -> str | None:
    """The device of all measured methods; None where they differ or tell none."""
    told = {one.device for one in measures.values()}
    return told.pop() if len(told) == 1 else None


def _tuned(name: str, measured: OwnMeasures) -> bool | None:
    """Whether a method's weights were tuned: as told, else by its name, else unknown."""
    if measured.tuned is not None:
        return measured.tuned
    return _KNOWN[name].weights != UNTUNED if name in _KNOWN else None


def _weights(name: str, *, tuned: bool | None) -> str:
    """What methods of the same training runs share; weights of which nobody knows that are those of no other method."""
    if tuned is False:
        return UNTUNED
    return _KNOWN[name].weights if name in _KNOWN and _KNOWN[name].weights != UNTUNED else name


def _models(config: ExperimentConfig) -> tuple[Encoder, Entail | None]:
    from lab.index.encoder import SentenceEncoder
    from lab.judge.entailment import load_entailment

    clock, nli = ModelClock(), config.metrics.nli
    device = choose_hardware(config.generator.device, config.generator.dtype).device
    encoder = SentenceEncoder(find_model(config.index.encoder, offline=True), device=device, clock=clock)
    if nli == "none":
        return encoder, None
    return encoder, load_entailment(find_model(nli, offline=True), clock, device=device)


def save_submission(
    submission: Submission, folder: Path, *, embed: bool, measured: Path | None = None
) -> ExperimentResult:
    """Score a submission and write its result and report into `folder`."""
    start = time.perf_counter()
    if (folder / ".work").exists():
        raise UserError(f"{folder}: holds a run of the lab, which this would overwrite; use another --out")
    measures = read_measures(measured, {run.method for run in submission.runs}) if measured else {}
    models = _models(submission.config) if embed else (None, None)
    result, rows, found = score_submission(submission, models[0], measures, models[1])
    seconds = time.perf_counter() - start
    result = replace(result, timings={"total_s": seconds, "model_s": None, "steps": {"score": seconds}})
    save(folder, result, rows, found)
    write_report(folder)
    return result
