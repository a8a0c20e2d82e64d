"""Folders, globs, archives: every file that is found has one outcome, in the same order, whatever else lies there."""

import json
import os
import shutil
from pathlib import Path

import pytest
from folders import outcomes, statuses, write
from sample_files import READABLE, pdf_bytes, write_big_text, write_sample_folder
from small_world import read_at

from lab.corpus.passages import cut_passages
from lab.errors import DataError
from lab.files import write_jsonl
from lab.ingest import ingest as reading
from lab.ingest import read
from lab.ingest.ingest import ingest
from lab.ingest.nouns import as_row
from lab.ingest.split import MAX_CHARACTERS


class Words:
    """An encoder that counts words."""

    digest, dimensions, max_tokens = "words", 1, 128

    def token_offsets(self, text):
        spans, start = [], 0
        for word in text.split():
            start = text.index(word, start)
            spans.append((start, start + len(word)))
            start += len(word)
        return spans


@pytest.fixture
def sample(tmp_path):
    return write_sample_folder(tmp_path / "works"), tmp_path / "works"


def test_a_folder_as_people_have_them(sample):
    described, folder = sample
    ingested = ingest([folder])
    found = statuses(ingested)
    assert {path for path, status in found.items() if status == "read"} == {f"works/{name}" for name in READABLE}
    assert {path: status for path, status in found.items() if status != "read"} == {
        "works/.DS_Store": "ignored",
        "works/archive.zip": "opened",
        f"works/{described.empty}": "empty",
        f"works/{described.picture}": "unsupported",
        f"works/{described.broken}": "failed",
    }
    assert ingested.count("read", "opened") == len(READABLE) + 1
    assert len(ingested.documents) == len(READABLE) + 2  # history.jsonl has three rows
    assert len({outcome.format for outcome in ingested.files if outcome.status == "read"}) == 8
    assert ingested.near_duplicates == ()
    sampling = next(one for one in ingested.documents if one.metadata["source"] == f"works/{described.utf16}")
    assert "at 4 °C" in sampling.text
    assert outcomes(ingested)[f"works/{described.utf16}"].encoding == "utf-16-le"
    for outcome in ingested.files:
        assert outcome.status in ("read", "opened") or (outcome.reason and outcome.advice)


def test_what_is_written_is_what_the_lab_reads(sample, tmp_path):
    ingested = ingest([sample[1]])
    write_jsonl(tmp_path / "made" / "documents.jsonl", [as_row(document) for document in ingested.documents])
    question = {"id": "q", "question": "How many filters are there?", "answers": ["eight"], "evidence": []}
    write_jsonl(tmp_path / "made" / "questions.jsonl", [question])
    corpus = read_at(tmp_path / "made", "jsonl", "made")
    assert corpus.documents == ingested.documents
    passages = cut_passages(corpus.documents, Words(), max_tokens=60, overlap=10)
    assert {passage.document_id for passage in passages} == {document.id for document in ingested.documents}


def test_neither_the_order_of_arguments_nor_the_folder_above_matters(sample, tmp_path, monkeypatch):
    one = ingest([sample[1]])
    shutil.copytree(sample[1], tmp_path / "elsewhere" / "works")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert ingest(["works/"]).documents == one.documents
    monkeypatch.chdir(tmp_path / "elsewhere" / "works")
    assert ingest(["."]).documents == one.documents
    parts = [Path("pumps"), Path("filters"), Path("history.jsonl")]
    assert ingest(parts) == ingest(parts[::-1])
    assert ingest([*parts, "pumps/parts.csv", "pumps"]).documents == ingest(parts).documents


def test_names_begin_with_the_folder_and_are_told_apart(tmp_path):
    for place in ("a/docs", "b/docs", "c/other"):
        write(tmp_path / place, {"x.txt": place})
    found = statuses(ingest([tmp_path / "b/docs", tmp_path / "c/other", tmp_path / "a/docs"]))
    assert list(found) == ["a/docs/x.txt", "b/docs/x.txt", "other/x.txt"]
    assert list(statuses(ingest([tmp_path / "a/docs/x.txt", tmp_path / "b/docs/x.txt"]))) == [
        "a/docs/x.txt",
        "b/docs/x.txt",
    ]
    assert list(statuses(ingest([tmp_path / "a", tmp_path / "a/docs"]))) == ["a/docs/x.txt"]


