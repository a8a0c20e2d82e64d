"""Files as people have them -> documents: every file that is found has one outcome, and none stops the others.

What has not changed since the manifest was written is not parsed again. Whether a file has changed is told by its
sha256, never by its time or size: programs that copy, unpack or synchronise keep times while bytes change, and hashing
costs less than a hundredth of parsing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.ingest.archive import Budget, open_archive
from lab.ingest.find import Found, find_files
from lab.ingest.ids import Ids
from lab.ingest.manifest import FileRecord, Manifest, documents_by_file, documents_digest
from lab.ingest.nouns import FileOutcome, Ingested, Progress, Unreadable
from lab.ingest.read import MAX_FILE_BYTES, find_format, read_file, too_large, without_documents
from lab.near_documents import near_duplicates
from lab.types import Document

OnProgress = Callable[[Progress], None]


def ignore(_progress: Progress) -> None:
    """Tell nobody."""


def ingest(
    paths: Sequence[str | Path],
    *,
    known: Manifest | None = None,
    documents: Sequence[Document] = (),
    on_progress: OnProgress = ignore,
) -> Ingested:
    """Read files, folders, globs and zip archives.

    Args:
        paths: what to read, in any order: the result does not depend on it.
        known: what was read last time.
        documents: what it became. A file whose bytes are the same keeps these documents, unless somebody changed
            them, or the code or a library that reads files is another one.
        on_progress: called before each file.

    Raises:
        DataError: paths that lead to nothing; all of them are listed.
    """
    found, ignored = find_files(paths)
    reading = _Reading(_reusable(known, documents), on_progress, total=len(found))
    for one in found:
        reading.read_path(one)
    outcomes = sorted((*reading.outcomes, *ignored), key=lambda outcome: outcome.path)
    paths_now = {outcome.path for outcome in outcomes}
    removed = tuple(sorted(path for path in _with_documents(known) if path not in paths_now))
    kept = tuple(reading.documents)
    alike = near_duplicates(kept)
    return Ingested(kept, tuple(outcomes), alike, tuple(_notes(outcomes, removed, known)), removed)


@dataclass(frozen=True, slots=True)
class _Known:
    record: FileRecord
    documents: tuple[Document, ...]


@dataclass
class _Reading:
    """What has been read so far."""

    known: Mapping[str, _Known]
    on_progress: OnProgress
    total: int
    done: int = 0
    ids: Ids = field(default_factory=Ids)
    outcomes: list[FileOutcome] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    def read_path(self, found: Found) -> None:
        """Read a file of the disk, and where it is an archive all that it holds."""
        self._tell(found.path)
        outcome = FileOutcome(found.path, "failed")
        try:
            status = found.file.stat()
            outcome = replace(outcome, bytes=status.st_size, modified_ns=status.st_mtime_ns)
            data = b"" if status.st_size > MAX_FILE_BYTES else _content(found.file, status.st_size)
            if (size := max(status.st_size, len(data))) > MAX_FILE_BYTES:
                self._put(without_documents(outcome, too_large(size, MAX_FILE_BYTES)))
                return
        except OSError as error:
            reason = f"cannot be opened: {(error.strerror or type(error).__name__).lower()}"
            self._put(without_documents(outcome, Unreadable(reason, "see that it is there and that you may read it")))
            return
        self._read(replace(outcome, bytes=len(data)), data, Budget(), depth=0)

    def _read(self, outcome: FileOutcome, data: bytes, budget: Budget, depth: int) -> None:
        outcome = replace(outcome, sha256=hashlib.sha256(data).hexdigest())
        known = self.known.get(outcome.path)
        if known and known.record.outcome.sha256 == outcome.sha256 and outcome.sha256:
            self._keep(outcome, known)
            return
        outcome = find_format(outcome, data)
        if outcome.format == "zip":
            self._read_archive(outcome, data, budget, depth)
        elif outcome.format is None:
            self._put(outcome)
        else:
            read = read_file(outcome, data, self.ids)
            self.documents.extend(read.documents)
            self._put(read.outcome)

    def _read_archive(self, outcome: FileOutcome, data: bytes, budget: Budget, depth: int) -> None:
        try:
            members = list(open_archive(outcome.path, data, budget, depth + 1))
        except Unreadable as error:
            self._put(without_documents(outcome, error))
            return
        self._put(replace(outcome, status="opened", notes=(*outcome.notes, f"{len(members):,} files in it")))
        self.total += len(members)
        for member in members:
            self._tell(member.path)
            if isinstance(member, FileOutcome):
                self._put(member)
                continue
            inner = FileOutcome(member.path, "failed", bytes=member.size, notes=member.notes)
            try:
                content = member.load()
            except Unreadable as error:
                self._put(without_documents(inner, error))
            else:
                self._read(inner, content, budget, depth + 1)

    def _keep(self, outcome: FileOutcome, known: _Known) -> None:
        self.documents.extend(known.documents)
        for document in known.documents:
            self.ids.keep(document.id)
        kept = replace(known.record.outcome, status="unchanged", modified_ns=outcome.modified_ns)
        self._put(kept)

    def _put(self, outcome: FileOutcome) -> None:
        self.outcomes.append(outcome)
        self.done += 1

    def _tell(self, path: str) -> None:
        self.on_progress(Progress(self.done, self.total, path))


def _content(file: Path, told: int) -> bytes:
    """The bytes of a file that is `told` to have so many; one more than the limit of a file that has more."""
    with file.open("rb") as opened:
        data = opened.read(told + 1)
        if len(data) > told:  # it grows, or is one of those in /proc, which are said to have none
            data += opened.read(MAX_FILE_BYTES - told)
    return data


def _reusable(known: Manifest | None, documents: Sequence[Document]) -> dict[str, _Known]:
    """Files of the manifest whose documents are all there and as they were written."""
    if known is None or not known.current:
        return {}
    outcomes = [record.outcome for record in known.files.values()]
    of_file = documents_by_file(outcomes, documents)
    found = {}
    for path in _with_documents(known):
        own = of_file.get(path, ())
        if documents_digest(own) == known.files[path].documents_sha256:
            found[path] = _Known(known.files[path], own)
    return found


def _with_documents(known: Manifest | None) -> list[str]:
    return [path for path, record in known.files.items() if record.outcome.document_ids] if known else []


def _notes(outcomes: Sequence[FileOutcome], removed: Sequence[str], known: Manifest | None) -> list[str]:
    notes = []
    if known is not None and not known.current:
        notes.append("the code or a library that reads files has changed since last time: every file was read again")
    if removed:
        shown = ", ".join(removed[:5]) + (f" and {len(removed) - 5:,} more" if len(removed) > 5 else "")
        notes.append(f"no more found, so their documents are gone: {shown}")
    guessed = sorted(outcome.path for outcome in outcomes if outcome.encoding)
    if guessed:
        shown = ", ".join(guessed[:5]) + (f" and {len(guessed) - 5:,} more" if len(guessed) > 5 else "")
        notes.append(f"not in UTF-8: {shown}")
    return notes
