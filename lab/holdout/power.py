"""The smallest difference that a test of a given size can show."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

ALPHA = 0.05


def detectable_difference(
    n: int,
    clusters: int,
    *,
    discordant: float = 0.3,
    icc: float = 0.1,
    contrasts: int = 6,
    power: float = 0.8,
) -> float:
    """Minimal detectable difference between two methods that answer the same `n` questions, scored 0 or 1.

        mde = (z[1 - a/2] + z[power]) * sqrt(discordant * deff / n)
        a = 0.05 / contrasts
        deff = 1 + (n/clusters - 1) * icc

    The first factor is the normal approximation of McNemar's paired test (Connor 1987, with the variance of the
    difference taken under the null hypothesis). `a` is what the smallest p has to pass in Holm's procedure (Holm
    1979). `deff` is Kish's design effect for questions that share documents (Kish 1965).

    Args:
        n: test questions.
        clusters: documents (clusters) that they come from.
        discordant: share of questions on which exactly one of the two methods is right; also the largest difference
            that can occur, so a result above it means that the test can show nothing.
        icc: correlation of the paired differences within a cluster.
        contrasts: comparisons that are corrected together.
        power: probability of finding a true difference of this size.

    Returns:
        A difference of shares in (0, 1].

    Raises:
        ValueError: an argument outside its range.
    """
    if not 1 <= clusters <= n:
        raise ValueError(f"expected 1 <= clusters <= n, got {clusters} clusters of {n} questions")
    if not (0.0 < discordant <= 1.0 and 0.0 <= icc <= 1.0 and contrasts >= 1 and 0.5 <= power < 1.0):
        raise ValueError(
            "expected 0 < discordant <= 1, 0 <= icc <= 1, contrasts >= 1 and 0.5 <= power < 1, "
            f"got {discordant}, {icc}, {contrasts} and {power}"
        )
    normal = NormalDist()
    z = normal.inv_cdf(1.0 - ALPHA / contrasts / 2.0) + normal.inv_cdf(power)
    design_effect = 1.0 + (n / clusters - 1.0) * icc
    return min(1.0, z * sqrt(discordant * design_effect / n))


def more_questions(
    n: int,
    clusters: int,
    difference: float,
    *,
    discordant: float = 0.3,
    icc: float = 0.1,
    contrasts: int = 6,
    power: float = 0.8,
) -> tuple[int, int]:
    """Further test questions, and further documents they come from, that would show `difference`.

    The formula of `detectable_difference` solved for n, with as many questions a document as now; (0, 0) where the
    test can show `difference` already.

    Raises:
        ValueError: `difference` is not in (0, 1], or another argument is outside its range.
    """
    if not 0.0 < difference <= 1.0:
        raise ValueError(f"expected a difference in (0, 1], got {difference}")
    now = detectable_difference(n, clusters, discordant=discordant, icc=icc, contrasts=contrasts, power=power)
    if now <= difference:
        return 0, 0
    normal = NormalDist()
    z = normal.inv_cdf(1.0 - ALPHA / contrasts / 2.0) + normal.inv_cdf(power)
    design_effect = 1.0 + (n / clusters - 1.0) * icc
    needed = ceil(discordant * design_effect * (z / difference) ** 2)
    return max(needed - n, 0), max(ceil(needed * clusters / n) - clusters, 0)
