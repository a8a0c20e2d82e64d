"""ROUGE-L, BLEU and chrF, each between 0 and 1. Secondary: they never decide.

The numbers are those of rouge-score and sacrebleu (divided by 100). The libraries load on first use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any


def rouge_l(prediction: str, golds: Sequence[str]) -> float | None:
    """F of the longest common subsequence (Lin 2004), no stemming; the best gold counts.

    None if no gold has a character that rouge-score's tokenizer reads (a-z, 0-9).
    """
    readable = [gold for gold in golds if re.search("[a-z0-9]", gold.lower())]
    if not readable:
        return None
    return max(float(_rouge().score(gold, prediction)["rougeL"].fmeasure) for gold in readable)


def bleu(prediction: str, golds: Sequence[str]) -> float | None:
    """Sentence BLEU over all golds: tokenizer 13a, exponential smoothing, effective order (Post 2018)."""
    references = _non_blank(golds)
    if not references:
        return None
    return float(_bleu().sentence_score(prediction, references).score) / 100


def chrf(prediction: str, golds: Sequence[str]) -> float | None:
    """Character n-gram F (Popovic 2015): order 6, no word n-grams, beta 2; the best gold counts."""
    references = _non_blank(golds)
    if not references:
        return None
    return float(_chrf().sentence_score(prediction, references).score) / 100


def _non_blank(golds: Sequence[str]) -> list[str]:
    return [gold for gold in golds if gold.strip()]


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], use_stemmer=False)


@cache
def _bleu() -> Any:
    from sacrebleu.metrics import BLEU

    return BLEU(effective_order=True)


@cache
def _chrf() -> Any:
    from sacrebleu.metrics import CHRF

    return CHRF()
