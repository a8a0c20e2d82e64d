"""All answer metrics, by name. To add one: write its function of a `Case` and give it a line in `METRICS`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lab.metrics import calls, labels, numeric, overlap, text
from lab.metrics.abstention import is_abstention
from lab.types import Answer, Encoder, Question, Score, label_set

NO_GOLD = "unanswerable: there is no gold answer"
# Marks of quoted reasoning, as RAFT writes it. It copies from the passages and so holds gold words by itself.
_REASONING = re.compile(r"##\s*(?:begin_quote|reason|answer)", re.IGNORECASE)


class Outcome(NamedTuple):
    """A value, or None with the reason."""

    value: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One answer with its question. `said` is the answer's text, empty if the answer is an abstention (SQuAD 2.0)."""

    answer: Answer
    question: Question
    said: str
    abstained: bool
    labels: tuple[str, ...]
    similarity: Outcome


def exact_match(case: Case) -> Outcome:
    """Normalised equality with a gold."""
    return Outcome(text.exact_match(case.said, case.question.answers))


def token_f1(case: Case) -> Outcome:
    """Token overlap with the best gold."""
    return Outcome(text.token_f1(case.said, case.question.answers))


def contains(case: Case) -> Outcome:
    """The gold stands in all that was written; for unanswerable questions, the answer abstained.

    Where the raw text holds quoted reasoning, only the parsed answer is read: a quote holds the gold whatever the
    answer says. Yes and no are read from the parsed answer as labels, so that a 'no' inside a sentence does not count.
    """
    written = case.said if _REASONING.search(case.answer.raw) else case.answer.raw
    return Outcome(_contained(case, written))


def numeric_match(case: Case) -> Outcome:
    """The answer's number agrees with the gold's, at the gold's precision."""
    return _or_reason(case, numeric.numeric_match, "no gold answer holds exactly one number")


def label_accuracy(case: Case) -> Outcome:
    """The answer's label is the gold's; an answer that is no label is wrong."""
    if not case.labels:
        return Outcome(None, f"questions of kind {case.question.kind} have no fixed set of labels")
    return _or_reason(case, lambda said, golds: labels.label_accuracy(said, golds, case.labels), NO_GOLD)


def call_match(case: Case) -> Outcome:
    """The answer makes the reference call: the same function, with the same names of repositories and models."""
    if case.question.kind != "call":
        return Outcome(None, f"questions of kind {case.question.kind} are not answered by a call")
    return _or_reason(case, calls.call_match, "no gold answer holds a call")


def rouge_l(case: Case) -> Outcome:
    """Longest common subsequence with the best gold."""
    return _or_reason(case, overlap.rouge_l, "ROUGE-L reads only a-z and 0-9, and no gold answer has any")


def bleu(case: Case) -> Outcome:
    """Sentence BLEU over all golds."""
    return _or_reason(case, overlap.bleu, "every gold answer is blank")


def chrf(case: Case) -> Outcome:
    """Character n-gram F over all golds."""
    return _or_reason(case, overlap.chrf, "every gold answer is blank")


def semantic_similarity(case: Case) -> Outcome:
    """Cosine with the nearest gold, encoded before for all cases together."""
    return case.similarity


def abstained(case: Case) -> Outcome:
    """The answer declines to answer."""
    return Outcome(float(case.abstained))


def wrong(case: Case) -> Outcome:
    """The question was answered, and the parsed answer is right by no strict measure; the raw text is not read."""
    right = (
        exact_match(case).value,
        _contained(case, case.said),
        label_accuracy(case).value,
        call_match(case).value,
    )
    return Outcome(float(not case.abstained and 1.0 not in right))


METRICS: Mapping[str, Callable[[Case], Outcome]] = {
    "exact_match": exact_match,
    "token_f1": token_f1,
    "contains": contains,
    "numeric_match": numeric_match,
    "label_accuracy": label_accuracy,
    "call_match": call_match,
    "rouge_l": rouge_l,
    "bleu": bleu,
    "chrf": chrf,
    "semantic_similarity": semantic_similarity,
    "abstained": abstained,
    "wrong": wrong,
}


