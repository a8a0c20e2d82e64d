"""Arguments -> files: single files, folders with all below them, and globs. Links are never followed below a folder."""

from __future__ import annotations

import fnmatch
import glob
import hashlib
import os
import re
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.errors import DataError, list_faults
from lab.escapes import visible
from lab.ingest.nouns import FileOutcome

_MACHINE_FOLDERS = frozenset(("__MACOSX", "__pycache__", "node_modules", "$RECYCLE.BIN", "System Volume Information"))
_MACHINE_FILES = frozenset(("thumbs.db", "desktop.ini", "icon\r"))
HIDDEN_ADVICE = "to read it all the same, name it among the paths"


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read: its shown name, and where it lies."""

    path: str
    file: Path


@dataclass(frozen=True, slots=True)
class _Root:
    """An argument: the file or folder that it names, resolved, and which of the files below are meant (None = all)."""

    place: Path
    pattern: tuple[str, ...] | None = None


def find_files(paths: Sequence[str | Path]) -> tuple[tuple[Found, ...], tuple[FileOutcome, ...]]:
    """The files that `paths` name, sorted by shown name, and an outcome for each that is not to be read.

    A shown name begins with the name of the folder that was given, so that it is the same from wherever the command
    is run and whatever else is given. Where two folders have one name, those of the folders above come before it. A
    file that several arguments name is read once.

    Raises:
        DataError: no argument, or arguments that lead to nothing; all of them are listed.
    """
    roots = _roots(paths)
    names = _root_names({root.place for root in roots})
    found: dict[Path, Found] = {}
    passed: dict[Path, FileOutcome] = {}
    for root in roots:
        for place, parts, why in _below(root):
            shown = shown_name("/".join((names[root.place], *parts)))
            if why is None:
                found.setdefault(place, Found(shown, place))
            else:
                passed.setdefault(place, replace(why, path=shown))
    outcomes = [outcome for place, outcome in passed.items() if place not in found]
    return _with_own_names(list(found.values())), tuple(sorted(outcomes, key=lambda outcome: outcome.path))


def shown_name(path: str) -> str:
    """A file's name as it may be printed: Unicode NFC, and what is invisible as escapes."""
    return visible(unicodedata.normalize("NFC", path).replace("\n", "\\n").replace("\t", "\\t"))


def ignored_part(parts: Sequence[str]) -> str | None:
    """Why a path below a folder or in an archive is not meant to be read; None where it is."""
    for part in parts[:-1]:
        if part in _MACHINE_FOLDERS:
            return f"in a folder that programs keep for themselves ({part})"
        if part.startswith(".") and part not in (".", ".."):
            return f"in a hidden folder ({part})"
    name = parts[-1]
    if name.startswith("."):
        return "a hidden file"
    if name.lower() in _MACHINE_FILES or name.startswith("~$"):
        return "a file that programs keep for themselves"
    return None


def _roots(paths: Sequence[str | Path]) -> list[_Root]:
    if isinstance(paths, (str, Path)):
        paths = [paths]
    if not paths:
        raise DataError("expected files, folders or globs to read, got none")
    roots, faults = [], []
    for given in paths:
        path = _home(Path(given))
        try:
            there = path.exists()
        except OSError as error:  # a folder above may not be entered; a name is too long
            faults.append(f"{visible(str(given))}: cannot be opened: {(error.strerror or 'unknown').lower()}")
            continue
        if there:
            roots.append(_Root(path.resolve()))
        elif glob.has_magic(str(path)):
            root = _glob_root(path)
            if any(why is None for _, _, why in _below(root)):
                roots.append(root)
            else:
                faults.append(f"{visible(str(given))}: no file matches")
        else:
            faults.append(f"{visible(str(given))}: {'a link that leads nowhere' if path.is_symlink() else 'not found'}")
    if faults:
        raise DataError(list_faults("expected files, folders or globs; these lead to nothing:", faults))
    # Outer folders first, so that a file which two arguments name is shown with the longer way.
    return sorted(roots, key=lambda root: (len(root.place.parts), str(root.place), root.pattern or ()))


