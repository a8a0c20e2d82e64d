"""How likely a language model holds each of several continuations of one prompt. The only torch of synthesis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST_ROWS = 16  # continuations read at a time: the keys and values of the prompt are copied for each


def likelihoods(model: Any, prompt: Sequence[int], options: Sequence[Sequence[int]], pad_id: int) -> list[float]:
    """Mean log-probability (natural) of each option's tokens after the prompt, in order.

    The prompt is read once; the mean makes long options comparable with short ones. For models of transformers in
    evaluation mode that keep a plain cache.

    Args:
        model: a causal language model.
        prompt: token ids, at least one.
        options: token ids, at least one each.
        pad_id: the id that fills up shorter options.
    """
    import copy

    import torch

    with torch.inference_mode():
        read = model(input_ids=torch.tensor([list(prompt)], device=model.device), use_cache=True, logits_to_keep=1)
        first = read.logits[0, -1].float().log_softmax(dim=-1)
        found: list[float] = []
        for start in range(0, len(options), MOST_ROWS):
            some = options[start : start + MOST_ROWS]
            wide = max(map(len, some))
            ids = torch.tensor([[*option, *[pad_id] * (wide - len(option))] for option in some], device=model.device)
            length = torch.tensor([len(option) for option in some], device=model.device)
            total = first[ids[:, 0]]
            if wide > 1:
                total = total + _later(model, copy.deepcopy(read.past_key_values), ids, length, len(prompt))
            found += (total / length).tolist()
    return found


def _later(model: Any, cache: Any, ids: Any, length: Any, read: int) -> Any:
    """Summed log-probabilities of the tokens behind each option's first, shape (options,)."""
    import torch

    cache.batch_repeat_interleave(len(ids))
    steps = torch.arange(1, ids.shape[1], device=ids.device)
    written = steps < length[:, None]
    mask = torch.cat([torch.ones(len(ids), read, dtype=torch.long, device=ids.device), written.long()], dim=1)
    logits = model(
        input_ids=ids[:, :-1],
        attention_mask=mask,
        position_ids=(read - 1 + steps).expand(len(ids), -1),
        past_key_values=cache,
        use_cache=True,
    ).logits.float()
    said = logits.gather(2, ids[:, 1:, None]).squeeze(2) - logits.logsumexp(dim=-1)
    return (said * written).sum(dim=1)
