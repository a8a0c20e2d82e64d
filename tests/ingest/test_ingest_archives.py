"""Zip archives: what is in them, names that lead out of them, bombs, locks."""

import pytest
from folders import outcomes, statuses, write
from sample_files import zip_bytes

from lab.ingest import archive
from lab.ingest.ingest import ingest
from lab.ingest.manifest import manifest_of


def test_archives_within_archives(tmp_path):
    inner = zip_bytes({"deep.txt": "deep", ".hidden": "x"})
    write(tmp_path, {"all.zip": zip_bytes({"a.txt": "a", "in.zip": inner, "__MACOSX/._a.txt": "x", "sub/": ""})})
    ingested = ingest([tmp_path / "all.zip"])
    assert statuses(ingested) == {
        "all.zip": "opened",
        "all.zip/__MACOSX/._a.txt": "ignored",
        "all.zip/a.txt": "read",
        "all.zip/in.zip": "opened",
        "all.zip/in.zip/.hidden": "ignored",
        "all.zip/in.zip/deep.txt": "read",
    }
    assert [document.id for document in ingested.documents] == ["all.zip/a.txt", "all.zip/in.zip/deep.txt"]


def test_names_that_lead_out_of_an_archive_write_nothing(tmp_path):
    evil = zip_bytes({"../../evil.txt": "one", "/etc/evil.txt": "two", "..\\evil.txt": "three", "..": "four"})
    write(tmp_path / "docs", {"evil.zip": evil})
    before = sorted(tmp_path.rglob("*"))
    ingested = ingest([tmp_path / "docs"])
    assert sorted(tmp_path.rglob("*")) == before
    assert list(statuses(ingested)) == [
        "docs/evil.zip",
        "docs/evil.zip/etc/evil.txt",
        "docs/evil.zip/evil.txt",
        "docs/evil.zip/evil.txt (2)",
        "docs/evil.zip/unnamed",
    ]
    assert ingested.count("read") == 4
    note = "its name in the archive leads out of it: ../../evil.txt"
    assert note in outcomes(ingested)["docs/evil.zip/evil.txt"].notes


def test_files_of_an_archive_whose_names_are_shown_alike_are_told_apart_every_time(tmp_path):
    names = ("a.txt", "a.txt (2)", "../a.txt", "caf\u00e9.txt", "cafe\u0301.txt")
    write(tmp_path, {"all.zip": zip_bytes({name: f"text {number}" for number, name in enumerate(names)})})
    first = ingest([tmp_path / "all.zip"])
    assert len({outcome.path for outcome in first.files}) == len(first.files) == len(names) + 1
    again = ingest([tmp_path / "all.zip"], known=manifest_of(first), documents=first.documents)
    assert again.documents == first.documents
    assert again.count("unchanged") == len(names)


def test_zip_bombs_are_not_expanded(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 10_000_000)
    monkeypatch.setattr(archive.Budget.__init__, "__defaults__", (3, 10_000_000))
    monkeypatch.setattr(archive, "_expand", lambda *_: pytest.fail("expanded"))
    bomb = zip_bytes({"zeros.txt": bytes(11_000_000)})
    assert len(bomb) < 20_000
    write(tmp_path, {"bomb.zip": bomb, "many.zip": zip_bytes({f"{n}.txt": "x" for n in range(4)})})
    found = outcomes(ingest([tmp_path / "bomb.zip", tmp_path / "many.zip"]))
    assert found["bomb.zip"].reason.startswith("1 files that expand to 11 MB; the limit for an archive is")
    assert found["many.zip"].reason.startswith("4 files that expand to 0 MB")


def test_bombs_within_archives_share_one_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(archive.Budget.__init__, "__defaults__", (100, 3_000_000))
    half = zip_bytes({"zeros.txt": b"0" * 2_000_000})
    write(tmp_path, {"all.zip": zip_bytes({"1.zip": half, "2.zip": half})})
    assert statuses(ingest([tmp_path / "all.zip"])) == {
        "all.zip": "opened",
        "all.zip/1.zip": "opened",
        "all.zip/1.zip/zeros.txt": "read",
        "all.zip/2.zip": "failed",
    }


def test_archives_that_nest_without_end(tmp_path):
    content = zip_bytes({"a.txt": "a"})
    for _ in range(6):
        content = zip_bytes({"in.zip": content})
    write(tmp_path, {"all.zip": content})
    assert list(statuses(ingest([tmp_path / "all.zip"])).values()) == ["opened", "opened", "opened", "failed"]


def test_locked_and_broken_members_are_told(tmp_path):
    content = bytearray(zip_bytes({"a.txt": "a" * 500, "b.txt": "b" * 500, "c.txt": "c"}))
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1  # the flag of encryption, in the directory's entry of a.txt
    second = content.index(b"PK\x03\x04", 4)
    content[second + 37] ^= 0xFF  # a byte of the compressed b.txt
    write(tmp_path, {"all.zip": bytes(content), "torn.zip": bytes(content[:40])})
    found = outcomes(ingest([tmp_path / "all.zip", tmp_path / "torn.zip"]))
    assert found["all.zip/a.txt"].reason == "locked with a password"
    assert found["all.zip/b.txt"].reason.startswith("broken in the archive: ")
    assert found["all.zip/c.txt"].status == "read"
    assert found["torn.zip"].reason.startswith("a broken zip file")
