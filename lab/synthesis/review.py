"""Questions before people: review.csv and review.html out, corrections in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from lab.errors import DataError, list_faults
from lab.escapes import one_line, visible
from lab.files import write_text
from lab.synthesis.excerpts import excerpts
from lab.synthesis.nouns import Rejection
from lab.synthesis.review_page import review_page
from lab.synthesis.review_table import NO, PERSON, YES, join_answers, read_table, split_answers, table_text
from lab.synthesis.values import kind_of_value
from lab.types import REVIEWED, Document, Evidence, Kind, Question

REVIEW_CSV, REVIEW_HTML = "review.csv", "review.html"
UNANSWERABLE = "unanswerable"
KINDS: tuple[str, ...] = get_args(Kind)
_QUOTED = ("span", "number", "list")  # kinds whose answer stands in the evidence word for word
_KEEP = {"": None, YES: True, "y": True, NO: False, "n": False}
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person decided about one question. `keep` None: nobody looked, and nothing was changed."""

    id: str
    keep: bool | None
    text: str
    answers: tuple[str, ...]
    kind: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """The questions after review, those that people turned away, and how many were accepted, and changed.

    Synthesis shall not make the removed ones again: whoever applies a review keeps them in mind.
    """

    questions: tuple[Question, ...]
    removed: tuple[Question, ...]
    accepted: int
    changed: int


def write_review(
    folder: Path,
    questions: Sequence[Question],
    documents: Sequence[Document],
    *,
    rejected: Sequence[Rejection] = (),
) -> tuple[Path, Path]:
    """Write review.csv and review.html into `folder`, each whole or not at all; returns their paths.

    Both hold every question with the part of its document that the evidence names. `rejected` are proposals that the
    filters turned away: the page counts them and shows the first 200, so that people can judge the filters.
    """
    by_id = {document.id: document for document in documents}
    table, page = folder / REVIEW_CSV, folder / REVIEW_HTML
    write_text(table, table_text([_row(question, by_id) for question in questions]))
    write_text(page, review_page(questions, by_id, rejected))
    return table, page


def read_review(file: Path, questions: Sequence[Question], documents: Sequence[Document]) -> tuple[Correction, ...]:
    """Read a review.csv that a person filled in, one correction for each row.

    Where a corrected answer does not stand in the evidence, the evidence becomes the nearest place of the same document
    where it stands, else the whole document.

    Raises:
        DataError: no such file, or lines are wrong; every fault is listed as `file:line`, and nothing is half-read.
    """
    by_id = {question.id: question for question in questions}
    texts = {document.id: document.text for document in documents}
    faults: list[str] = []
    lines: dict[str, int] = {}
    corrections = []
    for line, cells in read_table(file):
        place, id = f"{file}:{line}", cells.get("id", "").strip()
        if id in lines:
            faults.append(f"{place}: {_show(id)} stands twice, first on line {lines[id]}; keep one of the rows")
        elif id not in by_id:
            faults.append(f"{place}: names no question of this corpus: {_show(id)}; ids must stay as they were written")
        elif isinstance(read := _read_row(cells, by_id[id], texts), str):
            faults.append(f"{place}: {read}")
        else:
            corrections.append(read)
        lines.setdefault(id, line)
    if faults:
        raise DataError(list_faults(f"{file}: faults in the review: {len(faults)}", faults))
    return tuple(corrections)


def apply(questions: Sequence[Question], corrections: Sequence[Correction]) -> Applied:
    """The questions as people left them; those without a correction stay as they are.

    What a program wrote and a person accepted or changed is marked `"<maker>, reviewed"`, so that its origin stays
    visible. What a person wrote stays a person's.
    """
    by_id = {correction.id: correction for correction in corrections}
    kept, removed, accepted, changed = [], [], 0, 0
    for question in questions:
        correction = by_id.get(question.id)
        if correction is None:
            kept.append(question)
        elif correction.keep is False:
            removed.append(question)
        else:
            corrected = _corrected(question, correction)
            differs = corrected != question
            if correction.keep or differs:
                accepted += 1
                changed += differs
                corrected = replace(corrected, synthetic=_reviewed(question.synthetic))
            kept.append(corrected)
    return Applied(tuple(kept), tuple(removed), accepted, changed)


