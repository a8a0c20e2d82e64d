"""Every format, as a file of that format: what becomes text, what is told, what cannot be read."""

import io
import json
import sys
import zipfile

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_files import CARBON, VALVES, docx_bytes, html_page, pdf_bytes, wrap, zip_bytes

from lab.ingest import html, rows
from lab.ingest.ids import Ids
from lab.ingest.markup import to_markdown
from lab.ingest.nouns import FileOutcome
from lab.ingest.read import PARSERS, find_format, read_file

LONG = "The pump moves forty litres a minute and needs oil every two hundred hours of use in winter and in summer. "


def read(name, data):
    """Outcome and documents of one file."""
    outcome = find_format(FileOutcome(name, "failed"), data)
    if outcome.format is None:
        return outcome, ()
    result = read_file(outcome, data, Ids())
    return result.outcome, result.documents


def texts(name, data):
    outcome, documents = read(name, data)
    assert outcome.status == "read", outcome
    return [document.text for document in documents]


def failure(name, data):
    outcome, documents = read(name, data)
    assert documents == ()
    assert outcome.reason
    assert outcome.advice
    return outcome.status, outcome.reason


def parquet_bytes(columns):
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


# HTML


def test_menus_of_a_page_are_left_out_and_its_structure_stays():
    outcome, (document,) = read("valves.html", html_page("Gate valves", VALVES))
    assert document.title == "Gate valves"
    assert "## Exercising\n\nEvery valve is closed and opened again once in 2 years" in document.text
    assert not {"Home", "News", "Legal", "track()"} & set(document.text.split())
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


# Tables


def test_a_table_without_long_texts_becomes_one_text():
    outcome, (document,) = read("parts.csv", b"part;price\nSeal;4,50\nCup;\n\n;\nRing;7\n")
    assert document.text == "part: Seal\nprice: 4,50\n\npart: Cup\n\npart: Ring\nprice: 7"
    assert document.title == "parts"
    assert 'no column of long texts: the 3 rows became one text of "column: value" lines' in outcome.notes


def test_rows_with_long_texts_become_documents():
    table = [
        {"id": "a/1", "Title": "Pumps", "BODY": LONG, "year": 1987, "question": "How much?", "extra": "x" * 400},
        {"id": "a/2", "Title": "", "BODY": LONG + "More.", "year": None, "question": "When?"},
        {"id": "a/3", "Title": "Empty", "BODY": ""},
    ]
    outcome, documents = read("rows.jsonl", "\n".join(map(json.dumps, table)).encode())
    assert [document.id for document in documents] == ["rows.jsonl/a/1", "rows.jsonl/a/2"]
    assert [document.title for document in documents] == ["Pumps", "rows a/2"]
    assert documents[0].text == f"{LONG.strip()}\n\nextra: {'x' * 400}\n\nyear: 1987"
    assert documents[1].text == f"{LONG}More."
    assert documents[1].metadata == {"source": "rows.jsonl", "format": "jsonl", "row": "a/2"}
    assert outcome.notes == (
        "one document for each row, from the column BODY",
        "1 rows without BODY left out",
        "question left out: questions and answers do not belong into the documents",
    )


def test_ids_that_are_not_unique_do_not_name_documents():
    table = [{"id": 1, "text": LONG}, {"id": 1, "text": LONG + "More."}]
    _, documents = read("rows.json", json.dumps(table).encode())
    assert [document.id for document in documents] == ["rows.json/row-1", "rows.json/row-2"]


def test_a_long_column_of_any_name_and_a_short_one_of_a_known_name():
    assert rows.text_column([{"text": "short", "Notes": "n" * 400}]) == "Notes"
    assert rows.text_column([{"text": "short", "Notes": "n" * 399}]) is None
    assert rows.text_column([{"abstract": "a" * 100, "body": "b" * 100}]) == "body"
    assert rows.text_column([{"answer": "a" * 500}]) is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(delimiter):
    lines = [["name", "said, and meant"], ["Ansgar", "a; b"], ["Mirela", "c"]]
    quoted = "\r\n".join(delimiter.join(f'"{one}"' for one in line) for line in lines)
    assert texts("t.csv", quoted.encode()) == [
        "name: Ansgar\nsaid, and meant: a; b\n\nname: Mirela\nsaid, and meant: c"
    ]


def test_odd_tables():
    outcome, (document,) = read("numbers.csv", b"1,2\n3,4,5\n")
    assert document.text == "column 1: 1\ncolumn 2: 2\n\ncolumn 1: 3\ncolumn 2: 4\ncolumn 3: 5"
    assert outcome.notes[1:] == (
        "no names of columns in the first row: they are column 1, column 2, ...",
        "1 rows have more cells than there are columns, first row 2; all were kept",
    )
    assert texts("quoted.csv", b'a,b\n"x\ny",2\n') == ["a: x y\nb: 2"]
    assert failure("header.csv", b"a,b\n") == ("empty", "no rows with text")
    assert failure("wide.csv", b'a,b\n"' + b"x" * 11_000_000 + b'",1\n')[0] == "failed"


