"""A run as one JSON object a line, for programs that start one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from lab.run_folder import StepEvent
from lab.terminal.board import HARDWARE
from lab.types import ExperimentResult

KEYS = ("time", "event", "step", "state", "done", "total", "note")


class JsonLines:
    """Writes `{"time", "event", "step", "state", "done", "total", "note"}`; what an event does not have is null.

    `event` is hardware, step (a change of state), progress, prompt, warning, stopping, stopped, error or result. The
    last line of a finished run is the result: also `choice`, `clear`, `p_best`, `report` and `results`. Text is ASCII,
    everything else escaped, so a line is safe to show.
    """

    def __init__(self, stream: IO[str], utc: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._stream = stream
        self._utc = utc

    def on_step(self, event: StepEvent, state: str) -> None:
        """Write an event of a step, or the hardware; `state` is the step's own, which also knows `stopped`."""
        if event.step == HARDWARE:
            self.write(HARDWARE, note=event.note)
        elif event.total and event.state in ("running", "resumed"):
            self.write(
                "progress",
                step=event.step,
                state=event.state,
                done=event.done,
                total=event.total,
                note=event.note or None,
            )
        else:
            self.write("step", step=event.step, state=state, note=event.note or None)

    def result(self, result: ExperimentResult, folder: Path) -> None:
        """The last line: what was chosen, and where it stands."""
        found = result.recommendation
        self.write(
            "result",
            note=found.get("reason"),
            choice=found.get("choice"),
            clear=found.get("clear"),
            p_best=found.get("p_best"),
            report=str(folder / "report.html"),
            results=str(folder / "results.json"),
        )

    def write(self, event: str, **values: Any) -> None:
        """Write one line at once."""
        time = self._utc().strftime("%Y-%m-%dT%H:%M:%SZ")
        row = dict.fromkeys(KEYS) | {"time": time, "event": event} | values
        self._stream.write(json.dumps(row, allow_nan=False) + "\n")
        self._stream.flush()
