"""FAISS: the index kind is chosen by size, its recall is measured, files load only when their sha256 is known.

Every index ranks by inner product, which on normalised vectors is the cosine. Equal scores (to six decimals, since the
last bits depend on batch and threads) stand in the order of the passages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.errors import ConfigError, LabError
from lab.files import write_atomically
from lab.index.files import file_digest
from lab.types import Encoder, Hit, Passage, Query

FLAT_UNTIL = 100_000
HNSW_UNTIL = 1_000_000
POINTS_PER_CENTROID = 39  # below this FAISS itself warns that centroids are badly placed
RECALL_DEPTH = 10
RECALL_QUERIES = 200
RECALL_SEED = 20090
RECALL_WANTED = 0.95
QUERY_NOISE = 0.5  # length of the noise added to a unit vector: cosine to the original about 0.89
SEARCH_BREADTH = 64  # nodes HNSW keeps open; FAISS's own 16 loses several points of recall
SCORE_DECIMALS = 6
SPARE = 16


@dataclass(frozen=True, slots=True)
class BuiltIndex:
    """A FAISS index with the factory string it was built from.

    `recall` is recall@10 against exact search over seeded queries; 1.0 for Flat, which is exact search.
    """

    index: Any
    type: str
    recall: float


def choose_type(kind: str, passages: int) -> str:
    """The factory string behind `auto` for this many passages; any other string is returned as it is.

    Flat up to 100,000 passages, HNSW32 up to 1,000,000, then IVF with about 4 * sqrt(n) lists (the FAISS guidelines),
    but never fewer than 39 passages per list.
    """
    if kind != "auto":
        return kind
    if passages <= FLAT_UNTIL:
        return "Flat"
    if passages <= HNSW_UNTIL:
        return "HNSW32"
    return f"IVF{min(round(4 * math.sqrt(passages)), passages // POINTS_PER_CENTROID)},Flat"


def check_type(kind: str, passages: int, dimensions: int) -> None:
    """Refuse an index kind before any passage is embedded, as far as FAISS can tell without vectors.

    Raises:
        ConfigError: FAISS does not know the kind, builds it for other distances, or needs more passages.
    """
    _empty_index(choose_type(kind, passages), passages, dimensions)


def build_index(vectors: NDArray[np.float32], kind: str) -> BuiltIndex:
    """Index L2-normalised vectors of shape (n, d).

    Args:
        kind: `auto` or a FAISS index_factory string.

    Raises:
        ConfigError: FAISS cannot build this kind, for these vectors, with inner product.
    """
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    type_ = choose_type(kind, len(vectors))
    index = _empty_index(type_, *vectors.shape)
    try:
        index.train(vectors)
        with _reproducible_threads():
            index.add(vectors)
    except RuntimeError as error:
        raise _bad_type(type_, error) from None
    recall = 1.0 if type_ == "Flat" else _tune(index, vectors)
    return BuiltIndex(index, type_, recall)


def save_index(index: Any, path: Path) -> str:
    """Write an index atomically and return the file's sha256, which `load_index` asks for.

    Raises:
        LabError: the file cannot be written.
    """
    try:
        write_atomically(path, lambda target: _faiss().write_index(index, str(target)))
    except (RuntimeError, OSError) as error:
        raise LabError(f"{path}: the index cannot be written: {_reason(error)}") from None
    digest = file_digest(path)
    assert digest is not None
    return digest


def load_index(path: Path, sha256: str) -> Any:
    """Read an index that `save_index` wrote.

    Raises:
        LabError: the file is missing, is not the one that was written, or is not an index.
    """
    found = file_digest(path)
    if found is None:
        raise LabError(f"{path}: expected an index file, found none; build it again")
    if found != sha256:
        raise LabError(f"{path}: expected sha256 {sha256}, got {found}; delete the file and build it again")
    try:
        with _bounded_reading(path.stat().st_size):
            return _faiss().read_index(str(path))
    except RuntimeError as error:
        raise LabError(f"{path}: not readable as an index: {_reason(error)}") from None


class DenseRetriever:
    """Implements `Retriever`: embeds the queries and searches a FAISS index, whose row i is passage i.

    A query gets fewer than k hits only when k is above the number of passages or an approximate index finds no more.
    """

    def __init__(self, passages: Sequence[Passage], index: Any, encoder: Encoder) -> None:
        if index.ntotal != len(passages) or index.d != encoder.dimensions:
            raise LabError(
                f"the index holds {index.ntotal} vectors of {index.d} dimensions, expected {len(passages)} of "
                f"{encoder.dimensions}; build it again"
            )
        self._passages = tuple(passages)
        self._index = index
        self._encoder = encoder

    def search(self, queries: Sequence[Query], k: int) -> list[tuple[Hit, ...]]:
        if not queries or not self._passages:
            return [()] * len(queries)
        vectors = np.ascontiguousarray(self._encoder.encode([query.text for query in queries]), dtype=np.float32)
        scores, positions = _search_past_ties(self._index, vectors, min(k, len(self._passages)))
        return [self._hits(*row, k) for row in zip(scores, positions, strict=True)]

    def _hits(self, scores: NDArray[np.float64], positions: NDArray[np.int64], k: int) -> tuple[Hit, ...]:
        order = [place for place in np.lexsort((positions, -scores)) if positions[place] >= 0]
        return tuple(
            Hit(self._passages[int(positions[place])], float(scores[place]), rank)
            for rank, place in enumerate(order[:k], start=1)
        )


def _search_past_ties(
    index: Any, vectors: NDArray[np.float32], k: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Rounded scores and positions, at least k a query and deep enough that a tie at rank k is seen whole."""
    depth = min(k + SPARE, index.ntotal)
    while True:
        raw, positions = index.search(vectors, depth)
        scores = np.round(raw.astype(np.float64), SCORE_DECIMALS)
        if depth == index.ntotal or bool((scores[:, -1] < scores[:, k - 1]).all()):
            return scores, positions
        depth = min(depth * 4, index.ntotal)


