"""What `lab init` did, for programs."""

from __future__ import annotations

from typing import Any

from lab.create.asking import Asking
from lab.create.make import Created
from lab.ingest.nouns import FileOutcome


def as_tree(made: Created) -> dict[str, Any]:
    """All of it as plain JSON types."""
    return {
        "name": made.name,
        "folder": str(made.folder),
        "documents": len(made.ingested.documents),
        "words": made.measured.words,
        "passages_estimated": made.passages,
        "languages": dict(made.measured.languages),
        "files": [_file_tree(one) for one in made.ingested.files],
        "removed": list(made.ingested.removed),
        "changes": None if made.changes is None else {
            "added": list(made.changes.added), "changed": list(made.changes.changed),
            "unchanged": made.changes.unchanged, "removed": list(made.changes.removed),
        },
        "near_duplicates": [
            {"documents": list(one.document_ids), "similarity": one.similarity, "exact": one.exact}
            for one in made.ingested.near_duplicates
        ],
        "notes": list(made.ingested.notes),
        "domain": made.domain.text,
        "experiment": made.experiment,
        "run_seconds_estimated": made.settings.seconds,
        "questions": _asking_tree(made.asking),
        "seconds": made.seconds,
    }  # fmt: skip


def _file_tree(one: FileOutcome) -> dict[str, Any]:
    return {
        "path": one.path, "status": one.status, "format": one.format, "encoding": one.encoding, "bytes": one.bytes,
        "documents": list(one.document_ids), "reason": one.reason, "advice": one.advice, "notes": list(one.notes),
    }  # fmt: skip


def _asking_tree(asking: Asking) -> dict[str, Any]:
    imported = asking.imported
    return {
        "total": asking.total,
        "moved": list(asking.moved),
        "set_aside": [{"id": one.id, "reason": one.reason} for one in asking.aside],
        "waiting": asking.waiting,
        "returned": list(asking.returned),
        "imported": None if imported is None else {
            "file": str(imported.path), "new": len(imported.questions), "ways": dict(imported.ways),
            "present": imported.present, "differing": list(imported.differing), "unplaced": list(imported.unplaced),
            "columns": dict(imported.columns), "unused": list(imported.unused), "notes": list(imported.notes),
        },
    }  # fmt: skip
