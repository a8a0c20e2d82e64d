"""What was read last time, `ingest.json`: per file its sha256 and what came of it, so that only changes are read."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from lab.errors import DataError
from lab.escapes import visible
from lab.files import write_json
from lab.ingest.nouns import FileOutcome, Ingested, as_row
from lab.types import Document

MANIFEST_FILE = "ingest.json"
SCHEMA_VERSION = 1
LIBRARIES = ("charset-normalizer", "lxml", "mammoth", "pyarrow", "pypdfium2", "trafilatura")
_TUPLES = ("document_ids", "notes")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file as it was read: its outcome, and a digest of the documents that it became."""

    outcome: FileOutcome
    documents_sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was read, by shown name, with which code and libraries."""

    reader: str
    libraries: Mapping[str, str]
    files: Mapping[str, FileRecord] = field(default_factory=dict)

    @property
    def current(self) -> bool:
        """Whether this code, with the libraries that are installed, would read the same files the same way."""
        return self.reader == reader_digest() and dict(self.libraries) == library_versions()


def manifest_of(ingested: Ingested) -> Manifest:
    """The manifest of what was just read."""
    of_file = documents_by_file(ingested.files, ingested.documents)
    files = {one.path: FileRecord(_as_read(one), documents_digest(of_file.get(one.path, ()))) for one in ingested.files}
    return Manifest(reader_digest(), library_versions(), files)


def save_manifest(path: Path, manifest: Manifest) -> None:
    """Write `ingest.json`, whole or not at all."""
    write_json(
        path,
        {
            "schema_version": SCHEMA_VERSION,
            "reader": manifest.reader,
            "libraries": dict(manifest.libraries),
            "files": [
                asdict(one.outcome) | {"documents_sha256": one.documents_sha256} for one in manifest.files.values()
            ],
        },
    )


def load_manifest(path: Path) -> Manifest:
    """Read what `save_manifest` wrote.

    Raises:
        DataError: no such file, or not a manifest of this version.
    """
    advice = (
        "to read every file again, delete it and documents.jsonl, move the other files of its folder elsewhere, run "
        "lab init with --docs, and move them back over the new ones"
    )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema_version"] != SCHEMA_VERSION:
            found = content["schema_version"]
            raise DataError(f"{path}: expected schema_version {SCHEMA_VERSION}, got {found!r}; {advice}")
        records = [_record(row) for row in content["files"]]
        return Manifest(str(content["reader"]), dict(content["libraries"]), {one.outcome.path: one for one in records})
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        said = visible(str(error).splitlines()[0] if str(error) else type(error).__name__)
        raise DataError(f"{path}: not a manifest of read files ({said}); {advice}") from None


def read_documents(path: Path) -> tuple[Document, ...]:
    """The documents of a documents.jsonl that the lab wrote.

    Raises:
        DataError: no such file, or lines that are not of the lab's own format.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            rows = [json.loads(line) for line in file if line.strip()]
        return tuple(_document(row) for row in rows)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        said = visible(str(error).splitlines()[0] if str(error) else type(error).__name__)
        raise DataError(
            f"{path}: expected lines that the lab wrote ({said}); delete it to read all files again"
        ) from None


def documents_by_file(
    files: Iterable[FileOutcome], documents: Iterable[Document]
) -> Mapping[str, tuple[Document, ...]]:
    """The documents of each file, by shown name, in the order of its ids; those that no file names are left out."""
    by_id = {document.id: document for document in documents}
    found: dict[str, list[Document]] = defaultdict(list)
    for outcome in files:
        found[outcome.path].extend(by_id[id] for id in outcome.document_ids if id in by_id)
    return {path: tuple(ones) for path, ones in found.items()}


def documents_digest(documents: Sequence[Document]) -> str:
    """sha256 over ids, titles, texts and metadata, 64 hex digits: tells whether somebody changed documents.jsonl."""
    digest = hashlib.sha256()
    for document in documents:
        digest.update(json.dumps(as_row(document), sort_keys=True).encode())
    return digest.hexdigest()


@cache
def reader_digest() -> str:
    """sha256 of the code that reads files, 16 hex digits: what other code read must be read again."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _installed(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def library_versions() -> dict[str, str]:
    """The versions of the libraries that read files."""
    return {library: _installed(library) for library in LIBRARIES}


def _as_read(outcome: FileOutcome) -> FileOutcome:
    """The same manifest for the same files, whether they were read just now or before."""
    return replace(outcome, status="read") if outcome.status == "unchanged" else outcome


def _record(row: dict[str, Any]) -> FileRecord:
    known = {one.name for one in fields(FileOutcome)}
    values: dict[str, Any] = {
        name: tuple(value) if name in _TUPLES else value for name, value in row.items() if name in known
    }
    named = (row["path"], row["status"], row["documents_sha256"], *values["document_ids"], *values["notes"])
    if not all(isinstance(one, str) for one in named):
        raise TypeError("expected texts as names, ids and notes")
    return FileRecord(FileOutcome(**values), row["documents_sha256"])


def _document(row: dict[str, Any]) -> Document:
    metadata = row.get("metadata", {})
    texts = (row["id"], row["title"], row["text"], *metadata.values())
    if not all(isinstance(one, str) for one in texts):
        raise TypeError("expected texts as id, title, text and metadata")
    return Document(row["id"], row["title"], row["text"], metadata)
