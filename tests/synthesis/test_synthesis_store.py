"""What synthesis keeps on disk, and what a kill leaves of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.errors import DataError
from lab.synthesis.nouns import AnswerSpan, Proposal, Rejection
from lab.synthesis.store import Store, append_lines, read_lines, row_of
from lab.types import Evidence, Passage, Question

HUMAN = b'{"id": "h",   "question": "Who?", "answers": ["A\xc3\xa9"]}\n'
MADE = [
    Question("d/0-1/1", "What is \u201cA\u201d?", ("A",), "span", (Evidence("d", 0, 1),), group="d:0-1", synthetic="m"),
    Question("d/0-1/1/u", "What is B?", (), "unanswerable", (), "d", synthetic="m"),
]
ROUND = {"passages": ["d:0-9"], "number": 1}


def block() -> bytes:
    return "".join(json.dumps(row_of(one), ensure_ascii=False) + "\n" for one in MADE).encode()


def test_rows_hold_what_the_reader_takes() -> None:
    assert row_of(MADE[1]) == {
        "id": "d/0-1/1/u",
        "question": "What is B?",
        "answers": [],
        "kind": "unanswerable",
        "evidence": [],
        "document": "d",
        "synthetic": "m",
    }
    whole = Question("q", "?", ("a",), "span", (Evidence("d"),))
    assert row_of(whole)["evidence"] == [{"document": "d"}]


@pytest.mark.parametrize("written", [0, 1, 40, -1, None])
def test_a_commit_cut_short_is_finished_by_the_next_store(tmp_path: Path, written: int | None) -> None:
    """Killed before the append, within it, before its end, and between the questions and the round."""
    questions = tmp_path / "questions.jsonl"
    questions.write_bytes(HUMAN)
    store = Store(tmp_path)
    planned = {"at": len(HUMAN), "block": block().decode(), "number": 0, "row": ROUND}
    (store.work / "writing.json").write_text(json.dumps(planned))
    questions.write_bytes(HUMAN + block()[:written])
    again = Store(tmp_path)
    assert questions.read_bytes() == HUMAN + block()
    assert again.rounds == [ROUND]
    assert not (again.work / "writing.json").exists()


def test_a_commit_that_was_complete_is_not_made_twice(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.commit(MADE, ROUND)
    planned = {"at": 0, "block": block().decode(), "number": 0, "row": ROUND}
    (store.work / "writing.json").write_text(json.dumps(planned))  # killed before it was removed
    assert Store(tmp_path).rounds == [ROUND]
    assert (tmp_path / "questions.jsonl").read_bytes() == block()


def test_questions_that_somebody_changed_since_are_left_alone(tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    store = Store(tmp_path)
    planned = {"at": 5, "block": block().decode(), "number": 0, "row": ROUND}
    (store.work / "writing.json").write_text(json.dumps(planned))
    questions.write_bytes(HUMAN)
    assert Store(tmp_path).rounds == []
    assert questions.read_bytes() == HUMAN


def test_a_file_without_a_line_feed_at_its_end_gets_one(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_bytes(HUMAN.rstrip())
    Store(tmp_path).commit(MADE, ROUND)
    assert (tmp_path / "questions.jsonl").read_bytes() == HUMAN + block()


def test_rejections_are_kept_once(tmp_path: Path) -> None:
    passage = Passage("d#0", "d", "T", "A B", 0, 3)
    proposal = Proposal("What is A\x1b[31m\ud800?", AnswerSpan("A", 0, 1, "span"), passage, "m", "g")
    for _ in range(2):
        Store(tmp_path).reject([Rejection(proposal, "bad"), Rejection(proposal, "bad"), Rejection(proposal, "worse")])
    lines = (tmp_path / ".work/synthesis/rejected.jsonl").read_text().splitlines()
    assert [json.loads(line)["reason"] for line in lines] == ["bad", "worse"]


def test_a_review_changes_no_other_line(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / "questions.jsonl").write_bytes(HUMAN + b"\n" + block())
    changed = Question(**{**{name: getattr(MADE[0], name) for name in MADE[0].__slots__}, "text": "What is A?"})
    store.replace_questions([changed], [MADE[1]])
    lines = (tmp_path / "questions.jsonl").read_bytes().split(b"\n")
    assert lines[0] + b"\n" == HUMAN and lines[1] == b""
    assert json.loads(lines[2])["question"] == "What is A?"
    assert lines[3:] == [b""]
    assert [row["id"] for row in Store(tmp_path).removed] == ["d/0-1/1/u"]


@pytest.mark.parametrize("damaged", [b"{]\n", b"3\n", b"\xff\n", b"\0\0\n", b"[" * 100_000 + b"\n"])
def test_a_damaged_line_takes_no_others_along(tmp_path: Path, damaged: bytes) -> None:
    file = tmp_path / "replies.jsonl"
    written = b'{"key": "a"}\n' + damaged + b'{"key": "b"}\n'
    file.write_bytes(written)
    with pytest.raises(DataError, match=r"replies\.jsonl:2: .*remove this line"):
        read_lines(file)
    assert file.read_bytes() == written


def test_a_blank_line_ends_nothing(tmp_path: Path) -> None:
    file = tmp_path / "replies.jsonl"
    file.write_bytes(b'{"key": "a"}\n\n{"key": "b"}\n')
    assert read_lines(file) == [{"key": "a"}, {"key": "b"}]
    assert file.read_bytes().endswith(b'{"key": "b"}\n')


@pytest.mark.parametrize("cut", [b'{"key": "b', b'{"key": "b"}', b"\xc3", b" "])
def test_only_a_last_line_that_was_cut_short_is_dropped(tmp_path: Path, cut: bytes) -> None:
    file = tmp_path / "replies.jsonl"
    file.write_bytes(b'{"key": "a"}\n' + cut)
    assert read_lines(file) == [{"key": "a"}]
    assert file.read_bytes() == b'{"key": "a"}\n'
    file.write_bytes(cut)
    append_lines(file, [{"key": "c"}])
    assert read_lines(file) == [{"key": "c"}]


def test_a_review_repairs_what_a_kill_cut_short_before_it_appends(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / "questions.jsonl").write_bytes(block())
    (store.work / "removed.jsonl").write_bytes(b'{"id": "x"}\n{"id": "y", "quest')
    store.replace_questions([], [MADE[1]])
    assert [row["id"] for row in Store(tmp_path).removed] == ["x", "d/0-1/1/u"]
