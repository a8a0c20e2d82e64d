"""Two or more finished runs, compared: the one result that the terminal and the pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.compare.changes import Changes, Cost, find_changes, find_costs
from lab.compare.flips import Flips, find_flips
from lab.compare.matching import Matching, match_questions
from lab.compare.merging import Trainings, merge, method_of, pair_trainings
from lab.compare.obstacles import Obstacle, find_obstacles
from lab.compare.runs import FinishedRun, read_runs
from lab.errors import DataError, list_faults
from lab.method_summary import CONTRAST_METRICS
from lab.metrics.registry import range_of
from lab.outcomes.compare import CANONICAL_ORDER, compare_methods
from lab.outcomes.table import ScoreTable
from lab.report import words
from lab.statistics.clustered import estimate
from lab.types import Comparison, Estimate

RESAMPLING_SEED = 7  # the same for all comparisons, so that the order of the runs changes signs alone


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a contrast: a method in a run."""

    method: str
    letter: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """`found` is `later` minus `baseline`. `best`: each is the method that its own run recommends."""

    later: Side
    baseline: Side
    best: bool
    found: Comparison


@dataclass(frozen=True, slots=True)
class RunsCompared:
    """What is known of the runs together.

    `contrasts` are judged as one family: Holm's adjustment counts them and no others. `secondary` are the same
    contrasts in other metrics, with intervals alone. `means` are of the matched questions, by method and run.
    `obstacles` is empty unless the comparison was forced.
    """

    runs: tuple[FinishedRun, ...]
    obstacles: tuple[Obstacle, ...]
    metric: str
    margin: float
    matching: Matching
    trainings: Trainings
    clusters: int
    means: Mapping[str, Mapping[str, Estimate]]
    contrasts: tuple[Contrast, ...]
    secondary: tuple[Contrast, ...]
    flips: tuple[Flips, ...]
    changes: Changes
    costs: tuple[Cost, ...]

    @property
    def n(self) -> int:
        """Matched questions."""
        return len(self.matching.ids)

    def same_method(self, later: str) -> tuple[Contrast, ...]:
        """The contrasts of a method with itself between the first run and a later one."""
        return tuple(
            one for one in self.contrasts if one.later.letter == later and one.later.method == one.baseline.method
        )

    def best(self, later: str) -> Contrast | None:
        """What a later run recommends against what the first one does."""
        return next((one for one in self.contrasts if one.best and one.later.letter == later), None)


def compare_runs(folders: Sequence[Path], *, margin: float | None = None, force: bool = False) -> RunsCompared:
    """Read finished runs and compare each later one with the first.

    Args:
        folders: two or more run folders.
        margin: the smallest difference worth acting on; None: that of the runs, if they agree.
        force: compare what is not comparable; what makes it so stands in `obstacles`.

    Raises:
        DataError: a folder is no finished run, the runs are not comparable, or they share no question or no method.
    """
    runs = read_runs(folders)
    matching = match_questions(runs)
    obstacles = find_obstacles(runs, matching, margin)
    _refuse(runs, obstacles, force=force)
    metric = runs[0].primary
    trainings = pair_trainings(runs)
    table = merge(runs, matching.ids, trainings)
    pairs = _pairs(runs, table, metric)
    if not pairs:
        raise DataError(_nothing_shared(runs))
    methods = _methods(runs)
    found = margin if margin is not None else float(runs[0].result.config["metrics"]["margin"])
    others = [name for name in CONTRAST_METRICS if name != metric]
    return RunsCompared(
        runs=runs,
        obstacles=obstacles,
        metric=metric,
        margin=found,
        matching=matching,
        trainings=trainings,
        clusters=len({question.cluster for question in table.questions}),
        means={
            method: {run.letter: _mean(table, method_of(method, run.letter), metric) for run in runs}
            for method in methods
        },
        contrasts=_contrasts(pairs, table, metric, found, judged=True),
        secondary=tuple(one for name in others for one in _contrasts(pairs, table, name, found, judged=False)),
        flips=find_flips(runs, table, trainings, methods),
        changes=find_changes(runs),
        costs=find_costs(runs, methods),
    )


def _refuse(runs: Sequence[FinishedRun], obstacles: Sequence[Obstacle], *, force: bool) -> None:
    against = [one for one in obstacles if not (force and one.forcible)]
    if not against:
        return
    title = f"{words.join(f'{run.letter} ({run.folder})' for run in runs)} are not comparable"
    if all(one.forcible for one in against):
        title += "; --force compares them all the same and says so on top"
    raise DataError(list_faults(title, [f"{one.fact}\n    {one.advice}" for one in against]))


def _nothing_shared(runs: Sequence[FinishedRun]) -> str:
    has = "; ".join(f"{run.letter}: {', '.join(run.table.methods)}" for run in runs)
    return f"the runs have no method in common, and not each recommends one ({has}): there is nothing to compare"


def _methods(runs: Sequence[FinishedRun]) -> tuple[str, ...]:
    """All methods of all runs: those of the lab in their order, others as they appear."""
    found = dict.fromkeys(method for run in runs for method in run.table.methods)
    return (
        *(name for name in CANONICAL_ORDER if name in found),
        *(name for name in found if name not in CANONICAL_ORDER),
    )


def _pairs(runs: Sequence[FinishedRun], table: ScoreTable, metric: str) -> list[tuple[Side, Side, bool]]:
    """(later, baseline, whether both are recommended): every method of a later run, then the best of both."""
    first, found = runs[0], []
    for run in runs[1:]:
        for method in _methods(runs):
            sides = Side(method, run.letter), Side(method, first.letter)
            if all(table.has(_id(side), metric) for side in sides):
                found.append((*sides, first.choice == run.choice == method))
        if run.choice and first.choice and run.choice != first.choice:
            best = Side(run.choice, run.letter), Side(first.choice, first.letter)
            if all(table.has(_id(side), metric) for side in best):
                found.append((*best, True))
    return found


def _contrasts(
    pairs: Sequence[tuple[Side, Side, bool]], table: ScoreTable, metric: str, margin: float, *, judged: bool
) -> tuple[Contrast, ...]:
    wanted = {(_id(later), _id(baseline)): (later, baseline, best) for later, baseline, best in pairs}
    rows = compare_methods(table, metric, margin, RESAMPLING_SEED, registered=judged, contrasts=tuple(wanted))
    return tuple(
        Contrast(*wanted[row.method, row.baseline], row) for row in rows if (row.method, row.baseline) in wanted
    )


def _mean(table: ScoreTable, name: str, metric: str) -> Estimate:
    sample = table.sample([(1.0, name, metric)]) if table.has(name, metric) else None
    return estimate(sample, sample.undefined if sample else len(table.questions), range_of(metric))


def _id(side: Side) -> str:
    return method_of(side.method, side.letter)
