"""The headings of a text as sections, each with the path of headings above it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.corpus.cutting.blocks import Block

_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3})*(?![\d.]*\w)")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks [first, behind), from a heading up to the next one. Level 0: what stands before the first heading.

    `start` is its first character, `path` the titles from the top down to its own.
    """

    level: int
    path: Path
    start: int
    first: int
    behind: int


def make_sections(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """At least one section; the first one, of level 0, may hold no block."""
    borders = [place for place, block in enumerate(blocks) if block.kind == "heading"]
    sections = [Section(0, (), 0, 0, borders[0] if borders else len(blocks))]
    above: list[Block] = []
    for place, behind in pairwise([*borders, len(blocks)]):
        heading = blocks[place]
        while above and not _may_hold(above[-1], heading):
            above.pop()
        above.append(heading)
        sections.append(Section(heading.level, _path(above), heading.start, place, behind))
    return tuple(sections)


def path_of_most(sections: Sequence[Section], starts: Sequence[int], start: int, end: int) -> Path:
    """The path of the section that holds most of the characters [start, end); of equals, the first.

    Args:
        sections: of the text.
        starts: `start` of each of them.
        start: first character.
        end: behind the last character.
    """
    best, longest = sections[0].path, -1
    for place in range(bisect_right(starts, start) - 1, len(sections)):
        if starts[place] >= end:
            break
        behind = starts[place + 1] if place + 1 < len(starts) else end
        length = min(end, behind) - max(start, starts[place])
        if length > longest:
            best, longest = sections[place].path, length
    return best


def _may_hold(above: Block, below: Block) -> bool:
    """Whether one heading can stand above the other: "2 Results" holds "2.3 Deaths" and not "8.3 Validation"."""
    numbers = _NUMBER.match(above.title), _NUMBER.match(below.title)
    if numbers[0] and numbers[1] and not numbers[1][0].startswith(f"{numbers[0][0]}."):
        return False
    return above.level < below.level


def _path(headings: Sequence[Block]) -> Path:
    return tuple(" ".join(heading.title.split()) for heading in headings)
