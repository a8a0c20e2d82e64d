"""A cross-encoder reads each query together with its best passages and orders them anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab.errors import LabError, ModelError
from lab.index.embed import passage_text
from lab.index.encoder import quiet_libraries
from lab.models import ModelClock, ModelFiles, choose_hardware
from lab.types import Hit, Query, Retriever

PairScorer = Callable[[list[tuple[str, str]]], Sequence[float]]


class RerankedRetriever:
    """Implements `Retriever`: the base's best `depth` passages (k where that is more), ordered by the cross-encoder.

    Equal scores keep the order of the base.
    """

    def __init__(self, base: Retriever, cross_encoder_scores: PairScorer, *, depth: int = 20) -> None:
        self._base = base
        self._scores = cross_encoder_scores
        self._depth = depth

    def search(self, queries: Sequence[Query], k: int) -> list[tuple[Hit, ...]]:
        found = self._base.search(queries, max(self._depth, k))
        pairs = [
            (query.text, passage_text(hit.passage)) for query, hits in zip(queries, found, strict=True) for hit in hits
        ]
        scores = [float(score) for score in self._scores(pairs)] if pairs else []
        if len(scores) != len(pairs):
            raise LabError(f"the cross-encoder gave {len(scores)} scores for {len(pairs)} pairs")
        upcoming = iter(scores)
        return [_reordered([(next(upcoming), hit) for hit in hits], k) for hits in found]


def load_cross_encoder(files: ModelFiles, clock: ModelClock, *, device: str = "auto") -> PairScorer:
    """A function from (query, passage) pairs to relevance scores, higher is better; always in float32.

    Raises:
        ModelError: the folder holds no cross-encoder with a single score.
    """
    with clock.running(), quiet_libraries():
        from sentence_transformers import CrossEncoder

        hardware = choose_hardware(device, "float32")
        try:
            model = CrossEncoder(
                str(files.folder),
                device=hardware.device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"dtype": hardware.dtype},
            )
        except (OSError, ValueError, KeyError) as error:
            first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(f"index.rerank: {files.name} is not usable as a cross-encoder: {first_line}") from None
    if model.num_labels != 1:
        raise ModelError(f"index.rerank: {files.name} gives {model.num_labels} scores for a pair, expected 1")

    def scores(pairs: list[tuple[str, str]]) -> list[float]:
        with clock.running(), quiet_libraries():
            return [float(score) for score in model.predict(pairs, show_progress_bar=False)]

    return scores


def _reordered(scored: list[tuple[float, Hit]], k: int) -> tuple[Hit, ...]:
    best = sorted(scored, key=lambda pair: -pair[0])[:k]
    return tuple(Hit(hit.passage, score, rank) for rank, (score, hit) in enumerate(best, start=1))
