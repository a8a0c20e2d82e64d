"""Lengths that models cut: answers, questions and documents, and documents far from all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from lab.quality.finding import Among, Finding
from lab.types import Corpus, Question

CHECK = "lengths"
SHORT_WORDS = 20
MANY_SHORT = 0.2
TIMES_THE_MEDIAN = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """Tokens: what the generator may write and can read, what the encoder reads, and what a passage holds.

    None: not known. `prompt` are the tokens of a prompt's instructions, without question and passages.
    """

    max_new: int | None
    context: int | None
    encoder: int
    passage: int
    prompt: int


def length_outliers(
    corpus: Corpus,
    questions: Sequence[Question],
    test: Sequence[Question],
    limits: Limits,
    tokens: Callable[[str], int],
) -> list[Finding]:
    """What is too long for the models, and documents too short or too long. `tokens` counts those of a text."""
    found = [*_answers(test, limits, tokens), *_questions(questions, limits, tokens), *_documents(corpus)]
    return [one for one in found if one.count]


def _answers(test: Sequence[Question], limits: Limits, tokens: Callable[[str], int]) -> list[Finding]:
    limit = limits.max_new
    if limit is None:
        return []
    cut = [question.id for question in test if question.answers and min(map(tokens, question.answers)) > limit]
    rest = f"answers longer than the {limit} tokens that may be written: no method can be wholly right there."
    advice = "Raise generator.max_new_tokens, or train on answers as long."
    return [Among(CHECK, "test question", len(test)).found("warning", cut, "have", rest, advice)]


def _questions(questions: Sequence[Question], limits: Limits, tokens: Callable[[str], int]) -> list[Finding]:
    among = Among(CHECK, "question", len(questions))
    lengths = {question.id: tokens(question.text) for question in questions}
    around = (limits.max_new or 0) + limits.prompt + limits.passage
    room = None if limits.context is None else limits.context - around
    crowded = [] if room is None else [name for name, length in lengths.items() if length > room]
    unread = [name for name, length in lengths.items() if length > limits.encoder]
    return [
        among.found(
            "error",
            crowded,
            "leave",
            f"no room for a passage in the generator's context of {limits.context} tokens.",
            "Shorten them, or use index.passage_tokens, generator.max_new_tokens or a generator that fit.",
        ),
        among.found(
            "warning",
            unread,
            "have",
            f"more than the {limits.encoder} tokens that the encoder reads: retrieval sees their beginning only.",
            "Shorten them, or choose an encoder that reads more.",
        ),
    ]


def _documents(corpus: Corpus) -> list[Finding]:
    among = Among(CHECK, "document", len(corpus.documents))
    words = {document.id: len(document.text.split()) for document in corpus.documents}
    short = [name for name, count in words.items() if 0 < count < SHORT_WORDS]
    middle = median(words.values())
    long = [name for name, count in words.items() if middle and count > TIMES_THE_MEDIAN * middle]
    return [
        among.found(
            "warning" if len(short) > MANY_SHORT * len(words) else "note",
            short,
            "have",
            f"fewer than {SHORT_WORDS} words.",
            "Look at some: a file that was not read well looks like this.",
        ),
        among.found(
            "warning",
            long,
            "have",
            f"more than {TIMES_THE_MEDIAN} times the words of the median document ({middle:g}).",
            "Split them, if they are collections of several documents.",
        ),
    ]
