"""p-values of a mean and its error, exact McNemar, and the correction for many contrasts."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.special import bdtr, stdtr

ALPHA = 0.05


def t_p(mean: float, error: float, df: float) -> float:
    """Two-sided p of 'the mean is 0' by Student's t. Without any error: 1 for a mean of 0, else 0."""
    if error == 0.0:
        return 1.0 if mean == 0.0 else 0.0
    return float(2.0 * stdtr(df, -abs(mean) / error))


def tost_p(mean: float, error: float, df: float, margin: float) -> float:
    """The p-value of two one-sided t tests against -margin and +margin (Schuirmann 1987): small means equivalent.

    Below 0.05 exactly where the 90 % interval lies within the margin.
    """
    if error == 0.0:
        return 0.0 if abs(mean) < margin else 1.0
    above_lower = stdtr(df, -(mean + margin) / error)
    below_upper = stdtr(df, (mean - margin) / error)
    return float(max(above_lower, below_upper))


def mcnemar_p(only_method: int, only_baseline: int) -> float:
    """Exact two-sided p for scores of 0 and 1 (McNemar 1947): the binomial test on the questions that one has right.

    1 where there is no such question. It takes questions as independent.
    """
    fewer, discordant = min(only_method, only_baseline), only_method + only_baseline
    return min(1.0, 2.0 * float(bdtr(fewer, discordant, 0.5)))


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values (Holm 1979), in the order given."""
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, position in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[position]))
        adjusted[position] = highest
    return tuple(adjusted)
