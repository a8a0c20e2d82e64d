"""Which methods no other one makes superfluous, with the uncertainty of the measurements.

One method dominates another if it is no worse on all axes that were measured for both in at least 95 % of the draws,
and better on one of them in at least 95 %. In quality, 'no worse' allows the margin. Without draws (one cluster)
nothing is dominated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.recommend.case import Case
from lab.recommend.costs import costs_of, question_prices
from lab.recommend.gates import candidate_staleness
from lab.statistics.sample import Floats

SURE = 0.95
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis. `sign` is 1 where more is better, -1 where less is.

    `values` has shape (candidates,), `drawn` (draws, candidates), NaN where not measured; `tolerance` is what counts as
    no worse.
    """

    name: str
    sign: int
    values: Floats
    drawn: Floats | None
    tolerance: float = 0.0


def pareto(case: Case) -> list[dict[str, Any]]:
    """For each candidate, gates aside: its values by axis (None where not measured), and which methods dominate it."""
    axes = _axes(case)
    return [
        {
            "method": name,
            "values": {axis.name: _or_none(axis.values[position]) for axis in axes},
            "dominated_by": [
                other for at, other in enumerate(case.names) if at != position and dominates(axes, at, position)
            ],
        }
        for position, name in enumerate(case.names)
    ]


def dominates(axes: list[Axis], a: int, b: int) -> bool:
    """Whether the candidate at position `a` dominates that at `b`."""
    no_worse: Floats | None = None
    better = False
    for axis in axes:
        if axis.drawn is None or np.isnan([axis.values[a], axis.values[b]]).any():
            continue
        ahead = axis.sign * (axis.drawn[:, a] - axis.drawn[:, b])
        here = (ahead >= -axis.tolerance - _ROUNDING).astype(np.float64)
        no_worse = here if no_worse is None else no_worse * here
        better = better or bool(np.mean(ahead > _ROUNDING) >= SURE)
    return no_worse is not None and bool(no_worse.mean() >= SURE) and better


def _axes(case: Case) -> list[Axis]:
    found, drawn = case.measured.found, case.measured.drawn
    axes = [
        Axis("quality", 1, found.quality, None if drawn is None else drawn.quality, case.margin),
        Axis("groundedness", 1, found.groundedness, None if drawn is None else drawn.groundedness),
        Axis("p95_ms", -1, found.p95, None if drawn is None else drawn.p95),
    ]
    stale = [candidate_staleness(case, one) for one in case.candidates]
    axes.append(_fixed(case, "freshness", 1, [None if share is None else 1.0 - share for share in stale]))
    prices = question_prices(costs_of(case.evidence, case.economics), case.economics)
    if prices.reason is None:
        axes.append(_fixed(case, "cost_per_question", -1, [prices.per_question[name] for name in case.names]))
    else:
        counts = [
            None if one.tokens_in is None or one.tokens_out is None else one.tokens_in + one.tokens_out
            for one in case.candidates
        ]
        axes.append(_fixed(case, "tokens_per_question", -1, counts))
    return [axis for axis in axes if not np.isnan(axis.values).all()]


def _fixed(case: Case, name: str, sign: int, values: list[float | None]) -> Axis:
    """An axis that is the same in all draws."""
    array = np.array([np.nan if value is None else value for value in values])
    drawn = case.measured.drawn
    return Axis(name, sign, array, None if drawn is None else np.broadcast_to(array, drawn.quality.shape))


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
