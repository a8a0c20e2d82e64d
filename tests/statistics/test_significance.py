import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from lab.statistics.significance import holm, mcnemar_p, t_p, tost_p


def test_t_agrees_with_scipy():
    values = np.random.default_rng(1).normal(0.3, 1, 20)
    for d in (values, -values):
        expected = stats.ttest_1samp(d, 0.0)
        assert t_p(d.mean(), stats.sem(d), 19) == pytest.approx(expected.pvalue)
    assert t_p(0.0, 0.0, 5) == 1.0
    assert t_p(0.1, 0.0, 5) == 0.0


def test_tost_known_value():
    assert tost_p(0.01, 0.012, 59, 0.03) == pytest.approx(0.0504407, abs=1e-7)
    assert tost_p(-0.01, 0.012, 59, 0.03) == pytest.approx(0.0504407, abs=1e-7)
    assert tost_p(0.05, 0.0, 9, 0.03) == 1.0
    assert tost_p(0.02, 0.0, 9, 0.03) == 0.0


@pytest.mark.parametrize("shift", [-0.2, 0.0, 0.1])
def test_tost_of_independent_questions_agrees_with_statsmodels(shift):
    generator = np.random.default_rng(8)
    a = generator.normal(0.5, 0.3, 60)
    b = a + shift + generator.normal(0, 0.5, 60)
    expected, *_ = ttost_paired(a, b, -0.25, 0.25)
    assert tost_p((a - b).mean(), stats.sem(a - b), 59, 0.25) == pytest.approx(expected)


def test_tost_passes_exactly_when_the_90_percent_interval_is_inside_the_margin():
    values = np.random.default_rng(8).normal(0.02, 0.2, 80)
    low, high = stats.t.interval(0.9, 79, values.mean(), stats.sem(values))
    edge = max(abs(low), abs(high))
    assert tost_p(values.mean(), stats.sem(values), 79, edge) == pytest.approx(0.05)


@pytest.mark.parametrize(("b", "c", "expected"), [(3, 1, 0.625), (15, 5, 0.0413895), (0, 0, 1.0), (4, 4, 1.0)])
def test_mcnemar_known_values(b, c, expected):
    assert mcnemar_p(b, c) == mcnemar_p(c, b) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(("b", "c"), [(0, 1), (1, 1), (0, 9), (30, 12), (12, 30), (200, 230)])
def test_mcnemar_agrees_with_statsmodels(b, c):
    assert mcnemar_p(b, c) == pytest.approx(float(mcnemar([[7, b], [c, 5]], exact=True).pvalue))


def test_holm_known_values():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, 0.9]) == (1.0, 1.0)
    assert holm([]) == ()


@pytest.mark.parametrize("contrasts", [1, 2, 6, 15])
def test_holm_agrees_with_statsmodels(contrasts):
    ps = np.random.default_rng(contrasts).random(contrasts).round(1) / 10  # with ties
    assert holm(ps.tolist()) == pytest.approx(multipletests(ps, method="holm")[1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_never_lowers_a_p_and_keeps_their_order(ps):
    adjusted = holm(ps)
    assert all(p <= new <= 1.0 for p, new in zip(ps, adjusted, strict=True))
    by_p = [adjusted[i] for i in sorted(range(len(ps)), key=lambda i: ps[i])]
    assert by_p == sorted(by_p)
