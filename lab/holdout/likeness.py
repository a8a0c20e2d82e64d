"""When two questions are equal, near-duplicates, or about the same fact.

Near-duplicates follow Lee et al. 2022 (Deduplicating Training Data Makes Language Models Better, section 4.2): MinHash
proposes pairs, the exact Jaccard index of their shingles decides. Shingles are 3 words, since questions are short.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lab.types import Evidence, Question

NEAR = 0.8
SHINGLE_WORDS = 3
PERMUTATIONS = 128
# 32 bands of 4 rows propose a pair of Jaccard 0.8 with probability 1 - (1 - 0.8**4)**32, above 0.9999999.
ROWS_PER_BAND = 4
# "C#" is not "C", and "5 %" is not "5": these marks carry meaning although Unicode calls them punctuation.
MEANINGFUL_MARKS = frozenset("#%&@")

Place = tuple[str, str]


class NearPair(NamedTuple):
    """Two positions, `first < second`, whose texts are near-duplicates, and the Jaccard index of their shingles."""

    first: int
    second: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is compared of one text: its shingles, and its MinHash signature cut into bands."""

    shingles: frozenset[str]
    bands: tuple[bytes, ...]


@lru_cache(maxsize=65_536)
def normal_text(text: str) -> str:
    """Case folded, punctuation replaced by a space, white space collapsed. A text of nothing else is only folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(char if char in MEANINGFUL_MARKS or not _is_punctuation(char) else " " for char in folded)
    return " ".join(kept.split()) or " ".join(folded.split())


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char).startswith("P")


def shingles(text: str) -> frozenset[str]:
    """All runs of 3 words of the normalised text; of a shorter text, its words."""
    words = normal_text(text).split()
    if len(words) < SHINGLE_WORDS:
        return frozenset(words)
    return frozenset(" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """|a and b| / |a or b|; 0 for two empty sets, which share nothing."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def sketch(texts: Sequence[str], seed: int = 1) -> list[Sketch]:
    """One sketch for each text, in order."""
    from datasketch import MinHash  # takes a second to import; `lab --help` must not wait for it

    pieces = [shingles(text) for text in texts]
    signatures = MinHash.bulk(
        ([piece.encode("utf-8", "surrogatepass") for piece in one] for one in pieces),
        num_perm=PERMUTATIONS,
        seed=seed,
    )
    return [Sketch(one, _bands(signature.hashvalues)) for one, signature in zip(pieces, signatures, strict=True)]


def _bands(signature: NDArray[np.unsignedinteger[Any]]) -> tuple[bytes, ...]:
    # The number of the band goes in front, so that equal values in different bands do not meet.
    starts = range(0, PERMUTATIONS, ROWS_PER_BAND)
    return tuple(b"%d:" % start + signature[start : start + ROWS_PER_BAND].tobytes() for start in starts)


def overlap(a: Evidence, b: Evidence) -> bool:
    """Whether two pieces of evidence share a character; evidence without offsets is its whole document."""
    if a.document_id != b.document_id:
        return False
    if a.start is None or a.end is None or b.start is None or b.end is None:
        return True
    return max(a.start, b.start) < min(a.end, b.end)


def about_the_same(a: Question, b: Question) -> bool:
    """Whether two questions ask for the same fact: one group, overlapping evidence, or no evidence on either side.

    Two questions without evidence that were modelled on different documents are about different things.
    """
    if a.group is not None and a.group == b.group:
        return True
    if a.evidence and b.evidence:
        return any(overlap(one, other) for one in a.evidence for other in b.evidence)
    if a.evidence or b.evidence:
        return False
    return a.document_id is None or b.document_id is None or a.document_id == b.document_id


def near_pairs(questions: Sequence[Question], sketches: Sequence[Sketch]) -> list[NearPair]:
    """All pairs of near-duplicate questions about the same fact, by position, sorted."""
    found = []
    # Buckets are kept for each place: questions made from one template about many documents would else all meet.
    buckets: defaultdict[tuple[Place, bytes], list[int]] = defaultdict(list)
    for second, (question, own) in enumerate(zip(questions, sketches, strict=True)):
        keys = [(place, band) for place in _places(question) for band in own.bands]
        for first in {position for key in keys for position in buckets.get(key, ())}:
            similarity = jaccard(sketches[first].shingles, own.shingles)
            if similarity >= NEAR and about_the_same(questions[first], question):
                found.append(NearPair(first, second, similarity))
        for key in keys:
            buckets[key].append(second)
    return sorted(found)


class ShingleIndex:
    """Finds all near-duplicates of a text among many, exactly and whatever they are about.

    Where questions come from one template MinHash proposes nearly all of them for each; counting shared shingles
    through postings then takes a hundredth of the time of comparing sets.
    """

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        postings: defaultdict[str, list[int]] = defaultdict(list)
        for position, one in enumerate(sketches):
            for shingle in one.shingles:
                postings[shingle].append(position)
        self._postings = {shingle: np.array(positions) for shingle, positions in postings.items()}
        self._sizes = np.array([len(one.shingles) for one in sketches], dtype=np.int64)

    def near(self, wanted: Sketch) -> list[int]:
        """Positions of the texts whose Jaccard index with `wanted` is at least 0.8."""
        found = [self._postings[shingle] for shingle in wanted.shingles if shingle in self._postings]
        if not found:
            return []
        shared = np.bincount(np.concatenate(found), minlength=len(self._sizes))
        jaccards = shared / (self._sizes + len(wanted.shingles) - shared)
        positions: list[int] = np.flatnonzero(jaccards >= NEAR).tolist()
        return positions


def _places(question: Question) -> set[Place]:
    """Two questions about the same fact share at least one of these."""
    places = {("document", piece.document_id) for piece in question.evidence} or {("no evidence", "")}
    return places if question.group is None else places | {("group", question.group)}


def spaced_words(text: str) -> str:
    """Normalised text between spaces, so that `in` finds whole words only."""
    return f" {normal_text(text)} "
