"""Which files are read as texts with labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lab.create.importing import import_questions
from lab.create.labelled import with_labels
from lab.create.question_file import Asked
from lab.types import Document

DOCUMENTS = [Document("d", "Lost things", "What is lost goes to lost property on the quay.")]


def asked(*answers: str, **more: object) -> list[Asked]:
    return [Asked(f"f:{n}", "", f"Text {n}?", (answer,), **more) for n, answer in enumerate(answers)]  # type: ignore[arg-type]


def kinds(found: tuple[list[Asked], list[str]]) -> set[str]:
    return {one.kind for one in found[0]}


def test_few_answers_that_are_given_many_times_are_labels() -> None:
    found = with_labels(asked(*["refund"] * 12, *["Lost property"] * 12), [])
    assert kinds(found) == {"label"}
    assert found[1] == [
        "24 questions have 2 different answers, which are read as labels; if they are none, give the file a column "
        "kind with span"
    ]


@pytest.mark.parametrize(
    "rows",
    [
        asked(*["refund"] * 12, *["repair"] * 7),
        asked(*["refund"] * 30),
        asked(*[f"label {n % 4}" for n in range(30)]),
        asked(*["yes", "no"] * 15),
        asked(*["4", "5"] * 15),
        asked(*["refund"] * 15, *["because the pads of the brake wear out"] * 15),
        asked(*["refund", "repair"] * 15, kind="span"),
        [replace(one, group=one.answers[0]) for one in asked(*["refund", "repair"] * 15)],
        [*asked(*["refund", "repair"] * 15), Asked("f:99", "", "Both?", ("refund", "repair"))],
    ],
    ids=[
        "few",
        "one label",
        "each too rarely",
        "yes-no",
        "numbers",
        "long",
        "told otherwise",
        "wordings",
        "two answers",
    ],
)
def test_other_answers_are_none(rows: list[Asked]) -> None:
    assert with_labels(rows, []) == (rows, [])


def test_a_few_more_rows_of_known_labels_are_labels() -> None:
    known = [{"kind": "label", "answers": ["Refund"]}, {"kind": "label", "answers": ["repair"]}]
    assert kinds(with_labels(asked("refund", "repair"), known)) == {"label"}
    assert kinds(with_labels(asked("refund", "praise"), known)) == {"auto"}


def test_a_file_without_kinds_becomes_label_questions(tmp_path: Path) -> None:
    lines = [f"Message {n},{'lost property' if n % 2 else 'timetable'}" for n in range(40)]
    (tmp_path / "q.csv").write_text("\n".join(["question,answer", *lines]), encoding="utf-8")
    found = import_questions(tmp_path / "q.csv", DOCUMENTS, [])
    assert {question.kind for question in found.questions} == {"label"}
    assert any("read as labels" in note for note in found.notes)