def score_answers(
    answers: Sequence[Answer], questions: Mapping[str, Question], encoder: Encoder | None
) -> tuple[Score, ...]:
    """Every metric for every answer, answer by answer in the order of `METRICS`.

    `questions` may hold more than were asked: all of them tell which labels exist.
    exact_match, token_f1, contains, abstained and wrong always have a value; the others have one or say why not.

    Raises:
        ValueError: an answer carries an error, or its question is unknown.
    """
    return tuple(
        Score(case.answer.query_id, name, *metric(case))
        for case in make_cases(answers, questions, encoder)
        for name, metric in METRICS.items()
    )


def make_cases(
    answers: Sequence[Answer], questions: Mapping[str, Question], encoder: Encoder | None
) -> tuple[Case, ...]:
    """Join answers with questions by id and encode all texts in one call. Raises as `score_answers`."""
    for answer in answers:
        if answer.error is not None:
            raise ValueError(f"{answer.query_id}: an answer with an error cannot be scored: {answer.error}")
        if answer.query_id not in questions:
            raise ValueError(f"{answer.query_id}: expected the id of a question, found no such question")
    asked = [questions[answer.query_id] for answer in answers]
    by_kind = {kind: label_set(kind, questions.values()) for kind in {question.kind for question in asked}}
    declined = [declines(one.text, by_kind[question.kind]) for one, question in zip(answers, asked, strict=True)]
    said = ["" if no_answer else answer.text for answer, no_answer in zip(answers, declined, strict=True)]
    similarities = _similarities(said, asked, encoder)
    return tuple(
        Case(answer, question, words, no_answer, by_kind[question.kind], similarity)
        for answer, question, words, no_answer, similarity in zip(
            answers, asked, said, declined, similarities, strict=True
        )
    )


def declines(text: str, known_labels: Sequence[str]) -> bool:
    """Whether an answer is an abstention and not a label: "unknown" may be one."""
    return is_abstention(text) and text.strip(" .!").casefold() not in {label.casefold() for label in known_labels}


def _contained(case: Case, written: str) -> float:
    golds = case.question.answers
    if not golds:
        return float(case.abstained)
    if text.is_yes_no(golds):
        return float(labels.label_accuracy(case.said, [text.normalise(gold) for gold in golds], ("no", "yes")) or 0.0)
    return text.contains(written, golds)


def _or_reason(case: Case, metric: Callable[[str, Sequence[str]], float | None], reason: str) -> Outcome:
    if not case.question.answerable:
        return Outcome(None, NO_GOLD)
    value = metric(case.said, case.question.answers)
    return Outcome(value, reason if value is None else None)


def _similarities(said: Sequence[str], asked: Sequence[Question], encoder: Encoder | None) -> list[Outcome]:
    reasons = [_no_similarity(words, question, encoder) for words, question in zip(said, asked, strict=True)]
    defined = [index for index, reason in enumerate(reasons) if reason is None]
    needed = dict.fromkeys(one for index in defined for one in (said[index], *asked[index].answers))
    row = {one: position for position, one in enumerate(needed)}
    vectors = np.asarray(encoder.encode(list(needed))) if encoder is not None and needed else np.zeros((0, 1))
    outcomes = [Outcome(None, reason) for reason in reasons]
    for index in defined:
        golds = vectors[[row[gold] for gold in asked[index].answers]]
        outcomes[index] = Outcome(float((golds @ vectors[row[said[index]]]).max()))
    return outcomes


def _no_similarity(said: str, question: Question, encoder: Encoder | None) -> str | None:
    if not question.answerable:
        return NO_GOLD
    if encoder is None:
        return "no encoder was given"
    return None if said.strip() else "empty answer"
