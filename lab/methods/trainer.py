"""What `finetune` adds to transformers' Trainer: the loss, sealed checkpoints, progress, a stop that loses nothing."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainingArguments

from lab.files import file_sha256, read_json
from lab.methods.batches import IGNORED, PART_TOKENS, split_batch
from lab.methods.finetune import CHECKPOINT_MANIFEST
from lab.models import Hardware
from lab.training_config import TrainingConfig

log = logging.getLogger(__name__)

RUNNING_LOSS = "running_loss.json"


class RunningLoss:
    """Loss of the steps since the last point of the curve, in nats. The Trainer's own is lost between two processes."""

    def __init__(self) -> None:
        self._sum: Any = 0.0
        self._steps = 0

    def add(self, loss: Any) -> None:
        """Take in one step's loss; it stays on its device, so that no step waits for it."""
        self._sum = self._sum + loss
        self._steps += 1

    def take(self) -> float:
        """Mean over the steps since the last call."""
        mean = float(self._sum) / self._steps
        self._sum, self._steps = 0.0, 0
        return mean

    def save(self, path: Path) -> None:
        """Write it beside the weights that it belongs to."""
        path.write_text(json.dumps({"sum": float(self._sum), "steps": self._steps}))

    def load(self, path: Path) -> None:
        """Go on from a saved one."""
        values = read_json(path)
        self._sum, self._steps = torch.tensor(values["sum"]), values["steps"]


class AnswerTrainer(Trainer):  # type: ignore[misc]
    """Cross-entropy on the answer tokens; logits are computed for their columns only.

    A logged loss is the mean over the steps since the last one, across a stop too. Each logged point tells the learning
    rate of its optimizer step.
    """

    def __init__(self, *, running_loss: RunningLoss, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._running_loss = running_loss
        self._step_learning_rate = 0.0

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Put the loss over all processes, and the learning rate, into what the curve is made of."""
        if "loss" in logs:
            logs["loss"] = self._running_loss.take()
        if "loss" in logs or "eval_loss" in logs:
            logs["learning_rate"] = self._step_learning_rate
        super().log(logs, start_time)

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:
        """Forward and backward part by part; the gradient is that of the mean over the whole batch's answer tokens."""
        model.train()
        inputs = self._prepare_inputs(inputs)
        self._step_learning_rate = float(self.optimizer.param_groups[0]["lr"])
        answer_tokens = _answer_tokens(inputs)
        total = torch.zeros((), device=inputs["labels"].device)
        for part in split_batch(inputs, PART_TOKENS[inputs["labels"].device.type]):
            loss = self.compute_loss(model, part) * (_answer_tokens(part) / answer_tokens)
            self.accelerator.backward(loss)
            total += loss.detach()
        self._running_loss.add(total)
        return total

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Mean over the batch's answer tokens, in nats."""
        labels, width = inputs["labels"], inputs["input_ids"].shape[1]
        # The adapter's fp32 weights are multiplied in the model's format, as they will be when it answers. Columns are
        # given one by one: a slice would be multiplied with one copy of the output matrix for each row of the batch.
        with torch.autocast(labels.device.type, dtype=model.dtype, enabled=model.dtype != torch.float32):
            outputs = model(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                position_ids=inputs["position_ids"],
                logits_to_keep=torch.arange(width - labels.shape[1] - 1, width, device=labels.device),
                use_cache=False,
            )
        logits = outputs.logits[:, :-1].float()
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)
        return (loss, outputs) if return_outputs else loss


def _answer_tokens(inputs: dict[str, Any]) -> Any:
    return (inputs["labels"] != IGNORED).sum()


