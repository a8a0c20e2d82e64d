import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lab.statistics import resampling
from lab.statistics.resampling import bca_intervals, sign_flip_p, smallest_p

D = [[2.0, -1.0, 0.0, 1.0]]  # cluster sums of the worked example: d = [1,1,0,0,-1,0,1,0] in [0,0,0,1,1,2,3,3]


def p(*sums, seed=5):
    return float(sign_flip_p(np.array([sums]), seed)[0])


def scipy_p(sums):
    test = stats.permutation_test(
        (np.array(sums), np.zeros(len(sums))),
        lambda a, b, axis: (a - b).sum(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=9_999,
        rng=np.random.default_rng(5),
    )
    return float(test.pvalue)


@pytest.mark.parametrize("count", [2, 5, 10, 13])
def test_exact_sign_flips_agree_with_scipy(count):
    assert float(sign_flip_p(np.array(D), 1)[0]) == pytest.approx(scipy_p(D[0])) == 0.75
    sums = np.random.default_rng(count).normal(0.6, 1, count)
    assert p(*sums) == pytest.approx(scipy_p(sums))


@pytest.mark.parametrize("mean", [0.0, 0.25, 0.5])
def test_sampled_sign_flips_agree_with_scipy_and_repeat(mean):
    sums = np.random.default_rng(3).normal(mean, 1, 30)
    assert p(*sums) == pytest.approx(scipy_p(sums), abs=0.015)  # two draws, each with an error up to 0.005
    assert p(*sums) == p(*sums)
    assert p(*sums) != p(*sums, seed=6)


def test_sampled_sign_flips_agree_with_all_patterns(monkeypatch):
    sums = np.random.default_rng(1).normal(0.5, 1, 13)
    exact = p(*sums)
    monkeypatch.setattr(resampling, "EXACT_UP_TO", 0)
    assert p(*sums) == pytest.approx(exact, abs=4 * (exact * (1 - exact) / 9_999) ** 0.5)


def test_sign_flips_turn_whole_clusters():
    assert p(10.0, 10.0) == 0.5  # 2 of 4 sign patterns
    assert p(*[1.0] * 20) == 1 / 10_000  # the +1 rule: never 0
    assert p(1.0) == 1.0
    assert p(*[0.0] * 40) == 1.0


def test_equal_sums_in_another_order_count_as_equal():
    assert p(0.1, 0.2, -0.3, 0.3) == p(1.0, 2.0, -3.0, 3.0)


def test_a_cluster_that_says_nothing_changes_nothing():
    sums = np.random.default_rng(1).normal(0.5, 1, 12)
    assert p(*sums, *[0.0] * 30) == p(*sums) == pytest.approx(scipy_p(sums))


def test_a_contrast_does_not_depend_on_those_beside_it():
    generator = np.random.default_rng(6)
    sums = generator.normal(0.3, 1, (40, 60))
    sums[::3, 10:] = 0.0  # these are exact
    together = sign_flip_p(sums, 9)
    alone = [sign_flip_p(row[None], 9)[0] for row in sums]
    assert together.tolist() == alone
    assert sign_flip_p(sums[::-1], 9)[::-1].tolist() == alone


def test_blocks_are_one_stream(monkeypatch):
    sums = np.random.default_rng(6).normal(0.3, 1, (2, 45))
    sizes = np.ones_like(sums)
    ps, intervals = sign_flip_p(sums, 9).tolist(), bca_intervals(sums, sizes, 9)
    monkeypatch.setattr(resampling, "_BLOCK", 45 * 101)
    assert sign_flip_p(sums, 9).tolist() == ps
    assert np.array(bca_intervals(sums, sizes, 9)) == pytest.approx(np.array(intervals))


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=18))
def test_p_is_a_probability_and_knows_no_sign(sums):
    found = p(*sums)
    assert smallest_p(len(sums)) <= found <= 1.0
    assert p(*[-value for value in sums]) == found


