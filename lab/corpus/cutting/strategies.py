"""The strategies that need no vectors: full windows, whole sentences, and sections."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lab.corpus.cutting.blocks import Block, Kind
from lab.corpus.cutting.outline import Path, Section
from lab.corpus.cutting.tokens import TokenText
from lab.corpus.cutting.units import Units, make_units

WHOLE_ITEMS: frozenset[Kind] = frozenset({"item"})
WHOLE_BLOCKS: frozenset[Kind] = frozenset({"item", "table", "code"})


class Slice(NamedTuple):
    """Characters [start, end) that become a passage; `path` None: the path of the section that holds most of it."""

    start: int
    end: int
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A document that is to be cut: its tokens, its structure, and tokens a passage and its overlap may have."""

    text: TokenText
    blocks: Sequence[Block]
    sections: Sequence[Section]
    size: int
    overlap: int


def cut_windows(plan: Plan) -> list[Slice]:
    """Full windows that end at the last sentence end of their second half, else between words."""
    windows = plan.text.windows(0, len(plan.text.starts), plan.size, plan.overlap)
    return [Slice(*plan.text.span(*window)) for window in windows]


def cut_sentences(plan: Plan) -> list[Slice]:
    """As many whole sentences as fit; neighbours share the whole sentences that fit into the overlap.

    A list item, row or line of code that fits is a sentence. A longer sentence is cut as `cut_windows` cuts.
    """
    units = make_units(plan.text, plan.blocks, plan.size, WHOLE_ITEMS)
    return pack(plan, units, 0, len(units))


def cut_sections(plan: Plan) -> list[Slice]:
    """Never across a heading, but for sections that fit together.

    A section with all its subsections is one passage where it fits. Of what remains, neighbours under the same parent
    are merged from left to right while they fit; the passage then has the parent's path. A heading without text of its
    own goes with the first section below it. A longer section is cut by whole sentences, where tables, code and list
    items are whole if they fit, else cut between rows and lines.
    """
    units = make_units(plan.text, plan.blocks, plan.size, WHOLE_BLOCKS)
    found: list[Slice] = []
    for piece in _Tree(plan, units).pieces():
        if units.size(piece.first, piece.behind) <= plan.size:
            found.append(Slice(units.starts[piece.first], units.starts[piece.behind], piece.path))
        else:
            found += [Slice(one.start, one.end, piece.path) for one in pack(plan, units, piece.first, piece.behind)]
    return found


def pack(plan: Plan, units: Units, first: int, behind: int) -> list[Slice]:
    """The units [first, behind) in passages of as many whole units as fit, which share whole units up to the overlap.

    No passage ends with a heading. Where fewer than `overlap` new tokens are left, the last one begins earlier.
    """
    found: list[Slice] = []
    place = floor = first  # the first unit that no passage holds, and the first that the next passage may hold
    while place < behind:
        begin = _begin(plan, units, place, floor)
        end = _end(plan, units, begin, place, behind)
        if end == place or (end < behind and all(units.headings[place:end]) and units.size(end, end + 1) > plan.size):
            windows = plan.text.windows(units.tokens[place], units.tokens[end + 1], plan.size, plan.overlap)
            found += _exact(plan, units.starts[place], units.starts[end + 1], windows)
            place = floor = end + 1
            continue
        if end == behind and units.size(place, end) < plan.overlap:
            begin = _earliest(units, end, plan.size, floor)
        found.append(Slice(units.starts[begin], units.starts[end]))
        place, floor = end, begin + 1
    return found


def _begin(plan: Plan, units: Units, place: int, floor: int) -> int:
    """Where the passage begins whose first new unit is `place`: earlier by the overlap, if that unit still fits."""
    begin = _earliest(units, place, plan.overlap, min(floor, place))
    while begin < place and units.size(begin, place + 1) > plan.size:
        begin += 1
    return begin


