"""A statement turned into questions about one of its parts, in many ways; which of them is English, a model decides.

Overgenerating by rules and ranking the results is the way of Heilman and Smith 2010 (Good Question! Statistical Ranking
for Question Generation, NAACL). Their rules need a parser; here every verb that might be the main one is tried, and the
likelihood under a language model takes the parser's place: a model too small to write questions tells good ones well.
English only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.synthesis.asking import sentence_of
from lab.synthesis.inflection import AUXILIARIES, bases
from lab.synthesis.nouns import AnswerSpan
from lab.synthesis.words import ARTICLES, MONTHS, STOP_WORDS, words
from lab.types import Passage

MOST_TURNED = 24
MOST_SUBJECT_WORDS = 7
MOST_CHARACTERS = 500  # of a sentence; longer ones are tables, lists or code
FEWEST_WORDS, MOST_WORDS = 5, 22

_PREPOSITIONS = frozenset(
    "in at on by for from with to of under over near behind after before since until during within through per".split()
)
_PLACES = frozenset("in at near behind beside under over on inside outside from".split())
_PERSONAL = frozenset(["by", "for", "from", "to", "with"])
# What names of two words and more often end in.
_NOUNS = frozenset(
    """
    line river lake sea ocean mountain valley island county city district street road bridge tower station airport park
    church cathedral abbey university college school academy institute museum gallery hospital library company group
    corporation association party council committee board agency department ministry office court parliament army fleet
    empire kingdom republic dynasty war battle treaty act law prize award festival theatre stadium club league team
    museum project program programme mission protocol method model system effect theory syndrome disease virus
    """.split()
)
_STARTERS = frozenset(
    "and but or so because although though while whereas that which who when where if as since however".split()
)
_NO_SUBJECT = frozenset(
    """
    it its he she they his her their this that these those there we our you your i my here one some others for in on at
    with without by from to since as when where while if because although after before during until not never only
    then thus also what who which how why
    """.split()
)
_DEGREES = frozenset(
    "about around almost approximately at exactly just least more most nearly over only roughly some to under".split()
)
_YEAR = re.compile(r"(?:1[0-9]|20)\d\d")
_TIME = re.compile(r"(?:hour|minute|day|week|month|year|second)s?")
_AMOUNT = re.compile(r"(?:[\d.,\u00a0]*\d|[a-z]+(?:-[a-z]+)?) (?P<unit>[^\W\d_][\w ]*)", re.IGNORECASE)
_ASIDE = re.compile(r" ?\([^()]{0,200}\)")
_BREAK = re.compile(r"[;:\u2014]| [\u2013-] |, ")
_INNER = frozenset("-/'\u2019\"\u201c\u201d_")
_ITEM_AFTER = re.compile(r",? (?:and|or|&) |, (?:[\w'\u2019-]+ ){0,2}[\w'\u2019-]+(?:,| and | or )|\s?[\u2013/-]")
FRONTED = "\0"  # in front of the words after an answer that stands before its clause
_MARKUP = re.compile(r"\*\*|__|`|^\s*(?:[-*•]|\d+[.)])\s+")


@dataclass(frozen=True, slots=True)
class _Clause:
    """Words of a clause before and after the answer."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def turned(passage: Passage, answer: AnswerSpan) -> tuple[str, ...]:
    """At most 24 distinct questions about the answer, most of them no English; often none."""
    found: dict[str, None] = {}
    for clause in _clauses(passage, answer):
        for asking, before in _asking(answer, clause.before):
            for question in _questions(asking, before, clause.after):
                text = " ".join(question.split()).rstrip(" .,;:!?")
                if FEWEST_WORDS <= len(words(text)) <= MOST_WORDS:
                    found.setdefault(f"{text[:1].upper()}{text[1:]}?")
    return tuple(found)[:MOST_TURNED]


