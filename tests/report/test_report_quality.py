"""What was found of the data, in the report: the table of the data card, and the warnings above the finding."""

import json

import pytest
from test_report_recommendation import cells, named, plain

from lab.report.data_card import data_section
from lab.report.html import render_html
from lab.report.markdown import render_markdown
from lab.report.page import build_page

FOUND = [
    {
        "check": "lengths", "severity": "error", "count": 2, "of": 9, "sentence": "2 of 9 questions leave no room.",
        "examples": ["q-1", "q-<b>2</b>"], "advice": "Shorten them.",
    },
    {
        "check": "drift", "severity": "note", "count": 0, "of": None, "sentence": "Both sides look alike.",
        "examples": [], "advice": "",
    },
]  # fmt: skip


@pytest.fixture
def checked(tree):
    tree["corpus"]["quality"] = {
        "findings": FOUND,
        "checked": ["lengths"],
        "not_checked": {"language": "not installed"},
    }
    tree["corpus"]["sides"] = {
        "train": {"questions": 40, "synthetic": {"template": 30}},
        "test": {"questions": 120, "synthetic": {"cloze": 100, "a <b>model</b>": 20}},
    }
    return tree


def test_the_data_card_lists_every_finding_and_what_was_not_checked(load, checked):
    table = named(data_section(load(checked)), "Data quality")
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["error", "lengths", "2 of 9 questions leave no room.", "q-1, q-<b>2</b>", "Shorten them."],
        ["note", "drift", "Both sides look alike.", "", ""],
    ]
    assert "Not checked: language (not installed)." in table.note


def test_synthetic_questions_are_counted_by_side_and_maker(load, checked):
    row = cells(named(data_section(load(checked)), "Sides of the split"))["of which no person wrote"]
    assert (plain(row["train"]), plain(row["test"])) == ("30 template", "120 cloze, a <b>model</b>")


def test_errors_and_a_synthetic_test_stand_above_all_else(load, checked):
    result = load(checked)
    assert result.n_test == 120
    page = build_page(result)
    assert page.warnings == (
        "All 120 test questions were written by cloze and a <b>model</b> from the passages: this favours retrieval. "
        "What the teacher knew without the passage, or did not answer from it, was left out: methods without passages "
        "score too low, those with passages too high, most of all if the teacher is the run's generator. "
        "Have people write or review a test set before you rely on it.",
        "2 of 9 questions leave no room.",
    )
    html = render_html(page)
    assert "a &lt;b&gt;model&lt;/b&gt;" in html and "<b>model</b>" not in html
    assert render_markdown(page).startswith("> **Warning:** All 120 test questions were written by cloze")


@pytest.mark.parametrize(
    ("makers", "told", "advice"),
    [
        ({"cloze": 60, "template": 60}, False, "write or review a test set before you rely on it."),
        ({"cloze, reviewed": 120}, False, "Have people write a test set, too."),
        ({"smollm2-135m, reviewed": 120}, True, "Have people write a test set, too."),
        ({"smollm2-135m, reviewed": 100, "cloze": 20}, True, "write or review a test set before you rely on it."),
    ],
)
def test_a_teachers_choice_is_told_and_a_reviewed_test_is_not_sent_to_review(load, checked, makers, told, advice):
    checked["corpus"]["sides"]["test"]["synthetic"] = makers
    warning = build_page(load(checked)).warnings[0]
    assert ("methods without passages score too low" in warning) is told
    assert warning.endswith(advice)


@pytest.mark.parametrize(("written", "said"), [(60, "60 of 120 test questions"), (59, None), (0, None)])
def test_half_of_the_test_is_where_the_warning_begins(load, checked, written, said):
    checked["corpus"]["sides"]["test"]["synthetic"] = {"cloze": written}
    checked["corpus"]["quality"] = None
    warnings = build_page(load(checked)).warnings
    assert [warning.startswith(said) for warning in warnings] == ([True] if said else [])


@pytest.mark.parametrize("broken", [None, [], "x", {"findings": "x"}, {"findings": [None, 3]}])
def test_older_and_damaged_results_have_neither_table_nor_warning(load, tree, broken):
    tree["corpus"]["quality"] = broken
    page = build_page(load(json.loads(json.dumps(tree))))
    assert page.warnings == ()
    assert not [table for section in page.sections for table in section.tables if table.title == "Data quality"]
