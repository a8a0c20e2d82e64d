"""Data sets that the `datasets` library loads: from the Hugging Face hub, or from a local folder or file.

`corpus.path` is `owner/name` or `name`, or a path that begins with a dot, ~ or /. `corpus.columns` says which column
holds what, `corpus.subset` names a configuration, `corpus.splits` the splits to read. No code of a data set is ever
run. A local path, and a run offline, open no connection.
"""

from __future__ import annotations

import gc
import logging
import os
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from lab.corpus.fields import Fields
from lab.corpus.rows import Row, corpus_from_rows
from lab.corpus.source import Source
from lab.errors import DataError
from lab.types import Corpus

BATCH_ROWS = 1000
MAX_WORDS = 300  # characters of the library's own words in a fault
SETTLE_SECONDS = 0.1
SWITCHES = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")
FRONT_MATTER = ("README.md", ".huggingface.yaml")  # where a data set may name files to load, links among them
SAVED = ("dataset_dict.json", "state.json")  # what marks a folder that save_to_disk wrote


def read_hub(source: Source) -> Corpus:
    """Read the rows of a data set; with `corpus.limit`, the first ones of each split in turn, without the rest.

    Splits named train, validation (dev, val) and test are used as given where there is one for training and one for the
    test; the validation split stands in for a missing test. Else the lab divides the questions.

    Raises:
        DataError: no such data set, subset or split, not in the local cache while connections are forbidden, or faults;
            every fault is listed as `data set split: [row]`.
    """
    name, local = source.options.path, _is_local(source.options.path)
    if local and not _absolute(name).exists():
        raise DataError(
            f"{name}: expected a folder or file that datasets can load, found nothing there; see corpus.path"
        )
    if not local and Path(name).exists():
        raise DataError(f"{name}: names a folder here as well as a data set of the hub; write ./{name} for the folder")
    offline = source.offline or any(os.environ.get(key, "").upper() in {"1", "TRUE", "YES", "ON"} for key in SWITCHES)
    with _quiet(offline=offline or local):
        with _explained(source, offline=offline):
            parts = _chosen(_load_local(_absolute(name), source) if local else _load(name, source), source)
        faults: list[str] = []
        rows = [_rows(part, split, source, faults) for split, part in parts.items()]
        limited = source.options.limit is not None
        try:
            return corpus_from_rows(_in_turn(list(rows)) if limited else chain.from_iterable(rows), source, faults)
        finally:
            _end(rows)


def _end(rows: list[Iterator[Row]]) -> None:
    """Let go of streams that were not read to their end, and let Arrow's threads see it.

    Else they outlive the interpreter and abort the process at its exit.
    """
    rows.clear()
    gc.collect()
    time.sleep(SETTLE_SECONDS)


def _is_local(path: str) -> bool:
    return path.startswith((".", "~")) or Path(path).is_absolute()


def _absolute(path: str) -> Path:
    return Path(path).expanduser().resolve()


def _load(name: str, source: Source) -> Mapping[str, Any]:
    """The splits of a data set of the hub by name, streamed where only some rows are read."""
    from datasets import load_dataset

    splits: Mapping[str, Any] = load_dataset(
        name, name=source.options.subset, streaming=source.options.limit is not None
    )
    return splits


def _load_local(path: Path, source: Source) -> Mapping[str, Any]:
    """The splits of a local data set by name, streamed, so that no copy of it goes to the library's cache."""
    from datasets import Dataset, load_dataset, load_from_disk

    folder, files = (path.parent, path.name) if path.is_file() else (path, None)
    if any((path / name).exists() for name in SAVED):
        saved = load_from_disk(str(path))
        return {str(saved.split or "train"): saved} if isinstance(saved, Dataset) else saved
    _refuse_links(folder)
    splits: Mapping[str, Any] = load_dataset(str(folder), name=source.options.subset, data_files=files, streaming=True)
    return splits


def _refuse_links(folder: Path) -> None:
    """A local data set may name files elsewhere; following such a link would open a connection that nobody asked for.

    Raises:
        DataError: the head of its README.md, or its .huggingface.yaml, names a file by a link.
    """
    for name in FRONT_MATTER:
        file = folder / name
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        if name.endswith(".md"):
            text = text.split("\n---", 1)[0].removeprefix("---") if text.startswith("---") else ""
        try:
            head = yaml.safe_load(text)
        except yaml.YAMLError:
            continue  # datasets says what is wrong with it
        if isinstance(head, dict) and "://" in str(head.get("configs", "")):
            raise DataError(f"{file}: configs names files by links, which a local data set may not; download them")


