"""What good data become, for both formats, and the summary of a corpus."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from small_world import read_at

from lab.corpus.locate import MAX_SHIFT, nearest
from lab.corpus.summary import describe
from lab.types import Corpus, Document, Evidence, Question


def jsonl(folder: Path, documents: list[dict], questions: list[dict], bom: str = "") -> Corpus:
    for name, records in (("documents", documents), ("questions", questions)):
        text = bom + "\n\n".join(json.dumps(record, ensure_ascii=False) for record in records) + "\r\n"
        (folder / f"{name}.jsonl").write_bytes(text.encode())
    return read_at(folder, "jsonl", "toy")


def squad(file: Path, *paragraphs: dict, title: str | None = "Brake_pads") -> Corpus:
    article = {"paragraphs": list(paragraphs)} | ({"title": title} if title else {})
    file.write_text(json.dumps({"version": "x", "data": [article]}), encoding="utf-8")
    return read_at(file, "squad", "toy")


def answered(id: object, text: str, start: int, *more: tuple[str, int]) -> dict:
    answers = [{"text": text, "answer_start": start}, *({"text": t, "answer_start": s} for t, s in more)]
    return {"id": id, "question": "How?", "answers": answers}


def test_jsonl_fills_in_what_is_optional_and_reads_integer_ids_as_text(tmp_path: Path) -> None:
    corpus = jsonl(
        tmp_path,
        [{"id": 7, "text": "Pads last\u2028 400 hours.", "metadata": {"year": 3}}],
        [
            {
                "id": 1,
                "question": " How long? ",
                "answers": ["LAST 400"],
                "evidence": [{"document": 7, "start": 4, "end": 15}],
            },
            {"id": 2, "question": "Why?", "answers": [], "evidence": [], "document": 7, "split": "dev", "group": 4},
            {
                "id": 3,
                "question": "Is it?",
                "answers": ["yes"],
                "kind": "yes-no",
                "evidence": [{"document": 7, "start": None}],
            },
        ],
        bom="\ufeff",
    )
    assert corpus.documents == (Document("7", "", "Pads last\u2028 400 hours.", {"year": "3"}),)
    assert corpus.questions == (
        Question("1", "How long?", ("LAST 400",), "span", (Evidence("7", 5, 14),)),
        Question("2", "Why?", (), "unanswerable", (), "7", "dev", "4"),
        Question("3", "Is it?", ("yes",), "yes-no", (Evidence("7"),)),
    )


def test_several_spans_and_yes_no_need_not_quote_the_answer(tmp_path: Path) -> None:
    spans = [{"document": "d", "start": 0, "end": 4}, {"document": "d", "start": 5, "end": 9}]
    base = {"question": "Which?", "answers": ["both of them"]}
    corpus = jsonl(
        tmp_path,
        [{"id": "d", "text": "Pads last."}],
        [
            {**base, "id": "a", "kind": "multi-document", "evidence": spans},
            {**base, "id": "b", "kind": "span", "evidence": spans},
            {**base, "id": "c", "kind": "yes-no", "evidence": spans[:1]},
            {**base, "id": "e", "kind": "span", "evidence": [{"document": "d"}]},
        ],
    )
    assert len(corpus.questions) == 4


def test_squad_paragraphs_become_documents(tmp_path: Path) -> None:
    context = "Pads last 400 hours, or 400 trips."
    corpus = squad(
        tmp_path / "dev.json",
        {
            "context": context,
            "qas": [answered(5, "400 hours", 10, ("400", 10), ("400 hours", 10)), answered("b", "trips", 28)],
        },
        {
            "context": "Oil.",
            "qas": [{"id": "c", "question": "Who?", "answers": [], "is_impossible": True, "plausible_answers": 1}],
        },
    )
    assert [(document.id, document.title) for document in corpus.documents] == [
        ("brake-pads-1", "Brake pads"),
        ("brake-pads-2", "Brake pads"),
    ]
    assert corpus.questions == (
        Question("5", "How?", ("400 hours", "400"), "number", (Evidence("brake-pads-1", 10, 19),)),
        Question("b", "How?", ("trips",), "span", (Evidence("brake-pads-1", 28, 33),)),
        Question("c", "Who?", (), "unanswerable", (), "brake-pads-2"),
    )
    assert corpus.notes == ()


def test_squad_moves_evidence_to_an_answer_nearby_and_says_so(tmp_path: Path) -> None:
    context = "400 pads last " + "x" * 12 + " 400 hours"
    corpus = squad(
        tmp_path / "a.json", {"context": context, "qas": [answered("a", " 400 ", 23), answered("b", "pads", 4)]}
    )
    assert corpus.questions[0].evidence == (Evidence("brake-pads-1", 27, 30),)
    assert corpus.questions[0].answers == ("400",)
    assert corpus.notes[0].startswith("1 of 2 questions had an answer")


def test_squad_spaces_around_an_answer_are_no_fault_of_its_place(tmp_path: Path) -> None:
    corpus = squad(tmp_path / "a.json", {"context": "Pads last long.", "qas": [answered("a", " last ", 4)]})
    assert corpus.questions[0].evidence == (Evidence("brake-pads-1", 5, 9),)
    assert corpus.notes == ()


def test_squad_ids_are_unique_without_titles_and_with_titles_that_look_like_ids(tmp_path: Path) -> None:
    paragraphs = [{"context": "A a.", "qas": []}] * 3
    articles = [{"title": title, "paragraphs": paragraphs} for title in ("A", "A 1", "a_1", "A-1-1", "日本", "?!")]
    articles += [{"paragraphs": [{"context": "A a.", "qas": [answered("q", "A", 0)]}]}]
    (tmp_path / "a.json").write_text(json.dumps({"data": articles}), encoding="utf-8")
    ids = [document.id for document in read_at(tmp_path, "squad", "toy").documents]
    assert len(set(ids)) == len(ids)
    assert ids[0] == "a-1"
    assert ids[-1] == "article-4"


def test_squad_papers_without_titles_with_integer_ids_and_repeated_questions(tmp_path: Path) -> None:
    papers = [
        "A study\n\nDOI:10/1\n\nAbstract: Masks help. " + "More text. " * 2000 + "40 nurses wore them.",
        "Two. Masks help.",
    ]
    asked = [
        [answered(262, "Masks help. ", 30), answered(263, "40 nurses", papers[0].index("40") - 9)],
        [answered(1262, "Masks help.", 5), answered(1263, "Two.", 0)],
    ]
    articles = [
        {"paragraphs": [{"document_id": 630 + place, "context": paper, "qas": [*qas]}]}
        for place, (paper, qas) in enumerate(zip(papers, asked, strict=True))
    ]
    (tmp_path / "a.json").write_text(json.dumps({"data": articles}), encoding="utf-8")
    corpus = read_at(tmp_path, "squad")
    assert [(document.id, document.title) for document in corpus.documents] == [("article-1", ""), ("article-2", "")]
    assert [question.id for question in corpus.questions] == ["262", "263", "1262", "1263"]
    texts = {document.id: document.text for document in corpus.documents}
    for question in corpus.questions:
        (item,) = question.evidence
        assert (texts[item.document_id][item.start : item.end],) == question.answers
    assert corpus.notes[0].startswith("2 of 4 questions had an answer")
    assert describe(corpus)["contradictory_questions"] == [["262", "263", "1262", "1263"]]


def test_squad_a_windows_file_is_read_and_named_in_a_note(tmp_path: Path) -> None:
    tree = {"data": [{"paragraphs": [{"context": "Café crème", "qas": [answered("a", "crème", 5)]}]}]}
    (tmp_path / "a.json").write_bytes(json.dumps(tree, ensure_ascii=False).encode("cp1252"))
    corpus = read_at(tmp_path, "squad")
    assert corpus.questions[0].answers == ("crème",)
    assert corpus.notes == ("a.json is not UTF-8; it was read as cp1252.",)


@given(st.text("ab ", max_size=60), st.text("ab", min_size=1, max_size=4), st.integers(-30, 90))
def test_nearest_is_the_closest_occurrence_or_none(context: str, text: str, expected: int) -> None:
    places = [start for start in range(len(context)) if context.startswith(text, start)]
    distances = [abs(start - expected) for start in places if abs(start - expected) <= MAX_SHIFT]
    found = nearest(context, text, expected)
    if found is None:
        assert not distances
    else:
        assert found in places
        assert abs(found - expected) == min(distances)


def test_describe_counts_and_lists_contradictions() -> None:
    documents = tuple(Document(str(n), "", "word " * n) for n in (1, 2, 9))
    asked = [
        ("a", "What is it?", ("Red",)),
        ("b", "what  is it", ("blue", "green")),
        ("c", "What is it?", ("red", "blue")),
        ("d", "Who?", ("Ann", "A.")),
        ("e", "Who?", ("ann",)),
        ("f", "Why?", ()),
        ("g", "Why?", ("rain",)),
        ("h", "When?", ()),
        ("i", "When?", ()),
        ("j", "What is C++?", ("x",)),
        ("k", "What is C#?", ("y",)),
    ]
    questions = tuple(Question(id, text, answers, "span" if answers else "unanswerable") for id, text, answers in asked)
    summary = describe(Corpus("toy", documents, questions, ("repaired",)))
    assert summary["contradictory_questions"] == [["a", "b", "c"], ["f", "g"]]
    assert summary["words_per_document"] == {"min": 1, "median": 2, "max": 9}
    assert summary["kinds"] == {"span": 8, "unanswerable": 3}
    assert (summary["documents"], summary["questions"], summary["notes"]) == (3, 11, ["repaired"])
    assert json.loads(json.dumps(summary)) == summary
