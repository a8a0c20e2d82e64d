"""One scores table of several runs, whose methods are called 'rag @ A', 'rag @ B': the statistics of a run read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lab.compare.runs import FinishedRun
from lab.errors import DataError
from lab.outcomes.table import ScoreTable
from lab.report import lookup

Pairing = Literal["seed", "order", "none"]


@dataclass(frozen=True, slots=True)
class Trainings:
    """Which training runs are compared, by run; empty for one that trained nothing.

    `pairing` is "seed" where the first training of each has the same seed, and so on; "order" where no seed is shared,
    so that the first is held against the first: trainings with other seeds are independent, and any pairing of them is
    as good. "none" where at most one run trained something. `left_out` are seeds that have no partner.
    """

    used: Mapping[str, tuple[int, ...]]
    left_out: Mapping[str, tuple[int, ...]]
    pairing: Pairing

    @property
    def count(self) -> int:
        """Training runs of each method that trains; 0 where nothing was trained."""
        return max(map(len, self.used.values()), default=0)


def method_of(method: str, letter: str) -> str:
    """A method's name in the merged table."""
    return f"{method} @ {letter}"


def pair_trainings(runs: Sequence[FinishedRun]) -> Trainings:
    """The seeds that all runs share; where they share none, as many as the run with the fewest has.

    Every method has one training run in a run that trained once: of what others trained more often, the rest is left
    out, since a difference needs both sides.
    """
    seeds = {run.letter: _seeds(run) for run in runs}
    trained = [found for found in seeds.values() if found]
    if len(trained) < 2:
        return Trainings(seeds, dict.fromkeys(seeds, ()), "none")
    shared = tuple(seed for seed in sorted(trained[0]) if all(seed in found for found in trained))
    fewest = min(map(len, trained))
    used = {letter: (shared or tuple(sorted(found))[:fewest]) if found else () for letter, found in seeds.items()}
    rest = {letter: tuple(seed for seed in found if seed not in used[letter]) for letter, found in seeds.items()}
    return Trainings(used, rest, "seed" if shared else "order")


def merge(runs: Sequence[FinishedRun], ids: Sequence[str], trainings: Trainings) -> ScoreTable:
    """The table of all runs on these questions, in this order; the clusters are those of the first run.

    Raises:
        DataError: a method of a run has other training seeds than the run.
    """
    facts = {question.id: question for question in runs[0].table.questions}
    seeds: dict[str, tuple[int, ...]] = {}
    columns = {}
    for run in runs:
        place = {question.id: position for position, question in enumerate(run.table.questions)}
        order = [place[name] for name in ids]
        for method in run.table.methods:
            rows = _rows(run, method, trainings.used[run.letter])
            name = method_of(method, run.letter)
            # Paired trainings count as one and the same, whatever their seeds are called.
            seeds[name] = tuple(range(1, len(rows) + 1))
            columns[name] = {metric: found[rows][:, order] for metric, found in run.table.columns[method].items()}
    return ScoreTable(tuple(facts[name] for name in ids), seeds, columns)


def _seeds(run: FinishedRun) -> tuple[int, ...]:
    several = [seeds for seeds in run.table.seeds.values() if len(seeds) > 1]
    if several:
        return several[0]
    return tuple(run.result.seeds) if lookup.tuned(run.result) else ()


def _rows(run: FinishedRun, method: str, used: Sequence[int]) -> list[int]:
    seeds = run.table.seeds[method]
    if len(seeds) == 1:
        return [0]
    missing = [seed for seed in used if seed not in seeds]
    if missing:
        raise DataError(f"{run.folder}: scores.jsonl: {method}: expected training seed {missing[0]}, found {seeds}")
    return [seeds.index(seed) for seed in used]
