"""What the documents are about, in one line, read off their titles: every prompt says it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lab.escapes import one_line

LONGEST_PHRASE, SHARED = 5, 0.5  # words; share of the titles that must have a phrase
FEW = 6  # titles that are named one by one
LONGEST = 100  # characters
LITTLE = frozenset(
    "a an and at by for from in of on or the to with der die das und von für le la les des de du et el los y il".split()
)


@dataclass(frozen=True, slots=True)
class Domain:
    """The line, and what the experiment file says of where it comes from."""

    text: str
    why: str


GIVEN = "As given with --domain."
CORRECT = "Correct it: it was read off the titles."
BY_NAME = "Correct it: the titles say nothing in common."


def derive_domain(name: str, titles: Sequence[str], given: str | None = None) -> Domain:
    """`given`, else the only title, else the words that half of the titles share, else few titles, else the name."""
    if given is not None:
        return Domain(one_line(given), GIVEN)
    shown = list(dict.fromkeys(cut for title in titles if (cut := _cut(one_line(title)))))
    words = " ".join(re.split(r"[-_.]+", name)).strip() or name
    if len(shown) == 1:
        return Domain(shown[0], CORRECT)
    shared = _shared(shown)
    if shared:
        return Domain(shared, CORRECT)
    if 1 < len(shown) <= FEW and sum(map(len, shown)) <= LONGEST:
        return Domain(f"the {words} documents: {', '.join(shown[:-1])} and {shown[-1]}", CORRECT)
    return Domain(words if "doc" in words.casefold() else f"the {words} documents", BY_NAME)


def _shared(titles: Sequence[str]) -> str:
    """The longest run of words, at least two, that half of three or more titles have; "" where there is none."""
    if len(titles) < 3:
        return ""
    found: Counter[tuple[str, ...]] = Counter()
    written: dict[tuple[str, ...], str] = {}
    for title in titles:
        runs = dict(_runs(title.split()))
        found.update(runs.keys())
        written = runs | written
    usual = [run for run, number in found.items() if number >= SHARED * len(titles)]
    return written[max(usual, key=lambda run: (len(run), found[run]))] if usual else ""


def _runs(words: Sequence[str]) -> list[tuple[tuple[str, ...], str]]:
    """Runs of two words and more that neither begin nor end with a little word or a mark."""
    runs = []
    for length in range(2, LONGEST_PHRASE + 1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            ends = (run[0].casefold(), run[-1].casefold())
            if not any(end in LITTLE or not end[:1].isalpha() for end in ends):
                runs.append((tuple(word.casefold() for word in run), " ".join(run).strip(":,;.")))
    return runs


def _cut(title: str) -> str:
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 3].rstrip()}..."
