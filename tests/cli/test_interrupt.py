"""Ctrl-C and SIGTERM end a run at the end of a shard; the command that is printed ends it as if nothing had been."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_world import comparable, write_slice

from lab.terminal.stopping import MESSAGE

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120


@pytest.fixture(scope="module")
def experiment(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answers and optimizer steps of a few milliseconds each."""
    return write_slice(
        tmp_path_factory.mktemp("slice"),
        5,
        holdout={"track": "wording", "limit_train": 12, "limit_dev": 4, "limit_test": 6},
        index={"passage_tokens": 24, "overlap": 4, "k": 2},
        generator={"model": str(tiny_model), "few_shot": 0, "max_new_tokens": 64, "batch_size": 1, "device": "cpu"},
        methods=["closed-book", "rag", "raft"],
        training={"epochs": 8, "batch_size": 4, "rank": 4, "max_tokens": 2048, "early_stopping": False},
    )


def start(command: list[str]) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(experiment: Path, out: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "lab", "run", str(experiment), "--out", str(out), "--offline", *options]


@pytest.fixture(scope="module")
def unbroken(experiment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unbroken") / "out"
    process = start(run(experiment, out))
    printed = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, printed
    return out


def signalled(command: list[str], number: signal.Signals, reached: Callable[[], bool]) -> subprocess.Popen[str]:
    process = start(command)
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the run never came to the point where it was to be stopped"
        time.sleep(0.002)
    process.send_signal(number)
    return process


def answered(out: Path) -> int:
    store = out / ".work" / "generations.jsonl"
    return store.read_bytes().count(b"\n") if store.is_file() else 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_while_answering(
    experiment: Path, unbroken: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "out with a space"
    process = signalled(run(experiment, out, "--fresh"), number, lambda: answered(out) >= 3)
    printed, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code, told
    first, stopped, again = told.strip().splitlines()
    assert (first, stopped) == (MESSAGE, "stopped; run the same command again to go on:")
    assert "Traceback" not in printed + told
    assert not (out / "results.json").exists()
    log = (out / "run.log").read_text().splitlines()
    assert log[-1].endswith(f"stopped: {number.name}")
    assert any(": stopped, goes on from here" in line for line in log)
    before = answered(out)

    words = shlex.split(again)
    assert words[1:] == ["-m", "lab", "run", str(experiment), "--out", str(out), "--offline"], "--fresh would forget"
    process = start([sys.executable, *words[1:]])
    printed, told = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, told) == (0, "")
    assert "resumed, goes on where it was cut off" in printed
    assert comparable(out / "results.json") == comparable(unbroken / "results.json")
    assert answered(out) >= before


def test_stopped_in_training_as_json(experiment: Path, unbroken: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = run(experiment, out, "--json-logs")
    log = out / "run.log"
    process = signalled(
        command, signal.SIGINT, lambda: log.is_file() and "train-B: running, first time" in log.read_text()
    )
    printed, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, told
    events = [json.loads(line) for line in printed.splitlines()]
    assert events[-1]["event"] == "stopped"
    assert events[-2]["step"].startswith(("train-B", "answer-raft"))  # a fast machine may have ended the training

    process = start(command)
    printed, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, told
    events = [json.loads(line) for line in printed.splitlines()]
    result = json.loads((out / "results.json").read_text())
    assert (events[-1]["event"], events[-1]["choice"]) == ("result", result["recommendation"]["choice"])
    assert {"hardware", "step", "progress", "result"} <= {event["event"] for event in events}
    assert comparable(out / "results.json") == comparable(unbroken / "results.json")


def test_quiet_prints_where_the_report_lies_and_no_more(experiment: Path, unbroken: Path) -> None:
    process = start(run(experiment, unbroken, "--quiet"))
    printed, told = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, told) == (0, "")
    assert printed == f"report: {unbroken / 'report.html'}\n"