def test_globs(tmp_path):
    folder = write(tmp_path / "docs", {"a.txt": "a", "b.md": "b", "sub/c.txt": "c", "sub/deep/d.txt": "d"})
    assert list(statuses(ingest([f"{folder}/*.txt"]))) == ["docs/a.txt"]
    assert list(statuses(ingest([f"{folder}/**/*.txt"]))) == ["docs/a.txt", "docs/sub/c.txt", "docs/sub/deep/d.txt"]
    assert list(statuses(ingest([f"{folder}/s*"]))) == ["docs/sub/c.txt", "docs/sub/deep/d.txt"]
    assert list(statuses(ingest([f"{folder}/[ab].*"]))) == ["docs/a.txt", "docs/b.md"]
    write(folder, {"[x].txt": "a file of that name"})
    assert list(statuses(ingest([f"{folder}/[x].txt"]))) == ["[x].txt"]


def test_paths_that_lead_to_nothing_are_all_named(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(DataError) as caught:
        ingest([tmp_path / "no", tmp_path / "link", f"{tmp_path}/*.txt", tmp_path])
    message = str(caught.value)
    assert f"{tmp_path}/no: not found" in message
    assert "link: a link that leads nowhere" in message
    assert "*.txt: no file matches" in message
    with pytest.raises(DataError, match="name too long"):
        ingest(["x" * 5000])
    with pytest.raises(DataError, match="~nobody-of-this-name: not found"):
        ingest(["~nobody-of-this-name"])
    with pytest.raises(DataError, match="got none"):
        ingest([])


def test_links_are_told_and_loops_come_to_an_end(tmp_path):
    folder = write(tmp_path / "docs", {"a.txt": "a", "sub/b.txt": "b"})
    write(tmp_path, {"outside.txt": "secret"})
    (folder / "sub" / "loop").symlink_to(folder)
    (folder / "again").symlink_to(folder / "sub")
    (folder / "out.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "gone.txt").symlink_to(folder / "nothing")
    for paths in ([folder], [f"{folder}/**/*"]):
        found = outcomes(ingest(paths))
        assert {path for path, one in found.items() if one.status == "read"} == {"docs/a.txt", "docs/sub/b.txt"}
        ignored = {path: one.reason for path, one in found.items() if one.status == "ignored"}
        assert ignored == {
            "docs/sub/loop": "a link; links are not followed",
            "docs/again": "a link; links are not followed",
            "docs/out.txt": "a link; links are not followed",
            "docs/gone.txt": "a link that leads nowhere; links are not followed",
        }
    assert statuses(ingest([folder / "out.txt"])) == {"outside.txt": "read"}


def test_hidden_files_are_counted_and_read_when_named(tmp_path):
    folder = write(
        tmp_path / "docs",
        {
            ".git/config": "x",
            ".git/objects/ab": "y",
            "__MACOSX/._a": "z",
            "~$a.docx": "lock",
            ".env": "KEY=1",
            "a.txt": "a",
        },
    )
    found = outcomes(ingest([folder]))
    assert {path: one.reason for path, one in found.items() if one.status == "ignored"} == {
        "docs/.git": "a hidden folder (.git): 2 files in it",
        "docs/__MACOSX": "a folder that programs keep for themselves (__MACOSX): 1 files in it",
        "docs/~$a.docx": "a file that programs keep for themselves",
        "docs/.env": "a hidden file",
    }
    assert statuses(ingest([folder, folder / ".env"]))[".env"] == "read"


def test_pipes_and_devices_are_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    write(tmp_path, {"a.txt": "a"})
    assert statuses(ingest([tmp_path]))[f"{tmp_path.name}/pipe.txt"] == "ignored"
    assert statuses(ingest([tmp_path / "pipe.txt"])) == {"pipe.txt": "ignored"}


def test_hostile_names_are_shown_as_escapes_and_stay_apart(tmp_path):
    folder = tmp_path / "docs"
    write(folder, {"e\u0301.txt": "one", "\u00e9.txt": "two", "a\x1b[31m#\n.txt": "three", " x  y.txt": "four"})
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt"))).write_text("five")
    ingested = ingest([folder])
    assert ingested.count("read") == 5
    assert len({document.id for document in ingested.documents}) == 5
    shown = {outcome.path for outcome in ingested.files}
    assert "docs/a\\x1b[31m#\\n.txt" in shown
    assert "docs/\\udcff.txt" in shown
    for document in ingested.documents:
        assert "#" not in document.id
        document.id.encode("utf-8")
        document.title.encode("utf-8")
    assert ingest([folder]) == ingested


def test_one_bad_file_stops_no_other(tmp_path, monkeypatch):
    folder = write(tmp_path / "docs", {"a.txt": "a", "b.pdf": pdf_bytes([["b"]])[:99], "c.txt": "c"})
    (folder / "gone.txt").write_text("x")
    original = Path.open

    def vanish(path, *args, **options):
        if path.name == "gone.txt":
            raise PermissionError(13, "Permission denied")
        return original(path, *args, **options)

    monkeypatch.setattr(Path, "open", vanish)
    found = outcomes(ingest([folder]))
    assert [one.status for one in found.values()] == ["read", "failed", "read", "failed"]
    assert found["docs/gone.txt"].reason == "cannot be opened: permission denied"


def test_files_over_the_limits_are_not_loaded(tmp_path, monkeypatch):
    folder = write(tmp_path / "docs", {"a.txt": "a" * 2_000_000, "b.pdf": pdf_bytes([["b" * 60]])})
    monkeypatch.setattr(read, "MAX_TEXT_BYTES", 1_000_000)
    found = outcomes(ingest([folder]))
    assert found["docs/a.txt"].reason == "2 MB; the limit is 1 MB"
    assert found["docs/b.pdf"].status == "read"
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 100)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", None)
        assert [one.status for one in ingest([folder]).files] == ["failed", "failed"]


@pytest.mark.parametrize(("limit", "status"), [(99, "failed"), (100, "read")])
def test_the_limit_holds_for_what_is_read_not_for_what_is_said(tmp_path, monkeypatch, limit, status):
    """A file that grows while it is read; those in /proc are said to be empty."""
    folder = write(tmp_path / "docs", {"a.txt": "word " * 20})
    original = Path.stat

    def said(path, **options):
        found = original(path, **options)
        return os.stat_result((*found[:6], 0, *found[7:])) if path.name == "a.txt" else found

    monkeypatch.setattr(Path, "stat", said)
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", limit)
    (outcome,) = ingest([folder]).files
    assert (outcome.status, outcome.document_ids != ()) == (status, status == "read")


def test_a_long_text_becomes_parts_at_paragraphs(tmp_path):
    write_big_text(tmp_path / "log_book.txt", 5_000_000)
    ingested = ingest([tmp_path / "log_book.txt"])
    (outcome,) = ingested.files
    documents = ingested.documents
    assert len(documents) == len(outcome.document_ids) == 26
    assert documents[2].id == "log_book.txt/part-3"
    assert documents[2].title == "log book (part 3 of 26)"
    assert documents[2].metadata == {"source": "log_book.txt", "format": "text", "part": "part 3 of 26"}
    assert all(len(document.text) <= MAX_CHARACTERS and document.text.startswith("Entry ") for document in documents)
    whole = (tmp_path / "log_book.txt").read_text().split()
    assert " ".join(document.text for document in documents).split() == whole
    assert outcome.notes == ("26 documents, since texts of more than 200,000 characters are divided",)


def test_progress_names_each_file_before_it_is_read(sample):
    told = []
    ingested = ingest([sample[1]], on_progress=told.append)
    assert [one.done for one in told] == list(range(len(told)))
    assert len(told) == len(ingested.files) - ingested.count("ignored")
    assert told[-1].total == len(told)
    assert {one.path for one in told} == {one.path for one in ingested.files if one.status != "ignored"}


def test_documents_hold_only_the_metadata_that_the_lab_knows(sample):
    for document in ingest([sample[1]]).documents:
        assert set(document.metadata) <= {"source", "format", "pages", "first_page", "row", "part"}
        assert all(isinstance(value, str) for value in document.metadata.values())
        if "pages" in document.metadata:
            assert json.loads(document.metadata["pages"])[0] == 0
