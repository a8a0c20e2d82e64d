"""What holds for all formats: content before names, what is not read, whatever a parser raises."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_file import failure, read, texts
from sample_files import docx_bytes, html_page, pdf_bytes, zip_bytes
from sample_texts import CARBON, VALVES

from lab.ingest.read import PARSERS


def test_content_comes_before_the_extension():
    assert read("page.txt", b"<!DOCTYPE html><html><body><p>Seal life</p></body></html>")[0].notes[0] == (
        "named .txt, but it holds html: read as that"
    )
    assert read("paper.txt", pdf_bytes([["Text"]]))[0].format == "pdf"
    assert read("words.pdf", b"only words")[0].format == "text"
    assert read("notes.rst", b"words")[0].notes == ()
    assert read("notes.xyz", b"words")[0].notes == ("unknown extension .xyz: read as plain text",)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(9), "a PNG image"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(9), "a JPEG image"),
        ("a.exe", b"MZ" + bytes(99), "a program"),
        ("run", b"\x7fELF" + bytes(99), "a program"),
        ("a.gz", b"\x1f\x8b\x08" + bytes(9), "a gzip archive"),
        ("a.rtf", b"{\\rtf1 text}", "Rich Text Format"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an old Office file (.doc, .xls, .ppt)"),
        ("a.xlsx", zip_bytes({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "an Excel workbook"),
        ("a.odt", zip_bytes({"mimetype": "application/vnd.oasis"}), "an OpenDocument or EPUB file"),
        ("a.txt", bytes(range(256)) * 4, "binary: 11% of its bytes are no text"),
    ],
)
def test_what_is_not_read_says_what_it_is(name, data, reason):
    assert failure(name, data) == ("unsupported", reason)


def test_parts_of_saved_pages_are_ignored():
    assert failure("page_files/menu.js", b"function menu() {}") == ("ignored", "a part of web pages, no text")


def test_text_that_begins_like_a_program_is_text():
    assert texts("mz.txt", b"MZ is the code of Mozambique.") == ["MZ is the code of Mozambique."]


def test_empty_and_nearly_empty_files():
    assert failure("a.txt", b"") == ("empty", "0 bytes")
    assert failure("a.md", b"\xef\xbb\xbf \r\n") == ("empty", "nothing but blanks in its 6 bytes")


def test_single_control_characters_in_text_are_removed_and_counted():
    outcome, (document,) = read("log.txt", b"The pump ran.\0 " * 1 + b"It ran on and on. " * 40 + b"\x1b")
    assert "ran. It" in document.text
    assert outcome.notes == ("2 control or invisible characters removed",)


def test_pictures_in_markdown_are_left_out():
    picture = b"# Pump\n\n![plan](data:image/png;base64," + b"iVBORw0KGgo" * 1000 + b"=) text"
    outcome, (document,) = read("pump.md", picture)
    assert document.text == "# Pump\n\n![plan]() text"
    assert outcome.notes == ("1 pictures written into the text left out",)


@pytest.mark.parametrize(
    ("format", "library", "data"),
    [
        ("pdf", "pypdfium2", pdf_bytes([["x"]])),
        ("html", "trafilatura", html_page("x", VALVES)),
        ("docx", "mammoth", docx_bytes(CARBON)),
        ("txt", "charset_normalizer", "Größe".encode("cp1252")),
    ],
)
def test_a_missing_library_is_told_with_what_to_do(monkeypatch, format, library, data):
    monkeypatch.setitem(sys.modules, library, None)
    outcome, documents = read(f"a.{format}", data)
    assert documents == ()
    assert outcome.status == "failed"
    assert outcome.reason.startswith("a library for this format is missing")
    assert outcome.advice == 'pip install "rag-finetune-lab[ingest]"'


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("first line\nsecond \x1b[31mline"), "cannot be read: first line"),
        (ValueError("a\x1bb"), "cannot be read: a\\x1bb"),
        (KeyError(), "cannot be read: KeyError"),
        (MemoryError(), "memory ran out"),
        (RecursionError("deep"), "nested too deeply"),
    ],
)
def test_whatever_a_parser_raises_ends_with_its_file(monkeypatch, error, reason):
    def fail(_data, _path):
        raise error

    monkeypatch.setitem(PARSERS, "text", fail)
    assert failure("a.txt", b"words") == ("failed", reason)


def test_who_stops_the_program_is_not_held_up(monkeypatch):
    def stop(_data, _path):
        raise KeyboardInterrupt

    monkeypatch.setitem(PARSERS, "text", stop)
    with pytest.raises(KeyboardInterrupt):
        read("a.txt", b"words")


@given(st.sampled_from(sorted(PARSERS)), st.binary(max_size=200))
def test_no_bytes_raise(format, data):
    extension = {"text": "txt", "markdown": "md"}.get(format, format)
    for content in (
        data,
        b"%PDF-1.4\n" + data,
        b"PAR1" + data,
        b"PK\x03\x04" + data,
        b"<html>" + data,
        b'{"a":' + data,
    ):
        outcome, documents = read(f"a.{extension}", content)
        assert (outcome.status == "read") == bool(documents)
        assert outcome.status == "read" or (outcome.reason and outcome.advice)
