"""HTML, PDF and DOCX, as files of these formats: what becomes text, what is told, what cannot be read."""

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_file import LONG, failure, read, texts
from sample_files import docx_bytes, html_page, pdf_bytes, wrap, zip_bytes
from sample_texts import CARBON, VALVES

from lab.ingest import html
from lab.ingest.markup import to_markdown

# HTML


def test_menus_of_a_page_are_left_out_and_its_structure_stays():
    outcome, (document,) = read("valves.html", html_page("Gate valves", VALVES))
    assert document.title == "Gate valves"
    assert "## Exercising\n\nEvery valve is closed and opened again once in 2 years" in document.text
    assert not {"Home", "News", "Legal", "track()"} & set(document.text.split())
    assert outcome.notes == ()


def test_a_flat_page_keeps_its_headings_and_lists():
    page = """<!DOCTYPE html><html><head><title>Crew</title></head><body class="wide"><nav><a href="/">Home</a></nav>
    <h1>Crew handbook</h1><h2>Watches</h2><p>A watch lasts five hours, and nobody works more than two of them in a day.
    Between two watches there is a rest of nine hours.</p><h2>Pay</h2><table><tr><th>Grade</th><th>Pay</th></tr>
    <tr><td>Mate</td><td>520 crowns</td></tr><tr><td>Master</td><td>690 crowns</td></tr></table><h2>Signals</h2>
    <ul><li>One bell: ready to sail</li><li>Two bells: stop the winch</li></ul>
    <p>At two bells the mate stops the winch and tells the master, who does not reverse.</p>
    <footer>Copyright the trust</footer></body></html>"""
    outcome, (document,) = read("crew.html", page.encode())
    lines = [line.strip() for line in document.text.splitlines() if line.strip()]
    assert [line for line in lines if line.startswith("#")] == [
        "# Crew handbook", "## Watches", "## Pay", "## Signals",
    ]  # fmt: skip
    assert lines[lines.index("## Signals") + 1 :][:2] == ["- One bell: ready to sail", "- Two bells: stop the winch"]
    assert "| Master | 690 crowns |" in lines
    assert "Home" not in document.text and "Copyright" not in document.text
    assert outcome.notes == ()


def test_a_page_of_menus_only_is_kept_whole_and_told(monkeypatch):
    monkeypatch.setattr("trafilatura.extract", lambda *_, **__: None)
    outcome, (document,) = read("list.html", b"<html><title>Prices | A</title><body><p>Seal 4 EUR<p>Cup 5 EUR</body>")
    assert document.text == "Seal 4 EUR\n\nCup 5 EUR"
    assert document.title == "Prices | A"
    assert outcome.notes == ("no main text was found in the page, so all of it was kept, menus included",)


def test_what_trafilatura_drops_is_told(monkeypatch):
    monkeypatch.setattr("trafilatura.extract", lambda *_, **__: "kept words")
    outcome, _ = read("page.html", b"<html><body><p>" + b"many more words " * 20 + b"</p></body></html>")
    assert outcome.notes == ("10 of the page's 319 characters kept; the rest reads like menus",)


def test_html_in_the_encoding_that_it_declares():
    head = "<head><meta charset='Shift_JIS'><title>東京</title></head>"
    page = f"<html>{head}<body><p>東京は日本の首都です。</p></body></html>"
    outcome, (document,) = read("tokyo.html", page.encode("shift_jis"))
    assert (document.title, document.text, outcome.encoding) == ("東京", "東京は日本の首都です。", "Shift_JIS")


def test_html_without_text_and_html_that_is_too_large(monkeypatch):
    assert failure("app.html", b"<html><body><script>draw()</script></body></html>")[0] == "empty"
    monkeypatch.setattr(html, "MAX_HTML_BYTES", 10)
    status, reason = failure("big.html", b"<html><body><p>text</p></body></html>")
    assert (status, reason) == ("failed", "0 MB of HTML; the limit is 0 MB")


