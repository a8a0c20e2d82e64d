"""Reading from a result whose mappings are free: what is missing is None, never a KeyError and never 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab.endpoint_config import is_beside
from lab.report import words
from lab.rounding import number
from lab.types import Comparison, Estimate, ExperimentResult

ORACLE = "oracle"


def at(tree: Any, *keys: str) -> Any:
    """`tree[key1][key2]...`, or None where a key is missing or what holds it is no mapping."""
    for key in keys:
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(key)
    return tree


def mapping(tree: Any, *keys: str) -> Mapping[str, Any]:
    """The mapping at these keys, or an empty one."""
    found = at(tree, *keys)
    return found if isinstance(found, Mapping) else {}


def sequence(tree: Any, *keys: str) -> Sequence[Any]:
    """The list at these keys, or an empty one."""
    found = at(tree, *keys)
    return found if isinstance(found, list | tuple) else ()


def estimate(value: Any) -> Estimate | None:
    """An Estimate from itself or from its JSON form; None for anything else."""
    if isinstance(value, Estimate):
        return value
    if not isinstance(value, Mapping) or "mean" not in value:
        return None
    counts = [int(number(value.get(key)) or 0) for key in ("n", "undefined")]
    return Estimate(number(value["mean"]), number(value.get("low")), number(value.get("high")), *counts)


def primary(result: ExperimentResult) -> str:
    """Name of the metric that decides."""
    return str(at(result.config, "metrics", "primary") or "token_f1")


def margin(result: ExperimentResult) -> float | None:
    """Smallest difference worth acting on, in units of the primary metric."""
    return number(at(result.config, "metrics", "margin"))


def metric(result: ExperimentResult, method: str, name: str) -> Estimate | None:
    """The estimate of one metric of one method."""
    return estimate(at(result.methods, method, "metrics", name))


def quality(result: ExperimentResult, method: str) -> float | None:
    """Mean of the primary metric."""
    found = metric(result, method, primary(result))
    return None if found is None else found.mean


def methods_by_quality(result: ExperimentResult) -> tuple[str, ...]:
    """Candidates by falling primary mean (ties by name, unmeasured last), then those that are none: the oracle, then
    what an endpoint answered.
    """

    def place(name: str) -> tuple[bool, bool, bool, float, str]:
        mean = quality(result, name)
        return is_beside(mapping(result.methods[name])), name == ORACLE, mean is None, -(mean or 0.0), name

    return tuple(sorted(result.methods, key=place))


def beside(result: ExperimentResult) -> tuple[str, ...]:
    """The methods that an endpoint answered: they stand beside the comparison."""
    return tuple(name for name, method in result.methods.items() if is_beside(mapping(method)))


def tuned(result: ExperimentResult) -> bool:
    """Whether any method has weights of its own: without one, what training knew matters to nobody."""
    return any(_is_tuned(method) for method in result.methods.values())


def ours(result: ExperimentResult) -> bool:
    """Whether the lab itself asked the methods; else answers came in a file, and how they were made is unknown."""
    return at(result.environment, "generator") is not None


def _is_tuned(method: Any) -> bool:
    if isinstance(method, Mapping) and "tuned" in method:
        return method["tuned"] is True
    if words.uses_no_generator(at(method, "weights")):
        return False
    return at(method, "training") is not None or at(method, "weights") not in (None, "base")


def choice(result: ExperimentResult) -> str | None:
    """The recommended method, if the recommendation names one of the methods."""
    found = at(result.recommendation, "choice")
    return found if found in result.methods else None


def registered(result: ExperimentResult) -> tuple[Comparison, ...]:
    """The contrasts that were fixed before the run: they alone carry a Holm-adjusted p."""
    return tuple(item for item in result.comparisons if item.p_holm is not None)


def adapters(result: ExperimentResult) -> dict[str, Mapping[str, Any]]:
    """Training records by adapter name, in order of name; methods that share an adapter share its record."""
    found: dict[str, Mapping[str, Any]] = {}
    for method in sorted(result.methods):
        record = at(result.methods, method, "training")
        if isinstance(record, Mapping):
            found.setdefault(str(record.get("adapter") or at(result.methods, method, "weights") or method), record)
    return dict(sorted(found.items()))
