"""Which passages a prompt holds: none, the retriever's best k, or those with the missing gold passages put in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.methods.examples import GoldPassages
from lab.types import Hit, Query


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages found for one query, and the seconds that finding them took."""

    hits: tuple[Hit, ...]
    seconds: float


Retrieve = Callable[[Sequence[Query]], list[Retrieved]]
Context = Callable[[Sequence[Query]], list[Retrieved | None]]


def no_context(queries: Sequence[Query]) -> list[Retrieved | None]:
    """The generator answers from its weights alone."""
    return [None for _ in queries]


def top_k(retrieve: Retrieve, k: int) -> Context:
    """The retriever's best `k` passages."""

    def context(queries: Sequence[Query]) -> list[Retrieved | None]:
        return [replace(found, hits=found.hits[:k]) for found in retrieve(queries)]

    return context


def top_k_with_gold(retrieve: Retrieve, k: int, gold: Mapping[str, GoldPassages]) -> Context:
    """The best `k` passages, every missing gold passage in place of the lowest-ranked ones that are not gold."""

    def context(queries: Sequence[Query]) -> list[Retrieved | None]:
        return [
            replace(found, hits=put_gold_in(found.hits[:k], gold.get(query.id, GoldPassages())))
            for query, found in zip(queries, retrieve(queries), strict=True)
        ]

    return context


def put_gold_in(hits: Sequence[Hit], gold: GoldPassages) -> tuple[Hit, ...]:
    """Replace hits from the last rank upwards by the golden passages that are missing; inserted ones score 0."""
    present = {hit.passage.id for hit in hits}
    uncovered = [unit[0] for unit in gold.units if unit and not any(passage.id in present for passage in unit)]
    missing = {passage.id: passage for passage in uncovered}.values()  # two units may lie in one passage
    holding = {passage.id for unit in gold.units for passage in unit}
    result = list(hits)
    places = [place for place in reversed(range(len(result))) if result[place].passage.id not in holding]
    for passage, place in zip(missing, places, strict=False):
        result[place] = Hit(passage, 0.0, result[place].rank)
    return tuple(result)
