"""Very long texts become several documents, since one document of millions of words would be one cluster."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 200_000
_HEADING = re.compile(r"\n(?=#{1,6} \S)")
_SENTENCE = re.compile(r"[.!?…][\"'\u201d\u2019»)\]]*\s+(?=[^\sa-z])|[\u3002\uff01\uff1f]")


def split_text(text: str, limit: int = MAX_CHARACTERS) -> tuple[tuple[int, int], ...]:
    """Spans [start, end) of at most `limit` characters; together they hold all of `text` but white space at cuts.

    A span ends before the last heading of its second half, else at the last blank line, line end, sentence end or
    space there, else anywhere but before a combining mark. A text within the limit is one span.
    """
    spans = []
    start = 0
    while len(text) - start > limit:
        end = _cut(text, start + limit // 2, start + limit)
        spans.append((start, end))
        start = end
    spans.append((start, len(text)))
    return tuple(span for span in (_trim(text, *span) for span in spans) if span[0] < span[1])


def _cut(text: str, least: int, most: int) -> int:
    headings = [match.end() for match in _HEADING.finditer(text, least, most)]
    if headings:
        return headings[-1]
    for mark in ("\n\n", "\n"):
        found = text.rfind(mark, least, most)
        if found >= 0:
            return found + len(mark)
    sentences = [match.end() for match in _SENTENCE.finditer(text, least, most)]
    if sentences:
        return sentences[-1]
    space = text.rfind(" ", least, most)
    if space >= 0:
        return space + 1
    while most > least + 1 and unicodedata.combining(text[most]):
        most -= 1
    return most


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    inner = text[start:end]
    start += len(inner) - len(inner.lstrip())
    return start, max(start, start + len(inner.strip()))
