"""What holds for everything that was read: offsets, ids, passages, and that it can be written and read again."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lab.corpus.fields import collapse
from lab.corpus.jsonl import QUOTED_KINDS, read_jsonl
from lab.corpus.passages import CUTTINGS, cut_passages
from lab.corpus.source import Source
from lab.corpus_config import CorpusConfig
from lab.errors import DataError
from lab.ingest.nouns import as_row as document_row
from lab.types import Corpus, Document, Passage, Question

MAX_CUT = 4000  # characters of a document that is cut with every strategy


class ToyEncoder:
    """Tokens are what a pattern finds: pieces of words and signs; vectors are letter counts."""

    digest, dimensions, max_tokens = "toy", 4, 48

    def __init__(self, pattern: str = r"\w{1,7}|[^\w\s]") -> None:
        self.pattern = pattern

    def encode(self, texts: Sequence[str]) -> Any:
        counts = [[text.count(letter) for letter in "aeio"] for text in texts]
        vectors = np.array(counts, dtype=np.float32).reshape(len(texts), 4)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(lengths > 0, lengths, 1)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(self.pattern, text)]


def check_corpus(corpus: Corpus, folder: Path, *, quoted: bool = True) -> None:
    """Ids, offsets, passages, documents.jsonl; `quoted`: the evidence of quoted kinds holds an answer."""
    texts = check_documents(corpus.documents, folder)
    assert corpus.questions
    ids = [question.id for question in corpus.questions]
    assert len(set(ids)) == len(ids)
    for question in corpus.questions:
        check_question(question, texts, quoted=quoted)
    assert all(note.strip() and note.encode() for note in corpus.notes)


def check_documents(documents: Sequence[Document], folder: Path) -> dict[str, str]:
    """Checks of documents, their passages and their file; their texts by id."""
    texts = {document.id: document.text for document in documents}
    assert len(texts) == len(documents)
    for document in documents:
        assert document.id.strip()
        assert document.text.strip()
        check_pages(document)
        for cutting in CUTTINGS if len(document.text) <= MAX_CUT else CUTTINGS[:1]:
            check_cutting(document, cutting)
    if documents:
        check_round_trip(documents, folder / "again")
    return texts


def check_question(question: Question, texts: dict[str, str], *, quoted: bool) -> None:
    assert question.id.strip()
    assert question.text.strip()
    told = (question.id, question.text, *question.answers, question.reason, question.group, question.synthetic)
    assert all(text.encode() is not None for text in told if text is not None)
    assert all(answer.strip() for answer in question.answers)
    assert question.document_id is None or question.document_id in texts
    quotes = []
    for one in question.evidence:
        text = texts[one.document_id]
        assert (one.start is None) == (one.end is None)
        if one.start is None or one.end is None:
            continue
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end].strip() == text[one.start : one.end]
        quotes.append(collapse(text[one.start : one.end]))
    if quoted and quotes and question.kind in QUOTED_KINDS and len(question.evidence) == 1:
        assert any(collapse(answer) in quotes[0] or held(answer, quotes[0]) for answer in question.answers)


def held(answer: str, quote: str) -> bool:
    """Whether an answer stands in a quote but for the quotes and stops around it, which a place need not have."""
    return collapse(answer).strip("\"'\u201c\u2018(\u201d\u2019).,;:!? ") in quote


def check_pages(document: Document) -> None:
    """Page offsets ascend and lie in the text; the first page begins with it."""
    if "pages" not in document.metadata:
        return
    pages = json.loads(document.metadata["pages"])
    assert pages[0] == 0
    assert pages == sorted(pages)
    assert pages[-1] <= len(document.text)


def check_cutting(
    document: Document, cutting: Any, *, size: int = 12, overlap: int = 3, encoder: ToyEncoder | None = None
) -> tuple[Passage, ...]:
    """Exact offsets, nothing lost, in order; a title may leave no room, which is a user's error that names it."""
    try:
        passages = cut_passages([document], encoder or ToyEncoder(), max_tokens=size, overlap=overlap, cutting=cutting)
    except DataError as error:
        assert "the title takes" in str(error)
        return ()
    covered = bytearray(len(document.text))
    for number, passage in enumerate(passages):
        assert passage.id == f"{document.id}#{number}"
        assert passage.text == document.text[passage.start : passage.end]
        assert passage.text.strip() == passage.text != ""
        covered[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    lost = [place for place, seen in enumerate(covered) if not seen and not document.text[place].isspace()]
    assert not lost, f"{cutting}: {len(lost)} characters in no passage, the first at {lost[0]}"
    starts = [passage.start for passage in passages]
    assert starts == sorted(starts)
    return passages


def check_round_trip(documents: Sequence[Document], folder: Path) -> None:
    """What documents.jsonl says of them is read again as it was, but for white space around ids and titles."""
    folder.mkdir(exist_ok=True)
    lines = "".join(json.dumps(document_row(one), ensure_ascii=False) + "\n" for one in documents)
    (folder / "documents.jsonl").write_text(lines, encoding="utf-8", newline="\n")
    asked = {"id": "q", "question": "What?", "answers": [], "evidence": []}
    (folder / "questions.jsonl").write_text(json.dumps(asked), encoding="utf-8")
    source = Source(CorpusConfig.model_validate({"path": str(folder), "format": "jsonl"}), "again")
    again = read_jsonl(source).documents
    assert [(one.id, one.text, dict(one.metadata)) for one in again] == [
        (one.id.strip(), one.text, dict(one.metadata)) for one in documents
    ]
    assert [one.title for one in again] == [one.title.strip() for one in documents]
