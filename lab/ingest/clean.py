"""Text as the lab keeps it: Unicode NFC, line feeds only, no control characters, no spaces at the ends of lines."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Controls but tab and line feed, soft hyphens, byte order marks, half surrogates, non-characters, invisible tags.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANK_LINES = re.compile("\n{3,}")
_SURE = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


class Cleaned(NamedTuple):
    """A clean text, and how many characters that nobody can see were removed."""

    text: str
    removed: int


def clean(text: str) -> Cleaned:
    """Normalise a text; what is already clean comes back as it is.

    Line ends of all kinds become line feeds, runs of blank lines one, and white space at the ends of lines goes.
    """
    text = _LINE_END.sub("\n", text)
    text, removed = _REMOVED.subn("", text)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    # Line by line: a pattern such as "[ \t]+$" would take quadratic time on a long run of spaces.
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return Cleaned(_BLANK_LINES.sub("\n\n", text).strip(), removed)


def removal_notes(removed: int) -> tuple[str, ...]:
    """The sentence that tells of removed characters; none where nothing was removed."""
    if not removed:
        return ()
    return (f"{removed:,} control or invisible character{'s' if removed > 1 else ''} removed",)


def control_share(sample: bytes) -> float:
    """The share of bytes of a sample that no text holds, 0 to 1: controls but tab, line end and form feed."""
    found = len(_SURE.findall(sample.decode("latin-1")))
    return found / len(sample) if sample else 0.0
