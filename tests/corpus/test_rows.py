"""Rows to a corpus: what the columns mean, where evidence comes from, and what is said about what the rows lack."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_world import read_at

from lab.corpus.rows import given_sides
from lab.errors import DataError
from lab.types import Corpus, Document, Evidence, Question

PADS = "Pads last 400 hours. Oil lasts longer than pads."
ROW: dict[str, Any] = {"question": " How long? ", "answers": "400 hours", "context": PADS}


def row(**changes: object) -> dict[str, Any]:
    """`ROW` with some values replaced, or removed where the new value is `...`."""
    return {key: value for key, value in {**ROW, **changes}.items() if value is not ...}


def read(folder: Path, *rows: dict[str, Any], columns: dict[str, str] | None = None, **options: object) -> Corpus:
    (folder / "rows.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return read_at(folder / "rows.jsonl", "table", columns=columns or {}, **options)


def faults(folder: Path, *rows: dict[str, Any], **options: Any) -> list[str]:
    """The faults without the folder's name."""
    with pytest.raises(DataError) as caught:
        read(folder, *rows, **options)
    return [line.strip().replace(f"{folder}/", "") for line in str(caught.value).splitlines()[1:]]


def quotes(corpus: Corpus, place: int = 0) -> list[str]:
    texts = {document.id: document.text for document in corpus.documents}
    return [texts[item.document_id][item.start : item.end] for item in corpus.questions[place].evidence]


def test_three_columns_are_enough_and_every_lack_is_said(tmp_path: Path) -> None:
    corpus = read(tmp_path, ROW)
    assert corpus.documents == (Document("document-1", "", PADS),)
    assert corpus.questions == (
        Question("row-1", "How long?", ("400 hours",), "number", (Evidence("document-1", 10, 19),)),
    )
    for part in ("names no id", "names no title", "names no document: equal contexts", "looked for", "name no splits"):
        assert sum(part in note for note in corpus.notes) == 1, part
    assert len(corpus.notes) == 5


def test_all_columns_are_read_and_then_little_is_lacking(tmp_path: Path) -> None:
    rows = [
        row(nr=n, page="Pads", doc="p1", at=0, part=part, sort="list", topic=7, answers=["pads", "oil"])
        for n, part in enumerate(("train", "Validation", "test"))
    ]
    names = {"id": "nr", "title": "page", "document": "doc", "start": "at", "split": "part", "kind": "sort"}
    corpus = read(
        tmp_path, *[{**each, "answers": ["Pads", "oil"]} for each in rows], columns={**names, "group": "topic"}
    )
    assert corpus.documents == (Document("p1", "Pads", PADS),)
    assert corpus.questions[1] == Question(
        "1", "How long?", ("Pads", "oil"), "list", (Evidence("p1", 0, 4),), None, "dev", "7"
    )
    assert [question.split for question in corpus.questions] == ["train", "dev", "test"]
    assert corpus.notes == ()


@pytest.mark.parametrize(
    ("given_", "expected", "kind"),
    [
        ("pads", ("pads",), "span"),
        (400, ("400",), "number"),
        (2.5, ("2.5",), "number"),
        ([3.0, 3], ("3",), "number"),
        (True, ("yes",), "yes-no"),
        ("Yes.", ("yes",), "yes-no"),
        (["400", "400 hours", "400", "", None, " "], ("400", "400 hours"), "number"),
        ([False, "NO", "no."], ("no",), "yes-no"),
        ("they wear slowly", ("they wear slowly",), "free"),
        ("", (), "unanswerable"),
        (None, (), "unanswerable"),
        ([], (), "unanswerable"),
        ([None, ""], (), "unanswerable"),
        (float("nan"), (), "unanswerable"),
        (..., (), "unanswerable"),
    ],
)
def test_answers_of_every_form(tmp_path: Path, given_: object, expected: tuple[str, ...], kind: str) -> None:
    question = read(tmp_path, ROW, row(answers=given_)).questions[1]
    assert (question.answers, question.kind) == (expected, kind)
    assert question.document_id == (None if expected else "document-1")
    assert bool(question.evidence) == bool(expected)


def test_questions_without_answer_or_context_are_counted(tmp_path: Path) -> None:
    corpus = read(tmp_path, ROW, row(answers=[]), row(context=""), row(context=None), row(context=[" "]))
    assert [question.evidence for question in corpus.questions[2:]] == [(), (), ()]
    assert "1 of 5 questions have no answer and count as unanswerable." in corpus.notes
    assert any(note.startswith("3 of 5 questions have no context") for note in corpus.notes)


