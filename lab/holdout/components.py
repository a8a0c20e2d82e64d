"""Questions that must stand on one side, found by union-find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from lab.holdout.likeness import near_pairs, normal_text, sketch
from lab.holdout.order import natural
from lab.types import Question, Track


class Joined:
    """Positions 0..n-1 joined step by step (disjoint sets with path halving)."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def find(self, item: int) -> int:
        """The position that stands for the set of `item`: the smallest of the set."""
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, a: int, b: int) -> None:
        """Make the sets of `a` and `b` one."""
        low, high = sorted((self.find(a), self.find(b)))
        self._parent[high] = low

    def join_by(self, labels: Iterable[tuple[int, object]]) -> None:
        """Join all positions that carry an equal label."""
        first: dict[object, int] = {}
        for item, label in labels:
            self.join(first.setdefault(label, item), item)

    def sets(self) -> list[list[int]]:
        """All sets, each sorted, ordered by their smallest position."""
        members: defaultdict[int, list[int]] = defaultdict(list)
        for item in range(len(self._parent)):
            members[self.find(item)].append(item)
        return list(members.values())


def components(questions: Sequence[Question], track: Track) -> list[list[Question]]:
    """Sets of questions that must not be divided on the tracks `question` and `document`."""
    joined = Joined(len(questions))
    joined.join_by((i, normal_text(q.text)) for i, q in enumerate(questions))
    joined.join_by((i, q.group) for i, q in enumerate(questions) if q.group is not None)
    if track == "document":
        joined.join_by((i, document) for i, q in enumerate(questions) for document in documents_of(q))
    for pair in near_pairs(questions, sketch([q.text for q in questions])):
        joined.join(pair.first, pair.second)
    return [[questions[i] for i in members] for members in joined.sets()]


def documents_of(question: Question) -> tuple[str, ...]:
    """The documents a question is about: those of its evidence, else the one it was modelled on, else none."""
    if question.evidence:
        return tuple(piece.document_id for piece in question.evidence)
    return () if question.document_id is None else (question.document_id,)


def component_key(members: Sequence[Question], track: Track) -> str:
    """The name whose hash decides a component's side: the first in natural order of what its questions go by.

    A question goes by its documents (track `document`), else its group, else its id. So a question that is appended
    to a known document or group changes no name, and one with a later id never takes over.
    """
    return min((name for member in members for name in _names(member, track)), key=natural)


def _names(question: Question, track: Track) -> tuple[str, ...]:
    documents = documents_of(question) if track == "document" else ()
    return documents or (question.group or question.id,)
