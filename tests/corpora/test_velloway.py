"""Proofs over the embedded corpus, across its authors. They read the compiled files as a user's program would."""

import itertools
import json
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from small_world import read_at

CORPUS = Path(__file__).parents[2] / "corpora" / "velloway"
FILES = ("documents.jsonl", "questions.jsonl", "changes.jsonl")
QUOTED = {"span", "number", "list"}
TORN = re.compile(
    r"  | [,.;:?!]|\[\[|\]\]|\s$| \n|(^|\n)[a-z ]"  # spacing, marks, a paragraph that starts in mid-sentence
    r"|\b(?P<twice>a|an|the|of|in|to|is|by|with) (?P=twice)\b"
    r"|\ba (?=[aeio])(?!one\b|eu)|\ban [bcdfgjkpqtvwxz]"  # the wrong article
)


def rows(name):
    return [json.loads(line) for line in (CORPUS / name).read_text(encoding="utf-8").splitlines()]


DOCUMENTS = rows("documents.jsonl")
QUESTIONS = rows("questions.jsonl")
CHANGES = rows("changes.jsonl")
TEXTS = {document["id"]: document["text"] for document in DOCUMENTS}
GROUPS = defaultdict(list)
for question in QUESTIONS:
    GROUPS[question["group"]].append(question)


def words(text):
    return re.findall(r"\w+", text.lower())


def holds(text, run):
    """Whether the words of `run` stand in `text` one after another."""
    return f" {' '.join(words(run))} " in f" {' '.join(words(text))} "


def span(place):
    return TEXTS[place["document"]][place["start"] : place["end"]]


def edited(change):
    text = TEXTS[change["document"]]
    assert text[change["start"] : change["end"]] == change["old"]
    return text[: change["start"]] + change["new"] + text[change["end"] :]


def changes(operation):
    return [change for change in CHANGES if change["operation"] == operation]


