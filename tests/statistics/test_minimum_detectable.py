import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from lab.statistics.clustered import ClusteredMean, clustered_mean
from lab.statistics.power import minimum_detectable, more_questions
from lab.statistics.resampling import sign_flip_p
from lab.statistics.sample import Sample
from lab.types import MoreQuestions


def independent(values):
    data = np.array([values], dtype=float)
    return clustered_mean(Sample(data, np.arange(data.shape[1])))


def like(result, clusters):
    """The same spread of questions and training runs, with another number of clusters."""
    seeds = result.seed_error or 0.0
    items = math.sqrt((result.error**2 - seeds**2) * result.clusters / clusters)
    df = float(clusters - 1)
    if seeds:
        df = (items**2 + seeds**2) ** 2 / (items**4 / (clusters - 1) + seeds**4 / (result.seeds - 1))
    n = result.n * clusters // result.clusters
    return ClusteredMean(0.0, math.hypot(items, seeds), n, clusters, result.seeds, df, result.seed_error)


DISCORDANT_FIFTH = [1.0] * 10 + [-1.0] * 10 + [0.0] * 80  # n = 100


def test_known_value_for_a_fifth_of_the_questions_discordant():
    result = independent(DISCORDANT_FIFTH)
    assert minimum_detectable(result) == pytest.approx(0.125, abs=0.003)  # which takes the normal approximation
    assert minimum_detectable(result, contrasts=6) > minimum_detectable(result)


def test_power_at_the_detectable_difference_is_80_percent():
    result = independent(np.random.default_rng(1).normal(0, 1, 50))
    deviation = result.error * math.sqrt(50)
    power = TTestPower().power(minimum_detectable(result) / deviation, 50, 0.05)
    assert power == pytest.approx(0.8, abs=0.01)


def test_nothing_is_detectable_where_no_error_is_known():
    one_cluster = clustered_mean(Sample(np.array([[0.0, 1.0]]), np.zeros(2, dtype=np.intp)))
    for result in (one_cluster, independent([0.0] * 40), independent([0.5] * 40)):
        assert minimum_detectable(result) is None
        assert more_questions(result, 0.03) is None


@pytest.mark.parametrize(("contrasts", "clusters"), [(1, 6), (6, 8)])
def test_nothing_is_detectable_where_no_p_can_be_small_enough(contrasts, clusters):
    def of(count):
        values = [1.0, *[0.9] * (count - 1)]
        least = float(sign_flip_p(np.ones((1, count)), 1)[0])
        return minimum_detectable(independent(values), contrasts), contrasts * least

    enough, least = of(clusters)
    assert enough is not None and least < 0.05
    too_few, least = of(clusters - 1)
    assert too_few is None and least >= 0.05


def test_training_runs_raise_what_is_detectable():
    runs = np.random.default_rng(2).normal(0, 0.3, (3, 60))
    shifted = runs + np.array([[-0.1], [0.0], [0.1]])
    codes = np.arange(60)
    steady = minimum_detectable(clustered_mean(Sample(runs - runs.mean(axis=1, keepdims=True), codes)))
    assert minimum_detectable(clustered_mean(Sample(shifted, codes))) > 2 * steady


@pytest.mark.parametrize("difference", [0.12, 0.05, 0.03, 0.003])
@pytest.mark.parametrize("contrasts", [1, 6])
def test_as_many_more_questions_as_needed_and_not_one_more(difference, contrasts):
    result = independent(DISCORDANT_FIFTH)
    found = more_questions(result, difference, contrasts)
    total = 100 + found.clusters
    assert found == MoreQuestions(difference, found.clusters, found.clusters)  # a question a cluster
    assert minimum_detectable(like(result, total), contrasts) <= difference
    assert minimum_detectable(like(result, total - 1), contrasts) > difference


def test_known_numbers_of_questions():
    # variance .2 and 80 % power: 1737 questions show .03, 621 show .05, if the variance loses the difference squared
    found = {difference: more_questions(independent(DISCORDANT_FIFTH), difference) for difference in (0.03, 0.05)}
    assert 100 + found[0.03].questions == pytest.approx(1737, rel=0.03)
    assert 100 + found[0.05].questions == pytest.approx(621, rel=0.03)


def test_whole_clusters_are_added():
    values = np.random.default_rng(3).normal(0, 1, (1, 50))
    result = clustered_mean(Sample(values, np.arange(50) // 5))
    found = more_questions(result, 0.2)
    assert found.questions == 5 * found.clusters


def test_nothing_is_added_where_it_is_detectable_already():
    assert more_questions(independent(DISCORDANT_FIFTH), 0.2) is None
    with pytest.raises(ValueError, match="above 0"):
        more_questions(independent(DISCORDANT_FIFTH), 0.0)


def test_enough_clusters_for_the_sign_flips():
    result = independent([0.01, 0.0, 0.01])
    assert minimum_detectable(result) is None
    assert more_questions(result, 0.5).clusters == 3  # 6 in all
    assert more_questions(result, 0.5, contrasts=6).clusters == 5


def with_runs(items, seeds, runs=5, clusters=30):
    df = like(ClusteredMean(0.0, math.hypot(items, seeds), 120, clusters, runs, 1.0, seeds), clusters).df
    return ClusteredMean(0.0, math.hypot(items, seeds), 120, clusters, runs, df, seeds)


def test_no_number_of_questions_makes_up_for_training_runs_that_differ():
    spread = with_runs(0.02, 0.01)
    factor = float(stats.t.ppf([1 - 0.05 / 2, 0.8], 4).sum())
    assert more_questions(spread, 0.025) is None  # 2.8 * 0.01 is more, with any degrees of freedom
    assert more_questions(with_runs(1e-4, 0.01), 0.03) is None
    found = more_questions(spread, factor * 0.01 + 0.01)
    assert minimum_detectable(like(spread, 30 + found.clusters)) <= factor * 0.01 + 0.01
    assert minimum_detectable(like(spread, 29 + found.clusters)) > factor * 0.01 + 0.01


def test_the_search_finds_the_first_number_that_is_enough():
    spread = with_runs(0.05, 0.01)
    for difference in (0.036, 0.04, 0.05, 0.1):
        enough = [
            count for count in range(31, 2000) if (minimum_detectable(like(spread, count)) or math.inf) <= difference
        ]
        found = more_questions(spread, difference)
        assert (found.clusters + 30 if found else None) == (enough[0] if enough else None)
