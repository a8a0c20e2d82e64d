"""Questions and documents that stand in the data twice, word for word or nearly so, and answers that disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from lab.near_documents import NEAR, near_duplicates
from lab.quality.finding import Among, Finding, first, some, verb
from lab.types import Document, Question

CHECK = "duplicates"
MANY = 0.05


def duplicate_questions(
    questions: Sequence[Question], near: Sequence[tuple[str, str]], contradictory: Sequence[Sequence[str]]
) -> list[Finding]:
    """Equal and near-duplicate questions, and equal ones whose answers disagree.

    Args:
        questions: those that a run uses.
        near: pairs of ids whose texts are near-duplicates about one fact, equal texts included.
        contradictory: ids of questions that share their text and no answer, one list per text.
    """
    same: defaultdict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for question in questions:
        same[_flat(question.text), frozenset(map(_flat, question.answers))].append(question.id)
    again = [name for group in same.values() for name in group[1:]]
    text = {question.id: _flat(question.text) for question in questions}
    group = {question.id: question.group for question in questions}
    reworded = sorted(
        {
            other
            for one, other in near
            if text[one] != text[other] and (group[one] is None or group[one] != group[other])
        }
    )
    odd = [name for names in contradictory for name in names]
    clash = (
        f"{some(len(contradictory), 'question text')} {verb(len(contradictory), 'have')} answers that contradict each "
        f"other ({some(len(odd), 'question')})."
    )
    repair = "Correct the answers, or give one question all of them."
    among = Among(CHECK, "question", len(questions))
    found = [
        Finding(CHECK, "warning", len(contradictory), None, clash, first(odd), repair),
        among.found(
            "warning" if len(again) > MANY * len(questions) else "note",
            again,
            "repeat",
            "another with its answers: such a fact counts several times.",
            "Keep one of each.",
        ),
        among.found(
            "note",
            reworded,
            "say",
            "nearly the same as another about the same fact; they stay on one side of the split.",
        ),
    ]
    return [one for one in found if one.count]


def duplicate_documents(documents: Sequence[Document]) -> list[Finding]:
    """Equal and near-duplicate documents: a retriever that brings the twin is counted as if it had missed."""
    by_text: defaultdict[str, list[str]] = defaultdict(list)
    for document in documents:
        by_text[_flat(document.text)].append(document.id)
    equal = [name for group in by_text.values() for name in group[1:]]
    kept = {names[0] for names in by_text.values()}
    place = {document.id: number for number, document in enumerate(documents)}
    groups = near_duplicates([document for document in documents if document.id in kept])
    near = sorted((name for group in groups for name in group.document_ids), key=place.__getitem__)
    among = Among(CHECK, "document", len(documents))
    advice = "Keep one of each, or name all of them as evidence."
    found = [
        among.found(
            "warning",
            equal,
            "repeat",
            "another word for word: a retriever that brings the twin of the evidence counts as wrong.",
            advice,
        ),
        among.found(
            "warning" if len(near) > MANY * len(documents) else "note",
            near,
            "are",
            f"nearly the same as another (Jaccard index of at least {NEAR:g}): the right one is hard to find, and its "
            "twin counts as wrong.",
            advice,
        ),
    ]
    return [one for one in found if one.count]


def _flat(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip("?!. ")
