"""Where an answer's words, and the quotes that were written with it, stand in a passage."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lab.metrics.grounding import content_words
from lab.metrics.text import normalise

Span = tuple[int, int]
_TOKEN = re.compile(r"\S+")


def marked_spans(text: str, answer: str, quotes: Iterable[str] = ()) -> tuple[Span, ...]:
    """Spans [start, end) of `text`, in code points, in order, none touching another.

    The quotes and the whole answer where they stand word for word; else the answer's content words, one by one.
    """
    phrases = [phrase for phrase in (*quotes, answer) if phrase.strip()]
    found = [span for phrase in phrases for span in _phrase(text, phrase)]
    return joined(found or _words(text, content_words(answer)))


def _phrase(text: str, phrase: str) -> list[Span]:
    """Whole words only, whatever the white space between them and whatever the case."""
    words = [re.escape(word) for word in phrase.split()]
    pattern = r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)"
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]


def _words(text: str, words: frozenset[str]) -> list[Span]:
    spans = []
    for token in _TOKEN.finditer(text):
        if words & set(normalise(token.group()).split()):
            start = token.start() + _width(re.match(r"\W*", token.group()))
            end = token.end() - _width(re.search(r"\W*$", token.group()))
            spans.append((start, max(start, end)))
    return spans


def _width(match: re.Match[str] | None) -> int:
    return len(match.group()) if match else 0


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same places as spans [start, end) in order, none of them empty, none touching another."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return tuple(found)
