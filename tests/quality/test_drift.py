"""Drift between the sides: each measure against another way to compute it, and the errors of the whole."""

import numpy as np
import pytest
from quality_world import holdout, many, question
from scipy import stats

from lab.quality.drift import (
    LARGE_MMD,
    cohen_d,
    compare_sides,
    cramer_v,
    drift,
    gaussian_kernel,
    mmd_squared,
    permuted_sides,
)
from lab.types import Evidence


def unit_vectors(rng, count, centre=None):
    vectors = rng.normal(size=(count, 16)) + (0 if centre is None else centre)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def sides_of(first, count):
    return np.array([[1.0] * first + [0.0] * (count - first)])


def test_the_kernel_is_one_over_e_at_the_median_distance() -> None:
    # Squared distances 2, 2 and 4: two opposite vectors, and one across both.
    kernel = gaussian_kernel(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_allclose(kernel[0], [1.0, np.exp(-2.0), np.exp(-1.0)])
    np.testing.assert_array_equal(gaussian_kernel(np.array([[1.0, 0.0]] * 3)), np.ones((3, 3)))


def test_mmd_is_the_mean_over_pairs_as_gretton_writes_it() -> None:
    kernel = gaussian_kernel(unit_vectors(np.random.default_rng(1), 9))
    own = [kernel[i, j] for i in range(4) for j in range(4) if i != j]
    theirs = [kernel[i, j] for i in range(4, 9) for j in range(4, 9) if i != j]
    across = [kernel[i, j] for i in range(4) for j in range(4, 9)]
    wanted = np.mean(own) + np.mean(theirs) - 2 * np.mean(across)
    assert mmd_squared(kernel, sides_of(4, 9))[0] == pytest.approx(wanted)


def test_cramer_v_is_scipys_and_cohen_d_is_that_of_the_t_test() -> None:
    rng = np.random.default_rng(2)
    kinds = rng.integers(0, 3, 40)
    onehot = np.eye(3)[kinds]
    table = np.array([[(kinds[:15] == kind).sum(), (kinds[15:] == kind).sum()] for kind in range(3)])
    assert cramer_v(onehot, sides_of(15, 40))[0] == pytest.approx(stats.contingency.association(table))
    values = rng.normal(size=40)
    t = stats.ttest_ind(values[:15], values[15:]).statistic
    assert cohen_d(values, sides_of(15, 40))[0] == pytest.approx(t * np.sqrt(1 / 15 + 1 / 25))
    assert cohen_d(np.ones(40), sides_of(15, 40))[0] == 0.0


def test_units_move_whole() -> None:
    units = ["a", "a", "a", "b", "c", "c", "d"]
    sides = permuted_sides(units, 4, np.random.default_rng(1))
    assert sides.shape == (1000, 7)
    assert sides[0].tolist() == [1, 1, 1, 1, 0, 0, 0]
    assert (sides[:, 0] == sides[:, 2]).all() and (sides[:, 4] == sides[:, 5]).all()
    assert len({tuple(row) for row in sides[:, [0, 3, 4, 6]]}) == 6, "two of four units, in all ways"


def encoder(centres):
    """Vectors by the topic that a text names, the same for the same text."""

    def encode(texts):
        found = []
        for text in texts:
            topic, _, name = text.partition(" ")
            rng = np.random.default_rng([ord(topic), *name.encode()])
            found.append(unit_vectors(rng, 1, centres[topic])[0])
        return np.array(found, dtype=np.float32)

    return encode


CENTRES = {"a": np.zeros(16), "b": np.r_[4.0, np.zeros(15)]}


def about(topic, side, count, clusters):
    return [
        question(f"{side}{number}", f"{topic} {side}{number}", evidence=(Evidence(f"{side}{number % clusters}"),))
        for number in range(count)
    ]


def test_another_topic_is_drift_of_meaning_alone() -> None:
    found = drift(holdout(about("a", "x", 60, 20), test=about("b", "y", 60, 20)), 7, encoder(CENTRES))
    assert [(one.severity, one.check) for one in found] == [("warning", "drift")]
    assert found[0].sentence.startswith("Test questions ask about other things than training questions (MMD squared 0.")


def test_sides_drawn_alike_are_called_alike_and_the_seed_decides_all() -> None:
    sides = holdout(about("a", "x", 60, 20), about("a", "d", 8, 4), about("a", "y", 60, 20))
    found = drift(sides, 7, encoder(CENTRES))
    assert [one.severity for one in found] == ["note", "note"]
    assert "look alike in meaning, length (MMD squared" in found[0].sentence
    assert found == drift(sides, 7, encoder(CENTRES))
    assert len(drift(holdout(sides.train, many("d", 7), sides.test), 7, None)) == 1, "seven dev questions tell nothing"


def test_longer_questions_and_other_kinds_are_drift_without_an_encoder() -> None:
    train = [question(f"t{number}", f"What is {number}?") for number in range(40)]
    test = [question(f"q{number}", f"What is {number} {'very ' * 9}good for?", kind="number") for number in range(40)]
    found = drift(holdout(train, test=test), 7, None)
    assert [one.sentence.split(" than ")[0] for one in found] == [
        "Test questions are of another length", "Test questions are of other kinds",
    ]  # fmt: skip


def test_documents_that_stand_on_one_side_are_permuted_whole() -> None:
    """Two documents can be put on two sides in two ways, and both look the same: that shows nothing."""
    one = [*about("a", "x", 30, 1)]
    other = [*about("b", "y", 30, 1)]
    by_document = compare_sides(one, other, np.random.default_rng(1), encoder(CENTRES))[0]
    assert by_document.size > LARGE_MMD and by_document.p > 0.5 and not by_document.matters


def test_false_alarms_are_as_rare_as_they_should_be() -> None:
    """p is uniform where there is no drift: of 200 splits about 10 have p <= 0.05, seldom 20 (0.3 %)."""
    rng = np.random.default_rng(5)
    everything = [question(f"q{number}", f"a q{number}") for number in range(40)]
    encode = encoder(CENTRES)
    ps = []
    for _ in range(200):
        order = rng.permutation(40)
        found = compare_sides([everything[i] for i in order[:20]], [everything[i] for i in order[20:]], rng, encode)
        ps.append(found[0].p)
    assert sum(p <= 0.05 for p in ps) < 20
    assert 0.4 < np.mean(ps) < 0.6
