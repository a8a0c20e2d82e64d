"""Whether a result meets requirements. What was not measured fails, with its reason: nothing passes in silence."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab import rounding
from lab.gate.language import ALPHA, Bound, Operator, Requirement
from lab.gate.values import Reading, Why, read_value
from lab.types import ExperimentResult

_HOLDS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One requirement with what was found. `short_by`: how far the value is from the bound that it misses, else None.

    `short_by` is 0 where the value equals a bound that it should pass. `doubt` is why the requirement fails although
    the value passes the bound.
    """

    requirement: Requirement
    reading: Reading
    holds: bool
    short_by: float | None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """All verdicts, in the order of the requirements."""

    name: str
    n_test: int
    n_clusters: int
    verdicts: tuple[Verdict, ...]

    @property
    def holds(self) -> bool:
        """Whether all requirements hold."""
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """Those that do not hold."""
        return tuple(verdict for verdict in self.verdicts if not verdict.holds)


def nobody_knows(method: str, metric: str) -> str | None:
    """The reason why a score is undefined, where only the result is at hand: none."""
    return None


def check(requirements: Sequence[Requirement], result: ExperimentResult, why: Why = nobody_knows) -> Outcome:
    """Every requirement judged, whether or not an earlier one failed.

    Args:
        requirements: parsed with the names of this result.
        result: a finished run.
        why: the reason why the scores of (method, metric) are undefined, or None.
    """
    verdicts = tuple(_judge(one, read_value(one, result, why)) for one in requirements)
    return Outcome(result.name, result.n_test, result.n_clusters, verdicts)


def _judge(requirement: Requirement, reading: Reading) -> Verdict:
    value, bound = reading.value, requirement.bound
    passes = value is not None and _HOLDS[requirement.operator](value, bound)
    doubt = _doubt(requirement, reading) if passes else None
    return Verdict(requirement, reading, passes and not doubt, None if passes else _distance(value, bound), doubt)


def _doubt(requirement: Requirement, reading: Reading) -> str | None:
    if reading.p_holm is None or reading.p_holm < ALPHA:
        return None
    side = "above" if requirement.operator in (">", ">=") else "below"
    where = f"{'ends at' if reading.value == requirement.bound else f'lies {side}'} {requirement.shown_bound}"
    return f"the interval {where}, but after Holm's adjustment p is {rounding.p_value(reading.p_holm)}: not shown"


def _distance(value: float | bool | str | None, bound: Bound) -> float | None:
    numbers = [one for one in (value, bound) if isinstance(one, int | float) and not isinstance(one, bool)]
    return float(abs(numbers[0] - numbers[1])) if len(numbers) == 2 else None
