"""The config decides which retriever: built once into a folder, opened from there without embedding anything.

The folder holds `vectors.npy`, `index.faiss` and, written last, `info.json` with what they were made from:

    {"type": "Flat", "recall": 1.0, "made_from": {...}, "files": {"index.faiss": "<sha256>", "vectors.npy": "<sha256>"},
     "seconds": 0.4}   of indexing, embedding not counted
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.config import IndexConfig
from lab.errors import ConfigError, LabError
from lab.files import write_json
from lab.index.bm25 import Bm25Retriever
from lab.index.embed import embed_passages, ignore_progress, passage_text
from lab.index.files import file_digest, read_object, texts_digest, write_vectors
from lab.index.hybrid import HybridRetriever
from lab.index.rerank import PairScorer, RerankedRetriever, load_cross_encoder
from lab.index.search import DenseRetriever, build_index, check_type, load_index, save_index
from lab.models import ModelClock, find_model
from lab.types import Encoder, Passage, Retriever

VECTORS, INDEX, INFO, SHARDS = "vectors.npy", "index.faiss", "info.json", "shards"


@dataclass(frozen=True, slots=True)
class BuiltRetriever:
    """A retriever, the index type it rests on (a FAISS factory string, or `bm25`), and the index's recall@10.

    `recall` compares with exact search over the same vectors; None for bm25, which has no index to approximate.
    """

    retriever: Retriever
    type: str
    recall: float | None


def build_retriever(
    passages: Sequence[Passage],
    config: IndexConfig,
    encoder: Encoder,
    folder: Path,
    *,
    clock: ModelClock,
    offline: bool,
    on_progress: Callable[[int, int], None] = ignore_progress,
) -> BuiltRetriever:
    """Embed and index passages into `folder`, or reuse what an earlier call finished or began there.

    Raises:
        ConfigError: index.k is above the number of passages, or index.type cannot be built.
        ModelError: index.rerank leads to no cross-encoder.
    """
    _check_k(config, passages)
    scores = _cross_encoder(config, clock, offline)
    if config.retrieval != "bm25" and not _is_complete(passages, config, encoder, folder):
        _build(passages, config, encoder, folder, on_progress)
    return _open(passages, config, encoder, folder, scores)


def open_retriever(
    passages: Sequence[Passage],
    config: IndexConfig,
    encoder: Encoder,
    folder: Path,
    *,
    clock: ModelClock,
    offline: bool,
) -> BuiltRetriever:
    """Open what `build_retriever` left in `folder`; no passage is embedded.

    Raises:
        ConfigError: index.k is above the number of passages.
        LabError: the folder holds no index, or one of other passages, another encoder or another index.type.
        ModelError: index.rerank leads to no cross-encoder.
    """
    _check_k(config, passages)
    return _open(passages, config, encoder, folder, _cross_encoder(config, clock, offline))


def _cross_encoder(config: IndexConfig, clock: ModelClock, offline: bool) -> PairScorer | None:
    if config.rerank == "none":
        return None
    return load_cross_encoder(find_model(config.rerank, offline=offline), clock)


def _open(
    passages: Sequence[Passage], config: IndexConfig, encoder: Encoder, folder: Path, scores: PairScorer | None
) -> BuiltRetriever:
    if config.retrieval == "bm25":
        built = BuiltRetriever(Bm25Retriever(passages), "bm25", None)
    else:
        built = _open_dense(passages, config, encoder, folder)
    if config.retrieval == "hybrid":
        fused = HybridRetriever(passages, built.retriever, Bm25Retriever(passages))
        built = BuiltRetriever(fused, built.type, built.recall)
    if scores is not None:
        built = BuiltRetriever(RerankedRetriever(built.retriever, scores), built.type, built.recall)
    return built


def _check_k(config: IndexConfig, passages: Sequence[Passage]) -> None:
    if config.k > len(passages):
        raise ConfigError(
            f"index.k: expected at most the number of passages, got k = {config.k} with {len(passages)} passages; "
            "lower index.k or add documents"
        )


def _made_from(passages: Sequence[Passage], config: IndexConfig, encoder: Encoder) -> dict[str, Any]:
    return {
        "passages": texts_digest(passage_text(passage) for passage in passages),
        "encoder": _encoder_digest(encoder),
        "dimensions": encoder.dimensions,
        "kind": config.type,
    }


def _encoder_digest(encoder: Encoder) -> str:
    """What the encoder says of its content; toy encoders say nothing."""
    return str(getattr(encoder, "digest", ""))


def _is_complete(passages: Sequence[Passage], config: IndexConfig, encoder: Encoder, folder: Path) -> bool:
    info = read_object(folder / INFO)
    if info is None or info.get("made_from") != _made_from(passages, config, encoder):
        return False
    return info.get("files") == {name: file_digest(folder / name) for name in (INDEX, VECTORS)}


def _build(
    passages: Sequence[Passage],
    config: IndexConfig,
    encoder: Encoder,
    folder: Path,
    on_progress: Callable[[int, int], None],
) -> None:
    check_type(config.type, len(passages), encoder.dimensions)
    (folder / INFO).unlink(missing_ok=True)
    shards = folder / SHARDS
    digest = _encoder_digest(encoder)
    vectors = embed_passages(passages, encoder, shards, encoder_digest=digest, on_progress=on_progress)
    start = time.perf_counter()
    built = build_index(vectors, config.type)
    write_vectors(folder / VECTORS, vectors)
    files = {INDEX: save_index(built.index, folder / INDEX), VECTORS: file_digest(folder / VECTORS)}
    made_from = _made_from(passages, config, encoder)
    seconds = time.perf_counter() - start
    info = {"type": built.type, "recall": built.recall, "made_from": made_from, "files": files, "seconds": seconds}
    write_json(folder / INFO, info)
    shutil.rmtree(shards, ignore_errors=True)


def _open_dense(passages: Sequence[Passage], config: IndexConfig, encoder: Encoder, folder: Path) -> BuiltRetriever:
    info = read_object(folder / INFO)
    if info is None:
        raise LabError(f"{folder}: expected a finished index with {INFO}, found none; run the experiment again")
    if info.get("made_from") != _made_from(passages, config, encoder):
        raise LabError(f"{folder}: the index was made from other passages or settings; run the experiment again")
    index = load_index(folder / INDEX, info["files"][INDEX])
    return BuiltRetriever(DenseRetriever(passages, index, encoder), info["type"], info["recall"])
