"""Step events -> the state of every step, with rates. Knows nothing of how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.run_folder import StepEvent

HARDWARE = "hardware"
ENDED = ("reused", "done", "failed")
WORKING = ("running", "resumed")
STOPPED = "stopped"
WORDS = frozenset({"answers", "passages", "queries", "methods"})  # notes that are the unit of what is counted


@dataclass
class Row:
    """One step: its state, why it runs, and how far it is."""

    step: str
    state: str = "waiting"
    why: str = ""
    started: float = 0.0
    ended: float | None = None
    done: int = 0
    total: int = 0
    note: str = ""
    first_progress: tuple[float, int] | None = None
    last_progress: float = 0.0
    was_resumed: bool = False

    def elapsed(self, now: float) -> float | None:
        """Seconds that this process has worked on the step; None before it starts and when it is reused."""
        if self.state in ("waiting", "reused"):
            return None
        return (now if self.ended is None else self.ended) - self.started

    def rate(self) -> float | None:
        """Units a second; None until two reports give a rate."""
        if self.first_progress is None:
            return None
        since, before = self.first_progress
        units, seconds = self.done - before, self.last_progress - since
        return units / seconds if units > 0 and seconds > 0 else None

    def left(self, now: float) -> float | None:
        """Seconds to go at the step's own rate; None until two reports give a rate."""
        rate = self.rate()
        if rate is None:
            return None
        return max(0.0, (self.total - self.done) / rate - (now - self.last_progress))

    @property
    def unit(self) -> str:
        """What the step counts: answers, passages, optimizer steps; empty where that is not told."""
        if self.step.startswith("train-"):
            return "steps"
        if self.note in WORDS:
            return self.note
        return "answers" if self.step == "few-shot" else ""


class Board:
    """All steps of a run, those to come included; `now` gives seconds."""

    def __init__(self, steps: Sequence[str], now: Callable[[], float]) -> None:
        self.now = now
        self.hardware = ""
        self.began = now()
        self.stopping = False
        self.warnings = 0
        self.rows = {step: Row(step) for step in steps}

    def update(self, event: StepEvent) -> Row | None:
        """Take in an event; returns the step that it is about, None for the hardware."""
        if event.step == HARDWARE:
            self.hardware = event.note
            return None
        row = self.rows.setdefault(event.step, Row(event.step))
        now = self.now()
        if event.state in ENDED:
            row.state, row.ended = event.state, now
            if event.state != "done":
                row.why = event.note
            if event.state == "failed" and self.stopping:
                row.state = STOPPED
        elif event.total:
            self._progress(row, event, now)
        else:
            resumed = event.state == "resumed"
            self.rows[event.step] = Row(event.step, event.state, event.note, started=now, was_resumed=resumed)
        return self.rows[event.step]

    @property
    def current(self) -> Row | None:
        """The step that is being worked on."""
        return next((row for row in self.rows.values() if row.state in WORKING), None)

    @property
    def begun(self) -> bool:
        """Whether any step has begun."""
        return any(row.state != "waiting" for row in self.rows.values())

    @property
    def all_reused(self) -> bool:
        """Whether every step that was needed stood from an earlier run."""
        return self.begun and all(row.state in ("reused", "waiting") for row in self.rows.values())

    def end(self) -> None:
        """Drop the steps that turned out to be needless."""
        self.rows = {step: row for step, row in self.rows.items() if row.state != "waiting"}

    def interrupt(self) -> None:
        """The step that is being worked on goes no further."""
        row = self.current
        if row is not None:
            row.state, row.ended = STOPPED, self.now()

    def _progress(self, row: Row, event: StepEvent, now: float) -> None:
        if row.state == "waiting":
            row.state, row.started = event.state, now
        if row.first_progress is None or event.done < row.done or event.total != row.total:
            row.first_progress = (now, event.done)
        row.done, row.total, row.note, row.last_progress = event.done, event.total, event.note, now


def roughly(seconds: float) -> str:
    """Seconds in words, as exact as an estimate is: under a minute, about 13 min, about 2 h 10 min."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return f"about {minutes} min"
    hours, rest = divmod(10 * round(minutes / 10), 60)
    return f"about {hours} h {rest} min" if rest else f"about {hours} h"


def clock(seconds: float | None) -> str:
    """Seconds as 0:03, 12:05 or 1:02:05; '...' where they are not known."""
    if seconds is None:
        return "..."
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
