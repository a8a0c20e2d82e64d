"""Every bad input ends in one DataError that names its place: file:line for JSONL, the JSON path for SQuAD."""

import json
from pathlib import Path

import pytest
from small_world import read_at

from lab.errors import DataError

DOCUMENT = {"id": "d1", "title": "Brakes", "text": "Pads last 400 hours. Oil lasts longer."}
QUESTION = {
    "id": "q1",
    "question": "How long do pads last?",
    "answers": ["400 hours"],
    "kind": "number",
    "evidence": [{"document": "d1", "start": 10, "end": 19}],
}
PARAGRAPH = "data[0].paragraphs[0]"


def changed(record: dict, **changes: object) -> str:
    """`record` as a JSON line, with some values replaced, or removed where the new value is `...`."""
    merged = {**record, **changes}
    return json.dumps({key: value for key, value in merged.items() if value is not ...})


def write_jsonl(folder: Path, documents: str, questions: str) -> Path:
    (folder / "documents.jsonl").write_text(documents, encoding="utf-8")
    (folder / "questions.jsonl").write_text(questions, encoding="utf-8")
    return folder


def evidence(**span: object) -> str:
    return changed(QUESTION, evidence=[{"document": "d1", **span}])


BAD_QUESTIONS = {
    "broken JSON": ('{"id": "q1",', "not JSON at character 13"),
    "not an object": ("[1, 2]", "expected a JSON object, got [1, 2]"),
    "missing key": (changed(QUESTION, answers=...), "answers: missing key"),
    "missing evidence": (changed(QUESTION, evidence=...), "evidence: missing key"),
    "unknown key": (changed(QUESTION, anwsers=["x"]), "anwsers: unknown key; known keys: id, question"),
    "wrong type": (changed(QUESTION, answers="400 hours"), "answers: expected a list of texts, got '400 hours'"),
    "wrong type inside": (changed(QUESTION, answers=["400 hours", 7]), "answers[1]: expected text, got 7"),
    "true is no id": (changed(QUESTION, id=True), "id: expected text or an integer, got True"),
    "empty question": (changed(QUESTION, question=" "), "question: expected text, got an empty one"),
    "empty answer": (changed(QUESTION, answers=["400 hours", ""]), "answers[1]: expected text, got an empty one"),
    "half a character": (changed(QUESTION, question="\ud800?"), "question: holds half of a surrogate pair"),
    "unknown kind": (changed(QUESTION, kind="numeric"), "kind: expected one of span, number"),
    "unknown split": (changed(QUESTION, split="valid"), "split: expected one of train, dev, test, got 'valid'"),
    "no answers": (changed(QUESTION, answers=[], evidence=[]), "answers: expected at least one answer for kind number"),
    "answered unanswerable": (changed(QUESTION, kind="unanswerable"), "answers: expected no answers for kind"),
    "unanswerable with evidence": (
        changed(QUESTION, answers=[], kind=...),
        "evidence: expected [] for an unanswerable question",
    ),
    "document unknown": (changed(QUESTION, document="d9"), "document: names no document of documents.jsonl: 'd9'"),
    "evidence unknown": (changed(QUESTION, evidence=[{"document": "d9"}]), "evidence[0].document: names no document"),
    "evidence no object": (changed(QUESTION, evidence=["d1"]), "evidence[0]: expected an object, got 'd1'"),
    "evidence unknown key": (evidence(begin=1), "evidence[0].begin: unknown key"),
    "start below 0": (evidence(start=-1, end=5), "evidence[0]: expected 0 <= start < end <= 38"),
    "end behind text": (evidence(start=10, end=39), "evidence[0]: expected 0 <= start < end <= 38"),
    "start at end": (evidence(start=10, end=10), "evidence[0]: expected 0 <= start < end <= 38"),
    "start alone": (evidence(start=10), "evidence[0]: expected both start and end"),
    "offset as text": (evidence(start="10", end=19), "evidence[0].start: expected an integer, got '10'"),
    "blank span": (changed(QUESTION, kind="yes-no", evidence=[{"document": "d1", "start": 4, "end": 5}]), "whitespace"),
    "span without answer": (evidence(start=0, end=9), "evidence[0]: holds none of the answers; it reads 'Pads last'"),
}


