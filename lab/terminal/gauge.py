"""How much memory a run holds at this moment."""

from __future__ import annotations

import sys

import psutil

BYTES_PER_GB = 1e9


def memory_text() -> str:
    """Resident memory of this process and, where torch uses a GPU by now, what it holds there; 1 GB = 10^9 bytes."""
    text = f"memory {psutil.Process().memory_info().rss / BYTES_PER_GB:.1f} GB"
    torch = sys.modules.get("torch")  # looking must never load it, nor wake a GPU
    cuda = getattr(torch, "cuda", None)
    if cuda is not None and hasattr(cuda, "is_initialized") and cuda.is_initialized():
        text += f", GPU {cuda.memory_reserved() / BYTES_PER_GB:.1f} GB"
    return text
