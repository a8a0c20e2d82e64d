"""A stop that the user asks for loses no step and leaves no trace in the weights or the curve."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("torch")

from lab.files import file_sha256
from lab.methods.finetune import intact_checkpoint, read_adapter, train_adapter
from lab.models import ModelClock

STEPS_PER_EPOCH = 10


@pytest.fixture(scope="session")
def make_long_job(make_job):
    """Makes a job of ten steps an epoch."""

    def make(**changes):
        job = make_job(**{"epochs": 3, "batch_size": 1, **changes})
        return replace(job, train=job.train[:STEPS_PER_EPOCH])

    return make


@pytest.fixture
def every_third_step(monkeypatch):
    """Logs every third step, so that epochs (ten steps) and stops fall between two points of the curve."""
    from lab.methods import trainer

    original = trainer.TrainingArguments
    monkeypatch.setattr(trainer, "TrainingArguments", lambda **given: original(**{**given, "logging_steps": 3}))


def train(job, generator, folder, on_progress=lambda done, total, note: None):
    folder.mkdir(exist_ok=True)
    report = train_adapter(job, generator, folder, ModelClock(), on_progress)
    assert read_adapter("A", folder)[1] == report
    return replace(report, seconds=0.0), file_sha256(folder / "adapter_model.safetensors")


def stop_after(step, seen):
    def on_progress(done, total, note):
        seen.append(done)
        if done == step:
            raise KeyboardInterrupt

    return on_progress


def stop(job, generator, folder, step):
    """Stops after a step; returns the steps that were taken."""
    seen = []
    with pytest.raises(KeyboardInterrupt):
        train(job, generator, folder, stop_after(step, seen))
    assert intact_checkpoint(folder / "checkpoints").name == f"checkpoint-{step}"
    assert not (folder / "adapter_model.safetensors").exists()
    return seen


@pytest.mark.parametrize("step", [1, 4, 10, 17, 20, 30])
def test_a_stopped_training_goes_on_from_its_step_and_ends_the_same(
    step, every_third_step, make_long_job, make_generator, tmp_path
):
    job = make_long_job(dropout=0.1)
    whole, weights = train(job, make_generator(), tmp_path / "whole")
    assert stop(job, make_generator(), tmp_path / "stopped", step) == list(range(1, step + 1))
    seen = []
    resumed, resumed_weights = train(job, make_generator(), tmp_path / "stopped", stop_after(None, seen))
    assert seen == list(range(step + 1, 31))
    assert resumed_weights == weights
    assert resumed == whole


def test_many_stops_are_as_none(every_third_step, make_long_job, make_generator, tmp_path):
    job = make_long_job(weight_decay=0.1, warmup=0.5)
    whole, weights = train(job, make_generator(), tmp_path / "whole")
    seen = []
    for step in (2, 3, 9, 10, 11, 19, 25, 29):
        seen += stop(job, make_generator(), tmp_path / "stopped", step)
        kept = {path.name for path in (tmp_path / "stopped" / "checkpoints").iterdir()}
        assert len(kept) <= 2
    assert seen == list(range(1, 30))
    assert train(job, make_generator(), tmp_path / "stopped") == (whole, weights)


def early_stopping_job(make_long_job, make_generator, tmp_path):
    """A job that dev loss ends early; which rate does it depends on the processor's rounding."""
    for rate in (0.03, 0.1, 0.3, 1.0):
        job = make_long_job(epochs=6, learning_rate=rate)
        whole, weights = train(job, make_generator(), tmp_path / f"rate-{rate}")
        if whole.stopped_early and whole.best_step > 0:
            return job, whole, weights
    raise AssertionError("no rate makes dev loss rise")


def test_a_stop_at_or_before_the_early_stop_changes_nothing(every_third_step, make_long_job, make_generator, tmp_path):
    job, whole, weights = early_stopping_job(make_long_job, make_generator, tmp_path)
    assert whole.early_stopping_reads == "dev_loss"
    last = whole.stopped_at_step
    assert whole.best_step == last - STEPS_PER_EPOCH < whole.steps
    for step in (whole.best_step, whole.best_step + 1, last - 1, last):
        folder = tmp_path / f"stopped-{step}"
        stop(job, make_generator(), folder, step)
        seen = []
        assert train(job, make_generator(), folder, stop_after(None, seen)) == (whole, weights)
        assert seen == list(range(step + 1, last + 1))


def test_a_stop_is_not_taken_for_an_early_stop(make_long_job, make_generator, tmp_path):
    job = make_long_job(epochs=1)
    stop(job, make_generator(), tmp_path / "a", 4)
    state = json.loads((tmp_path / "a" / "checkpoints" / "checkpoint-4" / "trainer_state.json").read_text())
    assert state["stateful_callbacks"]["TrainerControl"]["args"]["should_training_stop"] is False
    report, _ = train(job, make_generator(), tmp_path / "a")
    assert (report.stopped_at_step, report.steps, report.stopped_early) == (10, 10, False)


def test_a_folder_moved_between_two_processes_keeps_its_best_step(make_long_job, make_generator, tmp_path):
    job, whole, weights = early_stopping_job(make_long_job, make_generator, tmp_path)
    stop(job, make_generator(), tmp_path / "here", whole.stopped_at_step)
    (tmp_path / "here").rename(tmp_path / "there")
    assert train(job, make_generator(), tmp_path / "there") == (whole, weights)


def test_points_tell_epoch_and_the_learning_rate_of_their_step(make_long_job, make_generator, tmp_path):
    """Linear warm-up over round(0.2 * 30) = 6 steps to the peak, then down to 0 at step 30; step 1 has rate 0."""
    report, _ = train(make_long_job(warmup=0.2, learning_rate=2e-3), make_generator(), tmp_path / "a")
    assert (report.steps, report.stopped_early) == (30, False)

    def rate(step):
        done = step - 1
        return 2e-3 * (done / 6 if done < 6 else (30 - done) / 24)

    assert {point["step"] for point in report.curve} == set(range(1, 31))
    for point in report.curve:
        assert point["epoch"] == pytest.approx(point["step"] / 10)
        assert point["learning_rate"] == pytest.approx(rate(point["step"]), abs=1e-12)
        assert ("train_loss" in point) != ("dev_loss" in point)
    assert max(point["learning_rate"] for point in report.curve) == pytest.approx(report.learning_rate)


def test_without_dev_questions_nothing_reads_a_score(make_long_job, make_generator, tmp_path):
    report, _ = train(make_long_job(epochs=1, n_dev=0), make_generator(), tmp_path / "a")
    assert report.early_stopping_reads is None
    assert not report.stopped_early
