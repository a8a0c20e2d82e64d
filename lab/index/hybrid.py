"""Two retrievers as one, by reciprocal rank fusion: only ranks count, so their scores need no common scale."""

from __future__ import annotations

from collections.abc import Sequence

from lab.types import Hit, Passage, Query, Retriever


class HybridRetriever:
    """Implements `Retriever`: score = sum over retrievers of 1 / (constant + rank) (Cormack et al. 2009, section 2).

    Each retriever is asked for its best `depth` passages, or k where that is more. Equal scores stand in the order
    of `passages`.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        first: Retriever,
        second: Retriever,
        *,
        depth: int = 50,
        constant: int = 60,
    ) -> None:
        self._positions = {passage.id: position for position, passage in enumerate(passages)}
        self._retrievers = (first, second)
        self._depth = depth
        self._constant = constant

    def search(self, queries: Sequence[Query], k: int) -> list[tuple[Hit, ...]]:
        rankings = [retriever.search(queries, max(self._depth, k)) for retriever in self._retrievers]
        return [self._fuse(hits, k) for hits in zip(*rankings, strict=True)]

    def _fuse(self, rankings: Sequence[Sequence[Hit]], k: int) -> tuple[Hit, ...]:
        scores: dict[str, float] = {}
        passages: dict[str, Passage] = {}
        for hit in (hit for ranking in rankings for hit in ranking):
            passages[hit.passage.id] = hit.passage
            scores[hit.passage.id] = scores.get(hit.passage.id, 0.0) + 1 / (self._constant + hit.rank)
        order = sorted(scores, key=lambda name: (-scores[name], self._positions[name]))
        return tuple(Hit(passages[name], scores[name], rank) for rank, name in enumerate(order[:k], start=1))
