"""What a sentence or a document is about, as a question can name it so that it is understood alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.synthesis.answers import known_names
from lab.synthesis.sentences import Layout
from lab.synthesis.words import ARTICLES, DAYS, MONTHS, STOP_WORDS
from lab.types import Passage

MOST_SUBJECT_WORDS, MOST_COMMON_WORDS, MOST_TITLE_WORDS = 8, 3, 6
_INNER = frozenset(["of", "the", "and", "de", "la", "von", "van", "der", "du", "del", "&", "for", "on", "in", "at"])
_GENRE = (
    r"(?:technical (?:description|specifications?|data)|data ?sheet|specifications?|spec sheet|fact ?sheet|manual|guide"
    r"|handbook|user guide|user manual|overview|datasheet)"
)
_GENRE_END = re.compile(rf"(?:\s*[:\u2013\u2014-])?\s+{_GENRE}$", re.IGNORECASE)
_VAGUE = frozenset(
    "former latter same other first second third fourth fifth last next previous present one new old main author"
    " authors".split()
)


_PLACES = frozenset("inside outside above below behind beside here there nearby ahead opposite".split())
_VERBS = frozenset("stands lies sits runs goes comes makes takes gives says shows works hangs".split())
_OPENERS = frozenset("the a an in on at by for from during after before between under over near since until".split())


@dataclass(frozen=True, slots=True)
class Subject:
    """A noun phrase as it stands inside a question: `proper` where it is a bare name, `named` where it holds one."""

    text: str
    proper: bool
    named: bool


class Speakers:
    """The names of a passage: those inside its sentences, and those of its title and headings."""

    def __init__(self, passage: Passage, form: Layout) -> None:
        names = {word for name in known_names(passage.text, form) for word in name.split()}
        label = passage.label.replace("_", " ").replace(">", " ")
        names |= {word for word in label.split() if word[:1].isupper() or _code(word)}
        self._names = frozenset(name.strip(".,;:()'\"") for name in names) - STOP_WORDS

    def read(self, phrase: str) -> Subject | None:
        """The phrase that opens a sentence as a subject inside a question; None unless it is clear by itself.

        It is nothing but a noun phrase, without a pronoun, and holds a name or a code such as K6. What holds none,
        such as "the hanger", is clear beside the title only.
        """
        tokens = phrase.split()
        if not 0 < len(tokens) <= MOST_SUBJECT_WORDS or not re.fullmatch(r"[\w\s\u2019'&./-]+", phrase):
            return None
        article = tokens[0].casefold() if tokens[0].casefold() in ARTICLES else ""
        noun = tokens[1:] if article else tokens
        if not noun or any(self._hinders(token) for token in noun) or noun[-1] in _INNER or noun[0] in _INNER:
            return None
        named = any(self._names_it(token, first=not article and place == 0) for place, token in enumerate(noun))
        if not article:
            # A capital in front may be a sentence's accident, as in "Construction of the K6".
            return Subject(" ".join(noun), True, True) if self._names_it(noun[0], first=True) else None
        if noun[-1] in _PLACES or (not named and noun[-1].endswith("est")):
            return None
        if named or (article == "the" and len(noun) <= MOST_COMMON_WORDS):
            return Subject(" ".join([article, *noun]), False, named)
        return None

    def opens(self, sentence: str, *, titled: bool, unnamed: bool = False) -> bool:
        """Whether a sentence begins as a statement about something that it, or the title beside it, makes clear.

        It names something within its first 8 words. Beside a title an `unnamed` thing such as "the lowering rope" will
        do; without one, a name must stand among the first 4 words, and another one behind.
        """
        tokens = [token.strip(".,;:()'\"") for token in sentence.split()]
        first = tokens[0].casefold()
        if first not in _OPENERS and not self._names_it(tokens[0], first=True):
            return False
        if any(token.casefold() in _VAGUE for token in tokens[:3]):
            return False
        names = [place for place, token in enumerate(tokens) if token and self._names_it(token, first=place == 0)]
        if titled:
            return bool(names and names[0] < 8) or (unnamed and first == "the")
        return len(names) > 1 and names[0] < 4

    def _names_it(self, token: str, *, first: bool) -> bool:
        bare = token.removesuffix("'s").removesuffix("\u2019s")
        if bare in MONTHS or bare in DAYS or not any(character.isalpha() for character in bare):
            return False
        if _code(bare):
            return True
        return bare[0].isupper() and (not first or bare in self._names)

    def _hinders(self, token: str) -> bool:
        small = token.casefold()
        return (
            (small in STOP_WORDS and small not in _INNER) or small in _VAGUE or small.endswith("ly") or small in _VERBS
        )


def _code(word: str) -> bool:
    """Whether a word is a code or an abbreviation, such as K6, IFN or mRNA."""
    letters = [character for character in word if character.isalpha()]
    return bool(letters) and (any(c.isdigit() for c in word) or any(c.isupper() for c in word[1:]))


def topic(title: str) -> tuple[str, bool]:
    """What a title names, and whether it names a thing that can have properties, as in "the K4 cabin".

    "K4 cabin data sheet" -> ("the K4 cabin", True); "How brakes are tested every spring" -> (itself, False).
    """
    plain = " ".join(title.replace("_", " ").split())
    name = _GENRE_END.sub("", plain).rstrip(" :\u2013\u2014-")
    tokens = name.split()
    if not 0 < len(tokens) <= MOST_TITLE_WORDS or not re.fullmatch(r"[\w\s\u2019'&./+-]+", name):
        return plain, False
    if any(token.casefold() in STOP_WORDS and token.casefold() not in _INNER for token in tokens):
        return plain, False
    if tokens[0].casefold() in ARTICLES:
        return " ".join([tokens[0].casefold(), *tokens[1:]]), True
    if not (_code(tokens[0]) or all(token[0].isupper() or token in _INNER or token[0].isdigit() for token in tokens)):
        return plain, any(_code(token) for token in tokens)
    common = tokens[-1].islower() and len(tokens) > 1
    return (f"the {name}" if common else name), True