def _clauses(passage: Passage, answer: AnswerSpan) -> Iterator[_Clause]:
    """The clauses around an answer, the longest first; none where the answer is a part of a longer name or a list."""
    first, last = sentence_of(passage, answer)
    if last - first > MOST_CHARACTERS:
        return
    start, end = answer.start - passage.start, answer.end - passage.start
    head, tail = _plain(passage.text[first:start]), _plain(passage.text[end:last])
    if _is_part(passage.text[max(start - 1, 0) : start], passage.text[end : end + 1], head, tail):
        return
    pieces = _BREAK.split(f"{head} ")
    before, front = pieces[-1].split(), head.casefold()
    if tail and front in _PREPOSITIONS:  # "In 2014, the magazine compiled ...": what follows is the clause
        rest = _first_piece(tail.removeprefix(",").strip()).split()
        for words_of in _as_within(rest, passage):
            yield _Clause(tuple(before), (FRONTED, *words_of))
        return
    kept = _until_second_verb(_first_piece(tail))
    subject = _subject(pieces[0])
    for place in _beginnings(before):
        rest = before[place:]
        own = [*subject, *rest] if rest and rest != before[: len(rest)] and _is_verb(rest[0]) else rest
        if len(pieces) > 1 and rest and _is_verb(rest[0]):
            own = [*subject, *rest]  # "The carriage, kept at the top, takes ____"
        for after in dict.fromkeys((kept, _until_starter(kept))):
            for words_of in _as_within(own, passage):
                yield _Clause(tuple(words_of), tuple(after.split()))


def _subject(piece: str) -> list[str]:
    """The words that a sentence begins with, up to its first verb; none if that is not soon."""
    found = piece.split()
    verb = next((place for place, word in enumerate(found) if place and _is_verb(word)), len(found))
    return found[:verb] if verb <= MOST_SUBJECT_WORDS else []


def _is_verb(word: str) -> bool:
    """Whether a word of small letters may be a verb in the past, or in the third person."""
    return word in AUXILIARIES or (word.islower() and any(helper != "do" for helper, _ in bases(word)))


def _plain(text: str) -> str:
    return " ".join(_ASIDE.sub("", _MARKUP.sub("", text)).split())


def _is_part(left: str, right: str, head: str, tail: str) -> bool:
    """Whether an answer is cut out of a longer name, noun phrase, quotation or enumeration."""
    if left in _INNER or right.isalnum() or right in _INNER or head.endswith(("'s", "\u2019s")):
        return True
    if (tail.startswith(".") and tail.strip(" .")) or _ITEM_AFTER.match(tail):
        return True
    last = head.split()[-1].casefold() if head else ""
    if last in ("and", "or", "of", "than") or (head.endswith(",") and _ITEM_AFTER.match(f"{tail},")):
        return True
    if not tail or not tail[0].isalnum():
        return False
    following = tail.split()[0].rstrip(".,;:").casefold()
    if not head and any(helper != "do" for helper, _ in bases(following)):
        return False  # "Ida Norwell gives ...": behind a sentence's first words a verb may follow
    return following == "of" or not (
        following in STOP_WORDS or following in AUXILIARIES or following.endswith(("ed", "ing", "ly"))
    )


def _as_within(found: Sequence[str], passage: Passage) -> Iterator[list[str]]:
    """The words of a sentence's beginning as they stand within one; where the text leaves the case open, both ways."""
    first = found[0] if found else ""
    small = first.lower()
    if first == small or not first.istitle():
        yield list(found)
        return
    seen = small in STOP_WORDS or re.search(rf"\b{re.escape(small)}\b", passage.text) is not None
    inside = re.search(rf"(?<=[\w,] ){re.escape(first)}\b", f"{passage.label} {passage.text}") is not None
    if seen or not inside:
        yield [small, *found[1:]]
    if not seen:
        yield list(found)


def _first_piece(text: str) -> str:
    return _BREAK.split(text)[0] if text[:1] not in (",", ";", ":") else ""


def _until_second_verb(text: str) -> str:
    """A text up to a conjunction with a verb behind it: of "takes ____ and weighs much" the first verb is asked for."""
    found = text.split()
    for place, (word, following) in enumerate(pairwise(found)):
        if word.casefold() in ("and", "or", "but") and _is_verb(following):
            return " ".join(found[:place])
    return text


def _until_starter(text: str) -> str:
    """A text up to its first conjunction."""
    found = text.split()
    return " ".join(found[: next((n for n, word in enumerate(found) if word.casefold() in _STARTERS), len(found))])