def _row(question: Question, documents: Mapping[str, Document]) -> dict[str, str]:
    parts = excerpts(question, documents)
    return {
        "id": question.id,
        "question": visible(question.text),
        "answer": visible(join_answers(question.answers)),
        "kind": question.kind,
        "document": visible(" | ".join(dict.fromkeys(part.document_id for part in parts))),
        "passage": visible("\n[...]\n".join(part.text for part in parts)),
        "maker": question.synthetic or PERSON,
    }


def _read_row(cells: Mapping[str, str], question: Question, texts: Mapping[str, str]) -> Correction | str:
    """The correction of one row, or its fault."""
    said = cells.get("keep", "").strip().casefold()
    if said not in _KEEP:
        return f"keep: expected yes, no, or nothing for a question that nobody looked at, got {_show(cells['keep'])}"
    keep = _KEEP[said]
    if keep is False:
        return Correction(question.id, False, question.text, question.answers, question.kind, question.evidence)
    text = _changed(cells.get("question", ""), question.text)
    if not text:
        return "question: expected text, got an empty one; to remove the question, write no under keep"
    answers = split_answers(cells.get("answer", ""))
    if _collapse(join_answers(answers)) == _collapse(visible(join_answers(question.answers))):
        answers = question.answers
    kind = cells.get("kind", "").strip().casefold() or question.kind
    if kind not in KINDS:
        return f"kind: expected one of {', '.join(KINDS)}, got {_show(kind)}"
    if kind == UNANSWERABLE and answers:
        if question.kind != UNANSWERABLE:
            return "answer: expected none for kind unanswerable; empty the answer, or name another kind"
        kind = kind_of_value(answers[0])
    if kind != UNANSWERABLE and not answers:
        return (
            f"answer: expected one for kind {kind}; if the documents do not answer it, write unanswerable as its kind"
        )
    evidence = _evidence(question, answers, kind, texts)
    return Correction(question.id, keep, text, answers, kind, evidence)


def _evidence(
    question: Question, answers: tuple[str, ...], kind: str, texts: Mapping[str, str]
) -> tuple[Evidence, ...]:
    """The evidence of a corrected question: as it was where that still holds an answer."""
    if kind == UNANSWERABLE:
        return ()
    if (answers, kind) == (question.answers, question.kind):
        return question.evidence
    if not question.evidence:
        about = question.document_id
        return (_place(answers, about, 0, texts[about]),) if about is not None and about in texts else ()
    if kind not in _QUOTED or any(_holds(piece, answers, texts) for piece in question.evidence):
        return question.evidence
    first = question.evidence[0]
    return (_place(answers, first.document_id, first.start or 0, texts.get(first.document_id, "")),)


def _holds(piece: Evidence, answers: Sequence[str], texts: Mapping[str, str]) -> bool:
    quote = _collapse(texts.get(piece.document_id, "")[piece.start : piece.end])
    return any(_collapse(answer) in quote for answer in answers)


def _place(answers: Sequence[str], document_id: str, near: int, text: str) -> Evidence:
    """Where the first answer that stands in the text does so nearest to a character, else the whole document."""
    for answer in answers:
        pattern = r"(?<!\w)" + r"\s+".join(map(re.escape, answer.split())) + r"(?!\w)"
        places = [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]
        if places:
            return Evidence(document_id, *min(places, key=lambda span: (abs(span[0] - near), span)))
    return Evidence(document_id)


def _corrected(question: Question, correction: Correction) -> Question:
    about = question.document_id or (question.evidence[0].document_id if question.evidence else None)
    return replace(
        question,
        text=correction.text,
        answers=correction.answers,
        kind=correction.kind,
        evidence=correction.evidence,
        document_id=about if correction.kind == UNANSWERABLE else question.document_id,
    )


def _reviewed(maker: str | None) -> str | None:
    return maker if maker is None or maker.endswith(REVIEWED) else maker + REVIEWED


def _changed(cell: str, given: str) -> str:
    """The text of a cell; what was given where only white space or an escape differs, which spreadsheets may touch."""
    return given if cell.split() == visible(given).split() else " ".join(cell.split())


def _collapse(text: str) -> str:
    return " ".join(text.casefold().split()) if text else ""


def _show(text: str) -> str:
    shown = repr(one_line(text))
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
