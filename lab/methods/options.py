"""Option scoring: which label the generator finds likeliest after a method's own prompt, whatever it would write.

    score(label) = mean over the label's tokens of log p(token | prompt, earlier tokens of the label)

This takes away what format does to answers: whoever says "It is: refund." finds "refund" likely all the same. The sum
over a label's tokens is the log-likelihood by which Ovadia et al. 2023 (arXiv 2312.05934, equation 4) choose among
options; the mean makes long labels comparable with short ones. The label's end-of-turn token is left out: whether the
generator stops there is format too. The score follows a prompt that asks for the label alone, so it is not defined
where a reason comes before the answer.
"""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lab.errors import ConfigError
from lab.files import file_sha256
from lab.methods.batches import Encoded, collate
from lab.methods.generations import PromptStore
from lab.methods.generator import Adapter, Generator, Progress
from lab.methods.prompts import PromptStyle

AUTO_MOST = 20  # labels
RULE = "mean log-probability of the label's tokens after the prompt, end of turn left out"


@dataclass(frozen=True, slots=True)
class Options:
    """The labels that are scored, in order; none for the reason given."""

    labels: tuple[str, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OptionScores:
    """Scores of all labels after one prompt, natural logarithm, in the order of the labels."""

    logprobs: list[float]


class OptionStore(PromptStore[OptionScores]):
    """Scores of labels by prompt key."""

    kind = OptionScores


def options_of(wanted: bool | Literal["auto"], style: PromptStyle) -> Options:
    """The labels to score, by the config's `generator.option_scoring` and by how this run's prompts ask.

    Raises:
        ConfigError: scoring is wanted, but the prompts ask for no labels, or for a reason before the label.
    """
    labels = tuple(label for label in style.labels if label.strip())
    reason = None
    if wanted is False:
        reason = "switched off (generator.option_scoring)"
    elif style.form != "label" or not labels:
        reason = "the answers of the training questions are no labels"
    elif style.reasoning != "none":
        reason = f"not defined with raft.reasoning: {style.reasoning}, where a reason comes before the answer"
    elif wanted == "auto" and len(labels) > AUTO_MOST:
        reason = f"{len(labels)} labels, more than {AUTO_MOST} (generator.option_scoring: true scores them)"
    if reason is not None and wanted is True:
        raise ConfigError(f"generator.option_scoring: expected auto or false, got true: {reason}")
    return Options((), reason) if reason is not None else Options(labels)


def likeliest(labels: Sequence[str], scores: OptionScores) -> str:
    """The label of the highest score; of equal ones the first."""
    return labels[max(range(len(labels)), key=lambda place: (scores.logprobs[place], -place))]


@dataclass(frozen=True, slots=True)
class OptionScorer:
    """Scores labels with a generator's weights; what was scored is kept by prompt, weights and labels."""

    generator: Generator
    store: OptionStore
    labels: tuple[str, ...]

    def score(
        self,
        prompts: Sequence[str],
        adapter: Adapter | None,
        *,
        request: str,
        on_progress: Progress = lambda done, total: None,
    ) -> list[OptionScores]:
        """The scores after each rendered prompt, in order."""
        tokenizer = self.generator.tokenizer
        options = [tokenizer.encode(label) for label in self.labels]
        mark = json.dumps([self.labels, file_sha256(Path(__file__))])  # another rule must not find old scores
        keys = [self.generator.key(f"{prompt}\0{mark}", adapter, 0) for prompt in prompts]

        def make(batch: list[str]) -> list[OptionScores]:
            ids = [tokenizer.encode(prompt) for prompt in batch]
            model = self.generator.holding(adapter)
            return [OptionScores(row) for row in score_options(model, ids, options, tokenizer.raw.pad_token_id)]

        return self.generator.fill(self.store, request, list(zip(keys, prompts, strict=True)), make, on_progress)


def score_options(
    model: Any, prompts: Sequence[Sequence[int]], options: Sequence[Sequence[int]], pad_id: int
) -> list[list[float]]:
    """Mean log-probability of each option after each prompt, shape (prompts, options).

    Each prompt is read once: the options are read one after the other behind its keys and values, all prompts at a
    time, so memory holds no copy of them for each option.

    Args:
        model: a causal language model of transformers, in evaluation mode.
        prompts: token ids, at least one each; they are padded on the left.
        options: token ids, at least one each.
        pad_id: the id that fills up shorter prompts.
    """
    import torch

    inputs = collate([Encoded(tuple(prompt), ()) for prompt in prompts], pad_id)
    inputs = {name: tensor.to(model.device) for name, tensor in inputs.items() if name != "labels"}
    with torch.inference_mode():
        read = model(**_accepted(model, **inputs, use_cache=True, logits_to_keep=1))
        first = read.logits[:, -1].float()
        first = first - first.logsumexp(dim=-1, keepdim=True)
        cache = getattr(read, "past_key_values", None)
        columns = []
        for option in options:
            total = first[:, option[0]]
            if len(option) > 1 and cache is not None:
                total = total + _later_tokens(model, inputs, cache, option)
            elif len(option) > 1:
                total = _whole(model, prompts, option, pad_id)
            columns.append(total / len(option))
        rows: list[list[float]] = torch.stack(columns, dim=1).tolist()
    return rows


def _later_tokens(model: Any, inputs: dict[str, Any], cache: Any, option: Sequence[int]) -> Any:
    """Summed log-probabilities of an option's tokens but the first, shape (prompts,); the cache stays as it was."""
    import torch

    mask = inputs["attention_mask"]
    written = torch.tensor(option, device=mask.device).expand(len(mask), -1)
    steps = torch.arange(len(option) - 1, device=mask.device)
    plain = _is_plain(cache)
    followed = model(
        **_accepted(
            model,
            input_ids=written[:, :-1],
            attention_mask=torch.cat([mask, torch.ones_like(written[:, :-1])], dim=1),
            position_ids=mask.sum(dim=1, keepdim=True) + steps,
            past_key_values=cache if plain else copy.deepcopy(cache),
            use_cache=True,
        )
    )
    if plain:
        cache.crop(-len(steps))
    logits = followed.logits.float()
    said = logits.gather(2, written[:, 1:, None]).squeeze(2)
    return (said - logits.logsumexp(dim=-1)).sum(dim=1)


def _whole(model: Any, prompts: Sequence[Sequence[int]], option: Sequence[int], pad_id: int) -> Any:
    """Summed log-probabilities of an option's tokens, each prompt read again: for models that keep no cache."""
    inputs = collate([Encoded(tuple(prompt), tuple(option)) for prompt in prompts], pad_id)
    inputs = {name: tensor.to(model.device) for name, tensor in inputs.items()}
    labels = inputs.pop("labels")
    logits = model(**_accepted(model, **inputs)).logits[:, -len(option) - 1 : -1].float()
    said = logits.gather(2, labels[:, :, None]).squeeze(2)
    return (said - logits.logsumexp(dim=-1)).sum(dim=1)


def _is_plain(cache: Any) -> bool:
    """Whether tokens can be taken off the cache's end again without a trace; windows and states forget."""
    from transformers.cache_utils import DynamicLayer

    return all(type(layer) is DynamicLayer for layer in cache.layers)


def _accepted(model: Any, **arguments: Any) -> dict[str, Any]:
    """The arguments that this model's forward pass knows: some tell positions by the mask."""
    known = inspect.signature(model.forward).parameters
    return {name: value for name, value in arguments.items() if name in known}
