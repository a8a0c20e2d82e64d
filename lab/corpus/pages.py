"""Pages of a document that came from a paged file, for readers who look a passage up in the original."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right

from lab.types import Document


def pages_of(document: Document, start: int, end: int) -> str:
    """The pages, from 1, on which the characters [start, end) stand: "12" or "12-13"; "" where none are known.

    `lab init` writes of a PDF where each page begins, as a JSON list of offsets in `metadata["pages"]`, and the number
    of its first page in `metadata["first_page"]`, unless it is 1. Metadata of one's own under these names are not read.
    """
    offsets = _offsets(document.metadata.get("pages", ""))
    first = document.metadata.get("first_page", "1")
    if not offsets or not first.isdecimal():
        return ""
    low = max(bisect_right(offsets, start), 1)
    high = max(bisect_left(offsets, end), low)
    numbers = dict.fromkeys(int(first) - 1 + number for number in (low, high))
    return "-".join(map(str, numbers))


def _offsets(written: str) -> list[int]:
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        return []
    fits = isinstance(found, list) and all(type(place) is int for place in found) and found == sorted(found)
    return found if fits else []
