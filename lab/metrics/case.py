"""One answer together with its question, as the metrics see it; what models say of all answers is read in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lab.metrics import grounding
from lab.metrics.abstention import is_abstention
from lab.metrics.catalogue import Catalogue
from lab.metrics.grounding import Entail
from lab.types import Answer, Encoder, Question, label_set

NO_GOLD = "unanswerable: there is no gold answer"
NO_PASSAGES = "no passages were given"
DECLINES = "the answer declines"
NO_ENCODER = "no encoder was given"
NO_NLI = "no entailment model was named (metrics.nli)"


class Outcome(NamedTuple):
    """A value, or None with the reason."""

    value: float | None
    reason: str | None = None


UNDEFINED = Outcome(None, "not computed")


@dataclass(frozen=True, slots=True)
class Case:
    """One answer with its question. `said` is the answer's text, empty if the answer is an abstention (SQuAD 2.0).

    `catalogue` holds the calls of an API set, where the documents are one. The last three come from models, which read
    all cases together: the cosine with the nearest gold, that with the nearest sentence of a passage, and the
    probability that a passage entails the answer.
    """

    answer: Answer
    question: Question
    said: str
    abstained: bool
    labels: tuple[str, ...]
    catalogue: Catalogue | None = None
    similarity: Outcome = UNDEFINED
    nearness: Outcome = UNDEFINED
    entailment: Outcome = UNDEFINED

    @property
    def passages(self) -> tuple[str, ...]:
        """The passages that the method was shown, best rank first, as they stood in its prompt."""
        return tuple(grounding.shown_text(hit.passage) for hit in grounding.shown(self.answer))


def make_cases(
    answers: Sequence[Answer],
    questions: Mapping[str, Question],
    encoder: Encoder | None,
    entail: Entail | None = None,
    catalogue: Catalogue | None = None,
) -> tuple[Case, ...]:
    """Join answers with questions by id and read all texts in one call of each model. Raises as `score_answers`."""
    for answer in answers:
        if answer.error is not None:
            raise ValueError(f"{answer.query_id}: an answer with an error cannot be scored: {answer.error}")
        if answer.query_id not in questions:
            raise ValueError(f"{answer.query_id}: expected the id of a question, found no such question")
    asked = [questions[answer.query_id] for answer in answers]
    by_kind = {kind: label_set(kind, questions.values()) for kind in {question.kind for question in asked}}
    cases = []
    for answer, question in zip(answers, asked, strict=True):
        known = by_kind[question.kind]
        declined = declines(answer.text, known)
        cases.append(Case(answer, question, "" if declined else answer.text, declined, known, catalogue))
    outcomes = zip(cases, *_cosines(cases, encoder), _entailments(cases, entail), strict=True)
    return tuple(replace(case, similarity=one, nearness=two, entailment=three) for case, one, two, three in outcomes)


def declines(text: str, known_labels: Sequence[str]) -> bool:
    """Whether an answer is an abstention and not a label: "unknown" may be one."""
    return is_abstention(text) and text.strip(" .!").casefold() not in {label.casefold() for label in known_labels}


def unfounded(case: Case) -> str | None:
    """Why an answer cannot rest on passages."""
    if not case.passages:
        return NO_PASSAGES
    return DECLINES if case.abstained else None


def _cosines(cases: Sequence[Case], encoder: Encoder | None) -> tuple[list[Outcome], list[Outcome]]:
    """By case, the cosine with the nearest gold and with the nearest sentence of a shown passage."""
    no_encoder = NO_ENCODER if encoder is None else None
    reasons = [_no_similarity(case) or no_encoder for case in cases]
    reasons += [unfounded(case) or no_encoder for case in cases]
    texts = [case.question.answers for case in cases]
    texts += [tuple(one for text in case.passages for one in grounding.sentences(text)) for case in cases]
    pairs = [
        None if reason else (case.said, others)
        for reason, case, others in zip(reasons, (*cases, *cases), texts, strict=True)
    ]
    outcomes = list(map(Outcome, grounding.nearest(pairs, encoder), reasons))
    return outcomes[: len(cases)], outcomes[len(cases) :]


def _no_similarity(case: Case) -> str | None:
    if not case.question.answerable:
        return NO_GOLD
    return None if case.said.strip() else "empty answer"


def _entailments(cases: Sequence[Case], entail: Entail | None) -> list[Outcome]:
    """By case, the probability that the best of its passages entails question and answer."""
    reasons = [unfounded(case) or (NO_NLI if entail is None else None) for case in cases]
    pairs = [
        None if reason else (f"{case.question.text} {case.said}", case.passages)
        for reason, case in zip(reasons, cases, strict=True)
    ]
    return list(map(Outcome, grounding.best_entailed(pairs, entail), reasons))
