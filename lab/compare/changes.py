"""What differs between runs beside their answers: settings, machines, versions, costs. What is alike is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.compare.runs import FinishedRun
from lab.compare.text import shown
from lab.report import lookup, rounding

NAMES = ("name", "corpus.path")
DECIDING = ("needs.", "economics.", "metrics.margin")
SPLIT = "split fingerprint"
DIGITS_SHOWN = 12  # of a fingerprint
ABSENT = "\N{EN DASH}"
VALUE_SHOWN = 120  # characters
_NOISE = (
    "date",
    "dtype_reason",
    "few_shot.dev_scores",
    "few_shot.n_dev",
    "test_asked",
)  # of a run's own history, not of its methods
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Change:
    """A key with its value in each run, in the order of the runs; ABSENT where a run has no such key."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """`settings` change what is measured, `deciding` only the recommendation, `names` nothing; then the machines."""

    settings: tuple[Change, ...]
    deciding: tuple[Change, ...]
    names: tuple[Change, ...]
    environment: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """One measure of one method, or of the whole run (`method` None), by run; None where nobody measured it."""

    what: str
    method: str | None
    values: tuple[float | None, ...]


def find_changes(runs: Sequence[FinishedRun]) -> Changes:
    """Settings as flattened keys; the split's fingerprint is among them."""
    settings = [dict(_flat(run.result.config)) | {SPLIT: _fingerprint(run)} for run in runs]
    found = _unlike(settings)
    environments = [
        {key: value for key, value in _flat(run.result.environment) if not key.startswith(_NOISE)} for run in runs
    ]
    names = tuple(change for change in found if change.key in NAMES)
    deciding = tuple(change for change in found if change.key.startswith(DECIDING))
    rest = tuple(change for change in found if change not in names and change not in deciding)
    return Changes(rest, deciding, names, _unlike(environments))


def find_costs(runs: Sequence[FinishedRun], methods: Sequence[str]) -> tuple[Cost, ...]:
    """Seconds and tokens of the runs and of each method; those that no run measured are left out."""

    def of_run(*keys: str) -> Callable[[FinishedRun], Any]:
        return lambda run: lookup.at(run.result.timings, *keys)

    def of_method(method: str, *keys: str) -> Callable[[FinishedRun], Any]:
        return lambda run: lookup.at(run.result.methods, method, *keys)

    def cost(what: str, method: str | None, read: Callable[[FinishedRun], Any]) -> Cost:
        return Cost(what, method, tuple(rounding.number(read(run)) for run in runs))

    found = [cost("seconds", None, of_run("total_s")), cost("seconds in models", None, of_run("model_s"))]
    for method in methods:
        found += [
            cost("seconds a question", method, of_method(method, "seconds_per_question")),
            cost("tokens in", method, of_method(method, "tokens", "in")),
            cost("tokens out", method, of_method(method, "tokens", "out")),
            cost("training seconds", method, of_method(method, "build", "training_s")),
        ]
    return tuple(one for one in found if any(value is not None for value in one.values))


def _fingerprint(run: FinishedRun) -> str:
    return shown(lookup.at(run.result.holdout, "fingerprint"))[:DIGITS_SHOWN]


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _unlike(trees: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Keys in order of appearance. Values are compared as JSON has them, and shown as words."""
    found = []
    for key in dict.fromkeys(key for tree in trees for key in tree):
        values = [tree.get(key, _ABSENT) for tree in trees]
        if any(value != values[0] for value in values[1:]):
            texts = tuple(ABSENT if value is _ABSENT else shown(value, VALUE_SHOWN) for value in values)
            found.append(Change(shown(key), texts))
    return tuple(found)
