"""A whole run in TensorBoard: the same steps and results as without, the curve of the report, also for reused steps."""

import json

import pytest
from small_world import comparable, write_slice

pytest.importorskip("torch")
pytest.importorskip("tensorboard")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from lab.config import load_config
from lab.experiment import run_experiment

pytestmark = [
    pytest.mark.models,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def experiment(tiny_model, tmp_path_factory):
    """One tuned method, two seeds, the tiny model."""
    return write_slice(
        tmp_path_factory.mktemp("slice"),
        5,
        holdout={"track": "wording", "limit_train": 12, "limit_dev": 4, "limit_test": 4},
        index={"passage_tokens": 24, "overlap": 4, "k": 2},
        generator={"model": str(tiny_model), "few_shot": 0, "max_new_tokens": 64, "device": "cpu"},
        methods=["closed-book", "fine-tuned"],
        training={"epochs": 2, "batch_size": 4, "rank": 4, "max_tokens": 2048, "seeds": [1, 2]},
    )


def run(experiment, folder, tracking):
    events = []
    config = load_config(experiment, [f"tracking={tracking}"])
    result = run_experiment(config, run_folder=folder, on_step=events.append, offline=True)
    return result, {event.step: event.state for event in events}


@pytest.fixture(scope="module")
def both(experiment, tmp_path_factory):
    """(run folder, result) without and with a tracker."""
    import torch

    torch.set_num_threads(1)
    made = {}
    for tracking in ("none", "tensorboard"):
        folder = tmp_path_factory.mktemp(tracking) / "out"
        made[tracking] = folder, run(experiment, folder, tracking)[0]
    return made


def read(folder, name):
    loaded = EventAccumulator(
        str(folder / ".work" / "tracking" / "tensorboard" / "slice" / name), size_guidance={"scalars": 0}
    )
    loaded.Reload()
    return {tag: [(one.step, one.value) for one in loaded.Scalars(tag)] for tag in loaded.Tags()["scalars"]}


def curve_of(record):
    found = {}
    for point in record["curve"]:
        for tag, value in point.items():
            if tag != "step":
                found.setdefault(tag, []).append((point["step"], pytest.approx(value, rel=1e-6, abs=1e-12)))
    return found


def test_a_tracked_run_is_the_untracked_one(both):
    (plain, _), (tracked, _) = both["none"], both["tensorboard"]
    trees = [comparable(folder / "results.json") for folder in (plain, tracked)]
    assert [tree["config"].pop("tracking") for tree in trees] == ["none", "tensorboard"]
    assert trees[0] == trees[1]
    keys = [
        {path.parent.name: path.name for path in (folder / ".work").glob("*/*") if (path / "manifest.json").is_file()}
        for folder in (plain, tracked)
    ]
    assert keys[0] == keys[1] and {"train-A-seed1", "train-A-seed2"} <= set(keys[0])
    assert not (plain / ".work" / "tracking").exists()


def test_the_curves_and_the_table_are_those_of_the_result(both):
    folder, result = both["tensorboard"]
    records = result.methods["fine-tuned"]["training_by_seed"]
    assert [record["seed"] for record in records] == [1, 2]
    assert {key: value for key, value in records[0].items() if key != "seed"} == result.methods["fine-tuned"][
        "training"
    ]
    for record in records:
        assert record["planned_steps"] == 2 * 3 and record["early_stopping_reads"] == "dev_loss"
        assert record["stopped_early"] == (record["stopped_at_step"] < 6)
        assert read(folder, f"train-A-seed{record['seed']}") == curve_of(record)
    table = read(folder, "results")
    for method, values in result.methods.items():
        for metric, estimate in values["metrics"].items():
            expected = [] if estimate["mean"] is None else [(0, pytest.approx(estimate["mean"], rel=1e-6))]
            assert table.get(f"{metric}/{method}", []) == expected


def test_a_tracker_that_comes_later_is_told_of_what_was_done_before(both, experiment):
    folder, _ = both["none"]
    result, states = run(experiment, folder, "tensorboard")
    assert {state for step, state in states.items() if step != "hardware"} == {"reused"}
    for record in result.methods["fine-tuned"]["training_by_seed"]:
        assert read(folder, f"train-A-seed{record['seed']}") == curve_of(record)
    files = sorted(str(path) for path in (folder / ".work" / "tracking").rglob("*"))
    run(experiment, folder, "tensorboard")
    assert sorted(str(path) for path in (folder / ".work" / "tracking").rglob("*")) == files
    assert json.loads((folder / "results.json").read_text())["environment"]["test_asked"] == 1


def test_a_run_that_was_stopped_in_training_and_went_on_is_the_same(both, experiment, tmp_path):
    def stop(event):
        if event.step == "train-A-seed2" and event.done == 2:
            raise KeyboardInterrupt

    config = load_config(experiment, ["tracking=tensorboard"])
    with pytest.raises(KeyboardInterrupt):
        run_experiment(config, run_folder=tmp_path / "out", on_step=stop, offline=True)
    assert not (tmp_path / "out" / "results.json").exists()
    assert list((tmp_path / "out").glob(".work/train-A-seed2/*.partial/checkpoints/checkpoint-2/manifest.json"))
    result, states = run(experiment, tmp_path / "out", "tensorboard")
    assert states["train-A-seed1"] == "reused"
    folder, _ = both["tensorboard"]
    assert comparable(tmp_path / "out" / "results.json") == comparable(folder / "results.json")
    for record in result.methods["fine-tuned"]["training_by_seed"]:
        assert read(tmp_path / "out", f"train-A-seed{record['seed']}") == curve_of(record)
