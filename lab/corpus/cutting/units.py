"""Blocks -> units: what is never parted where it fits, such as sentences, list items, rows and lines of code."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from lab.corpus.cutting.blocks import Block, Kind
from lab.corpus.cutting.tokens import SENTENCE_START, TokenText

# A full stop behind one of these ends no sentence: an initial, a title, a reference.
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\[])(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|Figs?|Eqs?|Secs?|Refs?|Nos?|Vol|pp?|vs|al|cf|ca|e\.g|i\.e|approx)\.\Z"
)
_LOOK_BACK = 10  # characters that hold the longest of them
_LINE_BREAK = re.compile(r"\n\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Units:
    """Units of a text in order, without gaps: unit n is characters [starts[n], starts[n + 1]), so is it in tokens.

    Both `starts` (characters) and `tokens` hold one more number than there are units: their ends. Each unit has at
    least one token, unless the text has none. `headings` says which are headings, `first_of_block` the first unit that
    begins in each block or behind it.
    """

    starts: Sequence[int]
    tokens: Sequence[int]
    headings: Sequence[bool]
    first_of_block: Sequence[int]

    def __len__(self) -> int:
        return len(self.headings)

    def size(self, first: int, behind: int) -> int:
        """Tokens of the units [first, behind)."""
        return self.tokens[behind] - self.tokens[first]


def make_units(text: TokenText, blocks: Sequence[Block], size: int, whole: Collection[Kind]) -> Units:
    """Units of at most `size` tokens where the text allows it.

    A heading is one unit. A block of a kind in `whole` that fits is one unit. Others are parted: paragraphs and list
    items into sentences, tables into rows, code into lines.
    """
    starts, tokens, headings, first_of_block = [0], [0], [False], []
    for block in blocks:
        first_of_block.append(len(starts))  # the unit that begins next
        for place in _borders(text, block, size, whole):
            token = bisect_left(text.starts, place)
            if token <= tokens[-1] or token >= len(text.starts) or text.starts[token] >= block.end:
                continue  # inside a token, or in front of nothing that the encoder reads
            starts.append(place if text.text[place - 1].isspace() else text.starts[token])
            tokens.append(token)
            headings.append(block.kind == "heading")
    if blocks:
        headings[0] = blocks[0].kind == "heading"
        first_of_block[0] = 0
    return Units([*starts, len(text.text)], [*tokens, len(text.starts)], headings, first_of_block)


def _borders(text: TokenText, block: Block, size: int, whole: Collection[Kind]) -> Iterator[int]:
    """Where the units of a block begin."""
    yield block.start
    if block.kind == "heading":
        return
    if block.kind in whole and _tokens(text, block) <= size:
        return
    if block.kind in ("table", "code"):
        yield from (match.end() for match in _LINE_BREAK.finditer(text.text, block.start, block.end))
    else:
        yield from sentence_borders(text.text, block.start, block.end)


def sentence_borders(text: str, start: int, end: int) -> Iterator[int]:
    """Where sentences begin within the characters [start, end), without the first; abbreviations end none."""
    for match in SENTENCE_START.finditer(text, start, end):
        stop = match.start() + 1
        if text[match.start()] == "." and _ABBREVIATED.search(text[max(start, stop - _LOOK_BACK) : stop]):
            continue
        yield match.end()


def _tokens(text: TokenText, block: Block) -> int:
    return bisect_left(text.starts, block.end) - bisect_left(text.starts, block.start)
