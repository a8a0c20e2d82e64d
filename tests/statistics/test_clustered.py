import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lab.statistics.clustered import ClusteredMean, clustered_mean, estimate, estimate_values
from lab.statistics.sample import Sample

D = [1.0, 1.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0]
CLUSTERS = [0, 0, 0, 1, 1, 2, 3, 3]


def sample(values, clusters=None):
    data = np.atleast_2d(np.array(values, dtype=float))
    return Sample(data, np.arange(data.shape[1]) if clusters is None else np.array(clusters, dtype=np.intp))


def test_clustered_interval_of_the_worked_example():
    result = clustered_mean(sample(D, CLUSTERS))
    assert (result.mean, result.n, result.clusters, result.df) == (0.25, 8, 4, 3.0)
    assert result.error == pytest.approx(0.293151, abs=1e-6)
    assert result.error / math.sqrt(4 / 3) == pytest.approx(0.253876, abs=1e-6)
    assert result.interval() == pytest.approx((-0.68294, 1.18294), abs=1e-5)
    found = estimate_values([*D, None], ["d", "d", "d", "b", "b", "c", "a", "a", "a"])
    assert (found.n, found.undefined) == (8, 1)
    assert (found.low, found.high) == pytest.approx((-0.68294, 1.18294), abs=1e-5)  # not clipped to [-1, 1]
    assert estimate(sample(D, CLUSTERS), 1) == found


def test_an_interval_ends_where_the_quantity_does():
    free, share = (estimate(sample([1.0, 1.0, 0.0], [0, 0, 1]), 0, bounds) for bounds in (None, (0.0, 1.0)))
    assert free.low < 0.0 and free.high > 1.0
    assert (share.low, share.high, share.mean) == (0.0, 1.0, free.mean)
    inner = estimate(sample([0.4, 0.6, 0.5, 0.5]), 0)
    assert estimate(sample([0.4, 0.6, 0.5, 0.5]), 0, (0.0, 1.0)) == inner


def test_a_gap_in_the_codes_is_no_cluster():
    far = [7 * code + 2 for code in CLUSTERS]
    assert clustered_mean(sample(D, far)) == clustered_mean(sample(D, CLUSTERS))


def test_clusters_of_one_give_the_ordinary_t_interval():
    result = clustered_mean(sample(D))
    for confidence in (0.95, 0.9):
        expected = stats.t.interval(confidence, 7, np.mean(D), stats.sem(D))
        assert result.interval(confidence) == pytest.approx(expected)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_unequal_clusters_agree_with_ordinary_least_squares(seed):
    generator = np.random.default_rng(seed)
    clusters = np.sort(generator.integers(0, 15, 70))
    values = generator.normal(0.1, 1, 70) + generator.normal(0, 1, 15)[clusters]
    count = len(set(clusters))
    table = pd.DataFrame({"d": values, "g": clusters})
    fit = smf.ols("d ~ 1", table).fit(cov_type="cluster", cov_kwds={"groups": table["g"]}, use_t=True)
    result = clustered_mean(sample(values, clusters))
    # its correction is G / (G - 1) * (n - 1) / (n - parameters), and the second factor is 1 for a mean
    assert result.error == pytest.approx(float(fit.bse.iloc[0]))
    assert result.interval() == pytest.approx(tuple(fit.conf_int().iloc[0]))
    assert result.df == fit.df_resid_inference == count - 1


def test_training_runs_add_their_variance():
    runs = [[0.5, 0.7, 0.9, 0.5], [0.7, 0.9, 1.1, 0.7], [0.3, 0.5, 0.7, 0.3]]  # means .65, .85, .45: deviation .2
    result = clustered_mean(sample(runs))
    items = float(stats.sem([0.5, 0.7, 0.9, 0.5]))
    seeds = 0.2 / math.sqrt(3)
    assert result.seed_error == pytest.approx(seeds)
    assert result.error == pytest.approx(math.hypot(items, seeds))
    assert result.mean == pytest.approx(0.65)
    half = math.hypot(stats.t.ppf(0.975, 3) * items, stats.t.ppf(0.975, 2) * seeds)  # Howe: three runs are few
    assert result.interval() == pytest.approx((0.65 - half, 0.65 + half))


