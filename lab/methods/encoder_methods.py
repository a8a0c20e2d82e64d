"""Methods without a language model: a label from the encoder's vector of the question's text, and from nothing else.

A method may see no more than the question, so where its label depends on a document, as in PubMedQA, that document is
not read. Unanswerable training questions teach to decline, as they teach the tuned methods.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.errors import ConfigError
from lab.methods.classifiers import GRIDS, Classifier, Codes
from lab.methods.prompts import ABSTAIN
from lab.types import LABEL_KINDS, Answer, Encoder, Query, Question, Timing, Tokens, label_set


def labels_of(train: Sequence[Question]) -> tuple[str, ...]:
    """All that a method may answer: the labels of the training questions, then, where one is unanswerable, that."""
    kinds = sorted({question.kind for question in train if question.answerable})
    labels = sorted({label for kind in kinds for label in label_set(kind, train)})
    return (*labels, ABSTAIN) if any(not question.answerable for question in train) else tuple(labels)


def codes_of(questions: Sequence[Question], labels: Sequence[str]) -> Codes:
    """The place of each question's first answer among the labels, shape (n,); -1 for a label that training has not."""
    places = {label.casefold(): place for place, label in reversed(list(enumerate(labels)))}
    said = [question.answers[0].strip() if question.answers else ABSTAIN for question in questions]
    return np.array([places.get(answer.casefold(), -1) for answer in said], dtype=np.int64)


def check_labels(methods: Sequence[str], questions: Sequence[Question], train: Sequence[Question]) -> None:
    """Refuse methods that give labels where answers are none.

    Args:
        methods: names of the run's methods.
        questions: all that are trained on, chosen by or asked.
        train: those that are trained on.

    Raises:
        ConfigError: an answer is no label, or training shows no label, or a single one.
    """
    named = [name for name in methods if name in GRIDS]
    if not named:
        return
    who = " and ".join(named)
    others = sorted({question.kind for question in questions if question.answerable} - LABEL_KINDS)
    if others:
        raise ConfigError(
            f"methods: {who} answer with a label (questions of kind {' or '.join(sorted(LABEL_KINDS))}), but there are "
            f"questions of kind {', '.join(others)}; take {who} out of methods"
        )
    labels = labels_of([question for question in train if question.answerable])
    if len(labels) < 2:
        found = f"only {labels[0]!r}" if labels else "none"
        raise ConfigError(f"methods: {who} expect two or more labels among the training questions, found {found}")


@dataclass(frozen=True, slots=True)
class EncoderAnswerer:
    """Answers queries by a label; nothing but a query's text is read."""

    encoder: Encoder
    classifier: Classifier
    labels: tuple[str, ...]

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        """One answer for each query, in order. Seconds are those of the whole batch divided by its size.

        Tokens are those that the encoder read; `logprob` is the logarithm of the confidence in the label.
        """
        start = time.perf_counter()
        vectors = self.encoder.encode([query.text for query in queries])
        chosen, confidence = self.classifier.choose(vectors), self.classifier.confidence(vectors)
        seconds = (time.perf_counter() - start) / max(1, len(queries))
        return [
            Answer(
                query_id=query.id,
                text=self.labels[code],
                raw=self.labels[code],
                hits=(),
                timing=Timing(0.0, seconds),
                tokens=Tokens(tokens_read(self.encoder, query.text), 0),
                logprob=min(0.0, math.log(row[code])),
            )
            for query, code, row in zip(queries, chosen.tolist(), confidence.tolist(), strict=True)
        ]


def tokens_read(encoder: Encoder, text: str) -> int:
    """How many tokens of a text the encoder reads, special tokens left out."""
    return min(len(encoder.token_offsets(text)), encoder.max_tokens)
