"""Training on a tiny model: the loss is the plain one, a cut run ends in the same weights, the base stays untouched."""

import json
import math

import pytest

pytest.importorskip("torch")

import torch
from safetensors.torch import load_file

from lab.errors import DataError, LabError, ResourceError
from lab.files import file_sha256
from lab.methods import trainer
from lab.methods.batches import collate
from lab.methods.finetune import encode_examples, intact_checkpoint, read_adapter, train_adapter
from lab.methods.trainer import AnswerTrainer
from lab.models import ModelClock


class Cut(Exception):
    """Stands for a kill."""


def train(job, generator, folder, on_progress=lambda done, total, note: None):
    folder.mkdir(exist_ok=True)
    report = train_adapter(job, generator, folder, ModelClock(), on_progress)
    return report, file_sha256(folder / "adapter_model.safetensors")


def cut_at(step):
    def on_progress(done, total, note):
        if done == step:
            raise Cut

    return on_progress


def naive_loss(model, examples):
    """Mean over all answer tokens, one unpadded sequence at a time."""
    total, count = 0.0, 0
    for item in examples:
        ids = torch.tensor([item.prompt + item.target])
        with torch.no_grad():
            scores = torch.log_softmax(model(input_ids=ids).logits[0].float(), dim=-1)
        for offset, token in enumerate(item.target):
            total -= float(scores[len(item.prompt) + offset - 1, token])
            count += 1
    return total / count


def test_labels_line_up_with_the_columns_whose_logits_are_kept(make_job, make_generator):
    encoded, _ = encode_examples(make_job().train, make_generator().tokenizer, 1024)
    batch = collate(encoded[:5], pad_id=3)
    width = batch["labels"].shape[1]
    assert len({len(item.prompt) for item in encoded[:5]}) > 1
    assert len({len(item.target) for item in encoded[:5]}) > 1
    for row, item in enumerate(encoded[:5]):
        labels = batch["labels"][row]
        answer = labels != -100
        assert labels[answer].tolist() == list(item.target)
        assert batch["input_ids"][row, -width:][answer].tolist() == list(item.target)
        real = batch["attention_mask"][row].bool()
        assert batch["input_ids"][row][real].tolist() == [*item.prompt, *item.target]
        assert batch["position_ids"][row][real].tolist() == list(range(len(item)))


def test_the_loss_is_that_of_unpadded_single_sequences(make_job, make_generator):
    generator = make_generator()
    encoded, _ = encode_examples(make_job().train, generator.tokenizer, 1024)
    model = generator.base()
    loss = AnswerTrainer.compute_loss(None, model, collate(encoded[:7], pad_id=3))
    assert loss.item() == pytest.approx(naive_loss(model, encoded[:7]), rel=1e-5)


def test_the_reported_dev_loss_is_the_mean_over_batches_of_the_plain_loss(make_job, make_generator, tmp_path):
    generator = make_generator()
    job = make_job(epochs=1)
    report, _ = train(job, generator, tmp_path / "a")
    adapter, _ = read_adapter("A", tmp_path / "a")
    dev, _ = encode_examples(job.dev, generator.tokenizer, 1024)
    model = generator._holding(adapter)
    (dev_loss,) = [point["dev_loss"] for point in report.curve if "dev_loss" in point]
    assert dev_loss == pytest.approx(naive_loss(model, dev), rel=1e-4)


def test_training_lowers_the_loss_and_reports_what_it_did(make_job, make_generator, tmp_path):
    generator = make_generator()
    job = make_job(epochs=4, learning_rate=1e-2, early_stopping=False)
    before = naive_loss(generator.base(), encode_examples(job.train, generator.tokenizer, 1024)[0])
    report, _ = train(job, generator, tmp_path / "a")
    losses = [point["train_loss"] for point in report.curve if "train_loss" in point]
    assert losses[-1] < before
    assert (report.examples, report.epochs, report.steps, report.stopped_at_step) == (12, 4, 12, 12)
    lengths = [len(item) for item in encode_examples(job.train, generator.tokenizer, 1024)[0]]
    assert report.tokens == 4 * sum(lengths)
    dev = {point["step"]: point["dev_loss"] for point in report.curve if "dev_loss" in point}
    assert sorted(dev) == [3, 6, 9, 12]
    assert report.best_step == min(dev, key=lambda step: dev[step])
    assert all(math.isfinite(loss) for loss in losses)
    assert report.trainable_parameters > 0
    assert read_adapter("A", tmp_path / "a")[1] == report


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(make_job, make_generator, tmp_path):
    _, first = train(make_job(), make_generator(), tmp_path / "a")
    _, second = train(make_job(), make_generator(), tmp_path / "b")
    _, other = train(make_job(seed=2), make_generator(), tmp_path / "c")
    assert first == second != other


