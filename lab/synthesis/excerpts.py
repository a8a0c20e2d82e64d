"""The part of a document that a reviewer reads beside a question, with the places that answer it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lab.types import Document, Evidence, Question

AROUND = 450  # characters shown before and after the evidence; a paragraph, mostly
BEGINNING = 900  # characters shown of a document without a place
MOST_PARTS = 3  # pieces of evidence shown

_BORDER = re.compile(r"\n[ \t]*\n|[.!?\u2026][\"'\u201d\u2019)]{0,2}\s")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a document: `marks` are spans [start, end) of `text` that answer the question."""

    document_id: str
    title: str
    text: str
    marks: tuple[tuple[int, int], ...]


def excerpts(question: Question, documents: Mapping[str, Document]) -> tuple[Excerpt, ...]:
    """What to show beside a question: for each piece of evidence its surroundings, at most 3 of them.

    Without evidence, the beginning of the document that the question was modelled on; nothing where there is none.
    """
    pieces = question.evidence or ((Evidence(question.document_id),) if question.document_id else ())
    known = [piece for piece in dict.fromkeys(pieces) if piece.document_id in documents]
    return tuple(_excerpt(piece, documents[piece.document_id], question.answers) for piece in known[:MOST_PARTS])


def _excerpt(piece: Evidence, document: Document, answers: tuple[str, ...]) -> Excerpt:
    text = document.text
    if piece.start is not None and piece.end is not None:
        start, end = _widened(text, piece.start, piece.end)
        marks: tuple[tuple[int, int], ...] = ((piece.start - start, piece.end - start),)
    else:
        place = next(_places(text, answers), None)
        start, end = _widened(text, *place) if place else (0, min(len(text), BEGINNING))
        marks = ((place[0] - start, place[1] - start),) if place else ()
    return Excerpt(document.id, document.title, text[start:end], marks)


def _places(text: str, answers: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for answer in answers:
        pattern = r"(?<!\w)" + re.escape(answer) + r"(?!\w)"
        if answer and (found := re.search(pattern, text, re.IGNORECASE)):
            yield found.span()


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """[start, end) with up to 450 characters on either side, from a sentence or paragraph to the end of one."""
    low, high = max(0, start - AROUND), min(len(text), end + AROUND)
    if low:
        border = _BORDER.search(text, low, start)
        low = border.end() if border else low
    if high < len(text):
        borders = [match.end() for match in _BORDER.finditer(text, end, high)]
        high = borders[-1] if borders else high
    while low < start and text[low].isspace():
        low += 1
    while high > end and text[high - 1].isspace():
        high -= 1
    return low, high
