"""Sentences whose grammar is plain enough to turn them into a question: a few patterns, each of high precision."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from lab.synthesis.answers import NAME
from lab.synthesis.sentences import Span
from lab.synthesis.subjects import Speakers
from lab.synthesis.values import DATE, NUMBER, PLURAL, SPAN, SPELLED, YEAR
from lab.synthesis.verbs import EVENTS, HOLDING, MADE, NOT_DEFINED, PAST, ROLES, SIZES
from lab.synthesis.words import PRONOUNS, STOP_WORDS, words

MOST_ANSWER_WORDS = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """Wordings of one question and where in the passage its answer stands.

    `named` is false where they speak of something like "the hanger", which only the title makes clear.
    """

    wordings: tuple[str, ...]
    start: int
    end: int
    kind: str
    named: bool = True


_SUBJECT = r"(?P<subject>[^\s,;:()][^,;:()\n]{1,80}?)"
_STOP = r"(?=\s*(?:\.(?!\d)|;|,(?! \d{4}|\d)|$))"  # a clause ends here
_WHEN = rf"(?P<when>{DATE}|{YEAR})(?![\w-])"
_REST = r"(?P<rest>(?: [\w\u2019'&-]{1,30}){0,6}?)"
_AMOUNT = (
    rf"(?:(?:about|around|approximately|roughly|nearly|some|over|more than|at least|up to) )?"
    rf"(?P<amount>(?:[$€£]\s?)?(?:\d[\d.,]{{0,14}}\d|\d|{SPELLED})(?: (?:hundred|thousand|million|billion))?"
    r"(?:[ \u00a0]?[A-Za-z°%µμ][A-Za-z²³/]{0,14})?)"
)


_PASSIVE_WHEN = re.compile(
    rf"{_SUBJECT} (?P<aux>was|were) (?P<event>{EVENTS}){_REST} (?P<on>in|on) {_WHEN}"
    r"(?= by |\s*[.,;]| in [A-Z]| as | at )"
)
_ACTIVE_WHEN = re.compile(rf"{_SUBJECT} (?P<past>{'|'.join(PAST)}){_REST} (?P<on>in|on) {_WHEN}{_STOP}")
_WHEN_FIRST = re.compile(
    rf"(?P<on>In|On) {_WHEN},? {_SUBJECT} (?:(?P<aux>was|were) (?P<event>{EVENTS})|(?P<past>{'|'.join(PAST)}))"
    r"(?P<rest>(?: [\w\u2019'&-]{1,30}){0,9})(?=\s*\.)"
)
_MADE_BY = re.compile(rf"{_SUBJECT} (?:was|were) (?P<made>{'|'.join(MADE)}) by (?P<name>{NAME})(?=\s*[.,;]| in \d)")
_WHERE = re.compile(
    rf"{_SUBJECT} (?P<aux>is|are|was|were) (?P<placed>born|located|situated|based|headquartered|buried|held) "
    rf"(?P<at>in|at|near|on) (?P<place>(?:the )?{NAME}(?:, {NAME})?){_STOP}"
)
_HAS = re.compile(
    rf"{_SUBJECT} (?P<verb>{'|'.join(HOLDING)}) "
    rf"(?P<count>\d[\d,]{{0,9}}|{SPELLED}) (?P<what>(?:[a-z][a-z-]{{2,15}} )?{PLURAL})"
    r"(?=\s*(?:[;,]|\.(?!\d))| (?:in|at|on|and|of|for|from|per|with|by) )"
)
_EVERY = re.compile(
    rf"{_SUBJECT} (?P<aux>is|are|was|were|must be|should be|has to be|have to be) (?P<done>[a-z]{{3,16}}ed|kept|held) "
    rf"(?P<often>(?:every|each|once an?|twice an?) [\w ]{{2,24}}|(?:daily|weekly|monthly|yearly)){_STOP}"
)
_WITHIN = re.compile(
    rf"{_SUBJECT} (?P<aux>is|are|must be|should be|has to be|have to be) (?P<done>[a-z]{{3,16}}ed|sent|paid|made|kept) "
    rf"within (?P<time>(?:\d{{1,4}}|{SPELLED}|an?) (?:second|minute|hour|day|week|month|year)s?)\b{_STOP}"
)
_WEIGHS = re.compile(rf"{_SUBJECT} (?P<verb>weighs?|costs?|lasts?) {_AMOUNT}{_STOP}")
_SIZE = re.compile(rf"{_SUBJECT} (?P<aux>is|are|was|were) {_AMOUNT} (?P<size>{'|'.join(SIZES)})(?=\s*[.,;]| and )")
_IS_A = re.compile(rf"{_SUBJECT} (?P<aux>is|are) (?P<what>(?:an?|the) [^.;:()\n]{{4,110}})(?=[.;])")
_CALLED = re.compile(
    rf"{_SUBJECT} (?P<aux>is|are|was|were) (?P<also>also )?(?:known as|called) "
    rf"(?P<name>(?:the )?[\w\u2019'-]{{2,30}}(?: [\w\u2019'-]{{2,30}}){{0,3}}){_STOP}"
)
_ATTRIBUTE = re.compile(
    rf"The (?P<what>(?:[a-z][a-z-]{{2,20}} ){{1,3}})of (?P<of>(?:the )?{NAME}) (?P<aux>is|was) "
    rf"(?P<value>{NAME}|{_AMOUNT}){_STOP}"
)
_LONG_FORM = re.compile(r"(?<!\w)(?P<long>(?:[A-Za-z][\w\u2019'-]{1,30} ){2,7})\((?P<short>[A-Z]{3,7})s?\)")


def asked(text: str, sentence: Span, speakers: Speakers) -> Iterator[Asked]:
    """Questions that the sentence answers by its grammar."""
    for pattern, make in _MAKERS:
        match = pattern.match(text, sentence.start, sentence.end)
        if match is None:
            continue
        subject = speakers.read(match["subject"]) if "subject" in pattern.groupindex else None
        if "subject" in pattern.groupindex and subject is None:
            continue
        for one in make(match, subject.text if subject else "", subject is not None and subject.proper):
            if _sound(text, one):
                yield replace(one, named=subject is None or subject.named)
    yield from _long_forms(text, sentence)


def _sound(text: str, one: Asked) -> bool:
    answer = text[one.start : one.end]
    if len(answer.split()) > MOST_ANSWER_WORDS or any(word.casefold() in PRONOUNS for word in words(answer)):
        return False
    return not any(_names(wording, answer) for wording in one.wordings)


def _names(question: str, answer: str) -> bool:
    return f" {answer.casefold()} " in f" {question.casefold().rstrip('?')} "


_Make = Callable[[re.Match[str], str, bool], Iterator[Asked]]


def _passive_when(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    rest = _rest(match)
    if rest is not None:
        yield _dated(match, f"{match['aux']} {subject} {match['event']}{rest}")


def _active_when(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    rest = _rest(match)
    if rest is not None:
        yield _dated(match, f"did {subject} {PAST[match['past']]}{rest}")


def _when_first(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    yield from (_passive_when if match["aux"] else _active_when)(match, subject, _)


def _dated(match: re.Match[str], clause: str) -> Asked:
    year = re.fullmatch(YEAR, match["when"]) is not None
    wordings = [f"When {clause}?"]
    if year:
        wordings.append(f"In which year {clause}?")
    elif match["on"].casefold() == "on" and re.search(r"\d{4}$", match["when"]):
        wordings.append(f"On what date {clause}?")
    return Asked(tuple(wordings), *match.span("when"), NUMBER if year else SPAN)


def _rest(match: re.Match[str]) -> str | None:
    """What stands between verb and date; None where it points elsewhere or begins another clause."""
    rest = match["rest"]
    small = [word.casefold() for word in words(rest)]
    if any(word in PRONOUNS or word in _CLAUSES for word in small) or re.search(r"\d", rest):
        return None
    return None if small and small[-1] in STOP_WORDS else rest


_CLAUSES = frozenset(
    "and or but when while after before until because although though since as if whether was were is are had has did"
    .split()
)  # fmt: skip


def _made_by(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    past = MADE[match["made"]]
    yield Asked((f"Who {past} {subject}?",), *match.span("name"), SPAN)


def _where(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    yield Asked((f"Where {match['aux']} {subject} {match['placed']}?",), *match.span("place"), SPAN)


def _has(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    helper, stem = HOLDING[match["verb"]].split(" ", 1)
    yield Asked((f"How many {match['what']} {helper} {subject} {stem}?",), *match.span("count"), NUMBER)


def _every(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    yield Asked((f"How often {_passive(match, subject)}?",), *match.span("often"), SPAN)


def _within(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    yield Asked((f"Within what time {_passive(match, subject)}?",), *match.span("time"), NUMBER)


def _passive(match: re.Match[str], subject: str) -> str:
    """The clause with its auxiliary in front: "must be replaced" -> "must the pads be replaced"."""
    first, *others = match["aux"].split()
    if first in ("has", "have"):
        return f"{'does' if first == 'has' else 'do'} {subject} have {' '.join(others)} {match['done']}"
    return " ".join([first, subject, *others, match["done"]])


def _weighs(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    verb = match["verb"]
    helper, stem = ("does", verb[:-1]) if verb.endswith("s") else ("do", verb)
    how = "long" if stem == "last" else "much"
    yield Asked((f"How {how} {helper} {subject} {stem}?",), *match.span("amount"), NUMBER)


def _size(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    noun = SIZES[match["size"]]
    past = "was" if match["aux"] in ("was", "were") else "is"
    wordings = (f"How {match['size']} {match['aux']} {subject}?", f"What {past} the {noun} of {subject}?")
    yield Asked(wordings, *match.span("amount"), NUMBER)


def _is_a(match: re.Match[str], subject: str, proper: bool) -> Iterator[Asked]:
    what = match["what"].split()
    head = what[1].casefold() if len(what) > 1 else ""
    if not proper or head in NOT_DEFINED or len(what) < 3 or head.endswith("est") or _person(subject):
        return
    if "," in match["what"]:
        return
    yield Asked((f"What {match['aux']} {subject}?",), *match.span("what"), SPAN)


def _person(subject: str) -> bool:
    """Whether a name may be a person's: two or three capitalised words without a digit."""
    tokens = subject.split()
    return 2 <= len(tokens) <= 3 and all(token[0].isupper() and token[1:].islower() for token in tokens)


