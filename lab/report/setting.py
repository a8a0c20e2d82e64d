"""What was compared, as (label, sentence) pairs: documents, questions, track, what the weights were shown, models."""

from __future__ import annotations

from typing import Any

from lab import rounding
from lab.endpoint_config import MARK
from lab.report import lookup, words
from lab.types import ExperimentResult


def setting(result: ExperimentResult) -> tuple[tuple[str, str], ...]:
    """The comparison in five lines."""
    documents, questions = ("Documents", _documents(result)), ("Questions", _questions(result))
    models = ("Models", _models(result))
    if not lookup.tuned(result):
        return documents, questions, ("Track", words.untuned_track_sentence(result.track)), models
    track = ("Track", words.track_sentence(result.track))
    return documents, questions, track, ("Knowledge parity", _parity(result)), models


def _documents(result: ExperimentResult) -> str:
    corpus = result.corpus
    length = lookup.mapping(corpus, "document_words")
    size = ""
    if rounding.number(length.get("median")) is not None:
        ends = f"{rounding.count(length.get('min'))} to {rounding.count(length.get('max'))}"
        size = f" of {rounding.count(length['median'])} words in the median ({ends})"
    passages = corpus.get("passages")
    cut = "" if passages is None else f", cut into {words.plural(rounding.count(passages), 'passage')}"
    split = rounding.number(corpus.get("evidence_split_share"))
    torn = "" if split is None else f"; {rounding.share(split)} of the evidence is whole in no passage"
    return f"{words.plural(rounding.count(corpus.get('documents')), 'document')}{size}{cut}{torn}."


def _questions(result: ExperimentResult) -> str:
    corpus = result.corpus
    known = [side for side in ("train", "dev") if corpus.get(side) is not None]
    sides = "".join(f"{rounding.count(corpus[side])} {side}, " for side in known)
    test = f"{rounding.count(result.n_test)} test in {words.plural(rounding.count(result.n_clusters), 'cluster')}"
    empty = corpus.get("test_unanswerable")
    unanswerable = f", of which the documents do not answer {rounding.count(empty)}" if empty else ""
    return f"{sides}{test}{unanswerable}. A cluster is a document: its questions rise and fall together."


def _parity(result: ExperimentResult) -> str:
    parity = lookup.mapping(result.holdout, "parity")
    document, fact = (rounding.number(parity.get(level)) for level in ("document", "fact"))
    if document is None and fact is None:
        return "Not measured."
    documents, facts = (_traced(parity.get(key)) for key in ("documents_known", "facts_known"))
    answerable = rounding.number(parity.get("answerable"))
    size = "" if answerable is None else f" {rounding.count(answerable)}"
    loose = rounding.number(parity.get("facts_by_whole_document"))
    weak = (
        f" {words.plural(rounding.count(loose), 'fact')} only through evidence without offsets, which says no more "
        "than that the document was shown."
        if loose
        else ""
    )
    return (
        f"Of the{size} answerable test questions, training was shown the document of {rounding.share(document)}"
        f"{documents} and the fact of {rounding.share(fact)}{facts}.{weak}"
    )


def _traced(known: Any) -> str:
    """The denominator of a share: the questions whose document or fact the data name."""
    return "" if rounding.number(known) is None else f" (of {rounding.count(known)} that can be traced)"


def _endpoint(result: ExperimentResult) -> str | None:
    found = lookup.mapping(result.environment, "endpoint")
    return f"{found.get('model')} on {found.get('server')} ({MARK})" if found else None


def _retrieved_with(result: ExperimentResult) -> str:
    encoder = str(lookup.at(result.environment, "encoder") or "")
    way = lookup.at(result.config, "index", "retrieval")
    if way == "bm25":
        return "BM25"
    return f"BM25 and {encoder}" if way == "hybrid" and encoder else encoder


def _models(result: ExperimentResult) -> str:
    if not lookup.ours(result):
        return "Not known: the answers came in a file."
    parts = [
        f"{role} {name}"
        for role, name in (
            ("answers by", lookup.at(result.environment, "generator")),
            ("passages found with", _retrieved_with(result)),
            ("beside them", _endpoint(result)),
        )
        if name
    ]
    k = lookup.at(result.config, "index", "k")
    parts += [f"top {k} passages in a prompt"] if k else []
    return f"{words.capital(', '.join(parts))}." if parts else "Not named in this result."
