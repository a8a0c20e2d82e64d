"""Declared needs that a method meets or does not. What was not measured is unknown, and fails unless declared to pass.

The mean share of stale facts, where a share rho of them changes in a month and the weights are trained again every tau
months: 1 - (1 - exp(-rho tau)) / (rho tau), the mean over an interval of the share 1 - exp(-rho t) changed after t
months (methodology 8.1). It is computed from what is declared. Methods that retrieve are counted as fresh: their index
follows the documents. How stale untuned weights are by themselves is unknown: nobody trains them again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lab.recommend.case import Case
from lab.recommend.costs import is_tuned
from lab.recommend.evidence import Candidate
from lab.recommend.phrases import count

Verdict = Literal["pass", "fail", "unknown"]
GIGABYTE = 1e9
ALWAYS = "majority_label"
UNDECLARED = "facts_changing_per_month and update_interval_months are not both declared"
NOT_TRAINED_AGAIN = "it is not known that anybody trains these weights again"
_SMALL = 1e-4  # below, the closed form loses digits and the series x / 2 - x**2 / 6 has more of them than a float


@dataclass(frozen=True, slots=True)
class Gate:
    """How one method stands to one need. `met` is what counts: an unknown is met only where that is declared.

    `measured` and `limit` are in the unit of the need; None where there is no number.
    """

    need: str
    method: str
    verdict: Verdict
    reason: str
    measured: float | None
    limit: float | None
    met: bool


Finding = tuple[Verdict, str, float | None]


def stale_share(changing: float, interval: float) -> float:
    """Mean share of facts that are stale, in [0, 1).

    Args:
        changing: rho, share of the facts that change in a month.
        interval: tau, months between two trainings.
    """
    x = changing * interval
    return x / 2 - x * x / 6 if x < _SMALL else 1.0 + math.expm1(-x) / x


def judge_gates(case: Case) -> tuple[Gate, ...]:
    """Each active need for each candidate: the declared ones, and the most frequent label's where there is one."""
    needs = case.needs
    active: list[tuple[str, float | None, Callable[[Case, int], Finding]]] = []
    if needs.citations_required:
        active.append(("citations_required", None, _citations))
    if needs.erasure_required:
        active.append(("erasure_required", None, _erasure))
    if not needs.index_allowed:
        active.append(("index_allowed", None, _index))
    for need, limit, judge in (
        ("max_staleness", needs.max_staleness, _staleness),
        ("max_p95_ms", needs.max_p95_ms, _latency),
        ("max_memory_gb", needs.max_memory_gb, _memory),
        ("quality_floor", needs.quality_floor, _floor),
    ):
        if limit is not None:
            active.append((need, limit, judge))
    if case.evidence.majority is not None:
        active.append((ALWAYS, case.evidence.majority.share, _majority))
    return tuple(
        _gate(case, need, limit, one.name, judge(case, position))
        for need, limit, judge in active
        for position, one in enumerate(case.candidates)
    )


def passing(case: Case, gates: tuple[Gate, ...]) -> list[str]:
    """The candidates that meet all active needs."""
    failed = {gate.method for gate in gates if not gate.met}
    return [name for name in case.names if name not in failed]


def _gate(case: Case, need: str, limit: float | None, method: str, found: Finding) -> Gate:
    verdict, reason, measured = found
    met = verdict == "pass" or (verdict == "unknown" and case.needs.unknown_passes)
    if verdict == "unknown":
        reason += "; counted as met, as declared" if met else "; what is unknown does not meet a declared need"
    return Gate(need, method, verdict, reason, measured, limit, met)


def _citations(case: Case, position: int) -> Finding:
    if case.candidates[position].retrieves:
        return "pass", "the passages it reads can be named", None
    return "fail", "it reads no passage, so it has no source to name", None


