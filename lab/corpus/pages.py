"""Pages of a document that came from a paged file, for readers who look a passage up in the original."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from lab.types import Document


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the pages of one document begin: `offsets` in its text, ascending; none where they are not known.

    `first` is the number of the first of them, from 1.
    """

    offsets: tuple[int, ...] = ()
    first: int = 1

    @classmethod
    def of(cls, document: Document) -> Pages:
        """Those that `lab init` wrote of a PDF: a JSON list in `metadata["pages"]`, and `metadata["first_page"]`.

        Metadata of one's own under these names that say something else are passed over.
        """
        offsets, first = _offsets(document.metadata.get("pages", "")), document.metadata.get("first_page", "1")
        return cls(offsets, int(first)) if offsets and first.isdecimal() else cls()

    def named(self, start: int, end: int) -> str:
        """The pages on which the characters [start, end) stand: "12" or "12-13"; "" where none are known."""
        if not self.offsets:
            return ""
        low = max(bisect_right(self.offsets, start), 1)
        high = max(bisect_left(self.offsets, end), low)
        return "-".join(map(str, dict.fromkeys(self.first - 1 + number for number in (low, high))))


def _offsets(written: str) -> tuple[int, ...]:
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        return ()
    fits = isinstance(found, list) and all(type(place) is int for place in found) and found == sorted(found)
    return tuple(found) if fits else ()
