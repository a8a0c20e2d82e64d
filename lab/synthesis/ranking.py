"""How likely the local generator holds texts, each computed once and kept on disk."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from lab.synthesis.likelihood import likelihoods
from lab.synthesis.store import append_lines, read_lines


class Weights(Protocol):
    """What is needed of a generator to rank: its tokenizer, its base model, and what names both."""

    @property
    def tokenizer(self) -> Any: ...

    def base(self) -> Any: ...


class LocalRanker:
    """Mean log-probabilities of continuations under the base weights; `identity` names weights, dtype and device."""

    def __init__(self, generator: Weights, path: Path, identity: str) -> None:
        self._generator = generator
        self._path = path
        self._identity = identity
        self._known = {row["key"]: row for row in read_lines(path)}

    def rank(self, text: str, options: Sequence[str], *, stage: str) -> list[float]:
        """The mean log-probability (natural) of each option behind the text, in order.

        What was computed before is found by text and options.
        """
        if not options:
            return []
        named = json.dumps([self._identity, text, list(options)])
        key = hashlib.sha256(named.encode()).hexdigest()
        row = self._known.get(key)
        if row is None:
            row = {"key": key, "stage": stage, **self._compute(text, options)}
            append_lines(self._path, [row])
            self._known[key] = row
        scores: list[float] = row["scores"]
        return scores

    def _compute(self, text: str, options: Sequence[str]) -> dict[str, Any]:
        tokenizer, model = self._generator.tokenizer, self._generator.base().eval()
        prompt, behind = tokenizer.encode(text), [tokenizer.encode(option) for option in options]
        start = time.perf_counter()
        scores = likelihoods(model, prompt, behind, tokenizer.raw.pad_token_id)
        seconds = time.perf_counter() - start
        return {"scores": scores, "tokens": len(prompt) + sum(map(len, behind)), "seconds": seconds}
