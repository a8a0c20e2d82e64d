"""What in a passage could answer a question: values, numbers, dates, names, quoted terms, definitions, short lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lab.synthesis.nouns import AnswerSpan
from lab.synthesis.sentences import Layout, Span, layout, trimmed
from lab.synthesis.words import DAYS, MONTHS, PRONOUNS, STOP_WORDS, is_english, words
from lab.types import Passage

MOST_WORDS = 12
SPAN, NUMBER, LIST = "span", "number", "list"

# Ranks: what the text labels itself comes first, what only its grammar suggests last.
_LABELLED, _MEASURED, _LISTED, _NAMED, _QUOTED, _DEFINED, _PHRASE = range(7)

_DIGITS = r"\d{1,15}(?:[.,\u00a0\u202f]\d{1,9}){0,6}"
_SPELLED = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-[a-z]{3,5})?)"
)
_SCALE = r"(?:[ \u00a0](?:hundred|thousand|million|billion|trillion))?"
_UNITS = (
    r"(?:%|‰|per cent|percent|°\s?[CFK]?|km/h|m/s|mph|[kKMGT]?W(?:h|p)?|[kMG]?Hz|[kKMGT]i?B|[kmμµ]?[gmlLVAN]|[cdnm]m|dB"
    r"|k?Pa|k?N|hPa|bar|mol|k?cal|[kM]?J|Nm|rpm|ppm|hours?|minutes?|seconds?|days?|weeks?|months?|years?|h|min|s|ha|m²|m³"
    r"|square (?:metres|meters|kilometres|kilometers|miles|feet)|newton metres|[a-z]{2,14}metres?|[a-z]{2,14}meters?"
    r"|metres?|meters?|miles?|feet|foot|inches|inch|kilos?|[a-z]{0,8}grams?|[a-z]{0,8}grammes?|tonnes?|tons?|pounds?"
    r"|[a-z]{0,8}lit(?:re|er)s?|[a-z]{0,8}volts?|[a-z]{0,8}watts?|amps?|degrees?|euros?|dollars?|cents?|francs?|marks?)"
)
_MONTH = rf"(?:{'|'.join(MONTHS)})"
_PATTERNS = (
    ("date", rf"(?<!\w)(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? \d{{4}})?|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
             rf"|{_MONTH} \d{{1,2}}(?!\d)|{_MONTH} \d{{4}}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}})(?!\w)"),
    ("time", r"(?<![\w:.])\d{1,2}[:.]\d{2}(?: ?(?:am|pm|a\.m\.|p\.m\.|h|Uhr|o'clock))?(?![\w:]|\.\d)"),
    ("money", rf"(?<!\w)(?:US\$|[$€£¥])[ \u00a0]?{_DIGITS}{_SCALE}(?![\w])|(?<![\w.,]){_DIGITS}{_SCALE}[ \u00a0]?(?:€|£|EUR|USD|CHF)(?!\w)"),
    ("amount", rf"(?<![\w.,/-])[-\u2212]?{_DIGITS}{_SCALE}[ \u00a0-]?{_UNITS}(?![\w/])"),
    ("spelled", rf"(?<![\w-]){_SPELLED}{_SCALE}[ \u00a0]{_UNITS}(?![\w/])"),
    ("range", rf"(?<![\w.,/-]){_DIGITS}[ ]?[\u2013-][ ]?{_DIGITS}(?![\w/-])"),
    ("number", rf"(?<![\w.,/-]){_DIGITS}(?![\w/-]|[.,]\d)"),
)  # fmt: skip
_VALUE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS))
_QUOTE = re.compile(
    '[\u201c\u201e\u00ab]([^\u201c\u201d\u201e\u00ab\u00bb\n]{2,80})[\u201d\u201c\u00bb]|(?<!\\w)"([^"\n]{2,80})"(?!\\w)'
)
_NAME_WORD = r"(?:[^\W\d_a-zà-öø-ÿ][\w\u2019'&-]{0,40}|[A-Z]\.(?=[ ]))"
_NAME = re.compile(
    rf"(?<![\w'\u2019-]){_NAME_WORD}(?:[ \u00a0](?:(?:of|the|de|la|von|van|der|du|del|di|and|of the) )?{_NAME_WORD}|[ ]\d{{1,4}}(?![\w.,%-])){{0,5}}"
)
_DEFINITION = re.compile(
    r"(?P<subject>[^\s,;:()][^,;:()\n]{1,60}?) (?:is|are|was|were|means|denotes|refers to|stands for) "
    r"(?P<definiens>(?:an?|the|any) [^.;:()\n]{2,120})"
)
_ITEMS = re.compile(
    r"(?:[\w\u2019'-]{1,30} ){0,4}[\w\u2019'-]{1,30}(?:, (?:[\w\u2019'-]{1,30} ){0,4}[\w\u2019'-]{1,30}){1,5},? (?:and|or) (?:[\w\u2019'-]{1,30} ?){1,4}"
)


@dataclass(frozen=True, slots=True)
class _Found:
    rank: int
    start: int
    end: int
    kind: str
    key: str = ""


def find_answers(passage: Passage) -> tuple[AnswerSpan, ...]:
    """What could answer a question, best first; offsets count in the document. No two of them overlap.

    What the text labels itself comes first (values of key-value lines, cells of tables), then numbers with their units,
    money, dates and times, then enumerations, names, quoted terms and definitions. None crosses the end of a sentence,
    has more than 12 words, or consists of stop words. Time grows with the length of the passage only.
    """
    text = passage.text
    form = layout(text)
    found = list(_labelled(text, form))
    english = is_english(text)
    names = known_names(text, form)
    for sentence in form.sentences:
        found.extend(_measured(text, sentence))
        found.extend(_quoted(text, sentence))
        found.extend(_named(text, sentence, names))
        if english:
            found.extend(_defined(text, sentence))
    return tuple(_as_answer(passage, one) for one in _apart(text, found))


def known_names(text: str, form: Layout) -> frozenset[str]:
    """Capitalised sequences that stand inside a sentence at least once: there, a capital is no accident."""
    inside = set()
    for sentence in form.sentences:
        for match in _NAME.finditer(text, sentence.start, sentence.end):
            if match.start() > sentence.start:
                inside.add(match.group())
    return frozenset(inside)


def _apart(text: str, found: list[_Found]) -> Iterator[_Found]:
    taken = bytearray(len(text))
    for one in sorted(found, key=lambda one: (one.rank, one.start, -one.end)):
        if _usable(text[one.start : one.end]) and not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            yield one


def _usable(answer: str) -> bool:
    if not any(character.isalnum() for character in answer):
        return False
    return len(answer.split()) <= MOST_WORDS and not all(word.casefold() in STOP_WORDS for word in words(answer))


def _as_answer(passage: Passage, found: _Found) -> AnswerSpan:
    start, end = passage.start + found.start, passage.start + found.end
    return AnswerSpan(passage.text[found.start : found.end], start, end, found.kind, found.key)


def _labelled(text: str, form: Layout) -> Iterator[_Found]:
    for pair in form.pairs:
        value = pair.value.of(text)
        key = f"{pair.row}, {pair.key}" if pair.row else pair.key
        yield _Found(_LABELLED, pair.value.start, pair.value.end, kind_of_value(value), key)


def kind_of_value(value: str) -> str:
    """The kind of a value that stands alone: number where it begins with one, list where it enumerates, else span."""
    found = _VALUE.match(value)
    if found and found.lastgroup not in ("date", "time"):
        return NUMBER
    return LIST if value.count(",") + value.count(";") >= 2 and not found else SPAN


def _measured(text: str, sentence: Span) -> Iterator[_Found]:
    for match in _VALUE.finditer(text, sentence.start, sentence.end):
        kind = SPAN if match.lastgroup in ("date", "time") else NUMBER
        yield _Found(_MEASURED, match.start(), match.end(), kind)


def _quoted(text: str, sentence: Span) -> Iterator[_Found]:
    for match in _QUOTE.finditer(text, sentence.start, sentence.end):
        group = 1 if match.group(1) else 2
        yield _Found(_QUOTED, match.start(group), match.end(group), SPAN)


def _named(text: str, sentence: Span, names: frozenset[str]) -> Iterator[_Found]:
    for match in _NAME.finditer(text, sentence.start, sentence.end):
        span = Span(match.start(), match.end())
        if match.start() == sentence.start and match.group() not in names:
            continue
        first = match.group().split()[0]
        if first.casefold() in STOP_WORDS:
            span = trimmed(text, match.start() + len(first), match.end())
        name = span.of(text)
        if len(name) > 1 and name.casefold() not in PRONOUNS and name not in DAYS and name not in MONTHS:
            yield _Found(_NAMED, span.start, span.end, SPAN)


def _defined(text: str, sentence: Span) -> Iterator[_Found]:
    if match := _DEFINITION.match(text, sentence.start, sentence.end):
        end = match.end("definiens")
        if len(text[match.start("definiens") : end].split()) <= MOST_WORDS:
            yield _Found(_DEFINED, match.start("definiens"), end, SPAN)
