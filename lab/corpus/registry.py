"""Format names and their readers. A new format is one file with a `read_<format>` and one line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab.corpus.fields import one_of
from lab.corpus.jsonl import read_jsonl
from lab.corpus.squad import read_squad
from lab.errors import DataError
from lab.types import Corpus

Reader = Callable[[Path, str], Corpus]

FORMATS: dict[str, Reader] = {
    "jsonl": read_jsonl,
    "squad": read_squad,
}


def read_corpus(path: Path, format: str, name: str) -> Corpus:
    """Read the data at `path`, a file or a folder, as a corpus called `name`.

    Raises:
        DataError: unknown format, nothing at `path`, faults in the data, or no document or question in them.
    """
    if format not in FORMATS:
        raise DataError(f"corpus.format: {one_of(format, FORMATS)}")
    if not path.exists():
        raise DataError(f"{path}: expected data in the format {format}, found nothing there; see corpus.path")
    corpus = FORMATS[format](path, name)
    for noun, items in (("document", corpus.documents), ("question", corpus.questions)):
        if not items:
            raise DataError(f"{path}: expected at least one {noun}, found none")
    return corpus
