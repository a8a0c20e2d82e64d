"""The counts that a report shows of a corpus, with the data faults that do not stop a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import median
from typing import Any

from lab.corpus.fields import collapse
from lab.types import Corpus, Question


def describe(corpus: Corpus) -> dict[str, Any]:
    """Counts of `corpus` as plain JSON types.

    `contradictory_questions` lists the ids of questions that share their text (case, spacing and closing punctuation
    aside) and have no answer in common, one list per text, in the order of the corpus.
    """
    words = [len(document.text.split()) for document in corpus.documents]
    return {
        "name": corpus.name,
        "documents": len(corpus.documents),
        "questions": len(corpus.questions),
        "kinds": dict(Counter(question.kind for question in corpus.questions).most_common()),
        "words_per_document": {"min": min(words), "median": median(words), "max": max(words)} if words else None,
        "contradictory_questions": _contradictions(corpus.questions),
        "notes": list(corpus.notes),
    }


def _contradictions(questions: tuple[Question, ...]) -> list[list[str]]:
    alike: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        alike[collapse(question.text).rstrip("?!. ")].append(question)
    return [[question.id for question in group] for group in alike.values() if _disagree(group)]


def _disagree(group: list[Question]) -> bool:
    answers = [{collapse(answer) for answer in question.answers} for question in group]
    return any(answers) and not set.intersection(*answers)
