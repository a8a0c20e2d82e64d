"""Passages that end where the subject changes: where neighbouring sentences are least alike, as the encoder sees them.

The likeness at a joint is the cosine of the mean vectors of the two units before and after it. A joint whose likeness
lies more than one standard deviation below the document's mean is a change of subject, and always a boundary (after
TextTiling: Hearst 1997, section 5.2, where the cutoff is a function of mean and deviation too). The others are
boundaries only where a passage would grow too long: among all ways to keep to the size, dynamic programming takes the
one whose boundaries cost least, each its likeness above that cutoff.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lab.corpus.cutting.strategies import WHOLE_BLOCKS, Plan, Slice, pack
from lab.corpus.cutting.units import Units, make_units
from lab.types import Encoder

BATCH = 4096  # units that are embedded at once, over documents
NEIGHBOURS = 2  # units on each side of a joint
DECIMALS = 4  # the last bits of a vector depend on its batch
AFTER_HEADING = 4.0  # cost of a boundary behind a heading, more than any likeness

Floats = NDArray[np.float64]


def cut_by_subject(plans: Iterable[Plan], encoder: Encoder) -> Iterator[list[Slice]]:
    """The slices of each plan, in order; deterministic for the same plans and the same vectors.

    No passage ends with a heading. List items, tables and code that fit are not parted. Where size forced a boundary,
    the next passage goes back by the whole units that fit into the overlap and into the passage.
    """
    waiting: list[tuple[Plan, Units]] = []
    for plan in plans:
        waiting.append((plan, make_units(plan.text, plan.blocks, plan.size, WHOLE_BLOCKS)))
        if sum(len(units) for _, units in waiting) >= BATCH:
            yield from _cut_all(waiting, encoder)
            waiting = []
    yield from _cut_all(waiting, encoder)


def subject_changes(costs: Sequence[float], sizes: Sequence[int], limit: int) -> list[int]:
    """The boundaries, as numbers of the units that begin a passage, that cost least in sum; 0 is the first one.

    Args:
        costs: of a boundary before unit n + 1, so one fewer than units. A negative one is always worth it.
        sizes: tokens of each unit.
        limit: tokens of a passage; a unit that is longer stands alone.
    """
    ends = np.concatenate([[0], np.cumsum(sizes)])
    before = [0.0, *costs]
    best, origin = [0.0], [0]  # the least cost of the units before n, and where its last passage begins
    window: deque[tuple[float, int]] = deque()  # where the last passage may begin, with ascending cost
    for behind in range(1, len(sizes) + 1):
        begin = behind - 1
        total = best[begin] + before[begin]
        while window and window[-1][0] > total:
            window.pop()
        window.append((total, begin))
        while window[0][1] < begin and ends[behind] - ends[window[0][1]] > limit:
            window.popleft()
        best.append(window[0][0])
        origin.append(window[0][1])
    found = []
    place = len(sizes)
    while place > 0:
        place = origin[place]
        found.append(place)
    return found[::-1]


def _cut_all(waiting: Sequence[tuple[Plan, Units]], encoder: Encoder) -> Iterator[list[Slice]]:
    texts = [text for plan, units in waiting for text in _texts(plan, units)]
    parts = [encoder.encode(texts[first : first + BATCH]) for first in range(0, len(texts), BATCH)]
    vectors = np.concatenate(parts) if parts else np.empty((0, encoder.dimensions), dtype=np.float32)
    place = 0
    for plan, units in waiting:
        yield _cut(plan, units, _likeness(vectors[place : place + len(units)]))
        place += len(units)


def _texts(plan: Plan, units: Units) -> Iterator[str]:
    text = plan.text.text
    return (text[units.starts[place] : units.starts[place + 1]].strip() for place in range(len(units)))


def _likeness(vectors: NDArray[np.float32]) -> Floats:
    """Cosine of the neighbourhoods of each joint, shape (n - 1,) for n vectors; 0 where a mean vector is 0."""
    sums = np.concatenate([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0, dtype=np.float64)])
    joints = np.arange(1, len(vectors))
    left = sums[joints] - sums[np.maximum(joints - NEIGHBOURS, 0)]
    right = sums[np.minimum(joints + NEIGHBOURS, len(vectors))] - sums[joints]
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    cosines = np.einsum("nd,nd->n", left, right) / np.where(lengths > 0, lengths, 1.0)
    rounded: Floats = np.round(cosines, DECIMALS)
    return rounded


def _cut(plan: Plan, units: Units, likeness: Floats) -> list[Slice]:
    costs = _costs(units, likeness)
    sizes = [units.size(place, place + 1) for place in range(len(units))]
    borders = [*subject_changes(costs, sizes, plan.size), len(units)]
    found: list[Slice] = []
    floor = 0
    for first, behind in pairwise(borders):
        if units.size(first, behind) > plan.size:
            found += pack(plan, units, first, behind)
            floor = behind
            continue
        begin = first
        if first and costs[first - 1] >= 0:
            begin = _back(plan, units, first, behind, floor)
        else:
            floor = first
        found.append(Slice(units.starts[begin], units.starts[behind]))
        floor = max(floor, begin + 1)
    return found


def _costs(units: Units, likeness: Floats) -> list[float]:
    """Of a boundary at each joint: how far its likeness lies above mean less deviation."""
    inner = ~np.array(units.headings[:-1], dtype=bool)
    counted = likeness[inner]
    cutoff = float(counted.mean() - counted.std()) if len(counted) else 0.0
    return [float(cost) for cost in np.where(inner, np.round(likeness - cutoff, DECIMALS), AFTER_HEADING)]


def _back(plan: Plan, units: Units, first: int, behind: int, floor: int) -> int:
    """Where a passage begins that goes back by the overlap, as far as it stays within its size."""
    begin = first
    while begin > floor and units.size(begin - 1, first) <= plan.overlap and units.size(begin - 1, behind) <= plan.size:
        begin -= 1
    return begin