@pytest.mark.parametrize(
    "page",
    [
        b"<html><body>" + b"<div>" * 300_000 + b"deep" + b"</div>" * 300_000,
        b"<html><body>" + b"<table><tr><td>" * 50_000,
        b"<html>" + b"<!--" * 100_000,
        b"<html><title>" + b"<" * 1_000_000,
        b"<html><meta " + b"charset " * 50_000,
    ],
    ids=["divs", "tables", "comments", "brackets", "attributes"],
)
def test_pages_made_to_hang_a_parser_come_to_an_end(page):
    outcome, _ = read("evil.html", page)
    assert outcome.status in ("read", "empty", "failed")


def test_markdown_of_a_page_by_hand():
    page = """<body><h2>Parts <i>list</i></h2>text<br>line<ul><li>one<ol><li>first<li>second</ol><li><p>two</p></ul>
    <table><caption>Lives</caption><tr><th>Part<th>Life|h<tr><td>Seal<td><p>400</p><p>hours</p></table><pre>a  b
  c</pre><script>x</script>tail</body>"""
    assert to_markdown(page) == (
        "## Parts list\n\ntext\nline\n\n- one\n  1. first\n  2. second\n- two\n\nLives\n\n"
        "| Part | Life\\|h |\n|---|---|\n| Seal | 400 hours |\n\n```\na  b\n  c\n```\n\ntail"
    )


@given(st.text("<>/abtdrhpl1 \n&;", max_size=80))
def test_markdown_of_anything(page):
    try:
        to_markdown(page)
    except Exception as error:
        assert type(error).__module__.startswith("lxml"), error


# PDF


def test_pages_of_a_pdf_begin_where_the_offsets_say():
    pages = [["Brakes of the pump", "Pads last 400 hours."], [], ["Third page."], ["Fourth page."]]
    outcome, (document,) = read("brakes.pdf", pdf_bytes(pages, title="Brake manual"))
    assert document.title == "Brake manual"
    assert document.metadata == {"source": "brakes.pdf", "format": "pdf", "pages": document.metadata["pages"]}
    starts = json.loads(document.metadata["pages"])
    assert [document.text[start:][:6] for start in starts] == ["Brakes", "\n\nThir", "Third ", "Fourth"]
    assert outcome.notes == ()


def test_words_cut_at_line_ends_are_joined_where_that_is_safe():
    lines = (
        "The mainte-", "nance of a well-", "known pump is a state-of-", "the-art task. It is well known, as", "pump-",
        "driven tools are: tools driven by a pump. Use type HL-", "4 and the X-", "Ray.",
    )  # fmt: skip
    (text,) = texts("words.pdf", pdf_bytes([lines]))
    words = text.split()
    assert {"maintenance", "well-known", "state-of-the-art", "pump-driven", "HL-4", "X-Ray."} <= set(words), text


def test_wrapped_lines_become_one_and_others_stay():
    prose = "The impeller is balanced twice before it leaves the works in Harrowmere and goes to the Tarn Hill station."
    (text,) = texts("lines.pdf", pdf_bytes([["Balancing", *wrap(prose, 50), "Weight: 118 kg", "Blades: 7"]]))
    assert text == f"Balancing\n{prose}\nWeight: 118 kg\nBlades: 7"


def test_a_sentence_goes_on_over_the_end_of_a_page():
    before = ["A pump that stands in a room below the yard must be", "lifted by the crane over the gate, which"]
    (text,) = texts("two.pdf", pdf_bytes([before, ["bears 4 tonnes."]]))
    assert text.endswith("over the gate, which bears 4 tonnes.")


