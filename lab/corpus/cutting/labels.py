"""Heading paths as text, shortened from the left until the encoder reads title, path and passage."""

from __future__ import annotations

from collections.abc import Iterable

from lab.corpus.cutting.outline import Path
from lab.types import Encoder, Passage

JOINT, ELLIPSIS = " > ", "\u2026"
PATH_SHARE = 4  # a path may take a quarter of what the title leaves, where the passages would fill all of it


class Labels:
    """The labels of one document's passages; `room` is the tokens that a path may add to the title.

    A path whose first heading repeats the title begins below it.
    """

    def __init__(self, encoder: Encoder, title: str) -> None:
        self._encoder = encoder
        self._title = title
        self._cost: dict[str, int] = {}
        self._texts: dict[Path, str] = {}
        self.title_tokens = self._count(title)
        self.room = 0

    def make_room(self, paths: Iterable[Path], left: int, size: int, least: int) -> int:
        """Set `room` and return how many tokens of text a passage may have, at most `size`.

        Args:
            paths: of all sections.
            left: tokens that the encoder reads beside the title.
            size: tokens of text that are wanted, at most `left`.
            least: tokens of text that no path may take away, at most `size`.
        """
        wanted = max(map(self._tokens, {self._below_title(path) for path in paths}), default=0)
        self.room = min(wanted, max(left - size, left // PATH_SHARE), left - least)
        return min(size, left - self.room)

    def text(self, path: Path) -> str:
        """The path as it stands in `Passage.heading`; "" where there is no room for a word of it."""
        path = self._below_title(path)
        if path not in self._texts:
            self._texts[path] = self._shortened(path)
        return self._texts[path]

    def _below_title(self, path: Path) -> Path:
        same = path and " ".join(self._title.split()).casefold() == path[0].casefold()
        return path[1:] if same else path

    def _shortened(self, path: Path) -> str:
        """Whole headings go first, then words of the last one."""
        if self._fits(JOINT.join(path)):
            return JOINT.join(path)
        for first in range(1, len(path)):
            if self._fits(text := JOINT.join((ELLIPSIS, *path[first:]))):
                return text
        words = path[-1].split()
        for first in range(1, len(words)):
            if self._fits(text := f"{ELLIPSIS} {' '.join(words[first:])}"):
                return text
        return ""

    def _fits(self, text: str) -> bool:
        return self._tokens_of(text) <= self.room

    def _tokens(self, path: Path) -> int:
        return self._tokens_of(JOINT.join(path))

    def _tokens_of(self, text: str) -> int:
        """What a heading path adds to the tokens of the title."""
        if text not in self._cost:
            label = Passage("", "", self._title, "", 0, 0, text).label
            self._cost[text] = self._count(label) - self.title_tokens
        return self._cost[text]

    def _count(self, text: str) -> int:
        return len(self._encoder.token_offsets(text)) if text else 0
