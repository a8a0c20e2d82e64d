"""What a corpus folder holds: the documents, the questions, and what `lab init` remembers of the last time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.create.folder import ASIDE, DOCUMENTS, EXPERIMENT, MANIFEST, QUESTIONS, need_own
from lab.create.question_lines import QuestionLines
from lab.errors import DataError, list_faults
from lab.files import read_json, write_json
from lab.ingest.manifest import Manifest, documents_by_file, documents_digest, load_manifest, read_documents
from lab.ingest.manifest import save_manifest as save_files
from lab.types import Document

MEMORY = "init"  # the key of ingest.json that is ours


@dataclass(frozen=True, slots=True)
class Memory:
    """`docs`: paths and globs, seen from the corpus folder; `experiment`: sha256 of experiment.yaml as written."""

    docs: tuple[str, ...]
    experiment: str | None


@dataclass(frozen=True, slots=True)
class State:
    """A corpus folder as it is; `manifest` and `memory` are None where nothing was made yet."""

    manifest: Manifest | None
    memory: Memory | None
    documents: tuple[Document, ...]
    questions: QuestionLines
    aside: QuestionLines
    experiment: str | None

    @property
    def experiment_is_ours(self) -> bool:
        """Whether experiment.yaml stands as `lab init` wrote it."""
        return self.experiment is not None and self.memory is not None and self.memory.experiment == self.experiment


def read_state(folder: Path) -> State:
    """Read what is there.

    Raises:
        DataError: somebody else's corpus lies there, a file of it is broken, or documents.jsonl was edited.
    """
    if not need_own(folder):
        return State(None, None, (), QuestionLines(), QuestionLines(), None)
    manifest = load_manifest(folder / MANIFEST)
    there = (folder / DOCUMENTS).is_file()
    documents = read_documents(folder / DOCUMENTS) if there else ()
    if there:
        _refuse_edited(folder / DOCUMENTS, manifest, documents)
    return State(
        manifest=manifest,
        memory=_memory(folder / MANIFEST),
        documents=documents,
        questions=QuestionLines.read(folder / QUESTIONS),
        aside=QuestionLines.read(folder / ASIDE),
        experiment=digest(folder / EXPERIMENT),
    )


def save_manifest(path: Path, manifest: Manifest, memory: Memory) -> None:
    """Write ingest.json: what was read, and what `lab init` remembers."""
    save_files(path, manifest)
    tree = read_json(path)
    tree[MEMORY] = {"docs": list(memory.docs), "experiment_sha256": memory.experiment}
    write_json(path, tree)


def seen_from(folder: Path, docs: Sequence[str | Path]) -> tuple[str, ...]:
    """Paths as they are kept: relative to the corpus folder, so that both may move together."""
    base = folder.resolve()
    return tuple(_relative(os.path.abspath(Path(path).expanduser()), base) for path in docs)  # noqa: PTH100 - a glob cannot be resolved


def digest(file: Path) -> str | None:
    """sha256 of a file; None where there is none."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def _relative(path: str, base: Path) -> str:
    try:
        return Path(os.path.relpath(path, base)).as_posix()
    except ValueError:  # another drive
        return path


def _memory(path: Path) -> Memory | None:
    found: Any = read_json(path).get(MEMORY)
    if not isinstance(found, dict) or not isinstance(found.get("docs"), list):
        return None
    experiment = found.get("experiment_sha256")
    return Memory(tuple(map(str, found["docs"])), experiment if isinstance(experiment, str) else None)


def _refuse_edited(path: Path, manifest: Manifest, documents: Sequence[Document]) -> None:
    """What somebody changed there would be lost, since documents come from files."""
    own = documents_by_file((record.outcome for record in manifest.files.values()), documents)
    edited = [
        name
        for name, record in manifest.files.items()
        if documents_digest(own.get(name, ())) != record.documents_sha256
    ]
    named = {id for record in manifest.files.values() for id in record.outcome.document_ids}
    added = [document.id for document in documents if document.id not in named]
    if edited or added:
        raise DataError(
            list_faults(
                f"{path}: was edited since lab init wrote it; change the files that it was read from, and delete it "
                "to read them all again. What differs:",
                [*(f"the text of {name}" for name in edited), *(f"the document {id}" for id in added)],
            )
        )
