"""A text as it is written: each token's part of it is handed on at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OnText = Callable[[str], None]


class TextStream:
    """A streamer of transformers for one prompt: the parts that it hands on add up to the text, as far as it goes.

    The library's own `TextStreamer` holds text back until a space follows, and decodes each line for itself.
    """

    def __init__(self, tokenizer: Any, on_text: OnText) -> None:
        self._tokenizer = tokenizer
        self._on_text = on_text
        self._ids: list[int] | None = None  # None until the prompt, which comes first, has passed
        self._sent = ""

    def put(self, tokens: Any) -> None:
        """The prompt, then one token at a time."""
        if self._ids is None:
            self._ids = []
            return
        self._ids += tokens.tolist()
        text = self._tokenizer.decode(self._ids, skip_special_tokens=True)
        # A character of several tokens is U+FFFD until its last one.
        whole = text.startswith(self._sent) and not text.endswith("\ufffd")
        self._on_text(text[len(self._sent) :] if whole else "")
        if whole:
            self._sent = text

    def end(self) -> None:
        """Nothing is held back but broken characters."""
