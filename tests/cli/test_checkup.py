"""What `lab check` counts and estimates."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.checkup import check_up
from lab.config import load_config
from lab.estimate import MEASURED_ON, ModelSize, Workload, estimate, model_size

WORK = Workload(
    embed_tokens=1000, train_tokens=70_000, prefill_tokens=20_000, decode_steps=100, decode_rows=2000, train_batch=1000,
    vectors=10, dimensions=4,
)  # fmt: skip


def save_safetensors(path: Path, **shapes: list[int]) -> None:
    """A file with tensors of zeros, written byte by byte as its format says."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        size = 2
        for length in shape:
            size *= length
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))


def test_time_follows_the_measured_rates_and_the_size() -> None:
    cost = estimate(WORK, MEASURED_ON, MEASURED_ON, "bfloat16")
    assert cost.seconds == pytest.approx({"embed": 0.5, "train": 100.0, "read prompts": 10.0, "write answers": 5.0})
    twice = replace(MEASURED_ON, parameters=2 * MEASURED_ON.parameters)
    assert estimate(WORK, twice, MEASURED_ON, "bfloat16").seconds["train"] == pytest.approx(200.0)
    assert estimate(WORK, MEASURED_ON, MEASURED_ON, "float32").seconds["train"] == pytest.approx(350.0)


def test_memory_by_part() -> None:
    memory = estimate(WORK, ModelSize(1000, 8, 2), ModelSize(10, 8, 1), "float32").memory
    assert memory["weights"] == 4040
    assert memory["activations"] == 1000 * 8 * 2 * 68
    assert memory["index"] == 160


def test_parameters_are_counted_from_the_headers_alone(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"hidden_size": 3, "num_hidden_layers": 2}')
    assert model_size(tmp_path) is None, "no weights"
    save_safetensors(tmp_path / "a.safetensors", first=[3, 4], second=[])
    save_safetensors(tmp_path / "b.safetensors", third=[5])
    assert model_size(tmp_path) == ModelSize(parameters=12 + 1 + 5, hidden=3, layers=2)
    (tmp_path / "b.safetensors").write_bytes(b"\xff" * 20)
    assert model_size(tmp_path) is None, "no header that can be read"


def test_check_shows_what_was_counted(world: Any, lab: Callable[..., Any], toy_models: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text('{"hidden_size": 3, "num_hidden_layers": 2}')
    save_safetensors(model / "model.safetensors", first=[1000, 1000])
    world.config["generator"]["model"] = str(model)
    world.write()
    shown = lab("check", world.file).out
    assert "documents         6\n" in shown
    assert "questions         48 (span 48)\n" in shown
    assert "cut in two        " in shown and " of 48 pieces of evidence; 0 questions have none\n" in shown
    assert "track question\n" in shown
    assert "leaks             exact 0, near 0" in shown
    assert "knowledge parity" in shown and "power" in shown
    assert f"not estimated: {toy_models / 'encoder'}" in shown


def test_more_passages_in_the_prompt_are_more_tokens_and_more_work(world: Any) -> None:
    world.write()
    few = check_up(load_config(world.file, ["index.k=1"]), offline=True)
    many = check_up(load_config(world.file, ["index.k=4"]), offline=True)
    assert few.prompt_tokens["closed-book"] == many.prompt_tokens["closed-book"]
    assert few.prompt_tokens["rag"].median < many.prompt_tokens["rag"].median
    assert few.work.train_tokens < many.work.train_tokens
    assert few.detectable == many.detectable
    assert few.passage_tokens.max <= 32


def test_untuned_methods_alone_train_nothing(world: Any) -> None:
    world.write()
    overrides = ["methods=[rag]", "generator.few_shot=0", "generator.max_new_tokens=10", "index.retrieval=bm25"]
    found = check_up(load_config(world.file, overrides), offline=True)
    asked = len(found.data.holdout.test)
    assert asked <= 64, "one batch"
    assert (found.work.train_tokens, found.work.train_batch, found.work.vectors) == (0, 0, 0)
    assert found.work.embed_tokens == 0, "words are counted, not embedded"
    dense = check_up(load_config(world.file, [*overrides[:-1], "index.retrieval=dense"]), offline=True).work
    assert dense.embed_tokens > 0 and dense.vectors > 0
    assert (found.work.decode_steps, found.work.decode_rows) == (10, asked * 10)
    assert set(found.prompt_tokens) == {"rag"}
