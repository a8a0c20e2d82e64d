"""HotpotQA: paragraphs become documents once, and supporting sentences are found to the character."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_world import read_at

from lab.corpus.hotpotqa import sentence_spans
from lab.errors import DataError
from lab.types import Corpus, Document, Evidence

ROPE = ["Rope", ["A rope is twisted.", " It is strong.", " Ropes wear."]]
SALT = ["Salt (mineral)", ["Salt is white.", " Sailors like it. "]]
ENTRY: dict[str, Any] = {
    "_id": "5a8b",
    "question": " Which is twisted? ",
    "answer": "a rope",
    "supporting_facts": [["Rope", 0], ["Salt (mineral)", 1]],
    "context": [ROPE, SALT],
    "type": "bridge",
    "level": "hard",
}


def entry(**changes: object) -> dict[str, Any]:
    """`ENTRY` with some values replaced, or removed where the new value is `...`."""
    return {key: value for key, value in {**ENTRY, **changes}.items() if value is not ...}


def read(folder: Path, *entries: object, **options: object) -> Corpus:
    (folder / "hotpot_dev.json").write_text(json.dumps(entries), encoding="utf-8")
    return read_at(folder, "hotpotqa", **options)


def faults(folder: Path, *entries: object) -> list[str]:
    with pytest.raises(DataError) as caught:
        read(folder, *entries)
    return str(caught.value).splitlines()[1:]


def quotes(corpus: Corpus, place: int = 0) -> list[str]:
    """What the evidence of a question reads."""
    texts = {document.id: document.text for document in corpus.documents}
    return [texts[item.document_id][item.start : item.end] for item in corpus.questions[place].evidence]


def test_paragraphs_become_documents_and_supporting_sentences_evidence(tmp_path: Path) -> None:
    corpus = read(tmp_path, ENTRY)
    assert corpus.documents == (
        Document("rope", "Rope", "A rope is twisted. It is strong. Ropes wear."),
        Document("salt-mineral", "Salt (mineral)", "Salt is white. Sailors like it."),
    )
    (question,) = corpus.questions
    assert (question.id, question.text, question.answers) == ("5a8b", "Which is twisted?", ("a rope",))
    assert question.kind == "multi-document"
    assert question.evidence == (Evidence("rope", 0, 18), Evidence("salt-mineral", 15, 31))
    assert quotes(corpus) == ["A rope is twisted.", "Sailors like it."]
    assert len(corpus.notes) == 1


def as_the_hub_has_it(one: dict[str, Any]) -> dict[str, Any]:
    titles, sentences = zip(*one["context"], strict=True)
    named, numbers = zip(*one["supporting_facts"], strict=True)
    changed = {key: value for key, value in one.items() if key != "_id"}
    return changed | {
        "id": one["_id"],
        "context": {"title": titles, "sentences": sentences},
        "supporting_facts": {"title": named, "sent_id": numbers},
    }


def test_the_form_of_the_hub_reads_the_same(tmp_path: Path) -> None:
    assert read(tmp_path, as_the_hub_has_it(ENTRY)) == read(tmp_path, ENTRY)


def test_json_lines_and_several_arrays_in_one_file_read_the_same(tmp_path: Path) -> None:
    one, two = ENTRY, entry(_id=7, answer="no")
    wanted = read(tmp_path, one, two)
    assert [question.id for question in wanted.questions] == ["5a8b", "7"]
    for text in (f"{json.dumps(one)}\n{json.dumps(two)}\n", f"{json.dumps([one])}\n{json.dumps([two])}"):
        (tmp_path / "hotpot_dev.json").write_text(text, encoding="utf-8")
        assert read_at(tmp_path, "hotpotqa") == wanted


@pytest.mark.parametrize(
    ("answer", "facts", "kind"),
    [
        ("Yes", [["Rope", 0], ["Salt (mineral)", 0]], "yes-no"),
        ("no", [], "yes-no"),
        ("a rope", [["Rope", 0], ["Rope", 2]], "span"),
        ("a rope", [], "span"),
        ("a rope", [["Rope", 0], ["Salt (mineral)", 0]], "multi-document"),
    ],
)
def test_kinds(tmp_path: Path, answer: str, facts: list[object], kind: str) -> None:
    assert read(tmp_path, entry(answer=answer, supporting_facts=facts)).questions[0].kind == kind


def test_equal_paragraphs_are_one_document_and_the_same_title_with_other_text_another(tmp_path: Path) -> None:
    corpus = read(
        tmp_path,
        ENTRY,
        entry(_id="b", context=[["Rope", ["Another rope."]], SALT], supporting_facts=[["Rope", 0]]),
        entry(_id="c", context=[["ROPE!", ["A third."]], ["Rope 2", ["A fourth."]], ["?", ["A fifth."]]]),
    )
    names = [(document.id, document.title) for document in corpus.documents]
    assert names == [
        ("rope", "Rope"),
        ("salt-mineral", "Salt (mineral)"),
        ("rope-2", "Rope"),
        ("rope-3", "ROPE!"),
        ("rope-2-2", "Rope 2"),
        ("paragraph", "?"),
    ]
    assert corpus.questions[1].evidence == (Evidence("rope-2", 0, 13),)


def test_appended_questions_rename_no_document(tmp_path: Path) -> None:
    entries = [
        entry(_id=number, context=[[title, [f"Text {number}."]]])
        for number, title in enumerate(["A", "A 2", "a", "A", "a-2", "A 2 2", "A"])
    ]
    everything = [document.id for document in read(tmp_path, *entries).documents]
    assert len(set(everything)) == len(entries)
    for count in range(1, len(entries)):
        assert [document.id for document in read(tmp_path, *entries[:count]).documents] == everything[:count]


def test_supporting_facts_that_lead_nowhere_are_left_out_and_counted(tmp_path: Path) -> None:
    facts = [["Rope", 3], ["Rope", -1], ["Knot", 0], ["Rope", 1], ["Rope", 1], ["Blank", 1]]
    context = [ROPE, ["Blank", ["Full.", " ", " Stop."]], ["Empty", ["", " "]], ["Bare", []]]
    corpus = read(tmp_path, entry(supporting_facts=facts, context=context))
    assert quotes(corpus) == ["It is strong."]
    assert [document.title for document in corpus.documents] == ["Rope", "Blank"]
    assert [note for note in corpus.notes if note.startswith("4 of 6 supporting facts name")]


def test_a_question_without_context_stays_without_evidence(tmp_path: Path) -> None:
    corpus = read(tmp_path, entry(_id="a", context=[]), entry(_id="b", answer="other"))
    assert corpus.questions[0].evidence == ()
    assert [note for note in corpus.notes if note.startswith("1 of 2 questions have no context")]
    assert [note for note in corpus.notes if note.startswith("2 of 4 supporting facts")]


def test_repeated_questions_with_other_answers_stay(tmp_path: Path) -> None:
    corpus = read(tmp_path, entry(_id=1), entry(_id=2, answer="salt"))
    assert [(question.id, question.answers) for question in corpus.questions] == [("1", ("a rope",)), ("2", ("salt",))]


def test_the_limit_stops_reading_and_says_so(tmp_path: Path) -> None:
    late = entry(_id="late", context=[["Late", ["Never read."]]])
    corpus = read(tmp_path, entry(_id="a"), entry(_id="b"), late, {"_id": "broken"}, limit=2)
    assert [question.id for question in corpus.questions] == ["a", "b"]
    assert [document.id for document in corpus.documents] == ["rope", "salt-mineral"]
    assert [note for note in corpus.notes if note.startswith("Only the first 2 questions were read")]


def test_a_limit_that_is_not_reached_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, ENTRY, limit=1) == read(tmp_path, ENTRY)


def test_behind_the_limit_nothing_is_a_fault(tmp_path: Path) -> None:
    assert len(read(tmp_path, ENTRY, 3, entry(_id="late"), limit=1).questions) == 1


def test_behind_the_limit_the_file_may_be_broken(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(f"[{json.dumps(ENTRY)}, {json.dumps(entry(_id=2))}, oops", encoding="utf-8")
    assert len(read_at(tmp_path, "hotpotqa", limit=1).questions) == 1
    with pytest.raises(DataError, match="not JSON after 2 records"):
        read_at(tmp_path, "hotpotqa")


BAD: dict[str, tuple[object, str]] = {
    "no answer": (entry(answer=...), "[1].answer: expected an answer, found none; the test files have none"),
    "test set": ({key: ENTRY[key] for key in ("_id", "question", "context")}, "name a train or dev file"),
    "empty answer": (entry(answer=" "), "[1].answer: expected text, got an empty one"),
    "no id": (entry(_id=...), "[1]._id: missing key"),
    "id twice": (entry(_id="first"), "[1]._id: 'first' is used twice, first at [0]"),
    "no question": (entry(question=...), "[1].question: missing key"),
    "no context": (entry(context=...), "[1].context: expected a list of pairs [title, sentences], got None"),
    "context no pair": (entry(context=[ROPE, ["Salt"]]), "[1].context[1]: expected a pair [title, sentences]"),
    "title a number": (entry(context=[[3, ["a"]]]), "[1].context[0].title: expected text, got 3"),
    "sentences a text": (entry(context=[["Rope", "A."]]), "[1].context[0].sentences: expected a list of texts"),
    "sentence a number": (entry(context=[["Rope", ["A", 4]]]), "[1].context[0].sentences[1]: expected text, got 4"),
    "no facts": (entry(supporting_facts=...), "[1].supporting_facts: expected a list of pairs [title, sent_id]"),
    "fact a text": (entry(supporting_facts=["Rope"]), "[1].supporting_facts[0]: expected a pair"),
    "number as text": (
        entry(supporting_facts=[["Rope", "0"]]),
        "[1].supporting_facts[0].sent_id: expected an integer, got '0'",
    ),
    "uneven lists": (
        entry(context={"title": ["Rope"], "sentences": []}),
        "[1].context: expected the lists title and sentences, equally long",
    ),
    "no object": ("x", "[1]: expected an object, got 'x'"),
}


@pytest.mark.parametrize(("broken", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_entry_is_named_by_its_place(tmp_path: Path, broken: object, message: str) -> None:
    found = faults(tmp_path, entry(_id="first"), broken)
    assert len(found) == 1, "one cause, one fault"
    assert f"{tmp_path / 'hotpot_dev.json'}: " in found[0]
    assert message in found[0]


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, entry(answer=...), entry(_id="b", question=""), entry(_id="c"), entry(_id="d", context=0))
    assert [place for place in ("[0]", "[1]", "[2]", "[3]") if any(place in fault for fault in found)] == [
        "[0]",
        "[1]",
        "[3]",
    ]


def test_a_windows_file_is_read_and_named_in_a_note(tmp_path: Path) -> None:
    entries = [entry(_id=number, context=[["Café", [f"Naïve {number}…", " “Yes.”"]]]) for number in range(2000)]
    (tmp_path / "a.json").write_bytes(json.dumps(entries, ensure_ascii=False).encode("cp1252"))
    corpus = read_at(tmp_path / "a.json", "hotpotqa")
    assert corpus.documents[0] == Document("café", "Café", "Naïve 0… “Yes.”")
    assert [document.text for document in corpus.documents] == [f"Naïve {number}… “Yes.”" for number in range(2000)]
    assert corpus.notes[0] == "a.json is not UTF-8; it was read as cp1252."


def test_a_file_of_one_long_line_is_not_held_in_memory(tmp_path: Path) -> None:
    long = entry(_id=2, context=[["Long", ["a" * 12_000_000]]])
    (tmp_path / "a.json").write_text(json.dumps([ENTRY, entry(_id=1), long]), encoding="utf-8")
    tracemalloc.start()
    try:
        assert len(read_at(tmp_path, "hotpotqa", limit=1).questions) == 1
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()


@given(st.lists(st.text("a \n", max_size=6), max_size=6))
def test_spans_hit_every_sentence_of_the_trimmed_text(sentences: list[str]) -> None:
    text = "".join(sentences).strip()
    spans = sentence_spans(tuple(sentences))
    assert len(spans) == len(sentences)
    for sentence, (start, end) in zip(sentences, spans, strict=True):
        if sentence.strip():
            assert text[start:end] == sentence.strip()
            assert start >= 0
        else:
            assert start == end
