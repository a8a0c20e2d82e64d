"""Option scoring, after all answers are given: no second of it counts as answering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lab.files import read_jsonl, write_jsonl
from lab.methods.options import OptionScorer, OptionScores, OptionStore, likeliest
from lab.methods.registry import METHODS
from lab.run_folder import StepProgress, StepSpec
from lab.steps.asked import Asked
from lab.steps.asking import CODE, Asking
from lab.steps.bench import MODEL_LIBRARIES, Bench
from lab.steps.plan import OPTIONS

SCORES = "options.jsonl"
Runs = Mapping[str, Sequence[Asked]]


def score_options(bench: Bench, asking: Asking, asked: Runs) -> dict[str, tuple[Asked, ...]]:
    """The same runs, each answer of the generator with the label that it finds likeliest; as they were without labels.

    What was scored lies in the step's `options.jsonl`: one row for each method, training run and question, with the
    labels and the scores of all of them.
    """
    labels = asking.options.labels
    # Runs of equal weights side by side: a change of weights loads the model again.
    runs = [(name, run) for name, several in asked.items() if METHODS[name].engine == "generator" for run in several]
    runs.sort(key=lambda pair: (METHODS[pair[0]].weights, pair[1].seed))
    if not labels or not runs:
        return {name: tuple(several) for name, several in asked.items()}
    queries = [question.query for question in bench.data.holdout.test]

    def work(folder: Path, progress: StepProgress) -> None:
        scorer = OptionScorer(bench.generator, OptionStore(bench.folder.work / SCORES), labels)
        rows: list[dict[str, Any]] = []
        for place, (name, run) in enumerate(runs):
            request = f"options/{folder.name}/{name}/{run.seed}"
            answerer = asking.answerer(name, run, request)

            def report(done: int, total: int, place: int = place) -> None:
                progress(place * total + done, len(runs) * total, "answers")

            prompts = [prompt.text for prompt in answerer.prompts(queries)]
            scores = scorer.score(prompts, answerer.adapter, request=request, on_progress=report)
            rows += [
                {"method": name, "seed": run.seed, "query_id": query.id, "labels": labels, **asdict(one)}
                for query, one in zip(queries, scores, strict=True)
            ]
        write_jsonl(folder / SCORES, rows)

    inputs = {
        **bench.generator_inputs(),
        "answers": [[name, run.seed, run.key] for name, run in runs],  # which hold all that decides the prompts
        "batch_size": bench.config.generator.batch_size,
        "labels": list(labels),
    }
    code = (*CODE, "methods/options.py", "steps/options.py")
    step = bench.folder.run(StepSpec(OPTIONS, inputs, code, MODEL_LIBRARIES), work)
    best = {
        (row["method"], row["seed"], row["query_id"]): likeliest(labels, OptionScores(row["logprobs"]))
        for row in read_jsonl(step.path / SCORES)
    }
    return {
        name: tuple(
            _with_options(name, run, best, step.key) if METHODS[name].engine == "generator" else run for run in several
        )
        for name, several in asked.items()
    }


def _with_options(name: str, run: Asked, best: Mapping[tuple[str, int, str], str], key: str) -> Asked:
    answers = tuple(replace(answer, option=best[name, run.seed, answer.query_id]) for answer in run.answers)
    return replace(run, answers=answers, options_key=key)
