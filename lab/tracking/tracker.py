"""What every tracker can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lab.tracking.summary import Summary, Value


@dataclass(frozen=True, slots=True)
class RunId:
    """A tracker's run. `key` says what it was made from: another key under the same name is another run."""

    name: str
    key: str


class Tracker(Protocol):
    """One tracker. Anything may be raised; whoever tells it sees to it."""

    def begin(self, run: RunId, settings: Mapping[str, Value], *, anew: bool) -> None:
        """Open a run, or go on with it. `anew`: what stands under this name was made from something else."""

    def point(self, run: RunId, place: int, step: int, values: Mapping[str, float]) -> None:
        """One point of a curve; `place` counts the run's points from 0."""

    def result(self, run: RunId, summary: Summary) -> None:
        """The final scalars and tables."""

    def end(self, run: RunId) -> None:
        """Nothing more comes from this process."""

    def where(self) -> str:
        """How to look at what was written."""