@pytest.mark.parametrize(("line", "message"), BAD_QUESTIONS.values(), ids=BAD_QUESTIONS.keys())
def test_bad_question_names_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    folder = write_jsonl(tmp_path, json.dumps(DOCUMENT), "\n" + line)
    with pytest.raises(DataError) as caught:
        read_at(folder, "jsonl", "x")
    faults = str(caught.value).splitlines()[1:]
    assert len(faults) == 1, "one cause, one fault"
    assert f"{folder / 'questions.jsonl'}:2: " in faults[0]
    assert message in faults[0]


BAD_DOCUMENTS = {
    "empty text": (changed(DOCUMENT, text="\n"), "text: expected text, got an empty one"),
    "missing text": (changed(DOCUMENT, text=...), "text: missing key"),
    "title no text": (changed(DOCUMENT, title=["x"]), "title: expected text, got ['x']"),
    "metadata nested": (changed(DOCUMENT, metadata={"a": {}}), "metadata.a: expected text or an integer, got {}"),
    "digits without end": (changed(DOCUMENT, id=...)[:-1] + ', "id": ' + "1" * 5000 + "}", "not JSON that can be read"),
}


@pytest.mark.parametrize(("line", "message"), BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS.keys())
def test_bad_document_names_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    other = changed(DOCUMENT, id="d2")
    asked = changed(QUESTION, evidence=[{"document": "d2", "start": 10, "end": 19}])
    folder = write_jsonl(tmp_path, f"{other}\n{line}", asked)
    with pytest.raises(DataError) as caught:
        read_at(folder, "jsonl", "x")
    faults = str(caught.value).splitlines()[1:]
    assert len(faults) == 1
    assert f"{folder / 'documents.jsonl'}:2: " in faults[0]
    assert message in faults[0]


def test_repeated_ids_name_the_first_line_and_both_files_are_checked_at_once(tmp_path: Path) -> None:
    folder = write_jsonl(tmp_path, f"{json.dumps(DOCUMENT)}\n" * 2, f"{json.dumps(QUESTION)}\n\n" * 2)
    with pytest.raises(DataError) as caught:
        read_at(folder, "jsonl", "x")
    assert "documents.jsonl:2: id: 'd1' is used twice, first on line 1" in str(caught.value)
    assert "questions.jsonl:3: id: 'q1' is used twice, first on line 1" in str(caught.value)


def test_a_faulty_document_does_not_make_its_questions_look_faulty(tmp_path: Path) -> None:
    folder = write_jsonl(tmp_path, changed(DOCUMENT, text=...), json.dumps(QUESTION))
    with pytest.raises(DataError) as caught:
        read_at(folder, "jsonl", "x")
    assert "questions.jsonl" not in str(caught.value)


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    folder = write_jsonl(tmp_path, json.dumps(DOCUMENT), json.dumps(QUESTION))
    with (folder / "documents.jsonl").open("ab") as file:
        file.write(b'\n{"id": "caf\xe9"}')
    with pytest.raises(DataError, match=r"documents\.jsonl:2: not UTF-8 at byte 12"):
        read_at(folder, "jsonl", "x")


def squad(**changes: object) -> dict:
    question = {"id": "a", "question": "How long?", "answers": [{"text": "400 hours", "answer_start": 10}], **changes}
    kept = {key: value for key, value in question.items() if value is not ...}
    return {"data": [{"title": "T", "paragraphs": [{"context": "Pads last 400 hours.", "qas": [kept]}]}]}


def twice(tree: dict) -> dict:
    return {"data": tree["data"] * 2}


