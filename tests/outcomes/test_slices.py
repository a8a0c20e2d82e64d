import json

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from lab.outcomes.slices import SMALL, families, slices
from lab.outcomes.table import QuestionFacts, ScoreTable

NAMES = ["kind", "answer length", "retrieval rank", "known before", "popularity"]


def table_of(columns, **facts):
    n = np.atleast_2d(next(iter(columns.values()))).shape[1]
    questions = tuple(
        QuestionFacts(
            **{"id": str(i), "cluster": f"d{i}", "kind": "span", "answerable": True, "answer_words": 1}
            | {name: values[i] for name, values in facts.items()}
        )
        for i in range(n)
    )
    arrays = {method: {"token_f1": np.atleast_2d(np.asarray(values, float))} for method, values in columns.items()}
    return ScoreTable(questions, {method: tuple(range(len(one["token_f1"]))) for method, one in arrays.items()}, arrays)


def sliced(table, shown_k=3, seed=7):
    found = slices(table, "token_f1", seed, shown_k=shown_k)
    json.dumps(found, allow_nan=False)
    assert [family["family"] for family in found] == NAMES
    return {family["family"]: family for family in found}


def test_questions_fall_into_the_slices_that_their_facts_say():
    table = table_of(
        {"rag": [0.0] * 8},
        kind=["span", "number", "span", "span", "span", "unanswerable", "span", "span"],
        answerable=[True] * 5 + [False] + [True] * 2,
        answer_words=[1, 2, 3, 4, 9, 0, 1, 1],
        has_gold=[True] * 5 + [False] + [True] * 2,
        gold_rank=[1, 2, 3, 4, None, None, 1, 1],
        known=["known", "maybe", "unknown", None, "unknown", None, "known", "known"],
        popularity=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, None, None],
    )
    names = {one.name: [one.slices[code] if code >= 0 else None for code in one.codes] for one in families(table, 3)}
    assert names["kind"] == ["span", "number", "span", "span", "span", "unanswerable", "span", "span"]
    assert names["answer length"][:6] == [
        "1 word", "2-3 words", "2-3 words", "4 or more words", "4 or more words", "no answer"
    ]  # fmt: skip
    assert names["retrieval rank"][:6] == [
        "rank 1", "rank 2-3", "rank 2-3", "deeper or missed", "deeper or missed", "nothing gold"
    ]  # fmt: skip
    assert names["known before"][:5] == ["known", "maybe", "unknown", None, "unknown"]
    assert names["popularity"] == ["rare", "rare", "middle", "middle", "popular", "popular", None, None]
    found = sliced(table)
    assert found["popularity"]["left_out"] == 2 and found["known before"]["left_out"] == 2
    assert [one["name"] for one in found["retrieval rank"]["slices"]] == [
        "rank 1", "rank 2-3", "deeper or missed", "nothing gold"
    ]  # fmt: skip


def test_a_family_that_cannot_be_built_says_why():
    found = sliced(table_of({"rag": [1.0, 0.0]}))
    assert found["kind"]["reason"].startswith("not measured: all questions of this family are in one slice (span)")
    assert found["retrieval rank"]["reason"] == "not measured: no gold passage is known"
    assert found["known before"]["reason"] == "not measured: the untuned model was not asked what it knows"
    assert found["popularity"]["reason"] == "not measured: the documents carry no popularity"
    assert all(family["slices"] == [] and family["left_out"] == 2 for family in found.values())


def test_a_slice_has_means_contrasts_and_p_values_of_its_own_questions():
    kind = ["span"] * 40 + ["number"] * 20
    rag = [1.0] * 30 + [0.0] * 10 + [1.0] * 10 + [0.0] * 10
    closed = [1.0] * 10 + [0.0] * 30 + [0.0] * 10 + [1.0] * 2 + [0.0] * 8
    found = sliced(table_of({"rag": rag, "closed-book": closed, "other": rag}, kind=kind))["kind"]
    span, number = found["slices"]
    assert (span["name"], span["n"], span["clusters"], span["small"]) == ("span", 40, 40, False)
    assert (number["n"], number["small"]) == (20, 20 < SMALL)
    assert span["methods"]["rag"]["mean"] == 0.75 and number["methods"]["closed-book"]["mean"] == pytest.approx(0.1)
    assert list(span["methods"]) == ["closed-book", "rag", "other"]
    (contrast,) = number["contrasts"]
    assert (contrast["method"], contrast["baseline"]) == ("rag", "closed-book")
    assert contrast["difference"]["mean"] == pytest.approx(0.4)
    low, high = stats.t.interval(0.95, 19, 0.4, stats.sem(np.array(rag[40:]) - closed[40:]))
    assert (contrast["difference"]["low"], contrast["difference"]["high"]) == pytest.approx((low, high))
    # 12 questions differ, 10 in favour of rag: the sign flips are those of a binomial test
    assert contrast["p"] == pytest.approx(stats.binomtest(2, 12, 0.5).pvalue)


def test_holm_is_over_all_slices_of_a_family():
    rng = np.random.default_rng(1)
    columns = {method: rng.random(90) for method in ("closed-book", "rag", "fine-tuned")}
    found = sliced(table_of(columns, kind=["span", "number", "list"] * 30))["kind"]
    rows = [contrast for one in found["slices"] for contrast in one["contrasts"]]
    assert len(rows) == 6
    expected = multipletests([row["p"] for row in rows], method="holm")[1]
    assert [row["p_holm"] for row in rows] == pytest.approx(expected)


def test_a_contrast_without_a_common_question_has_no_p_and_a_reason():
    kind = ["span"] * 3 + ["label"] * 3
    columns = {"rag": [1.0] * 3 + [np.nan] * 3, "closed-book": [0.0] * 6}
    label = sliced(table_of(columns, kind=kind))["kind"]["slices"][1]
    assert label["contrasts"][0]["p"] is None and label["contrasts"][0]["p_holm"] is None
    assert label["methods"]["rag"]["reason"] == "not measured: no question has a value"
    assert label["methods"]["closed-book"]["mean"] == 0.0


def test_several_training_runs_that_disagree_raise_p():
    closed = [0.0] * 40
    apart = [[1.0] * 40, [0.1] * 40, [0.0] * 40]
    kind = ["span"] * 20 + ["number"] * 20
    one = sliced(table_of({"closed-book": closed, "fine-tuned": apart[0]}, kind=kind))["kind"]["slices"][0]
    three = sliced(table_of({"closed-book": closed, "fine-tuned": apart}, kind=kind))["kind"]["slices"][0]
    assert one["contrasts"][0]["p"] < 0.001
    means = [1.0, 0.1, 0.0]
    assert three["contrasts"][0]["p"] == pytest.approx(stats.ttest_1samp(means, 0.0).pvalue)
