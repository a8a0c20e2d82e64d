"""What fuzzing found, each as the smallest file that showed it."""

from __future__ import annotations

from pathlib import Path

from sample_files import zip_bytes

from lab.ingest.ingest import ingest


def test_a_file_without_a_name_in_an_archive_stops_nothing(tmp_path: Path) -> None:
    archive = zip_bytes({"Xa.md": "The pump is red.", "b.md": "The rope is blue."})
    (tmp_path / "m.zip").write_bytes(archive.replace(b"Xa.md", b"\0a.md"))  # zipfile ends a name at NUL
    found = {outcome.path.partition("/")[2]: outcome.status for outcome in ingest([tmp_path]).files}
    assert found["m.zip"] == "opened"
    assert found["m.zip/b.md"] == "read"
    assert len(found) == 3
