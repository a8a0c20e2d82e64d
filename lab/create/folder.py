"""The corpus folder: whose it is, what lies in it, and that one process at a time makes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import DataError
from lab.files import held

DOCUMENTS, QUESTIONS, EXPERIMENT = "documents.jsonl", "questions.jsonl", "experiment.yaml"
MANIFEST, ASIDE = "ingest.json", "questions-set-aside.jsonl"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a corpus folder against others that would make it, and finish what a killed one left.

    A folder that was not there is there within the block; it is removed if the block leaves it empty.

    Raises:
        DataError: something else than a folder lies there.
        RunLockedError: another process works there.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise DataError(f"{there}: expected a folder or nothing, found a file; choose another NAME or --into")
    new = [path for path in (folder, *folder.parents) if not path.exists()]  # deepest first
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with held(folder):
            yield
    finally:
        for path in new:
            if any(path.iterdir()):
                break
            path.rmdir()


def need_own(folder: Path) -> bool:
    """Whether `lab init` made the corpus in a folder; False where there is none.

    Raises:
        DataError: the folder holds somebody else's corpus.
    """
    if (folder / MANIFEST).is_file():
        return True
    foreign = [name for name in (DOCUMENTS, QUESTIONS, EXPERIMENT) if (folder / name).exists()]
    if foreign:
        raise DataError(
            f"{folder}: holds {' and '.join(foreign)} that lab init did not write; choose another NAME, or another "
            "place with --into"
        )
    return False
