"""All answer metrics, by name. To add one: write its function of a `Case` and give it a line in `METRICS`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lab.metrics import calls, grounding, labels, numeric, overlap, text
from lab.metrics.abstention import is_abstention
from lab.metrics.grounding import Entail
from lab.types import Answer, Encoder, Question, Score, label_set

NO_GOLD = "unanswerable: there is no gold answer"
NO_PASSAGES = "no passages were given"
DECLINES = "the answer declines"
NO_WORDS = "the answer has no content words"
NO_ENCODER = "no encoder was given"
NO_NLI = "no entailment model was named (metrics.nli)"
# Marks of quoted reasoning, as RAFT writes it. It copies from the passages and so holds gold words by itself.
_REASONING = re.compile(r"##\s*(?:begin_quote|reason|answer)", re.IGNORECASE)


class Outcome(NamedTuple):
    """A value, or None with the reason."""

    value: float | None
    reason: str | None = None


UNDEFINED = Outcome(None, "not computed")


@dataclass(frozen=True, slots=True)
class Case:
    """One answer with its question. `said` is the answer's text, empty if the answer is an abstention (SQuAD 2.0).

    The last three come from models, which read all cases together: the cosine with the nearest gold, that with the
    nearest sentence of a passage, and the probability that a passage entails the answer.
    """

    answer: Answer
    question: Question
    said: str
    abstained: bool
    labels: tuple[str, ...]
    similarity: Outcome = UNDEFINED
    nearness: Outcome = UNDEFINED
    entailment: Outcome = UNDEFINED

    @property
    def passages(self) -> tuple[str, ...]:
        """The passages that the method was shown, best rank first, as they stood in its prompt."""
        return tuple(grounding.shown_text(hit.passage) for hit in grounding.shown(self.answer))


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


def support_lexical(case: Case) -> Outcome:
    """Share of the answer's content words in the one shown passage that holds most of them."""
    return _of_passages(case, lambda: grounding.support_lexical(case.said, case.passages), NO_WORDS)


def support_embedding(case: Case) -> Outcome:
    """Cosine with the nearest sentence of a shown passage, encoded before for all cases together."""
    return case.nearness


def support_nli(case: Case) -> Outcome:
    """Probability that a shown passage entails question and answer: that of the best passage."""
    return case.entailment


def quote_fidelity(case: Case) -> Outcome:
    """Share of the quotes in all that was written that stand word for word in a shown passage."""
    if not case.passages:
        return Outcome(None, NO_PASSAGES)
    value = grounding.quote_fidelity(case.answer.raw, case.passages)
    return Outcome(value, "no quote of three or more words" if value is None else None)


def supporting_document(case: Case) -> Outcome:
    """The shown passage that holds most of the answer's content words is of a gold document."""

    def of_gold() -> float | None:
        if not grounding.content_words(case.said):
            return None
        best = grounding.supporting_passage(case.said, case.passages)
        gold = {item.document_id for item in case.question.evidence}
        return float(best is not None and case.answer.hits[best].passage.document_id in gold)

    if case.passages and not case.question.evidence:
        return Outcome(None, "the question names no gold document")
    return _of_passages(case, of_gold, NO_WORDS)


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
    "support_lexical": support_lexical,
    "support_embedding": support_embedding,
    "support_nli": support_nli,
    "quote_fidelity": quote_fidelity,
    "supporting_document": supporting_document,
}
# They read the passages that a method was shown, and have no value without.
GROUNDEDNESS = ("support_lexical", "support_embedding", "support_nli", "quote_fidelity", "supporting_document")


def score_answers(
    answers: Sequence[Answer], questions: Mapping[str, Question], encoder: Encoder | None, entail: Entail | None = None
) -> tuple[Score, ...]:
    """Every metric for every answer, answer by answer in the order of `METRICS`.

    `questions` may hold more than were asked: all of them tell which labels exist.
    exact_match, token_f1, contains, abstained and wrong always have a value; the others have one or say why not.
    Those of `GROUNDEDNESS` have none for methods without passages: not applicable, never 0. `encoder` and `entail` are
    called at most once each, with every text or pair once; without them, the metrics that need them say so.

    Raises:
        ValueError: an answer carries an error, or its question is unknown.
    """
    return tuple(
        Score(case.answer.query_id, name, *metric(case))
        for case in make_cases(answers, questions, encoder, entail)
        for name, metric in METRICS.items()
    )


def make_cases(
    answers: Sequence[Answer], questions: Mapping[str, Question], encoder: Encoder | None, entail: Entail | None = None
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
        cases.append(Case(answer, question, "" if declined else answer.text, declined, known))
    outcomes = zip(cases, *_cosines(cases, encoder), _entailments(cases, entail), strict=True)
    return tuple(replace(case, similarity=one, nearness=two, entailment=three) for case, one, two, three in outcomes)


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


def _of_passages(case: Case, metric: Callable[[], float | None], reason: str) -> Outcome:
    unfounded = _unfounded(case)
    if unfounded:
        return Outcome(None, unfounded)
    value = metric()
    return Outcome(value, reason if value is None else None)


def _unfounded(case: Case) -> str | None:
    """Why an answer cannot rest on passages."""
    if not case.passages:
        return NO_PASSAGES
    return DECLINES if case.abstained else None


def _cosines(cases: Sequence[Case], encoder: Encoder | None) -> tuple[list[Outcome], list[Outcome]]:
    """By case, the cosine with the nearest gold and with the nearest sentence of a shown passage."""
    no_encoder = NO_ENCODER if encoder is None else None
    reasons = [_no_similarity(case) or no_encoder for case in cases]
    reasons += [_unfounded(case) or no_encoder for case in cases]
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
    reasons = [_unfounded(case) or (NO_NLI if entail is None else None) for case in cases]
    pairs = [
        None if reason else (f"{case.question.text} {case.said}", case.passages)
        for reason, case in zip(reasons, cases, strict=True)
    ]
    return list(map(Outcome, grounding.best_entailed(pairs, entail), reasons))
