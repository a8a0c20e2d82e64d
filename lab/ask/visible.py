"""Text of models and documents, made safe for a terminal: what would steer it becomes a visible escape."""

from __future__ import annotations

import re

# Orders to a terminal (C0, DEL, C1), to the direction of writing (bidi) and to line breaking; tags and halves of pairs.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""The text with each hidden character as an escape such as `\x1b`; tabs and line ends stay."""
    return _HIDDEN.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def one_line(text: str) -> str:
    """The visible text with white space collapsed."""
    return " ".join(visible(text).split())
