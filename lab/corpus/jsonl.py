"""The lab's own format: a folder with `documents.jsonl` and `questions.jsonl`, one JSON object a line, UTF-8.

    {"id": "d1", "title": "Brakes", "text": "Pads last 400 hours.", "metadata": {"genre": "manual"}}
    {"id": "q1", "question": "How long do pads last?", "answers": ["400 hours"], "kind": "number",
     "evidence": [{"document": "d1", "start": 10, "end": 19}]}

Optional: `title`, `metadata`; `kind`, `document`, `split`, `group`, `reason` (why the answer is right) and `synthetic`
(what wrote a question that no person wrote). Offsets count characters, `end` is exclusive; evidence without
offsets is the whole document. No answers and no evidence = the documents do not answer it; `document` may then name the
document that the question was modelled on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast, get_args

from lab.corpus.fields import Fields, collapse, one_of, show, trim_span
from lab.corpus.source import Source
from lab.errors import DataError, list_faults
from lab.types import Corpus, Document, Evidence, Kind, Question, Split

DOCUMENT_KEYS = ("id", "title", "text", "metadata")
QUESTION_KEYS = ("id", "question", "answers", "kind", "evidence", "document", "split", "group", "synthetic", "reason")
EVIDENCE_KEYS = ("document", "start", "end")
KINDS: tuple[str, ...] = get_args(Kind)
SPLITS: tuple[str, ...] = get_args(Split)
QUOTED_KINDS = ("span", "number", "list")  # kinds whose answer stands in the evidence word for word


def read_jsonl(source: Source) -> Corpus:
    """Read the two files of the folder `corpus.path`.

    Raises:
        DataError: a file is missing, or lines are wrong; every fault of both files is listed as `file:line`.
    """
    path = source.path
    files = path / "documents.jsonl", path / "questions.jsonl"
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        lacking = f"{path}: expected a folder with documents.jsonl and questions.jsonl, no {' and no '.join(missing)}"
        raise DataError(f"{lacking}; lab init makes the one, lab init --questions or lab synthesize the other")
    faults: list[str] = []
    documents = _read_documents(files[0], faults)
    questions = _read_questions(files[1], documents, faults)
    if faults:
        raise DataError(list_faults(f"{path}: faults in the data: {len(faults)}", faults))
    return Corpus(source.name, tuple(documents.values()), tuple(questions))


def _read_documents(file: Path, faults: list[str]) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    lines: dict[str, int] = {}
    for line, fields in _records(file, faults):
        fields.only(DOCUMENT_KEYS)
        id = _unique_id(fields, line, lines)
        title = fields.text("title").strip() if fields.values.get("title") not in (None, "") else ""
        metadata = fields.text_map("metadata") if fields.has("metadata") else {}
        # A document with a fault stays known by its id, or each question about it would look faulty too.
        documents.setdefault(id, Document(id, title, fields.text("text"), metadata))
    return documents


def _read_questions(file: Path, documents: Mapping[str, Document], faults: list[str]) -> list[Question]:
    lines: dict[str, int] = {}
    return [
        _read_question(fields, _unique_id(fields, line, lines), documents) for line, fields in _records(file, faults)
    ]


def _read_question(fields: Fields, id: str, documents: Mapping[str, Document]) -> Question:
    fields.only(QUESTION_KEYS)
    answers = fields.texts("answers")
    kind = _read_kind(fields, answers)
    evidence = [_read_evidence(part, documents) for part in fields.objects("evidence")]
    if fields.values.get("answers") == [] and evidence:
        fields.fault(
            "expected [] for an unanswerable question; name the document it is about as `document`", "evidence"
        )
    if kind in QUOTED_KINDS and len(evidence) == 1 and answers:
        _check_quoted(fields, answers, evidence[0], documents)
    document = fields.identity("document") if fields.has("document") else None
    if document and document not in documents:
        fields.fault(f"names no document of documents.jsonl: {show(document)}", "document")
    return Question(
        id=id,
        text=fields.text("question").strip(),
        answers=answers,
        kind=kind,
        evidence=tuple(evidence),
        document_id=document,
        split=_read_split(fields),
        group=fields.identity("group") if fields.has("group") else None,
        synthetic=fields.identity("synthetic") if fields.has("synthetic") else None,
        reason=fields.text("reason").strip() if fields.has("reason") else None,
    )


def _read_kind(fields: Fields, answers: Sequence[str]) -> str:
    if not fields.has("kind"):
        return "span" if answers else "unanswerable"
    kind = fields.text("kind")
    if kind and kind not in KINDS:
        fields.fault(one_of(kind, KINDS), "kind")
    elif kind == "unanswerable" and answers:
        fields.fault(f"expected no answers for kind unanswerable, got {len(answers)}", "answers")
    elif kind != "unanswerable" and fields.values.get("answers") == []:
        fields.fault(
            f"expected at least one answer for kind {kind}; without answers the kind is unanswerable", "answers"
        )
    return kind


def _read_split(fields: Fields) -> Split | None:
    if not fields.has("split"):
        return None
    split = fields.text("split")
    if split and split not in SPLITS:
        fields.fault(one_of(split, SPLITS), "split")
    return cast(Split, split)


def _read_evidence(fields: Fields, documents: Mapping[str, Document]) -> Evidence:
    fields.only(EVIDENCE_KEYS)
    id = fields.identity("document")
    if id and id not in documents:
        fields.fault(f"names no document of documents.jsonl: {show(id)}", "document")
    if fields.has("start") != fields.has("end"):
        fields.fault("expected both start and end, or neither for the whole document")
    if not (fields.has("start") and fields.has("end")):
        return Evidence(id)
    start, end = fields.integer("start"), fields.integer("end")
    text = documents[id].text if id in documents else ""
    if start is None or end is None or not text:
        return Evidence(id)
    if not 0 <= start < end <= len(text):
        fields.fault(f"expected 0 <= start < end <= {len(text)} (the document's length), got start {start}, end {end}")
        return Evidence(id)
    start, end = trim_span(text, start, end)
    if start == end:
        fields.fault("holds whitespace only")
    return Evidence(id, start, end)


def _check_quoted(
    fields: Fields, answers: Sequence[str], evidence: Evidence, documents: Mapping[str, Document]
) -> None:
    if evidence.start is None or evidence.end is None or not all(answers):
        return
    quote = documents[evidence.document_id].text[evidence.start : evidence.end]
    if not any(collapse(answer) in collapse(quote) for answer in answers):
        fields.fault(
            f"holds none of the answers; it reads {show(quote)}, the first answer is {show(answers[0])}", "evidence[0]"
        )


def _unique_id(fields: Fields, line: int, lines: dict[str, int]) -> str:
    id = fields.identity("id")
    if id in lines:
        fields.fault(f"{show(id)} is used twice, first on line {lines[id]}", "id")
    elif id:
        lines[id] = line
    return id


def _records(file: Path, faults: list[str]) -> Iterator[tuple[int, Fields]]:
    """Line number (from 1) and object of each line that is not blank. A line ends at a line feed only."""
    for line, content in enumerate(file.read_bytes().split(b"\n"), start=1):
        place = f"{file}:{line}"
        try:
            text = content.decode("utf-8-sig" if line == 1 else "utf-8").strip()
            record = json.loads(text) if text else None
        except UnicodeDecodeError as error:
            faults.append(f"{place}: not UTF-8 at byte {error.start + 1} of the line; save the file as UTF-8")
        except json.JSONDecodeError as error:
            faults.append(f"{place}: not JSON at character {error.pos + 1}: {error.msg}")
        except (RecursionError, ValueError) as error:  # nested too deeply; a number of thousands of digits
            faults.append(f"{place}: not JSON that can be read: {error}")
        else:
            if isinstance(record, dict):
                yield line, Fields(record, place, faults)
            elif text:
                faults.append(f"{place}: expected a JSON object, got {show(record)}")
