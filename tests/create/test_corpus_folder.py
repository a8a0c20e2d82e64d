"""A corpus folder: files change together or not at all, also when the process is killed on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.create.folder import locked, need_own
from lab.create.question_lines import QuestionLines
from lab.errors import DataError, RunLockedError
from lab.files import finish_changes, held, write_together

KILLED_AT = """
import os, signal, sys
from pathlib import Path
from lab.create.folder import locked
from lab.files import write_together
place, at = Path(sys.argv[1]), int(sys.argv[2])
steps = 0
def step(event, args):
    global steps
    if event in ("os.rename", "open") and str(place) in str(args[0]):
        steps += 1
        if steps == at:
            os.kill(os.getpid(), signal.SIGKILL)
with locked(place):
    sys.addaudithook(step)
    write_together(place, {"a.txt": "new a", "b.txt": "new b", "c.txt": "new c"})
"""


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.suffix == ".txt"}


OLD = {"a.txt": "old a", "b.txt": "old b"}
NEW = {"a.txt": "new a", "b.txt": "new b", "c.txt": "new c"}


@pytest.mark.parametrize("at", range(1, 10))
def test_a_kill_leaves_the_old_files_or_the_new_ones(at: int, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, text in OLD.items():
        (folder / name).write_text(text)
    done = subprocess.run([sys.executable, "-c", KILLED_AT, str(folder), str(at)], check=False)
    assert done.returncode in (0, -signal.SIGKILL)
    with locked(folder):
        assert content(folder) in (OLD, NEW)
        assert not list(folder.glob(".init-*")) and not (folder / ".init").exists()
    if done.returncode == 0:
        assert content(folder) == NEW


def test_kills_were_both_before_and_behind_the_turning_point(tmp_path: Path) -> None:
    found = []
    for at in range(1, 10):
        folder = tmp_path / str(at)
        folder.mkdir()
        subprocess.run([sys.executable, "-c", KILLED_AT, str(folder), str(at)], check=False)
        with locked(folder):
            found.append(len(content(folder)))
    assert found[0] == 0 and found[-1] == 3 and set(found) == {0, 3}


def test_what_was_to_be_removed_is_removed_after_a_kill(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("old b")
    killed = KILLED_AT.replace('("os.rename", "open")', '("os.remove",)').replace('"b.txt": "new b"', '"b.txt": None')
    done = subprocess.run([sys.executable, "-c", killed, str(tmp_path), "1"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert content(tmp_path) == {"a.txt": "new a", "b.txt": "old b", "c.txt": "new c"}
    with locked(tmp_path):
        assert content(tmp_path) == {"a.txt": "new a", "c.txt": "new c"}


def test_a_fault_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        raise OSError("the disk is full")

    folder = tmp_path / "deep" / "corpus"
    with pytest.raises(OSError, match="disk is full"), locked(folder):
        write_together(folder, {"a.txt": "new", "b.txt": fail})
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    write_together(tmp_path, {"a.txt": None, "b.txt": "new"})
    assert content(tmp_path) == {"b.txt": "new"}


def test_two_do_not_work_in_one_folder(tmp_path: Path) -> None:
    holder = "import sys\nfrom pathlib import Path\nfrom lab.create.folder import locked\n"
    holder += "with locked(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    command = [sys.executable, "-c", holder, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        with pytest.raises(RunLockedError, match="another lab init or lab synthesize works there"), locked(tmp_path):
            pass
        process.communicate("")
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["documents.jsonl", "questions.jsonl", "experiment.yaml"])
def test_somebody_elses_corpus_is_not_touched(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert need_own(tmp_path) is False
    (tmp_path / name).write_text("theirs")
    with pytest.raises(DataError, match=f"holds {name} that lab init did not write"):
        need_own(tmp_path)


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file")
    with pytest.raises(DataError, match="found a file"), locked(tmp_path / "x"):
        pass


def test_lines_that_do_not_change_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    lines = ['{"id":1 , "x": "\\u00e9"}', '{"id": 2}', '{"id": 3}']
    file.write_text("\n".join([lines[0], "", *lines[1:]]))
    found = QuestionLines.read(file)
    first, _, third = found.rows
    assert found.replaced([first, None, {**third, "new": "\ud800"}]) == f'{lines[0]}\n{{"id": 3, "new": "\\ud800"}}\n'


@pytest.mark.parametrize(
    "text", [b"\xff\n", b"nope\n", b"[1]\n", b'{"a": NaN}\n', b"[" * 100_000, b'{"a": 1}\n{"b": }\n', b'"\xed\xa0\x80"']
)
def test_broken_lines_are_named(text: bytes, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(text)
    with pytest.raises(DataError, match=r"questions\.jsonl:[12]: "):
        QuestionLines.read(file)


def test_a_change_that_was_cut_short_is_finished_where_one_stands(tmp_path: Path) -> None:
    (tmp_path / ".init").mkdir()
    finish_changes(tmp_path)
    assert (tmp_path / ".init").exists(), "somebody may just be writing it"
    (tmp_path / ".init-done").mkdir()
    (tmp_path / ".init-done" / "a.txt").write_text("new")
    with held(tmp_path), pytest.raises(RunLockedError):
        (tmp_path / ".init-done").mkdir()
        finish_changes(tmp_path)
    finish_changes(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
