"""The report's section on labels: figures beside the majority's, a plain warning, and what was taken for what."""

import numpy as np
import pytest

from lab.metrics.confusion import Told
from lab.metrics.labels import label_places, summarise_labels, summarise_options
from lab.report.labels import labels_section

LABELS = ("fare", "lost", "wind")
GOLD = ["fare", "fare", "lost", "wind"] * 10


def told(said, labels=LABELS, gold=GOLD):
    return Told(labels, label_places(gold, labels), label_places(said, labels)[None], np.arange(len(gold)))


def section(load, tree, said, labels=LABELS, gold=GOLD, option=None):
    """The section of a result in which closed-book always says fare and all other methods give `said`."""
    for name, method in tree["methods"].items():
        given = ["fare"] * len(gold) if name == "closed-book" and labels == LABELS else said
        method["labels"] = {"label": summarise_labels(told(given, labels, gold), 7)}
        method["labels"]["label"]["option"] = option and summarise_options(told(option, labels, gold), 7)
    return labels_section(load(tree))


def rows(table):
    return {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}


def test_figures_stand_beside_those_of_always_giving_the_most_frequent_label(load, tree):
    figures, by_label, *confusions = section(load, tree, ["fare", "fare", "lost", "other"] * 10).tables
    heads = [column.label for column in figures.columns]
    found = rows(figures)
    baseline = dict(zip(heads[1:], found["always fare"], strict=True))
    assert baseline["label accuracy"] == "0.500"
    assert baseline["macro F1"] == "0.222"  # 2/3 of one label in three
    assert baseline["MCC"] == "0.000"
    assert found["RAG"][heads.index("answers that are no label") - 1] == "25\u00a0%"
    assert found["RAG"][heads.index("macro F1") - 1].startswith("0.66")
    assert "likeliest" not in " ".join(heads)
    assert rows(by_label)["wind"] == ["0.000"] * 6
    assert rows(by_label)["lost"].count("1.000") == 5
    matrix = next(table for table in confusions if table.title.endswith(": RAG"))
    assert matrix.folded
    assert rows(matrix)["wind"] == ["0", "0", "0", "10", "0.000", "0.000", "0.000"]  # ten answers were no label
    assert rows(matrix)["fare"] == ["20", "0", "0", "0", "1.000", "1.000", "1.000"]


def test_it_is_said_plainly_when_no_candidate_is_clearly_better_than_the_majority(load, tree):
    assert section(load, tree, GOLD).paragraphs == ()
    weak = ["fare"] * 39 + ["wind"]
    (warning,) = section(load, tree, weak).paragraphs
    assert warning.startswith("No method is clearly more accurate than always answering fare")
    tree["methods"]["oracle"]["labels"] = {"label": summarise_labels(told(GOLD), 7)}
    assert labels_section(load(tree)).paragraphs == (warning,)  # the oracle is no candidate


def test_the_likeliest_label_has_columns_where_it_was_asked_for(load, tree):
    table = section(load, tree, GOLD, option=["fare"] * 40).tables[0]
    heads = [column.label for column in table.columns]
    place = heads.index("likeliest label: accuracy")
    assert rows(table)["RAG"][place - 1] == "0.50"
    assert rows(table)["always fare"][place - 1] == "\u2013"


def test_a_label_that_nobody_wants_or_says_has_no_f1(load, tree):
    one = [
        summarise_labels(told(GOLD[:3] * 10, LABELS, GOLD[:3] * 10), 7),
        summarise_labels(told(["wind"] * 30, LABELS, GOLD[:3] * 10), 7),
    ]
    for place, method in enumerate(tree["methods"].values()):
        method["labels"] = {"label": one[place % 2]}
    by_label = labels_section(load(tree)).tables[1]
    assert set(rows(by_label)["wind"]) == {"\u2013", "0.000"}  # said by some, wanted by none


def test_few_clusters_are_said_to_be_the_reason_for_no_intervals(load, tree):
    table = section(load, tree, ["fare"] * 4, gold=["fare", "lost"] * 2).tables[0]
    assert "Here there are too few clusters for those." in table.note
    assert "too few" not in section(load, tree, GOLD).tables[0].note


def test_of_many_labels_the_frequent_confusions_are_listed(load, tree):
    labels = tuple(f"label {place:02}" for place in range(13))
    gold = [*labels, *labels]
    said = ["label 05" if one == "label 00" else one for one in gold]
    table = section(load, tree, said, labels, gold).tables[-1]
    assert [[cell.text for cell in row] for row in table.rows] == [["label 00", "label 05", "2"]]


def test_results_of_before_have_the_columns_that_they_have(load, tree):
    for method in tree["methods"].values():
        label = {"n": 120, "accuracy": 0.5, "macro_f1": 0.41, "invalid": 0.05, "labels": ["no", "yes"]}
        method["labels"] = {"label": label | {"majority": "yes", "majority_share": 0.552}}
    found = labels_section(load(tree))
    assert found.paragraphs == ()
    (table,) = found.tables
    assert [column.label for column in table.columns] == [
        "method", "label accuracy", "macro F1", "answers that are no label",
    ]  # fmt: skip
    assert rows(table)["always yes"][0] == "0.552"


@pytest.mark.parametrize("broken", [None, 3, [], [[1]], [["x"] * 4] * 3, {"a": 1}])
def test_a_damaged_matrix_is_left_out_or_says_not_measured(load, tree, broken):
    for method in tree["methods"].values():
        method["labels"] = {"label": summarise_labels(told(GOLD), 7) | {"confusion": broken, "per_label": broken}}
    assert labels_section(load(tree)).tables
