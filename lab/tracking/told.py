"""What a tracker is told, and when: each point of a curve once, over all processes that worked on it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.config import ExperimentConfig
from lab.errors import ConfigError
from lab.files import read_json, write_json
from lab.methods.finetune import Curve, TrainingJob, TrainingReport
from lab.run_folder import StepResult
from lab.steps.bench import Parts
from lab.tracking.summary import Summary, Value, summary_of
from lab.tracking.tracker import RunId, Tracker
from lab.types import ExperimentResult

log = logging.getLogger(__name__)

RESULTS = "results"
FOLDER = Path(".work") / "tracking"
INSTALL = {
    "trackio": 'pip install "rag-finetune-lab[track]"',
    "tensorboard": 'pip install "rag-finetune-lab[track]"',
    "mlflow": "pip install mlflow",
    "wandb": "pip install wandb",
}
NEEDS = {"mlflow": ("mlflow", "sqlalchemy", "alembic")}  # mlflow-skinny has no SQLite store


def open_tracking(config: ExperimentConfig, run_folder: Path) -> Tracking:
    """The tracking that `config.tracking` asks for; writes nothing yet.

    Raises:
        ConfigError: the tracker's package is not installed.
    """
    name = config.tracking
    missing = [] if name == "none" else [one for one in NEEDS.get(name, (name,)) if not importlib.util.find_spec(one)]
    if missing:
        raise ConfigError(
            f"tracking: expected an installed tracker, but {name} lacks the package {', '.join(missing)}; "
            f"{INSTALL[name]}, or set tracking: none"
        )
    return Tracking(config, run_folder, lambda: make_tracker(name, config.name, run_folder / FOLDER / name))


def make_tracker(name: str, project: str, folder: Path) -> Tracker:
    """The tracker of that name; `folder` is its own."""
    if name == "tensorboard":
        from lab.tracking.tensorboard_files import TensorBoardFiles

        return TensorBoardFiles(project, folder)
    if name == "trackio":
        from lab.tracking.trackio_store import TrackioStore

        return TrackioStore(project)
    if name == "mlflow":
        from lab.tracking.mlflow_store import MlflowStore

        return MlflowStore(project, folder)
    from lab.tracking.wandb_offline import WandbOffline

    return WandbOffline(project, folder)


class Tracking:
    """Feeds one tracker; does nothing for `tracking: none`. A tracker that fails is named once and then left alone."""

    def __init__(self, config: ExperimentConfig, run_folder: Path, make: Callable[[], Tracker]) -> None:
        self._config = config
        self._make = make
        self._tracker: Tracker | None = None
        self._on = config.tracking != "none"
        self._ledger = run_folder / FOLDER / f"{config.tracking}.json"
        self._begun: set[RunId] = set()

    def around(self, parts: Parts) -> Parts:
        """Parts whose training is watched while it goes on."""
        if not self._on:
            return parts

        def train(job: TrainingJob, generator: Any, folder: Path, clock: Any, progress: Any) -> TrainingReport:
            run = RunId(f"train-{job.adapter}-seed{job.seed}", folder.name.removesuffix(".partial"))
            settings = self._settings(job.adapter, job.seed, job.epochs)
            try:
                return parts.train(
                    job, generator, folder, clock, progress, on_curve=lambda curve: self._send(run, settings, curve)
                )
            finally:
                self._end(run)

        return replace(parts, train=train)

    def finish(self, steps: Sequence[StepResult], result: ExperimentResult) -> None:
        """Tell the curves of trainings that were reused, as far as they were not told before, and the final table."""
        if not self._on:
            return
        seeds = self._config.training.seeds
        for step in steps:
            if step.name.startswith("train-"):
                report = read_json(step.path / "report.json")
                adapter, seed = report["adapter"], seeds[0] if len(seeds) == 1 else int(step.name.rpartition("seed")[2])
                settings = self._settings(adapter, seed, report["epochs"])
                run = RunId(f"train-{adapter}-seed{seed}", step.key)
                self._send(run, settings, tuple(report["curve"]))
                self._end(run)
        self._send_result(summary_of(result))

    def _settings(self, adapter: str, seed: int, epochs: int) -> dict[str, Value]:
        values = self._config.training.model_dump(exclude={"seeds"})
        return {"adapter": adapter, "seed": seed, **values, "epochs": epochs}

    def _send(self, run: RunId, settings: Mapping[str, Value], curve: Curve) -> None:
        def send(tracker: Tracker, sent: int) -> None:
            for place, point in enumerate(curve[sent:], sent):
                values = {name: value for name, value in point.items() if name != "step" and math.isfinite(value)}
                tracker.point(run, place, int(point["step"]), values)

        self._once(run, settings, len(curve), send)

    def _send_result(self, summary: Summary) -> None:
        digest = hashlib.sha256(json.dumps(summary.plain(), sort_keys=True).encode()).hexdigest()
        run = RunId(RESULTS, digest[:16])
        self._once(run, {}, 1, lambda tracker, _: tracker.result(run, summary))
        self._end(run)
        if self._tracker is not None:
            log.info("tracking: %s", self._tracker.where())

    def _once(
        self, run: RunId, settings: Mapping[str, Value], total: int, send: Callable[[Tracker, int], None]
    ) -> None:
        """Send what the ledger does not know of, then enter it there."""

        def act() -> None:
            ledger = read_json(self._ledger) if self._ledger.is_file() else {}
            before = ledger.get(run.name)
            sent = before["sent"] if before and before["key"] == run.key else 0
            if sent >= total:
                return
            self._tracker = self._tracker or self._make()
            if run not in self._begun:
                self._tracker.begin(run, settings, anew=before is not None and before["key"] != run.key)
                self._begun.add(run)
            send(self._tracker, sent)
            write_json(self._ledger, {**ledger, run.name: {"key": run.key, "sent": total}})

        self._attempt(act)

    def _end(self, run: RunId) -> None:
        if run in self._begun and self._tracker is not None:
            self._begun.discard(run)
            tracker = self._tracker
            self._attempt(lambda: tracker.end(run))

    def _attempt(self, act: Callable[[], None]) -> None:
        if not self._on:
            return
        try:
            act()
        except Exception as error:  # whatever a tracker does, the run is worth more
            self._on, self._tracker = False, None
            log.warning(
                "tracking: %s failed and is left out from here on; the run goes on (%s: %s)",
                self._config.tracking,
                type(error).__name__,
                error,
            )
