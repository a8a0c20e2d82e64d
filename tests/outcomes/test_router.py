import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.outcomes.router import route
from lab.outcomes.table import QuestionFacts, ScoreTable


def table_of(columns, kind, cluster=lambda i: f"d{i}"):
    questions = tuple(QuestionFacts(str(i), cluster(i), kind[i], True, 1) for i in range(len(kind)))
    arrays = {method: {"token_f1": np.atleast_2d(np.asarray(values, float))} for method, values in columns.items()}
    return ScoreTable(questions, {method: tuple(range(len(one["token_f1"]))) for method, one in arrays.items()}, arrays)


def routed(table):
    found = route(table, "token_f1", shown_k=3)
    json.dumps(found, allow_nan=False)
    return found, {row["family"]: row for row in found["families"]}


def test_methods_that_are_good_at_different_kinds_gain_and_the_bound_is_exact():
    kind = ["span", "number"] * 20
    columns = {
        "rag": [1.0, 0.0] * 20,  # right on spans
        "fine-tuned": [0.0, 0.8] * 20,  # good at numbers
        "oracle": [1.0, 1.0] * 20,
    }
    found, rows = routed(table_of(columns, kind))
    assert found["candidates"] == ["rag", "fine-tuned"]
    row = rows["kind"]
    assert row["choices"] == {"span": "rag", "number": "fine-tuned"} and row["single"] == "rag"
    assert row["gain"]["mean"] == pytest.approx(0.4) and row["in_sample"] == pytest.approx(0.4)
    assert row["folds"] == 5 and row["gain"]["n"] == 40
    assert rows["popularity"]["gain"]["reason"] == "not measured: the documents carry no popularity"


def test_a_choice_that_only_fits_noise_gains_in_sample_and_not_out_of_sample():
    # leave one document out: whichever method is ahead in a slice owes it to the document that is held out
    kind = ["span", "span", "number", "number"]
    columns = {"rag": [1.0, 0.0, 0.0, 0.1], "fine-tuned": [0.0, 0.9, 0.3, 0.0]}
    _, rows = routed(table_of(columns, kind))
    row = rows["kind"]
    assert row["folds"] == 4
    assert row["single"] == "fine-tuned"
    # in sample: rag on spans (1.0 against 0.9), fine-tuned on numbers: (1.0 - 0.9) / 4
    assert row["in_sample"] == pytest.approx(0.025)
    # held out 0: single fine-tuned (1.2 against 0.1), spans fine-tuned: 0
    # held out 1: single rag (1.1 against 0.3), spans rag: 0
    # held out 2: single rag (1.1 against 0.9), numbers rag: 0
    # held out 3: single fine-tuned (1.2 against 1.0), numbers fine-tuned: 0
    assert row["gain"]["mean"] == 0.0


def test_documents_are_never_split_between_choosing_and_scoring():
    # every document has its own best method, so nothing learned elsewhere helps
    kind = ["span", "number"] * 4
    cluster = ["a", "a", "b", "b", "a", "a", "b", "b"]
    columns = {"rag": [1, 0, 0, 1, 1, 0, 0, 1], "fine-tuned": [0, 1, 1, 0, 0, 1, 1, 0]}
    _, rows = routed(table_of(columns, kind, lambda i: cluster[i]))
    assert rows["kind"]["folds"] == 2
    # of equal means the simpler is chosen: rag scores 0.5; per slice the wrong one is chosen throughout: 0
    assert rows["kind"]["gain"]["mean"] == pytest.approx(-0.5)
    assert rows["kind"]["in_sample"] == 0.0


def test_what_cannot_be_routed_says_why():
    kind = ["span", "number"] * 3
    _, rows = routed(table_of({"rag": [1.0] * 6, "oracle": [1.0] * 6}, kind))
    assert rows["kind"]["gain"]["reason"] == "not measured: a choice needs two methods"
    _, rows = routed(table_of({"rag": [1.0] * 6, "raft": [1.0] * 6}, kind, lambda i: "d"))
    assert "two documents" in rows["kind"]["gain"]["reason"]
    found, rows = routed(table_of({"rag": [np.nan] * 6}, kind))
    assert found["candidates"] == [] and rows["kind"]["single"] is None


@given(
    st.lists(st.tuples(*[st.sampled_from([0.0, 0.5, 1.0])] * 3, st.sampled_from("ab"), st.integers(0, 3)), min_size=2)
)
def test_in_sample_is_never_a_loss_and_every_table_has_an_answer(rows):
    columns = dict(zip(("closed-book", "rag", "raft"), zip(*(row[:3] for row in rows), strict=True), strict=True))
    table = table_of(columns, [row[3] for row in rows], lambda i: str(rows[i][4]))
    _, found = routed(table)
    row = found["kind"]
    assert (row["in_sample"] is None) == (row["gain"]["mean"] is None)
    assert row["in_sample"] is None or row["in_sample"] >= -1e-9


def test_training_runs_are_averaged_before_the_choice():
    kind = ["span", "number"] * 10
    tuned = [[1.0, 0.0] * 10, [0.0, 0.0] * 10]  # 0.5 and 0 on average
    _, rows = routed(table_of({"rag": [0.6, 0.1] * 10, "fine-tuned": tuned}, kind))
    assert rows["kind"]["choices"] == {"span": "rag", "number": "rag"} and rows["kind"]["gain"]["mean"] == 0.0
