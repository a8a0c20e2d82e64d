"""All answer metrics, by name. To add one: write its function of a `Case` and give it a line in `METRICS`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from lab.metrics import calls, grounding, labels, lists, numeric, overlap, text
from lab.metrics.case import NO_GOLD, NO_PASSAGES, Case, Outcome, make_cases, unfounded
from lab.metrics.catalogue import Catalogue
from lab.metrics.catalogue import call_domain as domain_of_call
from lab.metrics.catalogue import call_hallucinated as call_made_up
from lab.metrics.grounding import Entail
from lab.types import Answer, Encoder, Question, Score

NO_WORDS = "the answer has no content words"
NO_OPTION = "the likeliest label was not asked for"
NO_CATALOGUE = "no document's metadata name a call and its domain"
NO_CARD = "no document of the API set holds a gold call"
NO_ITEM = "no gold answer holds an item"
NO_ROUGE = "ROUGE reads only a-z and 0-9, and no gold answer has any"
# Marks of quoted reasoning, as RAFT writes it. It copies from the passages and so holds gold words by itself.
_REASONING = re.compile(r"##\s*(?:begin_quote|reason|answer)", re.IGNORECASE)


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
        return _other_kind(case, "have no fixed set of labels")
    return _or_reason(case, lambda said, golds: labels.label_accuracy(said, golds, case.labels), NO_GOLD)


def option_accuracy(case: Case) -> Outcome:
    """The label that the generator finds likeliest is the gold's, whatever it wrote."""
    option = case.answer.option
    if not case.labels:
        return _other_kind(case, "have no fixed set of labels")
    if case.question.answerable and option is None:
        return Outcome(None, NO_OPTION)
    return _or_reason(case, lambda _, golds: labels.same_label(option or "", golds), NO_GOLD)


def call_match(case: Case) -> Outcome:
    """The answer makes the reference call: the same function, with the same names of repositories and models."""
    if case.question.kind != "call":
        return _other_kind(case, "are not answered by a call")
    return _or_reason(case, calls.call_match, "no gold answer holds a call")


def call_domain(case: Case) -> Outcome:
    """The answer makes a call of the API set that belongs to the reference's domain."""
    if case.question.kind != "call":
        return _other_kind(case, "are not answered by a call")
    known = case.catalogue
    if known is None:
        return Outcome(None, NO_CATALOGUE)
    return _or_reason(case, lambda said, golds: domain_of_call(said, golds, known), NO_CARD)


def call_hallucinated(case: Case) -> Outcome:
    """The answer does not decline and makes no call of the API set."""
    if case.question.kind != "call":
        return _other_kind(case, "are not answered by a call")
    if case.catalogue is None:
        return Outcome(None, NO_CATALOGUE)
    return Outcome(0.0 if case.abstained else call_made_up(case.said, case.catalogue))


def list_f1(case: Case) -> Outcome:
    """Overlap of the items with those of the best gold list, in any order."""
    if case.question.kind != "list":
        return _other_kind(case, "are not answered by a list")
    return _or_reason(case, lists.list_f1, NO_ITEM)


def list_match(case: Case) -> Outcome:
    """The items are exactly those of a gold list, in any order."""
    if case.question.kind != "list":
        return _other_kind(case, "are not answered by a list")
    return _or_reason(case, lists.list_match, NO_ITEM)


def rouge_1(case: Case) -> Outcome:
    """Words shared with the best gold."""
    return _or_reason(case, overlap.rouge_1, NO_ROUGE)


def rouge_2(case: Case) -> Outcome:
    """Pairs of neighbouring words shared with the best gold."""
    return _or_reason(case, overlap.rouge_2, "no gold answer has two words of a-z and 0-9")


def rouge_l(case: Case) -> Outcome:
    """Longest common subsequence with the best gold."""
    return _or_reason(case, overlap.rouge_l, NO_ROUGE)


def rouge_lsum(case: Case) -> Outcome:
    """Longest common subsequences with the best gold, sentence by sentence."""
    return _or_reason(case, overlap.rouge_lsum, NO_ROUGE)


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
    """The question was answered, and the parsed answer is right by no measure of 0 or 1; the raw text is not read.

    Where answers are labels, only the label counts: a sentence that holds the gold is no label. Where the documents are
    an API set, a call of the reference's domain is right (Patil et al. 2023, section 4).
    """
    if case.labels and case.question.answerable:
        return Outcome(float(not case.abstained and label_accuracy(case).value != 1.0))
    right = (
        exact_match(case).value,
        _contained(case, case.said),
        call_match(case).value,
        call_domain(case).value,
        list_match(case).value,
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
    "option_accuracy": option_accuracy,
    "call_match": call_match,
    "call_domain": call_domain,
    "call_hallucinated": call_hallucinated,
    "list_f1": list_f1,
    "list_match": list_match,
    "rouge_1": rouge_1,
    "rouge_2": rouge_2,
    "rouge_l": rouge_l,
    "rouge_lsum": rouge_lsum,
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
COSINES = ("semantic_similarity", "support_embedding")
# What an answer's text alone does not tell.
BEYOND_TEXT = (*GROUNDEDNESS, "option_accuracy", "call_domain", "call_hallucinated")


def range_of(metric: str) -> tuple[float, float]:
    """The least and the greatest value that a metric can take: -1 and 1 for a cosine, else 0 and 1."""
    return (-1.0, 1.0) if metric in COSINES else (0.0, 1.0)


def score_answers(
    answers: Sequence[Answer],
    questions: Mapping[str, Question],
    encoder: Encoder | None,
    entail: Entail | None = None,
    catalogue: Catalogue | None = None,
) -> tuple[Score, ...]:
    """Every metric for every answer, answer by answer in the order of `METRICS`.

    `questions` may hold more than were asked: all of them tell which labels exist.
    exact_match, token_f1, contains, abstained and wrong always have a value; the others have one or say why not.
    Those of `GROUNDEDNESS` have none for methods without passages: not applicable, never 0. `encoder` and `entail` are
    called at most once each, with every text or pair once; without them, and without the `catalogue` of calls, the
    metrics that need them say so.

    Raises:
        ValueError: an answer carries an error, or its question is unknown.
    """
    return tuple(
        Score(case.answer.query_id, name, *metric(case))
        for case in make_cases(answers, questions, encoder, entail, catalogue)
        for name, metric in METRICS.items()
    )


def _contained(case: Case, written: str) -> float:
    golds = case.question.answers
    if not golds:
        return float(case.abstained)
    if text.is_yes_no(golds):
        return float(labels.label_accuracy(case.said, [text.normalise(gold) for gold in golds], ("no", "yes")) or 0.0)
    return text.contains(written, golds)


def _other_kind(case: Case, lack: str) -> Outcome:
    return Outcome(None, f"questions of kind {case.question.kind} {lack}")


def _or_reason(case: Case, metric: Callable[[str, Sequence[str]], float | None], reason: str) -> Outcome:
    if not case.question.answerable:
        return Outcome(None, NO_GOLD)
    value = metric(case.said, case.question.answers)
    return Outcome(value, reason if value is None else None)


def _of_passages(case: Case, metric: Callable[[], float | None], reason: str) -> Outcome:
    why = unfounded(case)
    if why:
        return Outcome(None, why)
    value = metric()
    return Outcome(value, reason if value is None else None)
