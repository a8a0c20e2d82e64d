import pytest

from lab.holdout.power import detectable_difference, more_questions


@pytest.mark.parametrize(
    ("n", "expected"),
    [(100, (0.089, 0.125, 0.153, 0.177)), (300, (0.051, 0.072, 0.089, 0.102)), (1000, (0.028, 0.040, 0.049, 0.056))],
)
def test_known_values_for_one_contrast_and_independent_questions(n, expected):
    found = [detectable_difference(n, n, discordant=share, icc=0.0, contrasts=1) for share in (0.1, 0.2, 0.3, 0.4)]
    assert found == pytest.approx(expected, abs=0.0006)


def test_clusters_and_contrasts_cost_power():
    alone = detectable_difference(120, 120, icc=0.0, contrasts=1)
    # deff = 1 + (2 - 1) * 0.1
    assert detectable_difference(120, 60, contrasts=1) == pytest.approx(alone * 1.1**0.5)
    # z[1 - 0.05/12] = 2.638257 and z[0.8] = 0.841621, against 1.959964 + 0.841621
    assert detectable_difference(120, 120, icc=0.0) == pytest.approx(alone * 3.479878 / 2.801585, rel=1e-5)


def test_a_tiny_test_shows_nothing():
    assert detectable_difference(2, 1) == 1.0


@pytest.mark.parametrize(("n", "clusters"), [(0, 0), (10, 0), (10, 11)])
def test_impossible_sizes_are_refused(n, clusters):
    with pytest.raises(ValueError, match="clusters"):
        detectable_difference(n, clusters)


@pytest.mark.parametrize("wrong", [{"discordant": 0.0}, {"icc": 1.5}, {"contrasts": 0}, {"power": 1.0}])
def test_impossible_assumptions_are_refused(wrong):
    with pytest.raises(ValueError, match="discordant"):
        detectable_difference(100, 50, **wrong)


def test_more_questions_reach_the_difference_and_one_cluster_less_does_not():
    questions, clusters = more_questions(120, 60, 0.05)
    assert detectable_difference(120 + questions, 60 + clusters) == pytest.approx(0.05, rel=0.001)
    assert detectable_difference(110 + questions, 55 + clusters) > 0.05
    # 0.3 * (3.479878 / 0.05)**2 * 1.1 = 1598.5 questions
    assert questions == 1599 - 120


def test_a_test_that_is_large_enough_needs_no_more():
    assert more_questions(2000, 1000, 0.2) == (0, 0)
    with pytest.raises(ValueError, match="difference"):
        more_questions(100, 50, 0.0)
