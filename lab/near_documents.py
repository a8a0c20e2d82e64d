"""Documents that say nearly the same, in time that grows with the number of documents.

MinHash (Broder 1997) with bands (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3) proposes pairs;
the Jaccard index of their shingles, runs of 5 words, decides: near from 0.8, as in Lee et al. 2022, section 4.2.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.types import Document

NEAR = 0.8
SHINGLE_WORDS = 5
PERMUTATIONS = 125
MAX_SHINGLES = 4096  # of a document; of a longer one, a sample
MAX_BUCKET = 16  # documents of one bucket, the latest, that a new one is compared with
# 25 bands of 5 rows propose a pair of Jaccard 0.8 with probability 1 - (1 - 0.8**5)**25, above 0.9999.
ROWS_PER_BAND = 5
# Japanese and Chinese write no spaces: each of their characters counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Documents that say nearly the same: ids, sorted, and the least Jaccard index (0 to 1) that joined them.

    `exact`: all their texts are equal.
    """

    document_ids: tuple[str, ...]
    similarity: float
    exact: bool


@dataclass(frozen=True, slots=True)
class _Sketch:
    """The hashes, sorted, of a document's shingles that are multiples of 2**level."""

    level: int
    hashes: Hashes


def near_duplicates(documents: Sequence[Document]) -> tuple[NearDuplicates, ...]:
    """Groups of documents whose texts are nearly equal, joined pair by pair; sorted by their first id.

    Of texts with more than 4,096 shingles those are compared whose hash is divisible by 2, 4, ...: the same sample in
    both texts. The error of such a Jaccard index has a standard deviation below 0.01. Texts of fewer than 5 words
    are compared whole.
    """
    by_text: dict[str, list[str]] = defaultdict(list)
    for document in documents:
        by_text[document.text].append(document.id)
    texts = list(by_text)
    groups = _Groups(len(texts))
    words: dict[str, int] = {}
    buckets: dict[tuple[int, int, bytes], list[int]] = defaultdict(list)
    sketches: list[tuple[_Sketch, ...]] = []
    banding = _Banding()
    for number, text in enumerate(texts):
        own = tuple(_sketches(_shingle_hashes(text, words)))
        sketches.append(own)
        for sketch in own:
            keys = banding.keys(sketch)
            for other in sorted({one for key in keys for one in buckets[key][-MAX_BUCKET:]}):
                if groups.find(other) != groups.find(number):
                    similarity = _similarity(sketch, sketches[other])
                    if similarity >= NEAR:
                        groups.join(other, number, similarity)
            for key in keys:
                buckets[key].append(number)
    return _named(groups, texts, by_text)


def _shingle_hashes(text: str, words: dict[str, int]) -> Hashes:
    """Sorted distinct 64-bit hashes of all runs of 5 words, whatever their case; of fewer words, of all together."""
    found = _WORD.findall(text.casefold())
    for word in set(found) - words.keys():
        encoded = word.encode("utf-8", "surrogatepass")
        words[word] = zlib.crc32(encoded) | zlib.crc32(encoded[::-1] + b"#") << 32
    hashes = np.fromiter(map(words.__getitem__, found), dtype=np.uint64, count=len(found))
    size = min(SHINGLE_WORDS, len(found))
    total = np.zeros(len(found) - size + 1 if found else 0, dtype=np.uint64)
    for place in range(size):
        total = _mixed(total * np.uint64(31) + hashes[place : place + len(total)])
    return np.unique(total)


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele et al. 2014): every bit of a hash depends on every bit of the value."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = values ^ (values >> np.uint64(31))
    return mixed


def _sketches(hashes: Hashes) -> Iterator[_Sketch]:
    """One sketch, or two where a text that is a quarter longer would be sampled more thinly: they must meet."""
    if not len(hashes):
        return
    level = _level(len(hashes))
    for one in sorted({level, _level(len(hashes) / NEAR)}):
        yield _Sketch(one, hashes[hashes % np.uint64(2**one) == 0])


def _level(shingles: float) -> int:
    level = 0
    while shingles > MAX_SHINGLES * 2**level:
        level += 1
    return level


class _Banding:
    """The keys under which texts that may be alike meet: MinHash signatures cut into bands."""

    def __init__(self) -> None:
        from datasketch import MinHash  # takes a second to import; `lab --help` must not wait for it

        self._empty = MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=int)  # the shingles are hashed already

    def keys(self, sketch: _Sketch) -> list[tuple[int, int, bytes]]:
        signature = self._empty.copy()
        signature.update_batch((sketch.hashes >> np.uint64(32)).tolist())
        values: NDArray[Any] = signature.hashvalues
        starts = range(0, PERMUTATIONS, ROWS_PER_BAND)
        return [(sketch.level, start, values[start : start + ROWS_PER_BAND].tobytes()) for start in starts]


def _similarity(own: _Sketch, others: Sequence[_Sketch]) -> float:
    other = next((one for one in others if one.level == own.level), None)
    if other is None or not len(own.hashes) + len(other.hashes):
        return 0.0
    shared = len(np.intersect1d(own.hashes, other.hashes, assume_unique=True))
    return shared / (len(own.hashes) + len(other.hashes) - shared)


class _Groups:
    """Union-find over texts, with the least similarity that joined each group."""

    def __init__(self, size: int) -> None:
        self._above = list(range(size))
        self._least = [1.0] * size

    def find(self, one: int) -> int:
        while self._above[one] != one:
            self._above[one] = self._above[self._above[one]]
            one = self._above[one]
        return one

    def join(self, a: int, b: int, similarity: float) -> None:
        first, second = sorted((self.find(a), self.find(b)))
        self._above[second] = first
        self._least[first] = min(self._least[first], self._least[second], similarity)

    def least(self, one: int) -> float:
        return self._least[self.find(one)]


def _named(groups: _Groups, texts: Sequence[str], ids: dict[str, list[str]]) -> tuple[NearDuplicates, ...]:
    members: dict[int, list[int]] = defaultdict(list)
    for number in range(len(texts)):
        members[groups.find(number)].append(number)
    found = []
    for root, numbers in members.items():
        named = sorted(id for number in numbers for id in ids[texts[number]])
        if len(named) > 1:
            found.append(NearDuplicates(tuple(named), groups.least(root), len(numbers) == 1))
    return tuple(sorted(found, key=lambda group: group.document_ids))
