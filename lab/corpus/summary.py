"""The counts that a report shows of a corpus, with the data faults that do not stop a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from lab.corpus.fields import collapse
from lab.types import Corpus, Question


def describe(corpus: Corpus) -> dict[str, Any]:
    """Counts of `corpus` as plain JSON types.

    `contradictory_questions` lists the ids of questions that share their text (case, spacing and closing punctuation
    aside) and have no answer in common, one list per text, in the order of the corpus.
    """
    return {
        "name": corpus.name,
        "documents": len(corpus.documents),
        "questions": len(corpus.questions),
        "kinds": dict(Counter(question.kind for question in corpus.questions).most_common()),
        "words_per_document": _spread(document.text for document in corpus.documents),
        "contradictory_questions": _contradictions(corpus.questions),
        "notes": list(corpus.notes),
    }


def describe_questions(questions: Sequence[Question]) -> dict[str, Any]:
    """One side of the split as plain JSON types: counts by kind, documents asked about, lengths in words.

    `synthetic` counts the questions that no person wrote, by what did. The length of an answer is that of the first
    gold answer.
    """
    return {
        "questions": len(questions),
        "kinds": dict(Counter(question.kind for question in questions).most_common()),
        "unanswerable": sum(not question.answerable for question in questions),
        "synthetic": dict(Counter(question.synthetic for question in questions if question.synthetic).most_common()),
        "clusters": len({question.cluster for question in questions}),
        "question_words": _spread(question.text for question in questions),
        "answer_words": _spread(question.answers[0] for question in questions if question.answers),
    }


def _spread(texts: Iterable[str]) -> dict[str, Any] | None:
    """Smallest, median and largest number of words."""
    lengths = [len(text.split()) for text in texts]
    return {"min": min(lengths), "median": median(lengths), "max": max(lengths)} if lengths else None


def _contradictions(questions: tuple[Question, ...]) -> list[list[str]]:
    alike: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        alike[collapse(question.text).rstrip("?!. ")].append(question)
    return [[question.id for question in group] for group in alike.values() if _disagree(group)]


def _disagree(group: list[Question]) -> bool:
    answers = [{collapse(answer) for answer in question.answers} for question in group]
    return any(answers) and not set.intersection(*answers)
