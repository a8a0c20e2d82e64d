"""What a router could gain that picks the best method for each slice of the questions.

It is an upper bound: a router must decide before it knows the answer's length or where the gold passage was found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.outcomes.factorial import Effect, from_sample
from lab.outcomes.slices import Family, families, in_order
from lab.outcomes.table import ScoreTable
from lab.statistics.clustered import cluster_sums
from lab.statistics.sample import Codes, Floats, Sample

FOLDS = 5
NOTE = (
    "If a router chose per slice: an upper bound, since a router cannot see most of these properties before it answers."
)

Choice = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Routed:
    """`gain` of choosing per slice over the best single method, both chosen on the other folds.

    `in_sample` is the same gain where choosing and scoring share the questions: too high by construction. `single` and
    `choices` (by slice) are those of all questions. What was not measured is None, with the reason in `gain`.
    """

    family: str
    rule: str
    folds: int
    gain: Effect
    in_sample: float | None
    single: str | None
    choices: dict[str, str]


def route(table: ScoreTable, metric: str, *, shown_k: int) -> dict[str, Any]:
    """The gain of choosing a method per slice, for each family of slices, cross-validated by cluster.

    Clusters are divided into five folds of about equal size, each cluster its own fold if there are fewer. On the
    other folds the method with the highest mean is chosen per slice, and one for all questions; both are scored on the
    held-out fold. Equal methods: the simpler one. A slice that the other folds do not hold gets the single method, as
    do questions in no slice. Candidates are all methods but the oracle, on the questions for which all have a value.

    Args:
        table: the scores.
        metric: name of the metric, higher is better.
        shown_k: how many passages a method with context gets.
    """
    methods = in_order(method for method in table.methods if method != "oracle" and table.has(method, metric))
    values = _values(table, methods, metric)
    defined = ~np.isnan(values).any(axis=(0, 1)) if methods else np.zeros(len(table.questions), dtype=bool)
    clusters = table.clusters[defined]
    count = len(np.unique(clusters))
    why = None
    if len(methods) < 2:
        why = "a choice needs two methods"
    elif count < 2:
        why = "choosing and scoring need questions of two documents or more"
    rows = []
    for family in families(table, shown_k):
        reason = family.reason or (f"not measured: {why}" if why else None)
        if reason is None:
            rows.append(_routed(family, methods, values[:, :, defined], (family.codes[defined], clusters)))
        else:
            rows.append(Routed(family.name, family.rule, 0, Effect(None, None, None, 0, 0, reason), None, None, {}))
    return {"metric": metric, "candidates": methods, "note": NOTE, "families": [asdict(row) for row in rows]}


def _values(table: ScoreTable, methods: list[str], metric: str) -> Floats:
    """Shape (methods, seeds, questions); a method with one run counts in each run of the others."""
    if not methods:
        return np.empty((0, 1, len(table.questions)))
    return np.stack(np.broadcast_arrays(*(table.values(method, metric) for method in methods)))


def _routed(family: Family, methods: list[str], values: Floats, codes: tuple[Codes, Codes]) -> Routed:
    """`codes`: the slice and the cluster of each question."""
    slices, clusters = codes
    gained = np.zeros_like(values[0])
    folds = list(_folds(clusters))
    for held_out in folds:
        single, best = _choose(values[:, :, ~held_out], slices[~held_out], len(family.slices))
        gained[:, held_out] = _gain(values[:, :, held_out], slices[held_out], single, best)
    single, best = _choose(values, slices, len(family.slices))
    return Routed(
        family=family.name,
        rule=family.rule,
        folds=len(folds),
        gain=from_sample(Sample(gained, clusters), gained.shape[1]),
        in_sample=float(_gain(values, slices, single, best).mean()),
        single=methods[single],
        choices={name: methods[place] for name, place in zip(family.slices, best, strict=True)},
    )


def _folds(clusters: Codes) -> Iterator[npt.NDArray[np.bool_]]:
    from sklearn.model_selection import GroupKFold

    count = min(FOLDS, len(np.unique(clusters)))
    for _, held_out in GroupKFold(count).split(clusters, groups=clusters):
        mask = np.zeros(len(clusters), dtype=bool)
        mask[held_out] = True
        yield mask


def _choose(values: Floats, slices: Codes, count: int) -> tuple[int, Choice]:
    """The best method of all questions, and that of each slice."""
    means = values.mean(axis=1)
    single = int(_first_best(means.sum(axis=1, keepdims=True))[0])
    inside = slices >= 0
    sums = np.stack([cluster_sums(row[inside], slices[inside], count) for row in means])
    held = np.bincount(slices[inside], minlength=count) > 0
    return single, np.where(held, _first_best(sums), single)


def _first_best(sums: Floats) -> Choice:
    """The first of the best methods in each column; sums that differ by rounding alone are equal."""
    near = sums >= sums.max(axis=0) - 1e-9 * np.maximum(1.0, np.abs(sums).max(axis=0))
    return np.asarray(np.argmax(near, axis=0), dtype=np.intp)


def _gain(values: Floats, slices: Codes, single: int, best: Choice) -> Floats:
    """Shape (seeds, questions)."""
    chosen = np.where(slices >= 0, best[slices], single)
    routed = np.take_along_axis(values, chosen[None, None, :], axis=0)[0]
    return np.asarray(routed - values[single])
