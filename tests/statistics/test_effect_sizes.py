import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from lab.statistics.effects import discordant, effect_sizes, is_binary

METHOD = np.array([[1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0]])
BASELINE = np.array([[1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]])


def test_by_hand():
    found = effect_sizes(METHOD, BASELINE)
    assert found.relative_error_reduction == pytest.approx((5 / 8 - 2 / 8) / (5 / 8))
    assert discordant(METHOD, BASELINE) == (4, 1)
    assert found.odds_ratio == 4.0
    d = [0, 1, 1, -1, 1, 0, 0, 1]
    assert found.d_z == pytest.approx(np.mean(d) / np.std(d, ddof=1))
    assert found.d_z * 8**0.5 == pytest.approx(stats.ttest_rel(METHOD[0], BASELINE[0]).statistic)


def test_the_odds_ratio_of_pairs_is_that_of_mantel_and_haenszel():
    tables = [np.array([[m, 1 - m], [b, 1 - b]]) for m, b in zip(METHOD[0], BASELINE[0], strict=True)]
    expected = StratifiedTable(tables).oddsratio_pooled
    assert effect_sizes(METHOD, BASELINE).odds_ratio == pytest.approx(expected)


def test_training_runs_are_averaged():
    runs = np.array([[0.2, 0.8, 0.5], [0.6, 0.4, 0.7]])
    found = effect_sizes(runs, np.array([[0.1, 0.2, 0.3]]))
    assert found.relative_error_reduction == pytest.approx((0.8 - 1.4 / 3) / 0.8)
    d = [0.3, 0.4, 0.3]
    assert found.d_z == pytest.approx(np.mean(d) / np.std(d, ddof=1))
    assert effect_sizes(np.vstack([METHOD, METHOD]), BASELINE).odds_ratio is None
    assert not is_binary(np.vstack([METHOD, METHOD]))


def test_what_has_no_denominator_is_not_defined():
    perfect = np.ones((1, 8))
    assert effect_sizes(METHOD, perfect).relative_error_reduction is None
    assert effect_sizes(perfect, METHOD).odds_ratio is None
    assert effect_sizes(METHOD, perfect).odds_ratio == 0.0
    assert effect_sizes(METHOD, METHOD).d_z is None
    assert effect_sizes(METHOD, METHOD).relative_error_reduction == 0.0
    assert effect_sizes(METHOD[:, :1], BASELINE[:, 1:2]).d_z is None


def test_scores_beyond_0_to_1_have_no_error():
    found = effect_sizes(METHOD * 100, BASELINE * 100)
    assert found.relative_error_reduction is None and found.odds_ratio is None
    assert found.d_z == pytest.approx(effect_sizes(METHOD, BASELINE).d_z)
