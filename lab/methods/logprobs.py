"""How sure the model was of each token that it wrote."""

from __future__ import annotations

from typing import Any


class TokenLogProbs:
    """Notes the log-probability of each greedy token; put among the logits processors, it changes nothing.

    Keeps one number for each prompt and step, where the logits themselves would fill the memory.
    """

    def __init__(self) -> None:
        self._steps: list[Any] = []

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        self._steps.append(scores.amax(dim=-1) - scores.logsumexp(dim=-1))
        return scores

    def means(self, lengths: list[int]) -> list[float]:
        """Mean natural logarithm over the first `lengths` tokens of each prompt."""
        import torch

        table = torch.stack(self._steps, dim=1).float().cpu()
        return [float(row[:length].mean()) for row, length in zip(table, lengths, strict=True)]
