"""Headings of plain text, where a line can hardly be anything else: numbered, named or in capitals, and alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

LONGEST_LINE, MOST_WORDS = 100, 12
RUNNING = 3  # a line in capitals that stands so often is the head of a page, or a warning sign

_NUMBERED = re.compile(r"((?:\d{1,2}|[A-Z])(?:\.\d{1,3}){1,5})\.?[^\S\n]+(\S.*)")
_SINGLE = re.compile(r"(\d{1,2})\.?[^\S\n]+(\S.*)")
_NAMED = re.compile(r"(?:Chapter|Part|Section|Appendix|Annex|Article) (?:\d{1,3}|[IVXLC]{1,7}|[A-Z])\b")
_CAPITALS = re.compile(r"[^\W_][\w &/,:()'\u2019\u2013-]*[\w)]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that stands alone and may be a heading. `number` is the first part of a section's number."""

    level: int
    title: str
    form: Literal["numbered", "single", "named", "capitals"]
    number: str = ""


def candidate(line: str) -> Candidate | None:
    """What a line that stands alone between blank lines would be as a heading; None for prose."""
    if len(line) > LONGEST_LINE or len(line.split()) > MOST_WORDS or line[-1] in ".,;:":
        return None
    if (found := _NUMBERED.fullmatch(line)) and _begins_title(found[2]):
        parts = found[1].split(".")
        return Candidate(min(len(parts), 6), line, "numbered", parts[0])
    if (found := _SINGLE.fullmatch(line)) and _begins_title(found[2]):
        return Candidate(1, line, "single", found[1])
    if _NAMED.match(line):
        return Candidate(1, line, "named")
    if line.isupper() and _CAPITALS.fullmatch(line) and sum(map(str.isalpha, line)) >= 4 and not line[0].isdigit():
        return Candidate(1, line, "capitals")
    return None


def settle(candidates: Iterable[tuple[int, Candidate]]) -> dict[int, Candidate]:
    """The candidates that are headings, by their place, once all of a document are known.

    "3 Results" is one if the document also has a "3.1 ..."; else it may be an item of a list. A line in capitals is
    none if it stands three times.
    """
    found = list(candidates)
    numbers = {one.number for _, one in found if one.form == "numbered"}
    times = Counter(one.title for _, one in found if one.form == "capitals")
    return {
        place: one
        for place, one in found
        if not (one.form == "single" and one.number not in numbers)
        and not (one.form == "capitals" and times[one.title] >= RUNNING)
    }


def _begins_title(text: str) -> bool:
    """Whether the first word is written as a title's, not as a unit such as GHz; scripts without case pass."""
    word = text.split()[0].strip("\"'\u201c\u201d\u2018\u2019(),")
    if not word or not word[0].isalpha():
        return False
    if not word[0].isupper():
        return not word[0].islower()
    if word.isupper():
        return len(word) >= 3 or word == "A"
    return word[1:].replace("-", "").replace("\u2019", "").replace("'", "").islower()
