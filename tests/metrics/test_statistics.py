import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lab.metrics.statistics import (
    clustered_mean,
    difference,
    estimate,
    holm,
    minimum_detectable,
    permutation_p,
    smallest_p,
    tost,
    tost_p,
)

D = [1.0, 1.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0]
CLUSTERS = list("aaabbcdd")


def rng():
    return np.random.default_rng(5)


def test_clustered_interval_of_the_worked_example():
    result = clustered_mean(D, CLUSTERS)
    assert result.mean == 0.25
    assert result.error == pytest.approx(0.293151, abs=1e-6)
    assert result.error / math.sqrt(4 / 3) == pytest.approx(0.253876, abs=1e-6)
    assert result.interval() == pytest.approx((-0.68294, 1.18294), abs=1e-5)
    found = estimate([*D, None], [*CLUSTERS, "a"])
    assert (found.n, found.undefined) == (8, 1)
    assert (found.low, found.high) == pytest.approx((-0.68294, 1.18294), abs=1e-5)  # not clipped to [-1, 1]


def test_clusters_of_one_give_the_ordinary_t_interval():
    result = clustered_mean(D, list("abcdefgh"))
    low, high = stats.t.interval(0.95, 7, np.mean(D), stats.sem(D))
    assert result.interval() == pytest.approx((low, high))


def test_one_cluster_has_no_interval_and_no_value_has_no_mean():
    one = estimate([0.0, 1.0], ["a", "a"])
    assert (one.mean, one.low, one.high, one.n) == (0.5, None, None, 2)
    none = estimate([None, None], ["a", "b"])
    assert (none.mean, none.low, none.high, none.n, none.undefined) == (None, None, None, 0, 2)
    with pytest.raises(ValueError, match="shorter"):
        estimate([1.0, 0.0], ["a"])
    with pytest.raises(ValueError, match="cluster per value"):
        permutation_p([1.0, 0.0], ["a"], rng())


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.floats(-1, 1)), st.sampled_from("abcd")), max_size=12),
)
def test_never_nan(items):
    values, clusters = [value for value, _ in items], [cluster for _, cluster in items]
    found = estimate(values, clusters)
    for number in (found.mean, found.low, found.high):
        assert number is None or math.isfinite(number)
    d = [value for value in values if value is not None]
    names = [cluster for value, cluster in items if value is not None]
    if d:
        assert 0.0 < permutation_p(d, names, rng()) <= 1.0
        for number in (tost(d, names, 0.1), minimum_detectable(d, names)):
            assert number is None or math.isfinite(number)


def test_identical_outputs_are_no_difference_at_all():
    pairs = difference([0.1, 0.7, 1.0], [0.1, 0.7, 1.0], "abc")
    result = clustered_mean(pairs.d, pairs.clusters)
    assert result.interval() == (0.0, 0.0)
    assert permutation_p(pairs.d, pairs.clusters, rng()) == 1.0
    assert permutation_p([0.0] * 40, [str(i) for i in range(40)], rng()) == 1.0
    assert tost(pairs.d, pairs.clusters, 0.03) == 0.0
    assert minimum_detectable(pairs.d, pairs.clusters) is None


def test_difference_pairs_what_both_have_and_counts_what_one_lost():
    found = difference([1.0, None, 0.5, None], [0.0, 1.0, None, None], ["a", "b", "c", "d"])
    assert (found.d, found.clusters, found.lost) == ((1.0,), ("a",), 2)


def scipy_p(d, clusters):
    sums = [sum(x for x, name in zip(d, clusters, strict=True) if name == one) for one in sorted(set(clusters))]
    test = stats.permutation_test(
        (np.array(sums), np.zeros(len(sums))),
        lambda a, b, axis: (a - b).sum(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=9_999,
        rng=rng(),
    )
    return float(test.pvalue)


def test_exact_permutation_agrees_with_scipy():
    assert permutation_p(D, CLUSTERS, rng()) == pytest.approx(scipy_p(D, CLUSTERS))
    values = np.random.default_rng(3).normal(0.3, 1, 30).tolist()
    clusters = [str(i % 10) for i in range(30)]
    assert permutation_p(values, clusters, rng()) == pytest.approx(scipy_p(values, clusters))


def test_sampled_permutation_agrees_with_scipy_and_repeats():
    values = np.random.default_rng(3).normal(0.25, 1, 60).tolist()
    clusters = [str(i % 30) for i in range(60)]
    sampled = permutation_p(values, clusters, rng())
    assert sampled == pytest.approx(scipy_p(values, clusters), abs=0.015)
    assert sampled == permutation_p(values, clusters, rng())


def test_permutation_flips_whole_clusters():
    assert permutation_p([1.0] * 20, ["a"] * 10 + ["b"] * 10, rng()) == 0.5  # 2 of 4 sign patterns
    assert permutation_p([1.0] * 20, [str(i) for i in range(20)], rng()) == 1 / 10_000  # the +1 rule: never 0
    assert permutation_p([1.0], ["a"], rng()) == 1.0


def test_equal_sums_in_another_order_count_as_equal():
    assert permutation_p([0.1, 0.2, -0.3, 0.3], list("abcd"), rng()) == pytest.approx(
        permutation_p([1.0, 2.0, -3.0, 3.0], list("abcd"), rng())
    )


def test_holm():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, 0.9]) == (1.0, 1.0)
    assert holm([]) == ()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_never_lowers_a_p_and_keeps_their_order(ps):
    adjusted = holm(ps)
    assert all(p <= new <= 1.0 for p, new in zip(ps, adjusted, strict=True))
    by_p = [adjusted[i] for i in sorted(range(len(ps)), key=lambda i: ps[i])]
    assert by_p == sorted(by_p)


