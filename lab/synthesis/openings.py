"""The first words of a question that follow from its answer's form; a small teacher writes on from there."""

from __future__ import annotations

import re

from lab.synthesis.nouns import AnswerSpan
from lab.synthesis.words import MONTHS

_YEAR = re.compile(r"(?:1[0-9]|20)\d\d")
_AMOUNT = re.compile(r"(?:[\d.,\u00a0]*\d|[a-z]+(?:-[a-z]+)?) (?P<unit>[^\W\d_][\w ]*)", re.IGNORECASE)


def opening(answer: AnswerSpan) -> str:
    """How a question about a measured value, a date or a labelled value begins; "" for all other answers.

    Where an answer's form does not settle the question word, small models write about something else.
    """
    text = answer.text
    if answer.key:
        return ""
    if _YEAR.fullmatch(text):
        return "In which year"
    if any(month in text for month in MONTHS):
        return "When"
    if answer.kind != "number":
        return ""
    if "%" in text or "per cent" in text or "percent" in text:
        return "What percentage"
    found = _AMOUNT.fullmatch(text)
    return f"How many {found['unit']}" if found else ""
