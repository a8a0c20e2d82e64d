"""Which methods no other one makes superfluous, with the uncertainty of the measurements.

One method dominates another if it is no worse on all axes that were measured for both in at least 95 % of the draws,
and better on one of them in at least 95 %. In quality, 'no worse' allows the margin. Cost and tokens are not drawn:
there a difference of less than 5 % is none, neither better nor worse. Without draws (one cluster) nothing is dominated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.recommend.case import Case
from lab.recommend.costs import prices_of
from lab.recommend.gates import candidate_staleness
from lab.statistics.sample import Floats

SURE = 0.95
ALIKE = 0.05
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis. `sign` is 1 where more is better, -1 where less is.

    `values` has shape (candidates,), `drawn` (draws, candidates), NaN where not measured; `tolerance` is what counts as
    no worse. Differences of less than `alike` times the larger value are none.
    """

    name: str
    sign: int
    values: Floats
    drawn: Floats | None
    tolerance: float = 0.0
    alike: float = 0.0


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
        if axis.alike:
            larger = np.maximum(np.abs(axis.drawn[:, a]), np.abs(axis.drawn[:, b]))
            ahead = np.where(np.abs(ahead) < axis.alike * larger, 0.0, ahead)
        here = (ahead >= -axis.tolerance - _ROUNDING).astype(np.float64)
        no_worse = here if no_worse is None else no_worse * here
        better = better or bool(np.mean(ahead > (0.0 if axis.alike else _ROUNDING)) >= SURE)
    return no_worse is not None and bool(no_worse.mean() >= SURE) and better


def _axes(case: Case) -> list[Axis]:
    found, drawn = case.measured.found, case.measured.drawn
    axes = [
        Axis("quality", 1, case.worths(found), None if drawn is None else case.worths(drawn), case.margin),
        Axis("groundedness", 1, found.groundedness, None if drawn is None else drawn.groundedness),
        Axis("p95_ms", -1, found.p95, None if drawn is None else drawn.p95),
    ]
    stale = [candidate_staleness(case, one) for one in case.candidates]
    axes.append(_fixed(case, "freshness", 1, [None if share is None else 1.0 - share for share in stale]))
    prices = prices_of(case)
    if prices.reason is None:
        axes.append(_fixed(case, "cost_per_question", -1, [prices.per_question[name] for name in case.names], ALIKE))
    else:
        counts = [
            None if one.tokens_in is None or one.tokens_out is None else one.tokens_in + one.tokens_out
            for one in case.candidates
        ]
        axes.append(_fixed(case, "tokens_per_question", -1, counts, ALIKE))
    return [axis for axis in axes if not np.isnan(axis.values).all()]


def _fixed(case: Case, name: str, sign: int, values: list[float | None], alike: float = 0.0) -> Axis:
    """An axis that is the same in all draws."""
    array = np.array([np.nan if value is None else value for value in values])
    drawn = case.measured.drawn
    same = None if drawn is None else np.broadcast_to(array, drawn.quality.shape)
    return Axis(name, sign, array, same, alike=alike)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
