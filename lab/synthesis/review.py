"""Questions before people: review.csv and review.html out, corrections in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.synthesis.nouns import Rejection
from lab.types import Document, Evidence, Question

REVIEW_CSV, REVIEW_HTML = "review.csv", "review.html"
REVIEWED = ", reviewed"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person decided about one question. `keep` None: not looked at, and nothing was changed."""

    id: str
    keep: bool | None
    text: str
    answers: tuple[str, ...]
    kind: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """The questions after review, those that people turned away (synthesis shall not make them again), and counts."""

    questions: tuple[Question, ...]
    removed: tuple[Question, ...]
    accepted: int
    changed: int


def write_review(
    folder: Path,
    questions: Sequence[Question],
    documents: Sequence[Document],
    *,
    rejected: Sequence[Rejection] = (),
) -> tuple[Path, Path]:
    """Write review.csv and review.html into `folder`; returns their paths."""
    raise NotImplementedError


def read_review(file: Path, questions: Sequence[Question], documents: Sequence[Document]) -> tuple[Correction, ...]:
    """Read a review.csv that a person filled in.

    Raises:
        DataError: no such file, or lines are wrong; every fault is listed as `file:line`.
    """
    raise NotImplementedError


def apply(questions: Sequence[Question], corrections: Sequence[Correction]) -> Applied:
    """Questions as people left them. What a person accepted or changed is marked `"<maker>, reviewed"`."""
    raise NotImplementedError
