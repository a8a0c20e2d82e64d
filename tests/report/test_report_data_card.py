"""The data card, and what a result must hold to be done again."""

import copy
import json

import pytest
from test_report_recommendation import cells, named, plain

from lab.report.data_card import data_section
from lab.report.html import render_html
from lab.report.page import build_page
from lab.report.reproducibility import reproducibility_section

SIDES = {
    "train": {
        "questions": 1528, "kinds": {"span": 1000, "number": 528}, "unanswerable": 0, "clusters": 62,
        "question_words": {"min": 3, "median": 9.5, "max": 31}, "answer_words": {"min": 1, "median": 2, "max": 14},
    },
    "dev": {
        "questions": 0, "kinds": {}, "unanswerable": 0, "clusters": 0, "question_words": None, "answer_words": None,
    },
    "test": {
        "questions": 120, "kinds": {"span": 100, "unanswerable": 20}, "unanswerable": 20, "clusters": 58,
        "question_words": {"min": 4, "median": 10, "max": 28}, "answer_words": None,
    },
}  # fmt: skip


@pytest.fixture
def sided(tree):
    tree["corpus"] |= {"sides": copy.deepcopy(SIDES), "kinds": {"span": 1100, "number": 528, "unanswerable": 20}}
    return tree


def test_each_side_stands_with_its_counts_and_lengths(load, sided):
    found = cells(named(data_section(load(sided)), "Sides of the split"))
    assert list(found) == [
        "questions", "of which the documents do not answer", "clusters", "length of a question", "length of an answer",
    ]  # fmt: skip
    assert found["questions"] == {"measure": "questions", "train": "1,528", "dev": "0", "test": "120"}
    assert found["of which the documents do not answer"]["test"] == "20"
    assert found["clusters"]["train"] == "62"
    row = found["length of a question"]
    assert (row["train"], row["dev"], row["test"]) == ("9.5 (3 to 31)", "not applicable", "10 (4 to 28)")
    assert row["measure"] == "length of a question words: median (least to most)"
    assert found["length of an answer"]["train"] == "2 (1 to 14)"
    assert found["length of an answer"]["test"] == "not applicable"


def test_kinds_are_counted_by_side_and_a_kind_that_a_side_lacks_is_zero(load, sided):
    found = cells(named(data_section(load(sided)), "Questions by kind"))
    assert found == {
        "span": {"kind": "span", "in the corpus": "1,100", "train": "1,000", "dev": "0", "test": "100"},
        "number": {"kind": "number", "in the corpus": "528", "train": "528", "dev": "0", "test": "0"},
        "unanswerable": {"kind": "unanswerable", "in the corpus": "20", "train": "0", "dev": "0", "test": "20"},
    }


def test_a_result_of_foreign_answers_has_the_test_side_alone(load, sided):
    sided["corpus"]["sides"] = {"test": SIDES["test"]}
    section = data_section(load(sided))
    assert [column.label for column in named(section, "Sides of the split").columns] == ["measure", "test"]
    assert [column.label for column in named(section, "Questions by kind").columns] == [
        "kind", "in the corpus", "test",
    ]  # fmt: skip


def test_a_result_of_an_earlier_lab_has_the_kinds_alone(load, tree):
    section = data_section(load(tree))
    assert "Sides of the split" not in [table.title for table in section.tables]
    found = cells(named(section, "Questions by kind"))
    assert found["span"] == {"kind": "span", "in the corpus": "120"}


@pytest.mark.parametrize(
    "sides",
    [
        None,
        3,
        [],
        {"test": None},
        {"test": {"questions": 3}},
        {"test": {"question_words": {"median": 3}, "kinds": [1]}},
    ],
)
def test_sides_of_another_shape_leave_the_rest(load, sided, sides):
    sided["corpus"]["sides"] = sides
    section = data_section(load(sided))
    assert cells(named(section, "Questions by kind"))["span"]["in the corpus"] == "1,100"


def test_leaks_are_told_apart(load, tree):
    tree["holdout"]["leaks"] |= {"exact": 2, "intended": 1, "holding_their_answer": ["q-1"]}
    points = data_section(load(tree)).points
    assert points[0] == "2 questions had two spaces in a row; they were joined."
    assert points[1] == (
        "Test questions that also stand in training: 2 word for word, 1 nearly; intended by the track: 1; alike but "
        "about other facts: 11."
    )
    assert points[2] == "1 test question whose own text holds the gold answer."
    assert len(points) == 3
    tree["holdout"] |= {"leaks": {}, "given_splits": True}
    assert data_section(load(tree)).points == (points[0], "The data came with its own splits.")


def test_near_leaks_and_contradictions_stand_folded_with_their_ids(load, tree):
    tree["corpus"]["contradictory_questions"] = [["q-1", "q-9"], ["q-2", "q-4", "q-7"]]
    section = data_section(load(tree))
    contradictions = named(section, "Same question, no answer in common")
    assert [row[0].text for row in contradictions.rows] == ["q-1, q-9", "q-2, q-4, q-7"]
    near = named(section, "Near-duplicate questions across the split")
    assert [[cell.text for cell in row] for row in near.rows] == [["q-17", "q-230", "0.840"]]
    assert contradictions.folded and near.folded


def test_a_result_without_any_of_it_has_no_data_card(load, tree):
    tree |= {"corpus": {}, "holdout": {}}
    result = load(tree)
    assert data_section(result).tables == () == data_section(result).points
    assert "data" not in {section.id for section in build_page(result).sections}


def test_hostile_kinds_and_sides_stay_text(load, sided):
    name = "</td><script>alert(1)</script>"
    sided["corpus"]["kinds"] = {name: 3}
    sided["corpus"]["sides"]["test"]["kinds"] = {name: 2}
    page = build_page(load(sided))
    assert named(next(one for one in page.sections if one.id == "data"), "Questions by kind").rows[0][4].text == "2"
    assert name not in render_html(page)


def test_machine_times_and_libraries_are_named(load, tree):
    section = reproducibility_section(load(tree))
    found = {row[0].text: plain(row[1].text) for row in named(section, "Environment").rows}
    assert found["experiment"] == "velloway" and found["seeds"] == "1"
    assert found["split fingerprint"] == tree["holdout"]["fingerprint"]
    assert (found["gpu"], found["dtype"], found["weights note"]) == (
        "none", "bfloat16", "Weights were dequantised from 4 bits.",
    )  # fmt: skip
    assert "libraries" not in found
    steps = {row[0].text: row[1].text for row in named(section, "Seconds by step").rows}
    assert steps == {
        "corpus": "0.400", "index": "9.10", "training A": "212", "loading and running models": "1,391",
        "total": "1,423",
    }  # fmt: skip
    libraries = named(section, "Libraries")
    assert libraries.folded and [row[0].text for row in libraries.rows] == ["torch", "transformers"]


def test_the_configuration_reads_back_word_for_word(load, tree):
    tree["config"]["dataset"] = {"path": "caf\u00e9 </pre>"}
    (block,) = reproducibility_section(load(tree)).blocks
    assert json.loads(block.text) == tree["config"]
    assert "caf\u00e9" in block.text
    tree["config"] = {}
    assert reproducibility_section(load(tree)).blocks == ()
