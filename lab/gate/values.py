"""The value of what a requirement measures, in one result; None comes with the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lab import rounding
from lab.gate.language import BY_DOCUMENT, Quantity, Requirement
from lab.recommend.contrasts import turned
from lab.report.finding import caution
from lab.report.lookup import mapping
from lab.report.words import join
from lab.types import Comparison, ExperimentResult

Why = Callable[[str, str], str | None]
FIELD_WORDS = {
    "mean": "mean",
    "low": "lower 95 % limit",
    "high": "upper 95 % limit",
    "n": "questions with a value",
    "undefined": "questions without a value",
    "difference": "difference of the means",
    "p": "p, not adjusted",
    "p_holm": "p, Holm-adjusted",
    "mde": "difference seen with 80 % power",
    "clusters": "clusters",
    "verdict": "verdict",
}
MEASURE_WORDS = {
    "seconds_per_question": "seconds a question",
    "throughput_per_s": "questions a second",
    "build_seconds": "seconds to build",
    "memory_bytes": "bytes of memory",
    "energy_j_per_question": "joules a question",
    "truncated": "answers cut off",
    "passages_dropped": "passages dropped",
    "parse_failures": "answers without a tag",
    "latency_ms.p50": "ms, median",
    "latency_ms.p95": "ms, 95th percentile",
    "latency_ms.p99": "ms, 99th percentile",
    "tokens.in": "tokens read a question",
    "tokens.out": "tokens written a question",
}
ADVICE_WORDS = {
    "choice": "recommended method",
    "clear": "whether it is clear",
    "proven": "whether it is proven",
    "p_best": "chance of being best",
}
PRIMARY = "primary"
COUNTED_ONCE = ("truncated", "passages_dropped", "parse_failures")  # in the first training run only
NOT_ADJUSTED = "by the interval of this pair alone: no adjustment for several comparisons was made"


@dataclass(frozen=True, slots=True)
class Reading:
    """A value and what it is of. `used` names the value in words, `detail` what stands around it, `note` what was done.

    `reason` says why `value` is None. `clusters` is None where the result does not count them. `p_holm` is set where
    the requirement rests on it beside the value.
    """

    value: float | bool | str | None
    used: str
    n: int | None = None
    clusters: int | None = None
    detail: str = ""
    note: str = ""
    reason: str | None = None
    p_holm: float | None = None


def read_value(requirement: Requirement, result: ExperimentResult, why: Why) -> Reading:
    """The value that a requirement is about; `why(method, metric)` tells why scores are undefined, if it is known."""
    quantity = requirement.quantity
    if quantity.about == "pair":
        return _pair(requirement, result)
    if quantity.about == "score":
        return _score(quantity, result, why)
    if quantity.about == "measure":
        return _measure(quantity, result)
    if quantity.about in ("retrieval", "by_document"):
        return _retrieval(quantity, result)
    if quantity.about == "count":
        value = result.n_test if quantity.name == "n_test" else result.n_clusters
        return Reading(value, "test questions" if quantity.name == "n_test" else "clusters")
    return _advice(quantity, result)


def _score(quantity: Quantity, result: ExperimentResult, why: Why) -> Reading:
    method, metric = quantity.method, quantity.name
    found = mapping(mapping(result.methods[method].get("metrics")).get(metric))
    reading = _of_estimate(found, quantity.field, result)
    if reading.value is None and rounding.number(found.get("mean")) is None:
        known = why(method, metric)
        told = f"not measured: {known}" if known else f"not measured for {method}"
        return replace(reading, reason=told)
    return reading


def _of_estimate(found: Mapping[str, Any], field: str, result: ExperimentResult) -> Reading:
    n, undefined = _count(found.get("n")), _count(found.get("undefined"))
    clusters = result.n_clusters if n == result.n_test else None  # of a part of the questions nobody counted them
    mean = rounding.number(found.get("mean"))
    ends = found.get("low"), found.get("high")
    detail = f"mean {rounding.score(mean, *ends)} {rounding.interval(*ends)}".strip() if mean is not None else ""
    note = f"{undefined} of {(n or 0) + undefined} questions have no value" if undefined and n else ""
    value = rounding.number(found.get(field))
    reason = None
    if value is None:
        reason = f"not measured: the mean of {n} has no {field}"
        if mean is None:
            reason = "not measured: no question has a value" if n == 0 else "not measured"
        if mean is not None and field in ("low", "high"):
            reason = f"not measured: the {n} questions are of one cluster, which has no interval"
    return Reading(value, FIELD_WORDS[field], n, clusters, detail, note, reason)


def _measure(quantity: Quantity, result: ExperimentResult) -> Reading:
    method, name = quantity.method, quantity.name
    if name == "cost_per_question":
        return _cost(method, result)
    value: Any = result.methods[method]
    for key in name.split("."):
        value = mapping(value).get(key)
    latency = mapping(result.methods[method].get("latency_ms"))
    n = _count(latency.get("n")) if name.startswith("latency_ms") else None
    number = rounding.number(value)
    several = len(mapping(result.methods[method].get("by_seed"))) > 1
    used = MEASURE_WORDS[name] + (", first training run only" if several and name in COUNTED_ONCE else "")
    return Reading(number, used, n, reason=None if number is not None else f"not measured for {method}")


def _cost(method: str, result: ExperimentResult) -> Reading:
    costs = mapping(result.recommendation.get("costs"))
    per_method = mapping(costs.get("per_method"))
    found = mapping(per_method.get(method))
    value = rounding.number(found.get("cost_per_question"))
    used = f"{costs.get('currency', 'price')} a question, building excluded"
    if value is not None:
        return Reading(value, used)
    told = mapping(found.get("reasons")).get("cost_per_question")
    if per_method and method not in per_method:
        told = f"{method} is no candidate of the recommendation"
    return Reading(None, used, reason=f"not measured: {told or 'the run declared no prices'}")


def _retrieval(quantity: Quantity, result: ExperimentResult) -> Reading:
    level = result.retrieval.get(BY_DOCUMENT) if quantity.about == BY_DOCUMENT else result.retrieval
    found = mapping(level).get(quantity.name)
    if isinstance(found, Mapping):
        return _of_estimate(found, quantity.field, result)
    value = rounding.number(found) if quantity.field == "mean" else None
    return Reading(value, quantity.name, reason=None if value is not None else "not measured")


def _advice(quantity: Quantity, result: ExperimentResult) -> Reading:
    value = result.recommendation.get(quantity.name)
    fits = {"flag": isinstance(value, bool), "method": isinstance(value, str)}.get(
        quantity.kind, rounding.number(value) is not None
    )
    detail = f"recommended is {result.recommendation.get('choice')}" if quantity.name != "choice" else ""
    reason = None if fits else "not measured: the run recommended nothing"
    used = ADVICE_WORDS[quantity.name]
    return Reading(value if fits else None, used, result.n_test, result.n_clusters, detail, reason=reason)


def _pair(requirement: Requirement, result: ExperimentResult) -> Reading:
    quantity = requirement.quantity
    metric = quantity.name or str(mapping(result.config.get("metrics")).get(PRIMARY))
    field = quantity.field or ("low" if requirement.operator in (">", ">=") else "high")
    wanted = {quantity.method, quantity.baseline}
    found = next(
        (one for one in result.comparisons if one.metric == metric and {one.method, one.baseline} == wanted), None
    )
    if found is None:
        compared = join(dict.fromkeys(one.metric for one in result.comparisons))
        told = f"not measured: the pair was not compared by {metric} (compared by: {compared})"
        return Reading(None, FIELD_WORDS[field], reason=told)
    notes = [caution(found)] if field in ("low", "high") else []
    if found.method != quantity.method:
        notes.append(f"stored as {found.method} - {found.baseline}; sign and ends turned")
        found = turned(found)
    p_holm = found.p_holm if requirement.claims_a_side else None
    if p_holm is None and not quantity.field and found.low is not None:
        notes.append(NOT_ADJUSTED)
    value: float | str | None = getattr(found, field)
    ends = found.low, found.high
    difference = f"{metric} {rounding.difference(found.difference, *ends)} {rounding.interval(*ends)}".strip()
    reason = _why_not(field, found) if value is None else None
    note = "; ".join(filter(None, notes))
    return Reading(value, FIELD_WORDS[field], found.n, found.clusters, difference, note, reason, p_holm)


def _why_not(field: str, one: Comparison) -> str:
    if field == "p_holm":
        return "not registered: has no Holm-adjusted p (only the planned contrasts of the primary metric have one)"
    if field == "verdict":
        return "not registered: has no verdict (only the planned contrasts of the primary metric have one)"
    return f"not measured: the {one.n} questions are of one cluster, which has no {FIELD_WORDS[field]}"


def _count(value: Any) -> int | None:
    found = rounding.number(value)
    return None if found is None else int(found)