@pytest.mark.parametrize("clusters", [1, 5, 13, 14, 40])
def test_the_smallest_p_is_that_of_clusters_which_all_agree(clusters):
    assert smallest_p(clusters) <= p(*[1.0] * clusters)
    assert smallest_p(clusters) == (pytest.approx(2.0 ** (1 - clusters)) if clusters < 14 else 1e-4)


def scipy_bca(sums, sizes, rng):
    found = stats.bootstrap(
        (sums, sizes),
        lambda s, m, axis=-1: s.sum(axis=axis) / m.sum(axis=axis),
        paired=True,
        vectorized=True,
        method="BCa",
        n_resamples=9_999,
        batch=500,
        rng=rng,
    )
    return found.confidence_interval.low, found.confidence_interval.high


@pytest.mark.parametrize(("clusters", "skewed"), [(40, False), (60, True), (200, True)])
def test_bca_agrees_with_scipy(clusters, skewed):
    generator = np.random.default_rng(clusters)
    sizes = generator.integers(1, 9, clusters).astype(float)
    sums = generator.exponential(1, clusters) * sizes if skewed else generator.normal(0.1, 1, clusters)
    (found,) = bca_intervals(sums[None], sizes[None], 3)
    same = scipy_bca(sums, sizes, resampling._generator(3, "bootstrap", clusters))
    assert found == pytest.approx(same, rel=1e-9)  # the same draws
    other = scipy_bca(sums, sizes, np.random.default_rng(1))
    assert found == pytest.approx(other, abs=0.05 * (found[1] - found[0]))  # others


def test_bca_of_scores_of_0_and_1_agrees_with_scipy():
    generator = np.random.default_rng(1)
    sums = generator.integers(-1, 2, 50).astype(float)  # means of resamples tie with that of the data
    sizes = np.ones(50)
    (found,) = bca_intervals(sums[None], sizes[None], 3)
    assert found == pytest.approx(scipy_bca(sums, sizes, resampling._generator(3, "bootstrap", 50)))


def test_bca_resamples_the_clusters_that_a_contrast_has():
    generator = np.random.default_rng(2)
    sums, sizes = generator.normal(0.1, 1, (3, 90)), generator.integers(1, 5, (3, 90)).astype(float)
    absent = np.zeros(90, dtype=bool)
    absent[::3] = True
    sums[1, absent] = sizes[1, absent] = 0.0
    together = bca_intervals(sums, sizes, 4)
    alone = [bca_intervals(sums[[row]], sizes[[row]], 4)[0] for row in range(3)]
    assert np.array(together) == pytest.approx(np.array(alone))
    kept = sums[1, ~absent], sizes[1, ~absent]
    assert together[1] == pytest.approx(scipy_bca(*kept, resampling._generator(4, "bootstrap", 60)))


def test_bca_needs_forty_clusters():
    sums = np.random.default_rng(2).normal(0, 1, (2, 40))
    sizes = np.ones((2, 40))
    sizes[1, 0] = sums[1, 0] = 0.0
    enough, too_few = bca_intervals(sums, sizes, 4)
    assert enough is not None and too_few is None
    assert bca_intervals(sums, sizes, 4, least=12)[1] is not None
    assert bca_intervals(np.ones((1, 1)), np.ones((1, 1)), 4, least=0) == (None,)


def test_bca_of_equal_clusters_is_a_point():
    sizes = np.random.default_rng(2).integers(1, 5, (3, 45)).astype(float)
    sums = sizes * np.array([[0.0], [1.0], [0.1]])
    found = bca_intervals(sums, sizes, 4)
    assert np.array(found) == pytest.approx(np.array([(0.0, 0.0), (1.0, 1.0), (0.1, 0.1)]))
    assert found[0] == (0.0, 0.0)


def test_bca_of_many_clusters_is_near_the_t_interval():
    values = np.random.default_rng(4).random((1, 400))
    (found,) = bca_intervals(values, np.ones((1, 400)), 4)
    assert found == pytest.approx(stats.t.interval(0.95, 399, values.mean(), stats.sem(values[0])), abs=0.002)
