"""PubMedQA (Jin et al. 2019, arXiv 1909.06146): questions that are titles of papers, to be answered yes, no or maybe.

    {"21645374": {"QUESTION": "Do mitochondria ...?", "CONTEXTS": ["...", "..."], "LABELS": ["BACKGROUND", "RESULTS"],
                  "LONG_ANSWER": "...", "final_decision": "yes", ...}}

An abstract without its conclusion becomes a document. Its title is the question, so the document has none. The official
test questions are those of `test_ground_truth.json` ({"21645374": "yes"}), which the authors put beside the data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.corpus.fields import Fields, one_of, show
from lab.corpus.parts import texts_or_blank
from lab.corpus.records import read_members
from lab.corpus.source import Source, TextFile
from lab.errors import DataError, list_faults
from lab.types import Corpus, Document, Evidence, Question

DATA, GROUND_TRUTH = "ori_pqal.json", "test_ground_truth.json"
LABELS = ("yes", "no", "maybe")
IDS_SHOWN = 5


def read_pubmedqa(source: Source) -> Corpus:
    """Read a file of PubMedQA, or `ori_pqal.json` of a folder, with the ground truth beside it where there is one.

    Raises:
        DataError: no such file, broken JSON, a question without a label, or a ground truth that contradicts the data;
            every fault is listed with the paper's id.
    """
    file = TextFile.detect(source.file(DATA))
    faults: list[str] = []
    truth = _read_ground_truth(file.path.parent / GROUND_TRUTH, faults)
    reader = _Reader(file.path.name, truth)
    for id, entry in read_members(file, faults):
        reader.read(id.strip(), entry)
    faults += reader.missing()
    if faults:
        raise DataError(list_faults(f"{file.path}: faults in the data: {len(faults)}", faults))
    return Corpus(source.name, tuple(reader.documents), tuple(reader.questions), (*file.notes, *reader.notes()))


@dataclass(frozen=True, slots=True)
class _GroundTruth:
    """Labels of the test questions by id, as given."""

    path: Path
    labels: Mapping[str, str]


@dataclass
class _Reader:
    """Gathers documents and questions in file order. `truth` is None where no ground truth lies beside the data."""

    name: str
    truth: _GroundTruth | None
    documents: list[Document] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    unlabelled: int = 0

    def read(self, id: str, entry: Fields) -> None:
        if not id or id in self.ids:
            entry.fault("is used twice as an id" if id else "expected an id, got an empty one")
        self.ids.add(id)
        text, label = entry.text("QUESTION").strip(), _read_label(entry)
        abstract = self._read_abstract(entry)
        if abstract:
            self.documents.append(Document(id, "", abstract))
        if self.truth and label and id in self.truth.labels and _label(self.truth.labels[id]) != label:
            entry.fault(
                f"{show(label)} here, {show(self.truth.labels[id])} in {self.truth.path.name}", "final_decision"
            )
        self.questions.append(
            Question(
                id=id,
                text=text,
                answers=(label,),
                kind="label",
                evidence=(Evidence(id),) if abstract else (),
                reason=_conclusion(entry),
                split=("test" if id in self.truth.labels else "train") if self.truth else None,
            )
        )

    def missing(self) -> list[str]:
        """The fault of a ground truth that names papers which the data do not hold."""
        if not self.truth:
            return []
        absent = [id for id in self.truth.labels if id not in self.ids]
        if not absent:
            return []
        shown = ", ".join(absent[:IDS_SHOWN]) + (", ..." if len(absent) > IDS_SHOWN else "")
        return [f"{self.truth.path}: {len(absent)} of its ids name no question of {self.name}: {shown}"]

    def notes(self) -> tuple[str, ...]:
        """What the data lack, as sentences."""
        total = len(self.questions)
        bare = total - len(self.documents)
        notes = [
            "A document is an abstract without its conclusion (LONG_ANSWER), which states the answer, and without its "
            "title, which is the question.",
            "The data mark no spans: the evidence of a question is its whole abstract.",
        ]
        if not self.truth:
            notes.append(f"No {GROUND_TRUTH} lies beside {self.name}: the data name no test questions.")
        if self.unlabelled:
            notes.append(
                f"{self.unlabelled} of {len(self.documents)} abstracts have no label for each section; their texts "
                "stand without labels."
            )
        if bare:
            notes.append(f"{bare} of {total} questions have no abstract: they bring no document and have no evidence.")
        return tuple(notes)

    def _read_abstract(self, entry: Fields) -> str:
        """Sections as `LABEL: text`, one a line; the texts alone where the labels are missing or of another number."""
        texts = [text.strip() for text in texts_or_blank(entry, "CONTEXTS")]
        labels = [label.strip() for label in texts_or_blank(entry, "LABELS")] if entry.has("LABELS") else []
        if not any(texts):
            return ""
        if len(labels) != len(texts):
            self.unlabelled += 1
            labels = [""] * len(texts)
        sections = [(label, text) for label, text in zip(labels, texts, strict=True) if text]
        return "\n".join(f"{label}: {text}" if label else text for label, text in sections)


def _conclusion(entry: Fields) -> str | None:
    """The abstract's conclusion, which is no part of the document: why the label is right."""
    told = entry.values.get("LONG_ANSWER")
    return (told.strip() or None) if isinstance(told, str) else None


def _read_label(entry: Fields) -> str:
    if not entry.has("final_decision"):
        entry.fault(
            f"expected yes, no or maybe, found no label; the unlabelled set has none: name {DATA} or one of its form",
            "final_decision",
        )
        return ""
    given = entry.text("final_decision")
    label = _label(given)
    if label and label not in LABELS:
        entry.fault(one_of(given, LABELS), "final_decision")
    return label


def _label(given: str) -> str:
    return given.strip().lower()


def _read_ground_truth(path: Path, faults: list[str]) -> _GroundTruth | None:
    if not path.is_file():
        return None
    try:
        with TextFile.detect(path).utf8() as stream:
            tree = json.loads(stream.read())
    except (RecursionError, ValueError) as error:  # a JSONDecodeError is a ValueError
        faults.append(f"{path}: not JSON that can be read: {error}")
        return None
    if not isinstance(tree, dict):
        faults.append(f"{path}: expected an object with a label for each id, got {show(tree)}")
        return None
    labels = Fields(tree, str(path), faults)
    return _GroundTruth(path, {id.strip(): labels.text(id) for id in tree})
