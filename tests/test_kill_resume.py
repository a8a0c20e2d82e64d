"""Runs killed in the middle of training and of answering end in the results of a run that nobody killed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_world import comparable, write_slice

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[1]
PATIENCE_S = 120


@pytest.fixture(scope="module")
def experiment(tiny_model, tmp_path_factory):
    """An experiment whose generator is the tiny model: many steps, each a few milliseconds."""
    return write_slice(
        tmp_path_factory.mktemp("slice"),
        5,
        holdout={"track": "wording", "limit_train": 12, "limit_dev": 4, "limit_test": 6},
        index={"passage_tokens": 24, "overlap": 4, "k": 2},
        generator={"model": str(tiny_model), "few_shot": 0, "max_new_tokens": 64, "batch_size": 1, "device": "cpu"},
        methods=["closed-book", "rag", "raft"],
        training={"epochs": 8, "batch_size": 4, "rank": 4, "max_tokens": 2048, "early_stopping": False},
    )


def start(experiment, out):
    command = [sys.executable, "-m", "lab", "run", str(experiment), "--out", str(out), "--offline"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(experiment, out):
    process = start(experiment, out)
    printed, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, printed
    return printed


def kill_when(experiment, out, reached):
    """Start a run and send SIGKILL as soon as `reached()`."""
    process = start(experiment, out)
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "the run never came to the point where it was to be killed"
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert not (out / "results.json").exists(), "the kill came too late to test anything"


@pytest.fixture(scope="module")
def unbroken(experiment, tmp_path_factory):
    out = tmp_path_factory.mktemp("unbroken") / "out"
    finish(experiment, out)
    return out


def texts(out):
    rows = [json.loads(line) for line in (out / "answers.jsonl").read_text().split("\n") if line]
    return {(row["question_id"], row["method"]): (row["raw"], row["tokens"]) for row in rows}


def test_killed_in_training_after_a_checkpoint(experiment, unbroken, tmp_path):
    out = tmp_path / "out"
    pattern = ".work/train-B/*.partial/checkpoints/checkpoint-*/manifest.json"
    kill_when(experiment, out, lambda: any(out.glob(pattern)))
    assert list(out.glob(pattern))
    finish(experiment, out)
    assert comparable(out / "results.json") == comparable(unbroken / "results.json")
    assert texts(out) == texts(unbroken)


def test_killed_again_and_again_while_answering(experiment, unbroken, tmp_path):
    out = tmp_path / "out"
    store = out / ".work" / "generations.jsonl"

    def lines():
        return store.read_bytes().count(b"\n") if store.is_file() else 0

    for target in (2, 9):
        assert lines() < target
        kill_when(experiment, out, lambda target=target: lines() >= target)
        assert list(out.glob(".work/answer-*/*.partial"))
    finish(experiment, out)
    assert comparable(out / "results.json") == comparable(unbroken / "results.json")
    assert texts(out) == texts(unbroken)
    assert len({json.loads(line)["key"] for line in store.read_text().splitlines()}) == lines()
