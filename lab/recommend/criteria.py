"""The criteria of the decision: their values, the declared anchors that turn values into scores, and their weights.

A score is (value - worst) / (good - worst), cut to [0, 1], with the declared worst acceptable and good enough value. It
does not depend on which other methods were compared. A criterion that was not measured, or has no anchors, is dropped
with the reason, and the weights of the others are divided by their sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.decision_config import DEFAULT_WEIGHTS, LOWER_IS_BETTER, NeedsConfig
from lab.errors import ConfigError
from lab.recommend.case import Case
from lab.recommend.costs import Prices, costs_of, question_prices
from lab.recommend.draws import Figures
from lab.recommend.gates import candidate_staleness
from lab.statistics.sample import Floats

NOT_MEASURED = "not measured"
ALONE = "no criterion with a weight was measured, so quality alone decides"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion that counts. `weight` is its share of the weights of all that count.

    `values` and `scores` have shape (candidates,), `drawn` are the scores of the draws, shape (draws, candidates); None
    for one cluster. NaN, or an infinite cost, for candidates that fail a gate and were not measured.
    """

    name: str
    weight: float
    worst: float
    good: float
    values: Floats
    scores: Floats
    drawn: Floats | None


@dataclass(frozen=True, slots=True)
class Criteria:
    """What counts and what was dropped, by name with the reason. `note` says what else a reader must know."""

    used: tuple[Criterion, ...]
    dropped: dict[str, str]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _Values:
    found: Floats
    drawn: Floats | None


def weigh(case: Case, passing: list[str]) -> Criteria:
    """The criteria that have a value for every candidate in `passing`, or for every candidate where none passes.

    Raises:
        ConfigError: declared anchors in the wrong order.
    """
    declared: dict[str, float] = dict(case.needs.weights.items() if case.needs.weights else DEFAULT_WEIGHTS.items())
    positions = [case.names.index(name) for name in passing] or list(range(len(case.names)))
    dropped: dict[str, str] = {}
    ready: dict[str, tuple[_Values, tuple[float, float]]] = {}
    for name in DEFAULT_WEIGHTS:
        if not declared.get(name):
            dropped[name] = "its weight is 0"
            continue
        found = _ready(case, name, positions)
        if isinstance(found, str):
            dropped[name] = found
        else:
            ready[name] = found
    note = None
    if not ready:
        values = _quality(case)
        ready, note = {"quality": (values, anchors_of(case.needs, "quality") or (0.0, 1.0))}, ALONE
        dropped.pop("quality", None)
        declared = {"quality": 1.0}
    total = sum(declared[name] for name in ready)
    used = tuple(
        Criterion(
            name,
            declared[name] / total,
            *ends,
            values.found,
            score(values.found, *ends),
            None if values.drawn is None else score(values.drawn, *ends),
        )
        for name, (values, ends) in ready.items()
    )
    return Criteria(used, dropped, note)


def score(values: Floats, worst: float, good: float) -> Floats:
    """0 at the worst acceptable value and beyond, 1 at the good enough one and beyond, linear between."""
    return np.clip((values - worst) / (good - worst), 0.0, 1.0)


def anchors_of(needs: NeedsConfig, name: str) -> tuple[float, float] | None:
    """The declared worst acceptable and good enough value, or those that follow from a declared limit; else None.

    Raises:
        ConfigError: declared in the wrong order.
    """
    if name in needs.anchors:
        worst, good = needs.anchors[name]  # type: ignore[index]
        if (worst < good) == (name in LOWER_IS_BETTER):
            order = "above" if name in LOWER_IS_BETTER else "below"
            raise ConfigError(
                f"needs.anchors.{name}: expected the worst acceptable value first, which for {name} lies {order} the "
                f"good enough one, got [{worst:g}, {good:g}]. Exchange the two."
            )
        return worst, good
    if name == "quality":
        floor = needs.quality_floor or 0.0
        return (floor, 1.0) if floor < 1.0 else (0.0, 1.0)
    if name == "freshness":
        return 1.0 - (needs.max_staleness or 1.0), 1.0
    if name == "latency":
        return None if needs.max_p95_ms is None else (needs.max_p95_ms, 0.0)
    return (0.0, 1.0) if name in ("groundedness", "robustness") else None


def _ready(case: Case, name: str, positions: list[int]) -> tuple[_Values, tuple[float, float]] | str:
    values = _values(case, name)
    if isinstance(values, str):
        return values
    missing = [case.names[position] for position in positions if np.isnan(values.found[position])]
    if missing:
        return NOT_MEASURED if len(missing) == len(positions) else f"{NOT_MEASURED} for {', '.join(missing)}"
    ends = anchors_of(case.needs, name)
    return "no anchor declared" if ends is None else (values, ends)


def _values(case: Case, name: str) -> _Values | str:
    """Values of all candidates, NaN where there is none; the reason where no candidate can have one."""
    found, drawn = case.measured.found, case.measured.drawn
    if name == "quality":
        return _quality(case)
    if name == "groundedness":
        return _Values(found.groundedness, None if drawn is None else drawn.groundedness)
    if name == "latency":
        return _Values(found.p95, None if drawn is None else drawn.p95)
    if name == "freshness":
        return _freshness(case)
    if name == "cost":
        prices = question_prices(costs_of(case.evidence, case.economics), case.economics)
        if prices.reason is not None:
            return prices.reason
        return _Values(cost_values(case, prices, found), None if drawn is None else cost_values(case, prices, drawn))
    return f"{NOT_MEASURED} yet"


def _quality(case: Case) -> _Values:
    drawn = case.measured.drawn
    return _Values(case.measured.found.quality, None if drawn is None else drawn.quality)


def _freshness(case: Case) -> _Values | str:
    stale = [candidate_staleness(case, one) for one in case.candidates]
    fresh = np.array([1.0 - share for share in stale if share is not None])
    if len(fresh) < len(stale):
        return "facts_changing_per_month and update_interval_months are not both declared"
    drawn = case.measured.drawn
    return _Values(fresh, None if drawn is None else np.broadcast_to(fresh, drawn.quality.shape))


def cost_values(case: Case, prices: Prices, figures: Figures) -> Floats:
    """What a right answer costs, its share of the wrong answers' cost included: (c + w C) / quality.

    Infinite where no answer is right.
    """
    per_question = np.array([prices.per_question[name] for name in case.names])
    penalty = case.economics.wrong_answer
    spent = per_question + figures.wrong * penalty if penalty else np.broadcast_to(per_question, figures.quality.shape)
    return np.divide(spent, figures.quality, out=np.full_like(figures.quality, np.inf), where=figures.quality > 0.0)
