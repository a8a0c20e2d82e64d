"""Effect sizes of one method against another."""

from __future__ import annotations

import numpy as np

from lab.statistics.clustered import all_equal
from lab.statistics.sample import Floats
from lab.types import EffectSizes


def effect_sizes(method: Floats, baseline: Floats) -> EffectSizes:
    """Effect sizes on the questions that both have a value for.

    Args:
        method: shape (seeds, questions).
        baseline: the same; either may have one row where the other has several.

    Returns:
        `relative_error_reduction` = (e_baseline - e_method) / e_baseline with e = 1 - mean; None for scores outside
        [0, 1] and where the baseline makes no error. `odds_ratio` = questions that only the method has right / those
        that only the baseline has right, the estimate of matched pairs (Agresti 2013, section 11.2.3); None unless all
        scores are 0 or 1 from one training run, and where the baseline alone is never right. `d_z` = mean / deviation
        of the paired differences (Cohen 1988, section 2.3.5), averaged over the training runs; None where they are
        equal.
    """
    return EffectSizes(_error_reduction(method, baseline), _odds_ratio(method, baseline), _d_z(method, baseline))


def is_binary(*scores: Floats) -> bool:
    """Whether all scores are 0 or 1 and come from one training run."""
    return all(len(values) == 1 and bool(((values == 0.0) | (values == 1.0)).all()) for values in scores)


def discordant(method: Floats, baseline: Floats) -> tuple[int, int]:
    """Of binary scores: how many questions only the method has right, and how many only the baseline."""
    return int(np.count_nonzero(method > baseline)), int(np.count_nonzero(method < baseline))


def _error_reduction(method: Floats, baseline: Floats) -> float | None:
    if min(method.min(), baseline.min()) < 0.0 or max(method.max(), baseline.max()) > 1.0:
        return None
    error = 1.0 - float(baseline.mean())
    return None if (baseline == 1.0).all() else (error - (1.0 - float(method.mean()))) / error


def _odds_ratio(method: Floats, baseline: Floats) -> float | None:
    if not is_binary(method, baseline):
        return None
    only_method, only_baseline = discordant(method, baseline)
    return only_method / only_baseline if only_baseline else None


def _d_z(method: Floats, baseline: Floats) -> float | None:
    differences = (method - baseline).mean(axis=0)
    return None if all_equal(differences) else float(differences.mean() / differences.std(ddof=1))
