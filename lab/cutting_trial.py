"""Which way of cutting lets retrieval find the evidence: every strategy on the same dev questions.

No test question is asked, and no answer generated. Passages differ in length between strategies, so what decides is
recall at an equal budget of tokens (`lab.metrics.budget`), titles and heading paths counted: the k passages' worth that
a prompt holds. That does not make lengths equal: a strategy may win because its passages are shorter, so `tokens` is
part of the result.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from statistics import mean

import numpy as np

from lab.config import ExperimentConfig, IndexConfig
from lab.corpus.evidence import map_evidence
from lab.corpus.passages import Cutting, cut_passages
from lab.errors import DataError
from lab.index.build import build_retriever
from lab.index.encoder import SentenceEncoder
from lab.index.remembering import RememberingEncoder
from lab.metrics.budget import ReadPassage, budget_recall, character_scores, share_unreachable
from lab.metrics.retrieval import retrieval_metrics
from lab.models import ModelClock, choose_hardware, find_model
from lab.preparation import Prepared, prepare
from lab.statistics.clustered import SHARE, cluster_sums, estimate_values
from lab.statistics.resampling import sign_flip_p
from lab.statistics.significance import ALPHA, holm
from lab.types import Encoder, Estimate, Hit, Passage, Question

CUTOFFS = (1, 3, 5)
BUDGETS = (256, 512)  # tokens, beside k passages' worth
FEW = 20  # dev questions below which training questions are asked too
DEPTH, RERANK_DEPTH = 50, 20
SEED = 7

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class CuttingScore:
    """What retrieval found with one strategy.

    `tokens` is a passage's mean, label and text. `recall` is by cutoff, `at_budget` by tokens, `values` the latter at
    the deciding budget by question. `unreachable` and `half_unreachable` are shares of evidence that no passage holds
    whole, or half. `precision` and `iou` are means over characters of the first k passages. `cut_seconds` include the
    embedding of sentences, `embed_seconds` count a text that several strategies share in each. `same_as`: an earlier
    strategy that cuts these documents alike.
    """

    cutting: Cutting
    passages: int
    tokens: float
    recall: Mapping[int, Estimate]
    mrr: Estimate
    at_budget: Mapping[int, Estimate]
    values: Mapping[str, float]
    unreachable: float
    half_unreachable: float
    precision: float | None
    iou: float | None
    cut_seconds: float
    embed_seconds: float
    same_as: Cutting | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """The best strategy's recall at the deciding budget less another's; `told`: Holm's p is below 0.05."""

    cutting: Cutting
    difference: Estimate
    p_holm: float
    told: bool


@dataclass(frozen=True, slots=True)
class CuttingTrial:
    """All strategies in the order of CUTTINGS. `sides` are what the questions are of; none is of the test.

    `budget` is the one that decides; of strategies that are equal there, the simplest is `best`. `index` is what the
    experiment file says.
    """

    name: str
    index: IndexConfig
    sides: tuple[str, ...]
    questions: int
    clusters: int
    without_evidence: int
    budget: int
    scores: tuple[CuttingScore, ...]
    best: Cutting
    behind: tuple[Behind, ...]


def try_cuttings(
    config: ExperimentConfig, cuttings: Sequence[Cutting], *, offline: bool, on_progress: Progress
) -> CuttingTrial:
    """Cut, embed and search with each strategy, and compare what was found.

    Args:
        config: the experiment; its index.cutting is one strategy among others.
        cuttings: what is compared.
        offline: never open a connection.
        on_progress: called with (what, done, total).

    Raises:
        UserError: the data or models are not as the config says, or no dev or training question has evidence.
    """
    hardware = choose_hardware(config.generator.device, config.generator.dtype)
    clock = ModelClock()
    encoder = SentenceEncoder(find_model(config.index.encoder, offline=offline), device=hardware.device, clock=clock)
    plain = config.model_copy(update={"index": config.index.model_copy(update={"cutting": "window"})})
    trial = _Trial(config, prepare(plain, encoder, offline=offline), encoder, clock, offline, on_progress)
    return trial.run(cuttings)


