"""A small desk of a ferry whose messages belong to one of three teams; a whole run over it with the tiny model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

TEAMS = {
    "billing": (
        "The billing team refunds tickets and corrects invoices.",
        "I was charged {n} euros twice, a refund please",
    ),
    "lost property": ("Lost property keeps found things for a month.", "I left a {colour} bag on boat {n}"),
    "timetable": ("The timetable team answers when ferries leave.", "When does the {n} o'clock {colour} line leave"),
}
COLOURS = ("red", "blue", "green", "grey")
METHODS = ["closed-book", "rag", "knn-vote", "linear-head"]
SECTIONS: dict[str, Any] = {
    "holdout": {"test": 0.3, "dev": 0.2},
    "index": {"passage_tokens": 32, "overlap": 4, "k": 2},
    "methods": METHODS,
    "metrics": {"primary": "label_accuracy"},
}


def write_messages(folder: Path, kind: str = "label", **sections: Any) -> Path:
    """Write documents, 36 messages and an experiment file; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = [{"id": team, "title": team.capitalize(), "text": text} for team, (text, _) in TEAMS.items()]
    questions = [
        {
            "id": f"{team[0]}{n}",
            "question": message.format(n=n, colour=COLOURS[n % 4]),
            "answers": [team],
            "kind": kind,
            "evidence": [{"document": team}],
        }
        for team, (_, message) in TEAMS.items()
        for n in range(12)
    ]
    for name, rows in (("documents", documents), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    path = folder / "experiment.yaml"
    tree = {"name": "desk", "domain": "a ferry", **SECTIONS, **sections}
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    return path


def tiny_generator(model: Path, **changes: Any) -> dict[str, Any]:
    """The `generator` section of a run in float32."""
    return {"model": str(model), "few_shot": 0, "dtype": "float32", "device": "cpu", **changes}


def make_label_run(folder: Path, save_model: Callable[..., Path], **sections: Any) -> Path:
    """Run the experiment below `folder`; returns the run folder."""
    import torch

    from lab.config import load_config
    from lab.experiment import run_experiment

    torch.set_num_threads(1)
    model = save_model(folder / "tiny", max_position_embeddings=4096)
    config = load_config(write_messages(folder / "corpus", **{"generator": tiny_generator(model), **sections}))
    run_experiment(config, run_folder=folder / "run", offline=True)
    return folder / "run"
