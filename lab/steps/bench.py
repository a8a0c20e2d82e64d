"""What all steps work with: the config, the data, the models and the run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lab.config import ExperimentConfig
from lab.index.encoder import SentenceEncoder
from lab.methods.finetune import TrainingReport, train_adapter
from lab.methods.generations import GenerationStore
from lab.methods.generator import Generator
from lab.models import Hardware, ModelClock, ModelFiles, choose_hardware, find_model
from lab.preparation import Prepared
from lab.run_folder import RunFolder
from lab.types import Encoder

MODEL_LIBRARIES = ("torch", "transformers", "peft")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made of, replaceable in tests: how models are found, loaded and trained."""

    find_model: Callable[..., ModelFiles] = find_model
    choose_hardware: Callable[[str, str], Hardware] = choose_hardware
    encoder: Callable[..., Encoder] = SentenceEncoder
    generator: Callable[..., Generator] = Generator
    train: Callable[..., TrainingReport] = train_adapter


REAL_PARTS = Parts()


@dataclass(frozen=True, slots=True)
class Models:
    """The model files and the hardware of a run."""

    encoder_files: ModelFiles
    rerank_files: ModelFiles | None
    nli_files: ModelFiles | None
    generator_files: ModelFiles
    hardware: Hardware
    encoder: Encoder
    clock: ModelClock


def find_models(config: ExperimentConfig, parts: Parts, clock: ModelClock, *, offline: bool) -> Models:
    """Find the models and choose the hardware; loads no weights. What fails quickly is tried first."""
    encoder_files = parts.find_model(config.index.encoder, offline=offline)
    rerank = config.index.rerank
    rerank_files = None if rerank == "none" else parts.find_model(rerank, offline=offline)
    nli = config.metrics.nli
    nli_files = None if nli == "none" else parts.find_model(nli, offline=offline)
    with clock.running():
        hardware = parts.choose_hardware(config.generator.device, config.generator.dtype)
        generator_files = parts.find_model(config.generator.model, offline=offline)
    encoder = parts.encoder(encoder_files, device=hardware.device, clock=clock)
    return Models(encoder_files, rerank_files, nli_files, generator_files, hardware, encoder, clock)


class Bench:
    """One run's config, data, models and folder; the generator is made when first asked for."""

    def __init__(
        self,
        config: ExperimentConfig,
        data: Prepared,
        models: Models,
        folder: RunFolder,
        parts: Parts = REAL_PARTS,
        *,
        offline: bool = False,
    ) -> None:
        self.config = config
        self.data = data
        self.models = models
        self.folder = folder
        self.parts = parts
        self.offline = offline

    @cached_property
    def generator(self) -> Generator:
        """The generator, with its store of texts in the run folder."""
        return self.parts.generator(
            self.models.generator_files,
            self.models.hardware,
            GenerationStore(self.folder.work / "generations.jsonl"),
            self.models.clock,
            batch_size=self.config.generator.batch_size,
        )

    def generator_inputs(self) -> dict[str, Any]:
        """What decides a generated text or a trained adapter beside prompts and settings."""
        hardware = self.models.hardware
        return {
            "model": self.models.generator_files.digest,
            "dtype": hardware.dtype,
            "device": hardware.device,
        }
