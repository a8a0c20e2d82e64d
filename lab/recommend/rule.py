"""The rule: which method to choose, and how sure that is.

Of the methods that pass the gates, the leader is the one with the highest utility as measured. It is the clear choice
if it is best in at least 80 % of the draws. Otherwise there is no clear winner, and the choice is the simplest method
within the margin of the leader; of equally simple ones, the cheapest. A method with a mean of 0, or one whose wrong
answers take away all that its right ones give, is never chosen.

The margin is declared in the primary metric. In utility it is margin * weight of quality / (good - worst).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lab.recommend.case import Case
from lab.recommend.costs import is_tuned, prices_of
from lab.recommend.criteria import Criteria, weigh
from lab.recommend.evidence import SIMPLEST_FIRST, Candidate
from lab.recommend.gates import Gate, judge_gates, passing
from lab.statistics.sample import Floats

CLEAR = 0.8
NONE = "none"
TIE = 0.001  # utilities nearer than this are equal in a draw
_ROUNDING = 1e-12
_PLACES = dict(zip(SIMPLEST_FIRST, (0, 1, 1, 2, 2, 3, 3), strict=True))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rule says of one case.

    `names` are all candidates, `passing` those that meet all needs, in order. `utilities` has all for which every
    criterion that counts was measured; `drawn` are the utilities of the draws, shape (draws, names), None for one
    cluster. `leader` is None, and `choice` "none", where no method can be chosen. `p_best` is over `passing`, empty for
    one cluster. `slack` is the margin in units of utility.
    """

    names: tuple[str, ...]
    gates: tuple[Gate, ...]
    passing: tuple[str, ...]
    criteria: Criteria
    utilities: Mapping[str, float]
    drawn: Floats | None
    p_best: Mapping[str, float]
    leader: str | None
    choice: str
    clear: bool
    within: tuple[str, ...]
    slack: float

    def gap(self, a: str, b: str) -> float:
        """By how much the utility of `a` is above that of `b`; rounded so that 0.62 - 0.59 is 0.03."""
        return round(self.utilities[a] - self.utilities[b], 12)

    def ranked(self) -> list[str]:
        """Those that pass the gates, the highest utility first; equals as in the order of simplicity."""
        return sorted(self.passing, key=lambda name: -round(self.utilities[name], 12))

    def p_within(self) -> dict[str, float]:
        """P(within the margin of the best) over `passing`; empty for one cluster."""
        if self.drawn is None or not self.passing:
            return {}
        drawn = self.drawn[:, [self.names.index(name) for name in self.passing]]
        within = drawn >= drawn.max(axis=1, keepdims=True) - self.slack - _ROUNDING
        return dict(zip(self.passing, map(float, within.mean(axis=0)), strict=True))

    def interval(self, name: str) -> tuple[float | None, float | None]:
        """The 2.5th and the 97.5th percentile of a utility in the draws; None for one cluster."""
        if self.drawn is None:
            return None, None
        low, high = np.quantile(self.drawn[:, self.names.index(name)], (0.025, 0.975))
        return float(low), float(high)


def judge(case: Case) -> Judgement:
    """Apply the rule. No randomness: the draws are part of the case."""
    names = case.names
    gates = judge_gates(case)
    passed = passing(case, gates)
    criteria = weigh(case, passed)
    slack = _slack(case, criteria)
    totals = sum((one.weight * one.scores for one in criteria.used), np.zeros(len(names)))
    utilities = {name: float(total) for name, total in zip(names, totals, strict=True) if not np.isnan(total)}
    drawn = _drawn(criteria)
    p_best = {} if drawn is None else _p_best(case, passed, drawn)
    able = [name for name in passed if case.worth(name) > 0.0]
    leader, choice, clear = None, NONE, False
    within: tuple[str, ...] = ()
    if able:
        leader = max(able, key=lambda name: round(utilities[name], 12))
        gaps = {name: round(utilities[leader] - utilities[name], 12) for name in passed}
        within = tuple(name for name in passed if gaps[name] <= slack + _ROUNDING)
        clear = p_best.get(leader, 0.0) >= CLEAR
        choice = leader if clear else _simplest(case, [name for name in within if name in able])
    return Judgement(
        names=tuple(names),
        gates=gates,
        passing=tuple(passed),
        criteria=criteria,
        utilities=utilities,
        drawn=drawn,
        p_best=p_best,
        leader=leader,
        choice=choice,
        clear=clear,
        within=within,
        slack=slack,
    )


def _slack(case: Case, criteria: Criteria) -> float:
    quality = next((one for one in criteria.used if one.name == "quality"), None)
    return 0.0 if quality is None else case.margin * quality.weight / (quality.good - quality.worst)


def _drawn(criteria: Criteria) -> Floats | None:
    total: Floats | None = None
    for one in criteria.used:
        if one.drawn is None:
            return None
        total = one.weight * one.drawn if total is None else total + one.weight * one.drawn
    return total


def _p_best(case: Case, names: list[str], drawn: Floats) -> dict[str, float]:
    """Share of the draws in which each of `names` has the highest utility; ties, below 0.001 of it, are shared.

    Where there is a most frequent label, a draw in which always giving it scores as much counts for nobody.
    """
    if not names:
        return {}
    columns = [case.names.index(name) for name in names]
    majority, figures = case.evidence.majority, case.measured.drawn
    able = np.ones((len(drawn), len(names)), dtype=np.bool_)
    if majority is not None and figures is not None:
        able = figures.quality[:, columns] > majority.share
    usable = np.where(able, drawn[:, columns], -np.inf)
    best = able & (usable > usable.max(axis=1, keepdims=True) - TIE + _ROUNDING)
    shares = (best / np.maximum(best.sum(axis=1, keepdims=True), 1)).mean(axis=0)
    return dict(zip(names, map(float, shares), strict=True))


def simplicity(one: Candidate) -> int:
    """0 for neither passages nor training, 1 for passages, 2 for training, 3 for both; a stand-in for simplicity.

    The methods that the lab knows have their own places whatever was told of them.
    """
    return _PLACES.get(one.name, 2 * (is_tuned(one) is True) + one.retrieves)


def simpler(one: Candidate, other: Candidate) -> bool:
    """Whether the order of simplicity tells the two apart, and puts `one` first."""
    if one.name in _PLACES and other.name in _PLACES:
        return SIMPLEST_FIRST.index(one.name) < SIMPLEST_FIRST.index(other.name)
    return simplicity(one) < simplicity(other)


def _simplest(case: Case, names: list[str]) -> str:
    """The first in the order of the evidence; of those with the same parts as it, the cheapest."""
    first = case.candidate(names[0])
    equals = [
        name
        for name in names
        if (case.candidate(name).retrieves, is_tuned(case.candidate(name))) == (first.retrieves, is_tuned(first))
    ]
    return min(equals, key=expense(case, equals))


def expense(case: Case, names: list[str]) -> Callable[[str], float]:
    """A key that orders by price, else by seconds, else by prompt tokens; all equal where none was measured of all."""
    prices = prices_of(case).per_question
    seconds = {name: case.candidate(name).seconds_per_question for name in names}
    tokens = {name: case.candidate(name).tokens_in for name in names}
    for measured in (prices, seconds, tokens):
        known = {name: value for name, value in measured.items() if value is not None}
        if all(name in known for name in names):
            return known.__getitem__
    return lambda name: 0.0
