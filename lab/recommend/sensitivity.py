"""What would change the recommendation: each input turned by itself, the points where the choice flips, the weights.

Flip points are found on the rule itself, with the same draws at every value: an input is turned in steps, and where the
choice differs from one step to the next, the point between them is found by bisection, so the choice is judged on both
sides of it. From there on it is judged at the further steps, as far as the new choice stands. What changes and changes
back between two steps is not seen. The weight that swaps ranks 1 and 2 has a closed form: utilities are linear in
a weight of which the others get the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.recommend.case import Case
from lab.recommend.dials import Dial, dials_of
from lab.recommend.rule import CLEAR, Judgement, judge

CONCENTRATION = 50.0
WEIGHT_DRAWS = 10_000
_PER_DECADE = 4
_EXACT = 1e-12
_PAST = 1e-6
_HALVINGS = 80
_PENALTIES = 0.1, 3.0  # the penalty for a wrong answer is turned in steps of the one, up to the other


@dataclass(frozen=True, slots=True)
class Flip:
    """From `at` on, in the direction of `up`, `choice` takes over; just before it the old one stands.

    `kind`: "choice" of the rule, or "rank", the highest utility. `until` is the last value at which `choice` was judged
    to stand, as it did at all steps before. `ends`: whether another one takes over right after; else nobody looked on.
    """

    dial: Dial
    kind: str
    at: float
    up: bool
    choice: str
    until: float
    ends: bool

    def stands(self, case: Case, value: float) -> bool:
        """Whether `choice` is what the rule says at this value."""
        return _of(self.kind, judge(self.dial.turn(case, value))) == self.choice


def tornado(case: Case, judgement: Judgement) -> list[dict[str, Any]]:
    """Each input at half and at twice its value: the choice, and its lead in utility. The largest swing first."""
    rows = []
    for dial in dials_of(case, judgement):
        if not dial.now:
            continue
        ends: dict[str, dict[str, Any]] = {}
        for end, factor in (("low", 0.5), ("high", 2.0)):
            at = dial.scaled(factor)
            there = judge(dial.turn(case, at))
            ends[end] = {"at": at, "choice": there.choice, "lead": lead(there)}
        leads = [ends[end]["lead"] for end in ends]
        swing = None if None in leads else abs(leads[1] - leads[0])
        rows.append({"input": dial.name, "now": dial.now, **ends, "swing": swing})
    return sorted(rows, key=lambda row: -(row["swing"] or 0.0))


def lead(judgement: Judgement) -> float | None:
    """Utility of the choice minus that of the best other method that passes; negative for a choice that is simpler."""
    others = [name for name in judgement.passing if name != judgement.choice]
    if judgement.leader is None or not others:
        return None
    return judgement.utilities[judgement.choice] - max(judgement.utilities[name] for name in others)


def choice_flips(case: Case, judgement: Judgement) -> list[Flip]:
    """For each input, the first value below and above at which the rule was found to choose otherwise.

    The nearest first, by ratio; those from or to 0 last.
    """
    found = [
        flip
        for dial in dials_of(case, judgement)
        for up in (False, True)
        if (flip := nearest(case, judgement, dial, "choice", up=up)) is not None
    ]
    return sorted(
        found, key=lambda flip: abs(math.log(flip.at / flip.dial.now)) if flip.at and flip.dial.now else math.inf
    )


def rank_flips(case: Case, judgement: Judgement) -> list[Flip]:
    """Where the highest utility goes to another method: by the smallest change of a weight, and by wrong_answer."""
    dials = {dial.name: dial for dial in dials_of(case, judgement)}
    weight = smallest_weight_change(judgement)
    found = []
    if weight is not None:
        name, at = weight
        dial = dials[f"weights.{name}"]
        up, second = at > dial.now, judgement.ranked()[1]
        just_past = at + (1.0 if up else -1.0) * _PAST * min(at, 1.0 - at)
        if judge(dial.turn(case, just_past)).leader == second:  # else a third method is ahead of both by then
            found.append(Flip(dial, "rank", at, up, second, *_until(case, dial, "rank", just_past, second, up=up)))
    if "wrong_answer" in dials:
        both = (nearest(case, judgement, dials["wrong_answer"], "rank", up=up) for up in (False, True))
        found += [flip for flip in both if flip is not None]
    return found


def nearest(case: Case, judgement: Judgement, dial: Dial, kind: str, *, up: bool) -> Flip | None:
    """The first change of the choice, or leader, on the way up or down, and how far it holds; None if none was seen."""
    now = _of(kind, judgement)
    before = dial.now
    for value in _steps(dial, up=up):
        if _of(kind, judge(dial.turn(case, value))) != now:
            _, at, there = _edge(case, dial, kind, (before, value))
            return (
                None if there is None else Flip(dial, kind, at, up, there, *_until(case, dial, kind, at, there, up=up))
            )
        before = value
    return None


def _of(kind: str, judgement: Judgement) -> str | None:
    return judgement.choice if kind == "choice" else judgement.leader


def _edge(case: Case, dial: Dial, kind: str, ends: tuple[float, float]) -> tuple[float, float, str | None]:
    """Between two values that lead elsewhere: the last one as before, the first one that is not, and whereto."""
    before, after = ends
    now, there = (_of(kind, judge(dial.turn(case, value))) for value in ends)
    for _ in range(_HALVINGS):
        if abs(after - before) <= _EXACT * abs(after):
            break
        middle = (before + after) / 2
        found = _of(kind, judge(dial.turn(case, middle)))
        if found == now:
            before = middle
        else:
            after, there = middle, found
    return before, after, there


def _until(case: Case, dial: Dial, kind: str, at: float, choice: str, *, up: bool) -> tuple[float, bool]:
    """Up to where, from `at` on, each step leads to `choice`; and whether that is because it ends there."""
    last = at
    for value in _steps(dial, up=up):
        if (value > last) != up or value == last:
            continue
        if _of(kind, judge(dial.turn(case, value))) != choice:
            return _edge(case, dial, kind, (last, value))[0], True
        last = value
    return last, False


def smallest_weight_change(judgement: Judgement) -> tuple[str, float] | None:
    """The criterion, and its new share of the weights, at which ranks 1 and 2 have equal utility by the least change.

    With d_c the difference of the two scores in criterion c, w its share and R the mean of the other differences by
    their weights, the lead w' d_c + (1 - w') R is 0 at w' = R / (R - d_c). None where no share in (0, 1) does that.
    """
    ranked = judgement.ranked()
    used = judgement.criteria.used
    if len(ranked) < 2 or len(used) < 2:
        return None
    names = list(judgement.names)
    first, second = names.index(ranked[0]), names.index(ranked[1])
    gaps = {one.name: float(one.scores[first] - one.scores[second]) for one in used}
    found = []
    for one in used:
        rest = sum(other.weight * gaps[other.name] for other in used if other is not one) / (1.0 - one.weight)
        if rest == gaps[one.name]:
            continue
        at = rest / (rest - gaps[one.name])
        if 0.0 < at < 1.0:
            found.append((abs(at - one.weight), one.name, at))
    return min(found)[1:] if found else None


def stability(judgement: Judgement, rng: np.random.Generator) -> dict[str, Any]:
    """How often each method has the highest utility if the weights are Dirichlet(50 * weights), 10,000 draws.

    `stable`: the leader keeps at least 80 %. With one criterion the weights cannot change anything.
    """
    used, passing = judgement.criteria.used, judgement.passing
    if judgement.leader is None:
        return {"shares": {}, "stable": None, "winner": None, "reason": "no method can be chosen"}
    names = list(judgement.names)
    scores = np.stack([one.scores for one in used])[:, [names.index(name) for name in passing]]
    weights = rng.dirichlet([CONCENTRATION * one.weight for one in used], size=WEIGHT_DRAWS)
    utilities = weights @ scores
    best = utilities >= utilities.max(axis=1, keepdims=True) - _EXACT
    shares = dict(zip(passing, map(float, (best / best.sum(axis=1, keepdims=True)).mean(axis=0)), strict=True))
    reason = "only one criterion counts, so no weight changes the order" if len(used) == 1 else None
    winner = judgement.leader
    return {"shares": shares, "stable": shares[winner] >= CLEAR, "winner": winner, "reason": reason}


def _steps(dial: Dial, *, up: bool) -> Iterator[float]:
    """Values away from what it is, evenly in the logarithm; a weight in steps of a twentieth of the way to 0 or 1.

    A penalty in steps of 0.1, up to 3 or down to 0.
    """
    if dial.group == "weight":
        end = 1.0 - 1e-9 if up else 1e-9
        yield from np.linspace(dial.now, end, 21)[1:].tolist()
        return
    if dial.group == "penalty":
        step, most = _PENALTIES
        end = max(most, dial.now) if up else 0.0
        yield from np.linspace(dial.now, end, math.ceil(abs(end - dial.now) / step - _EXACT) + 1)[1:].tolist()
        return
    count = round(math.log10(dial.reach) * _PER_DECADE)
    for step in range(1, count + 1):
        value = dial.now * 10 ** ((step if up else -step) / _PER_DECADE)
        yield min(value, dial.most)
        if value >= dial.most:
            return
