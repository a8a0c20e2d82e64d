"""Whether a question fits another document as well as its own, and whether any document may hold a fact."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence

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
        self._naming: dict[str, tuple[tuple[int, int, int], ...]] = {}
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

    def naming(self, thing: str) -> tuple[Passage, ...]:
        """The passages of all documents that name `thing`, in any case; whole documents where the title names it."""
        if thing not in self._naming:
            name = _pattern(thing)
            self._naming[thing] = tuple(
                (number, start, end)
                for number, document in enumerate(self._documents)
                for start, end in _around(name, document)
            )
        return tuple(self._passage(*place) for place in self._naming[thing])

    def _passage(self, number: int, start: int, end: int) -> Passage:
        document = self._documents[number]
        text = document.text[start:end]
        return Passage(f"{document.id}#{start}", document.id, document.title, text, start, start + len(text))

    def may_hold(self, question: str, thing: str) -> tuple[str, ...]:
        """Ids of the documents that name `thing` and hold two thirds of the question's other words."""
        name = _pattern(thing)
        asked = {word[:STEM] for word in key_words(question)} - _stems(thing)
        found = []
        for document in self._documents:
            if name.search(document.title) or name.search(document.text):
                held = asked & _stems(f"{document.title} {document.text}")
                if len(held) >= MAY_HOLD * len(asked):
                    found.append(document.id)
        return tuple(found)


def _pattern(thing: str) -> re.Pattern[str]:
    """A name as documents may write it: "T 2" and "T-2" for "T2"."""
    parts = re.findall(r"[^\W\d_]+|\d+", thing)
    loosely = r"[\W_]{0,2}".join(map(re.escape, parts))
    return re.compile(rf"(?<!\w){loosely}s?(?!\w)", re.IGNORECASE)


def _around(name: re.Pattern[str], document: Document) -> Iterator[tuple[int, int]]:
    """Where pieces of a document that are about a name begin and end: apart, and long enough to say something of it."""
    if name.search(document.title):
        yield from ((start, start + 3 * BLOCK) for start in range(0, max(len(document.text), 1), 2 * BLOCK))
        return
    start = end = 0
    for match in name.finditer(document.text):
        if match.start() - BLOCK > end or match.end() + BLOCK - start > 4 * BLOCK:
            if end:
                yield start, end
            start = max(0, match.start() - BLOCK)
        end = match.end() + BLOCK
    if end:
        yield start, end


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in normal_words(text)}