def _called(match: re.Match[str], subject: str, _: bool) -> Iterator[Asked]:
    also = match["also"] or ""
    yield Asked((f"What {match['aux']} {subject} {also}called?",), *match.span("name"), SPAN)


def _attribute(match: re.Match[str], _: str, __: bool) -> Iterator[Asked]:
    what = match["what"].strip()
    if any(word in STOP_WORDS for word in what.split()):
        return
    who = "Who" if what.split()[-1] in ROLES else "What"
    group, kind = ("amount", NUMBER) if match["amount"] else ("value", SPAN)
    yield Asked((f"{who} {match['aux']} the {what} of {match['of']}?",), *match.span(group), kind)


_MAKERS: tuple[tuple[re.Pattern[str], _Make], ...] = (
    (_PASSIVE_WHEN, _passive_when),
    (_ACTIVE_WHEN, _active_when),
    (_WHEN_FIRST, _when_first),
    (_MADE_BY, _made_by),
    (_WHERE, _where),
    (_HAS, _has),
    (_EVERY, _every),
    (_WITHIN, _within),
    (_WEIGHS, _weighs),
    (_SIZE, _size),
    (_IS_A, _is_a),
    (_CALLED, _called),
    (_ATTRIBUTE, _attribute),
)


def _long_forms(text: str, sentence: Span) -> Iterator[Asked]:
    """Abbreviations beside what they stand for, where the initials agree."""
    for match in _LONG_FORM.finditer(text, sentence.start, sentence.end):
        letters = match["short"].casefold()
        tokens = [found for found in re.finditer(r"[A-Za-z][\w\u2019'-]*", match["long"])]
        first = _first_of(letters, [token.group() for token in tokens])
        if first is not None:
            start = match.start("long") + tokens[first].start()
            end = match.start("long") + len(match["long"].rstrip())
            short = match["short"]
            yield Asked(
                (f"What does {short} stand for?", f"What does the abbreviation {short} mean?"), start, end, SPAN
            )


def _first_of(letters: str, tokens: list[str]) -> int | None:
    """Where the long form begins: its words, small ones left out or not, have the letters as initials."""
    for small in (frozenset[str](), frozenset(["of", "the", "and", "for", "in", "on", "to"])):
        wanted = list(letters)
        for place in range(len(tokens) - 1, -1, -1):
            parts = [part for part in tokens[place].casefold().split("-") if part]
            if "".join(parts) in small:
                continue
            for part in reversed(parts):
                if not wanted or part[0] != wanted.pop():
                    wanted = ["!"]
                    break
            if not wanted:
                return place
            if wanted == ["!"]:
                break
    return None
