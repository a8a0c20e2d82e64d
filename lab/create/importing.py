"""Questions of a file become lines of questions.jsonl; what stands there already stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.corpus.fields import collapse
from lab.corpus.jsonl import QUOTED_KINDS
from lab.corpus.locate import AUTO, plain
from lab.corpus.rows import given_sides
from lab.create.placing import OFFSETS, UNASKED, WITHOUT_EVIDENCE, Placed, Placer
from lab.create.question_file import Asked, question_id, read_question_file
from lab.errors import DataError
from lab.types import Document, Question, Split


@dataclass(frozen=True, slots=True)
class Imported:
    """New questions, and what came of the file's rows.

    `ways` counts the new questions by how their evidence was found (keys of `placing.WAYS`). `present`
    counts rows that stand in questions.jsonl already, `differing` are the ids of those that stand there with other
    answers, which stay. `unplaced` are the ids of new questions that have answers and no evidence.
    """

    path: Path
    questions: tuple[Question, ...]
    ways: Mapping[str, int]
    present: int
    differing: tuple[str, ...]
    unplaced: tuple[str, ...]
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    notes: tuple[str, ...]


def import_questions(path: Path, documents: Sequence[Document], existing: Sequence[Mapping[str, Any]]) -> Imported:
    """Read a file of questions, find their answers in `documents`, and leave out what `existing` rows ask already.

    Raises:
        DataError: the file cannot be read as questions, or its splits do not go with those of `existing`.
    """
    file = read_question_file(path, documents)
    known = {collapse(str(row.get("question", ""))): row for row in existing}
    ids = {str(row.get("id", "")) for row in existing}
    sides, notes = _sides(path, file.asked, existing)
    placer = Placer(documents)
    found: list[Question] = []
    ways: Counter[str] = Counter()
    differing, unplaced = [], []
    present = 0
    for asked in file.asked:
        there = known.get(collapse(asked.text))
        if there is not None:
            present += 1
            if {collapse(answer) for answer in asked.answers} != _answers(there):
                differing.append(str(there.get("id", "?")))
            continue
        question, how = _question(asked, placer, _free_id(asked, ids), sides.get(asked.split))
        known[collapse(asked.text)] = as_row(question)
        found.append(question)
        ways[how] += 1
        if how in WITHOUT_EVIDENCE:
            unplaced.append(question.id)
    return Imported(
        path, tuple(found), dict(ways.most_common()), present, tuple(differing), tuple(unplaced), file.columns,
        file.unused, (*file.notes, *notes),
    )  # fmt: skip


def as_row(question: Question) -> dict[str, Any]:
    """The line of questions.jsonl for a question."""
    row: dict[str, Any] = {
        "id": question.id,
        "question": question.text,
        "answers": list(question.answers),
        "kind": question.kind,
        "evidence": [
            {"document": one.document_id}
            | ({} if one.start is None or one.end is None else {"start": one.start, "end": one.end})
            for one in question.evidence
        ],
    }
    optional = {
        "document": question.document_id, "split": question.split, "group": question.group,
        "synthetic": question.synthetic,
    }  # fmt: skip
    return row | {key: value for key, value in optional.items() if value is not None}


def _question(asked: Asked, placer: Placer, id: str, split: Split | None) -> tuple[Question, str]:
    placed, about = _placed(asked, placer), None
    if not asked.answers and asked.told.named:
        about = asked.told.named[0].id
    question = Question(
        id=id,
        text=asked.text,
        answers=plain(asked.answers, placed.kind),
        kind=placed.kind,
        evidence=placed.evidence,
        document_id=about,
        split=split,
        group=asked.group,
        synthetic=asked.synthetic,
    )
    return question, placed.how


def _placed(asked: Asked, placer: Placer) -> Placed:
    if not asked.answers:
        return Placed("unanswerable", (), UNASKED)
    if asked.spans:
        kind = asked.kind if asked.kind != AUTO else "span"
        texts = [placer.quoted(one) for one in asked.spans]
        # Offsets that quote no answer belong to another version of the text.
        if kind not in QUOTED_KINDS or any(collapse(answer) in collapse(" ".join(texts)) for answer in asked.answers):
            return Placed(kind, asked.spans, OFFSETS)
    return placer.place(asked.text, asked.answers, asked.told, asked.kind)


def _free_id(asked: Asked, ids: set[str]) -> str:
    """The file's own id, else one of the text; with a number behind it where another question has it."""
    stem = asked.id or question_id(asked.text)
    id, number = stem, 1
    while id in ids:
        number += 1
        id = f"{stem}-{number}"
    ids.add(id)
    return id


def _sides(
    path: Path, asked: Sequence[Asked], existing: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Split], list[str]]:
    """The side of each split that the file names; none where they are no division into training and test."""
    labels = [one.split for one in asked if one.split]
    divided = [row for row in existing if row.get("split") is not None]
    if not labels:
        if divided:
            raise DataError(
                f"{path}: the questions that are there are divided by the data (split), these are not; "
                "give this file a column split with train, dev and test"
            )
        return {}, []
    if existing and not divided:
        return {}, ["The file's splits are left out, since the questions that are there have none."]
    if len(labels) < len(asked):
        return {}, ["Only some rows name a split; all are left out, and the lab divides the questions."]
    sides, notes = given_sides(labels)
    return sides, list(notes)


def _answers(row: Mapping[str, Any]) -> set[str]:
    answers = row.get("answers")
    return {collapse(str(answer)) for answer in answers} if isinstance(answers, list) else set()
