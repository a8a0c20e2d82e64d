"""Rows to a corpus: the one mapping behind tables and hub data sets. `corpus.columns` says which column holds what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from lab.corpus.cells import SIDES, Cells
from lab.corpus.documents import DocumentSet
from lab.corpus.fields import Fields, show
from lab.corpus.locate import AUTO, MAX_SHIFT, Locator, answer_form, nearest, plain, whole
from lab.corpus.source import Source
from lab.errors import DataError, list_faults
from lab.types import LABEL_KINDS, Corpus, Document, Evidence, Question, Split

COLUMNS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read, with the name of the split that it was read from, if the data set comes in splits."""

    fields: Fields
    split: str = ""


def corpus_from_rows(rows: Iterable[Row], source: Source, faults: Sequence[str], notes: Sequence[str] = ()) -> Corpus:
    """One question a row, and the distinct contexts as documents; at most `corpus.limit` rows are taken.

    Answers are a text, a number (read as text), true or false (read as yes or no) or a list of these; null, an empty
    text and an empty list mean that the context does not answer the question. Those of yes-no questions, such as
    `Yes.`, are read as plain yes and no. A context is a text or a list of texts, each a document. What the rows lack,
    and what was done about it, goes to the corpus's notes after `notes`.

    Args:
        faults: the list that the rows' own faults go to.

    Raises:
        DataError: a column that no row has, or faults; every fault is listed with its place.
    """
    reader = _Reader(source)
    rows = iter(rows)
    for row in islice(rows, source.options.limit):
        reader.read(row)
    found = [*faults, *reader.faults()]
    if found:
        raise DataError(list_faults(f"{source.options.path}: faults in the data: {len(found)}", found))
    # Only now: what stands behind the limit may be broken.
    stopped = source.options.limit is not None and next(rows, None) is not None
    sides, sentences = given_sides(reader.labels)
    questions = tuple(
        replace(question, split=sides[label]) if sides else question
        for question, label in zip(reader.questions, reader.labels, strict=True)
    )
    documents = tuple(reader.documents.by_id.values())
    return Corpus(source.name, documents, questions, (*notes, *reader.notes(stopped), *sentences))


def given_sides(labels: Iterable[str]) -> tuple[dict[str, Split], tuple[str, ...]]:
    """The side of each split name, empty where the lab has to divide, and what a reader of the report should know.

    Splits count as given where there is one for training and one for the test; a validation split stands in for the
    test where that is all there is.
    """
    names = tuple(dict.fromkeys(label for label in labels if label))
    if not names:
        return {}, ("The data name no splits; the lab divides the questions.",)
    sides = {name: SIDES[name.casefold()] for name in names if name.casefold() in SIDES}
    found = set(sides.values()) if len(sides) == len(names) else set()
    if {"train", "test"} <= found:
        return sides, ()
    if found == {"train", "dev"}:
        held_out = " and ".join(name for name in names if sides[name] == "dev")
        return {name: "train" if side == "train" else "test" for name, side in sides.items()}, (
            f"There is no split called test; {held_out} serves as the test.",
        )
    if len(names) == 1:
        return {}, (f"The data come as one split, {names[0]}; the lab divides the questions.",)
    return {}, (
        f"The data are split into {', '.join(names)}, which is not training and test; the lab put all questions "
        "together and divides them.",
    )


