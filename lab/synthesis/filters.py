"""What a proposed question must pass. Each check gives the reason why it fails, in one of a fixed few phrases, or None.

The thresholds are constants with their reasons. What needs a model is not asked here: the pipeline brings replies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.synthesis.nouns import AnswerSpan, Proposal
from lab.synthesis.standalone import BLANK, unclear
from lab.synthesis.words import STOP_WORDS, content_words, normal_words
from lab.types import Passage

EMPTY = "no question was written"
NOT_QUOTED = "the answer does not stand in the passage"
LEAKS = "the answer stands in the question"
OPAQUE = "the answer is a code that nobody asks for"
COPIED = "copies the passage"
ALONE = "cannot be understood alone: "
STRANGE = "speaks of things that the passage does not"
OFF = "asks about another part of the passage"
ELSEWHERE = "fits another document as well"
REPEATED = "asked already"
UNREAD = "the passage does not lead to the answer"
KNOWN = "known without the passage"
NOT_NEEDED = "not_needed"

# Runs of 8 words are what Carlini et al. and others take as copied; a question shares shorter runs with its passage.
COPIED_WORDS = 8
# A question may say one word, and up to a third of its words, otherwise than the passage; where more are foreign, a
# small model has made something up. Words are compared by their first five letters: "weighs" and "weight" are one.
GROUNDED = 0.67
STEM = 5
# Token F1 of a second reading with the answer. 0.6 forgives one word too many around two; at 0.5 "42 millimetres" and
# "42 metres" would agree.
AGREES = 0.6
# A reading that holds the whole answer and few words more is right, too.
MOST_EXTRA_WORDS = 4

_OPAQUE = re.compile(r"\b[0-9a-fA-F-]{20,}\b|https?://|\S{41,}")  # digests, addresses, encoded data

Overlap = Callable[[str, Sequence[str]], float]
# Nouns of asking: they name the answer's form and stand in no passage.
_ASKING = frozenset(
    """
    name names named kind type sort number amount percentage percent share year date day time place location person
    people reason term called word words many much long far often old tall large big high according stand mean
    abbreviation
    """.split()
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether a reading gives the answer: SQuAD's token F1 and containment, which arrive as arguments.

    Numbers must be there digit by digit: "42" for "43 days" shares half of the words and is wrong.
    """

    token_f1: Overlap
    contains: Overlap

    def agrees(self, said: str, answer: AnswerSpan) -> bool:
        """Whether `said` is the answer in other words, or the answer with few words around it."""
        if not said.strip():
            return False
        wanted = _figures(answer.text)
        if wanted and not wanted <= _figures(said):
            return False
        if self.token_f1(said, [answer.text]) >= AGREES:
            return True
        extra = len(said.split()) - len(answer.text.split())
        return self.contains(said, [answer.text]) == 1.0 and extra <= MOST_EXTRA_WORDS


def fault_of_form(proposal: Proposal) -> str | None:
    """The first fault that the proposal and its passage show by themselves; None where there is none."""
    question, passage, answer = proposal.question, proposal.passage, proposal.answer
    if not any(character.isalnum() for character in question):
        return EMPTY
    if answer is not None:
        if not stands_in(passage, answer):
            return NOT_QUOTED
        if leaks(question, answer.text):
            return LEAKS
        if _OPAQUE.search(answer.text):
            return OPAQUE
    cloze = BLANK in question
    if not cloze and _copies(question, passage):
        return COPIED
    if (reason := unclear(question, passage)) is not None:
        return f"{ALONE}{reason}"
    if not cloze and _is_strange(question, passage):
        return STRANGE
    return None


def stands_in(passage: Passage, answer: AnswerSpan) -> bool:
    """Whether the passage holds the answer word for word where the answer says."""
    start = answer.start - passage.start
    return start >= 0 and bool(answer.text.strip()) and passage.text[start : start + len(answer.text)] == answer.text


def leaks(question: str, answer: str) -> bool:
    """Whether a question gives its answer away: all content words of the answer stand in it, or its text does."""
    asked = normal_words(question)
    told = normal_words(answer)
    if not told:
        return False
    if any(asked[place : place + len(told)] == told for place in range(len(asked) - len(told) + 1)):
        return True
    content = content_words(told)
    figures = _figures(answer)
    if figures and not figures <= _figures(question):
        return False
    return bool(content) and all(any(_alike(word, other) for other in asked) for word in content)


def grounded(question: str, passage: Passage) -> float:
    """Share of the question's content words that stand in the passage or its label, by their first five letters."""
    asked = key_words(question)
    if not asked:
        return 0.0
    known = {word[:STEM] for word in normal_words(f"{passage.label} {passage.text}")}
    return sum(word[:STEM] in known for word in asked) / len(asked)


def _is_strange(question: str, passage: Passage) -> bool:
    share, count = grounded(question, passage), len(key_words(question))
    return share == 0.0 or (share < GROUNDED and round((1 - share) * count) > 1)


def key_words(question: str) -> tuple[str, ...]:
    """The distinct words of a question that say what it is about: no function word, no noun of asking."""
    found = dict.fromkeys(word for word in normal_words(question) if word not in STOP_WORDS and word not in _ASKING)
    return tuple(word for word in found if any(character.isalnum() for character in word))


def _copies(question: str, passage: Passage) -> bool:
    """Whether a line of the passage is what was written; a long run of its words within a question is no question."""
    asked, told = normal_words(question), normal_words(passage.text)
    text = f" {' '.join(told)} "
    whole = len(asked) >= COPIED_WORDS and not question.rstrip().endswith("?")
    return whole and f" {' '.join(asked[:COPIED_WORDS])} " in text


def _figures(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+(?:[.,]\d+)*", text))


def _alike(word: str, other: str) -> bool:
    return word == other or (len(word) >= STEM and word[:STEM] == other[:STEM])
