"""The index's files: vectors, and JSON that may be missing or broken after a kill."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.files import file_sha256, write_atomically


def read_object(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file; None when the file is missing, broken or holds something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def write_vectors(path: Path, vectors: NDArray[np.float32]) -> None:
    """Write an array of shape (n, d) as `.npy`, whole or not at all."""

    def write(target: Path) -> None:
        with target.open("wb") as file:
            np.save(file, vectors, allow_pickle=False)

    write_atomically(path, write)


def file_digest(path: Path) -> str | None:
    """sha256 of a file's bytes, 64 hex digits; None when there is no such file."""
    return file_sha256(path) if path.is_file() else None


def texts_digest(texts: Iterable[str]) -> str:
    """sha256 over texts in order, 64 hex digits; each is preceded by its length, so borders count."""
    total = hashlib.sha256()
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()