@dataclass
class _Reader:
    """Walks the rows in order and gathers questions, documents and counts."""

    source: Source
    documents: DocumentSet = field(default_factory=DocumentSet)
    questions: list[Question] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    locator: Locator = field(default_factory=Locator)
    counts: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    found: dict[str, None] = field(default_factory=dict)  # columns of the rows, in order
    seen: set[str] = field(default_factory=set)  # columns of the config that a row had
    places: dict[str, str] = field(default_factory=dict)
    unasked: list[str] = field(default_factory=list)

    def read(self, row: Row) -> None:
        columns = self.source.options.columns
        cells = Cells.of(columns, row.fields)
        self.rows[row.split] += 1
        self.found.update(dict.fromkeys(row.fields.values))
        self.seen.update(cells.fields.values)
        id, text, answers = self._id(cells, row), self._text(cells), cells.answers()
        documents = self._documents(cells)
        kind, evidence = self._read_off(cells, answers, documents) if answers else ("unanswerable", ())
        modelled = documents[0].id if documents and not answers else None
        self.questions.append(Question(id, text, plain(answers, kind), kind, evidence, modelled, group=cells.group()))
        self.labels.append(cells.split(columns.split) if columns.split else row.split)
        self.answered[self.labels[-1]] += bool(answers)
        self.counts["without context"] += not documents
        self.counts["unanswerable"] += not answers

    def faults(self) -> list[str]:
        """What only the whole of the rows shows: columns that none has, and splits without answers."""
        path, columns = self.source.options.path, self.source.options.columns
        named = [(role, column) for role, column in columns if column is not None]
        lacking = [(role, column) for role, column in named if column not in self.seen] if self.questions else []
        shown = [*map(show, list(self.found)[:COLUMNS_SHOWN]), *(["..."] if len(self.found) > COLUMNS_SHOWN else [])]
        faults = [
            f"{path}: no row has the column {column!r} (corpus.columns.{role}); the columns found are "
            f"{', '.join(shown) or 'none'}"
            for role, column in lacking
        ]
        if columns.question in self.seen:
            faults += self.unasked
        if columns.answers in self.seen:
            hidden = [split for split, number in self.answered.items() if split and not number]
            rest = ", ".join(split for split in self.answered if split and split not in hidden)
            remedy = f"name the splits to read: corpus.splits: [{rest}]"
            if columns.split:
                remedy = f"leave these rows out (corpus.columns.split: {columns.split})"
            faults += [
                f"{path}: no row of the split {split} has an answer, as where answers are kept secret; {remedy}"
                for split in hidden
            ]
        return faults

    def notes(self, stopped: bool) -> list[str]:
        """What the rows lack and what was done about it, as sentences."""
        columns, counts, total = self.source.options.columns, self.counts, len(self.questions)
        notes = []
        if stopped:
            notes.append(
                f"Only {total} rows were read (corpus.limit), and the index holds only the documents that they bring, "
                "which makes retrieval easier than with all."
            )
        if columns.id is None:
            name = "<split>-row-<n>" if any(self.rows) else "row-<n>"
            notes.append(f"corpus.columns names no id; the questions are called {name}, n from 1.")
        if columns.title is None:
            notes.append("corpus.columns names no title; the documents have none.")
        if columns.document is None:
            equal = "equal contexts" if columns.title is None else "contexts of equal title and text"
            notes.append(
                f"corpus.columns names no document: {equal} are one document, {len(self.documents.by_id)} from "
                f"{self.documents.given} contexts."
            )
        if counts["moved"]:
            notes.append(
                f"{counts['moved']} of {total} questions had an answer that stood up to {MAX_SHIFT} characters away "
                f"from its {columns.start}; the evidence was moved to the answer."
            )
        notes += self.locator.notes("their contexts")
        if counts["without context"]:
            notes.append(
                f"{counts['without context']} of {total} questions have no context, and so no evidence; retrieval is "
                "not scored on them."
            )
        if counts["unanswerable"]:
            notes.append(f"{counts['unanswerable']} of {total} questions have no answer and count as unanswerable.")
        return notes

    def _text(self, cells: Cells) -> str:
        column = cells.columns.question
        if column in cells.fields.values:
            return cells.fields.text(column).strip()
        # A fault of each row only where some row has the column; else one fault says that none has.
        return Fields({}, cells.fields.place, self.unasked, cells.fields.path).text(column)

    def _id(self, cells: Cells, row: Row) -> str:
        column, fields = cells.columns.id, cells.fields
        if column is None:
            return f"{row.split}-row-{self.rows[row.split]}".removeprefix("-")
        id = fields.identity(column)
        if id in self.places:
            fields.fault(
                f"{show(id)} is used twice, first at {self.places[id]}; corpus.columns.id: null numbers the rows",
                column,
            )
        elif id:
            self.places[id] = f"{row.split} {fields.path}".strip() or fields.place
        return id

    def _documents(self, cells: Cells) -> list[Document]:
        documents = []
        for context in cells.contexts():
            if cells.columns.document is None:
                documents.append(self.documents.add(context.title, context.text))
            elif context.id:
                document = self.documents.add_named(context.id, context.title, context.text)
                if (document.title, document.text) != (context.title, context.text):
                    cells.fields.fault(
                        f"{show(context.id)} has another title or text in an earlier row", cells.columns.document
                    )
                documents.append(document)
        return documents

    def _read_off(
        self, cells: Cells, answers: tuple[str, ...], documents: list[Document]
    ) -> tuple[str, tuple[Evidence, ...]]:
        """The kind and the evidence of an answered question."""
        kind = cells.kind(str(self.source.options.kind))
        if kind == "unanswerable":
            cells.fields.fault(f"expected no answers for kind unanswerable, got {len(answers)}", cells.columns.answers)
        form = answer_form(answers[0]) if kind == AUTO else kind
        start = cells.start() if documents and form not in LABEL_KINDS else None
        if start is None:
            return self.locator.place(answers, documents, kind)
        return form or "span", self._at(start, cells, answers[0], documents)

    def _at(self, start: int, cells: Cells, answer: str, documents: list[Document]) -> tuple[Evidence, ...]:
        """The evidence of an answer that a column says the offset of."""
        column = str(cells.columns.start)
        if len(documents) > 1:
            cells.fields.fault(f"expected one context, in which the offset counts, got {len(documents)}", column)
            return whole(documents)
        place = nearest(documents[0].text, answer, start)
        if place is None:
            cells.fields.fault(
                f"expected {show(answer)} within {MAX_SHIFT} characters of {start} in the context", column
            )
            return whole(documents)
        self.counts["moved"] += place != start
        return (Evidence(documents[0].id, place, place + len(answer)),)
