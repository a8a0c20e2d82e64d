"""Where labels go, so that none covers another label or a point.

Greedy: labels are placed in order, each at the first free place around its point, near ones first. With the handful of
points that a report has, greedy placement suffices and, unlike simulated annealing, gives the same picture every time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_GAP = 8.0
_STEP = 9.0
_RINGS = 24


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in px; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """The label's box, and whether it lies so far off that a line should lead to its point."""

    box: Box
    far: bool


def place_labels(
    points: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], taken: Sequence[Box], bounds: Box
) -> list[Placement]:
    """A place for each label, in the order of `points`.

    Args:
        points: where the marks are, px.
        sizes: width and height of each label, px.
        taken: what labels must not cover, such as marks and interval lines.
        bounds: labels stay inside.
    """
    placed: list[Placement] = []
    for point, size in zip(points, sizes, strict=True):
        blocked = [*taken, *(other.box for other in placed)]
        placed.append(_first_free(point, size, blocked, bounds))
    return placed


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights near the wanted ones, in their order, no two closer than `gap`, within [low, high] where there is room.

    Overlapping neighbours share a block around the mean of what they want (pool adjacent violators), so that nobody is
    pushed further than needed.
    """
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    blocks: list[list[float]] = []  # [top of the block's first label, labels in it]
    for place in order:
        blocks.append([min(max(wanted[place], low), high), 1.0])
        while len(blocks) > 1 and blocks[-2][0] + blocks[-2][1] * gap > blocks[-1][0]:
            top, count = blocks.pop()
            first, before = blocks[-1]
            mean = (first * before + (top - before * gap) * count) / (before + count)
            size = before + count
            blocks[-1] = [max(min(mean, high - (size - 1) * gap), low), size]
    places = [top + step * gap for top, count in blocks for step in range(int(count))]
    found = [0.0] * len(wanted)
    for place, y in zip(order, places, strict=True):
        found[place] = y
    return found


def _first_free(
    point: tuple[float, float], size: tuple[float, float], blocked: Sequence[Box], bounds: Box
) -> Placement:
    fallback: Placement | None = None
    for ring, box in _candidates(point, size):
        if not box.within(bounds):
            continue
        found = Placement(box, far=ring > 1)
        if not any(box.meets(other) for other in blocked):
            return found
        fallback = fallback or found
    return fallback or Placement(_around(point, size, _GAP, 0.0), far=False)


def _candidates(point: tuple[float, float], size: tuple[float, float]) -> Iterator[tuple[int, Box]]:
    width = size[0]
    for ring in range(_RINGS):
        rise = ring * _STEP
        for shift in (_GAP, -_GAP - width, -width / 2):
            for sign in (-1, 1) if ring else (0,):
                if shift == -width / 2 and ring < 2:
                    continue  # centred on the point itself
                yield ring, _around(point, size, shift, sign * rise)


def _around(point: tuple[float, float], size: tuple[float, float], shift: float, rise: float) -> Box:
    left, middle = point[0] + shift, point[1] + rise
    return Box(left, middle - size[1] / 2, left + size[0], middle + size[1] / 2)
