"""What an export may replace, and that whatever stops it leaves the old one or the new one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.errors import ConfigError
from lab.export.folder import check_target, new_folder
from lab.files import file_sha256

MANIFEST = {"schema_version": 1, "lab": "0.1.0"}


def save_export(folder: Path, **files: str) -> Path:
    """A folder that an export could have left."""
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)
    listed = {path.name: file_sha256(path) for path in folder.iterdir()}
    (folder / "export.json").write_text(json.dumps({**MANIFEST, "files": listed}))
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("before_it_happens", [True, False])
def test_ctrl_c_between_the_renames_loses_nothing(tmp_path, monkeypatch, call, before_it_happens):
    target = save_export(tmp_path / "raft", weights="the old ones")
    old, calls, rename = texts(target), [], Path.rename

    def interrupted(path, place):
        calls.append(place)
        if len(calls) == call and before_it_happens:
            raise KeyboardInterrupt
        done = rename(path, place)
        if len(calls) == call:
            raise KeyboardInterrupt
        return done

    with pytest.raises(KeyboardInterrupt), new_folder(target) as folder:
        (folder / "weights.txt").write_text("the new ones")
        monkeypatch.setattr(Path, "rename", interrupted)
    new = {"weights.txt": "the new ones"}
    assert texts(target) == (new if (call, before_it_happens) == (2, False) else old)
    assert [path.name for path in tmp_path.iterdir()] == ["raft"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        "\udcff",
        "[" * 100_000,
        '{"files": {}}',
        '{"schema_version": 1, "lab": "0.1.0", "files": []}',
        '{"schema_version": "1", "lab": "0.1.0", "files": {}}',
        '{"name": "photos", "exported": "2026-01-01"}',
    ],
)
def test_a_folder_with_an_export_json_of_others_is_not_replaced(tmp_path, content):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "export.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=r"this export\.json is not of the lab"):
        check_target(tmp_path / "photos", tmp_path / "run", force=True)


def test_an_export_that_holds_more_than_its_manifest_lists_is_not_replaced(tmp_path):
    target = save_export(tmp_path / "raft", weights="old")
    check_target(target, tmp_path / "run", force=True)
    (target / "notes").mkdir()
    check_target(target, tmp_path / "run", force=True)  # an empty folder is no loss
    (target / "notes" / "thesis.md").write_text("years of work")
    (target / "a-link").symlink_to(tmp_path)
    with pytest.raises(ConfigError, match=r"does not list a-link, notes/thesis\.md; name another folder"):
        check_target(target, tmp_path / "run", force=True)
    for place in range(3):
        (target / f"z{place}").write_text("")
    with pytest.raises(ConfigError, match=r"a-link, notes/thesis\.md, z0 and 2 more;"):
        check_target(target, tmp_path / "run", force=True)


def test_a_manifest_of_a_folder_above_does_not_stand_for_files_below(tmp_path):
    target = save_export(tmp_path / "raft", weights="old")
    (target / "sub").mkdir()
    (target / "sub" / "export.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"does not list sub/export\.json"):
        check_target(target, tmp_path / "run", force=True)
