"""What names mean, in words a reader knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lab import rounding

_METHODS = {
    "closed-book": "Closed-book",
    "rag": "RAG",
    "fine-tuned": "Fine-tuned",
    "fine-tuned+rag": "Fine-tuned + RAG",
    "raft": "RAFT",
    "oracle": "Oracle",
    "knn-vote": "kNN vote",
    "linear-head": "Linear head",
    "endpoint": "Endpoint",
    "endpoint+rag": "Endpoint + RAG",
}
_NAMES = re.compile(rf"(?<![\w+-])(?:{'|'.join(map(re.escape, sorted(_METHODS, key=len, reverse=True)))})(?![\w+-])")
_ADVICE = {
    "closed-book": "Neither: the base model alone does as well",
    "rag": "RAG",
    "fine-tuned": "Fine-tuning",
    "fine-tuned+rag": "Both: a fine-tuned model that reads retrieved passages",
    "raft": "Both: RAFT, a model tuned to read retrieved passages",
    "knn-vote": "Neither: a vote of the nearest training questions, without a language model",
    "linear-head": "Neither: a linear classifier on the encoder's vectors, without a language model",
}
# Of methods that something else than the generator answers: the encoder, with what stands beside it, or a server.
_WITHOUT_GENERATOR = {
    "neighbours": "the encoder and the training questions",
    "head": "the encoder and a linear head",
    "server": "the server's weights",
}
_METRICS = {
    "exact_match": "exact match",
    "token_f1": "token F1",
    "contains": "contains (lenient)",
    "numeric_match": "numeric match",
    "label_accuracy": "label accuracy",
    "option_accuracy": "accuracy of the likeliest label",
    "call_match": "call match",
    "call_domain": "call of the right domain",
    "call_hallucinated": "made-up call",
    "list_f1": "list F1",
    "list_match": "same items",
    "rouge_1": "ROUGE-1",
    "rouge_2": "ROUGE-2",
    "rouge_l": "ROUGE-L",
    "rouge_lsum": "ROUGE-Lsum",
    "bleu": "BLEU",
    "chrf": "chrF",
    "semantic_similarity": "semantic similarity",
    "abstained": "abstained",
    "wrong": "wrong (answered, not right)",
    "support_lexical": "words in one passage",
    "support_embedding": "nearness to a sentence",
    "support_nli": "entailed by a passage",
    "quote_fidelity": "quotes that are verbatim",
    "supporting_document": "supported by a gold document",
    "logprob": "log-probability of a token, mean",
}
_RETRIEVAL = {"mrr": "MRR@10", "ndcg": "nDCG", "map": "MAP"}
_TRACKS = {
    "question": "New questions about documents that tuning saw.",
    "wording": "Facts that tuning saw, asked in other words.",
    "document": "Questions about documents that tuning never saw.",
}


def method_label(name: str) -> str:
    """A method's name as readers write it."""
    return _METHODS.get(name, name)


def labelled(sentence: str) -> str:
    """A sentence of the recommendation with its methods as readers write them."""
    return _NAMES.sub(lambda found: _METHODS[found.group()], sentence)


def advice(name: str) -> str:
    """The choice as an answer to 'RAG or fine-tuning?'."""
    return _ADVICE.get(name, name)


def uses_no_generator(weights: object) -> bool:
    """Whether weights of this name are those of a method that the generator does not answer."""
    return weights in _WITHOUT_GENERATOR


def weights_label(weights: str) -> str:
    """The weights of a method as readers write them."""
    return "base weights" if weights == "base" else _WITHOUT_GENERATOR.get(weights, f"adapter {weights}")


def metric_label(name: str) -> str:
    """A metric's name as readers write it, lower case where it stands inside a sentence."""
    return _METRICS.get(name, name.replace("_", " "))


def retrieval_label(name: str) -> str:
    """A retrieval measure as the literature writes it: 'nDCG@10'."""
    measure, at, depth = name.partition("@")
    return f"{_RETRIEVAL.get(measure, measure)}{at}{depth}"


def track_sentence(track: str) -> str:
    """What the test questions ask for, relative to what tuning saw."""
    return _TRACKS.get(track, f"Track {track}.") + " The index holds all documents."


def untuned_track_sentence(track: str) -> str:
    """The track where no method was tuned: it only says how the questions were divided."""
    return f"Divided by {track}; no method here was tuned. The index holds all documents."


def join(items: Iterable[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    *most, last = list(items) or ["none"]
    return f"{', '.join(most)} and {last}" if most else last


def said(value: Any) -> str:
    """Any JSON value as words."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {said(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(said, value))
    return rounding.rate(value) if isinstance(value, float) else str(value)


def capital(sentence: str) -> str:
    """With a capital first letter; the rest stays."""
    return sentence[:1].upper() + sentence[1:]


def plural(amount: str, noun: str) -> str:
    """'1 cluster', '60 clusters'."""
    return f"{amount} {noun}" if amount == "1" else f"{amount} {noun}s"
