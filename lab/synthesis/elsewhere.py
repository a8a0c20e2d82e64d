"""Whether a question fits another document as well as its own, and whether any document may hold a fact."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Sequence

from lab.synthesis.filters import STEM, key_words
from lab.synthesis.words import normal_words
from lab.types import Document, Passage

BLOCK = 1200  # characters: a question is compared with about as much text of other documents as of its own
# A fact may be held by a document that has the thing's name and this share of the question's other words; two thirds,
# as of a question's own passage, so that what would count as said in a passage also counts as possibly said elsewhere.
MAY_HOLD = 0.67


class Elsewhere:
    """All documents in blocks, with the blocks of each word. Memory and time grow with the length of the texts."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = tuple(documents)
        self._block_document = array("L")
        self._block_start = array("L")
        self._blocks: defaultdict[str, array[int]] = defaultdict(lambda: array("L"))
        for number, document in enumerate(documents):
            title = _stems(document.title)
            for start in range(0, max(len(document.text), 1), BLOCK):
                # Blocks overlap, so that no passage is cut in two of them.
                found = title | _stems(document.text[start : start + 2 * BLOCK])
                for word in found:
                    self._blocks[word].append(len(self._block_document))
                self._block_document.append(number)
                self._block_start.append(start)

    def fits_another(self, question: str, passage: Passage, answer: str) -> bool:
        """Whether part of another document holds every word of the question that its own passage holds.

        Nothing in the question then tells the two apart. One that holds the answer too says the same, and does no harm.
        """
        own = _stems(f"{passage.label} {passage.text}")
        held = [word for word in {word[:STEM] for word in key_words(question)} if word in own]
        if not held:
            return True
        rarest = sorted(held, key=lambda word: len(self._blocks.get(word, ())))
        blocks = set(self._blocks.get(rarest[0], ()))
        for word in rarest[1:]:
            blocks &= set(self._blocks.get(word, ()))
        for block in sorted(blocks):
            document = self._documents[self._block_document[block]]
            start = self._block_start[block]
            if document.id != passage.document_id and answer not in document.text[start : start + 2 * BLOCK]:
                return True
        return False

    def may_hold(self, question: str, thing: str) -> tuple[str, ...]:
        """Ids of the documents that name `thing` and hold two thirds of the question's other words."""
        name = re.compile(rf"(?<!\w){re.escape(thing)}(?!\w)", re.IGNORECASE)
        asked = {word[:STEM] for word in key_words(question)} - _stems(thing)
        found = []
        for document in self._documents:
            if name.search(document.title) or name.search(document.text):
                held = asked & _stems(f"{document.title} {document.text}")
                if len(held) >= MAY_HOLD * len(asked):
                    found.append(document.id)
        return tuple(found)


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in normal_words(text)}
