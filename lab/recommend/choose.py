"""Which method to choose, how sure that is, and what would change it.

The rule: draw the questions again, whole clusters at a time and jointly for all methods. If the method with the highest
mean is best in at least 80 % of the draws, it is the choice. Otherwise the data do not decide, and the choice is the
simplest method within the margin of the highest mean. The choice is "none" only if no candidate has a mean above 0.

A choice is proven only where a registered contrast says so: its verdict for the choice, against the runner-up or a
method within the margin of the runner-up, is "better" or "slightly better". Else it is ahead, but not proven.

This version measures one criterion, quality, which thus has all the weight. The oracle is no candidate: nobody has it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.recommend.standing import WON, Standing
from lab.types import Comparison

SIMPLEST_FIRST = ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft")
SCREENING_BELOW = 150
MAX_FLIPS = 3
DROPPED = ("groundedness", "freshness", "robustness", "cost", "latency", "forgetting", "effort")
_LABELS = {"token_f1": "token F1", "contains": "containment", "exact_match": "exact match"}

Values = Mapping[str, Mapping[str, float | None]]


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
        comparisons: as computed for the report; those of `metric` are quoted in the reason and prove the choice.
        metric: the metric that decides.
        margin: the smallest difference worth acting on.
        seconds_per_question: mean wall seconds by method, retrieval included; methods may be absent.
        seed: of the resampling.
        draws: how often the questions are drawn again.

    Returns:
        choice: a method or "none". clear: whether P(best) >= 0.8. proven: whether a registered contrast shows the
        clear choice to be better than the runner-up, or than a method within the margin of it. p_best: of the choice,
        of the leader for "none"; None where it cannot be estimated (one cluster). p_best_by_method, within_margin,
        reason, gates, flips, criteria_used, criteria_dropped.
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
    standing = Standing(
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


def _judge(standing: Standing, n: int) -> dict[str, Any]:
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
        proven=standing.proven,
        p_best=standing.p_best[standing.leader if worthless else choice],
        p_best_by_method=dict(standing.p_best),
        within_margin=standing.within,
        flips=[] if worthless else _flips(standing),
    )


def _result(choice: str, reason: str, **found: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"clear": False, "proven": False, "p_best": None, "p_best_by_method": {}}
    empty |= {"within_margin": [], "flips": []}
    fixed = {"gates": [], "criteria_used": ["quality"], "criteria_dropped": list(DROPPED)}
    return {"choice": choice, "reason": reason, **empty, **fixed, **found}


def _clear_reason(standing: Standing) -> str:
    leader = standing.leader
    head = (
        f"{leader} has the highest {_label(standing.metric)} ({standing.means[leader]:.2f}) and was best in "
        f"{_percent(standing.p_best[leader])} of resampled question sets"
    )
    if not standing.rivals:
        return f"{head}; it had no rival."
    sure = "" if standing.proven else "Ahead, but not proven: "
    return f"{sure}{head}; {_against(standing, standing.rivals[0])}."


def _undecided_reason(standing: Standing) -> str:
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


def _against(standing: Standing, rival: str) -> str:
    """How the leader stands to its rival. It 'beats' it only by the verdict of a registered contrast."""
    one = standing.contrast(rival)
    if one is None:
        return f"it is ahead of {rival} by {standing.gap(rival):.2f}"
    interval = "" if one.low is None or one.high is None else f" [{one.low:.2f}, {one.high:.2f}]"
    by = f"by {one.difference:.2f}{interval}"
    if one.difference < 0.0:  # where values are missing: means are over the questions of all methods
        return f"it is ahead of {rival} by {standing.gap(rival):.2f}, but not on all questions of these two ({by[3:]})"
    if one.verdict in WON:
        return f"it beats {rival} {by}"
    if one.verdict == "equivalent":
        return f"it and {rival} are equivalent within the margin of {standing.margin:g} (ahead {by})"
    if one.verdict is None:
        return f"it is ahead of {rival} {by}, a pair that was not registered and so not tested"
    return f"it is ahead of {rival} {by}, which is not significant after Holm's adjustment"


def _flips(standing: Standing) -> list[str]:
    statements = [_by_margin(standing), _by_smaller_margin(standing), _by_time(standing)]
    return [statement for statement in statements if statement][:MAX_FLIPS]


def _by_margin(standing: Standing) -> str | None:
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


def _by_smaller_margin(standing: Standing) -> str | None:
    """Undecided only: the margin below which a method with a higher mean takes the choice."""
    if standing.clear or standing.choice == standing.leader:
        return None
    closer = [method for method in standing.within if standing.gap(method) < standing.gap(standing.choice)]
    if not closer:
        return None
    limit = math.floor(1000 * standing.gap(standing.choice) + 1e-6) / 1000  # down, so that the statement holds
    return f"With a margin below {limit:.3f}, the choice would be {closer[0]}." if limit else None


def _by_time(standing: Standing) -> str | None:
    """The fastest method within the margin, if that is not the choice."""
    timed = [method for method in standing.within if standing.seconds.get(method, 0.0) > 0.0]
    if standing.choice not in timed:
        return None
    fastest = min(timed, key=lambda method: standing.seconds[method])
    mine, theirs = standing.seconds[standing.choice], standing.seconds[fastest]
    if fastest == standing.choice or mine <= theirs:
        return None
    return (
        f"If time counts, {fastest} is also within the margin: {1000 * theirs:.0f} ms of compute a question against "
        f"{1000 * mine:.0f} ms (factor {mine / theirs:.1f}), measured in batches of questions."
    )


def _label(metric: str) -> str:
    return _LABELS.get(metric, metric.replace("_", " "))


def _percent(share: float | None) -> str:
    """Rounded down, so that 79.9 % is not shown as the 80 % that would have been clear."""
    return "an unknown share" if share is None else f"{int(100 * share + 1e-9)} %"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
