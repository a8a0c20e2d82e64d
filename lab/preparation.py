"""From an experiment's data to divided questions, passages and known leaks: what is checked before a model runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.config import ExperimentConfig
from lab.corpus.evidence import EvidenceMap, map_evidence
from lab.corpus.passages import cut_passages
from lab.corpus.registry import read_corpus
from lab.corpus.source import Source
from lab.corpus.summary import describe, describe_questions
from lab.errors import ConfigError, DataError, LeakageError, list_faults
from lab.holdout.divide import divide
from lab.holdout.leaks import Leaks, find_leaks, stop_on_exact
from lab.index.search import check_type
from lab.methods.encoder_methods import check_labels
from lab.methods.examples import GoldPassages
from lab.methods.options import options_of
from lab.methods.prompts import PromptStyle
from lab.metrics.catalogue import Catalogue
from lab.types import LABEL_KINDS, Corpus, Encoder, Holdout, Material, Passage, Question

KINDS_OF_METRICS: Mapping[str, frozenset[str]] = {
    "label_accuracy": LABEL_KINDS,
    "call_match": frozenset({"call"}),
    "call_domain": frozenset({"call"}),
    "list_f1": frozenset({"list"}),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """The data of a run. `gold` tells, by question id, which passages hold the evidence."""

    corpus: Corpus
    passages: tuple[Passage, ...]
    holdout: Holdout
    leaks: Leaks
    evidence: EvidenceMap
    gold: Mapping[str, GoldPassages]
    given_splits: bool

    @property
    def questions(self) -> tuple[Question, ...]:
        """Train, dev and test questions, in this order."""
        return self.holdout.train + self.holdout.dev + self.holdout.test

    @property
    def material(self) -> Material:
        """All that a method may learn from."""
        return Material(self.passages, self.holdout.train, self.holdout.dev)

    def summary(self) -> dict[str, Any]:
        """Counts for the report."""
        counts, holdout = describe(self.corpus), self.holdout
        words = counts.pop("words_per_document")
        return {
            **counts,
            "document_words": words,
            "passages": len(self.passages),
            "train": len(holdout.train),
            "dev": len(holdout.dev),
            "test": len(holdout.test),
            "sides": {side: describe_questions(getattr(holdout, side)) for side in ("train", "dev", "test")},
            "test_unanswerable": sum(not question.answerable for question in holdout.test),
            "evidence_split_share": self.evidence.share_unreachable,
            "always_abstain": sum(not question.answerable for question in holdout.test) / len(holdout.test),
        }


def prepare(config: ExperimentConfig, encoder: Encoder, *, offline: bool = False) -> Prepared:
    """Read, divide, cut and check.

    Raises:
        DataError: faults in the data, or a side of the split is empty.
        LeakageError: the given splits put a test question into training.
        ConfigError: passages longer than the encoder reads, k larger than their number, an index that FAISS cannot
            build, a primary metric that no test question has, reasons that the data do not give, or methods or a
            scoring of labels where answers are none.
    """
    corpus = read_corpus(Source(config.corpus, config.name, offline))
    popularities(corpus)
    given = any(question.split for question in corpus.questions)
    holdout = divide(corpus.questions, config.holdout)
    _check_primary(config.metrics.primary, holdout.test, corpus)
    check_labels(config.methods, holdout.train + holdout.dev + holdout.test, holdout.train)
    _check_reasons(config.raft.reasoning, holdout.train)
    style = PromptStyle.fitting(config.domain, config.raft.reasoning, holdout.train)
    options_of(config.generator.option_scoring, style)
    leaks = find_leaks(holdout)
    stop_on_exact(leaks, holdout, given=given)
    if given and holdout.track == "document":
        _stop_on_shared_documents(holdout)
    index = config.index
    passages = cut_passages(
        corpus.documents, encoder, max_tokens=index.passage_tokens, overlap=index.overlap, cutting=index.cutting
    )
    if config.index.k > len(passages):
        raise ConfigError(f"index.k: expected at most {len(passages)}, the number of passages, got {config.index.k}")
    if config.index.retrieval != "bm25":
        check_type(config.index.type, len(passages), encoder.dimensions)
    asked = holdout.train + holdout.dev + holdout.test
    evidence = map_evidence(asked, passages)
    gold = _gold_passages(corpus, asked, passages, evidence)
    return Prepared(corpus, passages, holdout, leaks, evidence, gold, given)


def popularities(corpus: Corpus) -> dict[str, float]:
    """How popular each document is, of those whose metadata say so.

    Raises:
        DataError: metadata.popularity is not a number.
    """
    found: dict[str, float] = {}
    for document in corpus.documents:
        said = document.metadata.get("popularity")
        if said is None:
            continue
        try:
            found[document.id] = float(said)
        except ValueError:
            found[document.id] = math.nan
        if not math.isfinite(found[document.id]):
            raise DataError(
                f"document {document.id}: metadata.popularity: expected a number, got {said!r}; correct or remove it"
            )
    return found


def _check_primary(metric: str, test: Sequence[Question], corpus: Corpus) -> None:
    if metric == "call_domain" and Catalogue.of(corpus.documents) is None:
        raise ConfigError(
            "metrics.primary: call_domain needs documents whose metadata name a call and its domain, as the format "
            "apibench makes them; use call_match"
        )
    needed, found = KINDS_OF_METRICS.get(metric), {question.kind for question in test}
    if needed and not needed & found:
        raise ConfigError(
            f"metrics.primary: {metric} scores questions of kind {' or '.join(sorted(needed))}; the test questions are "
            f"of kind {', '.join(sorted(found))}; use another metric"
        )


def _check_reasons(reasoning: str, train: Sequence[Question]) -> None:
    if reasoning == "given" and not any(question.reason for question in train):
        raise ConfigError(
            f"raft.reasoning: given learns the reasons of the data, and none of the {len(train)} training questions "
            "has one; add `reason` to questions.jsonl, or use quoted"
        )


def _stop_on_shared_documents(holdout: Holdout) -> None:
    trained = {item.document_id for question in holdout.train + holdout.dev for item in question.evidence}
    shared = sorted(
        question.id for question in holdout.test if any(item.document_id in trained for item in question.evidence)
    )
    if shared:
        raise LeakageError(
            list_faults(
                "holdout.track is document, but the given splits train on documents of these test questions; "
                "use track question, or remove the splits",
                shared,
            )
        )


def _answer_first(unit: Sequence[Passage], question: Question) -> tuple[Passage, ...]:
    """Evidence that is a whole document is held by all its passages: those with an answer's text come first.

    Not where answers are labels: a passage with a "no" in it says nothing.
    """
    if question.kind in LABEL_KINDS:
        return tuple(unit)
    answers = [answer.casefold() for answer in question.answers]
    return tuple(sorted(unit, key=lambda passage: not any(answer in passage.text.casefold() for answer in answers)))


def _gold_passages(
    corpus: Corpus, questions: Sequence[Question], passages: Sequence[Passage], evidence: EvidenceMap
) -> dict[str, GoldPassages]:
    passage_by_id = {passage.id: passage for passage in passages}
    text_by_id = {document.id: document.text for document in corpus.documents}
    return {
        question.id: GoldPassages(
            units=tuple(
                _answer_first([passage_by_id[name] for name in unit], question) for unit in evidence.units(question.id)
            ),
            spans=tuple(text_by_id[item.document_id][item.start : item.end] for item in question.evidence),
            touching=evidence.touching(question.id),
        )
        for question in questions
    }
