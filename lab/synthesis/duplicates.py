"""Questions that were asked already, in nearly the same words."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field

from lab.synthesis.words import ARTICLES, normal_words

# Two questions are alike when they share 4 of 5 words. At 0.8, one word more or less is forgiven from 5 words on, and
# one exchanged word only from 9 on: of shorter questions, "opened" for "closed" makes another question.
LIKE = 0.8
HASHES, ROWS = 64, 4  # 16 bands of 4 rows propose a pair of Jaccard 0.8 with probability 0.9998
LONGEST_BUCKET = 50  # questions of one bucket that are compared; keeps hostile repetitions linear

_EMPTY = frozenset(ARTICLES | {"is", "are", "was", "were", "do", "does", "did", "please", "of"})


@dataclass(frozen=True, slots=True)
class _Known:
    id: str
    words: frozenset[str]
    group: str


@dataclass(slots=True)
class Seen:
    """The questions so far. Wordings of one group are alike only where they are equal after normalisation.

    Alike means a Jaccard index of their words of at least 0.8 with the same numbers and codes: two questions that
    differ in "K4" and "K6", or in a number, ask for different facts however long they are. MinHash finds the candidates
    (Broder 1997), the exact index decides. Time grows with the number of questions, not with its square.
    """

    _known: list[_Known] = field(default_factory=list)
    _equal: dict[str, str] = field(default_factory=dict)
    _buckets: defaultdict[tuple[int, ...], list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, id: str, question: str, group: str = "") -> None:
        """Remember a question under its id; the first of equal ones stays."""
        self._equal.setdefault(_normal(question), id)
        known = _Known(id, _word_set(question), group)
        for band in _bands(known.words):
            if len(self._buckets[band]) < LONGEST_BUCKET:
                self._buckets[band].append(len(self._known))
        self._known.append(known)

    def like(self, question: str, group: str = "") -> str | None:
        """The id of a remembered question that this one repeats, else None."""
        if (equal := self._equal.get(_normal(question))) is not None:
            return equal
        own = _word_set(question)
        candidates = {place for band in _bands(own) for place in self._buckets.get(band, ())}
        for place in sorted(candidates):
            known = self._known[place]
            if (not group or known.group != group) and _alike(own, known.words):
                return known.id
        return None


def _alike(a: frozenset[str], b: frozenset[str]) -> bool:
    shared = len(a & b)
    if shared < LIKE * (len(a) + len(b) - shared):
        return False
    return not any(_telling(word) for word in a ^ b)


def _telling(word: str) -> bool:
    """Whether a word is a number or a code, which no other word can stand for."""
    return any(character.isdigit() for character in word)


def _normal(question: str) -> str:
    return " ".join(normal_words(question)) or question.strip().casefold()


def _word_set(question: str) -> frozenset[str]:
    return frozenset(word for word in normal_words(question) if word not in _EMPTY)


def _bands(found: frozenset[str]) -> list[tuple[int, ...]]:
    """MinHash bands: the smallest of each of 64 hashes over the words, four to a band, with the band's number."""
    if not found:
        return []
    digests = [hashlib.shake_128(word.encode("utf-8", "surrogatepass")).digest(HASHES * 4) for word in found]
    least = [min(digest[4 * place : 4 * place + 4] for digest in digests) for place in range(HASHES)]
    return [
        (start, *(int.from_bytes(part, "big") for part in least[start : start + ROWS]))
        for start in range(0, HASHES, ROWS)
    ]
