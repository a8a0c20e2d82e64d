"""What in a passage could answer a question: values, numbers, dates, lists, names, quoted terms, definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lab.synthesis.nouns import AnswerSpan
from lab.synthesis.sentences import Layout, Span, layout, trimmed
from lab.synthesis.values import CALENDAR, LIST, NUMBER, SPAN, VALUE, kind_of_value
from lab.synthesis.words import DAYS, MONTHS, PRONOUNS, STOP_WORDS, is_english, words
from lab.types import Passage

MOST_WORDS = 12

# Ranks: what the text labels itself comes first, what only its grammar suggests last. Citations are never answers;
# they come first of all, so that nothing inside them is one.
_CITATION, _LABELLED, _LISTED, _MEASURED, _NAMED, _QUOTED, _DEFINED, _MODIFIER, _PHRASE = range(9)

_QUOTE = re.compile(
    "[\u201c\u201e\u00ab]([^\u201c\u201d\u201e\u00ab\u00bb\n]{2,80})[\u201d\u201c\u00bb]"
    '|(?<!\\w)"([^"\n]{2,80})"(?!\\w)'
)
_NAME_WORD = r"(?:[A-Z]\.(?=[ ][A-Z])|[A-ZÀ-ÖØ-ÞĀ-ž][\w\u2019'&-]{0,40})"
_PARTICLE = r"(?:of the|of|de la|de|la|von|van der|van|der|du|del|di|al)"
NAME = rf"{_NAME_WORD}(?:[ \u00a0](?:{_PARTICLE} )?{_NAME_WORD}|[ ]\d{{1,4}}(?![\w.,%-])){{0,5}}"
_NAMES = re.compile(rf"(?<![\w'\u2019.-]){NAME}")
_DEFINITION = re.compile(
    r"[^\s,;:()][^,;:()\n]{1,60}? (?:is|are|was|were|means|denotes|refers to|stands for) "
    r"(?P<definiens>(?:an?|the|any) [^.,;:()\n]{2,120})(?=[.;,](?:\s|$))"
)
_ITEM = r"(?!that\b|those\b)(?:[\w\u2019'-]{1,30} ){0,4}[\w\u2019'-]{1,30}"
_ITEMS = re.compile(
    r"\b(?:contains?|includes?|including|holds?|comprises?|carry|carries|consists? of|made (?:up )?of|such as|namely)"
    rf":? (?P<items>{_ITEM}(?:, {_ITEM}){{1,5}},? and {_ITEM})(?=[.;:)])"
)
_COMPLEMENT = re.compile(
    r"\b(?:by|from|with|at|under|in|on|of|into|behind|above|below|beside|near) "
    r"(?P<phrase>(?:the|an?) (?:[a-z][a-z-]{2,20} ){1,3}[a-z][a-z-]{2,20})(?=[.,;:)])"
)
_BRACKET = re.compile(r"[\[(][^\[\]()\n]{1,300}[\])]")
_CITED = re.compile(r"[^\W\d_],? (?:19|20)\d\d|\bet al|^.[\d,;\s\u2013-]{1,300}.$")
_NEXT_WORD = re.compile(r"[ \u00a0]([a-z]{3,30})\b")
_YEAR_ALONE = re.compile(r"\((?:1\d|20)\d\d\)")
_LABEL_BEFORE = re.compile(r"(?<!\w)[A-Z][\w-]{0,30} \Z")


@dataclass(frozen=True, slots=True)
class _Found:
    rank: int
    start: int
    end: int
    kind: str
    key: str = ""


def find_answers(passage: Passage) -> tuple[AnswerSpan, ...]:
    """What could answer a question, best first; offsets count in the document. No two of them overlap.

    What the text labels itself comes first (values of key-value lines, cells of tables), then enumerations, numbers
    with their units, money, dates and times, names, quoted terms, definitions, and last noun phrases that end a clause.
    None crosses the end of a sentence, has more than 12 words, or consists of stop words. In texts that do not look
    English, patterns of English grammar are left out. Time grows with the length of the passage only.
    """
    text = passage.text
    form = layout(text)
    found = list(_labelled(text, form))
    english = is_english(text)
    names = known_names(text, form)
    for sentence in form.sentences:
        found.extend(_citations(text, sentence))
        found.extend(_measured(text, sentence))
        found.extend(_quoted(text, sentence))
        found.extend(_named(text, sentence, names))
        if english:
            found.extend(_by_grammar(text, sentence))
    return tuple(_as_answer(passage, one) for one in _apart(text, found))


def answer_at(passage: Passage, start: int, end: int, kind: str, key: str = "") -> AnswerSpan:
    """The span [start, end) of the passage's text as an answer with the document's offsets."""
    return AnswerSpan(passage.text[start:end], passage.start + start, passage.start + end, kind, key)


def fact_of(passage: Passage, answer: AnswerSpan) -> str:
    """The group of questions that this place answers: `<document id>:<start>-<end>`, whoever asks."""
    return f"{passage.document_id}:{answer.start}-{answer.end}"


def known_names(text: str, form: Layout) -> frozenset[str]:
    """Capitalised sequences that stand inside a sentence at least once: there, a capital is no accident."""
    inside = set()
    for sentence in form.sentences:
        for match in _NAMES.finditer(text, sentence.start, sentence.end):
            if match.start() > sentence.start:
                inside.add(match.group())
    return frozenset(inside)


def _apart(text: str, found: list[_Found]) -> Iterator[_Found]:
    taken = bytearray(len(text))
    names: set[str] = set()
    for one in sorted(found, key=lambda one: (one.rank, one.start, -one.end)):
        answer = text[one.start : one.end]
        if any(taken[one.start : one.end]) or not (one.rank == _CITATION or _usable(answer)):
            continue
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
        if one.rank != _CITATION and (one.rank not in (_NAMED, _MODIFIER) or answer not in names):
            yield one
        names.add(answer)


def _usable(answer: str) -> bool:
    if not any(character.isalnum() for character in answer):
        return False
    return len(answer.split()) <= MOST_WORDS and not all(word.casefold() in STOP_WORDS for word in words(answer))


def _as_answer(passage: Passage, found: _Found) -> AnswerSpan:
    return answer_at(passage, found.start, found.end, found.kind, found.key)


def _labelled(text: str, form: Layout) -> Iterator[_Found]:
    for pair in form.pairs:
        key = f"{pair.row}, {pair.key}" if pair.row else pair.key
        yield _Found(_LABELLED, pair.value.start, pair.value.end, kind_of_value(pair.value.of(text)), key)


def _measured(text: str, sentence: Span) -> Iterator[_Found]:
    for match in VALUE.finditer(text, sentence.start, sentence.end):
        if (
            match.lastgroup == "counted"
            and text[max(sentence.start, match.start() - 4) : match.start()].lower() == "the "
        ):
            continue  # "the two methods" points back, and counts nothing
        if match.lastgroup not in ("number", "range") or _tells(text, match, sentence):
            kind = SPAN if match.lastgroup in CALENDAR else NUMBER
            yield _Found(_MEASURED, match.start(), match.end(), kind)


def _tells(text: str, match: re.Match[str], sentence: Span) -> bool:
    """Whether a number without a unit says something: 3 digits or more, no label of a thing ("Agilent 2100")."""
    if sum(character.isdigit() for character in match.group()) < 3:
        return False
    label = _LABEL_BEFORE.search(text, max(sentence.start, match.start() - 40), match.start())
    return label is None or label.group().strip().casefold() in STOP_WORDS


def _citations(text: str, sentence: Span) -> Iterator[_Found]:
    for match in _BRACKET.finditer(text, sentence.start, sentence.end):
        if _CITED.search(match.group()) and not _YEAR_ALONE.fullmatch(match.group()):
            yield _Found(_CITATION, match.start(), match.end(), SPAN)


def _quoted(text: str, sentence: Span) -> Iterator[_Found]:
    for match in _QUOTE.finditer(text, sentence.start, sentence.end):
        group = 1 if match.group(1) else 2
        quote = match.group(group).rstrip(".,;:!?")
        yield _Found(_QUOTED, match.start(group), match.start(group) + len(quote), SPAN)


def _named(text: str, sentence: Span, names: frozenset[str]) -> Iterator[_Found]:
    for match in _NAMES.finditer(text, sentence.start, sentence.end):
        span = Span(match.start(), match.end())
        if match.start() == sentence.start and match.group() not in names and not _sure(match.group()):
            continue
        first = match.group().split()[0]
        if first.casefold() in STOP_WORDS:
            span = trimmed(text, match.start() + len(first), match.end())
        name = span.of(text)
        if len(name) > 1 and name.casefold() not in PRONOUNS and name not in DAYS and name not in MONTHS:
            yield _Found(_MODIFIER if _modifies(text, span.end) else _NAMED, span.start, span.end, SPAN)


def _modifies(text: str, end: int) -> bool:
    """Whether a name stands before its noun, as in "Austrian government": alone it answers little."""
    following = _NEXT_WORD.match(text, end)
    return following is not None and following[1] not in STOP_WORDS and not following[1].endswith(("ed", "s"))


def _sure(name: str) -> bool:
    """Whether a sequence at the start of a sentence is a name all the same: several words, or a code such as K6."""
    first, *rest = name.split()
    if first.casefold() in STOP_WORDS:
        return bool(rest)
    return bool(rest) or any(character.isdigit() or character.isupper() for character in first[1:])


def _by_grammar(text: str, sentence: Span) -> Iterator[_Found]:
    for match in _ITEMS.finditer(text, sentence.start, sentence.end):
        yield _Found(_LISTED, *match.span("items"), LIST)
    definition = _DEFINITION.match(text, sentence.start, sentence.end)
    if definition and len(definition["definiens"].split()) <= MOST_WORDS:
        yield _Found(_DEFINED, *definition.span("definiens"), SPAN)
    for match in _COMPLEMENT.finditer(text, sentence.start, sentence.end):
        if not any(word in STOP_WORDS for word in match["phrase"].split()[1:]):
            yield _Found(_PHRASE, *match.span("phrase"), SPAN)
