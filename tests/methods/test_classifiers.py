"""The two classifiers agree with hand-worked votes and with scikit-learn, and are chosen on dev as written."""

import math

import numpy as np
import pytest

from lab.methods.classifiers import (
    GRIDS,
    Examples,
    LinearHead,
    NeighbourVote,
    fit,
    read_fit,
    save_fit,
)

LABELS = ("bill", "lost", "times")


def at(*degrees):
    """Unit vectors in the plane."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def examples(degrees, codes):
    return Examples(at(*degrees), np.array(codes, dtype=np.int64))


def test_neighbours_vote_with_their_cosines():
    vote = NeighbourVote(examples([0, 60, 80, 180], [0, 1, 1, 2]), 3, 3)
    found = vote.confidence(at(20))
    votes = [math.cos(math.radians(20)), math.cos(math.radians(40)) + math.cos(math.radians(60))]
    assert found[0] == pytest.approx([votes[0] / sum(votes), votes[1] / sum(votes), 0.0], abs=1e-5)
    assert vote.choose(at(20)).tolist() == [1], "two farther neighbours outvote the nearest"
    assert NeighbourVote(vote.examples, 3, 1).choose(at(20)).tolist() == [0]


def test_of_equal_votes_the_label_of_the_nearest_wins_then_the_first():
    even = NeighbourVote(examples([10, -10], [1, 0]), 3, 2)
    assert even.confidence(at(0))[0] == pytest.approx([0.5, 0.5, 0.0])
    assert even.choose(at(0)).tolist() == [0]
    # cos 0 = cos 60 + cos 60: equal votes, and label 2 has the nearest neighbour
    nearest = NeighbourVote(examples([0, 60, -60], [2, 0, 0]), 3, 3)
    assert nearest.confidence(at(0))[0] == pytest.approx([0.5, 0.0, 0.5], abs=1e-6)
    assert nearest.choose(at(0)).tolist() == [2]


def test_which_of_equally_near_examples_is_a_neighbour_goes_by_the_order_of_labels():
    vote = NeighbourVote(examples([30, -30, 5], [1, 0, 2]), 3, 2)
    assert vote.confidence(at(0))[0][1] == 0.0 and vote.confidence(at(0))[0][0] > 0.0


def test_neighbours_on_the_other_side_have_no_vote_unless_all_are_there():
    vote = NeighbourVote(examples([0, 170, 190], [0, 1, 1]), 2, 3)
    assert vote.confidence(at(0))[0].tolist() == [1.0, 0.0]
    assert vote.confidence(at(270))[0].tolist() != [1.0, 0.0]
    far = NeighbourVote(examples([100, 110, 120], [0, 1, 1]), 2, 3)
    assert far.confidence(at(270))[0] == pytest.approx([1 / 3, 2 / 3])


def random_examples(seed, n, labels, dimensions=8):
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % labels
    centres = rng.normal(size=(labels, dimensions))
    vectors = centres[codes] + rng.normal(size=(n, dimensions))
    return Examples((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), codes)


@pytest.mark.parametrize("k", [1, 3, 7])
def test_the_vote_agrees_with_scikit_learn(k, monkeypatch):
    from sklearn.neighbors import KNeighborsClassifier

    train, asked = random_examples(1, 60, 3), random_examples(2, 25, 3).vectors
    other = KNeighborsClassifier(k, metric="cosine", weights=lambda far: np.maximum(1.0 - far, 0.0), algorithm="brute")
    expected = other.fit(train.vectors, train.codes).predict_proba(asked)
    found = NeighbourVote(train, 3, k)
    assert found.confidence(asked) == pytest.approx(expected, abs=1e-4)
    assert found.choose(asked).tolist() == expected.argmax(axis=1).tolist()
    monkeypatch.setattr("lab.methods.classifiers.CELLS", 130)  # two questions at a time
    assert found.confidence(asked) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("labels", [2, 3])
def test_the_head_agrees_with_scikit_learn(labels, tmp_path):
    from sklearn.linear_model import LogisticRegression

    train, dev = random_examples(3, 90, labels), random_examples(4, 30, labels)
    head, record = fit("linear-head", train, dev, LABELS[:labels])
    other = LogisticRegression(C=record.value, max_iter=2000).fit(train.vectors.astype(np.float64), train.codes)
    assert isinstance(head, LinearHead) and record.converged is True
    assert head.confidence(dev.vectors) == pytest.approx(other.predict_proba(dev.vectors), abs=1e-5)
    assert head.choose(dev.vectors).tolist() == other.predict(dev.vectors).tolist()
    chosen = next(one for one in record.tried if one.value == record.value)
    assert chosen.accuracy == max(one.accuracy for one in record.tried)
    assert chosen.accuracy == pytest.approx(np.mean(other.predict(dev.vectors) == dev.codes))
    save_fit(tmp_path, head, record)
    again, read = read_fit(tmp_path)
    assert read == record
    assert again.confidence(dev.vectors).tolist() == head.confidence(dev.vectors).tolist()


def test_a_label_without_an_example_is_never_chosen():
    train = random_examples(5, 40, 2)
    apart = Examples(train.vectors, train.codes * 2)
    head, _ = fit("linear-head", apart, apart, LABELS)
    found = head.confidence(random_examples(6, 50, 3).vectors)
    assert np.isfinite(found).all() and not found[:, 1].any()
    assert found.sum(axis=1) == pytest.approx(np.ones(50))


def test_k_is_chosen_on_dev_by_accuracy():
    # One wrongly labelled example sits in the middle of each cluster, so the nearest alone misleads.
    train = examples([0, 4, -4, 90, 94, 86], [1, 0, 0, 0, 1, 1])
    dev = examples([0.5, 89.5], [0, 1])
    vote, record = fit("knn-vote", train, dev, LABELS)
    assert [one.value for one in record.tried] == [1, 3, 5], "no more neighbours than examples"
    assert [one.accuracy for one in record.tried][:2] == [0.0, 1.0]
    assert record.value == 3 and vote.choose(dev.vectors).tolist() == [0, 1]
    assert (record.n_train, record.n_dev, record.converged) == (6, 2, None)


def test_equal_accuracy_is_decided_by_macro_f1_and_then_by_the_first_of_the_grid():
    # Four clusters, one dev question in each. k = 1 says bill four times; k = 3 loses the third and finds the fourth.
    train = examples([1, 3, -3, 91, 93, 87, 181, 183, 177, 271, 273, 267], [0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1])
    _, record = fit("knn-vote", train, examples([0, 90, 180, 270], [0, 0, 0, 1]), LABELS[:2])
    assert [one.value for one in record.tried] == [1, 3, 5, 9]
    assert [one.accuracy for one in record.tried] == [0.75] * 4
    macro = [one.macro_f1 for one in record.tried]
    assert macro == pytest.approx([(6 / 7 + 0) / 2, *[(4 / 5 + 2 / 3) / 2] * 3])
    assert record.value == 3
    same = examples([0, 1, 2, 90, 91, 92], [0, 0, 0, 1, 1, 1])
    assert fit("knn-vote", same, same, LABELS)[1].value == 1
    assert fit("linear-head", same, same, LABELS)[1].value == GRIDS["linear-head"][0]


@pytest.mark.parametrize(("method", "n", "value"), [("knn-vote", 8, 5), ("knn-vote", 4, 3), ("linear-head", 8, 1.0)])
def test_without_dev_questions_nothing_is_tried_and_the_record_says_so(method, n, value):
    train = random_examples(7, n, 2)
    _, record = fit(method, train, Examples(train.vectors[:0], train.codes[:0]), LABELS[:2])
    assert record.tried == () and record.n_dev == 0 and record.value == value


def test_a_dev_label_that_training_lacks_counts_as_wrong():
    train = examples([0, 90], [0, 1])
    _, record = fit("knn-vote", train, examples([0, 90, 45, 45], [0, 1, -1, -1]), LABELS[:2])
    assert record.tried[0].accuracy == 0.5


def test_what_is_kept_is_read_without_pickle(tmp_path):
    train = random_examples(8, 30, 3)
    vote, record = fit("knn-vote", train, train, LABELS)
    save_fit(tmp_path, vote, record)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["codes.npy", "fit.json", "vectors.npy"]
    again, read = read_fit(tmp_path)
    assert read == record
    asked = random_examples(9, 12, 3).vectors
    assert again.confidence(asked).tolist() == vote.confidence(asked).tolist()
