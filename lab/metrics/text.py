"""Exact match, token F1 and containment on normalised text.

Normalisation and the edge rules are those of SQuAD 2.0 (Rajpurkar et al. 2018, official evaluation script): golds that
normalise to nothing are dropped, and where none is left only the empty answer is right. Known traps of this
normalisation: "3.5" becomes "35", "-5" becomes "5" and the option label "A" becomes "". `numeric` and `labels` exist
for such answers.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_YES_NO = frozenset({"yes", "no"})


def normalise(text: str) -> str:
    """Lower case, then no ASCII punctuation, then no English articles, then single spaces: SQuAD's order."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def exact_match(prediction: str, golds: Sequence[str]) -> float:
    """1.0 if the normalised prediction equals any normalised gold, else 0.0."""
    return float(normalise(prediction) in _normalised_golds(golds))


def token_f1(prediction: str, golds: Sequence[str]) -> float:
    """Harmonic mean of token precision and recall over multisets; the best gold counts."""
    tokens = normalise(prediction).split()
    return max(_f1(tokens, gold.split()) for gold in _normalised_golds(golds))


def contains(text: str, golds: Sequence[str]) -> float:
    """1.0 if a gold's tokens stand side by side, in order, among the tokens of `text`, else 0.0.

    Tokens are compared whole, so "us" is not in "because". A gold "yes" or "no" must be the first token: else every
    "no" inside a sentence would count.
    """
    tokens = normalise(text).split()
    return float(any(_holds(tokens, gold.split()) for gold in _normalised_golds(golds)))


def is_yes_no(golds: Sequence[str]) -> bool:
    """Whether every gold is a plain yes or no."""
    return bool(golds) and all(normalise(gold) in _YES_NO for gold in golds)


def _normalised_golds(golds: Sequence[str]) -> list[str]:
    return [gold for gold in map(normalise, golds) if gold] or [""]


def _f1(prediction: list[str], gold: list[str]) -> float:
    if not prediction or not gold:
        return float(prediction == gold)
    same = sum((Counter(prediction) & Counter(gold)).values())
    return 2 * same / (len(prediction) + len(gold))


def _holds(tokens: list[str], gold: list[str]) -> bool:
    if not gold:
        return not tokens
    if len(gold) == 1 and gold[0] in _YES_NO:
        return tokens[:1] == gold
    return any(tokens[start : start + len(gold)] == gold for start in range(len(tokens) - len(gold) + 1))
