"""What a method answered, whichever engine gave the answers, and how answers lie in a step's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab.files import read_jsonl, write_jsonl
from lab.methods.classifiers import FitRecord
from lab.steps.tuning import Tuned
from lab.types import Answer, Hit, Passage, Timing, Tokens

ANSWERS = "answers.jsonl"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a method of the encoder learnt: its folder, its record, and what that took.

    `seconds` are those of embedding the training and dev questions and of fitting; `tokens` those that the encoder read
    for it; `peak_memory` and `size` are bytes, in memory and on disk.
    """

    folder: Path
    record: FitRecord
    seconds: float
    tokens: int
    peak_memory: int
    size: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What one method answered under one training seed.

    `prompt` is an example of its prompt, None where it has none; `tuned` its adapter, `fitted` what the encoder's
    methods have in place of one. `key` names the answers; `options_key` names the scores of labels beside them.
    `finishes` counts why an endpoint's replies ended, None for other engines.
    """

    seed: int
    answers: tuple[Answer, ...]
    prompt: str | None
    tuned: Tuned | None
    key: str
    fitted: Fitted | None = None
    options_key: str | None = None
    finishes: Mapping[str, int] | None = None


def write_answers(folder: Path, answers: Sequence[Answer]) -> None:
    """Write answers as JSON lines, their hits by passage id."""
    write_jsonl(folder / ANSWERS, [_to_row(answer) for answer in answers])


def read_answers(folder: Path, passages: Mapping[str, Passage]) -> tuple[Answer, ...]:
    """The answers that `write_answers` wrote; `passages` by id."""
    return tuple(_from_row(row, passages) for row in read_jsonl(folder / ANSWERS))


def _to_row(answer: Answer) -> dict[str, Any]:
    row = asdict(answer)
    row["hits"] = [[hit.passage.id, hit.score, hit.rank] for hit in answer.hits]
    return row


def _from_row(row: Mapping[str, Any], passages: Mapping[str, Passage]) -> Answer:
    values = dict(row)
    hits = tuple(Hit(passages[name], score, rank) for name, score, rank in values.pop("hits"))
    timing, tokens = Timing(**values.pop("timing")), Tokens(**values.pop("tokens"))
    return Answer(hits=hits, timing=timing, tokens=tokens, **values)
