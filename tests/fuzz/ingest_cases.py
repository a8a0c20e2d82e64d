"""The readers of `lab init`: one spoiled file beside good ones, in a folder and in an archive."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus_cases import OIL, PADS, SALT, TABLE, parquet_bytes, parquet_files
from fuzzing import Case
from hypothesis import strategies as st
from properties import check_documents
from sample_files import docx_bytes, html_page, pdf_bytes, zip_bytes
from spoiling import EDITS, PIECES, as_lines, edited, json_bytes, spoiled_bytes, spoiled_json, spoiled_table

from lab.escapes import visible
from lab.ingest.ingest import ingest
from lab.ingest.manifest import load_manifest, manifest_of, read_documents, save_manifest
from lab.ingest.nouns import FileOutcome, as_row

GOOD = b"The pump moves forty litres a minute and needs oil every two hundred hours of use.\n"
DONE = ("read", "unchanged", "opened")
LONG_ROWS = [
    {"id": f"a{n}", "title": f"Part {n}", "text": f"{n}. " + SALT * 3, "question": "Who?", "n": n} for n in range(3)
]
MAPPING = {"parts": LONG_ROWS, "version": {"major": 1, "notes": ["a", None, True]}}
BLOCKS = [("h1", "Brakes"), ("p", SALT), ("li", "Oil"), ("table", [["a", "b"], ["c", "d"]])]
MARKDOWN = f"---\ntitle: Brakes\n---\n# Brakes\n\n{PADS}\n| a | b |\n|---|---|\n| c | d |\n\n```\nx = 1\n```\n".encode()
HTML = html_page("Gate valves", f"<p>{SALT}</p><table><tr><td>a<td>b</table><ul><li>{OIL}</ul><pre>x\n y</pre>" * 2)
PDFS = [
    pdf_bytes(
        [["Pads last 400 hours and wear slow-", "ly in the winter season."], [], ["Salt is white."]], title="Pads"
    ),
    pdf_bytes([["A scan."]], scanned=(0,)),
    pdf_bytes([["Locked."]], encrypt="secret"),
]
PDF_WORDS = [
    b"/Kids[2 0 R]",
    b"/Parent 5 0 R",
    b"/Count -1",
    b"/Count 2147483647",
    b"/Length 99999999",
    b"/Length -1",
    b"<<",
]
PDF_WORDS += [
    b"/Filter/FlateDecode",
    b"/Filter[/ASCIIHexDecode/LZWDecode]",
    b"stream",
    b"endobj",
    b"0 65535 f",
    b"9999999999",
]
PDF_WORDS += [
    b"/Prev 9",
    b"startxref\n0",
    b"(\xfe\xff\xd8\x00) Tj ",
    b"1e9 0 0 1e9 0 0 cm ",
    b"q " * 3000,
    b"[" * 3000,
    b"BT ",
]
TAGS = [
    b"<div>" * 3000,
    b"<table>" * 600,
    b"<ul><li>" * 900,
    b"</body>",
    b"<script>",
    b"<pre>",
    b"<svg>",
    b"<p>" + b"&lt;" * 99,
]
TAGS += [
    b"<h1>",
    b"<td>",
    b"<base href=x>",
    b"<meta charset=utf-7>",
    b"<meta charset=idna>",
    b'<meta charset="rot13">',
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
]
TAGS += [
    b"<meta charset=zip>",
    b"<?xml version='1.0' encoding='hex'?>",
    b"<select>",
    b"<math>",
    b"<template>",
    b"<a href='#'>",
    b"<img alt=x>",
]
MARKUP = st.lists(st.sampled_from([*TAGS, b"text ", *PIECES]), max_size=12).map(
    lambda parts: b"<html>" + b"".join(parts)
)


@st.composite
def spoiled_words(draw: Any, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """A seed with words of its own format in wrong places."""
    places = st.tuples(st.sampled_from(["put", "over"]), st.integers(0, 1 << 16), st.sampled_from(words))
    return edited(draw(st.sampled_from(seeds)), draw(st.lists(places | EDITS, min_size=1, max_size=4)), seeds[0])


@st.composite
def spoiled_zip(draw: Any, archive: bytes, words: Sequence[bytes] = (b"",)) -> bytes:
    """An archive with one member edited or renamed, in good order; or edits of the archive's own bytes."""
    members = {
        one: zipfile.ZipFile(io.BytesIO(archive)).read(one) for one in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    }
    name = draw(st.sampled_from(sorted(members)))
    members[name] = edited(members[name], draw(st.lists(EDITS, max_size=3)), draw(st.sampled_from([*words, *PIECES])))
    if draw(st.booleans()):
        new = draw(
            st.sampled_from(["../x.md", "/x.md", "a\\b.md", "\ud800.md", "x\0y.md", ".", "", "x" * 300 + ".md"])
            | st.text(max_size=6)
        )
        try:
            members[new] = members.pop(name)
            archive = zip_bytes(members)
        except (ValueError, IndexError):  # a name that no archive holds
            pass
    else:
        archive = zip_bytes(members)
    return edited(archive, draw(st.lists(EDITS, max_size=2)), archive)


