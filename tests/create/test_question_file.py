"""Files of questions as people have them: headers by any name, faults with their lines, ids that stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.corpus.registry import read_corpus
from lab.corpus.source import Source
from lab.corpus_config import CorpusConfig
from lab.create.columns import roles_of
from lab.create.importing import as_row, import_questions
from lab.create.question_file import question_id, read_question_file
from lab.create.question_lines import as_lines
from lab.errors import DataError
from lab.types import Document

TEXT = "Pads are changed after 400 hours. The drum is oiled weekly by the night crew."
DOCUMENTS = (
    Document("manual-brakes", "Brakes", TEXT, {"source": "manual/brakes.pdf"}),
    Document("doors", "Doors", "Doors close in 4 seconds.", {"source": "doors.md"}),
)


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(content), path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


ROW = {"Query": "When are pads changed?", "Ground_Truth": "400 hours", "File": "brakes.pdf"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "Query,Ground_Truth,File\nWhen are pads changed?,400 hours,brakes.pdf\n"),
        ("b.csv", "\ufeffQuery;Ground_Truth;File\r\nWhen are pads changed?;400 hours;brakes.pdf\r\n"),
        ("c.tsv", "Query\tGround_Truth\tFile\nWhen are pads changed?\t400 hours\tbrakes.pdf\n"),
        ("d.jsonl", json.dumps(ROW) + "\n"),
        ("e.json", [ROW]),
        ("f.json", {"questions": [ROW], "version": 1}),
        ("g.parquet", [ROW]),
    ],
)
def test_every_format_gives_the_same_question(name: str, content: Any, tmp_path: Path) -> None:
    found = import_questions(write(tmp_path, name, content), DOCUMENTS, ())
    assert found.columns == {"question": "Query", "answers": "Ground_Truth", "document": "File"}
    assert [as_row(question) for question in found.questions] == [
        {
            "id": question_id("When are pads changed?"),
            "question": "When are pads changed?",
            "answers": ["400 hours"],
            "kind": "number",
            "evidence": [{"document": "manual-brakes", "start": 23, "end": 32}],
        }
    ]
    assert dict(found.ways) == {"named": 1}


@pytest.mark.parametrize(
    "columns",
    [("question", "answers"), ("Q", "A"), ("query", "response"), ("prompt", "label"), ("Prompt", "expectedAnswer"),
     ("user_input", "reference"), ("question", "ground-truth")],
)  # fmt: skip
def test_headers_by_any_name(columns: tuple[str, str]) -> None:
    assert {"question": columns[0], "answers": columns[1]}.items() <= roles_of(columns).items()


def test_the_likelier_name_wins() -> None:
    found = roles_of(["label", "answer", "prompt", "question", "remark"])
    assert found == {"question": "question", "answers": "answer"}


def test_lists_of_answers_and_rows_without_any(tmp_path: Path) -> None:
    text = 'question,answer,source\nWhen?,"[""400 hours"", ""four hundred hours""]",\nWho?,,manual/brakes.pdf\n'
    first, second = import_questions(write(tmp_path, "a.csv", text), DOCUMENTS, ()).questions
    assert first.answers == ("400 hours", "four hundred hours")
    assert (second.kind, second.answers, second.evidence, second.document_id) == (
        "unanswerable", (), (), "manual-brakes",
    )  # fmt: skip


def test_answers_as_squad_rows_have_them(tmp_path: Path) -> None:
    rows = [{"question": "When?", "answers": {"text": ["400 hours"], "answer_start": [23]}, "context": TEXT}]
    found = import_questions(write(tmp_path, "a.parquet", rows), DOCUMENTS, ())
    (question,) = found.questions
    assert question.answers == ("400 hours",)
    assert (question.evidence[0].start, dict(found.ways)) == (23, {"quoted": 1})


def test_our_own_questions_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "question": "When?", "answers": ["400 hours"], "kind": "number",
         "evidence": [{"document": "manual-brakes", "start": 23, "end": 32}], "group": "g", "synthetic": "template"},
        {"id": "b", "question": "Is it oiled?", "answers": ["yes"], "kind": "yes-no",
         "evidence": [{"document": "manual-brakes", "start": 34, "end": 60}]},
        {"id": "c", "question": "Why?", "answers": [], "kind": "unanswerable", "evidence": [], "document": "doors"},
    ]  # fmt: skip
    path = write(tmp_path, "questions.jsonl", as_lines(rows))
    found = import_questions(path, DOCUMENTS, ())
    assert [as_row(question) for question in found.questions] == rows
    again = import_questions(path, DOCUMENTS, rows)
    assert (again.questions, again.present, again.differing) == ((), 3, ())


def test_offsets_of_another_text_are_looked_up_anew(tmp_path: Path) -> None:
    row = {"question": "When are pads changed?", "answers": ["400 hours"], "kind": "number",
           "evidence": [{"document": "manual-brakes", "start": 0, "end": 9}]}  # fmt: skip
    found = import_questions(write(tmp_path, "q.jsonl", as_lines([row])), DOCUMENTS, ())
    assert (found.questions[0].evidence[0].start, dict(found.ways)) == (23, {"only": 1})


def test_what_stands_there_stays(tmp_path: Path) -> None:
    existing = [{"id": "x", "question": "When  are pads changed?", "answers": ["300 hours"]}]
    text = "question,answer\nwhen are pads changed?,400 hours\nWho oils the drum?,the night crew\n"
    found = import_questions(write(tmp_path, "a.csv", text), DOCUMENTS, existing)
    assert [question.text for question in found.questions] == ["Who oils the drum?"]
    assert (found.present, found.differing) == (0, ("x",))


def test_one_wording_may_ask_different_things(tmp_path: Path) -> None:
    text = "question,answer,file\nHow long?,400 hours,brakes\nHow long?,4 seconds,doors\nHow long?,4 seconds,doors\n"
    path = write(tmp_path, "a.csv", text)
    found = import_questions(path, DOCUMENTS, ())
    assert [question.answers for question in found.questions] == [("400 hours",), ("4 seconds",)]
    assert len({question.id for question in found.questions}) == 2 and found.present == 1
    again = import_questions(path, DOCUMENTS, [as_row(question) for question in found.questions])
    assert (again.questions, again.present, again.differing) == ((), 3, ())


def test_ids_do_not_depend_on_the_row(tmp_path: Path) -> None:
    head, one, other = "question,answer\n", "When?,400 hours\n", "Who?,the night crew\n"
    before = import_questions(write(tmp_path, "a.csv", head + one), DOCUMENTS, ()).questions
    after = import_questions(write(tmp_path, "b.csv", head + other + one), DOCUMENTS, ()).questions
    assert before[0].id == after[1].id != after[0].id


def test_a_column_of_labels(tmp_path: Path) -> None:
    rows = [{"text": "x", "prompt": f"Is {n} safe?", "label": ("safe", "unsafe")[n % 2]} for n in range(8)]
    found = import_questions(write(tmp_path, "a.json", rows), DOCUMENTS, ())
    assert {question.kind for question in found.questions} == {"label"}
    assert found.unused == ("text",)


def test_splits_count_where_they_are_a_division(tmp_path: Path) -> None:
    rows = [{"question": f"Q{n}?", "answer": "400 hours", "split": split} for n, split in enumerate(("train", "test"))]
    path = write(tmp_path, "a.json", rows)
    assert [question.split for question in import_questions(path, DOCUMENTS, ()).questions] == ["train", "test"]
    undivided = [{"id": "o", "question": "Old?", "answers": ["400 hours"]}]
    mixed = import_questions(path, DOCUMENTS, undivided)
    assert [question.split for question in mixed.questions] == [None, None] and mixed.notes
    with pytest.raises(DataError, match="column split"):
        import_questions(
            write(tmp_path, "b.json", [{"question": "New?", "answer": "400 hours"}]),
            DOCUMENTS,
            [{"id": "o", "question": "Old?", "answers": ["x"], "split": "train"}],
        )


def test_documents_that_are_not_there_are_named(tmp_path: Path) -> None:
    text = "question,answer,file\nWhen are pads changed?,400 hours,gone.pdf\n"
    found = import_questions(write(tmp_path, "a.csv", text), DOCUMENTS, ())
    assert found.questions[0].evidence[0].document_id == "manual-brakes"
    assert "gone.pdf" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "question,answer\nWhen?,400 hours\n,4 seconds\n", r"a\.csv:3: question: expected text"),
        ("b.csv", "question,answer\nWhen?\n", r"b\.csv:2: expected 2 cells"),
        ("c.csv", "query,remark\nWhen?,x\n", "no column holds the answers; the columns are 'query', 'remark'"),
        ("d.csv", "answer,remark\nx,y\n", "no column holds the question"),
        ("e.csv", "question,answer\n", "found no row"),
        ("f.csv", "question,answer\nWhen?,\n", "no row has an answer"),
        ("g.jsonl", '{"question": "a", "answer": "b"}\nnot json\n', r"g\.jsonl:2: not JSON"),
        ("h.json", '[{"question": "a", "answer": {"x": 1}}]', r"\[0\]\.answer: expected text, a number"),
        ("i.xlsx", b"PK", "save a spreadsheet as CSV"),
        ("j.parquet", b"PAR1 not really", "not Parquet that can be read"),
        ("k.csv", "id,question,answer\n1,When?,a\n1,Who?,b\n", r"k\.csv:3: id: '1' is used twice"),
        ("l.json", '{"data": [{"title": "x", "paragraphs": []}]}', "this is SQuAD"),
        ("m.jsonl", '{"question": "a", "answer": "b", "kind": "essay"}\n', "expected one of span"),
        ("n.csv", b"", "found no row"),
        ("o.json", '{"question": "a", "answer": "\\ud800"}', "surrogate"),
    ],
)
def test_faults_name_their_place(name: str, content: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        import_questions(write_raw(tmp_path, name, content), DOCUMENTS, ())


def write_raw(folder: Path, name: str, content: str | bytes) -> Path:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


@settings(max_examples=150)
@given(
    suffix=st.sampled_from([".csv", ".tsv", ".jsonl", ".json", ".parquet"]),
    content=st.one_of(
        st.binary(max_size=60),
        st.text(st.sampled_from('question,answer"[]{}:\\\n\t;1é'), max_size=60).map(str.encode),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=4),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["question", "answer", "id", "evidence", "kind", "split"]), inner)
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_no_bytes_are_a_traceback(suffix: str, content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("bytes") / f"q{suffix}"
    path.write_bytes(content)
    try:
        found = import_questions(path, DOCUMENTS, ())
    except DataError as error:
        assert str(path) in str(error)
    else:
        as_lines([as_row(question) for question in found.questions]).encode()


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected a file of questions, found nothing"):
        read_question_file(tmp_path / "none.csv", DOCUMENTS)
    with pytest.raises(DataError, match="found a folder"):
        read_question_file(tmp_path, DOCUMENTS)


MARKS = st.text(st.sampled_from("\"'()[]{}.,;:!?-$%&*"), max_size=4)
WORDS = st.lists(st.text(st.sampled_from("abcß1é"), min_size=1, max_size=5), min_size=1, max_size=4)


@settings(max_examples=200)
@given(words=WORDS, marks=st.tuples(MARKS, MARKS, MARKS, MARKS), joint=st.sampled_from([" ", "  ", "\n"]))
def test_whatever_marks_an_answer_wears_the_reader_takes_it(
    words: list[str], marks: tuple[str, str, str, str], joint: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("marks")
    text = f"It says {marks[0]}{joint.join(words).upper()}{marks[1]} here."
    rows = [{"id": "d", "title": "", "text": text}]
    asked = [{"question": "What?", "answer": f"{marks[2]}{' '.join(words)}{marks[3]}", "document": "d"}]
    found = import_questions(write(folder, "q.json", asked), [Document("d", "", text)], ())
    write(folder, "documents.jsonl", as_lines(rows))
    write(folder, "questions.jsonl", as_lines([as_row(question) for question in found.questions]))
    assert read_corpus(Source(CorpusConfig(path=str(folder)), "x")).questions == found.questions
    again = import_questions(folder / "q.json", [Document("d", "", text)], [as_row(one) for one in found.questions])
    assert (again.questions, again.differing) == ((), ())


def test_marks_belong_to_the_evidence_where_they_stand(tmp_path: Path) -> None:
    text = 'The board (A.R.T.) meets "at noon," always.'
    rows = [{"question": "Who?", "answer": "board (A.R.T.)"}, {"question": "When?", "answer": '"at noon."'}]
    found = import_questions(write(tmp_path, "a.json", rows), [Document("d", "", text)], ())
    quotes = [text[one.evidence[0].start : one.evidence[0].end] for one in found.questions]
    assert quotes == ["board (A.R.T.)", '"at noon']
    assert found.questions[1].answers == ('"at noon."', '"at noon')


def test_what_is_written_is_what_the_corpus_reader_takes(tmp_path: Path) -> None:
    text = (
        "question,answer,file\nWhen are pads changed?,400 hours,\nIs it oiled?,Yes.,brakes\nWho?,,\n"
        "What is best?,a kind word,\nHow long do doors take?,4 seconds,doors.md\n"
    )
    found = import_questions(write(tmp_path, "q.csv", text), DOCUMENTS, ())
    rows = [{"id": one.id, "title": one.title, "text": one.text, "metadata": dict(one.metadata)} for one in DOCUMENTS]
    folder = tmp_path / "corpus"
    folder.mkdir()
    write(folder, "documents.jsonl", as_lines(rows))
    write(folder, "questions.jsonl", as_lines([as_row(question) for question in found.questions]))
    corpus = read_corpus(Source(CorpusConfig(path=str(folder)), "x"))
    assert corpus.questions == found.questions
    assert [question.kind for question in corpus.questions] == ["number", "yes-no", "unanswerable", "free", "number"]
    assert found.unplaced == (corpus.questions[3].id,)
