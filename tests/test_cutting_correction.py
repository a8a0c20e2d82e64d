"""The trial of cuttings: how sure it is that the best strategy is better than the others."""

from __future__ import annotations

import numpy as np
import pytest

from lab.cutting_trial import Behind, CuttingScore, _behind
from lab.types import Estimate

NOTHING = Estimate(None, None, None, 0, 0)
CLUSTERS = {f"q{number}": f"d{number}" for number in range(60)}


def score(cutting: str, values: np.ndarray, same_as: str | None = None) -> CuttingScore:
    by_question = dict(zip(CLUSTERS, map(float, values), strict=True))
    return CuttingScore(cutting, 9, 40.0, {}, NOTHING, {}, by_question, 0.0, 0.0, None, None, 0.1, 0.1, same_as)  # type: ignore[arg-type]


def behind(*values: np.ndarray) -> tuple[Behind, ...]:
    scores = [
        score(name, one) for name, one in zip(("window", "sentence", "heading", "semantic"), values, strict=False)
    ]
    best = max(scores, key=lambda one: sum(one.values.values()))
    return _behind(best, scores, CLUSTERS)


def test_the_best_is_corrected_for_every_pair_since_the_same_questions_chose_it() -> None:
    """3 strategies are 3 pairs. Those behind differ by nothing, so Holm triples the smallest p and doubles the next."""
    lower = np.tile([0.0, 1.0], 30)
    better = lower.copy()
    better[[0, 2, 4, 6, 8, 10]] = 1.0  # 6 gains and no loss: p is 2 / 2 ** 6, about 0.031, up to the drawing of flips
    (alone,) = behind(better, lower)
    first, second = behind(better, lower, lower)
    assert alone.p_holm == pytest.approx(2 / 2**6, abs=0.006) and alone.told
    assert first.p_holm == pytest.approx(3 * alone.p_holm) and second.p_holm == pytest.approx(3 * alone.p_holm)
    assert not first.told and first.difference.mean == pytest.approx(0.1)


def test_equal_strategies_are_seldom_told_apart() -> None:
    """Of 4 equal ones the best differs from the worst in 8 to 9 % of trials if only its own 3 pairs are counted."""
    rng = np.random.default_rng(2)
    told = [any(one.told for one in behind(*(rng.random((4, 60)) + rng.random(60)))) for _ in range(150)]
    assert np.mean(told) <= 0.07