def _beginnings(found: Sequence[str]) -> list[int]:
    """Where a clause may begin among words: at the first one, and behind a conjunction."""
    behind = [place + 1 for place, word in enumerate(found[:-1]) if word.casefold() in _STARTERS]
    return ([] if found and found[0].casefold() in _STARTERS else [0]) + behind


def _asking(answer: AnswerSpan, before: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Question words that fit the answer, each with the words before the answer that stay."""
    text = answer.text
    last = before[-1].casefold() if before else ""
    bare = before[:-1] if last in _PREPOSITIONS else before
    amount = _AMOUNT.fullmatch(text) if answer.kind == "number" else None
    if _YEAR.fullmatch(text):
        yield "in which year" if last == "in" else "when", bare
    elif any(month in text for month in MONTHS) or re.fullmatch(r"\d{1,2}[:.]\d\d.*", text):
        yield "when", bare
    elif answer.kind == "number":
        yield from _asking_amount(text, amount["unit"] if amount else "", before)
    elif last in ("because", "since"):
        yield "why", before[:-1]
    else:
        if last in ARTICLES:
            before = before[:-1]
            last = before[-1].casefold() if before else ""
            bare = before[:-1] if last in _PREPOSITIONS else before
        if last in _PLACES:
            yield "where", bare
        yield from _asking_thing(text, last, before, bare)


def _asking_thing(
    text: str, last: str, before: tuple[str, ...], bare: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What, who or, where a name ends in what it names, as in "Ossel Line", which."""
    name, noun = text[:1].isupper(), text.split()[-1].casefold()
    things = [f"which {noun}"] if name and " " in text and noun in _NOUNS else ["what"]
    for thing in things:
        if last in _PREPOSITIONS:
            yield f"{last} {thing}", bare
        if last not in _PREPOSITIONS or not name:
            yield thing, before
    if name and things == ["what"]:
        if last in _PERSONAL:
            yield f"{last} whom", bare
        elif last not in _PREPOSITIONS:
            yield "who", before


def _asking_amount(text: str, unit: str, before: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    while before and before[-1].casefold() in _DEGREES:
        before = before[:-1]
    last = before[-1].casefold() if before else ""
    asking = f"how many {unit}" if unit else "what percentage" if "%" in text else "how many"
    if last in ("every", "each"):
        yield "how often", before[:-1]
    elif last in _PREPOSITIONS:
        yield f"{last} {asking}", before[:-1]
        if last == "for" and _TIME.search(unit):
            yield "how long", before[:-1]
    else:
        yield asking, before
        if _TIME.search(unit):
            yield "how long", before
        yield "how much", before


def _questions(asking: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    if after[:1] == (FRONTED,):
        yield from _inverted(asking, after[1:], ())
    elif before:
        yield from _inverted(asking, before, after)
        if after and asking in ("what", "who"):  # "The explorer ____ charted ...": an apposition
            yield f"which {' '.join(before[1:] if before[0].casefold() in ARTICLES else before)} {' '.join(after)}"
    elif after:
        yield f"{asking} {' '.join(after)}"


def _inverted(asking: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    """Question word, helper, subject, verb, rest: for each word that might be the verb, the auxiliaries first."""
    if [word.casefold() for word in before[:1]] == ["there"] and len(before) == 2 and asking.startswith("how many "):
        yield f"{asking} {before[1]} there {' '.join(after)}"
    if not before or before[0].casefold() in _NO_SUBJECT:
        return
    tail = " ".join(after)
    helped = [place for place, word in enumerate(before) if place and word.casefold() in AUXILIARIES]
    for place in helped[:1]:
        subject, rest = " ".join(before[:place]), " ".join(before[place + 1 :])
        yield f"{asking} {before[place].casefold()} {subject} {rest} {tail}"
    for place, word in enumerate(before[: helped[0]] if helped else before):
        if place and word.isalpha() and word.islower() and word not in STOP_WORDS:
            subject, rest = " ".join(before[:place]), " ".join(before[place + 1 :])
            for helper, base in bases(word):
                if helper == "do" and not (before[place - 1].endswith("s") or "and" in before[:place]):
                    continue
                yield f"{asking} {helper} {subject} {base} {rest} {tail}"
