"""Which method to choose, how sure that is, and what would change it.

The rule: draw the questions again, whole clusters at a time and jointly for all methods. If the method with the highest
mean is best in at least 80 % of the draws, it is the choice. Otherwise the data do not decide, and the choice is the
simplest method within the margin of the highest mean. The choice is "none" only if no candidate has a mean above 0.

This version measures one criterion, quality, which thus has all the weight. The oracle is no candidate: nobody has it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.types import Comparison

SIMPLEST_FIRST = ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft")
CLEAR = 0.8
SCREENING_BELOW = 150
MAX_FLIPS = 3
DROPPED = ("groundedness", "freshness", "robustness", "cost", "latency", "forgetting", "effort")
_LABELS = {"token_f1": "token F1", "contains": "containment", "exact_match": "exact match"}

Values = Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True, slots=True)
class _Standing:
    """The candidates on the questions that all of them have a value for, the simplest first."""

    metric: str
    margin: float
    means: Mapping[str, float]
    p_best: Mapping[str, float | None]
    seconds: Mapping[str, float]
    comparisons: tuple[Comparison, ...]

    @property
    def leader(self) -> str:
        return max(self.means, key=lambda method: self.means[method])

    @property
    def within(self) -> list[str]:
        return [method for method in self.means if self.gap(method) <= self.margin]

    @property
    def clear(self) -> bool:
        share = self.p_best[self.leader]
        return share is not None and share >= CLEAR and self.means[self.leader] > 0.0

    @property
    def choice(self) -> str:
        return self.leader if self.clear else self.within[0]

    def gap(self, method: str) -> float:
        """How far the method is below the leader; rounded so that 0.62 - 0.59 is 0.03."""
        return round(self.means[self.leader] - self.means[method], 12)


def recommend(
    values: Values,
    clusters: Mapping[str, str],
    comparisons: Sequence[Comparison],
    *,
    metric: str,
    margin: float,
    seconds_per_question: Mapping[str, float],
    seed: int,
    draws: int = 2000,
) -> dict[str, Any]:
    """Choose a method by `metric`, higher is better.

    Args:
        values: by method, then by question id.
        clusters: the cluster of each question id.
        comparisons: as computed for the report; those of `metric` are quoted in the reason.
        metric: the metric that decides.
        margin: the smallest difference worth acting on.
        seconds_per_question: mean wall seconds by method, retrieval included; methods may be absent.
        seed: of the resampling.
        draws: how often the questions are drawn again.

    Returns:
        choice: a method or "none". clear: whether P(best) >= 0.8. p_best: of the choice, of the leader for "none";
        None where it cannot be estimated (one cluster). p_best_by_method, within_margin, reason, gates, flips,
        criteria_used, criteria_dropped.
    """
    methods = _candidates(values)
    questions = [
        question
        for question in (values[methods[0]] if methods else ())
        if all(values[method].get(question) is not None for method in methods)
    ]
    if not questions:
        return _result("none", "There is nothing to choose from: no candidate has a defined value.")
    scores = np.array([[values[method][question] for question in questions] for method in methods], dtype=np.float64)
    shares = _p_best(scores, [clusters[question] for question in questions], np.random.default_rng(seed), draws)
    standing = _Standing(
        metric=metric,
        margin=margin,
        means=dict(zip(methods, map(float, scores.mean(axis=1)), strict=True)),
        p_best=dict(zip(methods, shares, strict=True)),
        seconds={method: seconds_per_question[method] for method in methods if method in seconds_per_question},
        comparisons=tuple(comparison for comparison in comparisons if comparison.metric == metric),
    )
    return _judge(standing, len(questions))


def _candidates(values: Values) -> list[str]:
    known = [method for method in SIMPLEST_FIRST if method in values]
    return known + [method for method in values if method not in (*SIMPLEST_FIRST, "oracle")]


def _p_best(
    scores: npt.NDArray[np.float64], clusters: Sequence[str], rng: np.random.Generator, draws: int
) -> list[float | None]:
    """Share of the draws in which each row of `scores` (methods, questions) has the highest mean; ties are shared."""
    position = {cluster: index for index, cluster in enumerate(dict.fromkeys(clusters))}
    if len(position) < 2:
        return [None] * len(scores)
    membership = np.zeros((scores.shape[1], len(position)))
    membership[np.arange(scores.shape[1]), [position[cluster] for cluster in clusters]] = 1.0
    times = rng.multinomial(len(position), np.full(len(position), 1 / len(position)), size=draws)
    means = (times @ (scores @ membership).T) / (times @ membership.sum(axis=0))[:, None]
    best = means >= means.max(axis=1, keepdims=True) - 1e-12
    return [float(share) for share in (best / best.sum(axis=1, keepdims=True)).mean(axis=0)]


def _judge(standing: _Standing, n: int) -> dict[str, Any]:
    worthless = standing.means[standing.leader] <= 0.0
    choice = "none" if worthless else standing.choice
    if worthless:
        reason = f"No method has a mean {_label(standing.metric)} above 0."
    else:
        reason = _clear_reason(standing) if standing.clear else _undecided_reason(standing)
    if n < SCREENING_BELOW:
        reason += f" Screening only: fewer than {SCREENING_BELOW} questions."
    return _result(
        choice,
        reason,
        clear=standing.clear,
        p_best=standing.p_best[standing.leader if worthless else choice],
        p_best_by_method=dict(standing.p_best),
        within_margin=standing.within,
        flips=[] if worthless else _flips(standing),
    )


def _result(choice: str, reason: str, **found: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"clear": False, "p_best": None, "p_best_by_method": {}, "within_margin": [], "flips": []}
    fixed = {"gates": [], "criteria_used": ["quality"], "criteria_dropped": list(DROPPED)}
    return {"choice": choice, "reason": reason, **empty, **fixed, **found}


def _clear_reason(standing: _Standing) -> str:
    leader = standing.leader
    head = (
        f"{leader} has the highest {_label(standing.metric)} ({standing.means[leader]:.2f}) and was best in "
        f"{_percent(standing.p_best[leader])} of resampled question sets"
    )
    others = sorted((method for method in standing.means if method != leader), key=standing.gap)
    return f"{head}; {_against(standing, leader, others[0])}." if others else f"{head}; it had no rival."


def _undecided_reason(standing: _Standing) -> str:
    leader, choice = standing.leader, standing.choice
    share = standing.p_best[leader]
    sure = (
        "but all questions belong to one cluster, so nothing says how far that holds"
        if share is None
        else f"but was best in only {_percent(share)} of resampled question sets"
    )
    head = f"Undecided: {leader} has the highest {_label(standing.metric)} ({standing.means[leader]:.2f}) {sure}."
    if len(standing.within) == 1:
        return f"{head} No other method is within the margin of {standing.margin:g}."
    return (
        f"{head} Within the margin of {standing.margin:g} are {_listed(standing.within)}, "
        f"of which {choice} is the simplest."
    )


def _against(standing: _Standing, method: str, rival: str) -> str:
    """How the leader stands to its rival, with the interval where there is one."""
    for one in standing.comparisons:
        if {one.method, one.baseline} == {method, rival} and one.low is not None and one.high is not None:
            low, high = (one.low, one.high) if one.method == method else (-one.high, -one.low)
            gain = one.difference if one.method == method else -one.difference
            verb = "beats" if low > 0 else "is ahead of"
            return f"it {verb} {rival} by {gain:.2f} [{low:.2f}, {high:.2f}]"
    return f"it is ahead of {rival} by {standing.gap(rival):.2f}"


def _flips(standing: _Standing) -> list[str]:
    statements = [_by_margin(standing), _by_smaller_margin(standing), _by_time(standing)]
    return [statement for statement in statements if statement][:MAX_FLIPS]


def _by_margin(standing: _Standing) -> str | None:
    """The nearest simpler method, and the loss one would have to accept for it."""
    order = list(standing.means)
    simpler = order[: order.index(standing.choice)]
    if not simpler:
        return None
    nearest = min(simpler, key=standing.gap)
    loss = f"{math.ceil(1000 * standing.gap(nearest) - 1e-6) / 1000:.3f}"  # up, so that the statement holds
    if standing.clear:
        return f"If a loss of {loss} in {_label(standing.metric)} is acceptable, the simpler {nearest} will do."
    return f"With a margin of {loss} or more, the choice would be {nearest}."


def _by_smaller_margin(standing: _Standing) -> str | None:
    """Undecided only: the margin below which a method with a higher mean takes the choice."""
    if standing.clear or standing.choice == standing.leader:
        return None
    closer = [method for method in standing.within if standing.gap(method) < standing.gap(standing.choice)]
    if not closer:
        return None
    limit = math.floor(1000 * standing.gap(standing.choice) + 1e-6) / 1000  # down, so that the statement holds
    return f"With a margin below {limit:.3f}, the choice would be {closer[0]}." if limit else None


def _by_time(standing: _Standing) -> str | None:
    """The fastest method within the margin, if that is not the choice."""
    timed = [method for method in standing.within if standing.seconds.get(method, 0.0) > 0.0]
    if standing.choice not in timed:
        return None
    fastest = min(timed, key=lambda method: standing.seconds[method])
    mine, theirs = standing.seconds[standing.choice], standing.seconds[fastest]
    if fastest == standing.choice or mine <= theirs:
        return None
    return (
        f"If time counts, {fastest} is also within the margin: {1000 * theirs:.0f} ms per question against "
        f"{1000 * mine:.0f} ms (factor {mine / theirs:.1f})."
    )


def _label(metric: str) -> str:
    return _LABELS.get(metric, metric.replace("_", " "))


def _percent(share: float | None) -> str:
    """Rounded down, so that 79.9 % is not shown as the 80 % that would have been clear."""
    return "an unknown share" if share is None else f"{int(100 * share + 1e-9)} %"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
