"""What a run shows while it goes on: a live table on a terminal, plain lines elsewhere, and always run.log."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from rich.console import Console

from lab.config import ExperimentConfig
from lab.errors import LabError
from lab.run_folder import StepEvent
from lab.steps.plan import planned_steps
from lab.terminal.board import HARDWARE, Board
from lab.terminal.console import show_text
from lab.terminal.live import LiveBoard
from lab.terminal.plain import PlainLines, RunLog


class Watch:
    """Give `on_step` to `run_experiment`, inside `with`."""

    def __init__(
        self, console: Console, config: ExperimentConfig, folder: Path, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.board = Board(planned_steps(config), now)
        self._log = RunLog(folder)
        self._log_lines = PlainLines(self.board, self._log.write)
        self._lines = PlainLines(self.board, lambda line: show_text(console, line))
        animated = console.is_terminal and not console.is_dumb_terminal
        self._live = LiveBoard(console, self.board) if animated else None

    def on_step(self, event: StepEvent) -> None:
        """Take in and show one event."""
        self.board.update(event)
        if event.step != HARDWARE:
            self._log.open()
        self._log_lines.on_step(event)
        if self._live is None:
            self._lines.on_step(event)

    def __enter__(self) -> Watch:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.board.end()
            self._log.write("finished")
        elif isinstance(error, LabError):
            self._log.write(f"error: {error}")
        else:
            self._log.write(f"stopped: {type(error).__name__}")
        if self._live is not None:
            self._live.stop()
