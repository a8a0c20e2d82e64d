"""Where the answers of imported questions stand: in the document that is named, else where in all documents.

An answer that stands in one place only is there. Of several places the one counts around which the question's words
stand, rare words counting more (inverse document frequency, Spärck Jones 1972); where two places are alike, none does.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lab.corpus.locate import AUTO, answer_form, occurrences, whole, with_marks
from lab.types import LABEL_KINDS, Document, Evidence

WINDOW = 300  # characters before and behind an answer in which the question's words are looked for
BLOCK = 600  # characters of the pieces in which words are counted
STEM = 6  # letters by which words are compared, so that "brakes" is "brake"
NEAR_ENOUGH = 0.5  # weight of the question's words that must stand around an answer which is no proof by itself
AHEAD = 0.1  # by how much the best place must lead
MOST_PLACES = 200  # of one answer; a word that stands everywhere places no question

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Placed:
    """Kind and evidence of a question; `how` is one of `WAYS`."""

    kind: str
    evidence: tuple[Evidence, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of an answer's place. `vague`: a name means several documents, one of which is meant."""

    named: tuple[Document, ...] = ()
    quotes: tuple[str, ...] = ()
    vague: bool = False


# What became evidence, in the words of the report on an import.
OFFSETS, QUOTED, NAMED, ONLY, BEST = "offsets", "quoted", "named", "only", "best"
WHOLE, LABELLED, UNTOLD = "whole", "labelled", "untold"
NOWHERE, SEVERAL, UNASKED = "nowhere", "several", "unanswerable"
WAYS = {
    OFFSETS: "located at the offsets that the file gives",
    QUOTED: "located in the evidence that the file quotes",
    NAMED: "located in the document that the file names",
    ONLY: "located in the only place where the answer stands",
    BEST: "located in the place with most of the question's words",
    WHOLE: "located in a document as a whole: the answer does not stand there in one clear place",
    LABELLED: "located in a document as a whole: yes, no or a label",
    UNTOLD: "without evidence: yes, no or a label, and no document is named",
    NOWHERE: "without evidence: the answer stands in no document word for word",
    SEVERAL: "without evidence: the answer stands in several places alike, or is too common a word",
    UNASKED: "without an answer: kept as unanswerable",
}
WITHOUT_EVIDENCE = (UNTOLD, NOWHERE, SEVERAL)


@dataclass(frozen=True, slots=True)
class _Place:
    document: Document
    start: int
    end: int
    score: float

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.document.id, self.start, self.end)


