"""Trackio's local store, written directly.

`trackio.init` is not used: it looks for a Space or a server in environment variables, asks the hub for the user's name,
and measures the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.tracking.summary import Summary, Value
from lab.tracking.tracker import RunId


class TrackioStore:
    """Points have names, and the store takes each name once."""

    def __init__(self, project: str) -> None:
        from trackio.sqlite_storage import SQLiteStorage

        SQLiteStorage.validate_project_name(project)
        SQLiteStorage._dataset_import_attempted = True  # else it would fetch what stands in a bucket of the hub
        self._store = SQLiteStorage
        self._project = project
        self._settings: dict[RunId, Mapping[str, Value]] = {}

    def begin(self, run: RunId, settings: Mapping[str, Value], *, anew: bool) -> None:
        """An older run of the same name stays beside this one."""
        self._settings[run] = settings

    def point(self, run: RunId, place: int, step: int, values: Mapping[str, float]) -> None:
        self._log(run, place, step, values)

    def result(self, run: RunId, summary: Summary) -> None:
        from trackio.table import Table

        tables = {name: {"_type": Table.TYPE, "_value": grid.records()} for name, grid in summary.tables.items()}
        self._log(run, 0, 0, {**summary.scalars, **tables})

    def end(self, run: RunId) -> None:
        self._settings.pop(run)

    def where(self) -> str:
        return f"trackio show --project {self._project}"

    def _log(self, run: RunId, place: int, step: int, values: Mapping[str, Any]) -> None:
        identity = f"{run.name}-{run.key}"
        self._store.bulk_log(
            self._project,
            run.name,
            [dict(values)],
            steps=[step],
            config=dict(self._settings[run]) or None,
            log_ids=[f"{identity}-{place}"],
            run_id=identity,
        )