def run_build(folder, *arguments):
    return subprocess.run(
        [sys.executable, folder / "build.py", *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(CORPUS, tmp_path / "velloway"))


def test_the_committed_files_are_what_the_sources_give():
    result = run_build(CORPUS, "--check")
    assert result.returncode == 0, result.stderr


def test_check_finds_a_stale_file_and_a_rebuild_restores_every_byte(copy):
    (copy / "documents.jsonl").write_text("{}\n", encoding="utf-8")
    (copy / "changes.jsonl").unlink()
    result = run_build(copy, "--check")
    assert result.returncode == 1
    assert "documents.jsonl: differs" in result.stderr
    assert "changes.jsonl: differs" in result.stderr
    assert "questions.jsonl" not in result.stderr
    assert run_build(copy).returncode == 0
    assert all((copy / name).read_bytes() == (CORPUS / name).read_bytes() for name in FILES)


def test_a_first_answer_that_is_not_the_marked_text_stops_the_build(copy):
    source = copy / "source" / "equipment.yaml"
    source.write_text(
        source.read_text(encoding="utf-8").replace("|436 kilograms]]", "|437 kilograms]]"), encoding="utf-8"
    )
    result = run_build(copy)
    assert result.returncode == 1
    assert "spec-k4-cabin/tare: marked '437 kilograms', first answer '436 kilograms'" in result.stderr


def test_the_lab_reads_it_without_a_repair():
    corpus = read_at(CORPUS, "jsonl")
    assert [document.id for document in corpus.documents] == [document["id"] for document in DOCUMENTS]
    assert [question.id for question in corpus.questions] == [question["id"] for question in QUESTIONS]
    assert corpus.notes == ()
    assert all(question.cluster in TEXTS for question in corpus.questions)


def test_size():
    assert len(DOCUMENTS) >= 120
    assert len(QUESTIONS) >= 600
    lengths = {id: len(text.split()) for id, text in TEXTS.items()}
    assert {id: n for id, n in lengths.items() if not 100 <= n <= 350} == {}


def test_documents_are_distinct_and_have_a_title_and_a_genre():
    assert len(TEXTS) == len(DOCUMENTS)
    assert len({document["title"] for document in DOCUMENTS}) == len(DOCUMENTS)
    genres = {document["metadata"]["genre"] for document in DOCUMENTS}
    assert genres == {"procedure", "specification", "policy", "incident", "faq"}


def test_no_two_documents_are_near_duplicates():
    shingles = {id: {tuple(words(text)[i : i + 5]) for i in range(len(words(text)) - 4)} for id, text in TEXTS.items()}
    likeness = {(a, b): len(x & y) / len(x | y) for (a, x), (b, y) in itertools.combinations(shingles.items(), 2)}
    closest = max(likeness, key=likeness.get)
    assert likeness[closest] < 0.6, (closest, likeness[closest])


def test_evidence_is_the_first_answer_word_for_word():
    for question in QUESTIONS:
        if question["kind"] in QUOTED:
            assert [span(place) for place in question["evidence"]] == question["answers"][:1], question["id"]


def test_yes_no_evidence_is_a_clause():
    clauses = [span(place) for q in QUESTIONS if q["kind"] == "yes-no" for place in q["evidence"]]
    assert len(clauses) == sum(question["kind"] == "yes-no" for question in QUESTIONS)
    assert all(3 <= len(clause.split()) <= 25 for clause in clauses)


def test_two_document_questions_need_marked_facts_of_two_documents():
    facts = {
        (p["document"], p["start"], p["end"])
        for q in QUESTIONS
        if q["kind"] in QUOTED | {"yes-no"}
        for p in q["evidence"]
    }
    for question in (question for question in QUESTIONS if question["kind"] == "multi-document"):
        assert len({place["document"] for place in question["evidence"]}) == 2, question["id"]
        assert {(p["document"], p["start"], p["end"]) for p in question["evidence"]} <= facts


def test_no_question_holds_its_answer():
    for question in QUESTIONS:
        found = [answer for answer in question["answers"] if holds(question["question"], answer)]
        comparison = re.search(r"\b(or|which|between|comparing)\b", question["question"], re.IGNORECASE)
        allowed = question["kind"] == "yes-no" or (question["kind"] == "multi-document" and comparison)
        assert not found or allowed, question


def test_no_question_is_asked_twice():
    counts = Counter(" ".join(words(question["question"])) for question in QUESTIONS)
    assert [text for text, count in counts.items() if count > 1] == []


def test_groups_are_wordings_of_one_question():
    for group, wordings in GROUPS.items():
        assert [wording["id"] for wording in wordings] == [f"{group}/{n}" for n in range(1, len(wordings) + 1)]
        assert 2 <= len(wordings) <= 3
        for key in ("answers", "kind", "evidence", "document"):
            assert all(wording.get(key) == wordings[0].get(key) for wording in wordings), group


def test_mix_of_kinds():
    kinds = Counter(question["kind"] for question in QUESTIONS)
    assert set(kinds) == QUOTED | {"yes-no", "multi-document", "unanswerable"}
    assert min(kinds.values()) >= 40
    assert 0.14 <= kinds["unanswerable"] / len(QUESTIONS) <= 0.17


def test_yes_and_no_are_balanced():
    verdicts = [question["answers"] for question in QUESTIONS if question["kind"] == "yes-no"]
    assert all(verdict in (["yes"], ["no"]) for verdict in verdicts)
    assert 0.35 <= verdicts.count(["yes"]) / len(verdicts) <= 0.65


def test_unanswerables_name_the_document_they_were_modelled_on():
    for question in QUESTIONS:
        assert (question["kind"] == "unanswerable") == (question["answers"] == []) == (question["evidence"] == [])
        assert ("document" in question) == (question["kind"] == "unanswerable")
        assert question.get("document") in {None, *TEXTS}


def test_nothing_looks_like_an_address_of_the_real_world():
    pattern = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(com|org|net|io|uk|gov|edu|info)\b|\S@\S", re.IGNORECASE)
    assert [line for name in FILES for line in rows(name) if pattern.search(json.dumps(line))] == []


def test_there_are_enough_changes_of_every_operation():
    operations = Counter(change["operation"] for change in CHANGES)
    assert set(operations) == {"value", "addition", "deletion"}
    assert len(CHANGES) >= 100
    assert min(operations.values()) >= 20
    assert 0.13 <= operations["deletion"] / len(CHANGES) <= 0.17
    assert len({change["id"] for change in CHANGES}) == len(CHANGES)


def test_documents_before_and_after_every_change_read_well():
    assert {id: TORN.search(text) for id, text in TEXTS.items() if TORN.search(text)} == {}
    texts = {change["id"]: edited(change) for change in CHANGES}
    assert {id: TORN.search(text) for id, text in texts.items() if TORN.search(text)} == {}


def test_a_changed_value_replaces_the_answer_everywhere_in_its_document():
    for change in changes("value"):
        before = GROUPS[change["group"]][0]
        assert change["old"] == before["answers"][0]
        assert change["answers"] == [change["new"]]
        assert change["new"] not in before["answers"]
        assert not holds(edited(change), change["old"]), change["id"]


def test_an_addition_answers_what_no_document_answered():
    unanswerable = {question["group"] for question in QUESTIONS if question["kind"] == "unanswerable"}
    assert {change["group"] for change in changes("addition")} == unanswerable
    for change in changes("addition"):
        assert change["old"] == ""
        assert change["new"].startswith(" ")
        assert change["new"].endswith(".")
        assert re.search(r"""[.!?]["')*]*$""", TEXTS[change["document"]][: change["start"]]), change["id"]
        assert edited(change)[change["end"] + len(change["new"]) :][:1] in ("", "\n"), change["id"]
        [answer] = change["answers"]
        assert holds(change["new"], answer)
        assert not any(holds(question["question"], answer) for question in GROUPS[change["group"]])


def test_a_deletion_takes_the_sentence_and_no_other_fact():
    places = {
        (p["document"], p["start"], p["end"], q["group"])
        for q in QUESTIONS
        if q["kind"] != "multi-document"
        for p in q["evidence"]
    }
    for change in changes("deletion"):
        inside = {
            group
            for document, start, end, group in places
            if document == change["document"] and start < change["end"] and change["start"] < end
        }
        assert inside == {change["group"]}
        assert change["new"] == ""
        assert change["answers"] == []
        answer = GROUPS[change["group"]][0]["answers"][0]
        assert answer in ("yes", "no") or not holds(edited(change), answer), change["id"]


def test_the_readme_counts_what_is_there():
    readme = (CORPUS / "README.md").read_text(encoding="utf-8")
    kinds = Counter(question["kind"] for question in QUESTIONS)
    verdicts = Counter(question["answers"][0] for question in QUESTIONS if question["kind"] == "yes-no")
    operations = Counter(change["operation"] for change in CHANGES)
    lengths = [len(text.split()) for text in TEXTS.values()]
    for claim in (
        f"{len(DOCUMENTS)} documents ({sum(lengths):,} words, {min(lengths)} to {max(lengths)} each)",
        f"{len(QUESTIONS)} questions about them in {len(GROUPS)} groups of two or three wordings",
        f"{len(CHANGES)} edits for tests of updating",
        f"| span, number, list | {kinds['span']}, {kinds['number']}, {kinds['list']} |",
        f"| yes-no ({verdicts['yes']} yes, {verdicts['no']} no) | {kinds['yes-no']} |",
        f"| multi-document | {kinds['multi-document']} |",
        f"| unanswerable | {kinds['unanswerable']} |",
        *(f"`{operation}` ({count})" for operation, count in operations.items()),
    ):
        assert claim in readme
