"""PDF -> text page by page. Words cut at line ends are joined where that is safe, and wrapped lines are made one."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from lab.ingest.clean import clean, removal_notes
from lab.ingest.nouns import Parsed, Text, Unreadable
from lab.ingest.titles import metadata_title

MAX_CHARACTERS = 200_000_000
MIN_WRAPPED = 40  # characters of a line that was wrapped, not ended
FULL_LINE = 0.95  # of the longest line's characters: letters differ in width
MAX_UNKNOWN_SHARE = 0.1
SHOWN_PAGES = 12
# At most 40 characters of a word: an unlimited run takes quadratic time on text without spaces.
_CUT_WORD = re.compile("(\\w{1,40})(?:\ufffe|[-\u2010\xad]\r?\n)(\\w{1,40})")
_WORD = re.compile(r"\w+")
_HYPHENATED = re.compile(r"\w{1,40}-\w{1,40}")
_UNKNOWN = re.compile("[\ufffd\ue000-\uf8ff]")


def parse_pdf(data: bytes, _path: str) -> Parsed:
    """The text of a PDF; `pages` holds the character at which each page begins.

    Raises:
        Unreadable: locked with a password, broken, a scan (pages of images without text), or without any text.
        Exception: whatever pypdfium2 raises.
    """
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _not_opened(str(error)) from None
    try:
        raw, images, broken = _read_pages(document, pypdfium2.raw.FPDF_PAGEOBJ_IMAGE, pypdfium2.PdfiumError)
        title = metadata_title(document.get_metadata_value("Title") or "")
    finally:
        document.close()
    pages, removed = _clean_pages(raw)
    if not any(pages):
        raise _no_text(len(pages), images, broken)
    text, starts = join_pages(pages)
    notes = (*_page_notes(pages, images, broken), *_font_notes(text), *removal_notes(removed))
    return Parsed((Text(text, title, pages=tuple(starts)),), None, notes)


def _read_pages(document: Any, image: int, error: type[Exception]) -> tuple[list[str], list[int], list[int]]:
    """Raw text of each page; numbers, from 1, of pages with images and no text; numbers of pages that are broken."""
    texts: list[str] = []
    images, broken = [], []
    size = 0
    for number in range(1, len(document) + 1):
        text = ""
        try:
            page = document[number - 1]
            text = page.get_textpage().get_text_range()
            if not text.strip() and next(page.get_objects(filter=[image], max_depth=3), None) is not None:
                images.append(number)
            page.close()
        except error:
            broken.append(number)
        texts.append(text)
        size += len(text)
        if size > MAX_CHARACTERS:
            raise Unreadable(f"more than {MAX_CHARACTERS:,} characters of text", "divide the file")
    return texts, images, broken


def _clean_pages(raw: list[str]) -> tuple[list[str], int]:
    join = hyphen_joiner(raw)
    pages, removed = [], 0
    for text in raw:
        page, count = clean(_CUT_WORD.sub(join, text))
        pages.append(_unwrap(page))
        removed += count
    return pages, removed


def hyphen_joiner(texts: list[str]) -> Callable[[re.Match[str]], str]:
    """How a word that a line end cuts at a hyphen is written again, judged by the other words of the document.

    Joined where the document has the word in one piece or one half is no word of its own; with its hyphen where the
    document has it so, where both halves are words, or where capitals or digits show that it is no cut word.
    """
    words: set[str] = set()
    hyphenated: set[str] = set()
    for text in texts:
        # The halves of cut words are no words.
        whole = _CUT_WORD.sub(" ", text).casefold()
        words.update(_WORD.findall(whole))
        hyphenated.update(_HYPHENATED.findall(whole))

    def join(match: re.Match[str]) -> str:
        left, right = match[1], match[2]
        joined, kept = f"{left}{right}", f"{left}-{right}"
        if kept.casefold() in hyphenated or not (left.isalpha() and right.islower()):
            return kept
        if joined.casefold() in words:
            return joined
        return kept if left.casefold() in words and right in words else joined

    return join


def _unwrap(page: str) -> str:
    """Make wrapped lines one, so that no sentence is cut; other line ends stay."""
    lines = page.split("\n")
    width = max(map(len, lines))
    parts = lines[:1]
    for before, line in pairwise(lines):
        parts.append((" " if _goes_on(before, line, width) else "\n") + line)
    return "".join(parts)


def _goes_on(before: str, line: str, width: int) -> bool:
    """Whether a line was wrapped: before a small letter, or before a word that would not have fitted on it."""
    if len(before) < MIN_WRAPPED or not line[:1].isalnum() or before[-1] in ".!?:;|":
        return False
    full = len(before) + len(line.split(" ", 1)[0]) >= FULL_LINE * width
    return line[0].islower() or (full and (before[-1].islower() or before[-1] == ","))


def join_pages(pages: list[str]) -> tuple[str, list[int]]:
    """One text of all pages, and the character at which each begins; an empty page, where the one before ends."""
    parts: list[str] = []
    starts: list[int] = []
    size, last = 0, ""
    for page in pages:
        if page and last:
            joint = " " if _goes_on(last.rsplit("\n", 1)[-1], page[:1], len(last)) else "\n\n"
            parts.append(joint)
            size += len(joint)
        starts.append(size)
        parts.append(page)
        size += len(page)
        last = page or last
    return "".join(parts), [min(start, size) for start in starts]


def _not_opened(said: str) -> Unreadable:
    if "password" in said.lower():
        return Unreadable("locked with a password", "remove the password, for example: qpdf --decrypt IN.pdf OUT.pdf")
    if "security" in said.lower():
        return Unreadable("locked in a way that is not known", "save it without protection")
    return Unreadable(
        f"a broken PDF: {said.rstrip('.')}", "download or save it again; qpdf IN.pdf OUT.pdf repairs many"
    )


def _no_text(pages: int, images: list[int], broken: list[int]) -> Unreadable:
    advice = "recognise its text (OCR), for example: ocrmypdf IN.pdf OUT.pdf"
    if broken and not images:
        return Unreadable(f"{len(broken)} of {pages} pages are broken, no text in the others", "save it again")
    if images:
        return Unreadable(f"a scan: {len(images)} of {pages} pages hold images, none holds text", advice, "empty")
    return Unreadable(f"no text on its {pages} page{'s' * (pages != 1)}", advice, "empty")


def _page_notes(pages: list[str], images: list[int], broken: list[int]) -> list[str]:
    notes = []
    if images:
        notes.append(
            f"{_named(images)} of {len(pages)} hold images and no text: recognise it (OCR), ocrmypdf IN.pdf OUT.pdf"
        )
    if broken:
        notes.append(f"{_named(broken)} of {len(pages)} are broken and were left out")
    return notes


def _named(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:SHOWN_PAGES])) + (", ..." if len(numbers) > SHOWN_PAGES else "")
    return f"{len(numbers)} page{'s' * (len(numbers) > 1)} ({shown})"


def _font_notes(text: str) -> tuple[str, ...]:
    unknown = len(_UNKNOWN.findall(text))
    if unknown <= MAX_UNKNOWN_SHARE * len(text):
        return ()
    return (f"{unknown / len(text):.0%} of its characters are unknown: its fonts do not name their letters; try OCR",)
