"""What a run will cost on two CPU cores: rough, from rates measured with the embedded generator.

A rate falls with the number of parameters; caches, other processors and GPUs are not modelled.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

SAFETENSORS_HEADER = struct.Struct("<Q")  # the file's first 8 bytes: length of the JSON header
LIBRARIES_BYTES = 700_000_000  # resident size of a process that has imported torch and transformers
ACTIVATION_FACTOR = 34  # 16-bit bytes a token, layer and hidden unit (Korthikanti et al. 2022, equation 1)


@dataclass(frozen=True, slots=True)
class ModelSize:
    """What a model's cost depends on."""

    parameters: int
    hidden: int
    layers: int


@dataclass(frozen=True, slots=True)
class Rates:
    """Two CPU cores, `MEASURED_ON` parameters: tokens per second, and seconds of a decoding step.

    A step of n prompts takes `decode_step` for reading the weights and n times `decode_row` for keys and values.
    """

    train: float
    prefill: float
    decode_step: float
    decode_row: float


MEASURED_ON = ModelSize(parameters=134_515_008, hidden=576, layers=30)
RATES: Mapping[str, Rates] = {
    "bfloat16": Rates(train=700.0, prefill=2000.0, decode_step=0.03, decode_row=0.001),
    "float32": Rates(train=200.0, prefill=500.0, decode_step=0.1, decode_row=0.007),
}
BYTES: Mapping[str, int] = {"bfloat16": 2, "float32": 4}


@dataclass(frozen=True, slots=True)
class Workload:
    """What a run does. `train_batch` is the tokens whose activations are held at a time.

    `decode_steps` counts batches times tokens, `decode_rows` answers times tokens. Where labels are scored as options,
    `option_tokens` are those of the prompts, read once more; `option_steps` and `option_rows` count batches and prompts
    times labels.
    """

    embed_tokens: int
    train_tokens: int
    prefill_tokens: int
    decode_steps: int
    decode_rows: int
    train_batch: int
    vectors: int
    dimensions: int
    option_tokens: int = 0
    option_steps: int = 0
    option_rows: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds and bytes, by part."""

    seconds: Mapping[str, float]
    memory: Mapping[str, int]


def estimate(work: Workload, generator: ModelSize, encoder: ModelSize, dtype: str) -> Cost:
    """Seconds = tokens / rate * parameters / measured parameters; memory while training, the largest phase."""
    rates, width = RATES[dtype], BYTES[dtype]
    slower = generator.parameters / MEASURED_ON.parameters
    seconds = {
        "embed": work.embed_tokens / rates.prefill * encoder.parameters / MEASURED_ON.parameters,
        "train": work.train_tokens / rates.train * slower,
        "read prompts": work.prefill_tokens / rates.prefill * slower,
        "write answers": (work.decode_steps * rates.decode_step + work.decode_rows * rates.decode_row) * slower,
    }
    if work.option_tokens:
        steps = work.option_steps * rates.decode_step + work.option_rows * rates.decode_row
        seconds["score options"] = (work.option_tokens / rates.prefill + steps) * slower
    return Cost(
        seconds=seconds,
        memory={
            "libraries": LIBRARIES_BYTES,
            "weights": generator.parameters * width + encoder.parameters * width,
            "activations": work.train_batch * generator.hidden * generator.layers * ACTIVATION_FACTOR * width // 2,
            "index": work.vectors * work.dimensions * 4,
        },
    )


def model_size(folder: Path) -> ModelSize | None:
    """Size of a model in a folder, from config.json and the headers of its safetensors files; None if they are not."""
    files = sorted(folder.glob("*.safetensors"))
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        parameters = sum(_parameters(file) for file in files)
        size = ModelSize(parameters, int(config["hidden_size"]), int(config["num_hidden_layers"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error):
        return None
    return size if size.parameters else None


def _parameters(file: Path) -> int:
    with file.open("rb") as stream:
        (length,) = SAFETENSORS_HEADER.unpack(stream.read(SAFETENSORS_HEADER.size))
        if length > file.stat().st_size:
            raise ValueError(f"{file}: the header is longer than the file")
        header = json.loads(stream.read(length))
    return sum(prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
