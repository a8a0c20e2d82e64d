"""The smallest difference that can be shown, and how many more questions would show a smaller one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from scipy.special import ndtri, stdtrit

from lab.statistics.clustered import ClusteredMean, welch_satterthwaite
from lab.statistics.resampling import smallest_p
from lab.statistics.significance import ALPHA
from lab.types import MoreQuestions

POWER = 0.8
_STEP = 0.01  # relative step of the search, which then closes in on the first number that is enough
_NEGLIGIBLE = 1e-3  # share of the questions' variance below which more of them change nothing


def minimum_detectable(result: ClusteredMean, contrasts: int = 1) -> float | None:
    """Smallest true difference found with 80 % power at alpha 0.05, divided by `contrasts` (Bonferroni).

    (t(1 - alpha / 2) + t(power)) * standard error, that of the training runs included (Bloom 1995). None where no
    difference can be detected, or none be told: the error cannot be estimated (one cluster, or equal differences
    throughout), or the clusters are so few that the sign-flip test cannot reach alpha whatever the data. Its smallest p
    is 2 / 2**G (all clusters point one way), so Holm's first step needs contrasts * 2 / 2**G < alpha: 6 clusters for
    one contrast, 8 for six.
    """
    if not result.error or result.df is None or not _enough_clusters(result.clusters, contrasts):
        return None
    return _needed(result, contrasts)


def more_questions(result: ClusteredMean, difference: float, contrasts: int = 1) -> MoreQuestions | None:
    """The fewest further questions, from further clusters, with which `difference` becomes detectable.

    Detectable as in `minimum_detectable`. As many questions per cluster as now, so the questions' variance falls as
    1 / clusters; that of the training runs stays. None where nothing is to be added: the difference is detectable
    already, nothing is known of the error, or the training runs differ so much that no number of questions is enough.

    Raises:
        ValueError: `difference` is not above 0.
    """
    if not difference > 0.0:
        raise ValueError(f"expected a difference above 0, got {difference}")
    now = minimum_detectable(result, contrasts)
    if not result.error or (now is not None and now <= difference):
        return None
    seeds = result.seed_error or 0.0
    one_cluster = max(0.0, result.error**2 - seeds**2) * result.clusters
    normal = float(ndtri(1 - ALPHA / (2 * contrasts)) + ndtri(POWER))
    room = (difference / normal) ** 2 - seeds**2  # for the questions' variance, if degrees of freedom were no matter
    if room <= 0.0:
        return None

    def detectable(clusters: int) -> bool:
        items = math.sqrt(one_cluster / clusters)
        df = welch_satterthwaite(items, clusters - 1, seeds, result.seeds - 1)
        larger = replace(result, error=math.hypot(items, seeds), clusters=clusters, df=df)
        return _enough_clusters(clusters, contrasts) and _needed(larger, contrasts) <= difference

    def hopeless(clusters: int) -> bool:
        settled = one_cluster / clusters < _NEGLIGIBLE * seeds**2
        return settled and _factor(result.seeds - 1, contrasts) * seeds >= difference

    clusters = _first(detectable, hopeless, max(result.clusters + 1, math.floor(one_cluster / room)))
    if clusters is None:
        return None
    further = clusters - result.clusters
    return MoreQuestions(difference, math.ceil(further * result.n / result.clusters), further)


def _needed(result: ClusteredMean, contrasts: int) -> float:
    """Half of the interval that has to leave 0 out, and the distance that gives the power."""
    return (result.half_width(1 - ALPHA / contrasts) or 0.0) + (result.half_width(2 * POWER - 1) or 0.0)


def _factor(df: float, contrasts: int) -> float:
    return float(stdtrit(df, 1 - ALPHA / (2 * contrasts)) + stdtrit(df, POWER))


def _enough_clusters(clusters: int, contrasts: int) -> bool:
    return contrasts * smallest_p(clusters) < ALPHA


def _first(good: Callable[[int], bool], hopeless: Callable[[int], bool], start: int) -> int | None:
    """The first number from `start` on that is good; None once a number is hopeless.

    More clusters are not always better: the more of them, the more of the error comes from the few training runs, with
    their few degrees of freedom. So the search walks up, and halves only the last step.
    """
    bad, number = start - 1, start
    while not good(number):
        if hopeless(number):
            return None
        bad, number = number, max(number + 1, math.floor(number * (1 + _STEP)))
    while number - bad > 1:
        middle = (bad + number) // 2
        bad, number = (bad, middle) if good(middle) else (middle, number)
    return number