@dataclass
class Placer:
    """Places answers in `documents`. Words are indexed once, at the first question that needs them."""

    documents: Sequence[Document]
    _texts: dict[str, str] = field(default_factory=dict, init=False)
    _holders: dict[str, set[int]] = field(default_factory=dict, init=False)
    _blocks: Counter[str] = field(default_factory=Counter, init=False)  # by stem, in how many it stands
    _n_blocks: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._texts = {document.id: document.text for document in self.documents}

    def place(self, question: str, answers: Sequence[str], told: Told, kind: str = AUTO) -> Placed:
        """Evidence of a question that has answers; `kind` auto reads the kind off the first of them."""
        form = answer_form(answers[0]) if kind == AUTO else kind
        if form in LABEL_KINDS:
            found = [place.evidence for place in self._quoted(told)]
            evidence = tuple(found) or (() if told.vague else whole(told.named))
            return Placed(form, evidence, (QUOTED if found else LABELLED) if evidence else UNTOLD)
        place, how = self._find(question, answers, told)
        evidence = (place.evidence,) if place else whole(told.named) if how == WHOLE else ()
        spoken = place is not None and any(self._holds(place, answer) for answer in answers)
        return Placed(form or ("span" if spoken else "free"), evidence, how)

    def quoted(self, evidence: Evidence) -> str:
        """The text of evidence: the whole document's where it has no offsets."""
        return self._texts[evidence.document_id][evidence.start : evidence.end]

    def _find(self, question: str, answers: Sequence[str], told: Told) -> tuple[_Place | None, str]:
        asked = self._weights(question, answers)
        for quote in self._quoted(told):
            inside = self._within(quote, answers)
            best = _leader([self._scored(place, asked) for place in inside])
            return best or quote, QUOTED
        seen = False
        for answer in answers if told.named else ():
            places = [self._scored(place, asked) for place in _places(answer, told.named)]
            seen = seen or bool(places)
            if best := _leader(places):
                return best, NAMED
        if told.named and told.vague:
            return None, SEVERAL if seen else NOWHERE
        return (None, WHOLE) if told.named else self._anywhere(answers, asked)

    def _anywhere(self, answers: Sequence[str], asked: dict[str, float]) -> tuple[_Place | None, str]:
        seen = False
        for answer in answers:
            places = [self._scored(place, asked) for place in _places(answer, self._candidates(answer))]
            seen = seen or bool(places)
            if len(places) == 1 and len(answer.split()) > 1:
                return places[0], ONLY
            best = _leader(places)
            if best is not None and best.score >= NEAR_ENOUGH:
                return best, ONLY if len(places) == 1 else BEST
        return None, SEVERAL if seen else NOWHERE

    def _quoted(self, told: Told) -> list[_Place]:
        """The first quote that stands in one place of the named documents, or of all."""
        for quote in told.quotes:
            places = list(_places(quote, told.named or self._candidates(quote)))
            if len({place.document.id for place in places}) == 1:
                return places[:1]
        return []

    def _within(self, quote: _Place, answers: Sequence[str]) -> list[_Place]:
        """Where the first answer that stands in a quote stands in it."""
        text = quote.document.text[quote.start : quote.end]
        for answer in answers:
            spans = list(occurrences(answer, text))
            if spans:
                return [_Place(quote.document, quote.start + start, quote.start + end, 0.0) for start, end in spans]
        return []

    @staticmethod
    def _holds(place: _Place, answer: str) -> bool:
        return next(occurrences(answer, place.document.text[place.start : place.end]), None) is not None

    def _candidates(self, answer: str) -> list[Document]:
        """Documents that hold every word of an answer, so that few texts are searched."""
        self._index()
        words = [word.casefold() for word in _WORD.findall(answer)]
        if not words:
            return list(self.documents)
        holders = set.intersection(*(self._holders.get(word, set()) for word in words))
        return [self.documents[number] for number in sorted(holders)]

    def _weights(self, question: str, answers: Sequence[str]) -> dict[str, float]:
        """The question's words with their weights, without those of its answers and those of no document."""
        self._index()
        told = {stem for answer in answers for stem in _stems(answer)}
        known = {stem: self._blocks[stem] for stem in set(_stems(question)) - told if stem in self._blocks}
        return {stem: math.log(1 + self._n_blocks / blocks) for stem, blocks in known.items()}

    def _scored(self, place: _Place, asked: dict[str, float]) -> _Place:
        """The share of the question's words, by weight, that stands around a place or in the title."""
        text = place.document.text
        around = f"{place.document.title} {text[max(0, place.start - WINDOW) : place.end + WINDOW]}"
        near, total = set(_stems(around)), sum(asked.values())
        score = sum(weight for stem, weight in asked.items() if stem in near) / total if total else 0.0
        return _Place(place.document, place.start, place.end, score)

    def _index(self) -> None:
        if self._holders:
            return
        holders: defaultdict[str, set[int]] = defaultdict(set)
        for number, document in enumerate(self.documents):
            for start in range(0, len(document.text), BLOCK):
                words = _WORD.findall(document.text[start : start + BLOCK].casefold())
                self._blocks.update({word[:STEM] for word in words})
                self._n_blocks += 1
            for word in _WORD.findall(document.text.casefold()):
                holders[word].add(number)
        self._holders = dict(holders)


def _places(answer: str, documents: Iterable[Document]) -> list[_Place]:
    def found() -> Iterator[_Place]:
        for document in {document.id: document for document in documents}.values():
            for start, end in occurrences(answer, document.text):
                yield _Place(document, *with_marks(answer, document.text, start, end), 0.0)

    places: list[_Place] = []
    for place in found():
        places.append(place)
        if len(places) > MOST_PLACES:
            return []
    return places


def _leader(places: Sequence[_Place]) -> _Place | None:
    """The only place, or the one whose score is clearly the best."""
    if len(places) < 2:
        return places[0] if places else None
    first, second, *_ = sorted(places, key=lambda place: -place.score)
    return first if first.score - second.score >= AHEAD else None


def _stems(text: str) -> list[str]:
    return [word[:STEM] for word in _WORD.findall(text.casefold())]
