"""Questions that no document answers: an accepted question, asked of a thing about which no document says that.

The name that a question shares with its document's title is exchanged for the name of a similar document's. "How much
does the K4 cabin weigh?" becomes a question about the T2 cabin if no passage that names the T2 holds
another weight, and, where no number is asked for, none holds another word of the question. Documents stay as they are.
That is a check of words: a passage that says the fact in quite other words, or without the name, is not found, so the
share of these questions that a document does answer is small but not known; `lab synthesize --review` shows them to
people. Teachers that can abstain read those passages, too.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lab.synthesis.dimensions import may_answer
from lab.synthesis.elsewhere import Elsewhere
from lab.synthesis.filters import STEM
from lab.synthesis.words import QUESTION_WORDS, STOP_WORDS, normal_words
from lab.types import Document, Passage

MOST_TRIED = 12  # similar things that a question is asked of before it is given up
_NAME = re.compile(r"(?:[A-Z][\w'\u2019&-]*|\d*[A-Z]+\d[\w-]*)(?: (?:(?:of|the|de|von) )?(?:[A-Z][\w'\u2019&-]*|\d+))*")

_CODE = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[\w-]+")
# Names before which "an" stands: letters of a code by their names ("an F2"), else by their sound.
_VOWEL = re.compile(
    r"[AEFHILMNORSX](?:[A-Z]*[\d-]|[A-Z]+(?!\w))|(?:8|11|18)(?!\d)|(?i:(?!uni|use|eu|one(?![a-z]))[aeiou])(?![A-Z]*\d)"
)
_REPEATS_A_TITLE = re.compile(r"\u201c|____")


@dataclass(frozen=True, slots=True)
class Swap:
    """A question about another thing: the name that went, the one that came, and the passages that name it."""

    question: str
    gone: str
    came: str
    passages: tuple[Passage, ...]


class Swaps:
    """The things that documents are about, by the form of their names."""

    def __init__(self, documents: Sequence[Document], elsewhere: Elsewhere, seed: int) -> None:
        self._elsewhere = elsewhere
        self._seed = seed
        self._titles: Mapping[str, str] = {document.id: document.title.replace("_", " ") for document in documents}
        self._texts: Mapping[str, str] = {document.id: document.text for document in documents}
        self._things = {id: names_in(title) for id, title in self._titles.items()}

    def of(self, question: str, document_id: str, answer: str) -> Iterator[Swap]:
        """The question asked of similar things of which, by their words, no document says that; likest titles first."""
        own = [name for name in self._things[document_id] if _stands_in(name, question)]
        if not own or _REPEATS_A_TITLE.search(question):
            return  # another name in a document's title would ask for a document that does not exist
        gone = max(own, key=len)
        text = f"{self._titles[document_id]}\n{self._texts[document_id]}"
        for came in self._like(gone, document_id)[:MOST_TRIED]:
            if _stands_in(came, text) or _stands_in(came, question):
                continue
            asked = _exchanged(question, gone, came)
            passages = self._elsewhere.naming(_proper(came))
            # The noun behind a code, "cabin" of "T2 cabin", says what the thing is and not what is asked of it.
            known = {*normal_words(came), _noun_behind(gone, self._titles[document_id])}
            besides = frozenset(word[:STEM] for word in known)
            held = any(may_answer(f"{one.title}\n{one.text}", asked, answer, besides) for one in passages)
            if not held and not self._elsewhere.may_hold(asked, came):
                yield Swap(asked, gone, came, passages)

    def _like(self, gone: str, document_id: str) -> list[str]:
        """Names of the same sort of thing: codes of one pattern, or names that one noun ends or follows."""
        title = self._titles[document_id]
        own, sort = set(normal_words(title)), _sorts(gone, title)
        rng = random.Random(f"{self._seed}/{document_id}/{gone}")  # noqa: S311 - no secret
        found: dict[str, float] = {}
        for id, names in self._things.items():
            shared = len(own & set(normal_words(self._titles[id])))
            for name in names:
                if gone not in name and name not in gone and sort & _sorts(name, self._titles[id]):
                    found[name] = max(found.get(name, 0.0), shared + rng.random() / 2)
        return sorted(found, key=lambda name: (-found[name], name))


def names_in(title: str) -> tuple[str, ...]:
    """Names and codes in a title, without a capital that only begins it."""
    found = []
    for match in _NAME.finditer(title):
        name = match.group()
        if match.start() == 0 and name.split()[1:2] == ["the"]:
            name = name.split(" the ", 1)[1]  # "Opening the Ossel Line" speaks of the Ossel Line
        first = name.split()[0].casefold()
        if first in STOP_WORDS or first in QUESTION_WORDS:
            name = name[len(first) :].strip()
        alone = " " not in name and not any(character.isdigit() for character in name)
        begins = alone and match.start() == 0 and title.startswith(name)
        # A title that is nothing but the name, as in an encyclopaedia, names its thing.
        if name and (not begins or name == title.strip()):
            found.append(name)
    return tuple(dict.fromkeys(found))


def _sorts(name: str, title: str) -> frozenset[str]:
    """What sorts of thing a name may be of; things of one sort can stand for each other in a question."""
    words = name.split()
    if len(words) == 1 and _CODE.fullmatch(name):  # "K4" and "T2", but not "K4" and "Y53" or "1951"
        return frozenset([re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", name))])
    noun = _noun_behind(name, title) or (words[-1].casefold() if len(words) > 1 and words[-1].isalpha() else "")
    return frozenset([noun] if noun else ())


def _noun_behind(name: str, title: str) -> str:
    """The noun that follows a name in a title, as in "The Arven crane"; "" where none does."""
    found = re.search(rf"(?<!\w){re.escape(name)} (?P<noun>[a-z][a-z-]+)(?!\w)", title)
    return found["noun"] if found and found["noun"] not in STOP_WORDS else ""


def _proper(name: str) -> str:
    """The part of a name that is its own: documents also say "the Skerra" for the Skerra Line."""
    *first, last = name.split()
    return " ".join(first) if first and last.isalpha() else name


def _exchanged(question: str, gone: str, came: str) -> str:
    """The question with the other name, and with "a" or "an" before it as that name wants."""
    article = "an" if _VOWEL.match(came) else "a"
    swapped = re.sub(rf"(?<!\w){re.escape(gone)}(?!\w)", lambda _: came, question)
    return re.sub(
        rf"(?<!\w)(?P<first>[Aa])n?(?= {re.escape(came)}(?!\w))", lambda found: found["first"] + article[1:], swapped
    )


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
