"""A text as blocks: headings, paragraphs, list items, tables and code, with exact character offsets.

The syntax is CommonMark's (0.31.2) where that is safe for text that was never Markdown, with the pipe tables of GitHub.
One pass over the lines; what a pattern reads is short, so that no text takes more time than its length asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from lab.corpus.cutting.headings import Candidate, candidate, settle

Kind = Literal["heading", "paragraph", "item", "table", "code"]

LONGEST_HEADING = 200  # characters; a longer line is prose
LONGEST_ROW = 2_000
CODE_INDENT, ITEM_INDENT = 4, 2
ALIGNED_ROWS = 3  # lines with equally many columns that make a table

_LINE = re.compile(r"\S[^\n]*")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*)")
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_FENCE = re.compile(r"(`{3,})[^`]*|(~{3,}).*")
_MARKER = re.compile(r"(?:[-*+\u2022\u2023\u25e6\u25aa\u2013]|(\d{1,9})[.)]|[a-z]\)|\([a-z\d]{1,3}\))[ \t]+(?=\S)")
_DELIMITER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?|\|[ \t]*:?-+:?[ \t]*\|")
_COLUMN_GAP = re.compile(r"(?<=[^\s.?!:;])(?: {2,}|\t+)(?=\S)")
_CODE_SIGN = re.compile(r"[{}()\[\];=<>_$\\]")
_FRONT_MATTER = re.compile(r"---[ \t]*\n[\w -]{1,40}:[^\n]*\n(?:[^\n]*\n){0,50}?---[ \t]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Block:
    """Characters [start, end) of a text, without whitespace at the ends. `level` 1 to 6 and `title` of a heading."""

    kind: Kind
    start: int
    end: int
    level: int = 0
    title: str = ""


class _Line(NamedTuple):
    """The visible part of a line. `gap`: a blank line, or nothing, stands before it."""

    start: int
    end: int
    indent: int
    gap: bool


@dataclass(slots=True)
class _Open:
    """The block that is being read. `closing` is what ends a fence; `columns` 0 means that rows differ."""

    kind: Kind
    start: int
    end: int
    gap: bool
    lines: int = 1
    closing: str = ""
    loose: bool = False
    columns: int = 0
    signs: int = 0


def parse_blocks(text: str) -> tuple[Block, ...]:
    """All blocks in text order; each character that is not whitespace stands in exactly one of them.

    Headings are lines with `#`, underlined lines, and, in a text without these, lines that stand alone and are numbered
    ("3.2 Results"), named ("Appendix B") or in capitals. A fence that nothing closes reaches to the end.
    """
    reader = _Reader(text)
    for line in _lines(text):
        reader.read(line)
    return reader.finish()


def _lines(text: str) -> Iterator[_Line]:
    behind = 0
    for match in _LINE.finditer(text):
        begin = text.rfind("\n", behind, match.start()) + 1 or behind
        breaks = text.count("\n", behind, match.start())
        indent = sum(CODE_INDENT if sign == "\t" else 1 for sign in text[begin : min(match.start(), begin + 80)])
        end = match.start() + len(match[0].rstrip())
        yield _Line(match.start(), end, indent, behind == 0 or breaks > 1)
        behind = match.end()


class _Reader:
    """Lines in, blocks out; what the next line means depends on the block that is open."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._blocks: list[Block] = []
        self._candidates: list[tuple[int, Candidate]] = []
        self._marked = False  # whether the text has headings in Markdown
        self._open: _Open | None = None

    def read(self, line: _Line) -> None:
        if self._open and self._open.closing:
            self._read_fenced(line, self._open)
        elif not (self._starts_anew(line) or self._goes_on(line)):
            self._begin(line)

    def finish(self) -> tuple[Block, ...]:
        self._close(alone=False)
        headings = {} if self._marked else settle(self._candidates)
        for place, found in headings.items():
            self._blocks[place] = replace(self._blocks[place], kind="heading", level=found.level, title=found.title)
        return tuple(self._blocks)

    def _head(self, line: _Line) -> str:
        """The line if it is short, else nothing."""
        return self._text[line.start : line.end] if line.end - line.start <= LONGEST_HEADING else ""

    def _read_fenced(self, line: _Line, fence: _Open) -> None:
        fence.end = line.end
        head, sign = self._head(line), fence.closing[0]
        if line.indent < CODE_INDENT and head.startswith(fence.closing) and not head.strip(sign):
            self._close(alone=False)

    def _starts_anew(self, line: _Line) -> bool:
        """Headings and fences, which end any other block."""
        head = self._head(line)
        if not head or line.indent >= CODE_INDENT:
            return False
        if (found := _HEADING.fullmatch(head)) and any(map(str.isalnum, found[2])):
            self._close(alone=False)
            self._add_heading(line.start, line.end, len(found[1]), _without_closing(found[2]))
        elif _UNDERLINE.fullmatch(head) and self._is_underlined(line):
            assert self._open is not None
            start, title = self._open.start, self._text[self._open.start : self._open.end]
            self._open = None
            self._add_heading(start, line.end, 1 if head[0] == "=" else 2, title)
        elif found := _FENCE.fullmatch(head):
            self._close(alone=False)
            self._open = _Open("code", line.start, line.end, line.gap, closing=found[1] or found[2])
        elif head == "---" and line.start == 0 and _FRONT_MATTER.match(self._text):
            self._open = _Open("code", line.start, line.end, line.gap, closing="---")
        else:
            return False
        return True

    def _add_heading(self, start: int, end: int, level: int, title: str) -> None:
        self._marked = True
        self._blocks.append(Block("heading", start, end, level, title))

    def _is_underlined(self, line: _Line) -> bool:
        above = self._open
        if above is None or line.gap or above.kind != "paragraph" or above.lines > 1:
            return False
        title = self._text[above.start : above.end] if above.end - above.start <= LONGEST_HEADING else ""
        return any(map(str.isalnum, title))

    def _goes_on(self, line: _Line) -> bool:
        """Whether the line belongs to the open block, which then holds it."""
        block = self._open
        if block is None or self._is_marked(line):
            return False
        if block.kind == "code":
            longer = line.indent >= CODE_INDENT or not line.gap
            if line.indent < CODE_INDENT and longer:
                block.kind = "paragraph"  # the first line of a paragraph that is indented
        elif block.kind == "item":
            longer = line.indent >= ITEM_INDENT or not (line.gap or self._is_row(line))
        elif block.kind == "table":
            longer = not line.gap and (self._is_row(line) or (block.loose and "|" in self._row(line)))
        else:
            longer = not line.gap and not self._is_row(line)
            if longer and block.lines == 1 and self._is_delimiter(line, block):
                block.kind, block.loose = "table", True
        if longer:
            self._extend(block, line)
        return longer

    def _extend(self, block: _Open, line: _Line) -> None:
        block.end = line.end
        block.lines += 1
        block.columns = block.columns if self._columns(line) == block.columns else 0
        block.signs += self._signs(line)

    def _begin(self, line: _Line) -> None:
        inside_item = self._open is not None and self._open.kind == "item"
        self._close(alone=line.gap)
        kind: Kind = "paragraph"
        if _MARKER.match(self._text, line.start, min(line.end, line.start + LONGEST_HEADING)):
            kind = "item"
        elif self._is_row(line):
            kind = "table"
        elif line.indent >= CODE_INDENT and line.gap and not inside_item:
            kind = "code"
        columns, signs = self._columns(line), self._signs(line)
        self._open = _Open(kind, line.start, line.end, line.gap, columns=columns, signs=signs)

    def _close(self, *, alone: bool) -> None:
        """Put the open block to the others. `alone`: a blank line follows, and then more text."""
        block, self._open = self._open, None
        if block is None:
            return
        kind = block.kind
        if kind == "table" and block.lines == 1:
            kind = "paragraph"
        elif kind == "code" and not block.closing and block.signs < block.lines:
            kind = "paragraph"  # text that is set in
        elif kind == "paragraph" and block.lines >= ALIGNED_ROWS and block.columns > 1:
            kind = "table"
        short = block.lines == 1 and block.end - block.start <= LONGEST_HEADING
        if kind in ("paragraph", "item") and short and alone and block.gap:
            found = candidate(self._text[block.start : block.end])
            if found:
                self._candidates.append((len(self._blocks), found))
        self._blocks.append(Block(kind, block.start, block.end))

    def _is_marked(self, line: _Line) -> bool:
        """Whether a list item begins; in running text a number begins one only if it is 1."""
        found = _MARKER.match(self._text, line.start, min(line.end, line.start + LONGEST_HEADING))
        if found is None:
            return False
        running = self._open is not None and self._open.kind != "item" and not line.gap
        return not (running and found[1] and found[1] != "1")

    def _is_row(self, line: _Line) -> bool:
        return self._text.startswith("|", line.start) and self._text.count("|", line.start, line.end) > 1

    def _row(self, line: _Line) -> str:
        return self._text[line.start : line.end] if line.end - line.start <= LONGEST_ROW else ""

    def _is_delimiter(self, line: _Line, head: _Open) -> bool:
        return _DELIMITER.fullmatch(self._row(line)) is not None and "|" in self._text[head.start : head.end]

    def _columns(self, line: _Line) -> int:
        row = self._row(line)
        return len(_COLUMN_GAP.findall(row)) + 1 if row else 0

    def _signs(self, line: _Line) -> int:
        return len(_CODE_SIGN.findall(self._row(line)))


def _without_closing(title: str) -> str:
    """A title without the `##` that may end its line."""
    bare = title.rstrip("#")
    return bare.rstrip() if bare != bare.rstrip() else title
