"""Which prompts are generated together, and which examples are trained together, as token ids and tensors.

Training prompts are padded on the left and answers on the right, so the answers of a batch end in the same columns and
the model computes logits for those columns alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from lab.errors import ResourceError

log = logging.getLogger(__name__)

Row = TypeVar("Row")
ONE_IS_TOO_MANY = "generation ran out of memory with a single prompt; use a smaller model, fewer or shorter passages"
IGNORED = -100
GROUPED_BATCHES = 8
BATCH_TOKENS = 16_384  # generation: keeps the memory for keys and values small beside the weights
# Tokens of a training batch, padding included, whose activations are held at a time. More fills memory (over 1 MB a
# token for the embedded generator) and, on CPUs, is no faster.
PART_TOKENS = {"cpu": 2048, "cuda": 16_384}


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of a training example."""

    prompt: tuple[int, ...]
    target: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.target)


def batch_sizes(lengths: Sequence[int], most: int) -> list[int]:
    """How many prompts each batch takes, in order: at most `most`, and BATCH_TOKENS tokens with padding.

    `lengths` are tokens, longest first; a prompt longer than BATCH_TOKENS stands alone.
    """
    sizes: list[int] = []
    start = 0
    while start < len(lengths):
        room = max(1, min(most, BATCH_TOKENS // max(1, lengths[start])))
        sizes.append(min(room, len(lengths) - start))
        start += sizes[-1]
    return sizes


def or_halves(prompts: list[str], make: Callable[[list[str]], list[Row]]) -> list[Row]:
    """What `make` makes of the prompts; of halves of them, one after the other, where they fill the memory.

    Raises:
        ResourceError: a single prompt fills it.
    """
    import torch

    with suppress(torch.OutOfMemoryError):
        return make(prompts)
    # Here the error is gone, and with it its frames, which hold the tensors that filled the memory.
    torch.cuda.empty_cache()
    if len(prompts) == 1:
        raise ResourceError(ONE_IS_TOO_MANY)
    half = len(prompts) // 2
    log.warning("out of memory with %d prompts: going on with %d", len(prompts), half)
    return [*or_halves(prompts[:half], make), *or_halves(prompts[half:], make)]


def plan_batches(lengths: Sequence[int], batch_size: int, epochs: int, seed: int) -> list[list[int]]:
    """Positions of the examples in every batch of the run. Each epoch holds each example once; lengths stay close."""
    rng = np.random.default_rng([seed, 1])
    plan: list[list[int]] = []
    for _ in range(epochs):
        order = rng.permutation(len(lengths)).tolist()
        window = batch_size * GROUPED_BATCHES
        batches = []
        for start in range(0, len(order), window):
            near = sorted(order[start : start + window], key=lambda place: -lengths[place])
            batches += [near[first : first + batch_size] for first in range(0, len(near), batch_size)]
        plan += [batches[place] for place in rng.permutation(len(batches))]
    return plan


def collate(batch: Sequence[Encoded], pad_id: int) -> dict[str, Any]:
    """Tensors of a batch: ids, mask, positions of shape (batch, prompt + answer); labels of shape (batch, answer)."""
    import torch

    wide_prompt = max(len(example.prompt) for example in batch)
    wide_target = max(len(example.target) for example in batch)
    ids = torch.full((len(batch), wide_prompt + wide_target), pad_id)
    mask = torch.zeros_like(ids)
    labels = torch.full((len(batch), wide_target), IGNORED)
    for row, example in enumerate(batch):
        start, end = wide_prompt - len(example.prompt), wide_prompt + len(example.target)
        ids[row, start:end] = torch.tensor(example.prompt + example.target)
        mask[row, start:end] = 1
        labels[row, : len(example.target)] = torch.tensor(example.target)
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
    return {"input_ids": ids, "attention_mask": mask, "position_ids": positions, "labels": labels}


def split_batch(inputs: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """Groups of a batch's rows of at most `most` tokens, at least one row each, without padding that all rows share."""
    rows, width = inputs["input_ids"].shape
    size = max(1, most // width)
    parts = []
    for first in range(0, rows, size):
        part = {name: tensor[first : first + size] for name, tensor in inputs.items()}
        start = int(part["attention_mask"].any(dim=0).int().argmax())
        parts.append({name: tensor if name == "labels" else tensor[:, start:] for name, tensor in part.items()})
    return parts
