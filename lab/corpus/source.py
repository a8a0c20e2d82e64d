"""Where a corpus is read from, and its text files as they come: UTF-8 or Windows-1252, larger than memory or not."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lab.corpus_config import CorpusConfig
from lab.errors import DataError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK_BYTES = 1 << 20
RECODED_BYTES = 1 << 16
BOM = codecs.BOM_UTF8


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader gets: the `corpus` section, the corpus's name, and whether connections are forbidden."""

    options: CorpusConfig
    name: str
    offline: bool = False

    @property
    def path(self) -> Path:
        """The file or folder of `corpus.path`."""
        return Path(self.options.path)

    def file(self, pattern: str) -> Path:
        """`corpus.path` itself where it is a file, else the only file in it that matches `pattern`.

        Raises:
            DataError: no file matches, or several do.
        """
        if self.path.is_file():
            return self.path
        found = sorted(self.path.glob(pattern))
        if len(found) != 1:
            names = ", ".join(file.name for file in found) or "none"
            raise DataError(f"{self.path}: expected exactly one file {pattern}, found {names}; name one in corpus.path")
        return found[0]


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file and the encoding that its bytes allow: UTF-8, else Windows-1252, else Latin-1."""

    path: Path
    encoding: str

    @classmethod
    def detect(cls, path: Path) -> TextFile:
        """Read the file once, in pieces, to see which encoding fits."""
        return cls(path, next(name for name in ("utf-8", "cp1252", "latin-1") if _fits(path, name)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the report should know of the encoding, as sentences."""
        if self.encoding == "utf-8":
            return ()
        return (f"{self.path.name} is not UTF-8; it was read as {self.encoding}.",)

    @contextmanager
    def utf8(self) -> Iterator[BinaryIO]:
        """The file as a stream of UTF-8 bytes without byte order mark."""
        with self.path.open("rb") as file:
            if file.read(len(BOM)) != BOM:
                file.seek(0)
            if self.encoding == "utf-8":
                yield file
            else:
                yield io.BufferedReader(_Recoded(file, self.encoding))

    def first_character(self) -> str:
        """The first character that is not whitespace; "" where there is none. Reads no further than to it."""
        with self.utf8() as stream:
            while chunk := stream.read(CHUNK_BYTES):
                if found := chunk.lstrip()[:1]:
                    return found.decode("utf-8", "replace")
        return ""

    def lines(self) -> Iterator[tuple[int, str]]:
        """Line numbers from 1 and lines that are not blank. A line ends at a line feed only."""
        with self.path.open(encoding="utf-8-sig" if self.encoding == "utf-8" else self.encoding, newline="\n") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.strip()


class _Recoded(io.RawIOBase):
    """A file of another encoding as UTF-8 bytes. Not codecs.EncodedFile: its `readinto` gives the file's own bytes."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._rest and (chunk := self._file.read(RECODED_BYTES)):
            self._rest = self._decoder.decode(chunk).encode()
        view = memoryview(buffer).cast("B")
        taken = min(len(view), len(self._rest))
        view[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


def _fits(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
