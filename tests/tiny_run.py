"""A finished run of the tiny model, in which every method answers otherwise; seconds, not minutes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from small_world import write_slice

SECTIONS: dict[str, Any] = {
    "holdout": {"track": "wording", "limit_train": 8, "limit_dev": 2, "limit_test": 4},
    "index": {"passage_tokens": 48, "overlap": 8, "k": 2, "retrieval": "hybrid"},
    "methods": ["closed-book", "rag", "fine-tuned+rag", "raft", "oracle"],
    "raft": {"epochs": 6},
    "training": {"epochs": 2, "max_tokens": 4096, "learning_rate": 0.02, "seeds": [1, 2]},
}


def make_run(folder: Path, save_model: Callable[..., Path]) -> Path:
    """Run the experiment below `folder`; returns the run folder. float32, so that a lone prompt and a batch agree."""
    import torch

    from lab.config import load_config
    from lab.experiment import run_experiment

    torch.set_num_threads(1)
    model = save_model(folder / "tiny", max_position_embeddings=4096)
    generator = {"model": str(model), "few_shot": 1, "max_new_tokens": 48, "dtype": "float32", "device": "cpu"}
    config = load_config(write_slice(folder / "corpus", 12, generator=generator, **SECTIONS))
    run_experiment(config, run_folder=folder / "run", offline=True)
    return folder / "run"


def answers_of(run: Path) -> list[dict[str, Any]]:
    """The rows of answers.jsonl."""
    return [json.loads(line) for line in (run / "answers.jsonl").read_text(encoding="utf-8").split("\n") if line]
