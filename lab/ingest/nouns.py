"""The nouns of reading files: what came of each file, what a parser makes of one, and what all of them come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lab.near_documents import NearDuplicates
from lab.types import Document

Status = Literal["read", "unchanged", "opened", "empty", "ignored", "unsupported", "failed"]
LIBRARY_MISSING = 'pip install "rag-finetune-lab[ingest]"'


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What came of one file. `path` is its shown name: the argument's own name, then the way from there, with "/".

    Status: `read`, or `unchanged` since last time; `opened`: an archive, whose files have outcomes of their own;
    `empty`: no text in it; `ignored`: not meant to be read, such as hidden files; `unsupported`: a format that is not
    read; `failed`: broken, locked or too large. All but the first three come with `reason` and `advice` (what to do).
    `encoding` is None for UTF-8 and for formats that say it themselves; `bytes` and `sha256` are those of the file,
    None where it was not opened; `notes` are plain sentences on what reading changed or left out.
    """

    path: str
    status: Status
    reason: str | None = None
    advice: str | None = None
    format: str | None = None
    encoding: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    modified_ns: int | None = None
    document_ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ingested:
    """Documents in order of their files' names, one outcome for each file that was found, and what is worth knowing.

    `removed`: names of files that were read last time and are no more found; their documents are gone.
    """

    documents: tuple[Document, ...]
    files: tuple[FileOutcome, ...]
    near_duplicates: tuple[NearDuplicates, ...]
    notes: tuple[str, ...]
    removed: tuple[str, ...] = ()

    def count(self, *statuses: Status) -> int:
        """How many files came out with one of these statuses."""
        return sum(outcome.status in statuses for outcome in self.files)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading is: files done, files known so far (archives add theirs when opened), the file now read."""

    done: int
    total: int
    path: str


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a file, clean (`lab.ingest.clean`). `row` names it where a file holds several.

    `pages`: the character at which each page begins, for formats that have pages.
    """

    text: str
    title: str = ""
    row: str | None = None
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser makes of a file."""

    texts: tuple[Text, ...]
    encoding: str | None = None
    notes: tuple[str, ...] = ()


class Unreadable(Exception):
    """A file that gives no documents: why, and what to do about it. Never leaves `lab.ingest`."""

    def __init__(self, reason: str, advice: str, status: Status = "failed") -> None:
        super().__init__(reason)
        self.reason, self.advice, self.status = reason, advice, status


def as_row(document: Document) -> Mapping[str, Any]:
    """The line of documents.jsonl for a document."""
    row: dict[str, Any] = {"id": document.id, "title": document.title, "text": document.text}
    return row | {"metadata": dict(document.metadata)} if document.metadata else row