def _erasure(case: Case, position: int) -> Finding:
    one = case.candidates[position]
    tuned = is_tuned(one)
    if one.votes:
        return "pass", "a training question that is taken out votes no more, and no weights saw it", None
    if tuned is None:
        return "unknown", "whether its weights were trained on the documents is not known", None
    if tuned:
        return "fail", "its weights were trained on facts of the documents, and weights cannot forget one of them", None
    if not one.retrieves:
        return "fail", "all that it knows stands in its weights: nothing can be erased or kept from some readers", None
    return "pass", "a document that leaves the index is not read again, and the weights never saw it", None


def _index(case: Case, position: int) -> Finding:
    if case.candidates[position].retrieves:
        return "fail", "it needs an index of the documents, which is not allowed", None
    return "pass", "it needs no index", None


def _staleness(case: Case, position: int) -> Finding:
    limit, share = case.needs.max_staleness, candidate_staleness(case, case.candidates[position])
    if None in (limit, case.needs.facts_changing_per_month, case.needs.update_interval_months):
        return "unknown", UNDECLARED, None
    if share is None or limit is None:
        return "unknown", NOT_TRAINED_AGAIN, None
    if case.candidates[position].retrieves:
        return "pass", "its index follows the documents", 0.0
    return _at_most(share, limit, "mean share of stale facts, from the declared rates", ".3f")


def candidate_staleness(case: Case, one: Candidate) -> float | None:
    """The mean share of stale facts, from the declared rates; None where they are not declared.

    None also for weights that answer alone and that nobody is known to train again.
    """
    changing, interval = case.needs.facts_changing_per_month, case.needs.update_interval_months
    if changing is None or interval is None:
        return None
    if one.retrieves:
        return 0.0
    return stale_share(changing, interval) if is_tuned(one) else None


def _latency(case: Case, position: int) -> Finding:
    limit, p95 = case.needs.max_p95_ms, float(case.measured.found.p95[position])
    if limit is None or math.isnan(p95):
        return "unknown", "the latency of lone questions was not measured", None
    low, high = case.measured.p95_range[:, position]
    asked = count(len(case.candidates[position].latency_ms), "question")
    what = f"95th percentile of latency in ms, on {asked} asked alone"
    if low <= limit < high:
        reason = f"{what}: {p95:.0f}; the limit of {limit:g} lies in its 95 % interval [{low:.0f}, {high:.0f}]"
        return "unknown", reason, p95
    return _at_most(p95, limit, what, ".0f")


def _memory(case: Case, position: int) -> Finding:
    limit, used = case.needs.max_memory_gb, case.candidates[position].memory_bytes
    if limit is None or used is None:
        return "unknown", "memory while answering was not measured", None
    return _at_most(used / GIGABYTE, limit, "peak memory while answering in GB (10^9 bytes)", ".2f")


def _at_most(measured: float, limit: float, what: str, digits: str) -> Finding:
    verdict: Verdict = "pass" if measured <= limit else "fail"
    sign = "within" if verdict == "pass" else "above"
    return verdict, f"{what}: {measured:z{digits}}, {sign} the limit of {limit:g}", measured


def _floor(case: Case, position: int) -> Finding:
    limit, lower = case.needs.quality_floor, float(case.measured.lower[position])
    if limit is None or math.isnan(lower):
        return "unknown", "all questions belong to one cluster, so there is no interval to hold against the floor", None
    verdict: Verdict = "pass" if lower >= limit else "fail"
    sign = "at or above" if verdict == "pass" else "below"
    what = "lower end of the 95 % interval"
    if case.measured.steady[position]:
        clusters = count(len(set(case.evidence.clusters.tolist())), "cluster")
        what = f"{what}, mean - (1 - 0.05 ** (1 / G)), as {clusters} without any difference show no spread"
    return verdict, f"{what}: {lower:z.3f}, {sign} the floor of {limit:g}", lower


def _majority(case: Case, position: int) -> Finding:
    majority, mean = case.evidence.majority, float(case.measured.found.quality[position])
    assert majority is not None  # the gate is active only with one
    verdict: Verdict = "pass" if mean > majority.share else "fail"
    sign = "above" if verdict == "pass" else "not above"
    return (
        verdict,
        f"{mean:z.3f} is {sign} the {majority.share:.3f} of always answering '{majority.label}'",
        mean,
    )
