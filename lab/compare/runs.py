"""Read the folders of finished runs: results, scores, questions and answers, with one message for each fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.compare.text import printable
from lab.errors import DataError, list_faults
from lab.files import ANSWERS_FILE, QUESTIONS_FILE, RESULTS_FILE, SCORES_FILE, need_run
from lab.method_summary import CONTRAST_METRICS
from lab.outcomes.table import ScoreTable
from lab.report import lookup
from lab.report.read import read_answers, read_result
from lab.score_table import read_table
from lab.statistics.clustered import estimate
from lab.types import Estimate, ExperimentResult

LETTERS = "ABCDEFGH"
RIGHT_OR_WRONG = ("wrong", "abstained")
NAME_SHOWN = 60  # characters
ROUNDING_ERROR = 1e-9  # of a mean of scores, which JSON keeps to the last digit
NOTHING = Estimate(None, None, None, 0, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A test question as a run asked it, with its gold answers."""

    text: str
    gold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """What a run's folder says. `letter` is how tables name it; `said` holds answers by (method, seed, question)."""

    letter: str
    folder: Path
    result: ExperimentResult
    table: ScoreTable
    asked: Mapping[str, Asked]
    said: Mapping[tuple[str, int, str], str]

    @property
    def name(self) -> str:
        """The run's name, fit to be shown."""
        return printable(self.result.name, NAME_SHOWN) or "unnamed"

    @property
    def primary(self) -> str:
        """The metric that decides in this run."""
        return str(self.result.config["metrics"]["primary"])

    @property
    def choice(self) -> str | None:
        """The method that the run itself recommends, if it recommends one."""
        return lookup.choice(self.result)


def read_runs(folders: Sequence[Path]) -> tuple[FinishedRun, ...]:
    """Read two or more runs, the first of which the others are held against.

    Raises:
        DataError: fewer than two or more than eight folders, one of them twice, one that is no finished run, or one
            whose files do not fit each other.
    """
    if not 2 <= len(folders) <= len(LETTERS):
        raise DataError(f"expected 2 to {len(LETTERS)} runs to compare, got {len(folders)}")
    _all_different(folders)
    results = [_result(folder) for folder in folders]
    metrics = tuple(dict.fromkeys((*map(_primary, results, folders), *CONTRAST_METRICS, *RIGHT_OR_WRONG)))
    named = zip(LETTERS, folders, results, strict=False)
    return tuple(_read(letter, folder, result, metrics) for letter, folder, result in named)


def _all_different(folders: Sequence[Path]) -> None:
    places: dict[Path, Path] = {}
    for folder in folders:
        place = folder.resolve()
        if place in places:
            raise DataError(f"{folder}: the same run as {places[place]}; name two different runs")
        places[place] = folder


def _result(folder: Path) -> ExperimentResult:
    need_run(folder)
    return read_result(folder / RESULTS_FILE)


def _primary(result: ExperimentResult, folder: Path) -> str:
    found = lookup.at(result.config, "metrics", "primary")
    if not isinstance(found, str):
        raise DataError(f"{folder / RESULTS_FILE}: config.metrics.primary: expected a metric's name, got {found!r}")
    return found


def _read(letter: str, folder: Path, result: ExperimentResult, metrics: Sequence[str]) -> FinishedRun:
    table = read_table(folder, metrics)
    asked, said = _answers(read_answers(folder / ANSWERS_FILE))
    run = FinishedRun(letter, folder, result, table, asked, said)
    faults = _faults(run)
    if faults:
        raise DataError(
            list_faults(f"{folder}: the files of this run do not fit each other; run the experiment again", faults)
        )
    return run


def _answers(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Asked], dict[tuple[str, int, str], str]]:
    asked: dict[str, Asked] = {}
    said: dict[tuple[str, int, str], str] = {}
    for row in rows:
        question = row["question_id"]
        asked.setdefault(question, Asked(row["question"], tuple(map(str, row["gold"]))))
        said[row["method"], row.get("seed", 0), question] = row["answer"]
    return asked, said


def _faults(run: FinishedRun) -> list[str]:
    """A cut-off scores file would leave values out, and nobody would see it in a mean."""
    table, result = run.table, run.result
    ids = [question.id for question in table.questions]
    faults = []
    if len(set(ids)) != len(ids) or len(ids) != result.n_test:
        faults.append(f"{QUESTIONS_FILE}: expected {result.n_test} different questions, found {len(set(ids))}")
    if unasked := [name for name in ids if name not in run.asked]:
        faults.append(f"{ANSWERS_FILE}: no answer to {printable(unasked[0])}; {len(unasked)} such questions")
    for method in result.methods:
        expected = lookup.metric(result, method, run.primary) or NOTHING
        sample = table.sample([(1.0, method, run.primary)]) if table.has(method, run.primary) else None
        found = estimate(sample, 0)
        if found.n != expected.n or abs((found.mean or 0.0) - (expected.mean or 0.0)) > ROUNDING_ERROR:
            faults.append(
                f"{SCORES_FILE}: {printable(method)}: expected {expected.n} values of {printable(run.primary)} with "
                f"mean {expected.mean}, as {RESULTS_FILE} says, found {found.n} with mean {found.mean}"
            )
    return faults
