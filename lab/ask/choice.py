"""Which method answers when none is named, and which questions of the run may serve as examples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.errors import DataError
from lab.files import ANSWERS_FILE, RESULTS_FILE
from lab.recipe import RunRecipe
from lab.report import lookup
from lab.report.read import iter_answers, read_result
from lab.types import ExperimentResult

RECOMMENDED = "the run's recommendation"


@dataclass(frozen=True, slots=True)
class Choice:
    """A method, and why it is the one that is asked."""

    method: str
    why: str


@dataclass(frozen=True, slots=True)
class ExampleQuestion:
    """A test question of the run with its gold answers."""

    text: str
    gold: tuple[str, ...]


def read_run(recipe: RunRecipe) -> ExperimentResult:
    """The results that the run saved.

    Raises:
        DataError: it has none.
    """
    return read_result(recipe.run / RESULTS_FILE)


def default_method(recipe: RunRecipe, result: ExperimentResult) -> Choice:
    """What the run recommends; where it recommends none, the method with the highest primary score.

    Raises:
        DataError: no method of the run can answer a new question.
    """
    if not recipe.servable:
        raise DataError(f"{recipe.run}: no method of this run can answer a new question; run one with rag in methods")
    choice = result.recommendation.get("choice")
    if choice in recipe.servable:
        return Choice(str(choice), RECOMMENDED)
    ranked = [name for name in lookup.methods_by_quality(result) if name in recipe.servable]
    return Choice((ranked or list(recipe.servable))[0], f"the run recommends none; best by {lookup.primary(result)}")


def example_questions(run: Path) -> tuple[ExampleQuestion, ...]:
    """The run's test questions in order, each once; none where its answers are gone.

    Raises:
        DataError: lines of its answers.jsonl are no answers.
    """
    path = run / ANSWERS_FILE
    if not path.is_file():
        return ()
    found = {row["question_id"]: ExampleQuestion(row["question"], tuple(row["gold"])) for row in iter_answers(path)}
    return tuple(found.values())
