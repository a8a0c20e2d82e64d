"""Toy encoder and passages: words hashed into a vector, so equal words are near and nothing is downloaded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from lab.types import Passage


class HashingEncoder:
    """Counts the texts it was given, so that tests can see what was reused."""

    def __init__(self, dimensions: int = 64) -> None:
        self.dimensions = dimensions
        self.max_tokens = 256
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.seen.extend(texts)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                digest = hashlib.sha256(word.encode()).digest()
                vectors[row, int.from_bytes(digest[:4], "big") % self.dimensions] += 1.0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(lengths > 0, lengths, 1.0)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(r"\w+", text)]


TEXTS = (
    "The ferry to Tarn leaves at seven in the morning.",
    "Pumps are greased every second Friday.",
    "A lost badge is reported to the gate office.",
    "The reservoir was drained in 1987 after the flood.",
    "Visitors sign the red book before they enter.",
)


def as_passages(texts: Sequence[str], title: str = "Handbook") -> tuple[Passage, ...]:
    return tuple(Passage(f"d{i}#0", f"d{i}", title, text, 0, len(text)) for i, text in enumerate(texts))


@pytest.fixture
def encoder() -> HashingEncoder:
    return HashingEncoder()


@pytest.fixture
def passages() -> tuple[Passage, ...]:
    return as_passages(TEXTS)


@pytest.fixture(scope="session")
def passages_of() -> Callable[..., tuple[Passage, ...]]:
    return as_passages


@pytest.fixture(scope="session")
def new_encoder() -> type[HashingEncoder]:
    return HashingEncoder
