"""Small files that would take hours or all memory: the work must stay within what the file's size allows."""

import io
import json
import struct
import zipfile

import pyarrow
import pyarrow.parquet
from folders import outcomes, write
from one_file import failure, read
from sample_files import docx_bytes, zip_bytes
from sample_texts import CARBON

from lab.ingest import html, rows, tables
from lab.ingest.ingest import ingest
from lab.ingest.markup import to_markdown


def packed(data, method, declared):
    """A zip whose directory declares another size than its file expands to."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a.txt", data)
    found = bytearray(file.getvalue())
    place = found.rfind(b"PK\x01\x02") + 24
    found[place : place + 4] = struct.pack("<I", declared)
    return bytes(found)


def test_a_file_that_expands_to_more_than_it_declares_is_cut_while_expanding(tmp_path, monkeypatch):
    asked = []
    whole = zipfile.ZipExtFile.read

    def reading(file, size=-1):
        asked.append(size)
        return whole(file, size)

    monkeypatch.setattr(zipfile.ZipExtFile, "read", reading)
    write(tmp_path, {"lies.zip": packed(bytes(3_000_000), zipfile.ZIP_DEFLATED, 100)})
    assert outcomes(ingest([tmp_path / "lies.zip"]))["lies.zip/a.txt"].reason.startswith("broken in the archive")
    assert asked == [100]  # without a size zipfile expands everything before it cuts


def test_compressions_that_cannot_be_stopped_are_not_expanded(tmp_path):
    write(tmp_path, {"b.zip": packed(bytes(3_000_000), zipfile.ZIP_BZIP2, 100)})
    outcome = outcomes(ingest([tmp_path / "b.zip"]))["b.zip/a.txt"]
    assert (outcome.status, outcome.reason) == ("failed", "compressed in a way that is not read: bzip2")
    parts = zipfile.ZipFile(io.BytesIO(docx_bytes(CARBON)))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        for name in parts.namelist():
            archive.writestr(name, parts.read(name))
    assert failure("b.docx", file.getvalue()) == ("failed", "compressed in a way that is not read")


def test_pictures_do_not_count_towards_the_limit_of_a_word_document(monkeypatch):
    parts = zipfile.ZipFile(io.BytesIO(docx_bytes(CARBON)))
    inner = {name: parts.read(name) for name in parts.namelist()}
    monkeypatch.setattr(html, "MAX_DOCX_BYTES", 100_000)
    assert read("a.docx", zip_bytes({**inner, "word/media/a.png": bytes(200_000)}))[0].status == "read"
    assert "without its pictures" in failure("a.docx", zip_bytes({**inner, "word/notes.xml": bytes(200_000)}))[1]


def test_short_rows_of_a_table_are_not_made_as_wide_as_its_widest():
    page = "<table><tr>" + "<td>a</td>" * 1000 + "</tr>" + "<tr><td>b</td></tr>" * 1000 + "</table>"
    text = to_markdown(page)
    assert len(text) < 20_000
    assert text.endswith("| b |\n| b |")
    assert to_markdown("<table><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></table>") == (
        "| a |  |\n|---|---|\n| b | c |"
    )


def test_only_a_declaration_in_front_of_a_page_is_taken_away():
    page = '<?xml version="1.0" encoding="utf-8"?>\n<html><body><p>Seal life</p></body></html>'
    assert read("a.html", page.encode())[1][0].text == "Seal life"
    assert html._without_declaration(f"<p>{page}") == f"<p>{page}"


def test_long_names_before_many_values_stop_at_the_limit(monkeypatch):
    monkeypatch.setattr(tables, "MAX_TABLE_CHARACTERS", 50_000)
    monkeypatch.setattr(rows, "MAX_TABLE_CHARACTERS", 50_000)
    name = "k" * 1000
    reason = "more than 50,000 characters of text"
    assert failure("a.json", json.dumps({name: [0] * 1000}).encode()) == ("failed", reason)
    assert failure("a.csv", f"{name},b\n".encode() + b"1,2\n" * 1000) == ("failed", reason)
    assert read("a.json", json.dumps({name: [0] * 10}).encode())[0].status == "read"


def test_parquet_is_read_in_batches_that_fit_into_memory():
    def metadata(value, count):
        file = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table({"text": [value] * count}), file)
        return pyarrow.parquet.ParquetFile(file).metadata

    assert tables._batch_rows(metadata("x", 5000)) == 200
    assert tables._batch_rows(metadata("x" * 4_000_000, 500)) == 49  # 200 million characters by 4 million and a header
    assert tables._batch_rows(metadata("x", 0)) == 200
