"""Retrieval by characters and at an equal budget of tokens: what compares passages of different lengths fairly.

Evidence without offsets is its whole document, and any text of that document finds it, as in `lab.corpus.evidence`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.types import Evidence, Passage


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage as a prompt shows it: the tokens of its label, and where each token of its text ends.

    `ends` are characters of the passage's text, ascending.
    """

    passage: Passage
    label_tokens: int
    ends: Sequence[int]

    @property
    def tokens(self) -> int:
        return self.label_tokens + len(self.ends)

    def read_to(self, budget: int) -> int:
        """The character of the document behind the last one that `budget` tokens reach."""
        room = budget - self.label_tokens
        if room <= 0:
            return self.passage.start
        return self.passage.end if room >= len(self.ends) else self.passage.start + self.ends[room - 1]


@dataclass(frozen=True, slots=True)
class CharacterScores:
    """Overlap of what was retrieved with the evidence, in characters.

    With R the summed lengths of the passages and I the evidence that they cover, each character once:
    precision = I / R, iou = I / (R + evidence not covered), as in Chroma's evaluation of chunking (Smith and Troynikov
    2024).
    """

    precision: float
    iou: float


def budget_recall(ranked: Iterable[ReadPassage], evidence: Sequence[Evidence], budget: int) -> float:
    """Share of the distinct units of evidence that stand whole in one passage within the first `budget` tokens.

    Passages are read in rank order; the one at which the budget ends counts as far as it is read.

    Raises:
        ValueError: no evidence.
    """
    units = list(dict.fromkeys(evidence))
    if not units:
        raise ValueError("expected at least one unit of evidence")
    missing = set(units)
    for read in ranked:
        end = read.read_to(budget)
        missing = {unit for unit in missing if not _within(unit, read.passage, end)}
        budget -= read.tokens
        if budget <= 0 or not missing:
            break
    return 1 - len(missing) / len(units)


def character_scores(passages: Sequence[Passage], evidence: Sequence[Evidence]) -> CharacterScores | None:
    """Precision and intersection over union of the passages; None without passages or where evidence has no offsets."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for unit in evidence:
        if unit.start is None or unit.end is None:
            return None
        spans.setdefault(unit.document_id, []).append((unit.start, unit.end))
    retrieved = sum(passage.end - passage.start for passage in passages)
    gold = [(name, *span) for name, found in spans.items() for span in _union(found)]
    if not retrieved or not gold:
        return None
    covered = 0
    for name, start, end in gold:
        near = [
            (max(start, passage.start), min(end, passage.end))
            for passage in passages
            if passage.document_id == name and passage.start < end and start < passage.end
        ]
        covered += _length(_union(near))
    total = sum(end - start for _, start, end in gold)
    return CharacterScores(covered / retrieved, covered / (retrieved + total - covered))


def share_unreachable(
    evidence: Mapping[str, Sequence[Evidence]], touching: Mapping[str, Sequence[Passage]], tau: float
) -> float | None:
    """Share of units of evidence of which no passage holds the share `tau` of characters; None without evidence.

    Args:
        evidence: by question id.
        touching: by question id, the passages that share a character with its evidence.
        tau: 1 asks for the whole unit, 0.5 for half of it.
    """
    units = [(question, unit) for question, found in evidence.items() for unit in dict.fromkeys(found)]
    if not units:
        return None
    lost = sum(not any(_share(unit, passage) >= tau for passage in touching[question]) for question, unit in units)
    return lost / len(units)


def _within(unit: Evidence, passage: Passage, end: int) -> bool:
    if unit.document_id != passage.document_id or end <= passage.start:
        return False
    return unit.start is None or unit.end is None or (passage.start <= unit.start and unit.end <= end)


def _share(unit: Evidence, passage: Passage) -> float:
    """Share of a unit's characters that a passage holds."""
    if unit.document_id != passage.document_id:
        return 0.0
    if unit.start is None or unit.end is None:
        return 1.0
    shared = min(unit.end, passage.end) - max(unit.start, passage.start)
    return max(0, shared) / (unit.end - unit.start)


def _union(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _length(spans: Sequence[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)
