"""Vectors of all passages, written in shards, so that a killed run goes on where it stood.

A shard is `shard-00000.npy` and, written after it, `shard-00000.json` with the sha256 of its texts and of its file.
Only a shard whose manifest matches both is reused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lab.errors import LabError
from lab.files import write_json
from lab.index.files import file_digest, read_object, texts_digest, write_vectors
from lab.types import Encoder, Passage


def ignore_progress(done: int, total: int) -> None:
    """Tell nobody."""


def passage_text(passage: Passage) -> str:
    """What is embedded and searched: the title carries context that a window of the text has lost."""
    return f"{passage.label}\n{passage.text}"


def embed_passages(
    passages: Sequence[Passage],
    encoder: Encoder,
    folder: Path,
    *,
    shard_size: int = 2048,
    encoder_digest: str = "",
    on_progress: Callable[[int, int], None] = ignore_progress,
) -> NDArray[np.float32]:
    """Embed passages in order, reusing the intact shards in `folder`.

    Args:
        encoder_digest: names the encoder's content; shards that another encoder wrote are not reused.
        on_progress: called after each shard with (passages done, passages in all).

    Returns:
        L2-normalised vectors, float32, shape (len(passages), encoder.dimensions).

    Raises:
        LabError: the encoder gave vectors of another shape, or not finite.
    """
    vectors = np.empty((len(passages), encoder.dimensions), dtype=np.float32)
    for number, start in enumerate(range(0, len(passages), shard_size)):
        texts = [passage_text(passage) for passage in passages[start : start + shard_size]]
        path = folder / f"shard-{number:05d}.npy"
        key = {"texts": texts_digest(texts), "encoder": encoder_digest, "dimensions": encoder.dimensions}
        shard = _read_shard(path, key, (len(texts), encoder.dimensions))
        if shard is None:
            shard = _checked(encoder.encode(texts), (len(texts), encoder.dimensions))
            write_vectors(path, shard)
            write_json(path.with_suffix(".json"), {**key, "file": file_digest(path)})
        vectors[start : start + len(texts)] = shard
        on_progress(start + len(texts), len(passages))
    return vectors


def _read_shard(path: Path, key: Mapping[str, object], shape: tuple[int, int]) -> NDArray[np.float32] | None:
    digest = file_digest(path)
    if digest is None or read_object(path.with_suffix(".json")) != {**key, "file": digest}:
        return None
    shard: NDArray[np.float32] = np.load(path, allow_pickle=False)
    return shard if shard.shape == shape and shard.dtype == np.float32 else None


def _checked(vectors: object, shape: tuple[int, int]) -> NDArray[np.float32]:
    array = np.ascontiguousarray(vectors, dtype=np.float32)
    if array.shape != shape:
        raise LabError(f"the encoder gave vectors of shape {array.shape}, expected {shape}")
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array).all(axis=1)).sum())
        raise LabError(f"the encoder gave {bad} of {len(array)} vectors with infinite or undefined numbers")
    return array
