"""What a run shows while it goes on: a live panel on a terminal, plain lines elsewhere, and always run.log."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal

from rich.console import Console

from lab.config import ExperimentConfig
from lab.errors import LabError
from lab.escapes import visible
from lab.run_folder import StepEvent
from lab.steps.plan import planned_steps
from lab.terminal.board import HARDWARE, Board
from lab.terminal.console import make_console, show_text
from lab.terminal.forecast import Forecast
from lab.terminal.json_lines import JsonLines
from lab.terminal.live import LiveBoard
from lab.terminal.plain import PlainLines, RunLog
from lab.terminal.records import Records
from lab.terminal.results import prompts_text, report_line, show_finished
from lab.terminal.stopping import MESSAGE, Stopped, Stopping
from lab.types import ExperimentResult

Show = Literal["auto", "quiet", "json"]
STANDARD_ERROR = 2


class Watch:
    """Give `on_step` to `run_experiment`, inside `with`.

    Args:
        config: of the run.
        folder: the run folder, for run.log.
        show: auto (a panel on a terminal, else lines), quiet (nothing) or json (one object a line).
        console: what people look at; standard output where none is given.
        now: seconds of any clock.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        folder: Path,
        show: Show = "auto",
        console: Console | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        console = console or make_console()
        self._console, self._folder = console, folder
        self._quiet = show == "quiet"
        self.board = Board(planned_steps(config), now)
        self.json = JsonLines(console.file) if show == "json" else None
        self._stopping = Stopping(self._on_signal)
        self._records = Records(self._on_record, prints=show != "auto")
        self._log = RunLog(folder)
        self._log_lines = PlainLines(self.board, self._log.write)
        self._live: LiveBoard | None = None
        self._write: Callable[[str], None] | None = None
        if show == "auto" and console.is_terminal and not console.is_dumb_terminal:
            forecast = Forecast(config)
            self._live = LiveBoard(console, self.board, config.name, lambda: forecast.left(self.board, now()))
        elif show == "auto":
            self._write = lambda line: show_text(console, line)
        self._lines = PlainLines(self.board, self._write) if self._write else None
        self._open = ExitStack()

    def on_step(self, event: StepEvent) -> None:
        """Take in and show one event.

        Raises:
            Stopped: a signal came, and what was done so far is saved.
        """
        event = replace(event, note=visible(event.note))
        if event.state == "failed" and self.board.stopping:
            event = replace(event, note="goes on from here")
        row = self.board.update(event)
        if event.step != HARDWARE:
            self._log.open()
        self._log_lines.on_step(event)
        if self._lines is not None:
            self._lines.on_step(event)
        if self.json is not None:
            self.json.on_step(event, row.state if row else event.state)
        if not event.total:
            self._records.tame()
        self._stopping.check(event)

    def on_prompts(self, prompts: Mapping[str, str]) -> None:
        """Show one full prompt of each method; nobody asks a quiet run for them."""
        if self.json is None:
            show_text(self._console, prompts_text(prompts))
            return
        for method, text in prompts.items():
            self.json.write("prompt", note=text, method=method)

    def show_result(self, result: ExperimentResult, commands: Collection[str]) -> None:
        """Show what a run found, after `with`; `commands` are those that this version has to suggest."""
        if self.json is not None:
            self.json.result(result, self._folder)
        elif self._quiet:
            show_text(self._console, report_line(self._folder))
        else:
            show_finished(self._console, result, self._folder, self.board, commands)

    def __enter__(self) -> Watch:
        with ExitStack() as opened:
            if self._live is not None:
                self._live.start()
                opened.callback(self._live.stop)
            opened.enter_context(self._records)
            opened.enter_context(self._stopping)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.board.end()
            self._log.write("finished")
        elif isinstance(error, LabError):
            self._log.write(f"error: {visible(str(error))}")
        else:
            self.board.interrupt()
            self._log.write(f"stopped: {error if isinstance(error, Stopped) else type(error).__name__}")
        if self.json is not None and isinstance(error, LabError):
            self.json.write("error", note=str(error))
        elif self.json is not None and error is not None:
            self.json.write("stopped", note=type(error).__name__)
        self._open.close()

    def _on_signal(self) -> None:
        """Say so at once: the panel by itself, else past all buffers, since a signal may come while one is written."""
        self.board.stopping = True
        if self._live is None:
            with suppress(OSError):
                os.write(STANDARD_ERROR, f"{MESSAGE}\n".encode())

    def _on_record(self, level: int, source: str, text: str) -> None:
        line = f"{logging.getLevelName(level).lower()}: {source}: {visible(text)}"
        self._log.write(line)
        if level < logging.WARNING:
            return
        self.board.warnings += 1
        if self._write is not None:
            self._write(line)
        if self.json is not None:
            self.json.write("warning", note=f"{source}: {text}")