def test_scans_and_locked_and_broken_pdfs_are_told():
    assert failure("scan.pdf", pdf_bytes([[], []], scanned=(0, 1))) == (
        "empty",
        "a scan: 2 of 2 pages hold images, none holds text",
    )
    assert failure("blank.pdf", pdf_bytes([[]])) == ("empty", "no text on its 1 page")
    assert failure("locked.pdf", pdf_bytes([["secret"]], encrypt="pass")) == ("failed", "locked with a password")
    assert texts("open.pdf", pdf_bytes([["public"]])) == ["public"]
    whole = pdf_bytes([["torn"]])
    assert failure("torn.pdf", whole[: len(whole) // 4])[1].startswith("a broken PDF: ")
    assert failure("noise.pdf", bytes(range(256)) * 8) == (
        "failed",
        "named .pdf, but its bytes are not of that format",
    )


def test_a_scanned_page_among_others_is_told():
    outcome, (document,) = read("mixed.pdf", pdf_bytes([["Text"], [], ["More"]], scanned=(1,)))
    assert document.text == "Text\n\nMore"
    assert outcome.notes == ("1 page (2) of 3 hold images and no text: recognise it (OCR), ocrmypdf IN.pdf OUT.pdf",)


def test_parts_of_a_long_pdf_know_their_pages(monkeypatch):
    pages = [wrap(f"Page {number}. " + LONG * 3) for number in range(1, 7)]
    monkeypatch.setattr("lab.ingest.read.split_text", lambda text: ((0, 700), (702, len(text))))
    _, (first, second) = read("long.pdf", pdf_bytes(pages))
    assert "first_page" not in first.metadata
    for document in (first, second):
        start = int(document.metadata.get("first_page", "1"))
        for number, offset in enumerate(json.loads(document.metadata["pages"]), start=start):
            if offset:
                assert document.text[offset:].startswith(f"Page {number}.")
    last = int(second.metadata["first_page"]) + len(json.loads(second.metadata["pages"])) - 1
    assert last == 6


# DOCX


def test_a_word_document_keeps_headings_lists_and_tables():
    outcome, (document,) = read("carbon.docx", docx_bytes(CARBON, picture=True))
    assert document.title == "Activated carbon filters"
    assert document.text.startswith("# Activated carbon filters\n\nActivated carbon removes")
    assert "## Exchange of the carbon\n\n" in document.text
    assert "- Close the inlet and drain the filter.\n- Flush out the used carbon" in document.text
    assert "| Property | Value |\n|---|---|\n| Contact time | 18 minutes |" in document.text
    assert outcome.notes == ("1 picture left out",)


def test_word_documents_that_cannot_be_read(monkeypatch):
    assert failure("picture.docx", docx_bytes((), picture=True)) == ("empty", "no text, 1 pictures")
    assert failure("torn.docx", docx_bytes(CARBON)[:400])[1].startswith("a broken zip file")
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert failure("locked.docx", locked) == ("failed", "an Office file locked with a password")
    monkeypatch.setattr(html, "MAX_DOCX_BYTES", 100)
    assert "expands to" in failure("bomb.docx", docx_bytes(CARBON))[1]


def with_body(xml):
    parts = zipfile.ZipFile(io.BytesIO(docx_bytes(CARBON)))
    return zip_bytes({name: xml if name == "word/document.xml" else parts.read(name) for name in parts.namelist()})


def test_word_documents_neither_explode_nor_read_other_files(tmp_path):
    (tmp_path / "secret").write_text("password")
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = f"<w:document {space}><w:body><w:p><w:r><w:t>&x;safe</w:t></w:r></w:p></w:body></w:document>"
    entity = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    assert texts("entity.docx", with_body(entity + body)) == ["safe"]
    laughs = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "haha">{laughs}<!ENTITY x "&j;">]>'
    assert failure("laughs.docx", with_body(bomb + body))[0] == "failed"
    tables = "<w:tbl><w:tr><w:tc>" * 3000 + "</w:tc></w:tr></w:tbl>" * 3000
    deep = f"<w:document {space}><w:body>{tables}</w:body></w:document>"
    assert failure("deep.docx", with_body(deep)) == ("failed", "nested too deeply")
