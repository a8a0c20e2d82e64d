"""Rows of the RAFT script: distinct passages, the golden one as evidence, and the answer behind the last tag."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from small_world import read_at

from lab.corpus.raft_rows import final_answer
from lab.errors import DataError
from lab.types import Corpus, Document, Evidence

PADS, OIL, SALT = "Pads last 400 hours.\nPads wear.", "Oil lasts longer.", "Salt is white \u00ad and dry."
REASONING = "Read: ##begin_quote## Pads last 400 hours. ##end_quote## So it is long.\n\n<ANSWER>: 400 hours."


def row(**changes: object) -> dict[str, Any]:
    """A row as the script writes it, with some values replaced, or removed where the new value is `...`."""
    values = {
        "id": "seed_task_0",
        "type": "general",
        "question": "1. How long do pads last?  ",
        "context": {"title": [["placeholder_title"] * 3], "sentences": [[OIL, PADS, SALT]]},
        "oracle_context": PADS,
        "cot_answer": REASONING,
        "instruction": f"<DOCUMENT>{OIL}</DOCUMENT>\n<DOCUMENT>{PADS}</DOCUMENT>\nHow long do pads last?",
    }
    return {key: value for key, value in {**values, **changes}.items() if value is not ...}


def read(folder: Path, *rows: dict[str, Any], **options: object) -> Corpus:
    (folder / "raft.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return read_at(folder, "raft", **options)


def faults(folder: Path, *rows: dict[str, Any]) -> list[str]:
    with pytest.raises(DataError) as caught:
        read(folder, *rows)
    return [line.strip().replace(f"{folder}/", "") for line in str(caught.value).splitlines()[1:]]


def test_a_row_becomes_a_question_and_its_passages_documents(tmp_path: Path) -> None:
    corpus = read(tmp_path, row())
    assert corpus.documents == (
        Document("document-1", "", OIL),
        Document("document-2", "", PADS),
        Document("document-3", "", SALT),
    )
    (question,) = corpus.questions
    assert (question.id, question.text, question.answers) == (
        "seed_task_0",
        "1. How long do pads last?",
        ("400 hours.",),
    )
    assert (question.kind, question.evidence) == ("number", (Evidence("document-2", 10, 19),))
    assert question.split is None
    assert corpus.notes[0].startswith("The documents are the 3 distinct passages of 1 rows. The distractors")
    assert corpus.notes[1] == "The data name no splits; the lab divides the questions."
    assert "1 stand there exactly once" in corpus.notes[2]
    assert len(corpus.notes) == 3


@pytest.mark.parametrize(
    ("reasoning", "answer", "tagged"),
    [
        ("So.\n<ANSWER>: four", "four", True),
        ("<ANSWER>: no\nBut then <ANSWER>: four <STOP>", "four", True),
        ("So. ##Answer: four", "four", True),
        ("So. ## answer four\nhours", "four\nhours", True),
        ("<answer>four</answer>", "four", True),
        ("< Answer > :four<stop>", "four", True),
        ("The answer: four", "The answer: four", False),
        ("##answering is hard <STOP>", "##answering is hard", False),
        ("<ANSWER>:  <STOP>", "", True),
    ],
)
def test_the_answer_stands_behind_the_last_tag(reasoning: str, answer: str, tagged: bool) -> None:
    assert final_answer(reasoning) == (answer, tagged)


def test_kinds_are_read_off_the_answers_unless_the_config_says_one(tmp_path: Path) -> None:
    rows = [
        row(id=n, cot_answer=text)
        for n, text in enumerate(("<ANSWER>: pads", "<ANSWER>: Yes.", "<ANSWER>: They wear slowly.", "400 hours"))
    ]
    corpus = read(tmp_path, *rows)
    assert [question.kind for question in corpus.questions] == ["span", "yes-no", "free", "free"]
    assert corpus.questions[1].answers == ("yes",)
    assert [question.evidence[0].start for question in corpus.questions] == [None, None, None, 10]
    assert any(note.startswith("1 of 4 rows have no tag such as <ANSWER>:") for note in corpus.notes)
    assert {question.kind for question in read(tmp_path, *rows, kind="free").questions} == {"free"}


def test_repeated_and_missing_ids_are_numbered(tmp_path: Path) -> None:
    for second in ("seed_task_0", None, ...):
        corpus = read(tmp_path, row(), row(id=second))
        assert [question.id for question in corpus.questions] == ["row-1", "row-2"]
        assert "Ids are missing or used twice; the questions are called row-<n>, n from 1." in corpus.notes
    assert [question.id for question in read(tmp_path, row(), row(id=7)).questions] == ["seed_task_0", "7"]


def test_golden_passages_may_be_missing_several_or_outside_the_context(tmp_path: Path) -> None:
    rows = [
        row(id=1, oracle_context=[PADS, OIL]),
        row(id=2, oracle_context=None),
        row(id=3, oracle_context=""),
        row(id=4, oracle_context=...),
        row(id=5, oracle_context="Pads of felt last 400 hours."),
        row(id=6, context=None, oracle_context=SALT),
    ]
    corpus = read(tmp_path, *rows)
    assert corpus.questions[0].evidence == (Evidence("document-2", 10, 19),)
    assert [question.evidence for question in corpus.questions[1:4]] == [(), (), ()]
    assert corpus.questions[4].evidence == (Evidence("document-4", 18, 27),)
    assert corpus.questions[5].evidence == (Evidence("document-3"),)
    assert len(corpus.documents) == 4
    for start in (
        "2 of 6 rows have a golden passage that stands in oracle_context alone",
        "3 of 6 rows have no oracle_context",
        "1 of 6 rows have several golden passages",
    ):
        assert any(note.startswith(start) for note in corpus.notes), start


def test_titles_other_than_the_placeholder_are_kept(tmp_path: Path) -> None:
    context = {"title": [["Oil", "placeholder_title", "Salt"]], "sentences": [[OIL, PADS, SALT]]}
    corpus = read(tmp_path, row(context=context, oracle_context=SALT, cot_answer="<ANSWER>: white"))
    assert [(document.id, document.title) for document in corpus.documents] == [
        ("oil-1", "Oil"),
        ("document-1", ""),
        ("salt-1", "Salt"),
    ]
    assert corpus.questions[0].evidence == (Evidence("salt-1", 8, 13),)


def test_flat_lists_json_arrays_and_parquet_read_alike(tmp_path: Path) -> None:
    expected = read(tmp_path, row(), row(id="b", context={"title": [["a"] * 2], "sentences": [[PADS, OIL]]}))
    rows = [row(context={"sentences": [OIL, PADS, SALT]}), row(id="b", context={"sentences": [PADS, OIL]})]
    (tmp_path / "raft.jsonl").unlink()
    (tmp_path / "raft.json").write_text(json.dumps(rows), encoding="utf-8")
    array = read_at(tmp_path, "raft")
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "raft.parquet")
    table = read_at(tmp_path / "raft.parquet", "raft")
    assert array == table
    assert array.questions == read_at(tmp_path / "raft.json", "raft").questions
    assert {document.text for document in array.documents} == {document.text for document in expected.documents}


def test_a_limit_stops_reading_and_says_so(tmp_path: Path) -> None:
    other = row(id=2, context={"title": [], "sentences": [["Felt."]]}, oracle_context="Felt.")
    corpus = read(tmp_path, row(), other, limit=1)
    assert (len(corpus.questions), len(corpus.documents)) == (1, 3)
    assert corpus.notes[0].startswith("Only 1 rows were read (corpus.limit)")
    assert not any("Only" in note for note in read(tmp_path, row(), other, limit=2).notes)


FAULTS = {
    "no question": (row(question=...), "question: missing key; expected text"),
    "no answer": (row(cot_answer=None), "cot_answer: expected text, got None"),
    "empty answer": (row(cot_answer="So: <ANSWER>: "), "cot_answer: expected an answer behind the last tag, got 'So"),
    "context no object": (row(context=[PADS]), "context: expected an object with title and sentences, got ['Pads"),
    "sentence no text": (row(context={"sentences": [[3]]}), "context.sentences: expected texts, got [[3]]"),
    "golden no text": (row(oracle_context={"a": 1}), "oracle_context: expected texts, got {'a': 1}"),
    "half a character": (row(oracle_context="\ud800"), "oracle_context: holds half of a surrogate pair"),
    "id no text": (row(id=[1]), "id: expected text or an integer, got [1]"),
}


@pytest.mark.parametrize(("bad", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_its_line(tmp_path: Path, bad: dict[str, Any], message: str) -> None:
    found = faults(tmp_path, row(id="good"), bad)
    assert len(found) == 1
    assert found[0].startswith(f"raft.jsonl:2: {message}")
