"""A new folder that is there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.errors import ConfigError, DiskError
from lab.files import read_json, sync

MANIFEST = "export.json"  # written last; what holds it is an export, which --force may replace
SPARE_BYTES = 50_000_000
STRANGERS_NAMED = 3
_MANIFEST_KEYS: dict[str, type] = {"schema_version": int, "lab": str, "files": dict}


def check_target(target: Path, run: Path, *, force: bool) -> None:
    """Refuse, before any work, a folder that cannot be written or that holds other things.

    Raises:
        ConfigError: `target` is a file or a link, holds the run, or is not empty; with `force` it may hold an export,
            and nothing beside it.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise ConfigError(f"--to {target}: expected a folder or nothing, found a {_kind(target)}")
    place = target.resolve()
    for what, there in (("the run itself lies", run.resolve()), ("you stand", Path.cwd())):
        if there.is_relative_to(place):
            raise ConfigError(f"--to {target}: {what} there; name another folder")
    if place.is_relative_to(run.resolve() / ".work"):
        raise ConfigError(f"--to {target}: .work is the run's own; name another folder")
    if not target.is_dir() or not any(target.iterdir()):
        return
    if not force:
        raise ConfigError(
            f"--to {target}: the folder is not empty; name another one, or replace an export with --force"
        )
    _check_export(target)


def need_space(target: Path, n_bytes: int) -> None:
    """Raise DiskError unless `n_bytes` are free where `target` will lie."""
    parent = next(folder for folder in target.resolve().parents if folder.is_dir())
    free = shutil.disk_usage(parent).free
    if free < n_bytes + SPARE_BYTES:
        raise DiskError(
            f"{target}: the export needs about {n_bytes / 1e9:.1f} GB, {free / 1e9:.1f} GB are free; free some space"
        )


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` that takes its place if the block ends well, and is deleted if it does not."""
    place = target.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.", ignore_cleanup_errors=True) as scratch:
        made, before = Path(scratch) / "new", Path(scratch) / "old"
        made.mkdir()
        yield made
        for path in made.rglob("*"):
            sync(path)
        try:
            if place.is_dir():
                place.rename(before)
            made.rename(place)
        except BaseException:  # Ctrl-C as well: what is left in `scratch` is deleted
            if before.is_dir() and not place.exists():
                before.rename(place)
            raise
        sync(place.parent)


def _check_export(target: Path) -> None:
    """Refuse to replace a folder in which anything lies that no export put there."""
    if not (target / MANIFEST).is_file():
        raise ConfigError(
            f"--to {target}: --force replaces earlier exports only, and this folder has no {MANIFEST}; "
            "name another folder, or delete this one"
        )
    listed = {MANIFEST, *_listed(target / MANIFEST)}
    files = (path for path in target.rglob("*") if path.is_symlink() or not path.is_dir())
    strangers = sorted({path.relative_to(target).as_posix() for path in files} - listed)
    if strangers:
        more = f" and {len(strangers) - STRANGERS_NAMED} more" if len(strangers) > STRANGERS_NAMED else ""
        raise ConfigError(
            f"--to {target}: --force replaces earlier exports only, and {MANIFEST} does not list "
            f"{', '.join(strangers[:STRANGERS_NAMED])}{more}; name another folder, or move these files away"
        )


def _listed(manifest: Path) -> Mapping[str, Any]:
    """The files that a manifest names."""
    try:
        tree = read_json(manifest)
    except (ValueError, RecursionError):  # no JSON, or no UTF-8
        tree = None
    if not isinstance(tree, dict) or not all(isinstance(tree.get(key), kind) for key, kind in _MANIFEST_KEYS.items()):
        raise ConfigError(
            f"--to {manifest.parent}: --force replaces earlier exports only, and this {MANIFEST} is not of the lab "
            f"(expected {', '.join(_MANIFEST_KEYS)}); name another folder, or delete this one"
        )
    files: Mapping[str, Any] = tree["files"]
    return files


def _kind(target: Path) -> str:
    return "link" if target.is_symlink() else "file"
