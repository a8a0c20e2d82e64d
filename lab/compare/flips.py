"""Questions that one run got right and the other wrong, method by method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.compare.merging import Trainings, method_of
from lab.compare.runs import FinishedRun
from lab.outcomes.abstaining import right
from lab.outcomes.table import ScoreTable
from lab.statistics.sample import Floats

EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Example:
    """A question that flipped: `before` is the first run's answer, `after` the later one's; None where not saved."""

    question_id: str
    question: str
    gold: tuple[str, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Flips:
    """One method in two runs. `gained`: right in the later run only; `lost`: right in the first run only.

    Right: a correct answer, or declining a question without one; with several training runs, in more than half of
    them. The counts add up to the matched questions for which both are known.
    """

    method: str
    baseline: str
    later: str
    both: int
    gained: int
    lost: int
    neither: int
    gained_examples: tuple[Example, ...]
    lost_examples: tuple[Example, ...]


def find_flips(
    runs: Sequence[FinishedRun], table: ScoreTable, trainings: Trainings, methods: Sequence[str]
) -> tuple[Flips, ...]:
    """Each method of `methods` in each later run against the first, where both have it and its scores say right."""
    first = runs[0]
    return tuple(
        _flips(table, trainings, method, first, later)
        for later in runs[1:]
        for method in methods
        if _known(table, method_of(method, first.letter)) and _known(table, method_of(method, later.letter))
    )


def _known(table: ScoreTable, name: str) -> bool:
    return table.has(name, "wrong") and table.has(name, "abstained")


def _flips(table: ScoreTable, trainings: Trainings, method: str, first: FinishedRun, later: FinishedRun) -> Flips:
    before, after = (right(table, method_of(method, run.letter)) for run in (first, later))
    defined = ~(np.isnan(before).any(axis=0) | np.isnan(after).any(axis=0))
    was, now = _mostly(before) & defined, _mostly(after) & defined

    def examples(where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[Example, ...]:
        places = np.flatnonzero(where)[:EXAMPLES]
        return tuple(_example(table, trainings, method, (first, before), (later, after), int(one)) for one in places)

    return Flips(
        method,
        first.letter,
        later.letter,
        both=int((was & now).sum()),
        gained=int((now & ~was).sum()),
        lost=int((was & ~now).sum()),
        neither=int((defined & ~was & ~now).sum()),
        gained_examples=examples(now & ~was),
        lost_examples=examples(was & ~now),
    )


def _mostly(values: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.asarray(np.nan_to_num(values).mean(axis=0) > 0.5)


def _example(
    table: ScoreTable,
    trainings: Trainings,
    method: str,
    before: tuple[FinishedRun, Floats],
    after: tuple[FinishedRun, Floats],
    place: int,
) -> Example:
    question_id = table.questions[place].id
    asked = before[0].asked[question_id]
    answers = (_answer(run, values, trainings, method, place, question_id) for run, values in (before, after))
    return Example(question_id, asked.text, asked.gold, *answers)


def _answer(
    run: FinishedRun, values: Floats, trainings: Trainings, method: str, place: int, question_id: str
) -> str | None:
    """Of the first training run that did as most of them did."""
    typical = int(np.argmax((values[:, place] == 1.0) == _mostly(values)[place]))
    seeds = run.table.seeds[method]
    seed = seeds[0] if len(seeds) == 1 else trainings.used[run.letter][typical]
    return run.said.get((method, seed, question_id))
