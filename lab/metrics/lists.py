"""Answers that are lists: right by their items, in any order.

Both the answer and the gold are cut by the same rule, so a name that the rule cuts in two ("Trinidad and Tobago") is
cut on both sides and only weighs twice. The rule, the first that applies:

    several lines, none ending in a comma     each is an item; bullets, numbers and a first line ending in ":" go
    a semicolon                               semicolons separate, and commas belong to the items
    else                                      commas, "and", "or" and "&" separate

What it cannot know: a comma between three digits and others is that of a thousand ("1,000 kg"), so `100,200,300` is one
item; an item that holds an "and" on one side and a "+" on the other does not match; prose around a list ("they carry
skis, and sometimes dogs") becomes part of its items.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lab.metrics.text import normalise

_BULLET = re.compile(r"\s*(?:[-*+\u2022\u2013\u2014\u00b7]\s+|\(?(?:\d{1,3}|[A-Za-z])[.)]\s+)")
_THOUSANDS = r"(?<=\d),(?=\d{3}(?!\d))"
_COMMA = re.compile(rf"(?!{_THOUSANDS}),|\s+(?:and|or|&)\s+", re.IGNORECASE)
_JOINING_WORD = re.compile(r"(?:and|or|&)\s+", re.IGNORECASE)


def split_items(text: str) -> tuple[str, ...]:
    """The distinct items of a list, normalised like SQuAD answers, in order of their first appearance.

    An item of which normalisation leaves nothing ("A", "+") stays as it is, in lower case.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].endswith(":"):
        lines = lines[1:]
    parts = [_BULLET.sub("", line, count=1) for line in lines] if len(lines) > 1 else lines
    if len(parts) < 2 or any(part.endswith(",") for part in parts):
        whole = " ".join(parts)
        parts = whole.split(";") if ";" in whole else _COMMA.split(whole)
    trimmed = [_JOINING_WORD.sub("", part.strip(), count=1) if _starts_joined(part) else part.strip() for part in parts]
    return tuple(dict.fromkeys(item for item in map(_normal, trimmed) if item))


def list_f1(prediction: str, golds: Sequence[str]) -> float | None:
    """Harmonic mean of the precision and recall of the items; the best gold list counts. None if none has an item.

    Equal items match with 1. Of what is left, an item whose words all stand side by side in the other ("brake" in "rear
    brake") matches with the token F1 of the two (2/3), so that an item said with a word too many is not lost; "cabin 3"
    and "cabin 4" share a word and do not match. Each item matches at most one other, in the way that gives most, so
    nothing counts twice; an item that is said twice counts once. With credit c for the matches this is
    2c / (items said + items wanted).
    """
    said = split_items(prediction)
    wanted = [items for gold in golds if (items := split_items(gold))]
    return max((_f1(said, items) for items in wanted), default=None)


def list_match(prediction: str, golds: Sequence[str]) -> float | None:
    """1.0 if the items are exactly those of a gold list, in any order, else 0.0; None if no gold has an item."""
    said = frozenset(split_items(prediction))
    wanted = [frozenset(items) for gold in golds if (items := split_items(gold))]
    return float(said in wanted) if wanted else None


def _starts_joined(part: str) -> bool:
    """Whether a part begins with the word that joined it to the part before ('..., and the tower')."""
    return _JOINING_WORD.match(part.strip()) is not None


def _normal(item: str) -> str:
    return normalise(item) or " ".join(item.casefold().split()).strip(" .,;:")


def _f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    equal = set(said) & set(wanted)
    left, right = ([item.split() for item in side if item not in equal] for side in (said, wanted))
    return 2 * (len(equal) + _partial(left, right)) / (len(said) + len(wanted))


def _partial(said: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]]) -> float:
    """The most credit of pairing unequal items one to one."""
    from scipy.optimize import linear_sum_assignment

    credits = np.array([[_credit(one, other) for other in wanted] for one in said]).reshape(len(said), len(wanted))
    return float(credits[linear_sum_assignment(credits, maximize=True)].sum())


def _credit(one: Sequence[str], other: Sequence[str]) -> float:
    short, long = sorted((one, other), key=len)
    inside = any(long[start : start + len(short)] == short for start in range(len(long) - len(short) + 1))
    return 2 * len(short) / (len(short) + len(long)) if inside else 0.0
