"""The answers that are judged: the rows of a finished run's `answers.jsonl`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import DataError
from lab.files import ANSWERS_FILE, need_run
from lab.judge.grading import Grade, plain_answer


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer of one method under one training seed. `answer` is what the judge reads of it."""

    question_id: str
    method: str
    seed: int
    question: str
    gold: tuple[str, ...]
    answer: str
    cluster: str
    scores: Mapping[str, float | None]

    @property
    def place(self) -> tuple[str, str, int]:
        """What names this answer in the run: question, method, seed."""
        return self.question_id, self.method, self.seed


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer with its grade; None where the judge's reply could not be read. `asked`: by a request, not by rule."""

    row: AnswerRow
    grade: Grade | None
    asked: bool = True


def read_answers(run: Path) -> tuple[AnswerRow, ...]:
    """All answers of a finished run.

    Raises:
        DataError: no such folder or file, a damaged line, or the same answer twice.
    """
    need_run(run)
    path = run / ANSWERS_FILE
    if not path.is_file():
        raise DataError(f"{path}: expected the answers of a finished run, found no file; has the run ended?")
    rows: dict[tuple[str, str, int], AnswerRow] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = _row(json.loads(line.decode("utf-8")))
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
                raise DataError(f"{path}:{number}: expected an answer of a finished run, got {_fault(error)}") from None
            if row.place in rows:
                raise DataError(f"{path}:{number}: a second answer of {row.method} to {row.question_id}")
            rows[row.place] = row
    if not rows:
        raise DataError(f"{path}: expected answers, found none; run the experiment again")
    return tuple(rows.values())


def choose_questions(rows: Sequence[AnswerRow], limit: int | None) -> tuple[AnswerRow, ...]:
    """The answers to `limit` questions, the same ones for every method; None for all.

    Questions are taken in the order of the sha256 of their ids: no part of the data is preferred, and a larger limit
    takes further questions beside the ones before.
    """
    if limit is None:
        return tuple(rows)
    ids = sorted({row.question_id for row in rows}, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    chosen = frozenset(ids[:limit])
    return tuple(row for row in rows if row.question_id in chosen)


def _row(raw: Mapping[str, Any]) -> AnswerRow:
    question_id = str(raw["question_id"])
    return AnswerRow(
        question_id=question_id,
        method=str(raw["method"]),
        seed=int(raw["seed"]),
        question=str(raw["question"]),
        gold=tuple(map(str, raw["gold"])),
        answer=plain_answer(str(raw["answer"]), str(raw.get("kind", "")), len(raw.get("hits") or ())),
        cluster=str(raw.get("cluster") or question_id),
        scores=dict(raw.get("scores") or {}),
    )


def _fault(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"a line without {error}"
    return "a line that is not such JSON"