class _Trial:
    """The questions and what all strategies share."""

    def __init__(
        self,
        config: ExperimentConfig,
        data: Prepared,
        encoder: Encoder,
        clock: ModelClock,
        offline: bool,
        on_progress: Progress,
    ) -> None:
        self._config, self._data, self._encoder = config, data, encoder
        self._clock, self._offline, self._tell = clock, offline, on_progress
        self._memory = RememberingEncoder(encoder, lambda done, total: on_progress(self._what, done, total))
        self._what = ""
        self._sides, self._asked, self._left_out = _questions(data)
        self._budget = config.index.k * config.index.passage_tokens
        self._cuts: dict[str, CuttingScore] = {}

    def run(self, cuttings: Sequence[Cutting]) -> CuttingTrial:
        if self._config.index.retrieval != "bm25" or "semantic" in cuttings:
            self._tell("loading the encoder", 0, 1)
            self._encoder.encode(["loading is not embedding"])
        scores = tuple(map(self._score, cuttings))
        best = max(scores, key=lambda score: round(mean(score.values.values()), 9))
        return CuttingTrial(
            name=self._config.name,
            index=self._config.index,
            sides=self._sides,
            questions=len(self._asked),
            clusters=len({question.cluster for question in self._asked}),
            without_evidence=self._left_out,
            budget=self._budget,
            scores=scores,
            best=best.cutting,
            behind=_behind(best, scores, {question.id: question.cluster for question in self._asked}),
        )

    def _score(self, cutting: Cutting) -> CuttingScore:
        index, self._what = self._config.index, f"{cutting}: embedding"
        self._tell(f"{cutting}: cutting", 0, 1)
        start = time.perf_counter()
        passages = cut_passages(
            self._data.corpus.documents,
            self._encoder,
            max_tokens=index.passage_tokens,
            overlap=index.overlap,
            cutting=cutting,
        )
        seconds = time.perf_counter() - start
        key = _digest(passages)
        if key in self._cuts:
            same = self._cuts[key]
            return replace(same, cutting=cutting, cut_seconds=seconds, same_as=same.same_as or same.cutting)
        tokens = mean(self._count(passage.label) + self._count(passage.text) for passage in passages)
        with tempfile.TemporaryDirectory() as folder:
            found, embedding = self._search(passages, tokens, Path(folder))
        self._cuts[key] = self._measured(_Cut(cutting, passages, tokens, seconds, embedding), found)
        return self._cuts[key]

    def _search(
        self, passages: Sequence[Passage], tokens: float, folder: Path
    ) -> tuple[dict[str, tuple[Hit, ...]], float]:
        """Hits by question id, deep enough to fill the largest budget twice, and the seconds of embedding."""
        index, self._memory.seconds = self._config.index, 0.0
        built = build_retriever(passages, index, self._memory, folder, clock=self._clock, offline=self._offline)
        seconds = self._memory.seconds
        enough = max(DEPTH, math.ceil(2 * max(self._budgets) / tokens))
        depth = max(index.k, RERANK_DEPTH if index.rerank != "none" else enough)
        queries = [question.query for question in self._asked]
        hits = built.retriever.search(queries, min(depth, len(passages)))
        return {query.id: found for query, found in zip(queries, hits, strict=True)}, seconds

    def _measured(self, cut: _Cut, hits: Mapping[str, Sequence[Hit]]) -> CuttingScore:
        evidence = map_evidence(self._asked, cut.passages)
        by_id = {passage.id: passage for passage in cut.passages}
        clusters = {question.id: question.cluster for question in self._asked}
        figures = retrieval_metrics(
            hits,
            {question.id: evidence.units(question.id) for question in self._asked},
            {passage.id: passage.document_id for passage in cut.passages},
            clusters,
            CUTOFFS,
        )
        read = {name: [self._read(hit.passage) for hit in found] for name, found in hits.items()}
        recalls = {
            budget: {one.id: budget_recall(read[one.id], one.evidence, budget) for one in self._asked}
            for budget in self._budgets
        }
        units = {one.id: one.evidence for one in self._asked}
        touching = {one.id: [by_id[name] for name in evidence.touching(one.id)] for one in self._asked}
        first = {name: [hit.passage for hit in found[: self._config.index.k]] for name, found in hits.items()}
        overlaps = [found for one in self._asked if (found := character_scores(first[one.id], one.evidence))]
        return CuttingScore(
            cutting=cut.cutting,
            passages=len(cut.passages),
            tokens=cut.tokens,
            recall={cutoff: Estimate(**figures[f"recall@{cutoff}"]) for cutoff in CUTOFFS},
            mrr=Estimate(**figures["mrr"]),
            at_budget={
                budget: estimate_values(list(found.values()), [clusters[name] for name in found], SHARE)
                for budget, found in recalls.items()
            },
            values=recalls[self._budget],
            unreachable=share_unreachable(units, touching, 1.0) or 0.0,
            half_unreachable=share_unreachable(units, touching, 0.5) or 0.0,
            precision=mean(one.precision for one in overlaps) if overlaps else None,
            iou=mean(one.iou for one in overlaps) if overlaps else None,
            cut_seconds=cut.seconds,
            embed_seconds=cut.embedding,
        )

    @property
    def _budgets(self) -> tuple[int, ...]:
        return tuple(sorted({*BUDGETS, self._budget}))

    def _read(self, passage: Passage) -> ReadPassage:
        ends = tuple(end for _, end in self._encoder.token_offsets(passage.text))
        return ReadPassage(passage, self._count(passage.label), ends)

    def _count(self, text: str) -> int:
        return len(self._encoder.token_offsets(text)) if text else 0


