"""ROUGE-1, -2, -L and -Lsum, BLEU and chrF, each between 0 and 1. Secondary: they never decide.

The numbers are those of rouge-score and sacrebleu (divided by 100). The libraries load on first use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from lab.metrics.grounding import sentences

_READABLE = re.compile("[a-z0-9]+")


def rouge_1(prediction: str, golds: Sequence[str]) -> float | None:
    """F of the words (Lin 2004), no stemming; the best gold counts. None as for `rouge_l`."""
    return _best_rouge("rouge1", prediction, golds)


def rouge_2(prediction: str, golds: Sequence[str]) -> float | None:
    """F of the pairs of neighbouring words (Lin 2004), no stemming; the best gold counts.

    None if no gold has two words that rouge-score's tokenizer reads: there would be no pair to find.
    """
    return _best_rouge("rouge2", prediction, [gold for gold in golds if len(_READABLE.findall(gold.lower())) > 1])


def rouge_l(prediction: str, golds: Sequence[str]) -> float | None:
    """F of the longest common subsequence (Lin 2004), no stemming; the best gold counts.

    None if no gold has a character that rouge-score's tokenizer reads (a-z, 0-9).
    """
    return _best_rouge("rougeL", prediction, golds)


def rouge_lsum(prediction: str, golds: Sequence[str]) -> float | None:
    """F of the union of each gold sentence's common subsequences with all sentences said (Lin 2004, section 3.2).

    rouge-score takes each line for a sentence; texts are cut into sentences first, after closing punctuation and at
    line ends, so an answer on one line is judged as one on several. The best gold counts. None as for `rouge_l`.
    """
    return _best_rouge("rougeLsum", "\n".join(sentences(prediction)), ["\n".join(sentences(gold)) for gold in golds])


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


def _best_rouge(kind: str, prediction: str, golds: Sequence[str]) -> float | None:
    readable = [gold for gold in golds if _READABLE.search(gold.lower())]
    return max((float(_rouge(kind).score(gold, prediction)[kind].fmeasure) for gold in readable), default=None)


def _non_blank(golds: Sequence[str]) -> list[str]:
    return [gold for gold in golds if gold.strip()]


@cache
def _rouge(kind: str) -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer([kind], use_stemmer=False)


@cache
def _bleu() -> Any:
    from sacrebleu.metrics import BLEU

    return BLEU(effective_order=True)


@cache
def _chrf() -> Any:
    from sacrebleu.metrics import CHRF

    return CHRF()
