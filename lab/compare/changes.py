"""What differs between runs beside their answers: settings, machines, versions, costs. What is alike is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab import rounding
from lab.compare.runs import FinishedRun
from lab.compare.text import shown
from lab.report import lookup

NAMES = ("name", "corpus.path")
DECIDING = ("needs.", "economics.", "metrics.margin")
PRINTED = "published"  # what others published stands beside the results and changes none
SPLIT = "split fingerprint"
DIGITS_SHOWN = 12  # of a fingerprint
WHOLE_RUN = "seconds"
METHOD_COSTS: Mapping[str, tuple[str, ...]] = {
    "seconds a question": ("seconds_per_question",),
    "tokens in": ("tokens", "in"),
    "tokens out": ("tokens", "out"),
    "training seconds": ("build", "training_s"),
}
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
    settings = [dict(_flat(_measured_by(run))) | {SPLIT: _fingerprint(run)} for run in runs]
    found = _unlike(settings)
    environments = [
        {key: value for key, value in _flat(run.result.environment) if not key.startswith(_NOISE)} for run in runs
    ]
    names = tuple(change for change in found if change.key in NAMES)
    deciding = tuple(change for change in found if change.key.startswith(DECIDING))
    rest = tuple(change for change in found if change not in names and change not in deciding)
    return Changes(rest, deciding, names, _unlike(environments))


def find_costs(runs: Sequence[FinishedRun], methods: Sequence[str]) -> tuple[Cost, ...]:
    """Seconds, tokens and money of the runs and of each method; what no run measured, or all as 0, is left out.

    Money only where all runs declare the same currency.
    """

    def cost(what: str, method: str | None, *keys: str) -> Cost:
        trees = [run.result.timings if method is None else run.result.methods.get(method) for run in runs]
        return Cost(what, method, tuple(rounding.number(lookup.at(tree, *keys)) for tree in trees))

    found = [cost(WHOLE_RUN, None, "total_s"), cost("seconds in models", None, "model_s")]
    for what, keys in METHOD_COSTS.items():
        found += [cost(what, method, *keys) for method in methods]
    return tuple(one for one in (*found, *_prices(runs, methods)) if any(one.values))


def _prices(runs: Sequence[FinishedRun], methods: Sequence[str]) -> Iterator[Cost]:
    currencies = {shown(lookup.at(run.result.config, "economics", "currency")) for run in runs}
    if len(currencies) == 1:
        what = f"price of 1,000 questions, {currencies.pop()}"
        for method in methods:
            keys = ("costs", "per_method", method, "cost_per_question")
            prices = [rounding.number(lookup.at(run.result.recommendation, *keys)) for run in runs]
            yield Cost(what, method, tuple(None if price is None else 1000 * price for price in prices))


def _measured_by(run: FinishedRun) -> Mapping[str, Any]:
    return {key: value for key, value in run.result.config.items() if key != PRINTED}


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