def _empty_index(type_: str, passages: int, dimensions: int) -> Any:
    faiss = _faiss()
    # FAISS aborts the whole process on HNSW0.
    if re.search(r"[A-Za-z]0+(?!\d)", type_):
        raise _bad_type(type_, "a size in it is 0")
    try:
        index = faiss.index_factory(dimensions, type_, faiss.METRIC_INNER_PRODUCT)
    except RuntimeError as error:
        raise _bad_type(type_, error) from None
    if index.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise _bad_type(type_, "FAISS builds it for L2 distance only")
    ivf = _lists(index)
    if ivf is not None and passages < ivf.nlist * POINTS_PER_CENTROID:
        raise ConfigError(
            f"index.type: {type_} needs at least {ivf.nlist * POINTS_PER_CENTROID} passages "
            f"({POINTS_PER_CENTROID} for each of {ivf.nlist} lists), got {passages}; use auto or Flat"
        )
    return index


def _lists(index: Any) -> Any | None:
    return _faiss().try_extract_index_ivf(index)


def _tune(index: Any, vectors: NDArray[np.float32]) -> float:
    """Widen the search of an IVF index until recall@10 reaches 95 %, and return the recall measured last."""
    faiss = _faiss()
    queries = _noisy_sample(vectors)
    depth = min(RECALL_DEPTH, len(vectors))
    _, truth = faiss.knn(queries, vectors, depth, metric=faiss.METRIC_INNER_PRODUCT)
    graph = faiss.downcast_index(index)
    if hasattr(graph, "hnsw"):
        graph.hnsw.efSearch = SEARCH_BREADTH
    recall = _recall(index, queries, truth)
    ivf = _lists(index)
    while ivf is not None and recall < RECALL_WANTED and ivf.nprobe < ivf.nlist:
        ivf.nprobe = min(ivf.nprobe * 2, ivf.nlist)
        recall = _recall(index, queries, truth)
    return recall


def _recall(index: Any, queries: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    _, found = index.search(queries, truth.shape[1])
    shared = sum(len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True))
    return float(shared) / truth.size


def _noisy_sample(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    rng = np.random.default_rng(RECALL_SEED)
    rows = np.sort(rng.choice(len(vectors), size=min(RECALL_QUERIES, len(vectors)), replace=False))
    noise = rng.normal(scale=QUERY_NOISE / math.sqrt(vectors.shape[1]), size=(len(rows), vectors.shape[1]))
    queries = vectors[rows] + noise
    return np.ascontiguousarray(queries / np.linalg.norm(queries, axis=1, keepdims=True), dtype=np.float32)


def _bad_type(type_: str, reason: Exception | str) -> ConfigError:
    return ConfigError(
        f"index.type: FAISS cannot build {type_!r} here: {_reason(reason)}; use auto, Flat, HNSW32 or IVF1024,Flat"
    )


def _reason(error: Exception | str) -> str:
    """FAISS's message without its C++ signature and source path."""
    return re.sub(r"^Error in .*? at \S+:\d+: (Error: )?", "", " ".join(str(error).split()))


@contextmanager
def _reproducible_threads() -> Iterator[None]:
    """Before 1.15.1, threads raced for places in an HNSW graph; there, one thread gives the same graph every time."""
    faiss = _faiss()
    before = faiss.omp_get_max_threads()
    if not hasattr(faiss, "hnsw_add_vertices_deterministic"):
        faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


@contextmanager
def _bounded_reading(size: int) -> Iterator[None]:
    """No vector in a file may claim more bytes than the file has."""
    faiss = _faiss()
    before = faiss.get_deserialization_vector_byte_limit()
    faiss.set_deserialization_vector_byte_limit(size)
    try:
        yield
    finally:
        faiss.set_deserialization_vector_byte_limit(before)


def _faiss() -> Any:
    import faiss

    return faiss
