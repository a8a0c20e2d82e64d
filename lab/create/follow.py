"""Questions follow their evidence when documents change: offsets move with the text that they quote.

What a changed document no longer holds cannot be asked fairly. Such questions are set aside with the text that they
quoted, and are looked for again whenever documents change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.corpus.fields import collapse
from lab.corpus.jsonl import QUOTED_KINDS
from lab.corpus.locate import occurrences, with_marks
from lab.types import Document

LOST = "lost"  # the key of a question set aside: why, and the text that its evidence quoted
CONTEXT = 80  # characters before and behind a quote by which its new place is told
ENOUGH_CONTEXT = 12  # of them that must be as they were, or "4 hours" would move to any other 4 hours
AROUND = 1000  # characters on either side in which a sentence begins and ends
_SENTENCE_END = re.compile(r"(?<=[.!?\u2026])\s+|\n\s*\n|\n(?=\s*[-*|#])|[\u3002\uff01\uff1f]")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A question without its evidence: `row` as it goes to the file of those set aside, `reason` in plain words."""

    id: str
    reason: str
    row: Row


@dataclass(frozen=True, slots=True)
class Followed:
    """`rows` in their order, None where a question was set aside; `moved` and `returned` are ids."""

    rows: tuple[Row | None, ...]
    aside: tuple[SetAside, ...]
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """What evidence quoted: its text with what stood before and behind it. `document` is the id that it had."""

    document: str
    text: str
    before: str = ""
    behind: str = ""
    start: int = 0

    @classmethod
    def of(cls, document: Document, start: int, end: int) -> Quote:
        text = document.text
        return cls(
            document.id, text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT], start
        )


