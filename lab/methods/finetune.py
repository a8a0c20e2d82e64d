"""The one training path: LoRA on all linear layers, loss on the answer tokens, best step by dev loss, exact resume.

The order of all batches is fixed before the first step; a resumed run skips what its last intact checkpoint has seen.
KeyboardInterrupt from `on_progress` leaves training when its step is saved; the next run goes on from that very step.
"""

from __future__ import annotations

import json
import logging
import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab.errors import DataError, LabError, ResourceError
from lab.files import file_sha256
from lab.methods.batches import Encoded, collate, plan_batches
from lab.methods.examples import TrainingExample
from lab.methods.generator import Adapter, ChatTokenizer, Generator
from lab.models import ModelClock
from lab.training_config import TrainingConfig

log = logging.getLogger(__name__)

CHECKPOINT_MANIFEST = "manifest.json"
DEV_LOSS = "dev_loss"
ADAPTER_FILE = "adapter_model.safetensors"


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What training did, as the trainer itself counted it. `tokens` are those of all steps taken, padding left out.

    `steps` were planned; training stopped early if it took fewer. `early_stopping_reads` names what decided that, and
    which step was kept; None where nothing did, and the last step was kept. `dropped_too_long` are the ids of the
    questions whose examples did not fit training.max_tokens. `learning_rate` is the peak.

    A point of `curve` has its step, the epochs done by then, the learning rate of that step, and a loss in nats per
    token: `train_loss`, the mean over the steps since the last such point, or `dev_loss`.
    """

    adapter: str
    seconds: float
    examples: int
    epochs: int
    steps: int
    stopped_at_step: int
    best_step: int
    tokens: int
    dropped_too_long: tuple[str, ...]
    learning_rate: float
    trainable_parameters: int
    curve: Curve
    early_stopping_reads: str | None

    @property
    def stopped_early(self) -> bool:
        """Whether dev loss ended training before the last planned step."""
        return self.stopped_at_step < self.steps


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """All that one adapter is made from."""

    adapter: str
    train: tuple[TrainingExample, ...]
    dev: tuple[TrainingExample, ...]
    config: TrainingConfig
    epochs: int
    seed: int


TrainingProgress = Callable[[int, int, str], None]
Curve = tuple[dict[str, float], ...]
OnCurve = Callable[[Curve], None]


def encode_examples(
    examples: Sequence[TrainingExample], tokenizer: ChatTokenizer, max_tokens: int
) -> tuple[list[Encoded], list[str]]:
    """Token ids of the examples that fit `max_tokens`, and the question ids of those that do not."""
    kept, dropped = [], []
    for example in examples:
        encoded = Encoded(
            tuple(tokenizer.encode(tokenizer.render(example.messages))),
            tuple(tokenizer.encode_target(example.target)),
        )
        if len(encoded) <= max_tokens:
            kept.append(encoded)
        else:
            dropped.append(example.question_id)
    return kept, dropped


def train_adapter(
    job: TrainingJob,
    generator: Generator,
    folder: Path,
    clock: ModelClock,
    on_progress: TrainingProgress = lambda done, total, note: None,
    on_curve: OnCurve | None = None,
) -> TrainingReport:
    """Train one adapter into `folder` (adapter files and report.json); resumes from checkpoints found there.

    `on_curve` is told the whole curve so far whenever it grows.

    Raises:
        DataError: no training example fits training.max_tokens.
        LabError: the loss became NaN or infinite.
        ResourceError: out of memory.
        KeyboardInterrupt: `on_progress` raised it; the step that it was told is saved.
    """
    start = time.perf_counter()
    train, dropped = encode_examples(job.train, generator.tokenizer, job.config.max_tokens)
    dev, _ = encode_examples(job.dev, generator.tokenizer, job.config.max_tokens)
    if not train:
        raise DataError(
            f"training {job.adapter}: all {len(dropped)} examples are longer than training.max_tokens = "
            f"{job.config.max_tokens}; raise it, or use fewer or shorter passages"
        )
    with clock.running():
        trainer = _make_trainer(job, train, dev, generator, folder, on_progress)
        if on_curve is not None:
            _tell(trainer, job, on_curve)
        try:
            _run(trainer, folder)
            report = _report(job, trainer, train, dropped, time.perf_counter() - start)
            trainer.model.save_pretrained(folder)
        finally:
            trainer.model.unload()
    (folder / "README.md").unlink(missing_ok=True)
    (folder / "report.json").write_text(json.dumps(asdict(report), indent=1))
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    return report


def read_adapter(name: str, folder: Path) -> tuple[Adapter, TrainingReport]:
    """A trained adapter and its report."""
    values = json.loads((folder / "report.json").read_text())
    report = TrainingReport(
        **{**values, "curve": tuple(values["curve"]), "dropped_too_long": tuple(values["dropped_too_long"])}
    )
    return Adapter(name, folder, file_sha256(folder / ADAPTER_FILE)), report


def intact_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint whose files match its manifest; broken ones are deleted."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rsplit("-", 1)[1]), reverse=True)
    for checkpoint in found:
        if _is_sealed(checkpoint):
            return checkpoint
        log.info("checkpoint %s is incomplete and ignored", checkpoint.name)
        shutil.rmtree(checkpoint)
    return None


def _is_sealed(checkpoint: Path) -> bool:
    try:
        expected: dict[str, str] = json.loads((checkpoint / CHECKPOINT_MANIFEST).read_text())
        return all(file_sha256(checkpoint / name) == digest for name, digest in expected.items())
    except (OSError, ValueError):
        return False


def _make_trainer(
    job: TrainingJob,
    train: list[Encoded],
    dev: list[Encoded],
    generator: Generator,
    folder: Path,
    on_progress: TrainingProgress,
) -> Any:
    from peft import LoraConfig, get_peft_model
    from transformers import EarlyStoppingCallback, PrinterCallback, set_seed

    from lab.methods.trainer import AnswerTrainer, CheckpointSeal, ProgressReport, RunningLoss, trainer_arguments

    config = job.config
    plan = plan_batches([len(example) for example in train], config.batch_size, job.epochs, job.seed)
    steps_per_epoch = len(plan) // job.epochs
    set_seed(job.seed)
    lora = LoraConfig(
        r=config.rank,
        lora_alpha=2 * config.rank,
        lora_dropout=config.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(generator.base(), lora)
    model.train()
    pad_id = generator.tokenizer.raw.pad_token_id
    dev_batches = [dev[first : first + config.batch_size] for first in range(0, len(dev), config.batch_size)]
    running_loss = RunningLoss()
    progress = ProgressReport(plan, [len(example) for example in train], on_progress)
    callbacks: list[Any] = [CheckpointSeal(running_loss), progress]
    if dev and config.early_stopping:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=1))
    trainer = AnswerTrainer(
        running_loss=running_loss,
        model=model,
        args=trainer_arguments(
            config, folder / "checkpoints", len(plan), steps_per_epoch, bool(dev), generator.hardware, job.seed
        ),
        train_dataset=[[train[place] for place in batch] for batch in plan],
        eval_dataset=dev_batches or None,
        data_collator=lambda items: collate(items[0], pad_id),
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _tell(trainer: Any, job: TrainingJob, on_curve: OnCurve) -> None:
    from lab.methods.trainer import CurveReport

    steps_per_epoch = len(trainer.train_dataset) / job.epochs
    trainer.add_callback(CurveReport(lambda history: on_curve(tuple(_points(history, steps_per_epoch)))))


def _run(trainer: Any, folder: Path) -> None:
    import torch

    checkpoint = intact_checkpoint(folder / "checkpoints")
    if checkpoint is not None:
        log.info("training goes on from %s", checkpoint.name)
        state = json.loads((checkpoint / "trainer_state.json").read_text())
        if state["stateful_callbacks"]["TrainerControl"]["args"]["should_training_stop"]:
            # transformers forgets this when it resumes, and would train on past an early stop
            trainer.train_dataset = trainer.train_dataset[: state["global_step"]]
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except torch.OutOfMemoryError:
        raise ResourceError(
            "training ran out of memory; lower training.batch_size, index.k or index.passage_tokens, "
            "or use a smaller model"
        ) from None


def _report(
    job: TrainingJob, trainer: Any, train: Sequence[Encoded], dropped: Sequence[str], seconds: float
) -> TrainingReport:
    state = trainer.state
    plan = plan_batches([len(example) for example in train], job.config.batch_size, job.epochs, job.seed)
    curve = tuple(_points(state.log_history, len(plan) / job.epochs))
    diverged = [point["step"] for point in curve if not all(math.isfinite(value) for value in point.values())]
    if diverged:
        raise LabError(
            f"training {job.adapter} diverged: the loss at step {diverged[0]:.0f} is not a number; "
            "lower training.learning_rate"
        )
    best = state.best_model_checkpoint if trainer.args.load_best_model_at_end else None
    return TrainingReport(
        adapter=job.adapter,
        seconds=seconds,
        examples=len(train),
        epochs=job.epochs,
        steps=len(plan),
        stopped_at_step=state.global_step,
        best_step=int(best.rsplit("-", 1)[1]) if best else state.global_step,
        tokens=sum(len(train[place]) for batch in plan[: state.global_step] for place in batch),
        dropped_too_long=tuple(dropped),
        learning_rate=trainer.args.learning_rate,
        trainable_parameters=sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        curve=curve,
        early_stopping_reads=DEV_LOSS if trainer.args.load_best_model_at_end else None,
    )


def _points(history: Sequence[Mapping[str, float]], steps_per_epoch: float) -> Iterator[dict[str, float]]:
    """The points of the curve among all that the Trainer logged; its own epochs are of the planned order as a whole."""
    for entry in history:
        for logged, name in (("loss", "train_loss"), ("eval_loss", DEV_LOSS)):
            if logged in entry:
                yield {
                    "step": entry["step"],
                    "epoch": entry["step"] / steps_per_epoch,
                    "learning_rate": entry["learning_rate"],
                    name: entry[logged],
                }
