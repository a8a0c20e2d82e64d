"""People's labels: every fault is named by file and line, at once."""

from pathlib import Path

import pytest

from lab.errors import DataError
from lab.judge.labels import read_labels
from lab.judge.rows import read_answers


@pytest.fixture
def answers(tmp_path, make_rows, save_run):
    return read_answers(save_run(tmp_path / "run", make_rows({"rag": (1, 2)})))


@pytest.fixture
def file(tmp_path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "labels.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_labels_are_read_as_people_write_them(answers, file):
    path = file(
        "\ufeffmethod, question_id ,label,note,seed\r\n"
        'closed-book,q1,Correct,"said ""7"",\r\nplainly",\r\n'
        "closed-book,q2,NOT_ATTEMPTED,,1\r\n"
        ",,,,\r\n"
        "rag,q2,not-attempted,,2\r\n"
    )
    assert [(one.question_id, one.method, one.seed, one.grade) for one in read_labels(path, answers)] == [
        ("q1", "closed-book", 1, "correct"),
        ("q2", "closed-book", 1, "not attempted"),
        ("q2", "rag", 2, "not attempted"),
    ]


def test_every_fault_has_its_line(answers, file):
    path = file(
        "question_id,method,label,seed\n"
        "q1,closed-book,right,\n"
        "q7,closed-book,correct,\n"
        "q1,raft,correct,\n"
        "q1,rag,correct,\n"
        "q1,rag,correct,3\n"
        "q1,closed-book,correct,\n"
        "q1,closed-book,correct,1\n"
    )
    with pytest.raises(DataError) as error:
        read_labels(path, answers)
    assert str(error.value).splitlines() == [
        "labels that cannot be used:",
        f"  {path}:2: label: expected correct, incorrect or not attempted, got 'right'",
        f"  {path}:3: the run has no answer of closed-book to a question 'q7'",
        f"  {path}:4: expected a method of the run (closed-book, rag), got 'raft'",
        f"  {path}:5: there is one answer for each of the seeds 1, 2; say which in a column seed",
        f"  {path}:6: seed: expected 1, 2, got '3'",
        f"  {path}:8: closed-book's answer to q1 is labelled twice; keep one",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("question_id,label\nq1,correct\n", r":1: expected the columns question_id, method, label, .*missing: method"),
        ("", r":1: expected the columns .* got none"),
        ("question_id,method,label\n", "expected labels, found the columns only"),
        (b"question_id,method,label\nq1,rag,\xff\n", "expected a CSV file in UTF-8"),
        ('question_id,method,label\nq1,rag,"correct\n', "expected a CSV file"),
    ],
)
def test_a_file_that_is_no_such_table(answers, file, text, message):
    with pytest.raises(DataError, match=message):
        read_labels(file(text), answers)


def test_no_file(answers, tmp_path):
    with pytest.raises(DataError, match="expected a CSV file with the columns question_id, method, label, found none"):
        read_labels(tmp_path / "none.csv", answers)
