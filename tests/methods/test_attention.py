"""The CPU attention in blocks gives what torch's own gives, forwards and backwards, and no NaN from padding."""

from pathlib import Path

import pytest
import torch

from lab.methods.attention import BLOCK, attention_for, causal_blocks
from lab.models import Hardware

HEADS, GROUPS, WIDTH = 6, 2, 16


def tensors(queries: int, keys: int, dtype: torch.dtype = torch.float32) -> list[torch.Tensor]:
    torch.manual_seed(queries * 1000 + keys)
    shapes = ((2, HEADS, queries, WIDTH), (2, GROUPS, keys, WIDTH), (2, GROUPS, keys, WIDTH))
    return [torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes]


def left_padded(queries: int, keys: int, padding: int) -> torch.Tensor:
    """(2, 1, queries, keys): causal, and the second row's first keys are padding."""
    seen = torch.ones(queries, keys, dtype=torch.bool).tril(keys - queries)
    padded = seen.clone()
    padded[:, :padding] = False
    return torch.stack([seen, padded])[:, None]


def torchs_own(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    key, value = (one.repeat_interleave(HEADS // GROUPS, dim=1) for one in (key, value))
    bias = torch.zeros(mask.shape).masked_fill(~mask, torch.finfo(torch.float32).min)
    output = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
    return output.transpose(1, 2)


@pytest.mark.parametrize("queries", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5])
@pytest.mark.parametrize("past", [0, 7])
@pytest.mark.parametrize("padding", [0, 3])
def test_outputs_and_gradients_are_those_of_torch(queries: int, past: int, padding: int) -> None:
    keys = queries + past
    inputs = tensors(queries, keys)
    mask = left_padded(queries, keys, padding)
    module = torch.nn.Module().eval()
    output, _ = causal_blocks(module, *inputs, None if padding == 0 else mask)
    expected = torchs_own(*inputs, mask)
    assert output.shape == (2, queries, HEADS, WIDTH)
    # a query that sees nothing has no defined output; it only must not spread NaN
    seen = mask.any(dim=3).transpose(1, 2)[..., None].expand_as(output)
    torch.testing.assert_close(output[seen], expected[seen])
    assert torch.isfinite(output).all()

    direction = torch.randn(output.shape) * seen
    ours = torch.autograd.grad(output, inputs, direction)
    theirs = torch.autograd.grad(expected, inputs, direction)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_scaling_is_used_and_bf16_stays_near_fp32() -> None:
    query, key, value = tensors(130, 130)
    module = torch.nn.Module().eval()
    exact, _ = causal_blocks(module, query, key, value, None, scaling=0.5)
    plain, _ = causal_blocks(module, query, key, value, None)
    rounded, _ = causal_blocks(module, *(one.bfloat16() for one in (query, key, value)), None, scaling=0.5)
    assert rounded.dtype == torch.bfloat16
    assert (exact - plain).abs().max() > 0.1
    assert (exact - rounded.float()).abs().mean() < 0.01


@pytest.mark.parametrize(
    ("device", "dtype", "expected"),
    [("cpu", "bfloat16", "causal_blocks"), ("cpu", "float32", None), ("cuda", "bfloat16", None)],
)
def test_it_is_taken_where_it_is_faster(tiny_model: Path, device: str, dtype: str, expected: str | None) -> None:
    assert attention_for(tiny_model, Hardware(device, dtype, "")) == expected


def test_a_model_that_caps_its_scores_keeps_its_own_attention(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "gemma2"}')
    assert attention_for(tmp_path, Hardware("cpu", "bfloat16", "")) is None
