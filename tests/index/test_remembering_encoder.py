"""Each text is embedded once, and vectors come in the order asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lab.index.remembering import BATCH, RememberingEncoder


class Counting:
    digest, dimensions, max_tokens = "c", 1, 64

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Any:
        self.seen += texts
        return np.array([[float(text)] for text in texts], dtype=np.float32)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def test_known_texts_are_not_embedded_again() -> None:
    told: list[tuple[int, int]] = []
    inner = Counting()
    encoder = RememberingEncoder(inner, lambda done, total: told.append((done, total)))
    assert encoder.encode(["3", "1", "3"]).tolist() == [[3.0], [1.0], [3.0]]
    assert encoder.encode(["2", "1"]).tolist() == [[2.0], [1.0]]
    assert inner.seen == ["3", "1", "2"]
    before = encoder.seconds
    encoder.encode(["2", "1"])
    assert encoder.seconds > before, "a known text costs what it took"
    assert encoder.encode([]).shape == (0, 1)
    told.clear()
    encoder.encode([str(number) for number in range(BATCH + 10)])
    assert told[-1] == (BATCH + 10, BATCH + 10) and len(told) == 2