def test_a_list_of_contexts_is_a_list_of_documents(tmp_path: Path) -> None:
    corpus = read(
        tmp_path,
        row(context=["Oil.", PADS, "", "Oil."], answers="longer", page=["Oil", "Pads", "-", "Oil"]),
        row(context=["Oil.", "Salt."], answers="pepper", page="Salt"),
        columns={"title": "page"},
    )
    assert [(document.id, document.title) for document in corpus.documents] == [
        ("oil-1", "Oil"),
        ("pads-1", "Pads"),
        ("salt-1", "Salt"),
        ("salt-2", "Salt"),
    ]
    assert quotes(corpus) == ["longer"]
    assert corpus.questions[1].evidence == (Evidence("salt-1"), Evidence("salt-2"))


def test_equal_contexts_are_one_document_and_appended_rows_change_no_id(tmp_path: Path) -> None:
    rows = [row(), row(context="Oil."), row(), row(context="Oil.", page="Oils")]
    before = read(tmp_path, *rows, columns={"title": "page"})
    after = read(tmp_path, *rows, row(context="Salt.", page="Oils"), columns={"title": "page"})
    assert [document.id for document in before.documents] == ["document-1", "document-2", "oils-1"]
    assert after.documents[:3] == before.documents
    assert after.questions[:4] == before.questions
    assert after.documents[3].id == "oils-2"
    assert any("contexts of equal title and text are one document, 3 from 4" in note for note in before.notes)


def test_evidence_is_the_only_place_of_the_answer_else_the_whole_document(tmp_path: Path) -> None:
    corpus = read(
        tmp_path,
        row(answers="pads"),
        row(answers=["pads", "than pads"]),
        row(answers="brakes"),
        row(answers="OIL"),
        row(answers="yes"),
        row(answers="400", context=["Rope.", "It is 400 or 400.", "Not 1400, not 2,400, not 400.5."]),
    )
    assert corpus.questions[0].evidence == corpus.questions[2].evidence == (Evidence("document-1"),)
    assert quotes(corpus, 1) == ["than pads"]
    assert quotes(corpus, 3) == ["Oil"]
    assert corpus.questions[4].evidence == (Evidence("document-1"),)
    assert corpus.questions[5].evidence == (Evidence("document-3"),)
    assert [question.kind for question in corpus.questions] == ["span", "span", "free", "span", "yes-no", "number"]
    (note,) = (note for note in corpus.notes if "looked for" in note)
    assert "answers of 5 questions" in note
    assert "2 stand there exactly once" in note
    assert "for 2 that stand there several times and 1 that do not" in note
    assert "The evidence of 1 yes-no and label questions is the whole document." in corpus.notes


def test_the_start_column_decides_between_places_and_may_be_off_a_little(tmp_path: Path) -> None:
    nested = {"answers": "a.text", "start": "a.answer_start"}
    rows = [
        row(a={"text": ["pads"], "answer_start": [43]}),
        row(a={"text": ["pads"], "answer_start": [31]}),
        row(a=[{"text": "pads", "answer_start": 43}, {"text": "Pads", "answer_start": 0}]),
        row(a={"text": ["Oil"], "answer_start": []}),
        row(a={"text": [], "answer_start": []}),
        row(a=None),
        row(a={"text": "pads", "answer_start": "43.0"}),
        row(a={"text": ["no"], "answer_start": [0]}),
    ]
    corpus = read(tmp_path, *rows, columns=nested)
    spans = [question.evidence[0].start if question.evidence else None for question in corpus.questions]
    assert spans == [43, 43, 43, 21, None, None, 43, None]
    assert corpus.questions[2].answers == ("pads", "Pads")
    assert corpus.questions[7].evidence == (Evidence("document-1"),)
    assert any(note.startswith("1 of 8 questions had an answer that stood up to 20") for note in corpus.notes)


def test_a_start_too_far_off_is_a_fault(tmp_path: Path) -> None:
    assert faults(
        tmp_path,
        row(at=20, answers="Pads"),
        row(at=21, answers="Pads"),
        row(at="x"),
        row(at=-1),
        row(at=0, context=["Oil.", "Salt."], answers="Oil"),
        columns={"start": "at"},
    ) == [
        "rows.jsonl:2: at: expected 'Pads' within 20 characters of 21 in the context",
        "rows.jsonl:3: at: expected an offset in characters, got 'x'",
        "rows.jsonl:4: at: expected an offset in characters, got -1",
        "rows.jsonl:5: at: expected one context, in which the offset counts, got 2",
    ]


def test_kinds_come_from_the_column_then_the_option_then_the_form(tmp_path: Path) -> None:
    rows = [row(sort="free"), row(sort=""), row(sort=None), row(sort="auto"), row(sort="free", answers="")]
    corpus = read(tmp_path, *rows, columns={"kind": "sort"}, kind="span")
    assert [question.kind for question in corpus.questions] == ["free", "span", "span", "number", "unanswerable"]


def test_labels_are_kept_as_they_are_and_not_looked_for(tmp_path: Path) -> None:
    corpus = read(tmp_path, row(answers="Pads"), row(answers="1"), kind="label")
    assert [(question.answers, question.kind) for question in corpus.questions] == [
        (("Pads",), "label"),
        (("1",), "label"),
    ]
    assert {question.evidence for question in corpus.questions} == {(Evidence("document-1"),)}


FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no question": (row(question=...), {}, "question: missing key; expected text"),
    "empty question": (row(question=" "), {}, "question: expected text, got an empty one"),
    "question no text": (row(question=3), {}, "question: expected text, got 3"),
    "answer an object": (
        row(answers={"text": ["a"]}),
        {},
        "answers: expected text, a number, true or false, or a list",
    ),
    "answer in a list": (row(answers=["a", ["b"]]), {}, "answers: expected text, a number, true or false, or a list"),
    "half a character": (row(answers="\ud800"), {}, "answers: holds half of a surrogate pair"),
    "half a character in the context": (row(context="a \ud800"), {}, "context: holds half of a surrogate pair"),
    "context no text": (row(context=[["a"]]), {}, "context: expected text or a list of texts, got [['a']]"),
    "unknown kind": (row(k="numeric"), {"kind": "k"}, "k: expected one of span, number"),
    "answered unanswerable": (row(k="unanswerable"), {"kind": "k"}, "answers: expected no answers for kind"),
    "unknown split": (
        row(s="eval"),
        {"split": "s"},
        "s: expected one of train, dev, validation, val, test, got 'eval'",
    ),
    "no split": (row(s=None), {"split": "s"}, "s: expected one of train"),
    "no id": (row(n=None), {"id": "n"}, "n: expected text or an integer, got None"),
    "no document id": (row(d=""), {"document": "d"}, "d: expected text, got an empty one"),
    "titles too few": (
        row(context=["a", "b"], t=["A"]),
        {"title": "t"},
        "t: expected one for each text of the context, 2",
    ),
}


@pytest.mark.parametrize(("bad", "columns", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_its_row_and_column(
    tmp_path: Path, bad: dict[str, Any], columns: dict[str, str], message: str
) -> None:
    good = row(n="good", k="span", s="train", d="d0", t="A")
    found = faults(tmp_path, good, bad, columns=columns)
    assert len(found) == 1
    assert found[0].startswith(f"rows.jsonl:2: {message}")


def test_a_repeated_id_is_a_fault_that_names_both_rows(tmp_path: Path) -> None:
    assert faults(tmp_path, row(n=1), row(n=2), row(n="1"), columns={"id": "n"}) == [
        "rows.jsonl:3: n: '1' is used twice, first at rows.jsonl:1; corpus.columns.id: null numbers the rows"
    ]


def test_one_document_id_with_two_texts_or_titles_is_a_fault(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        row(d="x", t="A"),
        row(d="x", t="A"),
        row(d="x", t="A", context="Oil."),
        row(d="x", t="B"),
        columns={"document": "d", "title": "t"},
    )
    assert found == [f"rows.jsonl:{n}: d: 'x' has another title or text in an earlier row" for n in (3, 4)]


def test_a_column_that_no_row_has_is_one_fault_that_lists_the_columns(tmp_path: Path) -> None:
    rows = [{"query": "How?", "answers": "400", "passage": PADS}] * 3
    assert faults(tmp_path, *rows, columns={"title": "meta.title"}) == [
        f"rows.jsonl: no row has the column {column!r} (corpus.columns.{role}); the columns found are "
        "'query', 'answers', 'passage'"
        for role, column in (("question", "question"), ("context", "context"), ("title", "meta.title"))
    ]
    assert len(read(tmp_path, *rows, columns={"question": "query", "context": "passage"}).questions) == 3


def test_a_limit_stops_reading_and_says_so(tmp_path: Path) -> None:
    rows = [row(context=f"Pads {n}") for n in range(3)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows) + "{broken\n")
    corpus = read_at(tmp_path / "rows.jsonl", "table", limit=2)
    assert (len(corpus.questions), len(corpus.documents)) == (2, 2)
    assert corpus.notes[0].startswith("Only 2 rows were read (corpus.limit)")
    assert not any("Only" in note for note in read_at(tmp_path / "rows.jsonl", "table", limit=3).notes)


@pytest.mark.parametrize(
    ("names", "sides", "part"),
    [
        (("train", "validation", "test"), {"train": "train", "validation": "dev", "test": "test"}, None),
        (("train", "val"), {"train": "train", "val": "test"}, "val serves as the test"),
        (("test", "TRAIN"), {"test": "test", "TRAIN": "train"}, None),
        (("train",), {}, "come as one split, train"),
        (("validation", "test"), {}, "which is not"),
        (("train", "test", "extra"), {}, "split into train, test, extra"),
        (("", ""), {}, "name no splits"),
    ],
)
def test_splits_count_where_there_is_training_and_a_test(
    names: tuple[str, ...], sides: dict[str, str], part: str | None
) -> None:
    found, sentences = given_sides(names)
    assert found == sides
    assert (part is None and not sentences) or part in sentences[0]