def test_degrees_of_freedom_are_those_of_welch():
    generator = np.random.default_rng(2)
    a, b = generator.normal(0, 1, 9), generator.normal(0, 3, 5)
    # questions with errors like those of `a`, training runs with errors like those of `b`, and no interaction
    values = (a - a.mean())[None, :] + (b - b.mean())[:, None]
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert clustered_mean(sample(values)).df == pytest.approx(float(welch.df))


def test_equal_training_runs_change_nothing():
    result = clustered_mean(sample([D, D, D], CLUSTERS))
    assert result.seed_error == 0.0
    assert result.interval() == clustered_mean(sample(D, CLUSTERS)).interval()


def test_a_shared_run_counts_once():
    generator = np.random.default_rng(3)
    adapter = generator.normal(0, 5, (4, 1))  # what a training run does to both methods
    with_context, without = generator.random((2, 4, 30))
    shift = (with_context + adapter) - (without + adapter)
    assert clustered_mean(sample(shift)).error == pytest.approx(clustered_mean(sample(with_context - without)).error)


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 1e9])
def test_equal_values_have_no_error_at_all(value):
    result = clustered_mean(sample([[value] * 30] * 3))
    assert (result.mean, result.error, result.seed_error) == (value, 0.0, 0.0)
    assert result.interval() == (value, value)


def test_rounding_is_no_error():
    values = [0.3 - 0.2, 0.8 - 0.7, 0.1]  # all 0.1, but for the last bit
    assert len(set(values)) > 1
    assert clustered_mean(sample(values)).error == 0.0


def test_one_cluster_has_no_interval_and_no_value_has_no_mean():
    one = estimate_values([0.0, 1.0], ["a", "a"])
    assert (one.mean, one.low, one.high, one.n) == (0.5, None, None, 2)
    assert clustered_mean(sample([[0.0, 1.0], [1.0, 1.0]], [0, 0])).interval() is None
    for none in (estimate_values([None, None], ["a", "b"]), estimate(None, 2)):
        assert (none.mean, none.low, none.high, none.n, none.undefined) == (None, None, None, 0, 2)
    with pytest.raises(ValueError, match="shorter"):
        estimate_values([1.0, 0.0], ["a"])
    with pytest.raises(ValueError, match="at least one value"):
        clustered_mean(Sample(np.zeros((1, 0)), np.zeros(0, dtype=np.intp)))


@given(st.lists(st.tuples(st.one_of(st.none(), st.floats(-1, 1)), st.sampled_from("abcd")), max_size=12))
def test_an_estimate_is_finite_and_holds_its_mean(items):
    found = estimate_values([value for value, _ in items], [cluster for _, cluster in items])
    assert found.n + found.undefined == len(items)
    assert (found.mean is None) == (found.n == 0)
    numbers = [number for number in (found.low, found.mean, found.high) if number is not None]
    assert all(map(math.isfinite, numbers))
    assert numbers == sorted(numbers)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=20), st.floats(0.1, 10))
def test_the_error_grows_with_the_unit(values, unit):
    one = clustered_mean(sample(values)).error
    other = clustered_mean(sample([value * unit for value in values])).error
    assert other == pytest.approx(one * unit, rel=1e-6, abs=1e-10)


def test_few_runs_are_as_wide_as_howes_interval():
    # t(11) and t(1) at 97.5 %: 2.200985 and 12.706205
    few = ClusteredMean(0.2, math.hypot(0.03, 0.01), 60, 12, 2, 3.0, 0.01)
    assert few.half_width(0.95) == pytest.approx((2.200985**2 * 0.03**2 + 12.706205**2 * 0.01**2) ** 0.5, rel=1e-6)
    one_less = 1.0 - few.p()
    assert few.half_width(one_less) == pytest.approx(0.2)  # at this confidence the interval touches 0
    assert few.p() > stats.t.sf(0.2 / few.error, 3.0) * 2


@pytest.mark.parametrize("runs", [1, 5])
def test_else_p_is_that_of_students_t(runs):
    found = ClusteredMean(0.05, 0.03, 60, 12, runs, 7.5, 0.01 if runs > 1 else None)
    assert found.p() == pytest.approx(2 * stats.t.sf(0.05 / 0.03, 7.5))
    assert found.within(0.05 + stats.t.ppf(0.95, 7.5) * 0.03 + 1e-9)
    assert not found.within(0.05 + stats.t.ppf(0.95, 7.5) * 0.03 - 1e-9)
