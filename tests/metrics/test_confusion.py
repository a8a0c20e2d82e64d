"""Figures of labels are scikit-learn's, and the bootstrap from counts is the one that draws questions."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from lab.metrics.confusion import (
    FIGURES,
    Told,
    always,
    by_label,
    confusion_matrix,
    label_figures,
    label_intervals,
)  # fmt: skip

LABELS = ("a", "b", "c", "d")
NONE = len(LABELS)
ANSWERS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, NONE)), min_size=1, max_size=30)  # nobody wants d


def told(pairs, clusters=None, labels=LABELS):
    gold, said = np.array(pairs).T
    return Told(labels, gold, said[None], np.arange(len(pairs)) if clusters is None else clusters)


@given(ANSWERS)
def test_figures_are_those_of_scikit_learn(pairs):
    gold, said = np.array(pairs).T
    found, places = label_figures(told(pairs)), list(range(NONE))
    macro = metrics.precision_recall_fscore_support(gold, said, average="macro", labels=places, zero_division=0)
    assert [found[f"macro_{name}"] for name in ("precision", "recall", "f1")] == pytest.approx(list(macro[:3]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of labels that nobody wants, and of a single one
        assert found["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(gold, said))
        assert found["mcc"] == pytest.approx(metrics.matthews_corrcoef(gold, said))
        matrix = metrics.confusion_matrix(gold, said, labels=[*places, NONE])
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(gold, said))
    assert confusion_matrix(told(pairs)) == matrix[:-1].tolist()
    each = np.array(metrics.precision_recall_fscore_support(gold, said, labels=places, zero_division=0)).T
    rows = [[one["precision"], one["recall"], one["f1"], one["support"]] for one in by_label(told(pairs))]
    assert np.array(rows) == pytest.approx(each)


def test_always_the_majority_by_hand():
    """Three of four are a: precision 3/4, recall 1, F1 6/7 of one label in four; nothing correlates."""
    found = label_figures(always(told([(0, 1), (0, 1), (0, 0), (1, 1)]), 0))
    assert found == pytest.approx(
        {
            "accuracy": 3 / 4, "macro_precision": 3 / 16, "macro_recall": 1 / 4, "macro_f1": 6 / 28,
            "balanced_accuracy": 1 / 2, "mcc": 0.0,
        }
    )  # fmt: skip


def questions(rng, clusters, size):
    """Clusters of `size` questions that are answered well or badly together."""
    gold = rng.choice(3, (clusters, size), p=[0.5, 0.3, 0.2])
    right = rng.random((clusters, size)) < rng.beta(3, 1, (clusters, 1))
    said = np.where(right, gold, rng.choice(NONE + 1, (clusters, size)))
    return Told(LABELS, gold.ravel(), said.reshape(1, -1), np.arange(clusters).repeat(size))


def test_the_interval_has_the_deviation_of_resampled_questions():
    """Drawn question by question from the clusters, with figures of scikit-learn: another way to the same width."""
    rng, one = np.random.default_rng(5), questions(np.random.default_rng(1), 30, 3)
    drawn = []
    for _ in range(1000):
        chosen = rng.integers(0, 30, 30)
        places = (chosen[:, None] * 3 + np.arange(3)).ravel()
        gold, said = one.gold[places], one.said[0, places]
        kept = sorted({*gold.tolist(), 3})  # a label without a question in the draw is left out; nobody wants d
        drawn.append(metrics.f1_score(gold, said, labels=kept, average="macro", zero_division=0))
    low, high = label_intervals(one, 7)["macro_f1"]
    t = 2.0452  # Student's t with 29 degrees of freedom, 97.5 %
    assert (high - low) / 2 == pytest.approx(t * np.std(drawn) * np.sqrt(30 / 29), rel=0.1)
    assert (high + low) / 2 == pytest.approx(label_figures(one)["macro_f1"])


def test_intervals_are_seeded_and_do_not_depend_on_the_order_or_on_further_labels():
    one = questions(np.random.default_rng(2), 25, 2)
    found = label_intervals(one, 7)
    assert set(found) == set(FIGURES)
    assert found == label_intervals(one, 7) != label_intervals(one, 8)
    more = Told((*LABELS, "e"), one.gold, np.where(one.said == NONE, NONE + 1, one.said), one.clusters)
    for name in ("accuracy", "balanced_accuracy", "mcc"):  # macro means have one label more
        assert label_intervals(more, 7)[name] == pytest.approx(found[name])
    twice = Told(LABELS, one.gold, np.concatenate([one.said, one.said]), one.clusters)
    assert label_intervals(twice, 7)["mcc"] == pytest.approx(found["mcc"])


def test_no_spread_is_no_width_and_few_clusters_have_no_interval():
    perfect = told([(place % 3, place % 3) for place in range(30)])
    assert label_intervals(perfect, 7)["macro_recall"] == pytest.approx((3 / 4, 3 / 4), abs=0.05)
    assert label_intervals(perfect, 7)["mcc"] == pytest.approx((1.0, 1.0))
    assert label_intervals(told([(0, 0)] * 19), 7) is None


def test_many_labels_have_figures_and_no_matrix():
    labels = tuple(map(str, range(51)))
    one = told([(place, place) for place in range(51)], labels=labels)
    assert confusion_matrix(one) is None
    assert label_figures(one)["macro_f1"] == 1.0
    assert label_intervals(one, 7)["macro_f1"] == pytest.approx((1.0, 1.0))
