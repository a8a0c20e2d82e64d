"""Weights & Biases without a connection: `wandb sync` sends the runs, if and when the user wants that."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.tracking.summary import Summary, Value
from lab.tracking.tracker import RunId


class WandbOffline:
    """A run that goes on in another process has the same id, so that syncing joins both parts."""

    def __init__(self, project: str, folder: Path) -> None:
        os.environ["WANDB_ERROR_REPORTING"] = "false"  # crash reports have no other switch
        import wandb

        self._wandb = wandb
        self._project = project
        self._folder = folder
        self._runs: dict[RunId, Any] = {}

    def begin(self, run: RunId, settings: Mapping[str, Value], *, anew: bool) -> None:
        """An older run of the same name stays beside this one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        quiet = self._wandb.Settings(
            console="off",
            silent=True,
            disable_code=True,
            disable_git=True,
            save_code=False,
            disable_job_creation=True,
            host="",
            username="",
            email="",
            entity="",
            run_group="",
            run_job_type="",
            run_notes="",
            run_tags=(),
            x_disable_machine_info=True,
            x_disable_meta=True,
            x_disable_stats=True,
            x_save_requirements=False,
        )
        self._runs[run] = self._wandb.init(
            project=self._project,
            name=run.name,
            id=f"{run.name}-{run.key}",
            config=dict(settings),
            mode="offline",
            dir=str(self._folder),
            settings=quiet,
        )

    def point(self, run: RunId, place: int, step: int, values: Mapping[str, float]) -> None:
        """A train and a dev loss may share a step; W&B joins them."""
        self._runs[run].log(dict(values), step=step)

    def result(self, run: RunId, summary: Summary) -> None:
        tables = {
            name: self._wandb.Table(columns=list(grid.columns), data=[list(row) for row in grid.rows])
            for name, grid in summary.tables.items()
        }
        self._runs[run].log(tables)
        self._runs[run].summary.update(dict(summary.scalars))

    def end(self, run: RunId) -> None:
        self._runs.pop(run).finish()

    def where(self) -> str:
        return f"wandb sync {self._folder}/wandb/offline-run-*"
