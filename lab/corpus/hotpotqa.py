"""HotpotQA (Yang et al. 2018, arXiv 1809.09600): questions over two paragraphs of Wikipedia, with supporting sentences.

    [{"_id": "5a8b...", "question": "...", "answer": "yes", "supporting_facts": [["Ed Wood", 0], ...],
      "context": [["Ed Wood", ["He was a director.", " He died in 1978."]], ...], "type": "...", "level": "..."}]

The distractor and the fullwiki files have this form. In the hub's form each pair of lists is an object of two lists:
`{"title": [...], "sentences": [[...]]}` and `{"title": [...], "sent_id": [...]}`, and the id is called `id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from lab.corpus.fields import Fields, collapse, show, trim_span
from lab.corpus.locate import YES_NO, plain
from lab.corpus.parts import slug, texts_or_blank
from lab.corpus.records import read_records
from lab.corpus.source import Source, TextFile
from lab.errors import DataError, list_faults
from lab.types import Corpus, Document, Evidence, Question


def read_hotpotqa(source: Source) -> Corpus:
    """Read a file of HotpotQA, or the only .json file of a folder; of a large one, the first `corpus.limit` questions.

    The documents are the distinct paragraphs that the questions bring.

    Raises:
        DataError: no such file, broken JSON, or faults, such as a test set without answers; every fault is listed with
            its JSON path.
    """
    file = TextFile.detect(source.file("*.json"))
    faults: list[str] = []
    reader = _Reader()
    limit = source.options.limit
    entries = read_records(file, faults)
    for entry in islice(entries, limit):
        reader.read(entry)
    if faults:
        raise DataError(list_faults(f"{file.path}: faults in the data: {len(faults)}", faults))
    # Only now: what stands behind the limit may be broken.
    reader.stopped = limit is not None and next(entries, None) is not None
    return Corpus(source.name, tuple(reader.documents), tuple(reader.questions), (*file.notes, *reader.notes()))


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One paragraph of a question's context: its document, and where each sentence stands in it."""

    document_id: str
    spans: tuple[tuple[int, int], ...]


@dataclass
class _Reader:
    """Gathers questions and distinct paragraphs in file order. `stopped` says that the file holds more questions."""

    documents: list[Document] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    document_ids: dict[tuple[str, str], str] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    stopped: bool = False
    facts: int = 0
    facts_lost: int = 0
    without_context: int = 0

    def read(self, entry: Fields) -> None:
        id = self._unique_id(entry)
        text = entry.text("question").strip()
        if not entry.has("answer"):
            entry.fault("expected an answer, found none; the test files have none: name a train or dev file", "answer")
            self.questions.append(Question(id, text, (), "span"))
            return
        answer = entry.text("answer").strip()
        paragraphs = self._read_context(entry)
        self.without_context += not paragraphs
        evidence = self._read_evidence(entry, paragraphs)
        kind = _kind(answer, evidence)
        self.questions.append(Question(id, text, plain((answer,), kind), kind, evidence))

    def notes(self) -> tuple[str, ...]:
        """What the data lack and what was left out, as sentences."""
        total = len(self.questions)
        notes = [
            "The data name no splits, and no documents of their own: the documents are the distinct paragraphs that "
            f"the {total} questions bring."
        ]
        if self.stopped:
            notes.append(
                f"Only the first {total} questions were read (corpus.limit), and the index holds only the documents "
                "that they bring, which makes retrieval easier than with all."
            )
        if self.facts_lost:
            notes.append(
                f"{self.facts_lost} of {self.facts} supporting facts name a paragraph or a sentence that the context "
                "of their question does not hold; they were left out."
            )
        if self.without_context:
            notes.append(f"{self.without_context} of {total} questions have no context, and so no evidence.")
        return tuple(notes)

    def _unique_id(self, entry: Fields) -> str:
        key = "_id" if entry.has("_id") or not entry.has("id") else "id"
        id = entry.identity(key)
        if id in self.paths:
            entry.fault(f"{show(id)} is used twice, first at {self.paths[id]}", key)
        elif id:
            self.paths[id] = entry.path or entry.place
        return id

    def _read_context(self, entry: Fields) -> dict[str, _Paragraph]:
        """Paragraphs by title, without blank ones; of two with one title, the first."""
        paragraphs: dict[str, _Paragraph] = {}
        for pair in _pairs(entry, "context", "title", "sentences"):
            title, sentences = pair.text("title").strip(), texts_or_blank(pair, "sentences")
            text = "".join(sentences)
            if title and text.strip():
                document_id = self._document_id(title, text.strip())
                paragraphs.setdefault(title, _Paragraph(document_id, sentence_spans(sentences)))
        return paragraphs

    def _document_id(self, title: str, text: str) -> str:
        """The slug of the title, from the second paragraph of that slug on with a number: appended data change none."""
        if (title, text) not in self.document_ids:
            id = name = slug(title, "paragraph")
            while id in self.taken:
                self.taken[name] += 1
                id = f"{name}-{self.taken[name]}"
            self.taken[id] = 1
            self.document_ids[title, text] = id
            self.documents.append(Document(id, title, text))
        return self.document_ids[title, text]

    def _read_evidence(self, entry: Fields, paragraphs: Mapping[str, _Paragraph]) -> tuple[Evidence, ...]:
        evidence = []
        for fact in _pairs(entry, "supporting_facts", "title", "sent_id"):
            paragraph, number = paragraphs.get(fact.text("title").strip()), fact.integer("sent_id")
            self.facts += 1
            spans = paragraph.spans if paragraph else ()
            start, end = spans[number] if number is not None and 0 <= number < len(spans) else (0, 0)
            if paragraph and start < end:
                evidence.append(Evidence(paragraph.document_id, start, end))
            else:
                self.facts_lost += 1
        return tuple(dict.fromkeys(evidence))


def _kind(answer: str, evidence: tuple[Evidence, ...]) -> str:
    if collapse(answer) in YES_NO:
        return "yes-no"
    return "multi-document" if len({item.document_id for item in evidence}) > 1 else "span"


def sentence_spans(sentences: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Where each sentence stands in the joined text without the whitespace at its ends; empty for a blank one."""
    text = "".join(sentences)
    removed = len(text) - len(text.lstrip())
    spans, start = [], 0
    for sentence in sentences:
        first, behind = trim_span(text, start, start + len(sentence))
        spans.append((first - removed, behind - removed))
        start += len(sentence)
    return tuple(spans)


def _pairs(entry: Fields, key: str, first: str, second: str) -> list[Fields]:
    """The pairs of `[[a, b], ...]`, or of the hub's `{first: [a, ...], second: [b, ...]}`, as objects of two keys."""
    value = entry.values.get(key)
    if isinstance(value, dict):
        columns = value.get(first), value.get(second)
        if not (isinstance(columns[0], list) and isinstance(columns[1], list) and len(columns[0]) == len(columns[1])):
            entry.fault(f"expected the lists {first} and {second}, equally long, got {show(value)}", key)
            return []
        value = [list(pair) for pair in zip(columns[0], columns[1], strict=True)]
    if not isinstance(value, list):
        entry.fault(f"expected a list of pairs [{first}, {second}], got {show(value)}", key)
        return []
    pairs = []
    for number, pair in enumerate(value):
        if isinstance(pair, list) and len(pair) == 2:
            path = ".".join(part for part in (entry.path, f"{key}[{number}]") if part)
            pairs.append(Fields({first: pair[0], second: pair[1]}, entry.place, entry.faults, path))
        else:
            entry.fault(f"expected a pair [{first}, {second}], got {show(pair)}", f"{key}[{number}]")
    return pairs
