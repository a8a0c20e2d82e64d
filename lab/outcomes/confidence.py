"""Whether a method's confidence tells its right answers from its wrong ones.

Confidence is exp(mean log-probability of the answer's tokens), between 0 and 1. Tuning often sharpens it without
making it truer (Guo et al. 2017), so compare a tuned method with its untuned counterpart.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lab.outcomes.abstaining import right
from lab.outcomes.factorial import Effect, effect_of
from lab.outcomes.table import ScoreTable
from lab.statistics.sample import Floats

LOGPROB = "logprob"
BINS = 10
POINTS = 50  # of the risk-coverage curve
_ABOVE = 1e-6  # a log-probability may exceed 0 by rounding


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about equal confidence: their mean confidence, and the share of them that is right."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of one method, over `n` answers of all training runs; `left_out` have no log-probability or no score.

    `curve` holds [coverage, risk]: answering only the most confident share of the questions, this share is wrong;
    `risk_coverage_area` is the mean risk over all coverages. `reason` says why nothing was measured, `auroc_reason` why
    only that was not.
    """

    reason: str | None
    n: int
    left_out: int
    confidence: float | None
    accuracy: float | None
    ece: float | None
    brier: Effect
    auroc: float | None
    risk_coverage_area: float | None
    bins: list[Bin]
    curve: list[list[float]]
    auroc_reason: str | None = None


def confidence(table: ScoreTable, method: str, metric: str = LOGPROB) -> dict[str, Any]:
    """Calibration of one method from the column of mean token log-probabilities, natural logarithm.

    An answer counts as right as in `abstaining.right`: declining an unanswerable question is right. The answers of all
    training runs are taken together.

    Raises:
        ValueError: a log-probability is above 0.
    """
    for name in (metric, "wrong", "abstained"):
        if not table.has(method, name):
            return asdict(_unmeasured(f"there is no {name} of {method}", 0))
    logprobs, outcome = table.values(method, metric), right(table, method)
    if np.nanmax(logprobs) > _ABOVE:
        raise ValueError(f"{method}: expected log-probabilities up to 0, got {np.nanmax(logprobs)}")
    sure, outcome = np.broadcast_arrays(np.exp(np.minimum(logprobs, 0.0)), outcome)
    brier = effect_of((sure - outcome) ** 2, table.clusters)
    defined = ~np.isnan(sure + outcome)
    return asdict(_calibration(sure[defined], outcome[defined], brier, int(defined.size - defined.sum())))


def _unmeasured(why: str, left_out: int) -> Calibration:
    brier = Effect.missing(why, left_out)
    return Calibration(brier.reason, 0, left_out, None, None, None, brier, None, None, [], [])


def _calibration(sure: Floats, outcome: Floats, brier: Effect, left_out: int) -> Calibration:
    if not len(sure):
        return _unmeasured("no answer has both a log-probability and a score", left_out)
    bins = equal_mass_bins(sure, outcome)
    risks = risk_by_coverage(sure, outcome)
    area, auroc_reason = _auroc(sure, outcome)
    return Calibration(
        reason=None,
        n=len(sure),
        left_out=left_out,
        confidence=float(sure.mean()),
        accuracy=float(outcome.mean()),
        ece=sum(one.n * abs(one.accuracy - one.confidence) for one in bins) / len(sure),
        brier=brier,
        auroc=area,
        risk_coverage_area=float(risks.mean()),
        bins=bins,
        curve=_curve(risks),
        auroc_reason=auroc_reason,
    )


def equal_mass_bins(sure: Floats, outcome: Floats, count: int = BINS) -> list[Bin]:
    """At most `count` bins of about as many answers each, least sure first.

    Answers of equal confidence share a bin, so the order of the questions changes nothing: an answer goes by how many
    are less sure than it. The expected calibration error is the mean of |accuracy - confidence| of the bins, weighted
    by their answers (Naeini et al. 2015).
    """
    below = np.searchsorted(np.sort(sure), sure, side="left")
    codes = below * count // len(sure)
    return [
        Bin(float(sure[codes == code].mean()), float(outcome[codes == code].mean()), int((codes == code).sum()))
        for code in np.unique(codes)
    ]


def risk_by_coverage(sure: Floats, outcome: Floats) -> Floats:
    """The share of wrong answers among the 1, 2, ... n most confident ones, shape (n,) (Geifman and El-Yaniv 2017).

    Among answers of equal confidence the risk is that of a random order on average.
    """
    _, group, size = np.unique(-sure, return_inverse=True, return_counts=True)
    wrong = np.bincount(group, weights=1.0 - outcome) / size
    return np.asarray(np.cumsum(np.repeat(wrong, size)) / np.arange(1, len(sure) + 1))


def _curve(risks: Floats) -> list[list[float]]:
    places = np.unique(np.linspace(1, len(risks), min(POINTS, len(risks))).round().astype(int))
    return [[float(place / len(risks)), float(risks[place - 1])] for place in places]


def _auroc(sure: Floats, outcome: Floats) -> tuple[float | None, str | None]:
    from sklearn.metrics import roc_auc_score

    if outcome.min() == outcome.max():
        return None, f"not defined: all answers are {'right' if outcome[0] else 'wrong'}"
    return float(roc_auc_score(outcome, sure)), None