@dataclass(frozen=True, slots=True)
class _Cut:
    """The passages of one strategy, their mean tokens, and the seconds of cutting and embedding them."""

    cutting: Cutting
    passages: Sequence[Passage]
    tokens: float
    seconds: float
    embedding: float


def _questions(data: Prepared) -> tuple[tuple[str, ...], tuple[Question, ...], int]:
    """Sides, questions with evidence, and how many have none: of dev, and of train too where dev has few."""
    dev = [question for question in data.holdout.dev if question.evidence]
    if len(dev) >= FEW:
        return ("dev",), tuple(dev), len(data.holdout.dev) - len(dev)
    both = data.holdout.train + data.holdout.dev
    asked = tuple(question for question in both if question.evidence)
    if not asked:
        raise DataError(
            f"retrieval cannot be tried: none of the {len(both)} training and dev questions names its evidence; add "
            "evidence to the questions, or leave --retrieval out"
        )
    return ("train", "dev"), asked, len(both) - len(asked)


def _digest(passages: Sequence[Passage]) -> str:
    total = hashlib.sha256()
    for passage in passages:
        total.update(f"{passage.id!r} {passage.start} {passage.end} {passage.heading!r}\n".encode())
    return total.hexdigest()


def _behind(best: CuttingScore, scores: Sequence[CuttingScore], clusters: Mapping[str, str]) -> tuple[Behind, ...]:
    """Paired by question, by cluster; p by sign flips. The same questions chose the best, so Holm's is of all pairs."""
    same = best.same_as or best.cutting
    others = [score for score in scores if score.same_as is None and score.cutting != same]
    if not others:
        return ()
    names, labels = list(best.values), [clusters[name] for name in best.values]
    codes = np.unique(labels, return_inverse=True)[1]
    pairs = [(best, other) for other in others] + list(combinations(others, 2))
    differences = np.array([[one.values[name] - other.values[name] for name in names] for one, other in pairs])
    sums = np.stack([cluster_sums(row, codes, int(codes.max()) + 1) for row in differences])
    ps = holm([float(p) for p in sign_flip_p(sums, SEED)])
    return tuple(
        Behind(other.cutting, estimate_values(row.tolist(), labels), p, p < ALPHA)
        for other, row, p in zip(others, differences, ps, strict=False)
    )
