"""Embed and index the passages, then search once for every question."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lab.files import read_json, read_jsonl, write_json, write_jsonl
from lab.index.build import INDEX, INFO, VECTORS, build_retriever, open_retriever
from lab.methods.contexts import Retrieved
from lab.methods.examples import GoldPassages
from lab.run_folder import StepProgress, StepResult, StepSpec
from lab.steps.bench import Bench
from lab.types import LABEL_KINDS, Hit, Query

LIBRARIES = ("torch", "transformers", "sentence-transformers", "faiss-cpu", "bm25s")
RERANK_DEPTH = 20  # a cross-encoder reads every one of these
MIN_DEPTH = 50  # deep enough for ten different documents


@dataclass(frozen=True, slots=True)
class IndexFiles:
    """Bytes of vectors and index, and the seconds of indexing, embedding not counted."""

    size: int
    indexing_seconds: float


class Retrieval:
    """The hits of every question; all methods and RAFT's hard negatives draw from them."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._passages = {passage.id: passage for passage in bench.data.passages}

    @cached_property
    def index(self) -> StepResult:
        """Embed the passages and build the index."""
        config = self._bench.config.index

        def work(folder: Path, progress: StepProgress) -> None:
            build_retriever(
                self._bench.data.passages,
                config,
                self._bench.models.encoder,
                folder,
                clock=self._bench.models.clock,
                offline=self._bench.offline,
                on_progress=lambda done, total: progress(done, total, "passages"),
            )

        inputs = {
            "passages": [asdict(passage) for passage in self._bench.data.passages],
            "encoder": self._bench.models.encoder_files.digest,
            "device": self._bench.models.hardware.device,
            "index": {"retrieval": config.retrieval, "type": config.type},
        }
        return self._bench.folder.run(StepSpec("index", inputs, ["index"], LIBRARIES), work)

    @cached_property
    def step(self) -> StepResult:
        """Search once for every question; all methods and RAFT's hard negatives draw from these hits."""
        least = RERANK_DEPTH if self._bench.models.rerank_files else MIN_DEPTH
        depth = min(max(least, 3 * self._bench.config.index.k), len(self._bench.data.passages))
        queries = [question.query for question in self._bench.data.questions]

        def work(folder: Path, progress: StepProgress) -> None:
            built = open_retriever(
                self._bench.data.passages,
                self._bench.config.index,
                self._bench.models.encoder,
                self.index.path,
                clock=self._bench.models.clock,
                offline=self._bench.offline,
            )
            built.retriever.search(queries[:1], depth)  # warm up: loading is not searching
            start = time.perf_counter()
            found = built.retriever.search(queries, depth)
            seconds = (time.perf_counter() - start) / len(queries)
            rows = [
                {"query_id": query.id, "seconds": seconds, "hits": [[hit.passage.id, hit.score] for hit in hits]}
                for query, hits in zip(queries, found, strict=True)
            ]
            write_jsonl(folder / "hits.jsonl", rows)
            write_json(folder / "info.json", {"type": built.type, "recall": built.recall})
            progress(len(queries), len(queries), "queries")

        inputs = {
            "index": self.index.key,
            "queries": [asdict(query) for query in queries],
            "depth": depth,
            "rerank": self._bench.models.rerank_files.digest if self._bench.models.rerank_files else None,
        }
        return self._bench.folder.run(StepSpec("retrieve", inputs, ["index"], LIBRARIES), work)

    @cached_property
    def found(self) -> dict[str, Retrieved]:
        """Hits by query id."""
        return {
            row["query_id"]: Retrieved(self.hits(row["hits"]), row["seconds"])
            for row in read_jsonl(self.step.path / "hits.jsonl")
        }

    @cached_property
    def gold(self) -> dict[str, GoldPassages]:
        """Gold passages by question id. Where a whole document decides a label, its best ranked passage comes first.

        Else the beginning of an abstract, which decides nothing, would stand for it.
        """
        whole = {
            question.id
            for question in self._bench.data.questions
            if question.kind in LABEL_KINDS and all(item.start is None for item in question.evidence)
        }
        return {
            name: gold.ranked(self.found[name].hits) if name in whole else gold
            for name, gold in self._bench.data.gold.items()
        }

    @property
    def index_info(self) -> dict[str, Any]:
        """The index's type, and its measured recall against exact search if it is approximate."""
        info: dict[str, Any] = read_json(self.step.path / "info.json")
        return info

    def index_files(self) -> IndexFiles:
        """What the index takes on disk, and how long indexing took; BM25 keeps nothing."""
        folder = self.index.path
        size = sum(path.stat().st_size for path in (folder / VECTORS, folder / INDEX) if path.is_file())
        info = read_json(folder / INFO) if (folder / INFO).is_file() else {}
        return IndexFiles(size, float(info.get("seconds", 0.0)))

    def hits(self, rows: Sequence[Sequence[Any]]) -> tuple[Hit, ...]:
        """Hits from rows of passage id and score, best first."""
        return tuple(Hit(self._passages[name], score, rank) for rank, (name, score) in enumerate(rows, start=1))

    def __call__(self, queries: Sequence[Query]) -> list[Retrieved]:
        """What was found for these queries."""
        return [self.found[query.id] for query in queries]
