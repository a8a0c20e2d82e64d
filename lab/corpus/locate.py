"""Where the answer of a question stands in its contexts, near an offset or without one, and which kind it has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lab.corpus.fields import collapse
from lab.types import LABEL_KINDS, Document, Evidence

AUTO = "auto"
MAX_SHIFT = 20  # characters that an answer may stand away from the offset that the data name
NUMBER = re.compile(r"[-+(~<>]*[$€£]?\d[\d.,]*%?[.,;)]*")
YES_NO = ("yes", "no")
_MARKS_BEFORE, _MARKS_BEHIND = re.compile(r"[^\w\s]+"), re.compile(r"[^\w\s]+$")
_OPENING = "\"'\u201c\u2018("
_CLOSING = _OPENING + "\u201d\u2019).,;:!?"


@dataclass
class Locator:
    """Places answers one by one and counts what it found."""

    counts: Counter[str] = field(default_factory=Counter)

    def place(
        self, answers: Sequence[str], documents: Sequence[Document], kind: str
    ) -> tuple[str, tuple[Evidence, ...]]:
        """The kind of a question and its evidence. `kind` auto reads the kind off the answers.

        The evidence is the one place where an answer stands; where the answers stand nowhere or in several places, it
        is the whole document, or each document that holds one.
        """
        form = answer_form(answers[0]) if kind == AUTO else kind
        if form in LABEL_KINDS:
            self.counts["said"] += bool(documents)
            return form, whole(documents)
        evidence, places = _look_for(answers, documents)
        if documents:
            self.counts[("absent", "once", "several")[min(places, 2)]] += 1
        return form or ("span" if places else "free"), evidence

    def notes(self, contexts: str) -> list[str]:
        """What became evidence, as sentences; `contexts` names what the answers were looked for in."""
        counts, notes = self.counts, []
        if searched := counts["once"] + counts["several"] + counts["absent"]:
            notes.append(
                f"The answers of {searched} questions were looked for in {contexts}. {counts['once']} stand there "
                f"exactly once, and that place is the evidence; for {counts['several']} that stand there several times "
                f"and {counts['absent']} that do not stand there word for word, it is the whole document."
            )
        if counts["said"]:
            notes.append(f"The evidence of {counts['said']} yes-no and label questions is the whole document.")
        return notes


def answer_form(answer: str) -> str:
    """The kind number or yes-no where the answer looks so, else empty."""
    if NUMBER.fullmatch((answer.split() or [""])[0]):
        return "number"
    return "yes-no" if collapse(answer).rstrip(".") in YES_NO else ""


def plain(answers: Sequence[str], kind: str) -> tuple[str, ...]:
    """The distinct answers, those of a yes-no question as plain `yes` and `no` where that is their first word.

    Else `Yes.` would be a label of its own beside `yes`.
    """
    if kind != "yes-no":
        return tuple(answers)
    words = [(collapse(answer).split() or [""])[0].strip(_CLOSING) for answer in answers]
    return tuple(dict.fromkeys(word if word in YES_NO else answer for word, answer in zip(words, answers, strict=True)))


def whole(documents: Sequence[Document]) -> tuple[Evidence, ...]:
    """Each document as one unit of evidence."""
    return tuple(dict.fromkeys(Evidence(document.id) for document in documents))


def occurrences(answer: str, text: str) -> Iterator[tuple[int, int]]:
    """Spans [start, end) where `answer` stands in `text` at word borders.

    Case, the width of white space, and quotes and stops around the answer do not matter. A number is not found inside
    a longer one: 5 does not stand in 2.5 or 1,500.
    """
    words = answer.strip().lstrip(_OPENING).rstrip(_CLOSING).split()
    if not words:
        return
    before = r"(?<!\w)(?<!\d[.,])" if words[0][0].isdigit() else r"(?<!\w)"
    after = r"(?!\w)(?![.,]\d)" if words[-1][-1].isdigit() else r"(?!\w)"
    pattern = before + r"\s+".join(map(re.escape, words)) + after
    for match in re.finditer(pattern, text, re.IGNORECASE):
        yield match.span()


def with_marks(answer: str, text: str, start: int, end: int) -> tuple[int, int]:
    """A span that `occurrences` gave, with the marks at the answer's ends that stand there too."""
    answer = answer.strip()
    opening, closing = _MARKS_BEFORE.match(answer), _MARKS_BEHIND.search(answer)
    before, behind = (marks.group() if marks else "" for marks in (opening, closing))
    start -= next((n for n in range(len(before), 0, -1) if text.endswith(before[:n], 0, start)), 0)
    return start, end + next((n for n in range(len(behind), 0, -1) if text.startswith(behind[-n:], end)), 0)


def nearest(context: str, text: str, expected: int) -> int | None:
    """Where `text` begins nearest to `expected`, at most MAX_SHIFT characters away; None where it does not."""
    offsets = sorted(range(-MAX_SHIFT, MAX_SHIFT + 1), key=abs)
    starts = (expected + offset for offset in offsets if expected + offset >= 0)
    return next((start for start in starts if context.startswith(text, start)), None)


def _look_for(answers: Sequence[str], documents: Sequence[Document]) -> tuple[tuple[Evidence, ...], int]:
    """Evidence, and in how many places the answer stands that gave it."""
    distinct = {document.id: document for document in documents}.values()
    repeated: list[Evidence] = []
    for answer in answers:
        places = [Evidence(document.id, *span) for document in distinct for span in occurrences(answer, document.text)]
        if len(places) == 1:
            return tuple(places), 1
        repeated = repeated or places
    if repeated:
        return tuple(dict.fromkeys(Evidence(place.document_id) for place in repeated)), len(repeated)
    return whole(documents), 0