class CheckpointSeal(TrainerCallback):  # type: ignore[misc]
    """Writes each checkpoint's manifest last, so that its presence means complete; drops the pickled arguments."""

    def __init__(self, running_loss: RunningLoss) -> None:
        self._running_loss = running_loss

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Goes on from the checkpoint at `state.global_step`, if there is one."""
        if state.global_step:
            self._running_loss.load(_checkpoint(args, state.global_step) / RUNNING_LOSS)
        if state.best_global_step:  # the folder may have been moved since
            state.best_model_checkpoint = str(_checkpoint(args, state.best_global_step))

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Called when the checkpoint's files are on disk."""
        folder = _checkpoint(args, state.global_step)
        (folder / "training_args.bin").unlink(missing_ok=True)
        self._running_loss.save(folder / RUNNING_LOSS)
        digests = {path.name: file_sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}
        temporary = folder / "manifest.tmp"
        temporary.write_text(json.dumps(digests))
        temporary.rename(folder / CHECKPOINT_MANIFEST)


def _checkpoint(args: Any, step: int) -> Path:
    return Path(args.output_dir) / f"checkpoint-{step}"


class ProgressReport(TrainerCallback):  # type: ignore[misc]
    """Tells steps done, loss and tokens per second. Where the one who is told stops the run, the step is saved first.

    It must come after CheckpointSeal: the stop leaves training when the checkpoint is sealed.
    """

    def __init__(
        self, plan: Sequence[Sequence[int]], lengths: Sequence[int], on_progress: Callable[[int, int, str], None]
    ) -> None:
        self._tokens = [sum(lengths[place] for place in batch) for batch in plan]
        self._on_progress = on_progress
        self._loss = ""
        self._first_step: int | None = None
        self._start = 0.0
        self._stop: KeyboardInterrupt | None = None

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Starts the clock at the first step of this process."""
        if self._first_step is None:
            self._first_step, self._start = state.global_step, time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """One optimizer step is done."""
        tokens = sum(self._tokens[self._first_step : state.global_step])
        rate = tokens / (time.perf_counter() - self._start)
        try:
            self._on_progress(state.global_step, len(self._tokens), f"{self._loss}{rate:,.0f} tokens/s")
        except KeyboardInterrupt as stop:
            # should_training_stop stays as it is: a saved True would be read as an early stop.
            self._stop, control.should_save = stop, True

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """The step is on disk, evaluated if that was due: nothing is lost by leaving now."""
        if self._stop is not None:
            log.info("training was stopped after step %d, which is saved", state.global_step)
            raise self._stop

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        """Keeps the newest losses for the next progress line."""
        if logs and "loss" in logs:
            self._loss = f"loss {logs['loss']:.3f}, "


class CurveReport(TrainerCallback):  # type: ignore[misc]
    """Tells what the Trainer has logged so far, each time that it grows, and first what a checkpoint brought."""

    def __init__(self, on_history: Callable[[Sequence[Mapping[str, float]]], None]) -> None:
        self._on_history = on_history

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Tells the points up to the step that training goes on from."""
        self._on_history(state.log_history)

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """A point was added."""
        self._on_history(state.log_history)


def trainer_arguments(
    config: TrainingConfig,
    folder: Path,
    steps: int,
    steps_per_epoch: int,
    has_dev: bool,
    hardware: Hardware,
    seed: int,
) -> TrainingArguments:
    """Arguments of the Trainer. One dataset item is a whole batch, in planned order: batch size 1, one epoch."""
    arguments = TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=1,
        per_device_eval_batch_size=1,
        num_train_epochs=1,
        learning_rate=config.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=round(config.warmup * steps),
        weight_decay=config.weight_decay,
        train_sampling_strategy="sequential",
        eval_strategy="steps" if has_dev else "no",
        eval_steps=steps_per_epoch if has_dev else None,
        save_strategy="steps",
        save_steps=steps_per_epoch,
        save_total_limit=2,
        load_best_model_at_end=has_dev and config.early_stopping,
        metric_for_best_model="eval_loss" if has_dev else None,
        greater_is_better=False if has_dev else None,
        restore_callback_states_from_checkpoint=True,
        prediction_loss_only=True,
        label_names=["labels"],
        logging_steps=max(1, steps_per_epoch // 8),
        logging_nan_inf_filter=False,  # a loss that is NaN must be seen, not smoothed to 0
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        use_cpu=hardware.device == "cpu",
        dataloader_pin_memory=hardware.device != "cpu",
        seed=seed,
    )
    return arguments
