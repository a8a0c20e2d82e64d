"""A text as it is written: each token's part of it is handed on at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

OnText = Callable[[str], None]
BROKEN = "\ufffd"
_BYTE = re.compile("<0x[0-9A-F]{2}>")  # how vocabularies of whole characters name the bytes of all others


class TextStream:
    """A streamer of transformers for one prompt: the parts that it hands on add up to the text, as far as it goes.

    Tokens are decoded together and as the tokenizer is set up, as those of a finished text are. What a later token may
    still change is held back. The library's own `TextStreamer` holds text back until a space follows, and decodes each
    line for itself.
    """

    def __init__(self, tokenizer: Any, on_text: OnText) -> None:
        self._tokenizer = tokenizer
        self._on_text = on_text
        self._ids: list[int] | None = None  # None until the prompt, which comes first, has passed
        self._sent = ""
        self._cleans = _cleans(tokenizer)
        self._special = frozenset(getattr(tokenizer, "all_special_ids", ()))

    def put(self, tokens: Any) -> None:
        """The prompt, then one token at a time."""
        if self._ids is None:
            self._ids = []
            return
        self._ids += tokens.tolist()
        self._on_text(self._new(self._settled(self._text())))

    def end(self) -> None:
        """Hands on what was held back, but for broken characters at the end."""
        if self._ids and (new := self._new(self._text().rstrip(BROKEN))):
            self._on_text(new)

    def _text(self) -> str:
        return str(self._tokenizer.decode(self._ids, skip_special_tokens=True))

    def _settled(self, text: str) -> str:
        """The part of a text that no later token can change."""
        if text.endswith(BROKEN):  # so a character of several tokens stands until its last one
            return ""
        # Bytes in a row are decoded as one, over special tokens, which are skipped: a bad one breaks them all.
        last = next((token for token in reversed(self._ids or ()) if token not in self._special), None)
        if last is not None and self._byte(last):
            return ""
        return _before_last_spaces(text) if self._cleans else text

    def _byte(self, token: int) -> bool:
        name = getattr(self._tokenizer, "convert_ids_to_tokens", lambda _: "")(token)
        return isinstance(name, str) and _BYTE.fullmatch(name) is not None

    def _new(self, text: str) -> str:
        """What `text` adds to what was handed on, "" where it is another text."""
        if not text.startswith(self._sent):
            return ""
        new = text[len(self._sent) :]
        self._sent = text
        return new


def _cleans(tokenizer: Any) -> bool:
    """Whether decoding takes spaces out of earlier text. Many tokenizers are set to; those of kind BPE do it only where
    that is forced.
    """
    if not getattr(tokenizer, "clean_up_tokenization_spaces", False):
        return False
    model = getattr(getattr(tokenizer, "backend_tokenizer", None), "model", None)
    forced = getattr(tokenizer, "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", False)
    return type(model).__name__ != "BPE" or bool(forced)


def _before_last_spaces(text: str) -> str:
    """The text before the last but one space: what is cleaned up begins with a space and holds two at most."""
    return text.rpartition(" ")[0].rpartition(" ")[0]
