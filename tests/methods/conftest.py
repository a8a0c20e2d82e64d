"""A generator over the tiny model, and training jobs small enough to run in a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.methods.examples import TrainingExample
from lab.methods.finetune import TrainingJob
from lab.methods.generations import GenerationStore
from lab.methods.generator import Generator
from lab.methods.prompts import PromptStyle, build_messages
from lab.models import Hardware, ModelClock, ModelFiles, folder_digest
from lab.training_config import TrainingConfig

STYLE = PromptStyle("ferries")


@pytest.fixture(scope="session")
def tiny_digest(tiny_model: Path) -> str:
    return folder_digest(tiny_model)


@pytest.fixture
def make_generator(tiny_model: Path, tiny_digest: str, tmp_path: Path) -> Callable[..., Generator]:
    """Makes a generator with a store of its own; equal stores have equal names."""
    import torch

    torch.set_num_threads(1)
    made: list[Generator] = []

    def make(
        store: str | None = None, batch_size: int = 4, kind: type[Generator] = Generator, model: Path | None = None
    ) -> Generator:
        folder, digest = (model, str(model)) if model else (tiny_model, tiny_digest)
        path = tmp_path / f"{store or len(made)}.jsonl"
        files = ModelFiles("tiny", folder, digest, "")
        generator = kind(
            files, Hardware("cpu", "float32", "test"), GenerationStore(path), ModelClock(), batch_size=batch_size
        )
        made.append(generator)
        return generator

    return make


def example(number: int) -> TrainingExample:
    messages = build_messages(STYLE, f"When does ferry {'x' * (number % 7)}{number} leave?", None)
    return TrainingExample(f"q{number}", tuple(messages), f"at {number % 5}" + "!" * (number % 4))


@pytest.fixture(scope="session")
def make_job() -> Callable[..., TrainingJob]:
    """A job of 12 training and 4 dev examples; `changes` go to the training config."""

    def make(adapter: str = "A", epochs: int = 2, n_dev: int = 4, seed: int = 1, **changes: object) -> TrainingJob:
        config = TrainingConfig.model_validate({"rank": 4, "batch_size": 4, "max_tokens": 1024, **changes})
        train = tuple(example(number) for number in range(12))
        dev = tuple(example(number) for number in range(100, 100 + n_dev))
        return TrainingJob(adapter, train, dev, config, epochs, seed)

    return make
