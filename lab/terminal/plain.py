"""Step events -> one line each: every change of state at once, progress now and then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from lab.run_folder import LOG, StepEvent
from lab.terminal.board import HARDWARE, Board, clock

SECONDS_BETWEEN_PROGRESS = 5.0


class PlainLines:
    """Writes lines such as `train-A: 40 of 240, loss 1.20, 540 tokens/s; 0:21 elapsed, 1:45 left`."""

    def __init__(self, board: Board, write: Callable[[str], None]) -> None:
        self._board = board
        self._write = write
        self._shown = float("-inf")

    def on_step(self, event: StepEvent) -> None:
        """Write the event's line, unless it is progress and another such line was written a moment ago.

        The board has taken the event in already.
        """
        if event.total and event.state in ("running", "resumed"):
            now = self._board.now()
            if now - self._shown < SECONDS_BETWEEN_PROGRESS:
                return
            self._shown = now
            self._write(self._progress(event, now))
        elif event.step == HARDWARE:
            self._write(f"{HARDWARE}: {event.note}")
        else:
            state = self._board.rows[event.step].state if event.state == "failed" else event.state  # or stopped
            self._write(f"{event.step}: {state}" + (f", {event.note}" if event.note else ""))

    def _progress(self, event: StepEvent, now: float) -> str:
        row = self._board.rows[event.step]
        note = f", {event.note}" if event.note else ""
        times = f"{clock(row.elapsed(now))} elapsed, {clock(row.left(now))} left"
        return f"{event.step}: {event.done} of {event.total}{note}; {times}"


class RunLog:
    """Lines with UTC times in `<run folder>/run.log`. Nothing is written before `open`, nor if the folder is gone."""

    def __init__(self, folder: Path, utc: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder = folder
        self._utc = utc
        self._pending: list[str] = []
        self._is_open = False

    def open(self) -> None:
        """The run folder is ours now."""
        self._is_open = True

    def write(self, text: str) -> None:
        """Append one stamped line for each line of `text`."""
        stamp = self._utc().strftime("%Y-%m-%dT%H:%M:%SZ")
        self._pending += [f"{stamp} {line}\n" for line in text.splitlines()]
        if not (self._is_open and self._folder.is_dir()):
            return
        # A log that cannot be written must not end a run that can go on.
        with suppress(OSError), (self._folder / LOG).open("a", encoding="utf-8") as file:
            file.write("".join(self._pending))
            self._pending.clear()
