import numpy as np
import pytest
from decision_world import N, candidate, evidence

from lab.recommend.draws import measure
from lab.statistics.clustered import clustered_mean
from lab.statistics.sample import Sample

DRAWS = 20_000


def drawn(found, draws=DRAWS):
    return measure(found, np.random.default_rng(5), draws)


def clustered(rng, runs=1, clusters=60):
    """Questions that share a cluster share most of their value; runs have means of their own."""
    return 0.5 + np.repeat(rng.normal(0, 0.2, (1, clusters)), 3, axis=1) + rng.normal(0, 0.1, (runs, 3 * clusters))


@pytest.mark.parametrize("clusters", [5, 60])
def test_the_draws_spread_as_the_clustered_error(clusters):
    values = clustered(np.random.default_rng(0), clusters=clusters)
    found = evidence(candidate("rag", values))
    error = clustered_mean(Sample(values, found.clusters)).error
    assert drawn(found).drawn.quality.std() == pytest.approx(error, rel=0.02)


@pytest.mark.parametrize("runs", [2, 3, 5])
def test_training_runs_add_their_own_error(runs):
    """As many questions as the error of the runs is the larger part."""
    rng = np.random.default_rng(1)
    values = clustered(rng, runs) + np.linspace(-0.1, 0.1, runs)[:, None]
    found = evidence(candidate("raft", values))
    error = clustered_mean(Sample(values, found.clusters)).error
    assert drawn(found).drawn.quality.std() == pytest.approx(error, rel=0.03)


def test_what_two_candidates_share_cancels_in_every_draw():
    values = clustered(np.random.default_rng(2), 3)
    found = drawn(evidence(candidate("fine-tuned", values), candidate("fine-tuned+rag", values + 0.01)), 500).drawn
    assert found.quality[:, 1] - found.quality[:, 0] == pytest.approx(np.full(500, 0.01))
    assert found.wrong == pytest.approx(1.0 - found.quality)


def test_candidates_with_other_weights_draw_their_runs_apart():
    runs = np.repeat([[0.4], [0.6]], N, axis=1)
    found = drawn(evidence(candidate("fine-tuned", runs), candidate("raft", runs)), 4000).drawn.quality
    assert set(np.round(np.unique(found), 9)) == {0.4, 0.6}
    assert np.corrcoef(found.T)[0, 1] == pytest.approx(0.0, abs=0.05)


def test_whole_clusters_are_drawn():
    """One document of 60 questions holds the whole advantage; a draw of 120 from 121 misses it in one of three."""
    clusters = np.concatenate([np.zeros(60, int), np.arange(1, 121)])
    ahead = np.where(clusters == 0, 1.0, 0.499)
    found = drawn(
        evidence(candidate("rag", np.full(N, 0.5)), candidate("raft", ahead), clusters=clusters)
    ).drawn.quality
    assert np.mean(found[:, 0] > found[:, 1]) == pytest.approx((120 / 121) ** 120, abs=0.01)


def test_groundedness_is_the_mean_of_the_answers_that_have_one():
    grounded = np.full((1, N), np.nan)
    grounded[0, :3] = [0.2, 0.4, 0.9]  # one cluster: a draw holds all three or none
    found = drawn(evidence(candidate("closed-book", 0.1), candidate("rag", 0.5, groundedness=grounded)), 500)
    assert np.isnan(found.found.groundedness[0]) and found.found.groundedness[1] == pytest.approx(0.5)
    assert found.drawn.groundedness[:, 1] == pytest.approx(np.full(500, 0.5))


def test_the_95th_percentile_is_drawn_from_its_samples():
    samples = tuple(np.random.default_rng(3).exponential(100.0, 50))
    found = drawn(evidence(candidate("rag", 0.5, latency_ms=samples), candidate("raft", 0.5)), 2000)
    assert found.found.p95[0] == pytest.approx(np.percentile(samples, 95)) and np.isnan(found.found.p95[1])
    assert found.drawn.p95[:, 0].min() >= min(samples) and found.drawn.p95[:, 0].max() <= max(samples)
    assert found.drawn.p95[:, 0].std() > 0.0 and np.isnan(found.drawn.p95[:, 1]).all()


def test_codes_with_gaps_are_the_same_clusters():
    values = clustered(np.random.default_rng(4))
    plain, gaps = (
        drawn(evidence(candidate("rag", values), clusters=codes), 50).drawn.quality
        for codes in (np.arange(N) // 3, 7 * (np.arange(N) // 3) + 2)
    )
    assert np.array_equal(plain, gaps)
