"""Files that are complete or absent (temporary name, sync, rename), and their names: a run's, and by content.

Several files of a folder change together: they are first written whole into `.init`, which then becomes `.init-done` in
one rename. From there on the change counts as made. The files are then put in their places; what a kill left in
`.init-done` is put there by the next process that holds the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lab.errors import DataError, LabError, RunLockedError

RESULTS_FILE, ANSWERS_FILE = "results.json", "answers.jsonl"
SCORES_FILE, QUESTIONS_FILE = "scores.jsonl", "questions.jsonl"
Content = str | Callable[[Path], object] | None
_STAGED, _DONE, _LOCK = ".init", ".init-done", ".corpus.lock"
_REMOVED = ".removed"  # within _STAGED: the names of files that are to go, one a line


def need_run(folder: Path) -> None:
    """Raise DataError unless there is a folder: what every command on a finished run asks before it reads one."""
    if not folder.is_dir():
        found = "a file" if folder.exists() else "nothing"
        raise DataError(f"{folder}: expected the folder of a finished run, found {found}")


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place; a kill leaves the old file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write text whole or not at all, as UTF-8 with unchanged line ends."""
    write_atomically(path, lambda target: target.write_text(text, encoding="utf-8", newline="\n"))


def write_json(path: Path, value: Any) -> None:
    """Write JSON whole or not at all. NaN is refused."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write one JSON object a line, whole or not at all. NaN is refused."""
    write_text(path, "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows))


def read_json(path: Path) -> Any:
    """Read a JSON file that the lab wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Read a JSONL file that the lab wrote.

    Raises:
        LabError: no such file.
    """
    if not path.is_file():
        raise LabError(f"{path}: expected a file of a finished step, found none")
    with path.open(encoding="utf-8", newline="\n") as file:  # splitlines would also cut at U+2028 and U+0085
        return [json.loads(line) for line in file]


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a corpus folder against all others that would change it, and finish what a killed one left; no file stays.

    Raises:
        RunLockedError: another process works there.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunLockedError(
            f"{folder}: another lab init or lab synthesize works there; wait until it has ended"
        ) from None
    try:
        shutil.rmtree(folder / _STAGED, ignore_errors=True)
        _put(folder)
        yield
    finally:
        with suppress(OSError):  # not every system deletes a file that is open
            (folder / _LOCK).unlink()
        lock.release()


def finish_changes(folder: Path) -> None:
    """Put files in their places that a killed process had written whole; touches no folder without such files.

    Raises:
        RunLockedError: another process works there.
    """
    if (folder / _DONE).is_dir():
        with held(folder):
            pass


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


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
