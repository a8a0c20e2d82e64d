"""Bytes -> text: byte order mark, then what the file declares, then UTF-8, then a guess from a sample."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from lab.ingest.nouns import Unreadable

SAMPLE_BYTES = 65_536
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE_LINE = 4096
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
# Scripts other than Latin look unlike one another; what is Latin fits many code pages, and Windows-1252 is the usual.
_LATIN = re.compile(r"cp(437|775|85\d|86[0135]|125[02478]|1006|1125)|iso8859_(1|2|3|4|9|1[03456])|latin_1|mac_|hp_")
_LATIN_PAGES = {"Turkish": "cp1254", "Hungarian": "cp1250", "Polish": "cp1250"}
_NAMES = {"cp1252": "windows-1252", "cp1250": "windows-1250", "cp1251": "windows-1251", "cp932": "shift_jis (cp932)"}


class Decoded(NamedTuple):
    """A text, the encoding that was not UTF-8 (else None), and notes."""

    text: str
    encoding: str | None
    notes: tuple[str, ...] = ()


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode a file. Only a sample of at most 64 KiB decides about a guess, so that large files take no longer.

    Args:
        data: the whole file.
        declared: the encoding that the file itself names, as HTML does; a wrong one is passed over.

    Raises:
        Unreadable: no encoding fits.
        ImportError: a guess is needed, and charset-normalizer is not installed.
    """
    encoding = marked_encoding(data) or _wide_encoding(data)
    if encoding:
        return _decode_as(data, encoding)
    utf8 = _utf8(data)
    if utf8 is not None:
        return utf8
    if declared and _fits(data, declared):
        return _decode_as(data, declared)
    return _decode_as(data, _guess(data))


def marked_encoding(data: bytes) -> str | None:
    """The encoding that a byte order mark at the beginning names."""
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Western text is NUL, and the others never are."""
    sample = data[: SAMPLE_BYTES // 4 * 4]
    even, odd = sample[::2], sample[1::2]
    if len(sample) < 4 or b"\0" not in sample:
        return None
    if odd.count(0) > 0.4 * len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) > 0.4 * len(even) and not odd.count(0):
        return "utf-16-be"
    return None


def looks_wide(data: bytes) -> bool:
    """Whether NUL bytes are part of the text: UTF-16 or UTF-32."""
    marked = marked_encoding(data)
    return (marked or _wide_encoding(data) or "utf-8") != "utf-8"


def _utf8(data: bytes) -> Decoded | None:
    """The text as UTF-8; also where a few of many characters are broken, since a guess would break all others."""
    try:
        return Decoded(data.decode("utf-8-sig"), None)
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
    if broken * 20 > whole:
        return None
    return Decoded(text, None, (f"{broken:,} broken UTF-8 characters replaced by U+FFFD",))


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data[:SAMPLE_BYTES].decode(encoding)
    except (LookupError, ValueError) as error:
        # A sample may end within a character.
        return isinstance(error, UnicodeDecodeError) and error.start > SAMPLE_BYTES - 8
    return True


def _decode_as(data: bytes, encoding: str) -> Decoded:
    mark = next((mark for mark, name in _MARKS if name == encoding and data.startswith(mark)), b"")
    name = None if encoding == "utf-8" else _NAMES.get(encoding, encoding)
    try:
        return Decoded(data[len(mark) :].decode(encoding), name)
    except UnicodeDecodeError:
        text = data[len(mark) :].decode(encoding, errors="replace")
    return Decoded(text, name, (f"{text.count(chr(0xFFFD)):,} characters that are no {encoding} replaced by U+FFFD",))


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = from_bytes(_sample(data))
    best = matches.best()
    if best is None:
        raise Unreadable("no encoding fits its bytes", "save it as UTF-8 text")
    fitting = {match.encoding for match in matches} | set(best.could_be_from_charset)
    if _LATIN.match(best.encoding):
        page = _LATIN_PAGES.get(best.language, "cp1252")
        return next((one for one in (page, "cp1252") if one in fitting), best.encoding)
    return best.encoding


def _sample(data: bytes) -> bytes:
    """The lines with bytes beyond ASCII, from the beginning: all else is the same in most encodings."""
    pieces: list[bytes] = []
    size = position = 0
    while size < SAMPLE_BYTES and (match := _NOT_ASCII.search(data, position)):
        start = data.rfind(b"\n", max(position, match.start() - SAMPLE_LINE), match.start()) + 1
        end = data.find(b"\n", match.start(), match.start() + SAMPLE_LINE)
        position = end if end >= 0 else match.start() + SAMPLE_LINE
        pieces.append(data[start or max(0, match.start() - SAMPLE_LINE) : position])
        size += len(pieces[-1])
    return b"\n".join(pieces)
