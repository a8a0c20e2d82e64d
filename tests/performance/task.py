"""What both pipelines of the benchmark are given, made by the lab's own preparation and written as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab.config import load_config
from lab.methods.batches import plan_batches
from lab.methods.contexts import top_k_with_gold
from lab.methods.examples import TrainingExample
from lab.methods.prompts import PromptStyle
from lab.methods.registry import METHODS
from lab.models import ModelClock
from lab.preparation import prepare
from lab.run_folder import RunFolder
from lab.steps.asking import Asking
from lab.steps.bench import REAL_PARTS, Bench, find_models
from lab.steps.retrieval import Retrieval
from lab.steps.tuning import Tuning


def make_task(experiment: str, overrides: Sequence[str], out: Path) -> dict[str, Any]:
    """Passages, questions, training prompts and settings; also written to `out/task.json`."""
    config, clock = load_config(experiment, overrides), ModelClock()
    models = find_models(config, REAL_PARTS, clock, offline=True)
    data = prepare(config, models.encoder, offline=True)
    style = PromptStyle.fitting(config.domain, config.raft.reasoning, data.holdout.train)
    with RunFolder(out / "task", clock=clock) as folder:
        bench = Bench(config, data, models, folder, offline=True)
        retrieval = Retrieval(bench)
        tuning = Tuning(bench, retrieval, style)
        queries = [question.query for question in data.holdout.test]
        place = {passage.id: number for number, passage in enumerate(data.passages)}

        def places(found: Any) -> list[int]:
            return [place[hit.passage.id] for hit in found.hits]

        with_gold = top_k_with_gold(retrieval, config.index.k, retrieval.gold)(queries)
        examples = {
            name: tuning.example_set(name, data.holdout.train, tuning.first_seed).examples for name in ("A", "B")
        }
        epochs = {"A": config.training.epochs, "B": config.raft.epochs or config.training.epochs}
        training = config.training
        task = {
            "encoder": str(models.encoder_files.folder),
            "generator": str(models.generator_files.folder),
            "style": asdict(style),
            "k": config.index.k,
            "passages": [asdict(passage) for passage in data.passages],
            "test": [{"id": q.id, "text": q.text, "answers": list(q.answers)} for q in data.holdout.test],
            "found": {
                query.id: places(found)[: config.index.k]
                for query, found in zip(queries, retrieval(queries), strict=True)
            },
            "gold_contexts": {query.id: places(found) for query, found in zip(queries, with_gold, strict=True)},
            "methods": {name: asdict(METHODS[name]) for name in config.methods},
            "examples": {name: _prompts(found) for name, found in examples.items()},
            "dev": {
                name: _prompts(tuning.example_set(name, data.holdout.dev, tuning.first_seed).examples)
                for name in ("A", "B")
            },
            "max_new_tokens": Asking(bench, retrieval, tuning, style).max_new_tokens,
            "training": {
                "epochs": epochs,
                "learning_rate": training.learning_rate,
                "batch_size": training.batch_size,
                "rank": training.rank,
                "seed": training.seeds[0],
                "warmup_steps": {
                    name: round(
                        training.warmup * len(plan_batches([1] * len(found), training.batch_size, epochs[name], 0))
                    )
                    for name, found in examples.items()
                },
            },
        }
    (out / "task.json").write_text(json.dumps(task), encoding="utf-8")
    return task


def _prompts(examples: Sequence[TrainingExample]) -> list[dict[str, Any]]:
    return [{"messages": list(example.messages), "target": example.target} for example in examples]
