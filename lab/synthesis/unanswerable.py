"""Questions that no document answers: an accepted question, asked of a thing about which no document says that.

The name that a question shares with its document's title is exchanged for the name of a similar document's. "How much
does the K4 cabin weigh?" becomes a question about the T2 car if no document that names the T2 car holds two thirds of
the question's other words. Documents stay as they are. That is a check of words: a document that says the fact in
quite other words is not found, so the share of these questions that a document does answer is small but not known;
`lab synthesize --review` shows them to people. Teachers that can abstain are asked too.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lab.synthesis.elsewhere import Elsewhere
from lab.synthesis.words import QUESTION_WORDS, STOP_WORDS, normal_words
from lab.types import Document

MOST_TRIED = 12  # similar things that a question is asked of before it is given up
_NAME = re.compile(r"(?:[A-Z][\w'\u2019&-]*|\d*[A-Z]+\d[\w-]*)(?: (?:(?:of|the|de|von) )?(?:[A-Z][\w'\u2019&-]*|\d+))*")

_REPEATS_A_TITLE = re.compile(r"\u201c|____")


@dataclass(frozen=True, slots=True)
class Swap:
    """A question about another thing: the name that went, and the one that came."""

    question: str
    gone: str
    came: str


class Swaps:
    """The things that documents are about, by the form of their names."""

    def __init__(self, documents: Sequence[Document], elsewhere: Elsewhere, seed: int) -> None:
        self._elsewhere = elsewhere
        self._seed = seed
        self._titles: Mapping[str, str] = {document.id: document.title.replace("_", " ") for document in documents}
        self._texts: Mapping[str, str] = {document.id: document.text for document in documents}
        self._things = {id: names_in(title) for id, title in self._titles.items()}

    def of(self, question: str, document_id: str) -> Iterator[Swap]:
        """The question asked of similar things of which, by their words, no document says that; likest titles first."""
        own = [name for name in self._things[document_id] if _stands_in(name, question)]
        if not own or _REPEATS_A_TITLE.search(question):
            return  # another name in a document's title would ask for a document that does not exist
        gone = max(own, key=len)
        text = f"{self._titles[document_id]}\n{self._texts[document_id]}"
        for came in self._like(gone, document_id)[:MOST_TRIED]:
            asked = re.sub(rf"(?<!\w){re.escape(gone)}(?!\w)", came.replace("\\", ""), question)
            if not _stands_in(came, text) and not self._elsewhere.may_hold(asked, came):
                yield Swap(asked, gone, came)

    def _like(self, gone: str, document_id: str) -> list[str]:
        own = set(normal_words(self._titles[document_id]))
        rng = random.Random(f"{self._seed}/{document_id}/{gone}")  # noqa: S311 - no secret
        found: dict[str, float] = {}
        for id, names in self._things.items():
            shared = len(own & set(normal_words(self._titles[id])))
            for name in names:
                if name != gone and _form(name) == _form(gone) and gone not in name and name not in gone:
                    alike = " " in name and name.split()[-1] == gone.split()[-1]  # another Line for a Line
                    found[name] = max(found.get(name, 0.0), 10 * alike + shared + rng.random() / 2)
        return sorted(found, key=lambda name: (-found[name], name))


def names_in(title: str) -> tuple[str, ...]:
    """Names and codes in a title, without a capital that only begins it."""
    found = []
    for match in _NAME.finditer(title):
        name = match.group()
        first = name.split()[0].casefold()
        if first in STOP_WORDS or first in QUESTION_WORDS:
            name = name[len(first) :].strip()
        alone = " " not in name and not any(character.isdigit() for character in name)
        begins = alone and match.start() == 0 and title.startswith(name)
        # A title that is nothing but the name, as in an encyclopaedia, names its thing.
        if name and (not begins or name == title.strip()):
            found.append(name)
    return tuple(dict.fromkeys(found))


def _form(name: str) -> str:
    """Names of one form can stand for each other: codes of as many letters and digits, names of as many words."""
    if any(character.isdigit() for character in name):
        return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", name))
    return str(len(name.split()))


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