@pytest.mark.parametrize("changes", [{}, {"dropout": 0.1}, {"weight_decay": 0.1, "warmup": 0.5}])
@pytest.mark.parametrize("step", [2, 4, 8])
def test_training_that_was_cut_ends_in_the_same_weights(changes, step, make_job, make_generator, tmp_path):
    job = make_job(epochs=3, **changes)
    whole, weights = train(job, make_generator(), tmp_path / "whole")
    with pytest.raises(Cut):
        train(job, make_generator(), tmp_path / "cut", cut_at(step))
    assert bool(list((tmp_path / "cut").glob("checkpoints/checkpoint-*"))) == (step > 3)
    steps_seen = []
    resumed, weights_after_cut = train(
        job, make_generator(), tmp_path / "cut", lambda done, total, note: steps_seen.append(done)
    )
    assert weights_after_cut == weights
    assert steps_seen[0] == 3 * ((step - 1) // 3) + 1
    assert (resumed.curve, resumed.best_step, resumed.tokens) == (whole.curve, whole.best_step, whole.tokens)


# At one of the high rates training stops early; which one it is depends on the processor's rounding.
@pytest.mark.parametrize(("rates", "stops"), [((1e-3,), False), ((0.3, 1.0, 3.0, 10.0), True)])
def test_a_cut_after_the_last_step_ends_in_the_same_weights(rates, stops, make_job, make_generator, tmp_path):
    """Where training stopped early, the run that goes on must not train further."""
    for rate in rates:
        job = make_job(epochs=6, learning_rate=rate)
        whole, weights = train(job, make_generator(), tmp_path / str(rate))
        if (whole.stopped_at_step < whole.steps) == stops:
            break
    assert (whole.stopped_at_step < whole.steps) == stops
    in_the_way = tmp_path / "cut" / "adapter_model.safetensors"
    in_the_way.mkdir(parents=True)
    with pytest.raises(Exception, match=r"(?i)directory"):
        train(job, make_generator(), tmp_path / "cut")
    in_the_way.rmdir()
    resumed, weights_after_cut = train(job, make_generator(), tmp_path / "cut")
    assert resumed.stopped_at_step == whole.stopped_at_step
    assert weights_after_cut == weights


@pytest.mark.parametrize("damage", ["no manifest", "half a manifest", "a changed file", "a missing file"])
def test_a_broken_checkpoint_is_ignored(damage, make_job, make_generator, tmp_path):
    job = make_job(epochs=3)
    _, weights = train(job, make_generator(), tmp_path / "whole")
    with pytest.raises(Cut):
        train(job, make_generator(), tmp_path / "cut", cut_at(8))
    newest = tmp_path / "cut" / "checkpoints" / "checkpoint-6"
    if damage == "no manifest":
        (newest / "manifest.json").unlink()
    elif damage == "half a manifest":
        (newest / "manifest.json").write_text('{"trainer_state.json": "12')
    elif damage == "a changed file":
        (newest / "optimizer.pt").write_bytes(b"nonsense")
    else:
        (newest / "adapter_model.safetensors").unlink()
    _, weights_after_cut = train(job, make_generator(), tmp_path / "cut")
    assert weights_after_cut == weights


def test_checkpoints_hold_no_pickled_arguments_and_the_newest_intact_one_is_found(make_job, make_generator, tmp_path):
    with pytest.raises(Cut):
        train(make_job(epochs=3), make_generator(), tmp_path / "cut", cut_at(8))
    checkpoints = tmp_path / "cut" / "checkpoints"
    assert not list(checkpoints.rglob("training_args.bin"))
    assert intact_checkpoint(checkpoints).name == "checkpoint-6"
    (checkpoints / "checkpoint-6" / "scheduler.pt").unlink()
    assert intact_checkpoint(checkpoints).name == "checkpoint-3"
    assert not (checkpoints / "checkpoint-6").exists()


def test_a_finished_step_holds_safetensors_and_json_alone(make_job, make_generator, tmp_path):
    report, _ = train(make_job(epochs=1), make_generator(), tmp_path / "a")
    names = sorted(path.name for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert names == ["adapter_config.json", "adapter_model.safetensors", "report.json"]
    assert json.loads((tmp_path / "a" / "report.json").read_text())["steps"] == report.steps


def test_the_base_model_is_untouched_by_training(make_job, make_generator, tmp_path):
    generator = make_generator()
    ids = torch.tensor([generator.tokenizer.encode("When does the ferry leave?")])
    with torch.no_grad():
        before = generator.base()(input_ids=ids).logits
    names = set(generator.base().state_dict())
    train(make_job(epochs=1), generator, tmp_path / "a")
    after_training = generator.base()
    assert set(after_training.state_dict()) == names
    assert not after_training.training
    with torch.no_grad():
        assert torch.equal(after_training(input_ids=ids).logits, before)


def test_the_base_model_is_untouched_by_training_that_was_cut(make_job, make_generator, tmp_path):
    generator = make_generator()
    names = set(generator.base().state_dict())
    with pytest.raises(Cut):
        train(make_job(epochs=1), generator, tmp_path / "a", cut_at(2))
    assert set(generator.base().state_dict()) == names
    _, whole = train(make_job(epochs=1), make_generator(), tmp_path / "b")
    _, again = train(make_job(epochs=1), generator, tmp_path / "a")
    assert whole == again


def test_a_second_adapter_does_not_depend_on_the_first(make_job, make_generator, tmp_path):
    job_b = make_job("B", epochs=1, seed=3)
    _, alone = train(job_b, make_generator(), tmp_path / "alone")
    generator = make_generator()
    train(make_job("A", epochs=1), generator, tmp_path / "a")
    adapter, _ = read_adapter("A", tmp_path / "a")
    generator.generate(["hello"], adapter, max_new_tokens=2, request="r")
    _, second = train(job_b, generator, tmp_path / "b")
    assert second == alone


def test_long_examples_are_dropped_and_named(make_job, make_generator, tmp_path):
    generator = make_generator()
    lengths = {
        item.question_id: len(encode_examples([item], generator.tokenizer, 10_000)[0][0]) for item in make_job().train
    }
    limit = sorted(set(lengths.values()))[-2]
    report, _ = train(make_job(epochs=1, max_tokens=limit), generator, tmp_path / "a")
    assert report.dropped_too_long == tuple(name for name, length in lengths.items() if length > limit)
    assert report.examples == 12 - len(report.dropped_too_long) < 12
    with pytest.raises(DataError, match=r"all 12 examples are longer than training\.max_tokens = 32"):
        train(make_job(max_tokens=32), generator, tmp_path / "b")


def test_training_without_dev_questions_keeps_the_last_step(make_job, make_generator, tmp_path):
    report, _ = train(make_job(n_dev=0), make_generator(), tmp_path / "a")
    assert report.best_step == report.stopped_at_step == report.steps == 6


def test_training_that_diverges_is_an_error(make_job, make_generator, tmp_path):
    with pytest.raises(LabError, match=r"training A diverged: the loss at step \d is not a number"):
        train(make_job(learning_rate=1e6), make_generator(), tmp_path / "a")
    assert not (tmp_path / "a" / "adapter_model.safetensors").exists()


def test_memory_that_runs_out_is_said_plainly(make_job, make_generator, tmp_path):
    def out_of_memory(done, total, note):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(ResourceError, match=r"lower training\.batch_size"):
        train(make_job(), make_generator(), tmp_path / "a", out_of_memory)


@pytest.mark.parametrize("most", [1, 40, 90, 10_000])
def test_parts_of_a_batch_train_as_the_whole(most, make_job, make_generator, tmp_path, monkeypatch):
    job = make_job(epochs=1)
    expected, _ = train(job, make_generator(), tmp_path / "whole")
    monkeypatch.setitem(trainer.PART_TOKENS, "cpu", most)
    parted, _ = train(job, make_generator(), tmp_path / "parts")
    assert [point["step"] for point in parted.curve] == [point["step"] for point in expected.curve]
    for one, other in zip(parted.curve, expected.curve, strict=True):
        assert one == pytest.approx(other, rel=1e-4)
    weights, parted_weights = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("whole", "parts"))
    for name, value in weights.items():
        torch.testing.assert_close(parted_weights[name], value, rtol=0, atol=1e-4)


def test_parts_drop_the_padding_that_their_rows_share():
    mask = torch.tensor([[0, 0, 1, 1, 1], [0, 1, 1, 1, 1], [1, 1, 1, 1, 0]])
    batch = {"input_ids": torch.arange(15).view(3, 5), "attention_mask": mask, "labels": torch.zeros(3, 2)}
    first, second = trainer.split_batch(batch, 10)
    assert first["input_ids"].tolist() == [[1, 2, 3, 4], [6, 7, 8, 9]]
    assert second["input_ids"].tolist() == [[10, 11, 12, 13, 14]]
    assert first["labels"].shape == (2, 2)
