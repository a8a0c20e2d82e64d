"""Questions of a file become lines of questions.jsonl; what stands there already stays as it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.corpus.fields import collapse
from lab.corpus.jsonl import QUOTED_KINDS
from lab.corpus.locate import AUTO, plain
from lab.corpus.rows import given_sides
from lab.create.labelled import with_labels
from lab.create.placing import OFFSETS, UNASKED, WITHOUT_EVIDENCE, Placed, Placer
from lab.create.question_file import Asked, question_id, read_question_file
from lab.errors import DataError
from lab.types import Document, Question, Split


@dataclass(frozen=True, slots=True)
class Imported:
    """New questions, and what came of the file's rows.

    `ways` counts the new questions by how their evidence was found (keys of `placing.WAYS`). `present`
    counts rows that stand in questions.jsonl already or come twice, `differing` are the ids of those that stand there
    with other answers, which stay. `unplaced` are the ids of new questions that have answers and no evidence.
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
    known = _Known.of(existing)
    sides, notes = _sides(path, file.asked, existing)
    rows, labelled = with_labels(file.asked, existing)
    placer = Placer(documents)
    found: list[Question] = []
    ways: Counter[str] = Counter()
    differing, unplaced = [], []
    for asked in rows:
        if known.has(asked):
            continue
        if there := known.other_answers(asked):
            differing.append(there)
            continue
        question, how = _question(asked, placer, known.free_id(asked), sides.get(asked.split))
        known.add(question)
        found.append(question)
        ways[how] += 1
        if how in WITHOUT_EVIDENCE:
            unplaced.append(question.id)
    return Imported(
        path=path,
        questions=tuple(found),
        ways=dict(ways.most_common()),
        present=len(file.asked) - len(found) - len(differing),
        differing=tuple(differing),
        unplaced=tuple(unplaced),
        columns=file.columns,
        unused=file.unused,
        notes=(*file.notes, *notes, *labelled),
    )


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
    placed = _placed(asked, placer)
    about = asked.told.named[0].id if not asked.answers and asked.told.named else None
    question = Question(
        id=id,
        text=asked.text,
        answers=_standing(plain(asked.answers, placed.kind), placed, placer),
        kind=placed.kind,
        evidence=placed.evidence,
        document_id=about,
        split=split,
        group=asked.group,
        synthetic=asked.synthetic,
    )
    return question, placed.how


def _standing(answers: tuple[str, ...], placed: Placed, placer: Placer) -> tuple[str, ...]:
    """The answers, with the wording of the text behind them where it differs in marks: evidence quotes an answer."""
    spans = [one for one in placed.evidence if one.start is not None]
    if placed.kind not in QUOTED_KINDS or len(spans) != 1:
        return answers
    quote = placer.quoted(spans[0])
    return answers if any(collapse(answer) in collapse(quote) for answer in answers) else (*answers, quote)


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


@dataclass
class _Known:
    """What is asked already: ids, and by text the kind and the answers of each question; `before` holds first ids."""

    before: dict[str, str]
    ids: set[str]
    answers: defaultdict[str, list[tuple[str, frozenset[str]]]]

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> _Known:
        """Those of the rows of questions.jsonl."""
        known = cls({}, {str(row.get("id", "")) for row in rows}, defaultdict(list))
        for row in rows:
            text = collapse(str(row.get("question", "")))
            given = row.get("answers")
            answers = tuple(map(str, given)) if isinstance(given, list) else ()
            known.answers[text].append((str(row.get("kind")), _comparable(answers)))
            known.before.setdefault(text, str(row.get("id", "?")))
        return known

    def has(self, asked: Asked) -> bool:
        """Whether the question is there with all of these answers, or without any where there are none."""
        for kind, answers in self.answers[collapse(asked.text)]:
            given = _comparable(plain(asked.answers, kind))
            if given == answers or (given and given < answers):
                return True
        return False

    def other_answers(self, asked: Asked) -> str:
        """The id of a question of questions.jsonl that asks the same; "" where there is none."""
        return self.before.get(collapse(asked.text), "")

    def add(self, question: Question) -> None:
        """A new question, so that a second row like it is not taken; one with other answers is."""
        self.answers[collapse(question.text)].append((question.kind, _comparable(question.answers)))

    def free_id(self, asked: Asked) -> str:
        """The file's own id, else one of the text; with a number behind it where another question has it."""
        stem = asked.id or question_id(asked.text)
        id, number = stem, 1
        while id in self.ids:
            number += 1
            id = f"{stem}-{number}"
        self.ids.add(id)
        return id


def _comparable(answers: Sequence[str]) -> frozenset[str]:
    return frozenset(map(collapse, answers))


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
