"""What a tracker is told: each point once, whatever was cut off, reused or made from something else."""

import json
import logging
from dataclasses import replace

import pytest

from lab.config import ExperimentConfig
from lab.errors import ConfigError
from lab.run_folder import StepResult
from lab.steps.bench import REAL_PARTS
from lab.tracking import open_tracking, told
from lab.tracking.summary import Grid, summary_of
from lab.tracking.told import Tracking
from lab.types import Comparison, ExperimentResult

CURVE = tuple(
    {"step": step, "epoch": step / 4, "learning_rate": 0.1 / step, "train_loss": 2.0 / step} for step in (1, 2, 3, 4)
)


class Recorder:
    """A tracker that remembers what it was told."""

    def __init__(self, fails_at=None):
        self.told, self.begun, self.ended, self.results, self.fails_at = [], [], [], [], fails_at

    def begin(self, run, settings, *, anew):
        self.begun.append((run, dict(settings), anew))

    def point(self, run, place, step, values):
        if place == self.fails_at:
            raise OSError("the disk is full\nand more")
        self.told.append((run.name, run.key, place, step, dict(values)))

    def result(self, run, summary):
        self.results.append(summary)

    def end(self, run):
        self.ended.append(run)

    def where(self):
        return "look here"


class Job:
    adapter, seed, epochs = "A", 7, 2


def config(**changes):
    return ExperimentConfig.model_validate(
        {"name": "slice", "domain": "d", "tracking": "trackio", "training": {"seeds": [7]}, **changes}
    )


@pytest.fixture
def tracked(tmp_path):
    """Makes a told as a new process would, over one run folder."""

    def make(tracker, **changes):
        return Tracking(config(**changes), tmp_path, lambda: tracker)

    return make


def training(told_up_to, curve=CURVE, error=None):
    """A stand-in for train_adapter whose curve grows point by point."""

    def train(job, generator, folder, clock, progress, on_curve=None):
        if on_curve:
            for n in range(1, told_up_to + 1):
                on_curve(curve[:n])
        if error:
            raise error
        return "report"

    return replace(REAL_PARTS, train=train)


def run(tracking, parts, folder):
    return tracking.around(parts).train(Job(), None, folder, None, None)


def step(tmp_path, key="k1", curve=CURVE, name="train-A"):
    folder = tmp_path / name / key
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps({"adapter": "A", "epochs": 2, "curve": curve}))
    return StepResult(name, key, folder, 1.0, 1.0, True)


def result(mean=0.5):
    estimate = {"mean": mean, "low": 0.4, "high": None, "n": 9, "undefined": 1}
    unknown = {"mean": None, "low": None, "high": None, "n": 0, "undefined": 10}
    comparison = Comparison("token_f1", "rag", "closed-book", 0.1, 0.0, 0.2, 0.03, None, None, 10, 5, None)
    return ExperimentResult(
        name="slice", domain="d", track="question", n_test=10, n_clusters=5, seeds=(7,), corpus={}, holdout={},
        methods={"rag": {"metrics": {"token_f1": estimate, "bleu": unknown}}}, comparisons=(comparison,),
        retrieval={}, recommendation={"choice": "rag", "clear": True, "p_best": 0.9, "reason": "a | b"}, timings={},
        environment={}, config={}, analysis={},
    )  # fmt: skip


def test_points_arrive_while_training_goes_on(tracked, tmp_path):
    tracker = Recorder()
    assert run(tracked(tracker), training(4), tmp_path / "train-A" / "k1.partial") == "report"
    assert [told[:4] for told in tracker.told] == [("train-A-seed7", "k1", place, place + 1) for place in range(4)]
    assert tracker.told[1][4] == {"epoch": 0.5, "learning_rate": 0.05, "train_loss": 1.0}
    ((opened, settings, anew),) = tracker.begun
    assert tracker.ended == [opened] and not anew
    assert (settings["adapter"], settings["seed"], settings["epochs"], settings["rank"]) == ("A", 7, 2, 16)


def test_a_run_that_was_cut_off_tells_each_point_once(tracked, tmp_path):
    tracker = Recorder()
    with pytest.raises(KeyboardInterrupt):
        run(tracked(tracker), training(3, error=KeyboardInterrupt()), tmp_path / "train-A" / "k1.partial")
    assert len(tracker.ended) == 1
    run(tracked(tracker), training(4), tmp_path / "train-A" / "k1.partial")  # from step 1 again
    last = tracked(tracker)
    last.finish([step(tmp_path)], result())
    assert [told[2] for told in tracker.told] == [0, 1, 2, 3]
    assert not any(anew for _, _, anew in tracker.begun)
    assert len(tracker.results) == 1
    tracked(tracker).finish([step(tmp_path)], result())
    assert len(tracker.told) == 4 and len(tracker.results) == 1
    tracked(tracker).finish([step(tmp_path)], result(mean=0.6))
    assert len(tracker.results) == 2


