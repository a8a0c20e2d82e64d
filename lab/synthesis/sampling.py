"""Which passages are tried, and in which order: documents take turns, so that few questions still spread over all."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from lab.types import Document, Passage

PASSAGE_TOKENS = 150  # words and marks; about what a person reads before asking
MOST_CHARACTERS = 4000  # of a passage; a longer one holds no sentences

Cut = Callable[[Document], Sequence[Passage]]


class WordTokens:
    """Stands in for an encoder where passages are cut for people: words and marks are its tokens."""

    digest = ""
    dimensions = 0
    max_tokens = 1_000_000

    def encode(self, texts: Sequence[str]) -> Any:
        raise NotImplementedError("words have no vectors")

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]


def passages_in_turn(documents: Sequence[Document], cut: Cut, seed: int) -> Iterator[Passage]:
    """Passages in a seeded order in which documents take turns; a document is cut when its first turn comes.

    So a corpus of 100,000 passages costs no more than the passages that are tried. The parts of one long text
    (metadata `part`, of the same `source`) have one turn together, or a logbook would outweigh all other documents.
    """
    order = list(documents)
    random.Random(seed).shuffle(order)  # noqa: S311 - no secret
    texts: dict[str, list[Document]] = {}
    for document in order:
        of_part = "part" in document.metadata and "source" in document.metadata
        texts.setdefault(document.metadata["source"] if of_part else document.id, []).append(document)
    yield from _in_turn(_in_turn(_of(document, cut, seed) for document in parts) for parts in texts.values())


def _in_turn(several: Iterable[Iterator[Passage]]) -> Iterator[Passage]:
    """One of each, again and again, until all have ended."""
    waiting = list(several)
    while waiting:
        still = []
        for passages in waiting:
            if (passage := next(passages, None)) is not None:
                yield passage
                still.append(passages)
        waiting = still


def _of(document: Document, cut: Cut, seed: int) -> Iterator[Passage]:
    found = [passage for passage in cut(document) if len(passage.text) <= MOST_CHARACTERS]
    random.Random(f"{seed}/{document.id}").shuffle(found)  # noqa: S311 - no secret
    yield from found
