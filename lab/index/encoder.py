"""A sentence encoder on sentence-transformers that loads its weights at the first text.

Cutting passages needs the tokenizer only, so `token_offsets`, `dimensions` and `max_tokens` come from the model's small
files. Nothing here opens a connection: the model is given as a folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.errors import ModelError
from lab.models import ModelClock, ModelFiles, choose_hardware

UNLIMITED_TOKENS = 1_000_000  # tokenizers write 1e30 where they know no limit
FIRST_POSITION = {"roberta", "xlm-roberta", "camembert", "mpnet"}  # these models lose two positions to padding


class SentenceEncoder:
    """Implements `Encoder`: texts to L2-normalised float32 vectors of shape (n, dimensions).

    `dtype` is auto (bfloat16 where the device multiplies it, else float32), float32 or bfloat16: the format of the
    computation. `max_tokens` counts the special tokens too; longer texts are cut there by the model.
    """

    def __init__(
        self, files: ModelFiles, *, device: str = "auto", clock: ModelClock, batch_size: int = 32, dtype: str = "auto"
    ) -> None:
        self.digest = files.digest
        self.dimensions = _dimensions(files.folder)
        self.max_tokens = _max_tokens(files.folder)
        self._files = files
        self._device = device
        self._dtype = dtype
        self._clock = clock
        self._batch_size = batch_size
        self._tokenizer: Any = None
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors in the order of `texts`; batches are sorted by length, so that little is spent on padding.

        Raises:
            ModelError: the folder holds no usable sentence encoder.
        """
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        with self._clock.running(), quiet_libraries():
            if self._model is None:
                self._model = self._load()
            vectors = self._model.encode(list(texts), batch_size=self._batch_size, show_progress_bar=False)
        return _normalised(np.asarray(vectors, dtype=np.float32))

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        if self._tokenizer is None:
            self._tokenizer = _plain_tokenizer(self._files.folder)
        offsets: list[tuple[int, int]] = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return offsets

    def _load(self) -> Any:
        from sentence_transformers import SentenceTransformer

        hardware = choose_hardware(self._device, self._dtype)
        try:
            model = SentenceTransformer(
                str(self._files.folder),
                device=hardware.device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"dtype": hardware.dtype},
            )
        except (OSError, ValueError, KeyError) as error:
            raise _not_usable(self._files.folder, error) from None
        model.max_seq_length = self.max_tokens
        found = model.get_embedding_dimension()
        if found != self.dimensions:
            raise ModelError(
                f"{self._files.folder}: the configuration says {self.dimensions} dimensions, the weights give {found}"
            )
        return model


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep transformers from logging and drawing bars while it loads; its settings are put back afterwards."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def _not_usable(folder: Path, error: Exception) -> ModelError:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return ModelError(f"{folder}: not usable as a sentence encoder: {lines[0]}")


def _normalised(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


def _plain_tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise ModelError(f"{folder}: expected a tokenizer.json (a fast tokenizer), found none; use another encoder")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise ModelError(f"{path}: not readable as JSON") from None
    return content if isinstance(content, dict) else {}


def _dimensions(folder: Path) -> int:
    size = 0
    for place in _module_folders(folder):
        config = _read(place / "config.json")
        width = config.get("embedding_dimension", config.get("word_embedding_dimension"))
        if width is not None:
            size = int(width) * _pooling_modes(config)
        size = int(config.get("out_features", size))
    size = size or int(_read(folder / "config.json").get("hidden_size", 0))
    if size < 1:
        raise ModelError(f"{folder}: no config.json tells how many dimensions its vectors have; use a sentence encoder")
    return size


def _module_folders(folder: Path) -> list[Path]:
    path = folder / "modules.json"
    if not path.is_file():
        return []
    try:
        modules = json.loads(path.read_text(encoding="utf-8"))
        return [folder / module["path"] for module in modules if module["path"]]
    except (ValueError, KeyError, TypeError):
        raise ModelError(f"{path}: not readable as a list of modules") from None


def _pooling_modes(config: dict[str, Any]) -> int:
    modes = config.get("pooling_mode")
    if modes is None:
        return max(1, sum(value is True for key, value in config.items() if key.startswith("pooling_mode_")))
    return len(modes) if isinstance(modes, list) else 1


def _max_tokens(folder: Path) -> int:
    stated = _read(folder / "sentence_bert_config.json").get("max_seq_length")
    if stated:
        return int(stated)
    config = _read(folder / "config.json")
    positions = int(config.get("max_position_embeddings", UNLIMITED_TOKENS))
    if config.get("model_type") in FIRST_POSITION:
        positions -= 2
    limit = _read(folder / "tokenizer_config.json").get("model_max_length") or UNLIMITED_TOKENS
    tokens = int(min(positions, limit))
    if tokens >= UNLIMITED_TOKENS:
        raise ModelError(f"{folder}: no file tells how many tokens it reads; set max_seq_length in its configuration")
    return tokens
