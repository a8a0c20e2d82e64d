"""PubMedQA: abstracts without titles and conclusions, three labels, and the authors' test questions."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_world import read_at

from lab.errors import DataError
from lab.types import Corpus, Document, Evidence, Question

WHY = "Salt slows wear in all ropes."
ENTRY: dict[str, Any] = {
    "QUESTION": "Does salt slow wear?",
    "CONTEXTS": ["Ropes wear.", "We salted 40 ropes."],
    "LABELS": ["BACKGROUND", "METHODS"],
    "MESHES": ["Salts"],
    "YEAR": "2011",
    "reasoning_required_pred": "yes",
    "final_decision": "yes",
    "LONG_ANSWER": WHY,
}
OTHER = {**ENTRY, "QUESTION": "Do ropes float?", "final_decision": "no"}


def entry(**changes: object) -> dict[str, Any]:
    """`ENTRY` with some values replaced, or removed where the new value is `...`."""
    return {key: value for key, value in {**ENTRY, **changes}.items() if value is not ...}


def read(folder: Path, entries: dict[str, object], truth: object = None) -> Corpus:
    (folder / "ori_pqal.json").write_text(json.dumps(entries), encoding="utf-8")
    if truth is not None:
        (folder / "test_ground_truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return read_at(folder, "pubmedqa")


def faults(folder: Path, entries: dict[str, object], truth: object = None) -> list[str]:
    with pytest.raises(DataError) as caught:
        read(folder, entries, truth)
    return str(caught.value).splitlines()[1:]


def test_an_abstract_is_a_document_and_its_title_the_question(tmp_path: Path) -> None:
    corpus = read(tmp_path, {"111": ENTRY, "22": OTHER}, {"22": "no"})
    text = "BACKGROUND: Ropes wear.\nMETHODS: We salted 40 ropes."
    assert corpus.documents == (Document("111", "", text), Document("22", "", text))
    assert corpus.questions == (
        Question("111", "Does salt slow wear?", ("yes",), "label", (Evidence("111"),), split="train", reason=WHY),
        Question("22", "Do ropes float?", ("no",), "label", (Evidence("22"),), split="test", reason=WHY),
    )


def test_neither_title_nor_conclusion_stands_in_a_document_and_the_notes_say_so(tmp_path: Path) -> None:
    corpus = read(tmp_path, {"1": ENTRY}, {})
    everything = "".join(f"{document.title} {document.text} {document.metadata}" for document in corpus.documents)
    assert "slow" not in everything
    assert [note for note in corpus.notes if "LONG_ANSWER" in note]
    assert [note for note in corpus.notes if "no spans" in note]
    assert len(corpus.notes) == 2


def test_without_ground_truth_there_are_no_splits_and_a_note(tmp_path: Path) -> None:
    corpus = read(tmp_path, {"1": ENTRY, "2": OTHER})
    assert [question.split for question in corpus.questions] == [None, None]
    assert "No test_ground_truth.json lies beside ori_pqal.json: the data name no test questions." in corpus.notes


def test_the_ground_truth_lies_beside_a_file_too_and_may_spell_labels_otherwise(tmp_path: Path) -> None:
    (tmp_path / "part.json").write_text(json.dumps({"1": ENTRY, "2": OTHER}), encoding="utf-8")
    (tmp_path / "test_ground_truth.json").write_bytes(b'\xef\xbb\xbf{"1": " YES "}')
    corpus = read_at(tmp_path / "part.json", "pubmedqa")
    assert [question.split for question in corpus.questions] == ["test", "train"]


@pytest.mark.parametrize(
    "labels", [{"LABELS": ...}, {"LABELS": None}, {"LABELS": []}, {"LABELS": ["METHODS"]}], ids=str
)
def test_without_a_label_for_each_section_the_texts_stand_alone(tmp_path: Path, labels: dict[str, Any]) -> None:
    corpus = read(tmp_path, {"1": entry(**labels), "2": OTHER})
    assert corpus.documents[0].text == "Ropes wear.\nWe salted 40 ropes."
    assert corpus.documents[1].text.startswith("BACKGROUND: ")
    assert [note for note in corpus.notes if note.startswith("1 of 2 abstracts have no label for each section")]


def test_blank_sections_and_blank_labels_leave_no_trace(tmp_path: Path) -> None:
    contexts = {"CONTEXTS": [" Ropes wear. ", "\n", "We salted."], "LABELS": ["", "AIM", "METHODS"]}
    assert read(tmp_path, {"1": entry(**contexts)}).documents[0].text == "Ropes wear.\nMETHODS: We salted."


@pytest.mark.parametrize("contexts", [[], ["", " \n"]])
def test_a_question_without_an_abstract_stays_without_evidence(tmp_path: Path, contexts: list[str]) -> None:
    corpus = read(tmp_path, {"1": entry(CONTEXTS=contexts), "2": OTHER}, {"1": "yes"})
    assert [document.id for document in corpus.documents] == ["2"]
    assert corpus.questions[0] == Question("1", "Does salt slow wear?", ("yes",), "label", split="test", reason=WHY)
    assert [note for note in corpus.notes if note.startswith("1 of 2 questions have no abstract")]


@pytest.mark.parametrize("given", ["Yes", " yes\n", "YES"])
def test_labels_come_in_small_letters(tmp_path: Path, given: str) -> None:
    assert read(tmp_path, {"1": entry(final_decision=given)}, {"1": "yes"}).questions[0].answers == ("yes",)


BAD = {
    "another label": (
        entry(final_decision="perhaps"),
        "1.final_decision: expected one of yes, no, maybe, got 'perhaps'",
    ),
    "no label": (entry(final_decision=...), "1.final_decision: expected yes, no or maybe, found no label"),
    "null label": (entry(final_decision=None), "the unlabelled set has none: name ori_pqal.json or one of its form"),
    "empty label": (entry(final_decision=" "), "1.final_decision: expected text, got an empty one"),
    "label true": (entry(final_decision=True), "1.final_decision: expected text, got True"),
    "no question": (entry(QUESTION=...), "1.QUESTION: missing key"),
    "no contexts": (entry(CONTEXTS=...), "1.CONTEXTS: missing key"),
    "contexts a text": (entry(CONTEXTS="Ropes."), "1.CONTEXTS: expected a list of texts, got 'Ropes.'"),
    "context a number": (entry(CONTEXTS=["Ropes.", 4]), "1.CONTEXTS[1]: expected text, got 4"),
    "labels a text": (entry(LABELS="AIM"), "1.LABELS: expected a list of texts, got 'AIM'"),
    "no object": ([1], "1: expected an object, got [1]"),
}


@pytest.mark.parametrize(("broken", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_entry_is_named_by_its_id(tmp_path: Path, broken: object, message: str) -> None:
    found = faults(tmp_path, {"2": OTHER, "1": broken})
    assert len(found) == 1, "one cause, one fault"
    assert f"{tmp_path / 'ori_pqal.json'}: " in found[0]
    assert message in found[0]


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    entries = {"1": entry(final_decision="?"), "2": entry(QUESTION=" "), "3": OTHER}
    found = faults(tmp_path, entries, {"3": "yes", "9": "no"})
    assert ["1.final_decision" in found[0], "2.QUESTION" in found[1], "3.final_decision" in found[2]] == [True] * 3
    assert "9" in found[3]
    assert len(found) == 4


def test_an_id_twice_is_a_fault(tmp_path: Path) -> None:
    text = json.dumps(ENTRY)
    (tmp_path / "ori_pqal.json").write_text(f'{{"7": {text}, "7": {text}, "": {text}}}', encoding="utf-8")
    with pytest.raises(DataError, match=r"(?s)7: is used twice as an id.*expected an id, got an empty one"):
        read_at(tmp_path, "pubmedqa")


def test_a_ground_truth_with_another_label_is_a_fault(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, {"1": ENTRY}, {"1": "maybe"})
    assert found.endswith("1.final_decision: 'yes' here, 'maybe' in test_ground_truth.json")


def test_a_ground_truth_about_other_papers_is_one_fault(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, {"1": ENTRY}, {"1": "yes"} | {str(id): "no" for id in range(2, 9)})
    assert found.endswith("7 of its ids name no question of ori_pqal.json: 2, 3, 4, 5, 6, ...")


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        (["1"], "test_ground_truth.json: expected an object with a label for each id, got ['1']"),
        ({"1": 3}, "test_ground_truth.json: 1: expected text, got 3"),
    ],
)
def test_a_ground_truth_of_another_form_is_a_fault(tmp_path: Path, truth: object, message: str) -> None:
    assert message in faults(tmp_path, {"1": ENTRY}, truth)[0]


def test_a_broken_ground_truth_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "test_ground_truth.json").write_text('{"1": ', encoding="utf-8")
    (found,) = faults(tmp_path, {"1": ENTRY})
    assert "test_ground_truth.json: not JSON" in found


def test_a_folder_without_the_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "ori_pqau.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"expected exactly one file ori_pqal\.json, found none"):
        read_at(tmp_path, "pubmedqa")


def test_a_windows_file_is_read_and_named_in_a_note(tmp_path: Path) -> None:
    text = json.dumps({"1": entry(CONTEXTS=["Ropes “40 µm” thick…", "We."])}, ensure_ascii=False)
    (tmp_path / "ori_pqal.json").write_bytes(text.encode("cp1252"))
    corpus = read_at(tmp_path, "pubmedqa")
    assert corpus.documents[0].text.startswith("BACKGROUND: Ropes “40 µm” thick…")
    assert corpus.notes[0] == "ori_pqal.json is not UTF-8; it was read as cp1252."


def test_half_a_character_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    assert "ori_pqal.json: not JSON: " in faults(tmp_path, {"1": entry(CONTEXTS=["\udc00", "b"])})[0]
