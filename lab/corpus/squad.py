"""SQuAD 1.1 and 2.0 (Rajpurkar et al. 2016, 2018): one JSON file of articles, paragraphs and questions.

Each paragraph becomes a document. Keys beyond the format's own are ignored, `plausible_answers` among them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from lab.corpus.fields import Fields, show
from lab.corpus.locate import MAX_SHIFT, NUMBER, nearest
from lab.corpus.parts import Numbering
from lab.corpus.source import Source, TextFile
from lab.errors import DataError, list_faults
from lab.types import Corpus, Document, Evidence, Question


def read_squad(source: Source) -> Corpus:
    """Read a SQuAD file, or the only .json file of a folder. What was repaired stands in the corpus's notes.

    Raises:
        DataError: no such file, broken JSON, or faults; every fault is listed with its JSON path.
    """
    file = TextFile.detect(source.file("*.json"))
    reader = _Reader(Fields(_load(file), str(file.path), []))
    reader.read()
    faults = reader.root.faults
    if faults:
        raise DataError(list_faults(f"{file.path}: faults in the data: {len(faults)}", faults))
    return Corpus(source.name, tuple(reader.documents), tuple(reader.questions), (*file.notes, *reader.notes()))


def _load(text: TextFile) -> dict[str, Any]:
    file = text.path
    try:
        with text.utf8() as stream:
            tree = json.loads(stream.read())
    except json.JSONDecodeError as error:
        raise DataError(f"{file}: not JSON at character {error.pos + 1} (line {error.lineno}): {error.msg}") from None
    except (RecursionError, ValueError) as error:  # nested too deeply; a number of thousands of digits
        raise DataError(f"{file}: not JSON that can be read: {error}") from None
    if not isinstance(tree, dict):
        raise DataError(f"{file}: expected an object with the key data, got {show(tree)}")
    return tree


@dataclass
class _Reader:
    """Walks articles, paragraphs and questions in file order and gathers what it reads."""

    root: Fields
    documents: list[Document] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    numbering: Numbering = field(default_factory=lambda: Numbering("article"))
    repaired: int = 0

    def read(self) -> None:
        for article in self.root.objects("data"):
            title = article.text("title").replace("_", " ").strip() if article.has("title") else ""
            for paragraph in article.objects("paragraphs"):
                document = Document(self.numbering.next_id(title), title, paragraph.text("context"))
                self.documents.append(document)
                for entry in paragraph.objects("qas"):
                    self.questions.append(self._read_question(entry, document))

    def notes(self) -> tuple[str, ...]:
        """What reading repaired, as sentences."""
        if not self.repaired:
            return ()
        return (
            f"{self.repaired} of {len(self.questions)} questions had an answer that stood up to {MAX_SHIFT} characters "
            "away from its answer_start; the evidence was moved to the answer.",
        )

    def _read_question(self, entry: Fields, document: Document) -> Question:
        id = self._unique_id(entry)
        text = entry.text("question").strip()
        answers = entry.objects("answers")
        if entry.has("is_impossible") and entry.boolean("is_impossible"):
            if answers:
                entry.fault(f"expected no answers where is_impossible is true, got {len(answers)}", "answers")
            return Question(id, text, (), "unanswerable", document_id=document.id)
        if entry.values.get("answers") == []:
            entry.fault("expected at least one answer, or is_impossible: true", "answers")
        spans = [self._locate(answer, document) for answer in answers]
        if any(moved for _, _, moved in spans):
            self.repaired += 1
        texts = tuple(dict.fromkeys(answer for answer, _, _ in spans))
        kind = "number" if texts and NUMBER.fullmatch((texts[0].split() or [""])[0]) else "span"
        return Question(id, text, texts, kind, tuple(evidence for _, evidence, _ in spans[:1]))

    def _unique_id(self, entry: Fields) -> str:
        id = entry.identity("id")
        if id in self.paths:
            entry.fault(f"{show(id)} is used twice, first at {self.paths[id]}", "id")
        elif id:
            self.paths[id] = entry.path
        return id

    def _locate(self, answer: Fields, document: Document) -> tuple[str, Evidence, bool]:
        """The answer's text, where it stands, and whether it had to be looked for."""
        given, expected = answer.text("text"), answer.integer("answer_start")
        text = given.strip()
        if not text or expected is None or not document.text:
            return text, Evidence(document.id), False
        expected += len(given) - len(given.lstrip())
        start = nearest(document.text, text, expected)
        if start is None:
            answer.fault(
                f"expected {show(text)} within {MAX_SHIFT} characters of answer_start {expected} in the context"
            )
            return text, Evidence(document.id), False
        return text, Evidence(document.id, start, start + len(text)), start != expected
