"""Scoring encodes no text twice, and gets the vectors that it would have got."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lab.steps.scoring import Remembered


class Counting:
    digest, dimensions, max_tokens = "counting", 2, 10

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Any:
        self.asked += texts
        return np.array([[len(text), text.count("a")] for text in texts], dtype=np.float32)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def test_vectors_are_those_of_the_encoder_and_each_text_is_encoded_once() -> None:
    plain, counting = Counting(), Counting()
    remembered = Remembered(counting)
    for texts in (["a", "bb", "a"], ["bb", "ccc"], ["a"]):
        np.testing.assert_array_equal(remembered.encode(texts), plain.encode(texts))
    assert counting.asked == ["a", "bb", "ccc"]
    assert remembered.encode(["a"]).dtype == np.float32
