"""A text as the encoder's tokens: where each begins, and windows of tokens that end at sentences where they can."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.corpus.fields import trim_span
from lab.types import Encoder

PART = 1_000_000  # characters that are tokenized at once, so that offsets of a huge text need little memory

# A sentence begins after closing punctuation and space, unless a small letter follows ("e.g. this"); after a blank
# line; at a list item; after a full-width stop, which needs no space.
SENTENCE_START = re.compile(
    r"""[.!?…]["'\u201d\u2019»)\]]*\s+(?=[^\sa-z])
      | \n[^\S\n]*\n\s*(?=\S)
      | \n\s*(?=[-*•]\s|\d+[.)]\s)
      | [\u3002\uff01\uff1f]["'\u201d\u2019\u300d\u300f)\uff09]*\s*(?=\S)""",
    re.VERBOSE,
)


def token_starts(text: str, encoder: Encoder) -> array[int]:
    """Where the visible part of each token begins, ascending.

    Some tokenizers count the space before a word to its token, and give tokens that stand for nothing the span (0, 0).
    """
    starts, latest = array("Q"), 0
    for begin, behind in _parts(text):
        part = text if behind - begin == len(text) else text[begin:behind]
        for start, end in encoder.token_offsets(part):
            if part[start : start + 1].isspace():
                start, _ = trim_span(part, start, end)
            latest = max(latest, begin + start)
            starts.append(latest)
    return starts


def sentence_starts(text: str, starts: Sequence[int]) -> list[int]:
    """Indices of the tokens that begin a sentence, ascending and unique, without the first token."""
    tokens = (bisect_left(starts, match.end()) for match in SENTENCE_START.finditer(text.rstrip()))
    return list(dict.fromkeys(token for token in tokens if 0 < token < len(starts)))


@dataclass(frozen=True, slots=True)
class TokenText:
    """A text as token indices: the character where each token begins, and the tokens that begin a sentence."""

    text: str
    starts: Sequence[int]
    sentences: Sequence[int]

    @classmethod
    def of(cls, text: str, encoder: Encoder) -> TokenText:
        """The tokens that `encoder` makes of `text`."""
        starts = token_starts(text, encoder)
        return cls(text, starts, sentence_starts(text, starts))

    def span(self, first: int, behind: int) -> tuple[int, int]:
        """Characters of the tokens [first, behind).

        Up to the next token, not to the own last one: a character that the encoder drops belongs to a passage too.
        """
        start = self.starts[first] if first else 0
        end = self.starts[behind] if behind < len(self.starts) else len(self.text)
        return start, end

    def windows(self, begin: int, stop: int, size: int, overlap: int) -> list[tuple[int, int]]:
        """Windows [first, behind) of the tokens [begin, stop), each at most `size` long.

        Both ends grow strictly, since a window is over half full and goes back less.
        """
        windows = [(begin, self._end(begin, stop, size))]
        while (behind := windows[-1][1]) < stop:
            first = self._go_back(begin, behind, overlap)
            if stop - behind < overlap:
                windows.append((self._go_back(begin, stop, size, at_most=first), stop))
            else:
                windows.append((first, self._end(first, stop, size)))
        return windows

    def _end(self, first: int, stop: int, size: int) -> int:
        if first + size >= stop:
            return stop
        least = first + size // 2 + 1
        sentence = bisect_right(self.sentences, first + size) - 1
        if sentence >= 0 and self.sentences[sentence] >= least:
            return self.sentences[sentence]
        between = (token for token in range(first + size, least - 1, -1) if not self._inside_word(token))
        return next(between, first + size)

    def _go_back(self, begin: int, behind: int, tokens: int, at_most: int | None = None) -> int:
        """First token of the earliest sentence, else word, else token that begins in the `tokens` before `behind`."""
        earliest = max(behind - tokens, begin)
        latest = behind if at_most is None else at_most
        sentence = bisect_left(self.sentences, earliest)
        if sentence < len(self.sentences) and self.sentences[sentence] < min(latest + 1, behind):
            return self.sentences[sentence]
        return next((token for token in range(earliest, latest) if not self._inside_word(token)), min(earliest, latest))

    def _inside_word(self, token: int) -> bool:
        """Whether a cut before `token` parts a word or a character, which the encoder then reads as other tokens."""
        start = self.starts[token]
        if token and start == self.starts[token - 1]:
            return True
        return 0 < start and self.text[start - 1].isalnum() and self.text[start].isalnum()


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Spans of at most a million characters that end between lines, else between words, else anywhere."""
    begin = 0
    while len(text) - begin > PART:
        behind = max(text.rfind("\n", begin + 1, begin + PART), text.rfind(" ", begin + PART // 2, begin + PART))
        behind = behind if behind > begin else begin + PART
        yield begin, behind
        begin = behind
    yield begin, len(text)
