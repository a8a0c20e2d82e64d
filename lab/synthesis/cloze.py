"""Sentences with a blank where the answer stood: "Complete: The rescue bag of the F5 holds ____ metres of rope."."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from lab.synthesis.answers import fact_of, find_answers
from lab.synthesis.nouns import AnswerSpan, Proposal
from lab.synthesis.sentences import Span, layout, statements
from lab.synthesis.standalone import BLANK, CLOZE_START, unclear
from lab.synthesis.subjects import Speakers
from lab.synthesis.values import LIST, NUMBER, SPELLED
from lab.synthesis.words import FUNCTION_WORDS, is_english, words
from lab.types import Passage

MAKER = "cloze"
FEWEST_WORDS, MOST_WORDS = 8, 32  # of the sentence; shorter ones tell too little, longer ones tire
PER_SENTENCE = 2

# Words that lean on the sentence before, or on a picture.
_POINTING = frozenset(
    """
    i me my we us our you your he him his she her hers it its they them their theirs himself herself itself themselves
    this these those such above below former latter aforementioned respectively another other others both same previous
    however therefore thus hence moreover furthermore meanwhile similarly likewise consequently nevertheless nonetheless
    additionally afterwards contrast conversely addition figure fig figs table tables author authors
    """.split()
)
_MARKUP = re.compile(r"[|\[\]{}\\<>()\n]|```|https?:|____|^[A-Z]\. |^.{0,40}:|\s\.$|[a-z] \d{1,3}\.$")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|will|would|may|might|must|should|does|did|became|began|led|held|made"
    r"|took|gave|said|wrote|won|lost|left|ran|holds|takes|gives|keeps|runs|stands|lies|carries|weighs|costs|lasts"
    r"|contains|includes|consists|covers|serves|opens|closes|needs|allows|means|makes|shows|uses|[a-z]{3,20}ed)\b"
)
# What may follow a blank: the end of a clause, or a small word. A noun there would make the answer half a phrase.
_AFTER = re.compile(r"[.,;]|[ ](?:[a-z]{3,20}ed|(?P<small>[a-z]{1,9}))\b")
_BEFORE = re.compile(r"(?:(?P<mark>[,;])|(?<![\w.-])(?P<word>[A-Za-z][\w'\u2019-]{0,30})) \Z")
_LONGER = re.compile(r" (?:and|of|&|on|in|for|the)(?: the)? [A-Z]|, [A-Z]")
_LISTED = re.compile(r"\w, (?:and |or )?\Z")
_COUNTING = frozenset(["last", "first", "next", "other", "and", "remaining", "final", "previous"])
_MORE = re.compile(rf" and (?:\d|{SPELLED}|an?\b)")  # "five hours and three quarters"
_CHAIN = re.compile(r"[A-Z][\w-]{0,30} (?:and|&|of|of the) \Z")
_THAT = re.compile(r"\bthat (?:time|period|year|day|case|point|moment|century|decade|era|area|place|reason)\b")


def cloze_proposals(passage: Passage) -> tuple[Proposal, ...]:
    """Sentences that can be understood alone, each with one answer blanked; often none.

    The sentence is whole, has 8 to 32 words, no pronoun, no figure of its own, and its subject is a name or holds one
    that is not the answer. The answer stands in it once, and nowhere in the title. At most 2 blanks for each sentence.
    """
    text = passage.text
    if not is_english(text):
        return ()
    form = layout(text)
    speakers = Speakers(passage, form)
    answers = sorted((answer for answer in find_answers(passage) if not answer.key), key=lambda one: one.start)
    starts = [answer.start - passage.start for answer in answers]
    return tuple(
        proposal
        for sentence in statements(passage, form)
        if _clear(sentence.of(text))
        for proposal in _blanked(
            passage,
            sentence,
            answers[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)],
            speakers,
        )
    )


def _clear(sentence: str) -> bool:
    found = words(sentence)
    if not FEWEST_WORDS <= len(found) <= MOST_WORDS or _MARKUP.search(sentence) or not _VERB.search(sentence):
        return False
    return not any(word.casefold() in _POINTING for word in found) and _THAT.search(sentence) is None


def _blanked(passage: Passage, sentence: Span, answers: Sequence[AnswerSpan], speakers: Speakers) -> Iterator[Proposal]:
    shown = sentence.of(passage.text)
    found = 0
    for answer in answers:
        start, end = answer.start - passage.start - sentence.start, answer.end - passage.start - sentence.start
        if not (0 < start and end < len(shown)) or not _worth_asking(shown, answer.text, passage.title):
            continue
        rest = f"{shown[:start]}{BLANK}{shown[end:]}"
        number = answer.kind in (NUMBER, LIST)
        opened = speakers.opens(rest, titled=bool(passage.title), unnamed=number)
        if not (opened and _tells(answer) and _fits(shown, start, end, number=number)):
            continue
        question = f"{CLOZE_START} {rest}{_about(shown, passage.title)}"
        if unclear(question) is None:
            yield Proposal(question, answer, passage, MAKER, fact_of(passage, answer))
            found += 1
        if found == PER_SENTENCE:
            return


def _fits(sentence: str, start: int, end: int, *, number: bool) -> bool:
    """Whether the answer is a whole phrase of the sentence, and not a part of a name or the first half of a noun."""
    after = _AFTER.match(sentence, end)
    listed = _LISTED.search(sentence, max(0, start - 8), start) and sentence[end] != " "
    if not number and (_LONGER.match(sentence, end) or listed):
        return False  # half a name, or an item of a list, in whose place others would do
    if after is None or (after["small"] and after["small"] not in FUNCTION_WORDS):
        return False
    before = _BEFORE.search(sentence, max(0, start - 40), start)
    if before is None or before["mark"]:
        return before is not None
    word = before["word"]
    if number and (word in _COUNTING or _MORE.match(sentence, end)):
        return False
    if word.casefold() in FUNCTION_WORDS:
        # Behind "Tyne and" or "Bank of" may stand the rest of a name.
        return number or _CHAIN.search(sentence, max(0, start - 60), start) is None
    return word.islower() and (number or word.endswith(("ed", "ing")))


def _tells(answer: AnswerSpan) -> bool:
    """Whether a blank has one answer: a number, a date, a name. For a common phrase many others would do."""
    return answer.kind in (NUMBER, LIST) or answer.text[0].isupper() or answer.text[0].isdigit()


def _worth_asking(sentence: str, answer: str, title: str) -> bool:
    """Whether the blank is the only place that gives the answer away."""
    return sentence.casefold().count(answer.casefold()) == 1 and answer.casefold() not in title.casefold()


def _about(sentence: str, title: str) -> str:
    """The title in brackets, unless the sentence holds it."""
    plain = " ".join(title.replace("_", " ").split())
    return f" ({plain})" if plain and plain.casefold() not in sentence.casefold() else ""
