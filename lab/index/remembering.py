"""An encoder that remembers, for collections of passages that share many of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lab.types import Encoder

BATCH = 256


class RememberingEncoder:
    """Implements `Encoder`: embeds each text once, however often it is asked for.

    `seconds` grows by what the texts of each call took when they were embedded, known ones too. All vectors stay in
    memory. `on_progress` is called after each batch with (texts done, texts in this call).
    """

    def __init__(self, encoder: Encoder, on_progress: Callable[[int, int], None]) -> None:
        self.digest, self.dimensions, self.max_tokens = encoder.digest, encoder.dimensions, encoder.max_tokens
        self.token_offsets = encoder.token_offsets
        self.seconds = 0.0
        self._encoder = encoder
        self._on_progress = on_progress
        self._known: dict[bytes, tuple[Any, float]] = {}

    def encode(self, texts: Sequence[str]) -> Any:
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        for first in range(0, len(new), BATCH):
            part = list(new)[first : first + BATCH]
            start = time.perf_counter()
            vectors = self._encoder.encode([new[key] for key in part])
            each = (time.perf_counter() - start) / len(part)
            self._known |= {key: (vector, each) for key, vector in zip(part, vectors, strict=True)}
            self._on_progress(len(texts) - len(new) + first + len(part), len(texts))
        self.seconds += sum(self._known[key][1] for key in keys)
        if not keys:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.stack([self._known[key][0] for key in keys])
