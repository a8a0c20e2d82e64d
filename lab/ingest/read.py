"""One file -> its documents and what came of it. A fault of one file, whatever it is, ends here."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from lab.escapes import one_line
from lab.ingest.clean import clean, removal_notes
from lab.ingest.decode import decode
from lab.ingest.html import parse_docx, parse_html
from lab.ingest.ids import Ids
from lab.ingest.nouns import LIBRARY_MISSING, FileOutcome, Parsed, Text, Unreadable
from lab.ingest.pdf import parse_pdf
from lab.ingest.sniff import sniff
from lab.ingest.split import split_text
from lab.ingest.tables import parse_csv, parse_json, parse_jsonl, parse_parquet
from lab.ingest.titles import file_title, markdown_title, text_title, tidy_title
from lab.types import Document

MAX_TEXT_BYTES = 200_000_000
MAX_FILE_BYTES = 1_000_000_000  # of a PDF, an archive, a Parquet table
MAX_SAID = 200
MAX_REASON = 400
_TEXT_FORMATS = ("text", "markdown", "csv", "tsv", "jsonl")


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What came of a file, and its documents."""

    outcome: FileOutcome
    documents: tuple[Document, ...] = ()


def parse_text(data: bytes, _path: str) -> Parsed:
    """Plain text in any encoding."""
    return _plain(data, text_title)


def parse_markdown(data: bytes, _path: str) -> Parsed:
    """Markdown as it stands, but for pictures that are written into it."""
    return _plain(data, markdown_title)


PARSERS: Mapping[str, Callable[[bytes, str], Parsed]] = {
    "text": parse_text,
    "markdown": parse_markdown,
    "html": parse_html,
    "pdf": parse_pdf,
    "docx": parse_docx,
    "csv": parse_csv,
    "tsv": parse_csv,
    "jsonl": parse_jsonl,
    "json": parse_json,
    "parquet": parse_parquet,
}


def find_format(outcome: FileOutcome, data: bytes) -> FileOutcome:
    """`outcome` with the file's format, or with the reason why it is not read. `zip` is a format too."""
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        reason = f"nothing but blanks in its {len(data):,} bytes" if data else "0 bytes"
        return replace(outcome, status="empty", reason=reason, advice="leave it out, or look for the whole file")
    try:
        kind = sniff(outcome.path, data)
        if kind.format in _TEXT_FORMATS and len(data) > MAX_TEXT_BYTES:
            raise too_large(len(data), MAX_TEXT_BYTES)
    except Unreadable as error:
        return without_documents(outcome, error)
    return replace(outcome, format=kind.format, notes=(*outcome.notes, *kind.notes))


def read_file(outcome: FileOutcome, data: bytes, ids: Ids) -> ReadFile:
    """Parse a file whose format is known; the only place that catches what parsers raise.

    Args:
        outcome: with `path` and `format`.
        data: the whole file.
        ids: gives the documents' ids.
    """
    parse = PARSERS[outcome.format or "text"]
    try:
        parsed = parse(data, outcome.path)
    except Exception as error:
        return ReadFile(without_documents(outcome, _told(error)))
    documents = tuple(_documents(outcome, parsed, ids))
    if not documents:
        return ReadFile(without_documents(outcome, Unreadable("no text in it", "leave it out", "empty")))
    notes = [*outcome.notes, *parsed.notes]
    if len(documents) > len(parsed.texts):
        notes.append(f"{len(documents)} documents, since texts of more than 200,000 characters are divided")
    read = replace(
        outcome,
        status="read",
        encoding=parsed.encoding,
        document_ids=tuple(document.id for document in documents),
        notes=tuple(notes),
    )
    return ReadFile(read, documents)


def without_documents(outcome: FileOutcome, error: Unreadable) -> FileOutcome:
    """The outcome of a file that gives no documents."""
    reason = one_line(error.reason)
    shown = reason if len(reason) <= MAX_REASON else f"{reason[: MAX_REASON - 3]}..."  # it may quote the file
    return replace(outcome, status=error.status, reason=shown, advice=error.advice)


def too_large(size: int, limit: int) -> Unreadable:
    """What is said of a file over a limit, in bytes."""
    reason = f"{size / 1e6:,.0f} MB; the limit is {limit / 1e6:,.0f} MB"
    return Unreadable(reason, "divide it, or take out what the questions will not be about")


def _told(error: Exception) -> Unreadable:
    if isinstance(error, Unreadable):
        return error
    said = next((line for line in str(error).splitlines() if line.strip()), "")[:MAX_SAID]
    if isinstance(error, ImportError):
        return Unreadable(f"a library for this format is missing: {said}", LIBRARY_MISSING)
    if isinstance(error, MemoryError):
        return Unreadable("memory ran out", "divide it, or close other programs")
    if isinstance(error, RecursionError):
        return Unreadable("nested too deeply", "convert it to text, Markdown or PDF")
    return Unreadable(
        f"cannot be read: {said or type(error).__name__}", "open it, and save it again or as another format"
    )


def _plain(data: bytes, title: Callable[[str], str]) -> Parsed:
    decoded = decode(data)
    text, pictures = _without_pictures(decoded.text)
    text, removed = clean(text)
    if not text:
        raise Unreadable("no text in it", "leave it out", "empty")
    notes = (*decoded.notes, *pictures, *removal_notes(removed))
    return Parsed((Text(text, title(text)),), decoded.encoding, notes)


def _without_pictures(text: str) -> tuple[str, tuple[str, ...]]:
    """Cut out `data:` addresses, in which whole pictures are written as letters."""
    if ";base64," not in text:
        return text, ()
    import re

    text, count = re.subn(r"data:[\w.+-]{1,60}/[\w.+-]{1,60};base64,[A-Za-z0-9+/=%]*", "", text)
    return text, (f"{count:,} pictures written into the text left out",) if count else ()


def _documents(outcome: FileOutcome, parsed: Parsed, ids: Ids) -> Iterator[Document]:
    stem = file_title(outcome.path)
    for text in parsed.texts:
        name = outcome.path if text.row is None else f"{outcome.path}/{one_line(text.row)}"
        title = text.title or (stem if text.row is None else tidy_title(f"{stem} {one_line(text.row)}"))
        metadata = {"source": outcome.path, "format": outcome.format or "text"}
        if text.row is not None:
            metadata["row"] = one_line(text.row)[:MAX_SAID]
        spans = split_text(text.text)
        for number, (start, end) in enumerate(spans, start=1):
            part = f"part {number} of {len(spans)}"
            yield Document(
                id=ids.take(name if len(spans) == 1 else f"{name}/part-{number}"),
                title=title if len(spans) == 1 else f"{title} ({part})",
                text=text.text[start:end],
                metadata=metadata | ({"part": part} if len(spans) > 1 else {}) | _pages(text.pages, start, end),
            )


def _pages(pages: tuple[int, ...], start: int, end: int) -> dict[str, str]:
    """`pages`: where each page of [start, end) begins, counted from `start`; `first_page`, from 1, unless it is 1."""
    if not pages:
        return {}
    first = max(bisect_right(pages, start) - 1, 0)
    behind = max(bisect_left(pages, end), first + 1) if end < pages[-1] else len(pages)
    offsets = [max(page - start, 0) for page in pages[first:behind]]
    named = {"pages": json.dumps(offsets)}
    return named | {"first_page": str(first + 1)} if first else named
