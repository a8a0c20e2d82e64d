"""What `lab init` and people write about questions: question files, reviews, the corpus folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from corpus_cases import PADS, QUESTIONS, SALT, parquet_bytes, parquet_files
from fuzzing import Case
from hypothesis import strategies as st
from properties import check_question
from small_world import read_at
from spoiling import (
    as_lines,
    json_bytes,
    spoiled_bytes,
    spoiled_json,
    spoiled_table,
)

from lab.create.importing import as_row, import_questions
from lab.create.state import read_state
from lab.files import write_jsonl
from lab.ingest.ingest import ingest
from lab.ingest.manifest import manifest_of, save_manifest
from lab.ingest.nouns import as_row as document_row
from lab.synthesis.review import apply, read_review, write_review
from lab.types import Document, Evidence, Question

TEXTS = (
    Document("manual-brakes", "Brakes", PADS, {"source": "manual/brakes.pdf"}),
    Document("salt", "Salt", SALT, {"source": "salt.md"}),
)
ASKED = [
    {"id": "a", "query": "How long do pads last?", "ground_truth": "400 hours", "file": "brakes.pdf", "kind": "number",
     "evidence": "Pads last 400 hours.", "group": "g", "split": "train"},
    {"id": "b", "query": "Is salt white?", "ground_truth": ["yes"], "file": ["salt.md"], "split": "test",
     "evidence": [{"document": "salt", "start": 0, "end": 14}]},
    {"id": "c", "query": "Who?", "ground_truth": None, "file": "salt"},
]  # fmt: skip
ASKED_TABLE = [
    ["Query", "Ground Truth", "File", "Evidence", "Split"],
    ["How long do pads last?", "400 hours", "brakes.pdf", "Pads last 400 hours.", "train"],
    ["Is salt white?", '["yes", "it is"]', "salt", "", "test"],
    ["Who?", "", "", "", "train"],
]
ASKED_CSV = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in ASKED_TABLE).encode()


def read_questions(folder: Path) -> None:
    """A question file beside documents: imported questions have evidence that holds their answers."""
    (file,) = folder.iterdir()
    found = import_questions(file, TEXTS, ())
    texts = {document.id: document.text for document in TEXTS}
    for question in found.questions:
        check_question(question, texts, quoted=True)
    assert len({question.id for question in found.questions}) == len(found.questions)
    assert all(note.strip() and note.encode() for note in found.notes)
    corpus = folder / "corpus"
    corpus.mkdir()
    write_jsonl(corpus / "documents.jsonl", [document_row(one) for one in TEXTS])
    write_jsonl(corpus / "questions.jsonl", [as_row(one) for one in found.questions])
    if found.questions:
        assert read_at(corpus, "jsonl").questions == found.questions


REVIEWED = (
    Question("q1", "How long do pads last?", ("400 hours",), "number", (Evidence("salt", 0, 14),), synthetic="cloze"),
    Question("q2", "Who paints it?", (), "unanswerable", (), "salt", synthetic="cloze"),
    Question("q3", "=What is white?", ("Salt", "a | b"), "span", (Evidence("salt", 0, 14),)),
)
REVIEW_TABLE = [
    ["id", "keep", "question", "answer", "kind", "document", "passage", "maker", "note"],
    ["q1", "yes", "How long do pads last?", "400 hours", "number", "salt", "", "cloze", ""],
    ["q2", "no", "Who paints it?", "", "unanswerable", "salt", "", "cloze", ""],
    ["q3", "", "'=What is white?", "Salt | a \\| b", "span", "salt", "", "person", "=1+1"],
]
REVIEW_CSV = "\n".join(",".join(row) for row in REVIEW_TABLE).encode()


def read_a_review(folder: Path) -> None:
    """What people corrected is a question like all others, and can be written for review again."""
    corrections = read_review(folder / "review.csv", REVIEWED, TEXTS)
    applied = apply(REVIEWED, corrections)
    texts = {document.id: document.text for document in TEXTS}
    assert len(applied.questions) + len(applied.removed) == len(REVIEWED)
    for question in applied.questions:
        check_question(question, texts, quoted=False)
    write_review(folder / "again", applied.questions, TEXTS)


def corpus_folder() -> dict[str, bytes]:
    """A folder as `lab init` leaves it, but for its experiment file."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        docs, corpus = Path(place, "docs"), Path(place, "corpus")
        docs.mkdir()
        corpus.mkdir()
        (docs / "a.md").write_text(PADS, encoding="utf-8")
        (docs / "b.txt").write_text(SALT, encoding="utf-8")
        found = ingest([docs])
        save_manifest(corpus / "ingest.json", manifest_of(found))
        write_jsonl(corpus / "documents.jsonl", [document_row(one) for one in found.documents])
        (corpus / "questions.jsonl").write_bytes(as_lines(QUESTIONS))
        return {file.name: file.read_bytes() for file in corpus.iterdir()}


CORPUS = corpus_folder()
MANIFEST = json.loads(CORPUS["ingest.json"]) | {"init": {"docs": ["../docs"], "experiment_sha256": None}}
MADE = [json.loads(line) for line in CORPUS["documents.jsonl"].splitlines()]


def both(tree: Any, data: bytes, *, lines: bool = False) -> st.SearchStrategy[bytes]:
    return spoiled_json(tree, lines=lines) | spoiled_bytes([data])


def questions_case(name: str, seed: bytes, mutants: st.SearchStrategy[bytes]) -> Case:
    return Case(f"questions in {name}", {f"asked.{name}": seed}, {f"asked.{name}": mutants}, read_questions)


ASKED_PARQUET = parquet_bytes([{"question": "How long do pads last?", "answer": "400 hours", "id": "x"}])
QUESTION_CASES = [
    questions_case("csv", ASKED_CSV, spoiled_table(ASKED_TABLE) | spoiled_bytes([ASKED_CSV])),
    questions_case("jsonl", as_lines(ASKED), both(ASKED, as_lines(ASKED), lines=True)),
    questions_case("json", json_bytes({"questions": ASKED}), both({"questions": ASKED}, json_bytes(ASKED))),
    questions_case("parquet", ASKED_PARQUET, parquet_files() | spoiled_bytes([ASKED_PARQUET])),
    Case(
        "review.csv",
        {"review.csv": REVIEW_CSV},
        {"review.csv": spoiled_table(REVIEW_TABLE) | spoiled_bytes([REVIEW_CSV])},
        read_a_review,
    ),
    Case(
        "corpus folder of lab init",
        {**CORPUS, "ingest.json": json_bytes(MANIFEST)},
        {
            "ingest.json": both(MANIFEST, json_bytes(MANIFEST)),
            "documents.jsonl": both(MADE, CORPUS["documents.jsonl"], lines=True),
            "questions.jsonl": both(QUESTIONS, CORPUS["questions.jsonl"], lines=True),
        },
        read_state,
    ),
]  # fmt: skip
