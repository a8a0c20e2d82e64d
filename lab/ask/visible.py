"""Text of models and documents, made safe for a terminal: what would steer it becomes a visible sign."""

from __future__ import annotations

import re

# Orders to a terminal (C0, DEL, C1), to the direction of writing (bidi) and to line breaking; tags and halves of pairs.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_PICTURES = 0x2400  # U+2400 + n is the picture of control character n
_DELETE_PICTURE = "\u2421"


def visible(text: str) -> str:
    """The text with each hidden character as a sign: ESC as its control picture, others as the number of the character.

    Tabs and line ends stay.
    """
    return _HIDDEN.sub(lambda match: _sign(match.group()), text)


def one_line(text: str) -> str:
    """The visible text with white space collapsed."""
    return " ".join(visible(text).split())


def _sign(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(_PICTURES + code)
    if code == 0x7F:
        return _DELETE_PICTURE
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
