"""Where and with what a run was made. No folders of this machine, no environment variables."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from typing import Any

from lab.config import ExperimentConfig
from lab.endpoint_config import shown_model
from lab.models import EMBEDDED
from lab.steps.asking import Asking
from lab.steps.bench import Bench
from lab.steps.traffic import server_of

LIBRARIES = (
    "torch", "transformers", "peft", "accelerate", "datasets", "sentence-transformers", "faiss-cpu", "bm25s",
    "ir-measures", "rouge-score", "sacrebleu", "numpy", "scipy",
)  # fmt: skip


def describe_environment(bench: Bench, asking: Asking) -> dict[str, Any]:
    """What a reader needs to repeat the run: hardware, versions, models, settings chosen by the run itself."""
    hardware, shown = bench.models.hardware, portable(bench.config)
    return {
        **_machine(),
        "gpu": hardware.reason if hardware.device == "cuda" else None,
        "device": hardware.device,
        "dtype": hardware.dtype,
        "dtype_reason": hardware.reason,
        "libraries": _versions(),
        "generator": shown["generator"]["model"],
        "encoder": shown["index"]["encoder"],
        "weights_note": bench.models.generator_files.note,
        "few_shot": asdict(asking.few_shot),
        "max_new_tokens": asking.max_new_tokens,
        "test_asked": bench.folder.test_uses,
        **_endpoint(bench.config),
    }


def _endpoint(config: ExperimentConfig) -> dict[str, Any]:
    """The server that answered beside the run's own methods, and its model as it was named; nothing without one."""
    found = config.generator.endpoint
    return {"endpoint": {"model": shown_model(found.model), "server": server_of(found)}} if found else {}


def describe_scoring() -> dict[str, Any]:
    """Where answers that other systems gave were scored."""
    return {**_machine(), "libraries": _versions()}


def _machine() -> dict[str, Any]:
    return {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
    }


def _versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def _cpu_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - not a file of the run
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def portable(config: ExperimentConfig) -> dict[str, Any]:
    """The resolved config without the folders of this machine."""
    resolved = config.resolved()
    data = resolved["corpus"]["path"]
    if os.path.isabs(data):  # noqa: PTH117 - text, not a file; else an id of the hub
        resolved["corpus"]["path"] = os.path.basename(data)  # noqa: PTH119
    for section, key in (("index", "encoder"), ("generator", "model"), ("index", "rerank"), ("metrics", "nli")):
        value = resolved[section][key]
        if value not in EMBEDDED and os.path.isabs(value):  # noqa: PTH117
            resolved[section][key] = os.path.basename(value)  # noqa: PTH119
    if endpoint := resolved["generator"]["endpoint"]:
        endpoint["model"] = shown_model(endpoint["model"])
    return resolved
