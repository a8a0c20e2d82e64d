"""The data's way, from top to bottom: one config in, every method asked the same held-out questions, a report out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from lab.config import ExperimentConfig
from lab.methods.prompts import PromptStyle
from lab.models import ModelClock
from lab.preparation import prepare
from lab.recipe import write_recipe
from lab.report.write import write_report
from lab.results import save, summarise, timings
from lab.run_folder import OnStep, RunFolder, StepEvent, ignore
from lab.run_summary import arrange, surroundings
from lab.steps.asked import Asked
from lab.steps.asking import Asking
from lab.steps.bench import REAL_PARTS, Bench, Parts, find_models
from lab.steps.knowledge import probe_knowledge
from lab.steps.latency import measure_latency
from lab.steps.options import score_options
from lab.steps.quality import check_quality
from lab.steps.retrieval import Retrieval
from lab.steps.scoring import score
from lab.steps.tuning import Tuning
from lab.tracking import open_tracking
from lab.types import ExperimentResult

DISK_NEEDED = 500_000_000

OnPrompts = Callable[[Mapping[str, str]], None]


def run_experiment(
    config: ExperimentConfig,
    *,
    run_folder: Path,
    parts: Parts = REAL_PARTS,
    on_step: OnStep = ignore,
    on_prompts: OnPrompts | None = None,
    fresh: bool = False,
    offline: bool = False,
) -> ExperimentResult:
    """Run an experiment, or what is left of it, and write its results and report into `run_folder`.

    Args:
        config: from `load_config`.
        run_folder: holds the results; working files lie in its `.work`.
        parts: replaceable in tests.
        on_step: told what each step is doing.
        on_prompts: told one full prompt for each method, before any training.
        fresh: forget what earlier runs left in the folder.
        offline: never open a connection.

    Raises:
        UserError: the config, the data or the models must change; no results were written.
        LabError: the run failed.
    """
    start, clock = time.perf_counter(), ModelClock()
    tracking = open_tracking(config, run_folder)
    parts = tracking.around(parts)
    models = find_models(config, parts, clock, offline=offline)
    on_step(StepEvent("hardware", "done", note=models.hardware.sentence))
    data = prepare(config, models.encoder, offline=offline)

    with RunFolder(run_folder, clock=clock, on_step=on_step, fresh=fresh) as folder:
        folder.need_space(DISK_NEEDED, "the run")
        bench = Bench(config, data, models, folder, parts, offline=offline)
        style = PromptStyle.fitting(config.domain, config.raft.reasoning, data.holdout.train)
        retrieval = Retrieval(bench)
        asking = Asking(bench, retrieval, Tuning(bench, retrieval, style), style)
        asking.served.reach(on_step)
        quality = check_quality(bench)
        if on_prompts:
            on_prompts({name: asking.prompt(name) for name in config.methods})
        asking.settle()
        folder.note_test_use(f"{config.digest_of_asking()}/{data.holdout.fingerprint}")
        asked: dict[str, tuple[Asked, ...]] = {name: asking.ask(name) for name in config.methods}
        asked = score_options(bench, asking, asked)
        known = probe_knowledge(bench, asking)
        found = arrange(bench, retrieval, asked, score(bench, asked), known)
        latency = measure_latency(bench, retrieval, asking, asked)
        around = surroundings(bench, retrieval, asking, asked, latency, found)

        result, rows = summarise(config, data, found, replace(around, quality=quality))
        result = replace(result, timings=timings(folder, time.perf_counter() - start, clock.seconds))
        write_recipe(bench, retrieval, asking, asked)
        save(run_folder, result, rows, found)
        write_report(run_folder)
        tracking.finish(folder.steps, result)
    return result