def _home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # "~name" of nobody: a file may be called so
        return path


def _glob_root(path: Path) -> _Root:
    parts = path.parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    return _Root(Path(*parts[:fixed]).resolve(), tuple(parts[fixed:]))


def _root_names(places: set[Path]) -> dict[Path, str]:
    """The last part of each path; where paths share it, as many parts as tell them apart."""
    by_name = defaultdict(list)
    for place in places:
        by_name[place.name].append(place)
    names: dict[Path, str] = {}
    for alike in by_name.values():
        length = 1
        while len({place.parts[-length:] for place in alike}) < len(alike):
            length += 1
        names |= {place: "/".join(part.strip("/\\") for part in place.parts[-length:]) for place in alike}
    return names


def _below(root: _Root) -> Iterator[tuple[Path, tuple[str, ...], FileOutcome | None]]:
    """Each file: where it lies, the way from the root, and an outcome (without name) where it is not to be read."""
    if not root.place.is_dir():
        yield root.place, (), _not_regular(root.place)
        return
    pattern = re.compile(_translated(root.pattern)) if root.pattern else None
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        parts = waiting.pop()
        folder = root.place.joinpath(*parts)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield folder, parts, _unopened(error)
            continue
        for entry in entries:
            way = (*parts, entry.name)
            place = folder / entry.name
            hidden = ignored_part((*way, "x") if _is_folder(entry) else way)
            if _is_folder(entry) and not hidden:
                waiting.append(way)
            elif pattern is None or pattern.fullmatch("/".join(way)) or (pattern.match("/".join(way) + "/")):
                yield place, way, _passed_by(entry, place, hidden)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _passed_by(entry: os.DirEntry[str], place: Path, hidden: str | None) -> FileOutcome | None:
    if entry.is_symlink():
        reason = "a link" if place.exists() else "a link that leads nowhere"
        return FileOutcome("", "ignored", f"{reason}; links are not followed", "name what it leads to among the paths")
    if hidden and _is_folder(entry):
        files = sum(len(names) for _, _, names in os.walk(place))
        named = hidden.replace("in a", "a", 1)
        return FileOutcome("", "ignored", f"{named}: {files:,} files in it", HIDDEN_ADVICE)
    if hidden:
        return FileOutcome("", "ignored", hidden, HIDDEN_ADVICE)
    return _not_regular(place)


def _not_regular(place: Path) -> FileOutcome | None:
    """A pipe or a device would never end, or do something when read."""
    try:
        if stat.S_ISREG(place.stat().st_mode):
            return None
    except OSError as error:
        return _unopened(error)
    return FileOutcome("", "ignored", "a pipe, socket or device", "leave it out")


def _unopened(error: OSError) -> FileOutcome:
    reason = f"cannot be opened: {(error.strerror or type(error).__name__).lower()}"
    return FileOutcome("", "failed", reason, "give yourself the right to read it")


def _translated(pattern: Sequence[str]) -> str:
    """A regular expression for the ways below a glob's fixed part; `**` stands for any number of folders.

    What lies below a folder that matches is meant too, as when a shell expands the glob.
    """
    parts = []
    for number, part in enumerate(pattern):
        last = number == len(pattern) - 1
        if part == "**":
            parts.append(".*" if last else "(?:[^/]+/)*")
        else:
            body = fnmatch.translate(part).removeprefix("(?s:").removesuffix(r")\Z").replace(".*", "[^/]*")
            parts.append(body + ("" if last else "/"))
    return f"(?s:{''.join(parts)})(?:/|$)"


def _with_own_names(found: list[Found]) -> tuple[Found, ...]:
    """Sorted by shown name; names that differ only in what is not shown get a few digits of the real one."""
    by_name = defaultdict(list)
    for one in found:
        by_name[one.path].append(one)
    named = []
    for alike in by_name.values():
        for one in alike:
            digits = hashlib.sha256(os.fsencode(one.file)).hexdigest()[:6]
            named.append(one if len(alike) == 1 else Found(f"{one.path} ~{digits}", one.file))
    return tuple(sorted(named, key=lambda one: one.path))
