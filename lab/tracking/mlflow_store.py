"""MLflow, in an SQLite store of the run folder. Its fluent interface would note the user's name and the script."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from lab.tracking.summary import Summary, Value
from lab.tracking.tracker import RunId

KEY = "lab.key"


class MlflowStore:
    """Runs are found again by name and key."""

    def __init__(self, project: str, folder: Path) -> None:
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # its only switch, read at import
        from mlflow import MlflowClient

        self._folder = folder.resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        uri = f"sqlite:///{self._folder / 'mlflow.db'}"
        self._client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        found = self._client.get_experiment_by_name(project)
        self._experiment = (
            found.experiment_id
            if found
            else self._client.create_experiment(project, artifact_location=(self._folder / "artifacts").as_uri())
        )
        self._ids: dict[RunId, str] = {}

    def begin(self, run: RunId, settings: Mapping[str, Value], *, anew: bool) -> None:
        """An older run of the same name stays beside this one."""
        wanted = f"attributes.run_name = '{run.name}' AND tags.`{KEY}` = '{run.key}'"
        found = self._client.search_runs([self._experiment], wanted, max_results=1)
        if found:
            self._ids[run] = found[0].info.run_id
            return
        made = self._client.create_run(self._experiment, run_name=run.name, tags={KEY: run.key})
        self._ids[run] = made.info.run_id
        for name, value in settings.items():
            self._client.log_param(self._ids[run], name, value)

    def point(self, run: RunId, place: int, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._client.log_metric(self._ids[run], name, value, step=step)

    def result(self, run: RunId, summary: Summary) -> None:
        for name, value in summary.scalars.items():
            self._client.log_metric(self._ids[run], re.sub(r"[^\w\-. :/]", "_", name), value)
        for name, grid in summary.tables.items():
            columns = {column: [row[place] for row in grid.rows] for place, column in enumerate(grid.columns)}
            self._client.log_table(self._ids[run], columns, f"{name}.json")

    def end(self, run: RunId) -> None:
        self._client.set_terminated(self._ids.pop(run))

    def where(self) -> str:
        return f"mlflow ui --backend-store-uri sqlite:///{self._folder / 'mlflow.db'}"