def read_folder(folder: Path) -> None:
    """Every file has one outcome, the good ones are read, and what was read is unchanged the next time."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = ingest([folder])
    by_path = {outcome.path: outcome for outcome in found.files}
    assert len(by_path) == len(found.files)
    names = {f"{folder.name}/{path.relative_to(folder).as_posix()}" for path in files}
    assert {path for path in by_path if path in names} == names
    for name in ("a-good.txt", "z-good.md"):
        assert by_path[f"{folder.name}/{name}"].status == "read"
    for outcome in found.files:
        check_outcome(outcome)
    named = [id for outcome in found.files for id in outcome.document_ids]
    assert sorted(named) == sorted(document.id for document in found.documents)
    beside = folder.with_name("beside")
    beside.mkdir(exist_ok=True)
    check_documents(found.documents, beside)
    (beside / "kept.jsonl").write_text(
        "".join(json.dumps(as_row(one)) + "\n" for one in found.documents), encoding="utf-8"
    )
    save_manifest(beside / "ingest.json", manifest_of(found))
    known, documents = load_manifest(beside / "ingest.json"), read_documents(beside / "kept.jsonl")
    assert documents == found.documents
    again = ingest([folder], known=known, documents=documents)
    assert again.documents == found.documents
    assert all(one.status != "read" for one in again.files)


def check_outcome(outcome: FileOutcome) -> None:
    """What is said of a file can be printed on a line, and says what to do where nothing was read."""
    assert outcome.path == visible(outcome.path)
    assert "\n" not in outcome.path
    assert outcome.path.encode()
    if outcome.status in DONE:
        assert outcome.document_ids or outcome.status == "opened"
    else:
        assert not outcome.document_ids
        assert outcome.reason
        assert outcome.advice
        assert len(outcome.reason) <= 600
    for said in (outcome.reason, *outcome.notes):
        assert said is None or (said.encode() and len(said) <= 3000), said


def case(name: str, file: str, seed: bytes, mutants: st.SearchStrategy[bytes], **options: Any) -> Case:
    files = {"a-good.txt": GOOD, "z-good.md": b"# Good\n\n" + GOOD, file: seed}
    return Case(f"ingest {name}", files, {file: mutants}, read_folder, **options)


TEXTS = [
    PADS.encode(),
    SALT.encode("utf-16"),
    SALT.encode("cp1252", "replace"),
    MARKDOWN,
    "\u042d\u0442\u043e \u0434\u043e\u043c.".encode("cp1251"),
]
ARCHIVE = zip_bytes({"a.md": MARKDOWN, "b/c.txt": PADS, "d.zip": zip_bytes({"e.csv": "a,b\n1,2\n", "f.html": HTML})})
DOCX = docx_bytes(BLOCKS, picture=True)
CSV = ("name,weight\npump,40 kg\nrope,3 kg\n" + "".join(f"part {n},{n} kg\n" for n in range(5))).encode()

INGEST_CASES = [
    case("text", "m.txt", TEXTS[0], spoiled_bytes(TEXTS)),
    case("Markdown", "m.md", MARKDOWN, spoiled_bytes([*TEXTS, b"![a](data:image/png;base64,AAAA)" * 3])),
    case("HTML", "m.html", HTML, spoiled_bytes([HTML]) | spoiled_words([HTML], TAGS) | MARKUP),
    case("PDF", "m.pdf", PDFS[0], spoiled_bytes(PDFS) | spoiled_words(PDFS, PDF_WORDS), share=2.0),
    case("DOCX", "m.docx", DOCX, spoiled_zip(DOCX, [b"<w:p>" * 900, b"<w:tbl>" * 900,
    b'<w:pStyle w:val="Heading9"/>'])),
    case("CSV", "m.csv", CSV, spoiled_bytes([CSV]) | spoiled_table(TABLE, ",;\t|")),
    case("TSV", "m.tsv", b"a\tb\n1\t2\n", spoiled_bytes([b"a\tb\n1\t2\n"]) | spoiled_table(TABLE, "\t")),
    case("JSON Lines", "m.jsonl", as_lines(LONG_ROWS), spoiled_json(LONG_ROWS,
    lines=True) | spoiled_bytes([as_lines(LONG_ROWS)])),
    case("JSON", "m.json", json_bytes(MAPPING),
    spoiled_json(MAPPING) | spoiled_json(LONG_ROWS) | spoiled_bytes([json_bytes(MAPPING)])),
    case("Parquet", "m.parquet", parquet_bytes(LONG_ROWS), parquet_files() | spoiled_bytes([parquet_bytes(LONG_ROWS)])),
    case("zip", "m.zip", ARCHIVE, spoiled_zip(ARCHIVE)),
    case("any name", "m.bin", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, spoiled_bytes([*TEXTS, *PDFS, ARCHIVE, DOCX, CSV,
    HTML])),
]  # fmt: skip
