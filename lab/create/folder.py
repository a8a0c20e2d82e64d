"""The corpus folder: whose it is, and several files that change together or not at all.

New files are first written whole into `.init`, which then becomes `.init-done` in one rename: from there on the change
counts as made. The files are then put in their places; what a kill left in `.init-done` is put there by the next call.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lab.errors import DataError, RunLockedError
from lab.files import sync

DOCUMENTS, QUESTIONS, EXPERIMENT = "documents.jsonl", "questions.jsonl", "experiment.yaml"
MANIFEST, ASIDE = "ingest.json", "questions-set-aside.jsonl"
Content = str | Callable[[Path], object] | None
_STAGED, _DONE, _LOCK = ".init", ".init-done", ".init.lock"
_REMOVED = ".removed"  # within _STAGED: the names of files that are to go, one a line


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
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunLockedError(f"{folder}: another lab init works there; wait for it") from None
    try:
        _settle(folder)
        yield
    finally:
        (folder / _LOCK).unlink(missing_ok=True)
        lock.release()
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


def write_together(folder: Path, files: Mapping[str, Content]) -> None:
    """Write files by name, all or none: a text as UTF-8, or what a function writes to the path; None removes one."""
    staged, done = folder / _STAGED, folder / _DONE
    staged.mkdir()
    try:
        for name, content in files.items():
            if isinstance(content, str):
                (staged / name).write_text(content, encoding="utf-8", newline="\n")
            elif content is not None:
                content(staged / name)
            if content is not None:
                sync(staged / name)
        gone = [name for name, content in files.items() if content is None]
        if gone:
            (staged / _REMOVED).write_text("\n".join(gone), encoding="utf-8", newline="\n")
            sync(staged / _REMOVED)
        sync(staged)
        staged.rename(done)
        sync(folder)
    except BaseException:  # Ctrl-C as well
        shutil.rmtree(staged, ignore_errors=True)
        raise
    try:
        _put(folder)
    except KeyboardInterrupt:
        _put(folder)
        raise


def _settle(folder: Path) -> None:
    shutil.rmtree(folder / _STAGED, ignore_errors=True)
    _put(folder)


def _put(folder: Path) -> None:
    done = folder / _DONE
    if done.is_dir():
        removed = done / _REMOVED
        for file in sorted(set(done.iterdir()) - {removed}):
            file.replace(folder / file.name)
        for name in removed.read_text(encoding="utf-8").split("\n") if removed.is_file() else ():
            if name:
                (folder / name).unlink(missing_ok=True)
        sync(folder)
        removed.unlink(missing_ok=True)
        done.rmdir()
