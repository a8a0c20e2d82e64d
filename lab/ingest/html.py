"""HTML and DOCX -> Markdown: trafilatura tells a page's text from its menus, mammoth reads Word's paragraphs."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from lab.ingest.archive import is_bounded
from lab.ingest.clean import clean, removal_notes
from lab.ingest.decode import decode
from lab.ingest.markup import to_markdown
from lab.ingest.nouns import Parsed, Text, Unreadable
from lab.ingest.titles import markdown_title, metadata_title

MAX_HTML_BYTES = 30_000_000
MAX_DOCX_BYTES = 40_000_000  # of its XML, expanded; reading takes some 70 bytes of memory for each
KEPT_SHARE = 0.5  # below this share of a page's text a note says how much was taken for menus
_DECLARED = re.compile(rb"""<meta[^<>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,40})""", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^<>]{0,200}\?>")
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,2000})</title", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
_PICTURES = "word/media/"  # never opened
_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def parse_html(data: bytes, _path: str) -> Parsed:
    """A page's main text with headings, lists and tables as Markdown; the whole page where none is found.

    Raises:
        Unreadable: larger than 30 MB, or no text in it.
        Exception: whatever trafilatura or lxml raises.
    """
    if len(data) > MAX_HTML_BYTES:
        size = f"{len(data) / 1e6:,.0f} MB of HTML; the limit is {MAX_HTML_BYTES // 1_000_000} MB"
        raise Unreadable(size, "divide the page, or convert it to Markdown or text")
    declared = _DECLARED.search(data[:4096])
    decoded = decode(data, declared[1].decode("ascii", "replace") if declared else None)
    page = _without_declaration(decoded.text.replace("\0", ""))
    title = metadata_title(_unescaped(found[1])) if (found := _TITLE.search(page)) else ""
    text, notes = _main_text(page)
    text, removed = clean(text)
    if not text:
        advice = "open it in a browser: where scripts write the text, save what they wrote as HTML or PDF"
        raise Unreadable("no text was found in the page", advice, "empty")
    whole = (*decoded.notes, *notes, *removal_notes(removed))
    return Parsed((Text(text, markdown_title(text) or title),), decoded.encoding, whole)


def parse_docx(data: bytes, _path: str) -> Parsed:
    """A Word document as Markdown: headings, lists, tables, footnotes; pictures are left out.

    Raises:
        Unreadable: its XML expands to more than 40 MB or is compressed in an unusual way, or no text in it.
        Exception: whatever mammoth raises.
    """
    import mammoth  # type: ignore[import-untyped]

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [member for member in archive.infolist() if not member.filename.startswith(_PICTURES)]
    expanded = sum(member.file_size for member in members)
    if expanded > MAX_DOCX_BYTES:
        size = f"expands to {expanded / 1e6:,.0f} MB without its pictures"
        raise Unreadable(f"{size}; the limit is {MAX_DOCX_BYTES // 1_000_000} MB", "divide it")
    if not all(map(is_bounded, members)):
        raise Unreadable("compressed in a way that is not read", "open it, and save it again")
    pictures: list[object] = []

    def leave_out(picture: object) -> dict[str, str]:
        pictures.append(picture)
        return {}

    converted = mammoth.convert_to_html(
        io.BytesIO(data),
        convert_image=mammoth.images.img_element(leave_out),
        style_map=_STYLES,
        include_embedded_style_map=False,
    )
    text, removed = clean(to_markdown(converted.value) if converted.value.strip() else "")
    if not text:
        found = f"no text, {len(pictures)} pictures" if pictures else "no text in it"
        raise Unreadable(found, "save it as PDF and recognise its text (OCR)" if pictures else "leave it out", "empty")
    left = (f"{len(pictures)} picture{'s' * (len(pictures) > 1)} left out",) if pictures else ()
    return Parsed((Text(text, markdown_title(text)),), None, (*left, *removal_notes(removed)))


def _main_text(page: str) -> tuple[str, tuple[str, ...]]:
    text = _extract(page)
    whole = to_markdown(page)
    if _HEADING.search(whole) and not _HEADING.search(text):
        # Of a page that names no part as its main one trafilatura takes paragraphs and tables alone.
        headed = _extract(_as_article(page))
        text = headed if _HEADING.search(headed) and len(headed) >= len(text) else text
    if not text.strip():
        return whole, ("no main text was found in the page, so all of it was kept, menus included",) if whole else ()
    if len(text) < KEPT_SHARE * len(whole):
        return text, (f"{len(text):,} of the page's {len(whole):,} characters kept; the rest reads like menus",)
    return text, ()


def _extract(page: Any) -> str:
    from trafilatura import extract

    return extract(page, output_format="markdown", include_comments=False, include_tables=True) or ""


def _as_article(page: str) -> Any:
    """The page as a tree whose body holds one article, which holds all the rest."""
    from trafilatura import load_html

    tree = load_html(page)
    body = None if tree is None else tree.find(".//body")
    if body is None:
        return page
    article = body.makeelement("article")
    article.text, body.text = body.text, None
    article.extend(list(body))
    body.append(article)
    return tree


def _without_declaration(page: str) -> str:
    """The page without the XML declaration in front, which lxml refuses in text that is decoded already."""
    found = _XML_DECLARATION.match(page)  # at the beginning: a search would take quadratic time on a run of spaces
    return page[found.end() :] if found else page


def _unescaped(text: str) -> str:
    from html import unescape

    return unescape(text)
