"""Attention for processors that multiply bf16: causal blocks of batched matrix products.

torch's own kernel for attention was three times slower here. Batched bf16 products use the processor's units for
them, and a block of queries reads only the keys that it may see. Scores are rounded to bf16 before the softmax, as in
transformers' eager attention.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from lab.models import Hardware

NAME = "causal_blocks"
BLOCK = 64  # queries; larger blocks compute more masked scores, smaller ones leave the matrix units idle


def attention_for(folder: Path, hardware: Hardware) -> str | None:
    """The `attn_implementation` to load the model in `folder` with; None leaves the choice to transformers.

    Ours is taken on CPUs with bf16, for models that torch's plain attention serves too: others need more than masked
    softmax, such as capped scores.
    """
    if hardware.device != "cpu" or hardware.dtype != "bfloat16" or not _is_plain(folder):
        return None
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, causal_blocks)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    return NAME


def _is_plain(folder: Path) -> bool:
    from transformers import AutoConfig
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING

    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    model = MODEL_FOR_CAUSAL_LM_MAPPING.get(type(config), None)
    return bool(getattr(model, "_supports_sdpa", False) and getattr(model, "_supports_attention_backend", False))


def causal_blocks(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention as transformers calls it.

    Args:
        module: the attention layer; dropout acts while it trains.
        query: (batch, heads, queries, width). The last query stands at the last key.
        key: (batch, key heads, keys, width); the number of heads is a multiple of the key heads.
        value: as `key`.
        attention_mask: (batch, 1, queries, keys), True where a query may see a key; None for plain causal attention.
        scaling: factor of the scores; 1 / sqrt(width) by default.
        dropout: of the attention weights.
        kwargs: what other implementations need.

    Returns:
        The output, (batch, queries, heads, width), and no weights.
    """
    batch, heads, queries, width = query.shape
    groups = key.shape[1]
    past = key.shape[2] - queries
    scaled = query * (width**-0.5 if scaling is None else scaling)
    grouped = scaled.reshape(batch, groups, heads // groups, queries, width)
    outputs = []
    for start in range(0, queries, BLOCK):
        end = min(start + BLOCK, queries)
        seen = past + end
        rows = (batch, groups, heads // groups * (end - start))
        scores = grouped[:, :, :, start:end].reshape(*rows, width) @ key[:, :, :seen].transpose(2, 3)
        scores = scores.view(batch, groups, -1, end - start, seen)
        hidden = _hidden(attention_mask, start, end, seen, query.device)
        if hidden is not None:
            # The smallest number instead of -inf: a padded query sees nothing, and must not become NaN.
            scores = scores.masked_fill_(hidden, torch.finfo(scores.dtype).min)
        weights = torch.nn.functional.dropout(scores.softmax(dim=-1), dropout, module.training)
        output = weights.view(*rows, seen) @ value[:, :, :seen]
        outputs.append(output.view(batch, groups, -1, end - start, width))
    return torch.cat(outputs, dim=3).reshape(batch, heads, queries, width).transpose(1, 2).contiguous(), None


def _hidden(mask: torch.Tensor | None, start: int, end: int, seen: int, device: torch.device) -> torch.Tensor | None:
    """True where a query of this block must not see a key; broadcasts to (batch, groups, heads, block, seen)."""
    if mask is not None:
        return ~mask[:, :, None, start:end, :seen]
    if end - start == 1:
        return None
    first = seen - (end - start)
    return torch.ones(end - start, seen, dtype=torch.bool, device=device).triu(first + 1)
