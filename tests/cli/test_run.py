"""`lab run` from start to end with models of a few thousand parameters, then again, then after a change."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.cli import main
from lab.config import load_config
from lab.steps.plan import planned_steps


def steps_of(log: str, state: str) -> list[str]:
    return re.findall(rf"^\S+Z (\S+): {state}\b", log, flags=re.MULTILINE)


@pytest.mark.usefixtures("one_thread")
def test_a_run_its_repetition_and_a_change(
    world: Any, lab: Callable[..., Any], tiny_model: Path, tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.folder)
    world.config["index"] = {"encoder": str(tiny_encoder), "passage_tokens": 32, "overlap": 8, "k": 2}
    world.config["generator"] = {"model": str(tiny_model), "device": "cpu", "dtype": "float32", "few_shot": 0}
    world.config["methods"] = ["closed-book", "rag", "fine-tuned", "raft"]
    world.config["training"] = {"epochs": 1, "max_tokens": 1500}
    world.config["holdout"] = {"test": 0.2, "dev": 0.1, "limit_train": 8, "limit_dev": 2, "limit_test": 3}
    world.write()
    out = world.folder / "reports" / "toy"

    first = lab("run", world.folder, "--show-prompts")
    assert (first.code, first.err) == (0, "")
    lines = first.out.splitlines()
    assert lines[0].startswith("hardware: cpu, float32 (")
    assert f"report: {Path('reports') / 'toy' / 'report.html'}" in lines
    assert "0 of " in first.out and "recommendation: " in first.out
    methods = json.loads((out / "results.json").read_text())["methods"]
    assert [line.split()[0] for line in lines if re.match(r"  \S+ +[01]\.\d{2,3} \[", line)] == list(methods)
    before_training = first.out.partition("train-A: running")[0]
    assert [before_training.count(f"--- prompt of {name} ---") for name in methods] == [1] * len(methods)

    log = (out / "run.log").read_text()
    assert steps_of(log, "running") == list(planned_steps(load_config(world.file)))
    assert log.endswith("Z finished\n")

    again = lab("run", world.file, "--out", out)
    assert again.code == 0
    assert "all steps were reused" in again.out
    assert "running" not in again.out

    changed = lab("run", world.file, "--out", out, "--set", "generator.batch_size=2", "--set", "methods=[rag, oracle]")
    assert changed.code == 0
    assert re.search(r"^answer-rag: running, changed: .*batch_size", changed.out, flags=re.MULTILINE)
    assert re.search(r"^index: reused", changed.out, flags=re.MULTILINE)

    (out / "report.html").unlink()
    rendered = lab("report", out)
    assert rendered.code == 0
    assert str(out / "report.html") in rendered.out.splitlines()
    assert all(Path(line).is_file() for line in rendered.out.splitlines()[:2])


def test_a_mistake_found_after_some_steps_keeps_these_and_no_results(
    world: Any, lab: Callable[..., Any], tiny_model: Path, tiny_encoder: Path
) -> None:
    world.config["index"]["encoder"] = str(tiny_encoder)
    world.config["generator"] = {"model": str(tiny_model), "device": "cpu", "few_shot": 0, "max_new_tokens": 1}
    world.write()
    outcome = lab("run", world.file, "--out", world.out)
    assert outcome.code == 2
    assert outcome.err.startswith("error: generator.max_new_tokens: 1 would cut ")
    assert "index: done" in outcome.out
    assert sorted(path.name for path in world.out.iterdir()) == [".work", "run.log"]
    assert "Z error: generator.max_new_tokens: 1 would cut " in (world.out / "run.log").read_text().splitlines()[-1]


def test_a_model_that_cannot_be_loaded_leaves_nothing(world: Any, lab: Callable[..., Any]) -> None:
    world.write()
    outcome = lab("run", world.file, "--out", world.out)
    assert outcome.code == 2
    assert f"error: {world.config['index']['encoder']}: not usable as a sentence encoder" in outcome.err
    assert outcome.err.count("error:") == 1
    assert not world.out.parent.exists()


def test_unexpected_faults_keep_their_traceback(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write()

    def broken(path: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(shutil, "disk_usage", broken)
    with pytest.raises(ZeroDivisionError):
        main(["run", str(world.file), "--out", str(world.out)])


def test_interrupted(world: Any, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    world.write()

    def interrupted(path: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "disk_usage", interrupted)
    outcome = lab("run", world.file, "--out", world.out)
    assert outcome.code == 130
    assert outcome.err == f"stopped; run the same command again to go on:\n  lab run {world.file} --out {world.out}\n"