def _chosen(splits: Mapping[str, Any], source: Source) -> dict[str, Any]:
    wanted = source.options.splits or list(splits)
    unknown = [split for split in dict.fromkeys(wanted) if split not in splits]
    if unknown:
        raise DataError(
            f"{source.options.path}: no split {', '.join(unknown)} (corpus.splits); there are {', '.join(splits)}"
        )
    return {split: splits[split] for split in wanted}


def _rows(part: Any, split: str, source: Source, faults: list[str]) -> Iterator[Row]:
    """The rows of a split as plain values. Only columns in use are read, and nothing that they link to is opened."""
    from datasets import ClassLabel

    columns = source.options.columns
    used = {column.partition(".")[0] for _, column in columns if column}
    number = 0
    with _explained(source, offline=False):
        features = part.features or {}
        if used <= set(part.column_names or ()):
            part = part.select_columns(sorted(used))
        labels = {name: feature.names for name, feature in features.items() if isinstance(feature, ClassLabel)}
        batches = part.with_format("arrow").iter(batch_size=BATCH_ROWS)
    while True:
        with _explained(source, offline=False):
            batch = next(batches, None)
            decoded = None if batch is None else batch.to_pylist()
        if decoded is None:
            return
        for values in decoded:
            for name, names in labels.items():
                if name in values:
                    values[name] = _label(values[name], names)
            yield Row(Fields(values, f"{source.options.path} {split}", faults, f"[{number}]"), split)
            number += 1


def _label(value: int | None, names: list[str]) -> str | None:
    """The name of a label; -1 stands for one that is kept secret."""
    return None if value is None or value < 0 else names[value]


def _in_turn(parts: list[Iterator[Row]]) -> Iterator[Row]:
    """One row of each part, again and again, until all are at their end: a limit then takes some of every split."""
    while parts:
        remaining = []
        for part in parts:
            row = next(part, None)
            if row is not None:
                yield row
                remaining.append(part)
        parts = remaining


@contextmanager
def _explained(source: Source, *, offline: bool) -> Iterator[None]:
    """Whatever the library raises becomes a DataError; its exceptions are of many kinds and change between versions."""
    name = source.options.path
    try:
        yield
    except DataError:
        raise
    except ConnectionError:
        if offline:
            raise DataError(
                f"{name}: not in the local cache of datasets, and downloads are forbidden here; read it once with a "
                "connection and without corpus.limit, which keeps no copy, or name a local folder in corpus.path"
            ) from None
        raise DataError(f"{name}: the hub cannot be reached; name a local folder in corpus.path") from None
    except Exception as error:
        words = " ".join(str(error).split()) or type(error).__name__
        shown = words if len(words) <= MAX_WORDS else f"{words[: MAX_WORDS - 3]}..."
        raise DataError(f"{name}: datasets cannot read it (corpus.path, corpus.subset): {shown}") from None


@contextmanager
def _quiet(*, offline: bool) -> Iterator[None]:
    """No progress bars, no warnings, no count of downloads; with `offline` no connection. Put back at the end."""
    import datasets
    from huggingface_hub import constants
    from huggingface_hub import utils as hub

    # Both libraries read their switches from the environment once, when they are imported, which may be long ago.
    switched = [
        (datasets.config, "HF_UPDATE_DOWNLOAD_COUNTS", False),
        (datasets.config, "HF_HUB_OFFLINE", offline or datasets.config.HF_HUB_OFFLINE),
        (constants, "HF_HUB_OFFLINE", offline or constants.HF_HUB_OFFLINE),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in switched]
    loggers = [logging.getLogger(name) for name in ("datasets", "huggingface_hub", "fsspec")]
    levels = [logger.level for logger in loggers]
    shown = [each for each in (datasets, hub) if not each.are_progress_bars_disabled()]
    with warnings.catch_warnings(action="ignore"):
        for module, name, value in switched:
            setattr(module, name, value)
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        for each in shown:
            each.disable_progress_bars()
        try:
            yield
        finally:
            for module, name, value in before:
                setattr(module, name, value)
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
            for each in shown:
                each.enable_progress_bars()
