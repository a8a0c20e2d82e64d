"""Texts of other people's runs: names, questions, answers. All of them may be hostile."""

from __future__ import annotations

from typing import Any

from lab.report.words import said

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
CUT = "\N{HORIZONTAL ELLIPSIS}"
EMPTY = "(empty)"


def printable(value: Any, limit: int | None = None) -> str:
    """Any JSON value on one line, without characters that move a cursor, turn text round or cannot be encoded.

    `limit` cuts it to so many characters, the sign of the cut included.
    """
    flat = " ".join(said(value).split())
    safe = "".join(character if character.isprintable() else REPLACEMENT for character in flat)
    if limit is not None and len(safe) > limit:
        return safe[: limit - 1].rstrip() + CUT
    return safe


def shown(value: Any, limit: int | None = None) -> str:
    """The same; a text without any character is said to be empty."""
    return printable(value, limit) or EMPTY
