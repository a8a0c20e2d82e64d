"""Ids of documents: the shown names of their files, so that people know them, and only that, so that they stay."""

from __future__ import annotations

import hashlib
import re

MAX_ID = 150
# White space but single spaces, escapes of what cannot be shown, and the mark between document and passage number.
_UNFIT = re.compile(r"[\\#]|[^\S ]|^ | $| {2,}")


def safe_id(name: str) -> str:
    """`name` where it can be an id, else a readable part of it and six digits that tell it from others."""
    fit = re.sub("-{2,}", "-", _UNFIT.sub("-", name)) if _UNFIT.search(name) else name
    if fit == name and len(name) <= MAX_ID:
        return name
    digits = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{fit[:MAX_ID].strip(' -')}~{digits}"


class Ids:
    """Gives ids, each once: one that is taken already gets a number."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def take(self, name: str) -> str:
        """The id for `name`, marked as given."""
        id, number = safe_id(name), 2
        while id in self._given:
            id = f"{safe_id(name)}~{number}"
            number += 1
        self._given.add(id)
        return id

    def keep(self, id: str) -> None:
        """Mark an id of last time as given."""
        self._given.add(id)
