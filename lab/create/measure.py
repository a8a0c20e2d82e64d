"""What the settings of an experiment depend on, counted from the texts alone: words, tokens, headings, languages."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from lab.types import Document

WHOLE_WORD, PIECE = 6, 4  # characters: of words that are mostly one token, and of each further piece of a longer one
FILLED = 0.8  # of a passage's tokens, on average: counted on three corpora of prose
SAMPLE_CHARACTERS = 20_000  # of one document, for its language
LEAST_WORDS = 12  # below them a text tells no language
LEAST_SHARE = 0.1  # of all words that must be among a language's commonest
UNKNOWN = "not recognised"

_WORD, _MARK = re.compile(r"\w+"), re.compile(r"[^\w\s]|_")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+\S", re.MULTILINE)
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")  # about one token each
_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(f"[{span}]")
    for name, span in {
        "Japanese": "\u3040-\u30ff",  # before Chinese: Japanese texts hold both
        "Chinese": "\u4e00-\u9fff",
        "Korean": "\uac00-\ud7af",
        "Cyrillic script": "\u0400-\u04ff",
        "Greek": "\u0370-\u03ff",
        "Arabic script": "\u0600-\u06ff",
        "Hebrew": "\u0590-\u05ff",
        "Devanagari script": "\u0900-\u097f",
        "Thai": "\u0e00-\u0e7f",
    }.items()
}
LEAST_SCRIPT = 0.15  # of all letters; Japanese mixes three scripts
_COMMON: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "English": "the of and to in is that for it with as was on are be this by from or which have not",
        "German": "der die das und ist nicht mit ein eine zu den von auf für im dem des sich auch wird werden",
        "French": "le la les des et est une dans pour que qui pas sur au aux avec par ce du il sont",
        "Spanish": "el los las una del que en por con para es se al como más su lo son y está",
        "Italian": "il di che è una per non con del della sono gli le dei nel si al più da lo",
        "Portuguese": "o os uma do da que em não para com é por dos das ao mais são se na no",
        "Dutch": "de het een van en is dat niet op te zijn voor met die aan er wordt ook door bij",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts over all documents. `tokens` are estimated per document, in order; `languages` by number of documents."""

    words: int
    tokens: tuple[int, ...]
    headed: int
    languages: Mapping[str, int]

    @property
    def documents(self) -> int:
        return len(self.tokens)

    @property
    def all_tokens(self) -> int:
        """Of all documents together."""
        return sum(self.tokens)

    @property
    def typical(self) -> int:
        """Tokens of the median document."""
        return round(median(self.tokens)) if self.tokens else 0

    @property
    def language(self) -> str:
        """The one of most documents."""
        return max(self.languages, key=lambda name: self.languages[name], default=UNKNOWN)

    def passages(self, size: int, overlap: int) -> int:
        """About how many passages come out, of at most `size` tokens each.

        They end at sentences, so that they are `FILLED` on average, and go back by whole sentences, which fill half of
        the overlap.
        """
        step = max(1.0, FILLED * size - overlap / 2)
        return sum(1 if tokens <= size else math.ceil((tokens - overlap / 2) / step) for tokens in self.tokens)


def measure(documents: Sequence[Document]) -> Measured:
    """Read every text once; nothing is tokenized."""
    return Measured(
        words=sum(count_words(document.text) for document in documents),
        tokens=tuple(estimate_tokens(document.text) for document in documents),
        headed=sum(len(_HEADING.findall(document.text)) >= 2 for document in documents),
        languages=dict(Counter(language_of(document.text) for document in documents).most_common()),
    )


def count_words(text: str) -> int:
    """Runs of letters and digits; of scripts without spaces, each character."""
    wide = len(_WIDE.findall(text))
    return sum(1 for _ in _WORD.finditer(_WIDE.sub(" ", text) if wide else text)) + wide


def estimate_tokens(text: str) -> int:
    """About how many tokens a sub-word tokenizer of 30,000 pieces makes of a text, without the tokenizer.

    A token for each mark and each character of a script without spaces, and one or more for each word.
    """
    wide = len(_WIDE.findall(text))
    rest = _WIDE.sub(" ", text) if wide else text
    pieces = sum(1 + max(0, match.end() - match.start() - WHOLE_WORD) / PIECE for match in _WORD.finditer(rest))
    return max(1, round(pieces) + len(_MARK.findall(rest)) + wide)


def language_of(text: str) -> str:
    """The language by its script or by its commonest words; UNKNOWN for short texts, tables, and other languages."""
    sample = text[:SAMPLE_CHARACTERS].casefold()
    letters = sum(character.isalpha() for character in sample)
    for name, pattern in _SCRIPTS.items():
        if letters and len(pattern.findall(sample)) / letters >= LEAST_SCRIPT:
            return name
    words = _WORD.findall(sample)
    if len(words) < LEAST_WORDS:
        return UNKNOWN
    shares = {name: _share(words, common) for name, common in _COMMON.items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= LEAST_SHARE else UNKNOWN


def _share(words: Iterable[str], common: frozenset[str]) -> float:
    hits = total = 0
    for word in words:
        total += 1
        hits += word in common
    return hits / total if total else 0.0
