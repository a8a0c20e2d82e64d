"""TensorBoard's event files. Their usual names tell the machine's; these are numbered."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.tracking.summary import Summary, Value
from lab.tracking.tracker import RunId

VERSION = "brain.Event:2"  # of the format; the first record of every file


class TensorBoardFiles:
    """One folder a run, one file for each process that wrote to it."""

    def __init__(self, project: str, folder: Path) -> None:
        self._folder = folder
        self._project = project
        self._writers: dict[RunId, Any] = {}

    def begin(self, run: RunId, settings: Mapping[str, Value], *, anew: bool) -> None:
        """TensorBoard would draw two trainings of one name as one curve, so the older one gives way."""
        from tensorboard.summary.writer.record_writer import RecordWriter

        folder = self._folder / self._project / run.name
        if anew:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        number = len(list(folder.iterdir()))
        self._writers[run] = RecordWriter((folder / f"events.out.tfevents.{number:06d}").open("wb"))
        self._write(run, file_version=VERSION)
        if settings and number == 0:
            from torch.utils.tensorboard.summary import text

            lines = [
                "| setting | value |",
                "| --- | --- |",
                *(f"| {key} | {value} |" for key, value in settings.items()),
            ]
            self._write(run, step=0, summary=text("settings", "\n".join(lines)))

    def point(self, run: RunId, place: int, step: int, values: Mapping[str, float]) -> None:
        from torch.utils.tensorboard.summary import scalar

        for name, value in values.items():
            self._write(run, step=step, summary=scalar(name, value))

    def result(self, run: RunId, summary: Summary) -> None:
        from torch.utils.tensorboard.summary import scalar, text

        for name, value in summary.scalars.items():
            self._write(run, step=0, summary=scalar(name, value))
        for name, grid in summary.tables.items():
            self._write(run, step=0, summary=text(name, grid.markdown()))

    def end(self, run: RunId) -> None:
        self._writers.pop(run).close()

    def where(self) -> str:
        return f"tensorboard --logdir {self._folder}"

    def _write(self, run: RunId, **fields: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self._writers[run].write(Event(wall_time=time.time(), **fields).SerializeToString())
        self._writers[run].flush()