@dataclass
class Follower:
    """Moves evidence from `before` to `after`, both by id."""

    before: Mapping[str, Document]
    after: Mapping[str, Document]
    _renamed: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        new = {document.text: id for id, document in self.after.items() if id not in self.before}
        gone = (document for id, document in self.before.items() if id not in self.after)
        self._renamed = {document.id: new[document.text] for document in gone if document.text in new}

    def follow(self, rows: Sequence[Row]) -> Followed:
        """Each row of questions.jsonl with its evidence where it stands now."""
        kept: list[Row | None] = []
        aside: list[SetAside] = []
        moved: list[str] = []
        for row in rows:
            new, reason = self._follow_one(row)
            kept.append(new)
            if new is None:
                aside.append(self._set_aside(row, reason))
            elif new != row:
                moved.append(_id(row))
        return Followed(tuple(kept), tuple(aside), tuple(moved))

    def bring_back(self, rows: Sequence[Row]) -> Followed:
        """Questions set aside earlier that stand somewhere now, without LOST; None for those that still do not."""
        kept, aside = [], []
        for row in rows:
            lost = row.get(LOST) if isinstance(row.get(LOST), dict) else {}
            new = self._found_again(row, lost if isinstance(lost, dict) else {})
            kept.append(new)
            if new is None:
                aside.append(SetAside(_id(row), str(dict(lost or {}).get("reason", "")), row))
        return Followed(tuple(kept), tuple(aside))

    def _follow_one(self, row: Row) -> tuple[Row | None, str]:
        """The row as it is now, or None with the reason."""
        changed: Row = {}
        about = row.get("document")
        if isinstance(about, str) and self._is_gone(about):
            if about not in self._renamed:
                return None, f"its document is gone: {about}"
            changed["document"] = self._renamed[about]
        evidence = []
        for item in _items(row):
            new, reason = self._move(item, row)
            if new is None:
                return None, reason
            evidence.append(new)
        if evidence and evidence != _items(row):
            changed["evidence"] = evidence
        return {**row, **changed}, ""

    def _move(self, item: Row, row: Row) -> tuple[Row | None, str]:
        id = item.get("document")
        if isinstance(id, str) and not self.before:
            return self._repair(item, row, id)
        if not isinstance(id, str) or id not in self.before:
            return item, ""  # never was right: `lab check` says so with its line
        if id in self.after and self.after[id].text == self.before[id].text:
            return item, ""
        if id in self._renamed:
            return {**item, "document": self._renamed[id]}, ""
        start, end = item.get("start"), item.get("end")
        if type(start) is int and type(end) is int:
            quote = Quote.of(self.before[id], start, end)
            place = self._look(quote)
            if place and row.get("synthetic") and self._sentence(place) != _sentence(self.before[id].text, start, end):
                return None, f"the sentence that it was written from has changed in {place['document']}"
            return (place, "") if place else (None, _why(quote, id in self.after))
        if id not in self.after:
            return None, f"its document is gone: {id}"
        if _held(row, self.before[id]) and not _held(row, self.after[id]):
            return None, f"its answer no longer stands in {id}"
        return item, ""

    def _repair(self, item: Row, row: Row, id: str) -> tuple[Row | None, str]:
        """Evidence whose old text nobody knows: as it is where it quotes an answer, else the place of an answer."""
        document, start, end = self.after.get(id), item.get("start"), item.get("end")
        if document is None:
            return None, f"its document is gone: {id}"
        quoted = Document("", "", document.text[start:end]) if type(start) is int and type(end) is int else document
        if _held(row, quoted):
            return item, ""
        if not _held(row, document):
            return None, f"its answer no longer stands in {id}"
        places = [span for answer in row["answers"] for span in occurrences(str(answer), document.text)]
        return (_evidence(document, *places[0]) if len(places) == 1 else {"document": id}), ""

    def _look(self, quote: Quote) -> Row | None:
        """Where a quote stands now, among the same words: in its own document, else in the only other one."""
        own = self.after.get(quote.document)
        places = [
            (score, document, start, end)
            for document in ([own] if own else self.after.values())
            for score, start, end in _places(quote, document)
            if score >= min(ENOUGH_CONTEXT, len(quote.before) + len(quote.behind))
        ]
        places.sort(key=lambda place: (-place[0], abs(place[2] - quote.start)))
        alike = len(places) > 1 and places[1][0] == places[0][0] and own is None
        return None if alike or not places else _evidence(*places[0][1:])

    def _sentence(self, place: Row) -> str:
        return _sentence(self.after[place["document"]].text, place["start"], place["end"])

    def _set_aside(self, row: Row, reason: str) -> SetAside:
        quotes: list[Row] = []
        for item in _items(row):
            id, start, end = item.get("document"), item.get("start"), item.get("end")
            if isinstance(id, str) and id in self.before and type(start) is int and type(end) is int:
                one = Quote.of(self.before[id], start, end)
                quotes.append({"document": id, "text": one.text, "before": one.before, "behind": one.behind})
            else:
                quotes.append({"document": id})
        return SetAside(_id(row), reason, {**row, LOST: {"reason": reason, "quotes": quotes}})

    def _found_again(self, row: Row, lost: Mapping[str, Any]) -> Row | None:
        about = row.get("document")
        if isinstance(about, str) and about not in self.after:
            return None
        evidence: list[Row] = []
        quotes = lost.get("quotes")
        for one in quotes if isinstance(quotes, list) else []:
            quote = _quote(one)
            own = self.after.get(quote.document)
            place = self._look(quote) if quote.text else None
            if not quote.text and own is not None and _held(row, own):
                place = {"document": own.id}
            if place is None:
                return None
            evidence.append(place)
        found = {key: value for key, value in row.items() if key != LOST}
        return {**found, "evidence": evidence} if evidence else found

    def _is_gone(self, id: str) -> bool:
        return id in self.before and id not in self.after


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence or line around [start, end), white space collapsed."""
    first = max((match.end() for match in _SENTENCE_END.finditer(text, max(0, start - AROUND), start)), default=None)
    last = _SENTENCE_END.search(text, end, end + AROUND)
    begin = max(0, start - AROUND) if first is None else first
    return " ".join(text[begin : last.start() if last else end + AROUND].split())


def _places(quote: Quote, document: Document) -> Iterator[tuple[int, int, int]]:
    """Where a quote stands in a text, with the number of characters around it that are as they were."""
    if not quote.text.strip():
        return
    text, start = document.text, document.text.find(quote.text)
    exact = start >= 0
    while start >= 0:
        yield _alike(quote, text, start, start + len(quote.text)), start, start + len(quote.text)
        start = text.find(quote.text, start + 1)
    for span in () if exact else occurrences(quote.text, text):
        begin, end = with_marks(quote.text, text, *span)
        if collapse(text[begin:end]) == collapse(quote.text):  # its stops and quotes stand there too
            yield _alike(quote, text, begin, end), begin, end


def _alike(quote: Quote, text: str, start: int, end: int) -> int:
    before, behind = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    return _common(reversed(quote.before), reversed(before)) + _common(quote.behind, behind)


def _common(one: Any, other: Any) -> int:
    number = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        number += 1
    return number


def _evidence(document: Document, start: int, end: int) -> Row:
    return {"document": document.id, "start": start, "end": end}


def _quote(one: object) -> Quote:
    """What a question set aside says of its evidence; somebody may have edited it."""
    values = one if isinstance(one, dict) else {}
    document, text, before, behind = (str(values.get(key) or "") for key in ("document", "text", "before", "behind"))
    return Quote(document, text, before, behind)


def _held(row: Row, document: Document) -> bool:
    """Whether an answer stands in a text; true of kinds whose answers need not stand anywhere word for word."""
    answers = row.get("answers")
    if row.get("kind", "span") not in QUOTED_KINDS or not isinstance(answers, list):
        return True
    return any(next(occurrences(str(answer), document.text), None) is not None for answer in answers)


def _why(quote: Quote, still_there: bool) -> str:
    words = " ".join(quote.text.split())
    shown = words if len(words) <= 50 else f"{words[:47]}..."
    if still_there:
        return f'"{shown}" no longer stands in {quote.document} among the same words'
    return f'its document is gone: {quote.document}, which held "{shown}"'


def _items(row: Row) -> list[Row]:
    evidence = row.get("evidence")
    return [item for item in evidence if isinstance(item, dict)] if isinstance(evidence, list) else []


def _id(row: Row) -> str:
    return str(row.get("id", "?"))