BAD_SQUAD = {
    "no data": ({"version": "2.0"}, "data: missing key"),
    "article no object": ({"data": ["x"]}, "data[0]: expected an object, got 'x'"),
    "no paragraphs": ({"data": [{"title": "T"}]}, "data[0].paragraphs: missing key"),
    "no context": ({"data": [{"paragraphs": [{"qas": []}]}]}, f"{PARAGRAPH}.context: missing key"),
    "no qas": ({"data": [{"paragraphs": [{"context": "c"}]}]}, f"{PARAGRAPH}.qas: missing key"),
    "empty context": ({"data": [{"paragraphs": [{"context": " ", "qas": []}]}]}, f"{PARAGRAPH}.context: expected text"),
    "title no text": ({"data": [{"title": 3, "paragraphs": []}]}, "data[0].title: expected text, got 3"),
    "no id": (squad(id=...), f"{PARAGRAPH}.qas[0].id: missing key"),
    "empty question": (squad(question=""), f"{PARAGRAPH}.qas[0].question: expected text"),
    "no answers": (squad(answers=[]), f"{PARAGRAPH}.qas[0].answers: expected at least one answer"),
    "answered impossible": (squad(is_impossible=True), f"{PARAGRAPH}.qas[0].answers: expected no answers where"),
    "impossible as text": (squad(is_impossible="no"), f"{PARAGRAPH}.qas[0].is_impossible: expected true or false"),
    "no answer_start": (squad(answers=[{"text": "400"}]), f"{PARAGRAPH}.qas[0].answers[0].answer_start: missing key"),
    "far away": (
        squad(answers=[{"text": "400", "answer_start": 40}]),
        f"{PARAGRAPH}.qas[0].answers[0]: expected '400'",
    ),
    "not there": (
        squad(answers=[{"text": "500", "answer_start": 10}]),
        f"{PARAGRAPH}.qas[0].answers[0]: expected '500'",
    ),
    "id twice": (twice(squad()), f"data[1].paragraphs[0].qas[0].id: 'a' is used twice, first at {PARAGRAPH}.qas[0]"),
}


@pytest.mark.parametrize(("tree", "message"), BAD_SQUAD.values(), ids=BAD_SQUAD.keys())
def test_bad_squad_names_the_json_path(tmp_path: Path, tree: dict, message: str) -> None:
    file = tmp_path / "train.json"
    file.write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_at(file, "squad", "x")
    faults = str(caught.value).splitlines()[1:]
    assert len(faults) == 1
    assert f"{file}: {message}" in faults[0]


def test_broken_squad_names_file_and_character(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text('{"data": [}', encoding="utf-8")
    with pytest.raises(DataError, match=r"train\.json: not JSON at character 11"):
        read_at(tmp_path, "squad", "x")


@pytest.mark.parametrize(
    ("files", "format", "message"),
    [
        ({}, "jsonl", "no documents.jsonl and no questions.jsonl"),
        ({"documents.jsonl": ""}, "jsonl", "no questions.jsonl"),
        ({"documents.jsonl": "", "questions.jsonl": ""}, "jsonl", "expected at least one document, found none"),
        (
            {"documents.jsonl": json.dumps(DOCUMENT), "questions.jsonl": "\n"},
            "jsonl",
            "expected at least one question, found none",
        ),
        ({}, "squad", "expected exactly one file *.json, found none"),
        ({"a.json": "{}", "b.json": "{}"}, "squad", "found a.json, b.json"),
        ({"a.json": "[]"}, "squad", "expected an object with the key data"),
        ({"a.json": '{"data": []}'}, "squad", "expected at least one document"),
    ],
)
def test_nothing_to_read(tmp_path: Path, files: dict[str, str], format: str, message: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_at(tmp_path, format, "x")
    assert message in str(caught.value)


def test_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: expected data in the format jsonl, found nothing"):
        read_at(tmp_path / "nowhere", "jsonl", "x")
