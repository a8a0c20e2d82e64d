"""The simulated checks of `make simulation`, small. Bounds: what is wanted plus three Monte Carlo standard errors."""

import numpy as np
import pytest
from performance.simulation import (
    binary_differences,
    coverage,
    coverage_of_training_runs,
    differences,
    false_equivalence,
    family_errors,
    found_power,
    known_error,
    predicted_power,
)

from lab.statistics.power import minimum_detectable, more_questions


def rng():
    return np.random.default_rng(1)


def noise(share, runs):
    return 3 * (share * (1 - share) / runs) ** 0.5


@pytest.mark.parametrize("draw", [differences, binary_differences])
@pytest.mark.parametrize("clusters", [12, 30, 60])
def test_the_clustered_interval_covers_the_truth_where_the_naive_one_does_not(draw, clusters):
    runs = 800
    found = coverage(*draw(clusters, runs, rng()), seed=1)
    assert 0.93 - noise(0.93, runs) <= found.clustered <= 0.97 + noise(0.97, runs)
    assert found.naive < 0.93 - noise(0.93, runs)
    if clusters >= 40:
        assert 0.93 - noise(0.93, runs) <= found.bca <= 0.97 + noise(0.97, runs)


def test_the_bootstrap_covers_too_rarely_with_few_clusters():
    found = coverage(*differences(12, 800, rng()), seed=1)
    assert found.bca < found.clustered - 0.02


@pytest.mark.parametrize(("trained", "spread"), [(2, 0.03), (3, 0.03), (3, 0.10)])
def test_the_interval_covers_the_truth_where_training_runs_differ(trained, spread):
    runs = 600
    alone, total = coverage_of_training_runs(trained, spread, runs, rng())
    assert 0.93 - noise(0.93, runs) <= total <= 0.97 + noise(0.97, runs)
    assert alone < total


@pytest.mark.parametrize(("clusters", "trained", "spread"), [(12, 1, 0.0), (30, 3, 0.15)])
def test_equal_methods_are_seldom_called_different(clusters, trained, spread):
    runs = 150
    assert family_errors(clusters, trained, spread, runs, rng()) <= 0.05 + noise(0.05, runs)


@pytest.mark.parametrize("clusters", [12, 30])
@pytest.mark.parametrize("contrasts", [1, 6])
def test_power_is_as_predicted(clusters, contrasts):
    runs = 2_000
    truth = known_error(clusters)
    detectable = minimum_detectable(truth, contrasts)
    found = found_power(detectable, clusters, contrasts, runs, rng())
    assert found == pytest.approx(0.8, abs=0.05 + noise(0.8, runs))
    predicted = predicted_power(0.7 * detectable, truth, contrasts)
    assert found_power(0.7 * detectable, clusters, contrasts, runs, rng()) == pytest.approx(
        predicted, abs=0.05 + noise(0.5, runs)
    )


@pytest.mark.parametrize("contrasts", [1, 6])
def test_the_further_questions_asked_for_are_enough(contrasts):
    truth = known_error(15)
    wanted = minimum_detectable(truth, contrasts) / 2
    needed = more_questions(truth, wanted, contrasts)
    found = found_power(wanted, 15 + needed.clusters, contrasts, 2_000, rng())
    assert found == pytest.approx(0.8, abs=0.05 + noise(0.8, 2_000))


@pytest.mark.parametrize("clusters", [12, 30])
def test_a_difference_as_large_as_the_margin_is_seldom_called_equivalent(clusters):
    assert false_equivalence(clusters, 2_000, rng()) <= 0.05 + noise(0.05, 2_000)
