"""Lexical search: BM25 over lower-cased words, without stemming and without stop words, so any language works."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lab.index.embed import passage_text
from lab.types import Hit, Passage, Query

WORD = re.compile(r"\w+")


class Bm25Retriever:
    """Implements `Retriever` with BM25 in Lucene's form (k1 = 1.5, b = 0.75; Kamphuis et al. 2020, table 1).

    Equal scores stand in the order of the passages; passages that share no word with the query score 0 and fill
    up to k.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        import bm25s

        self._passages = tuple(passages)
        words = [_words(passage_text(passage)) for passage in passages]
        self._vocabulary = {word: number for number, word in enumerate(sorted({word for row in words for word in row}))}
        self._scorer = bm25s.BM25(method="lucene", k1=1.5, b=0.75, backend="numpy", csc_backend="numpy")
        if self._vocabulary:
            ids = [[self._vocabulary[word] for word in row] for row in words]
            # bm25s adds an entry of its own to the vocabulary it is given.
            self._scorer.index((ids, dict(self._vocabulary)), show_progress=False)

    def search(self, queries: Sequence[Query], k: int) -> list[tuple[Hit, ...]]:
        return [self._best(query.text, k) for query in queries]

    def _best(self, text: str, k: int) -> tuple[Hit, ...]:
        known = [self._vocabulary[word] for word in _words(text) if word in self._vocabulary]
        scores = self._scorer.get_scores_from_ids(known) if known else np.zeros(len(self._passages), dtype=np.float32)
        order = np.argsort(-scores, kind="stable")[:k]
        return tuple(
            Hit(self._passages[int(place)], float(scores[place]), rank) for rank, place in enumerate(order, start=1)
        )


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())
