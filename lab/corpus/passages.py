"""Documents -> passages: windows of encoder tokens that end at sentences where they can, with exact offsets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from lab.corpus.fields import show, trim_span
from lab.errors import ConfigError, DataError
from lab.types import Document, Encoder, Passage

SPECIAL_TOKENS = 2  # such as [CLS] and [SEP]
TITLE_JOINT = 2  # a passage is embedded as "title\ntext", and the line break may cost tokens
MIN_ROOM = 8  # tokens of text that must fit beside a title

# A sentence begins after closing punctuation and space, unless a small letter follows ("e.g. this"); after a blank
# line; at a list item; after a full-width stop, which needs no space.
_SENTENCE_START = re.compile(
    r"""[.!?…]["'\u201d\u2019»)\]]*\s+(?=[^\sa-z])
      | \n[^\S\n]*\n\s*(?=\S)
      | \n\s*(?=[-*•]\s|\d+[.)]\s)
      | [\u3002\uff01\uff1f]["'\u201d\u2019\u300d\u300f)\uff09]*\s*(?=\S)""",
    re.VERBOSE,
)


def cut_passages(
    documents: Iterable[Document], encoder: Encoder, *, max_tokens: int, overlap: int
) -> tuple[Passage, ...]:
    """Cut every document into windows of at most `max_tokens` tokens of `encoder`, in document order.

    A window ends at the last sentence end of its second half, else between words, else between tokens. The next one
    goes back by the whole sentences that fit into `overlap` tokens, else by `overlap` tokens, and never by more than
    half a window. When fewer than `overlap` new tokens are left, the last window begins earlier and is full, so that
    no stub stands alone. Where a title is long, the windows shrink until the encoder reads both. Passage ids are
    `<document id>#<n>`, n from 0, and each character that is not whitespace stands in at least one passage.

    Raises:
        ConfigError: `max_tokens` is more than the encoder can read.
        DataError: a title leaves fewer than 8 tokens for text.
    """
    limit = encoder.max_tokens - SPECIAL_TOKENS - TITLE_JOINT
    if not 1 <= max_tokens <= limit:
        raise ConfigError(
            f"index.passage_tokens: expected 1 to {limit}, got {max_tokens}; "
            f"the encoder reads {encoder.max_tokens} tokens, of which {SPECIAL_TOKENS + TITLE_JOINT} are kept for "
            "special tokens and the line break after the title"
        )
    title_tokens: dict[str, int] = {}
    passages: list[Passage] = []
    for document in documents:
        if document.title not in title_tokens:
            title_tokens[document.title] = len(encoder.token_offsets(document.title)) if document.title else 0
        size = min(max_tokens, limit - title_tokens[document.title])
        if size < min(MIN_ROOM, max_tokens):
            raise DataError(
                f"document {show(document.id)}: the title takes {title_tokens[document.title]} of the "
                f"{encoder.max_tokens} tokens that the encoder reads, which leaves no room for text; shorten the title"
            )
        spans = _cut(document.text, encoder, size, min(overlap, size // 2))
        passages.extend(_passage(document, number, *span) for number, span in enumerate(spans))
    return tuple(passages)


def _passage(document: Document, number: int, start: int, end: int) -> Passage:
    return Passage(f"{document.id}#{number}", document.id, document.title, document.text[start:end], start, end)


def _cut(text: str, encoder: Encoder, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Character spans of the windows of one text, without whitespace at their ends."""
    if not text.strip():
        return
    starts = _token_starts(text, encoder)
    windows = _Tokens(text, starts, _sentence_starts(text, starts)).windows(size, overlap)
    for first, behind in windows:
        # Up to the next token, not to the own last one: a character that the encoder drops belongs to a passage too.
        start = starts[first] if first else 0
        end = starts[behind] if behind < len(starts) else len(text)
        start, end = trim_span(text, start, end)
        if start < end:
            yield start, end


def _token_starts(text: str, encoder: Encoder) -> list[int]:
    """Where the visible part of each token begins, ascending.

    Some tokenizers count the space before a word to its token, and give tokens that stand for nothing the span (0, 0).
    """
    spans = encoder.token_offsets(text)
    visible = (trim_span(text, start, end)[0] if text[start : start + 1].isspace() else start for start, end in spans)
    return list(accumulate(visible, max))


def _sentence_starts(text: str, starts: list[int]) -> list[int]:
    """Indices of the tokens that begin a sentence, ascending and unique, without the first token."""
    tokens = (bisect_left(starts, match.end()) for match in _SENTENCE_START.finditer(text.rstrip()))
    return list(dict.fromkeys(token for token in tokens if 0 < token < len(starts)))


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A text as token indices: the character where each token begins, and the tokens that begin a sentence."""

    text: str
    starts: list[int]
    sentences: list[int]

    def windows(self, size: int, overlap: int) -> list[tuple[int, int]]:
        """Token spans [first, behind); both ends grow strictly, since a window is over half full and goes back less."""
        windows = [(0, self._end(0, size))]
        while (behind := windows[-1][1]) < len(self.starts):
            first = self._go_back(behind, overlap)
            if len(self.starts) - behind < overlap:
                windows.append((self._go_back(len(self.starts), size, at_most=first), len(self.starts)))
            else:
                windows.append((first, self._end(first, size)))
        return windows

    def _end(self, first: int, size: int) -> int:
        if first + size >= len(self.starts):
            return len(self.starts)
        least = first + size // 2 + 1
        sentence = bisect_right(self.sentences, first + size) - 1
        if sentence >= 0 and self.sentences[sentence] >= least:
            return self.sentences[sentence]
        between = (token for token in range(first + size, least - 1, -1) if not self._inside_word(token))
        return next(between, first + size)

    def _go_back(self, behind: int, tokens: int, at_most: int | None = None) -> int:
        """First token of the earliest sentence, else word, else token that begins in the `tokens` before `behind`."""
        earliest = max(behind - tokens, 0)
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
