"""What a file holds: by its first bytes, then by whether it is text, then by its extension."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import NamedTuple

from lab.ingest.clean import control_share
from lab.ingest.decode import SAMPLE_BYTES, looks_wide, marked_encoding
from lab.ingest.nouns import Unreadable

MAX_CONTROL_SHARE = 0.005
BY_EXTENSION = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".mdx": "markdown",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".pdf": "pdf", ".docx": "docx",
    ".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet",
}  # fmt: skip
_PAGE_PARTS = frozenset((".css", ".js", ".mjs", ".map", ".svg"))
_NOT_TEXT = ("pdf", "docx", "parquet")
_PLAIN = frozenset({"", ".txt", ".text", ".rst", ".log", ".org", ".adoc", ".tex"})
_IMAGE = "recognise its text (OCR), for example: tesseract IMAGE out, or ocrmypdf --image-dpi 300 IMAGE out.pdf"
_UNPACK = "unpack it and give the folder"
_OFFICE = "save it as .docx, .pdf or .csv"
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n", "a PNG image", _IMAGE),
    (b"\xff\xd8\xff", "a JPEG image", _IMAGE),
    (b"GIF8", "a GIF image", _IMAGE),
    (b"BM", "a BMP image", _IMAGE),
    (b"II*\0", "a TIFF image", _IMAGE),
    (b"MM\0*", "a TIFF image", _IMAGE),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"\x7fELF", "a program", "leave it out"),
    (b"MZ", "a program", "leave it out"),
    (b"SQLite format 3\0", "an SQLite database", "export its tables as CSV"),
    (b"{\\rtf", "Rich Text Format", "save it as .docx"),
    (b"%!PS", "PostScript", "convert it: ps2pdf FILE"),
    (b"OggS", "a recording", "transcribe it"),
    (b"ID3", "a recording", "transcribe it"),
)
_BINARY_MAGIC = frozenset((b"BM", b"MZ", b"ID3", b"GIF8", b"BZh"))  # could also begin a text
_HTML = re.compile(rb"\s*(<\?xml[^<>]{0,200}>\s*)?(<!--[^<>]{0,500}-->\s*)?<(!doctype\s+html|html)\b", re.IGNORECASE)


class Kind(NamedTuple):
    """A format's name, as in `BY_EXTENSION` and `zip`, and notes on what is odd about it."""

    format: str
    notes: tuple[str, ...] = ()


def sniff(path: str, data: bytes) -> Kind:
    """The format of a file that is not empty. Content decides before the extension, which a note then tells.

    Raises:
        Unreadable: a format that is not read; what it seems to be, and what to do.
    """
    extension = PurePosixPath(path).suffix.lower()
    named = BY_EXTENSION.get(extension)
    if extension in _PAGE_PARTS:
        raise Unreadable("a part of web pages, no text", "to read it all the same, name it .txt", "ignored")
    format = _by_magic(data, named)
    if format is None:
        _need_text(data, extension if named in _NOT_TEXT else "")
        format = _text_format(data, extension, named)
    if named and named != format:
        return Kind(format, (f"named {extension}, but it holds {format}: read as that",))
    if not named and format == "text" and extension not in _PLAIN:
        return Kind(format, (f"unknown extension {extension}: read as plain text",))
    return Kind(format)


def _by_magic(data: bytes, named: str | None) -> str | None:
    if data[:16].lstrip().startswith(b"%PDF-") or (named == "pdf" and b"%PDF-" in data[:1024]):
        return "pdf"
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable("an Office file locked with a password", "remove the password and save it again")
        raise Unreadable("an old Office file (.doc, .xls, .ppt)", _OFFICE, "unsupported")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        raise Unreadable("a WebP image", _IMAGE, "unsupported")
    if data[257:262] == b"ustar":
        raise Unreadable("a tar archive", _UNPACK, "unsupported")
    for magic, what, advice in _MAGIC:
        if data.startswith(magic) and (magic not in _BINARY_MAGIC or _is_binary(data)):
            raise Unreadable(what, advice, "unsupported")
    return None


def _zip_format(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except Exception as error:  # zipfile's own, and those of numbers and names that lead nowhere
        raise Unreadable(f"a broken zip file: {error}", "copy or download it again") from None
    if "[Content_Types].xml" not in names:
        if "mimetype" in names:
            raise Unreadable("an OpenDocument or EPUB file", "save it as .docx, .pdf or .html", "unsupported")
        return "zip"
    if any(name.startswith("word/") for name in names):
        return "docx"
    if any(name.startswith("xl/") for name in names):
        raise Unreadable("an Excel workbook", "save each sheet as CSV", "unsupported")
    if any(name.startswith("ppt/") for name in names):
        raise Unreadable("PowerPoint slides", "save them as PDF", "unsupported")
    return "zip"


def _need_text(data: bytes, extension: str) -> None:
    if _is_binary(data):
        if extension:
            raise Unreadable(f"named {extension}, but its bytes are not of that format", "copy or download it again")
        share = control_share(_samples(data))
        reason = f"binary: {share:.0%} of its bytes are no text" if share >= 0.01 else "binary: its bytes are no text"
        raise Unreadable(reason, "leave it out, or convert it to text, PDF or DOCX", "unsupported")


def _is_binary(data: bytes) -> bool:
    return not looks_wide(data) and control_share(_samples(data)) > MAX_CONTROL_SHARE


def _samples(data: bytes) -> bytes:
    """The beginning, the middle and the end of a file."""
    middle = len(data) // 2
    return data[:SAMPLE_BYTES] + data[max(middle, SAMPLE_BYTES) : middle + SAMPLE_BYTES] + data[-1024:]


def _text_format(data: bytes, extension: str, named: str | None) -> str:
    if (
        named not in ("markdown", "csv", "tsv", "json", "jsonl")
        and not marked_encoding(data)
        and _HTML.match(data[:2048])
    ):
        return "html"
    if named in _NOT_TEXT:
        return "text"
    return named or "text"
