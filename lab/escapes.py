"""What in foreign text must never reach a terminal, made visible. Imports nothing, so that mistakes answer at once."""

from __future__ import annotations

import unicodedata

HARMLESS = "\n\t"
# Marks that reorder what follows (Unicode Standard Annex 9), so that a line would read as another than it is.
REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
HIDDEN = ("Cc", "Cs", "Zl", "Zp")  # controls, lone surrogates, separators of lines and paragraphs
INVISIBLE = frozenset(("\ufeff", *map(chr, range(0xE0000, 0xE0080))))  # a byte order mark, tags that hide words


def visible(text: str) -> str:
    r"""Text in which control characters, lone surrogates and marks of direction stand as escapes such as `\x1b`."""
    if text.isprintable() and REORDERING.isdisjoint(text):
        return text
    return "".join(_escaped(character) for character in text)


def one_line(text: str) -> str:
    """The visible text with white space collapsed."""
    return " ".join(visible(text).split())


def _escaped(character: str) -> str:
    if character in HARMLESS:
        return character
    if character in REORDERING or character in INVISIBLE or unicodedata.category(character) in HIDDEN:
        return character.encode("unicode_escape").decode("ascii")
    return character
