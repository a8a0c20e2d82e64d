"""What the registered contrasts say of two methods, whichever of them was written first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lab.recommend.case import Case
from lab.recommend.rule import Judgement
from lab.types import Comparison

WON = ("better", "slightly better")
_TURNED = {
    "better": "worse",
    "slightly better": "slightly worse",
    "worse": "better",
    "slightly worse": "slightly better",
}


def contrast(case: Case, method: str, baseline: str) -> Comparison | None:
    """`method` minus `baseline` in the primary metric, turned round where that is needed; None if not compared."""
    for one in case.evidence.comparisons:
        if one.metric != case.evidence.metric:
            continue
        if (one.method, one.baseline) == (method, baseline):
            return one
        if (one.method, one.baseline) == (baseline, method):
            return turned(one)
    return None


def proven(case: Case, judgement: Judgement) -> bool:
    """Whether more than the draws backs a clear choice.

    A registered contrast shows it to have the higher quality: against the runner-up or, where these two were not
    judged, against a method within the margin of the runner-up. With no rival among those that pass the gates there is
    nothing to prove. Where there is a most frequent label, the lower end of the choice's 95 % interval must also be
    above what always giving it scores.
    """
    if not judgement.clear:
        return False
    majority = case.evidence.majority
    lower = float(case.measured.lower[case.names.index(judgement.choice)])
    if majority is not None and not lower > majority.share:
        return False
    rivals = rivals_of(judgement)
    if not rivals:
        return True
    runner_up = contrast(case, judgement.choice, rivals[0])
    if runner_up is not None and runner_up.verdict is not None:
        return runner_up.verdict in WON
    equals = [name for name in rivals[1:] if judgement.gap(rivals[0], name) <= judgement.slack + 1e-12]
    found = [contrast(case, judgement.choice, name) for name in equals]
    return any(one is not None and one.verdict in WON for one in found)


def rivals_of(judgement: Judgement) -> Sequence[str]:
    """The other methods that pass the gates, the highest utility first."""
    return [name for name in judgement.ranked() if name != judgement.choice]


def turned(one: Comparison) -> Comparison:
    """The same comparison from the other side: names, difference, interval and verdict; all else stays as it was."""
    return replace(
        one,
        method=one.baseline,
        baseline=one.method,
        difference=0.0 - one.difference,
        low=None if one.high is None else 0.0 - one.high,
        high=None if one.low is None else 0.0 - one.low,
        verdict=_TURNED.get(one.verdict or "", one.verdict),
    )
