"""Review by people: what is written, what is read back, and what becomes of the questions."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError
from lab.synthesis.nouns import Proposal, Rejection
from lab.synthesis.review import REVIEWED, apply, read_review, write_review
from lab.synthesis.review_table import join_answers, plain, safe, split_answers, table_text
from lab.types import Document, Evidence, Passage, Question

TEXT = "The brake was rebuilt in 1934 by Ida Norwell. It weighs 40 kg. A second one weighs 55 kg."
DOCUMENTS = (Document("d1", "Brakes", TEXT), Document("d2", "Ropes", "Ropes are red."))


def question(id, answer, **more):
    start = TEXT.index(answer)
    evidence = (Evidence("d1", start, start + len(answer)),)
    return Question(id, f"Which one is {id}?", (answer,), more.pop("kind", "span"), evidence, **more)


QUESTIONS = (
    question("q1", "1934", kind="number", synthetic="template"),
    question("q2", "Ida Norwell", synthetic="smollm2-135m"),
    question("q3", "40 kg", kind="number"),
    Question("q4", "Who painted the ropes?", (), "unanswerable", (), "d2", synthetic="cloze"),
)


def written(tmp_path):
    """The rows of review.csv, as a spreadsheet shows them."""
    table, _ = write_review(tmp_path, QUESTIONS, DOCUMENTS)
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(table.read_text("utf-8-sig"), newline="")))


def filled(tmp_path, *changes, delimiter=","):
    """review.csv with changes (row, column, value), saved again."""
    rows = written(tmp_path)
    for row, column, value in changes:
        rows[row][column] = value
    file = tmp_path / "filled.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return file


def after(tmp_path, *changes, **more):
    return apply(QUESTIONS, read_review(filled(tmp_path, *changes, **more), QUESTIONS, DOCUMENTS))


def test_the_table_shows_each_question_with_its_passage(tmp_path):
    rows = written(tmp_path)
    assert [row["id"] for row in rows] == ["q1", "q2", "q3", "q4"]
    assert rows[0] | {"passage": ""} == {
        "id": "q1", "keep": "", "question": "Which one is q1?", "answer": "1934", "kind": "number", "document": "d1",
        "passage": "", "maker": "template", "note": "",
    }  # fmt: skip
    assert rows[0]["passage"] == TEXT
    assert rows[2]["maker"] == "person"
    assert (rows[3]["answer"], rows[3]["passage"]) == ("", "Ropes are red.")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_untouched_table_changes_nothing(tmp_path, delimiter):
    applied = after(tmp_path, delimiter=delimiter)
    assert (applied.questions, applied.removed, applied.accepted, applied.changed) == (QUESTIONS, (), 0, 0)


def test_accepted_questions_are_marked_and_rejected_ones_go(tmp_path):
    applied = after(tmp_path, (0, "keep", "Yes"), (1, "keep", "no"), (2, "keep", "y"))
    assert [one.id for one in applied.questions] == ["q1", "q3", "q4"]
    assert [one.synthetic for one in applied.questions] == ["template" + REVIEWED, None, "cloze"]
    assert [one.id for one in applied.removed] == ["q2"]
    assert (applied.accepted, applied.changed) == (2, 0)


def test_a_mark_is_given_once(tmp_path):
    applied = after(tmp_path, (0, "keep", "yes"))
    write_review(tmp_path, applied.questions, DOCUMENTS)
    again = apply(applied.questions, read_review(filled(tmp_path, (0, "keep", "yes")), QUESTIONS, DOCUMENTS))
    assert again.questions[0].synthetic == "template, reviewed"


def test_a_corrected_question_counts_as_looked_at(tmp_path):
    applied = after(tmp_path, (1, "question", "Who rebuilt the brake?"))
    assert applied.questions[1].text == "Who rebuilt the brake?"
    assert applied.questions[1].synthetic == "smollm2-135m, reviewed"
    assert applied.questions[1].evidence == QUESTIONS[1].evidence
    assert (applied.accepted, applied.changed) == (1, 1)


def test_a_corrected_answer_moves_its_evidence(tmp_path):
    applied = after(tmp_path, (2, "answer", "55 kg | 55 kilograms"), (0, "answer", "in the thirties"))
    moved, lost = applied.questions[2], applied.questions[0]
    assert moved.answers == ("55 kg", "55 kilograms")
    assert [TEXT[piece.start : piece.end] for piece in moved.evidence] == ["55 kg"]
    assert moved.synthetic is None
    assert lost.evidence == (Evidence("d1"),)


def test_a_shorter_answer_keeps_its_evidence(tmp_path):
    applied = after(tmp_path, (1, "answer", "Norwell"))
    assert applied.questions[1].evidence == QUESTIONS[1].evidence


def test_questions_become_unanswerable_and_answerable(tmp_path):
    applied = after(tmp_path, (0, "kind", "unanswerable"), (0, "answer", ""), (3, "answer", "red"))
    without, found = applied.questions[0], applied.questions[3]
    assert (without.answers, without.evidence, without.document_id) == ((), (), "d1")
    assert (found.answers, found.kind, found.evidence) == (("red",), "span", (Evidence("d2", 10, 13),))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ((1, "id", "q9"), "names no question"),
        ((1, "id", "q1"), "stands twice, first on line 2"),
        ((1, "keep", "maybe"), "keep: expected yes, no"),
        ((1, "question", " "), "question: expected text"),
        ((1, "kind", "colour"), "kind: expected one of"),
        ((1, "answer", ""), "answer: expected one"),
        ((1, "kind", "unanswerable"), "answer: expected none"),
    ],
)
def test_faults_name_file_and_line(tmp_path, change, fault):
    file = filled(tmp_path, change)
    with pytest.raises(DataError) as caught:
        read_review(file, QUESTIONS, DOCUMENTS)
    assert f"{file}:3: " in str(caught.value) and fault in str(caught.value)


def test_lines_count_line_breaks_within_cells(tmp_path):
    file = filled(tmp_path, (0, "note", "one\ntwo\nthree"), (1, "keep", "?"))
    with pytest.raises(DataError, match=r"filled\.csv:5: keep"):
        read_review(file, QUESTIONS, DOCUMENTS)


def test_a_rejected_row_needs_nothing_else(tmp_path):
    applied = after(tmp_path, (1, "keep", "no"), (1, "question", ""), (1, "answer", ""))
    assert [one.id for one in applied.removed] == ["q2"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "missing: id, keep"),
        (b"id,keep\nq1,yes\n", "missing: question, answer, kind"),
        ("id,keep,question,answer,kind\nq1,yes,\u00e9,a,span".encode("latin-1"), "CSV UTF-8"),
        (b'id,keep,question,answer,kind\nq1,yes,"never closed', "not CSV that can be read"),
    ],
)
def test_files_that_are_no_review(tmp_path, content, fault):
    file = tmp_path / "review.csv"
    file.write_bytes(content)
    with pytest.raises(DataError, match=fault):
        read_review(file, QUESTIONS, DOCUMENTS)
    with pytest.raises(DataError, match="found nothing"):
        read_review(tmp_path / "none.csv", QUESTIONS, DOCUMENTS)


def test_no_cell_is_a_formula():
    hostile = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\uff1dx", "'=x", "''=x", "'x", "x"]
    rows = [{"id": text} for text in hostile]
    read = list(csv.DictReader(io.StringIO(table_text(rows).removeprefix("\ufeff"), newline="")))
    assert not any(row["id"].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d")) for row in read)
    assert [plain(row["id"]) for row in read] == hostile


@settings(max_examples=200)
@given(st.text(max_size=30))
def test_safe_is_undone_by_plain(text):
    assert plain(safe(text)) == text


@settings(max_examples=200)
@given(st.lists(st.text("ab| \\c", min_size=1, max_size=8), max_size=4))
def test_answers_of_a_cell_come_back(answers):
    wanted = tuple(dict.fromkeys(one.strip() for one in answers if one.strip()))
    if not any(one.endswith("\\") or "\\|" in one for one in wanted):
        assert split_answers(join_answers(wanted)) == wanted


def test_hostile_text_stays_text(tmp_path):
    evil = '</script><script>alert(1)</script><img src=x onerror=alert(2)> & "\u2028\x1b[31m'
    documents = (Document("d1", evil, f"{evil} 40 kg {evil}"),)
    questions = (Question("q1", evil, (evil,), "span", (Evidence("d1"),)),)
    passage = Passage("d1#0", "d1", "", evil, 0, len(evil))
    rejected = [Rejection(Proposal(evil, None, passage, "cloze", "g"), "asked already")]
    _, page = write_review(tmp_path, questions, documents, rejected=rejected)
    text = page.read_text("utf-8")
    assert text.count("<script") == 2 and "<img" not in text
    assert "\x1b" not in text and "\\x1b" in text
    assert "&lt;/script&gt;" in text  # the rejected one
