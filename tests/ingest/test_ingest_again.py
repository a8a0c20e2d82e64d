"""Reading again: only changes are parsed, and the result is that of reading all anew."""

import json
import os
from dataclasses import replace

import pytest
from sample_files import pdf_bytes, write_sample_folder, zip_bytes

from lab.errors import DataError
from lab.files import write_jsonl
from lab.ingest import manifest as manifests
from lab.ingest.ingest import ingest
from lab.ingest.manifest import load_manifest, manifest_of, read_documents, save_manifest
from lab.ingest.nouns import as_row
from lab.ingest.read import PARSERS


@pytest.fixture
def parsed(monkeypatch):
    """The names of the files that are parsed."""
    names = []

    def watched(parse):
        def call(data, path):
            names.append(path)
            return parse(data, path)

        return call

    for format, parse in PARSERS.items():
        monkeypatch.setitem(PARSERS, format, watched(parse))
    return names


@pytest.fixture
def folder(tmp_path):
    write_sample_folder(tmp_path / "works")
    return tmp_path / "works"


def known(ingested):
    return {"known": manifest_of(ingested), "documents": ingested.documents}


def test_what_has_not_changed_is_not_parsed_again(folder, parsed):
    first = ingest([folder])
    assert len(parsed) == first.count("read") + 1  # the torn PDF too
    parsed.clear()
    second = ingest([folder], **known(first))
    assert parsed == ["works/pumps/torn.pdf"]  # what failed is tried again
    assert second.documents == first.documents
    assert second.count("unchanged") == first.count("read")
    assert manifest_of(second) == manifest_of(first)


def test_changed_new_and_removed_files(folder, parsed):
    first = ingest([folder])
    (folder / "pumps" / "parts.csv").write_text("part,price\nSeal,5\n")
    (folder / "new.txt").write_text("A new text.")
    (folder / "filters" / "sand-filters.md").unlink()
    (folder / "history.jsonl").unlink()
    (folder / "archive.zip").write_bytes(zip_bytes({"reservoir.md": "# Other"}))
    parsed.clear()
    second = ingest([folder], **known(first))
    assert sorted(parsed) == [
        "works/archive.zip/reservoir.md",
        "works/new.txt",
        "works/pumps/parts.csv",
        "works/pumps/torn.pdf",
    ]
    assert second.removed == (
        "works/archive.zip/night/shift-rules.txt",
        "works/filters/sand-filters.md",
        "works/history.jsonl",
    )
    assert any("no more found, so their documents are gone" in note for note in second.notes)
    anew = ingest([folder])
    assert second.documents == anew.documents
    assert manifest_of(second) == manifest_of(anew)


def test_a_change_that_keeps_size_and_time_is_seen(folder):
    first = ingest([folder])
    file = folder / "pumps" / "parts.csv"
    times = file.stat()
    file.write_bytes(file.read_bytes().replace(b"412.50", b"999.99"))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert "999.99" in next(one.text for one in ingest([folder], **known(first)).documents if "parts" in one.id)


def test_a_touched_file_is_not_read_again(folder, parsed):
    first = ingest([folder])
    (folder / "pumps" / "parts.csv").touch()
    parsed.clear()
    ingest([folder], **known(first))
    assert "works/pumps/parts.csv" not in parsed


def test_documents_that_somebody_changed_or_lost_are_read_again(folder, parsed):
    first = ingest([folder])
    documents = [replace(one, text="changed") if one.id.endswith("parts.csv") else one for one in first.documents]
    documents = [one for one in documents if not one.id.endswith("jsonl/flood")]
    parsed.clear()
    second = ingest([folder], known=manifest_of(first), documents=documents)
    assert parsed == ["works/history.jsonl", "works/pumps/parts.csv", "works/pumps/torn.pdf"]
    assert second.documents == first.documents


def test_other_code_or_libraries_read_everything_again(folder, parsed, monkeypatch):
    first = ingest([folder])
    memory = known(first)
    parsed.clear()
    monkeypatch.setattr(manifests, "library_versions", lambda: {"pypdfium2": "6"})
    second = ingest([folder], **memory)
    assert len(parsed) == first.count("read") + 1
    assert second.documents == first.documents
    assert any("every file was read again" in note for note in second.notes)


def test_the_manifest_survives_the_disk(folder, tmp_path):
    first = ingest([folder])
    save_manifest(tmp_path / "ingest.json", manifest_of(first))
    assert load_manifest(tmp_path / "ingest.json") == manifest_of(first)
    write_jsonl(tmp_path / "documents.jsonl", [as_row(document) for document in first.documents])
    assert read_documents(tmp_path / "documents.jsonl") == first.documents
    content = json.loads((tmp_path / "ingest.json").read_text())
    record = next(one for one in content["files"] if one["path"] == "works/network/meters.pdf")
    assert (record["format"], record["status"], record["document_ids"]) == ("pdf", "read", ["works/network/meters.pdf"])
    assert len(record["sha256"]) == 64
    assert record["bytes"] == (folder / "network" / "meters.pdf").stat().st_size
    assert record["modified_ns"] == (folder / "network" / "meters.pdf").stat().st_mtime_ns


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"schema_version": 2}',
        '{"schema_version": 1, "files": [{}]}',
        '{"schema_version": 1, "reader": "x", "libraries": {}, "files": [{"documents_sha256": ""}]}',
        "[" * 100_000,
    ],
)
def test_a_broken_manifest_is_one_message(tmp_path, content):
    (tmp_path / "ingest.json").write_text(content)
    with pytest.raises(DataError, match="to read every file again, delete it and"):
        load_manifest(tmp_path / "ingest.json")


def test_missing_files_are_one_message(tmp_path):
    with pytest.raises(DataError, match="cannot be read: No such file"):
        load_manifest(tmp_path / "ingest.json")
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_documents(tmp_path / "documents.jsonl")
    (tmp_path / "documents.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(DataError, match="delete it to read all files again"):
        read_documents(tmp_path / "documents.jsonl")


def test_a_manifest_with_ids_of_other_files_is_not_believed(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.txt").write_text("Text of a.")
    (docs / "b.pdf").write_bytes(pdf_bytes([["Text of b."]]))
    first = ingest([docs])
    files = dict(manifest_of(first).files)
    files["docs/a.txt"] = replace(
        files["docs/a.txt"], outcome=replace(files["docs/a.txt"].outcome, document_ids=("docs/b.pdf",))
    )
    second = ingest([docs], known=replace(manifest_of(first), files=files), documents=first.documents)
    assert second.documents == first.documents
