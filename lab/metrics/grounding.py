"""How far an answer rests on the passages that its method was shown.

Four questions, none of which needs a gold answer but for the last:

    support_lexical      which share of the answer's content words stands in one passage
    support_embedding    how near the answer is to a sentence of a passage
    quote_fidelity       which share of its quotes is verbatim
    supporting_passage   which passage holds most of its words; is its document a gold one

Words and cosines are a cheap stand-in for entailment, by which ALCE (Gao et al. 2023) judges citations: a wrong answer
copied from a passage is supported by it, and a right one in other words is not. Read them beside the quality, never in
its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from lab.metrics.text import normalise
from lab.types import Answer, Encoder, Hit, Passage

# Probabilities, in order, that the premise of each (premise, hypothesis) entails its hypothesis.
Entail = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
Pair = tuple[str, Sequence[str]]

MIN_QUOTE_WORDS = 3
# Words that stand in any passage, so that finding them there says nothing. Yes and no are verdicts, not statements.
_STOP = frozenset(
    "yes no not and or but if so as at by for from in into of off on out over per than to under up with without "
    "i you he she it we they them this that these those there here its his her their our your "
    "is are was were be been being am do does did has have had will would can could may might must shall should "
    "who what which when where how why about also only then very".split()
)
_SENTENCE_END = re.compile(r"(?<=[.!?…\u3002\uff01\uff1f])\s+|\s*\n\s*")
_QUOTE = re.compile(r"##\s*begin_quote\s*##(.*?)##\s*end_quote\s*##", re.IGNORECASE | re.DOTALL)
_QUOTE_MARKS = " \t\n\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"


def shown(answer: Answer) -> tuple[Hit, ...]:
    """The passages that stood in the prompt: the lowest-ranked `passages_dropped` ones did not fit."""
    return answer.hits[: max(len(answer.hits) - answer.passages_dropped, 0)]


def shown_text(passage: Passage) -> str:
    """A passage as the prompt shows it: the title is part of what a method reads."""
    return f"{passage.label}: {passage.text}" if passage.label else passage.text


def content_words(text: str) -> frozenset[str]:
    """The distinct words of the normalised text that are no function words."""
    return frozenset(normalise(text).split()) - _STOP


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, cut after closing punctuation and at line ends; a blank text is its own sentence."""
    return tuple(part.strip() for part in _SENTENCE_END.split(text) if part.strip()) or (text,)


def support_lexical(said: str, passages: Sequence[str]) -> float | None:
    """Share, in [0, 1], of the content words of `said` that stand in the one passage that holds most of them.

    None if there is no passage, or no content word.
    """
    words = content_words(said)
    if not words or not passages:
        return None
    return max(_held(words, passages)) / len(words)


def supporting_passage(said: str, passages: Sequence[str]) -> int | None:
    """Index of the passage that holds most of the content words of `said`, the first of equals; None if none does."""
    held = _held(content_words(said), passages)
    best = max(held, default=0)
    return held.index(best) if best else None


def quotes(raw: str) -> tuple[str, ...]:
    """The quotes of at least three words between ##begin_quote## and ##end_quote##, in order, casefolded.

    White space is collapsed and quotation marks around a quote are no part of it. One that was not closed is none.
    """
    found = (_plain(match.group(1).strip(_QUOTE_MARKS)) for match in _QUOTE.finditer(raw))
    return tuple(quote for quote in found if len(quote.split()) >= MIN_QUOTE_WORDS)


def quote_fidelity(raw: str, passages: Sequence[str]) -> float | None:
    """Share, in [0, 1], of the quotes in `raw` that stand in a passage word for word.

    Case and white space do not count; a quote joined from two passages is not found. After the quoted spans of ragas,
    but None where there is no quote: a method that quotes nothing has no fidelity.
    """
    cited = quotes(raw)
    if not cited:
        return None
    plain = [_plain(passage) for passage in passages]
    return sum(any(quote in passage for passage in plain) for quote in cited) / len(cited)


def nearest(pairs: Sequence[Pair | None], encoder: Encoder | None) -> list[float | None]:
    """For each (text, others), the largest cosine between `text` and one of `others`; None stays None.

    All texts are encoded in one call, each once: passages repeat over questions. Without an encoder all pairs must be
    None.
    """
    needed = dict.fromkeys(one for pair in pairs if pair is not None for one in (pair[0], *pair[1]))
    row = {one: position for position, one in enumerate(needed)}
    vectors = np.asarray(encoder.encode(list(needed))) if encoder is not None and needed else np.zeros((0, 1))
    return [
        None if pair is None else float((vectors[[row[other] for other in pair[1]]] @ vectors[row[pair[0]]]).max())
        for pair in pairs
    ]


def best_entailed(pairs: Sequence[Pair | None], entail: Entail | None) -> list[float | None]:
    """For each (hypothesis, premises), the probability of the premise that entails it best; None stays None.

    All distinct pairs are judged in one call. Without a model all pairs must be None.
    """
    needed = list(dict.fromkeys((premise, pair[0]) for pair in pairs if pair is not None for premise in pair[1]))
    chances = dict(zip(needed, entail(needed), strict=True)) if entail is not None and needed else {}
    return [None if pair is None else max(float(chances[premise, pair[0]]) for premise in pair[1]) for pair in pairs]


def _held(words: frozenset[str], passages: Sequence[str]) -> list[int]:
    return [len(words & frozenset(normalise(passage).split())) for passage in passages]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