def test_json_in_its_shapes():
    wrapped = {"version": 2, "data": [{"name": "Seal", "life": 400}, {"name": "Cup", "sizes": [1, 2]}]}
    outcome, (document,) = read("data.json", json.dumps(wrapped).encode())
    assert document.text == "name: Seal\nlife: 400\n\nname: Cup\nsizes: 1, 2"
    assert outcome.notes[0] == "of its keys (version, data) only the one list of objects was read"
    assert texts("one.json", b'{"pump": {"power": 315, "stages": ["a", "b"]}, "old": true, "none": null}') == [
        "pump.power: 315\npump.stages: a\npump.stages: b\nold: True"
    ]
    assert texts("lines.json", b'{"a": "x"}\n{"a": "y"}\n') == ["a: x\n\na: y"]
    assert failure("bad.json", b'{"a": ')[1] == "not JSON at line 1, character 7: Expecting value"
    assert failure("deep.json", b"[" * 100_000) == ("failed", "nested too deeply")
    assert texts("half.json", b'{"a": "\\ud800x"}') == ["a: x"]


def test_records_by_name_and_values_within_values():
    records = {
        "r1": {"QUESTION": "Does it?", "CONTEXTS": [LONG, LONG], "meta": {"year": 1987, "tags": ["a", "b"]}},
        "r2": {"QUESTION": "Will it?", "CONTEXTS": [LONG], "LONG_ANSWER": "It does.", "final_decision": "yes"},
    }
    outcome, documents = read("records.json", json.dumps(records).encode())
    assert [document.id for document in documents] == ["records.json/r1", "records.json/r2"]
    assert documents[0].text == f"{LONG.strip()}\n\n{LONG.strip()}\n\nmeta: year: 1987; tags: a, b"
    assert documents[1].text == LONG.strip()
    assert "QUESTION, LONG_ANSWER, final_decision left out" in outcome.notes[1]


def test_question_sets_are_not_taken_for_documents():
    squad = {"data": [{"title": "Pumps", "paragraphs": [{"context": LONG, "qas": [{"question": "Who?"}]}]}]}
    assert failure("train.json", json.dumps(squad).encode())[0] == "unsupported"
    faq = "question,answer\nHow long?,Two days\nHow much?,Ten crowns\n"
    outcome, (document,) = read("faq.csv", faq.encode())
    assert document.text.startswith("question: How long?\nanswer: Two days\n\n")
    assert "take the file out and give it as questions" in outcome.notes[0]


def test_lines_that_are_no_json_are_told():
    outcome, (document,) = read("a.jsonl", b'{"a": "x"}\nno\n[1]\n\n"some text"\n')
    assert document.text == "a: x\n\ntext: some text"
    assert outcome.notes[-1] == (
        "2 lines left out that are no JSON objects: line 2: Expecting value: line 1 column 1 (char 0); "
        "line 3: expected an object, got list"
    )


def test_parquet():
    table = {"title": ["Pumps", "Seals"], "content": [LONG, LONG * 2], "picture": [b"\x89", b"\x88"], "n": [1.5, None]}
    outcome, documents = read("t.parquet", parquet_bytes(table))
    assert [document.title for document in documents] == ["Pumps", "Seals"]
    assert documents[0].text == f"{LONG.strip()}\n\nn: 1.5"
    assert outcome.notes[0] == "columns of bytes left out: picture"
    assert failure("torn.parquet", parquet_bytes(table)[:50])[0] == "failed"


def test_tables_have_a_limit_that_is_told(monkeypatch):
    monkeypatch.setattr(rows, "MAX_ROWS", 2)
    outcome, (document,) = read("many.csv", b"a,b\n1x,2\n3x,4\n5x,6\n")
    assert document.text == "a: 1x\nb: 2\n\na: 3x\nb: 4"
    assert "only the first 2 rows were read; divide the table to read all" in outcome.notes
    monkeypatch.setattr(rows, "MAX_TABLE_CHARACTERS", 3)
    assert "more than 3 characters" in failure("many.csv", b"a,b\n1x,2\n3x,4\n")[1]


# What holds for all formats


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
        outcome, documents = read_any(f"a.{extension}", content)
        assert (outcome.status == "read") == bool(documents)
        assert outcome.status == "read" or (outcome.reason and outcome.advice)


def read_any(name, data):
    outcome = find_format(FileOutcome(name, "failed"), data)
    if outcome.format in (None, "zip"):
        return outcome, ()
    result = read_file(outcome, data, Ids())
    return result.outcome, result.documents