def test_a_training_that_was_reused_is_told_at_the_end(tracked, tmp_path):
    tracker = Recorder()
    tracked(tracker).finish([step(tmp_path), StepResult("index", "k", tmp_path, 0.0, 0.0, True)], result())
    assert [told[3] for told in tracker.told] == [1, 2, 3, 4]
    assert [opened.name for opened, _, _ in tracker.begun] == ["train-A-seed7", "results"]


def test_several_seeds_are_several_runs(tracked, tmp_path):
    tracker = Recorder()
    steps = [step(tmp_path, key, name=f"train-A-seed{seed}") for seed, key in ((3, "x"), (11, "y"))]
    tracked(tracker, training={"seeds": [3, 11]}).finish(steps, result())
    assert [(opened.name, settings.get("seed")) for opened, settings, _ in tracker.begun] == [
        ("train-A-seed3", 3),
        ("train-A-seed11", 11),
        ("results", None),
    ]


def test_a_training_of_other_settings_is_another_run_of_the_same_name(tracked, tmp_path):
    tracker = Recorder()
    run(tracked(tracker), training(4), tmp_path / "train-A" / "k1.partial")
    run(tracked(tracker), training(4), tmp_path / "train-A" / "k2.partial")
    assert [(opened.key, anew) for opened, _, anew in tracker.begun] == [("k1", False), ("k2", True)]
    assert len(tracker.told) == 8


def test_a_loss_that_is_no_number_is_left_out(tracked, tmp_path):
    tracker = Recorder()
    curve = ({**CURVE[0], "train_loss": float("nan")},)
    run(tracked(tracker), training(1, curve), tmp_path / "train-A" / "k1.partial")
    assert tracker.told[0][4] == {"epoch": 0.25, "learning_rate": 0.1}


@pytest.mark.parametrize("where", ["making", "telling"])
def test_a_tracker_that_fails_is_named_once_and_the_run_goes_on(where, tracked, tmp_path, caplog):
    tracker = Recorder(fails_at=1)

    def make():
        raise ImportError("no such thing")

    tracking = tracked(tracker) if where == "telling" else Tracking(config(), tmp_path, make)
    with caplog.at_level(logging.WARNING, "lab"):
        assert run(tracking, training(4), tmp_path / "train-A" / "k1.partial") == "report"
        tracking.finish([step(tmp_path)], result())
    (record,) = caplog.records
    assert "trackio failed" in record.getMessage() and record.levelno == logging.WARNING
    assert len(tracker.told) == (1 if where == "telling" else 0)
    assert tracker.results == []


def test_a_damaged_ledger_does_not_end_the_run(tracked, tmp_path, caplog):
    run(tracked(Recorder()), training(2), tmp_path / "train-A" / "k1.partial")
    (tmp_path / ".work" / "tracking" / "trackio.json").write_text("{")
    assert run(tracked(Recorder()), training(4), tmp_path / "train-A" / "k1.partial") == "report"
    assert "trackio failed" in caplog.text


def test_an_error_of_training_is_not_swallowed(tracked, tmp_path):
    with pytest.raises(ValueError, match="diverged"):
        run(tracked(Recorder()), training(1, error=ValueError("diverged")), tmp_path / "train-A" / "k1.partial")


def test_without_a_tracker_nothing_changes(tmp_path):
    tracking = open_tracking(config(tracking="none"), tmp_path)
    assert tracking.around(REAL_PARTS) is REAL_PARTS
    tracking.finish([], result())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["trackio", "tensorboard", "mlflow", "wandb"])
def test_a_missing_package_is_named_before_anything_is_written(name, tmp_path, monkeypatch):
    monkeypatch.setattr(told.importlib.util, "find_spec", lambda module: None)
    with pytest.raises(ConfigError, match=rf"{name} lacks the package {name}.*pip install.*tracking: none"):
        open_tracking(config(tracking=name), tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_summary_holds_what_the_result_holds():
    summary = summary_of(result())
    assert summary.scalars == {"token_f1/rag": 0.5, "token_f1/rag/low": 0.4}
    assert summary.tables["methods"].records() == [
        {"method": "rag", "metric": "token_f1", "mean": 0.5, "low": 0.4, "high": None, "n": 9, "undefined": 1},
        {"method": "rag", "metric": "bleu", "mean": None, "low": None, "high": None, "n": 0, "undefined": 10},
    ]
    (contrast,) = summary.tables["comparisons"].records()
    assert (contrast["method"], contrast["baseline"], contrast["difference"], contrast["p_holm"]) == (
        "rag", "closed-book", 0.1, None,
    )  # fmt: skip
    assert {"key": "choice", "value": "rag"} in summary.tables["recommendation"].records()


def test_a_cell_cannot_break_its_row():
    grid = Grid(("a", "b"), (("x | y\\", "line\nline"), (None, 0.5)))
    assert grid.markdown().splitlines()[2:] == ["| x \\| y\\\\ | line line |", "|  | 0.5 |"]


def test_tracking_does_not_count_as_asking_anew():
    assert config().digest_of_asking() == config(tracking="none").digest_of_asking()
