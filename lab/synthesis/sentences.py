"""A passage as lines, statements and tables: where sentences begin and end, and what its form says of its content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lab.synthesis.words import STOP_WORDS
from lab.types import Passage

MOST_KEY_WORDS, MOST_VALUE_WORDS = 5, 12

_LIST_MARK = re.compile(r"[ \t]{0,20}(?:[-*+•‣\u2013][ \t]{1,4}|\d{1,3}[.)][ \t]{1,4})")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]")
_RULE = re.compile(r"[ \t]{0,3}[-=*_ \t]{3,200}$")
_ROW = re.compile(r"[ \t]{0,8}\|")
_DIVIDER = re.compile(r"[ \t|:-]{3,2000}$")
_KEY = re.compile(
    r"[ \t]{0,20}(?:[-*+•‣\u2013][ \t]{1,4})?"
    r"(?P<bold>\*\*|__)?(?P<key>\w[^:|\n*_]{0,60}?)(?(bold)(?::\*\*|:__|\*\*[ \t]?:|__[ \t]?:)|[ \t]?:)[ \t]{1,8}(?=\S)"
)
# What ends in a stop without ending a sentence.
_ABBREVIATIONS = frozenset(
    """
    dr mr mrs ms prof st sr jr vs no nos fig figs eq eqs ref refs sec ch vol pp p ed eds al etc e.g i.e cf ca approx
    dept est gen gov hon inc ltd co corp capt col lt sgt rev univ jan feb mar apr jun jul aug sep sept oct nov dec
    u.s u.k a.m p.m bzw z.b d.h usw nr abb
    """.split()
)
_END = re.compile(r"[.!?\u2026][\"'\u201d\u2019»)\]]{0,3}(?=\s)|[\u3002\uff01\uff1f][\u300d\u300f\uff09]{0,2}")
_LAST_WORD = re.compile(r"[\w.]{1,12}\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a passage's text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Pair:
    """A value with what the text itself says that it is of; `row` names the row of a table, "" in a key-value line."""

    key: str
    value: Span
    row: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A passage's prose sentences and its pairs of key and value, each in text order."""

    sentences: tuple[Span, ...]
    pairs: tuple[Pair, ...]


def layout(text: str) -> Layout:
    """Read the form of a passage. Time grows with its length only."""
    sentences: list[Span] = []
    pairs: list[Pair] = []
    rows: list[Span] = []
    prose: list[Span] = []

    def close() -> None:
        if prose:
            sentences.extend(_sentences(text, Span(prose[0].start, prose[-1].end)))
            prose.clear()
        if rows:
            pairs.extend(_table(text, rows))
            rows.clear()

    fenced = False
    for line in _lines(text):
        content = line.of(text)
        fence = content.lstrip().startswith(("```", "~~~"))
        fenced ^= fence
        if fence or fenced or not content.strip() or _HEADING.match(content) or _RULE.match(content):
            close()
        elif _ROW.match(content):
            if prose:
                close()
            rows.append(line)
        elif pair := _key_value(content, line):
            close()
            pairs.append(pair)
        else:
            mark = _LIST_MARK.match(content)
            if mark or rows:
                close()
            prose.append(Span(line.start + (mark.end() if mark else 0), line.end))
    close()
    return Layout(tuple(sentences), tuple(pairs))


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        yield Span(start, start + len(line))
        start += len(line) + 1


def statements(passage: Passage, form: Layout) -> tuple[Span, ...]:
    """The sentences of a passage that are surely whole: a capital in front, a stop behind.

    A window may begin inside a sentence, after a name's first word at worst. So the first sentence of a passage inside
    a document counts only where a small word opens it.
    """
    return tuple(span for span in form.sentences if _whole(passage, span))


def _whole(passage: Passage, span: Span) -> bool:
    sentence = span.of(passage.text)
    if not (sentence[0].isupper() or sentence[0].isdigit()) or not sentence.rstrip("\"'\u201d\u2019)").endswith("."):
        return False
    inside = passage.start > 0 and span.start == 0
    return not inside or sentence.split()[0].casefold() in STOP_WORDS


def trimmed(text: str, start: int, end: int) -> Span:
    """[start, end) without white space at its ends."""
    inner = text[start:end]
    start += len(inner) - len(inner.lstrip())
    return Span(start, start + len(inner.strip()))


def _sentences(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for match in _END.finditer(text, block.start, block.end):
        if match.group()[0] == "." and not _ends_sentence(text, match.start(), match.end(), block.end):
            continue
        span = trimmed(text, start, match.end())
        if span.start < span.end:
            yield span
        start = match.end()
    rest = trimmed(text, start, block.end)
    if rest.start < rest.end:
        yield rest


def _ends_sentence(text: str, stop: int, after: int, limit: int) -> bool:
    following = text[after : min(after + 8, limit)].lstrip()
    if following[:1].islower():
        return False
    found = _LAST_WORD.search(text, max(0, stop - 12), stop)
    last = found.group() if found else ""
    if last.casefold() in _ABBREVIATIONS:
        return False
    return not (len(last) == 1 and last.isupper())  # an initial


def _key_value(content: str, line: Span) -> Pair | None:
    found = _KEY.match(content)
    if found is None:
        return None
    key = found["key"].strip()
    value = trimmed(content, found.end(), len(content))
    words = value.of(content).split()
    if not 0 < len(key.split()) <= MOST_KEY_WORDS or not 0 < len(words) <= MOST_VALUE_WORDS:
        return None
    if not key[0].isalpha() or "://" in content or content.rstrip().endswith((":", ",", ";")):
        return None
    end = value.end - (1 if content[value.end - 1] == "." else 0)
    return Pair(key, Span(line.start + value.start, line.start + end)) if end > value.start else None


def _table(text: str, rows: list[Span]) -> Iterator[Pair]:
    """The cells of a Markdown table below its header; none where the header or the divider is missing."""
    if len(rows) < 3 or not _DIVIDER.match(rows[1].of(text)):
        return
    header = [span.of(text).strip("*_ ") for span in _cells(text, rows[0])]
    if len(set(header)) < len(header):
        return
    for row in rows[2:]:
        cells = _cells(text, row)
        name = cells[0].of(text).strip("*_ ") if cells else ""
        if len(cells) != len(header) or not name:
            continue
        for key, cell in zip(header[1:], cells[1:], strict=True):
            if key and cell.start < cell.end and len(cell.of(text).split()) <= MOST_VALUE_WORDS:
                yield Pair(key, cell, name)


def _cells(text: str, row: Span) -> list[Span]:
    line = row.of(text)
    bars = [place for place, character in enumerate(line) if character == "|" and line[place - 1 : place] != "\\"]
    ends = [*bars[1:], len(line)]
    cells = [trimmed(text, row.start + bar + 1, row.start + end) for bar, end in zip(bars, ends, strict=True)]
    return cells[:-1] if cells and cells[-1].start >= cells[-1].end else cells