def _earliest(units: Units, behind: int, tokens: int, floor: int) -> int:
    """The first unit from `floor` on with at most `tokens` tokens up to `behind`."""
    begin = behind
    while begin > floor and units.size(begin - 1, behind) <= tokens:
        begin -= 1
    return begin


def _end(plan: Plan, units: Units, begin: int, place: int, behind: int) -> int:
    """Behind the last unit that fits, and not behind a heading; `place` itself if that unit alone is too long."""
    end = min(bisect_right(units.tokens, units.tokens[begin] + plan.size) - 1, behind)
    full = end
    while place < end < behind and units.headings[end - 1]:
        end -= 1
    return end if end > place else full


def _exact(plan: Plan, start: int, end: int, windows: Sequence[tuple[int, int]]) -> list[Slice]:
    """Windows of tokens as characters; the first one begins and the last one ends where their units do."""
    spans = [plan.text.span(*window) for window in windows]
    spans[0] = (start, spans[0][1])
    spans[-1] = (spans[-1][0], end)
    return [Slice(*span) for span in spans]


class _Piece(NamedTuple):
    """Units [first, behind) under one path. `free`: it may be merged with its neighbours under the same parent."""

    first: int
    behind: int
    path: Path
    free: bool


class _Tree:
    """The sections as a tree; section n has the units [first[n], first[n + 1]) of its own."""

    def __init__(self, plan: Plan, units: Units) -> None:
        self._size, self._units, self._sections = plan.size, units, plan.sections
        firsts = [
            units.first_of_block[section.first] if section.first < len(units.first_of_block) else len(units)
            for section in plan.sections
        ]
        self._first = [0, *firsts[1:], len(units)]

    def pieces(self) -> list[_Piece]:
        """What becomes passages, in text order; a piece that is too long is a section's own text."""
        return [piece for piece in self._of(0, len(self._sections), 0) if piece.behind > piece.first]

    def _of(self, section: int, stop: int, begin: int) -> list[_Piece]:
        """Of a section and all below it, which are [section, stop); `begin` may lie earlier than its own heading."""
        path, behind = self._sections[section].path, self._first[stop]
        if self._units.size(begin, behind) <= self._size:
            return [_Piece(begin, behind, self._path(section, stop), True)]
        own = self._first[section + 1]
        parts: list[_Piece] = []
        bare = self._is_bare(section, stop)
        if not bare:
            parts.append(_Piece(begin, own, path, self._units.size(begin, own) <= self._size))
        for child, behind_child in self._children(section, stop):
            start = begin if bare and child == section + 1 else self._first[child]
            found = self._of(child, behind_child, start)
            parts += found if len(found) == 1 and found[0].free else [part._replace(free=False) for part in found]
        return self._merged(parts, path)

    def _is_bare(self, section: int, stop: int) -> bool:
        """Whether a section that has subsections holds nothing of its own but its heading."""
        own = self._units.headings[self._first[section] : self._first[section + 1]]
        return section + 1 < stop and all(own)

    def _path(self, section: int, stop: int) -> Path:
        """The path down to where [section, stop) first holds text, or more than one subsection."""
        while self._is_bare(section, stop) and next(self._children(section, stop))[1] == stop:
            section += 1
        return self._sections[section].path

    def _children(self, section: int, stop: int) -> Iterator[tuple[int, int]]:
        """Each section right below, with the one behind its last subsection."""
        child = section + 1
        while child < stop:
            behind = child + 1
            while behind < stop and self._sections[behind].level > self._sections[child].level:
                behind += 1
            yield child, behind
            child = behind

    def _merged(self, parts: Sequence[_Piece], path: Path) -> list[_Piece]:
        merged: list[_Piece] = []
        for part in parts:
            last = merged[-1] if merged else None
            if last and last.free and part.free and self._units.size(last.first, part.behind) <= self._size:
                merged[-1] = _Piece(last.first, part.behind, path, True)
            else:
                merged.append(part)
        return merged
