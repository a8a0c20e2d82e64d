"""Whether a question can be understood by somebody who does not see the passage that it was made from."""

from __future__ import annotations

import re

from lab.synthesis.words import QUESTION_WORDS, STOP_WORDS, words
from lab.types import Passage

FEWEST_WORDS, MOST_WORDS = 4, 40
CLOZE_START, BLANK = "Complete:", "____"

TOO_SHORT, TOO_LONG = "fewer than 4 words", "more than 40 words"
NO_QUESTION = "not a question"
SEVERAL = "more than one question"
NO_CONTENT = "no content word"
NAMES_ITS_SOURCE = "speaks of its passage"
DANGLING = "a pronoun or pointer without what it stands for"

_ASKING = QUESTION_WORDS | frozenset(
    """
    is are was were am do does did has have had can could may might must shall should will would in on at by for from to
    of with according during under about between among since until name list give state complete
    """.split()
)
_SOURCE = re.compile(
    r"\b(?:the|this|that|given|provided|above|following)\s+(?:\w+\s+)?"
    r"(?:passage|text|context|document|paragraph|excerpt|author|authors|article|snippet|extract|section|sentence)\b"
    r"(?!\s+of\b)",  # "the author of Faust" is somebody
    re.IGNORECASE,
)
_POINTERS = re.compile(
    r"\b(?:the\s+(?:above|below|following|former|latter|same)|(?:above|below)[- ]mentioned|aforementioned|aforesaid)\b",
    re.IGNORECASE,
)
_PERSONAL = frozenset("he she him her his hers they them their theirs it its himself herself itself themselves".split())
_DEMONSTRATIVES = frozenset(["this", "these", "those", "such"])
_FIRST_PERSON = frozenset("i me my mine myself we us our ours ourselves".split())
_DUMMY_IT = re.compile(
    r"\bit\s+(?:is|was|be|takes?|took|possible|costs?|rains?|snows?|matters?)\b"
    r"|\b(?:is|was|does|did|will|can|would|has|must|should)\s+it\s+"
    r"(?:take|took|taken|cost|rain|snow|mean|matter|possible|necessary|allowed|legal|safe|true|important|likely|better)\b",
    re.IGNORECASE,
)


def unclear(question: str, passage: Passage | None = None) -> str | None:
    """Why a question cannot be understood alone, in one of a fixed few phrases; None where nothing shows that."""
    found = words(question)
    if len(found) < FEWEST_WORDS:
        return TOO_SHORT
    if len(found) > MOST_WORDS:
        return TOO_LONG
    cloze = question.lstrip().startswith(CLOZE_START) and BLANK in question
    if not cloze and not _asks(question, found):
        return NO_QUESTION
    if not cloze and "?" in question.rstrip().rstrip("?\"'\u201d\u2019) "):
        return SEVERAL
    if not any(word.casefold() not in STOP_WORDS for word in found):
        return NO_CONTENT
    if _SOURCE.search(question) or _POINTERS.search(question):
        return NAMES_ITS_SOURCE
    return DANGLING if _dangles(question, found) else None


def _asks(question: str, found: list[str]) -> bool:
    return question.rstrip().rstrip("\"'\u201d\u2019) ").endswith("?") or found[0].casefold() in QUESTION_WORDS


def _dangles(question: str, found: list[str]) -> bool:
    small = [word.casefold() for word in found]
    if any(word in _FIRST_PERSON for word in small):
        return True
    for place, word in enumerate(small):
        if word in _DEMONSTRATIVES:
            return True
        if word in _PERSONAL and not _has_antecedent(found[:place]) and not _DUMMY_IT.search(question):
            return True
    return False


def _has_antecedent(before: list[str]) -> bool:
    """Whether some word before a pronoun could be what it stands for."""
    return any(word.casefold() not in STOP_WORDS and word.casefold() not in _ASKING for word in before)