def test_tost():
    assert tost_p(0.01, 0.012, 59, 0.03) == pytest.approx(0.0504407, abs=1e-7)
    assert tost_p(-0.01, 0.012, 59, 0.03) == pytest.approx(0.0504407, abs=1e-7)
    assert tost_p(0.05, 0.0, 9, 0.03) == 1.0
    assert tost(D, ["a"] * 8, 0.5) is None


def test_tost_passes_exactly_when_the_90_percent_interval_is_inside_the_margin():
    values = np.random.default_rng(8).normal(0.02, 0.2, 80)
    result = clustered_mean(values.tolist(), [str(i) for i in range(80)])
    half = stats.t.ppf(0.95, 79) * result.error
    edge = max(abs(result.mean - half), abs(result.mean + half))
    assert tost_p(result.mean, result.error, 79, edge) == pytest.approx(0.05)


def test_minimum_detectable_difference():
    rates = [1.0] * 10 + [-1.0] * 10 + [0.0] * 80  # share of discordant items .2, n = 100
    names = [str(i) for i in range(100)]
    assert minimum_detectable(rates, names) == pytest.approx(0.125, abs=0.003)  # the normal approximation
    assert minimum_detectable(rates, names, contrasts=6) > minimum_detectable(rates, names)
    assert minimum_detectable(rates, ["a"] * 100) is None


@pytest.mark.parametrize(("contrasts", "clusters"), [(1, 6), (6, 8)])
def test_nothing_is_detectable_where_no_p_can_be_small_enough(contrasts, clusters):
    def of(count):
        names = [str(i) for i in range(count)]
        least = permutation_p([1.0] * count, names, rng())
        return minimum_detectable([1.0, *[0.9] * (count - 1)], names, contrasts), contrasts * least

    enough, least = of(clusters)
    assert enough is not None and least < 0.05
    too_few, least = of(clusters - 1)
    assert too_few is None and least >= 0.05


@pytest.mark.parametrize("clusters", [1, 5, 13, 14, 40])
def test_the_smallest_p_is_that_of_clusters_which_all_agree(clusters):
    assert smallest_p(clusters) <= permutation_p([1.0] * clusters, [str(i) for i in range(clusters)], rng())
    assert smallest_p(clusters) == (pytest.approx(2.0 ** (1 - clusters)) if clusters < 14 else 1e-4)


def test_many_clusters_agree_with_the_bootstrap():
    generator = np.random.default_rng(4)
    values = generator.random(300)
    clusters = [str(i // 3) for i in range(300)]
    sums = values.reshape(100, 3).sum(axis=1)
    boot = stats.bootstrap((sums / 3,), np.mean, n_resamples=2000, method="BCa", rng=generator).confidence_interval
    found = estimate(values.tolist(), clusters)
    assert (found.low, found.high) == pytest.approx((boot.low, boot.high), abs=0.008)


def test_the_interval_covers_the_truth_where_the_naive_one_does_not():
    generator = np.random.default_rng(11)
    clusters = [str(i // 5) for i in range(60)]
    covered = naive = 0
    for _ in range(400):
        d = np.repeat(generator.normal(0, 0.5, 12), 5) + generator.normal(0, 1, 60)
        low, high = clustered_mean(d.tolist(), clusters).interval()
        covered += low <= 0.0 <= high
        naive += abs(d.mean()) <= 1.96 * d.std(ddof=1) / math.sqrt(60)
    assert 0.92 <= covered / 400 <= 0.98
    assert naive / 400 < 0.90
