"""Questions and documents that stand in the data twice, word for word or nearly so, and answers that disagree.

Near-duplicate documents follow Lee et al. 2022 (Deduplicating Training Data Makes Language Models Better, section 4.2):
MinHash over runs of 5 words proposes pairs, the exact Jaccard index of all runs decides (at least 0.8).
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from lab.quality.finding import Among, Finding, first, some, verb
from lab.types import Document, Question

CHECK = "duplicates"
NEAR = 0.8
SHINGLE_WORDS = 5
SKETCHED_WORDS = 2_000  # a signature is of a document's beginning; whether a pair is near, all its words decide
COMPARED = 100  # proposals looked at for each document: of a template all documents propose one another
PERMUTATIONS, ROWS_PER_BAND = 128, 4  # as for questions: a pair of 0.8 is proposed nearly always
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
    near = near_documents([document for document in documents if document.id in kept])
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


def near_documents(documents: Sequence[Document]) -> list[str]:
    """Ids of documents that are near-duplicates of another, in order. Documents of fewer than 5 words have none."""
    from datasketch import MinHash, MinHashLSH  # takes a second to import; `lab --help` must not wait for it

    long = [document for document in documents if len(document.text.split(None, SHINGLE_WORDS)) >= SHINGLE_WORDS]
    if len(long) < 2:
        return []
    pieces = ([piece.encode("utf-8", "surrogatepass") for piece in shingles(one.text, SKETCHED_WORDS)] for one in long)
    signatures = MinHash.bulk(pieces, num_perm=PERMUTATIONS, seed=1, hashfunc=zlib.crc32)
    index = MinHashLSH(num_perm=PERMUTATIONS, params=(PERMUTATIONS // ROWS_PER_BAND, ROWS_PER_BAND))
    texts: list[str] = [document.text for document in long]

    @cache
    def whole(place: int) -> frozenset[str]:
        return frozenset(shingles(texts[place]))

    found: set[int] = set()
    for place, signature in enumerate(signatures):
        for other in sorted(index.query(signature))[:COMPARED]:
            if not {place, other} <= found and _near(whole(place), whole(other)):
                found |= {place, other}
        index.insert(place, signature, check_duplication=False)
    return [long[place].id for place in sorted(found)]


def shingles(text: str, words: int | None = None) -> Iterable[str]:
    """All runs of 5 words of the text's first `words` (None: of all), case folded."""
    said = text.casefold().split() if words is None else text.casefold().split(None, words)[:words]
    return {" ".join(said[start : start + SHINGLE_WORDS]) for start in range(max(1, len(said) - SHINGLE_WORDS + 1))}


def _near(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= NEAR * (len(one) + len(other) - shared)


def _flat(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip("?!. ")
