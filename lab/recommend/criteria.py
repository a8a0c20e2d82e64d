"""The criteria of the decision: their values, the declared anchors that turn values into scores, and their weights.

A score is (value - worst) / (good - worst), cut to [0, 1], with the declared worst acceptable and good enough value. It
does not depend on which other methods were compared. A criterion that was not measured, or has no anchors, is dropped
with the reason, and the weights of the others are divided by their sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.decision_config import DEFAULT_WEIGHTS
from lab.recommend.case import Case
from lab.recommend.costs import NEVER_RIGHT, Prices, prices_of
from lab.recommend.draws import Figures
from lab.recommend.gates import NOT_TRAINED_AGAIN, UNDECLARED, candidate_staleness
from lab.statistics.sample import Floats

NOT_MEASURED = "not measured"
UNWEIGHTED = "counts only where needs.weights names it"
UNCOUNTED = "wrong answers were not counted, so needs.wrong_penalty takes nothing away"
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
    """The criteria that have a value for every candidate in `passing`, or for every candidate where none passes."""
    declared: dict[str, float] = dict(case.needs.weights.items() if case.needs.weights else DEFAULT_WEIGHTS.items())
    positions = [case.names.index(name) for name in passing] or list(range(len(case.names)))
    dropped: dict[str, str] = {}
    ready: dict[str, tuple[_Values, tuple[float, float]]] = {}
    for name in DEFAULT_WEIGHTS:
        if not declared.get(name):
            dropped[name] = "its weight is 0"
            continue
        if name == "groundedness" and not case.needs.weights:  # else a need that only readers meet would bring it in
            dropped[name] = UNWEIGHTED
            continue
        found = _ready(case, name, positions)
        if isinstance(found, str):
            dropped[name] = found
        else:
            ready[name] = found
    note = None
    if not ready:
        values = _quality(case)
        ready, note = {"quality": (values, anchors_of(case, "quality") or (0.0, 1.0))}, ALONE
        dropped.pop("quality", None)
        declared = {"quality": 1.0}
    if case.needs.wrong_penalty and not case.penalty:
        note = UNCOUNTED if note is None else f"{note}; {UNCOUNTED}"
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


def anchors_of(case: Case, name: str) -> tuple[float, float] | None:
    """The declared worst acceptable and good enough value, or those that follow from a declared limit; else None.

    The worst acceptable quality is the floor, 0 without one, with all other answers wrong: each takes away the penalty.
    """
    needs = case.needs
    if name in needs.anchors:
        worst, good = needs.anchors[name]  # type: ignore[index]
        return worst, good
    if name == "quality":
        floor = needs.quality_floor or 0.0
        floor = floor if floor < 1.0 else 0.0
        return floor - case.penalty * (1.0 - floor), 1.0
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
        if name == "freshness":
            return f"unknown for {', '.join(missing)}: {NOT_TRAINED_AGAIN}"
        return NOT_MEASURED if len(missing) == len(positions) else f"{NOT_MEASURED} for {', '.join(missing)}"
    ends = anchors_of(case, name)
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
        prices = prices_of(case)
        if prices.reason is not None:
            return prices.reason
        return _Values(cost_values(case, prices, found), None if drawn is None else cost_values(case, prices, drawn))
    return f"{NOT_MEASURED} yet"


def _quality(case: Case) -> _Values:
    drawn = case.measured.drawn
    return _Values(case.worths(case.measured.found), None if drawn is None else case.worths(drawn))


def _freshness(case: Case) -> _Values | str:
    if None in (case.needs.facts_changing_per_month, case.needs.update_interval_months):
        return UNDECLARED
    stale = [candidate_staleness(case, one) for one in case.candidates]
    fresh = np.array([np.nan if share is None else 1.0 - share for share in stale])
    drawn = case.measured.drawn
    return _Values(fresh, None if drawn is None else np.broadcast_to(fresh, drawn.quality.shape))


def cost_values(case: Case, prices: Prices, figures: Figures) -> Floats:
    """What a right answer costs, with its share of what wrong and declined ones cost: (c + w C + a D) / right.

    Where right answers were not counted, what a point of the primary metric costs. Infinite where there is none.
    """
    right = figures.right if case.right_counted else figures.quality
    spent = np.broadcast_to([prices.per_question[name] for name in case.names], right.shape)
    for share, price in (
        (figures.wrong, case.economics.wrong_answer),
        (figures.declined, case.economics.escalation),
    ):
        spent = spent + share * price if price else spent
    values: Floats = np.divide(spent, right, out=np.full_like(right, np.inf), where=right > NEVER_RIGHT)
    return values
