"""Which passages hold the evidence of a question.

Evidence and passages meet by character offsets. A passage counts as gold for a unit of evidence only if it holds the
unit whole (coverage threshold tau = 1); a unit that was cut in two is unreachable, and its share is reported.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from lab.types import Evidence, Passage, Question


@dataclass(frozen=True, slots=True)
class EvidenceMap:
    """For each question id: per unit of evidence the passages that hold it whole, and all passages it touches.

    Asking about a question that was not mapped raises KeyError.
    """

    held: Mapping[str, tuple[tuple[str, ...], ...]]
    touched: Mapping[str, frozenset[str]]

    def units(self, question_id: str) -> tuple[tuple[str, ...], ...]:
        """One tuple per unit of evidence: ids of the passages that hold it whole, empty where none does."""
        return self.held[question_id]

    def gold(self, question_id: str) -> frozenset[str]:
        """Ids of the passages that hold at least one unit whole."""
        return frozenset(passage for unit in self.held[question_id] for passage in unit)

    def touching(self, question_id: str) -> frozenset[str]:
        """Ids of the passages that share a character with the evidence. A distractor must not be one of these."""
        return self.touched[question_id]

    @property
    def n_units(self) -> int:
        """Units of evidence over all questions."""
        return sum(len(units) for units in self.held.values())

    @property
    def n_unreachable(self) -> int:
        """Units that no single passage holds whole."""
        return sum(not unit for units in self.held.values() for unit in units)

    @property
    def n_without_evidence(self) -> int:
        """Questions without any evidence; retrieval cannot be scored on them."""
        return sum(not units for units in self.held.values())

    @property
    def share_unreachable(self) -> float | None:
        """`n_unreachable / n_units`; None when there are no units."""
        return self.n_unreachable / self.n_units if self.n_units else None


def map_evidence(questions: Iterable[Question], passages: Iterable[Passage]) -> EvidenceMap:
    """Find the passages of each question's evidence. The same evidence named twice is one unit."""
    shelves: defaultdict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        shelves[passage.document_id].append(passage)
    shelf_of = {document_id: _Shelf(shelf) for document_id, shelf in shelves.items()}
    nothing = _Shelf(())
    held: dict[str, tuple[tuple[str, ...], ...]] = {}
    touched: dict[str, frozenset[str]] = {}
    for question in questions:
        units = list(dict.fromkeys(question.evidence))
        touching = [shelf_of.get(unit.document_id, nothing).touching(unit) for unit in units]
        held[question.id] = tuple(
            tuple(passage.id for passage in near if _holds(passage, unit))
            for unit, near in zip(units, touching, strict=True)
        )
        touched[question.id] = frozenset(passage.id for near in touching for passage in near)
    return EvidenceMap(held, touched)


def _holds(passage: Passage, unit: Evidence) -> bool:
    if unit.start is None or unit.end is None:
        return True
    return passage.start <= unit.start and unit.end <= passage.end


class _Shelf:
    """The passages of one document by start, with the furthest end up to each, so that a search can stop early."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = sorted(passages, key=lambda passage: (passage.start, passage.end))
        self.starts = [passage.start for passage in self.passages]
        self.furthest = list(accumulate((passage.end for passage in self.passages), max))

    def touching(self, unit: Evidence) -> list[Passage]:
        """Passages that share a character with `unit`, in text order; all of them for a whole document."""
        if unit.start is None or unit.end is None:
            return self.passages
        found = []
        for index in range(bisect_left(self.starts, unit.end) - 1, -1, -1):
            if self.furthest[index] <= unit.start:
                break
            if self.passages[index].end > unit.start:
                found.append(self.passages[index])
        return found[::-1]
