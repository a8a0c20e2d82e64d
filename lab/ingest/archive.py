"""Files in zip archives, read in memory: nothing is written to disk, whatever the names in the archive say."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from lab.ingest.find import HIDDEN_ADVICE, ignored_part, shown_name
from lab.ingest.nouns import FileOutcome, Unreadable

MAX_FILES = 20_000  # in one archive and those within it
MAX_BYTES = 2_000_000_000  # that they expand to
MAX_DEPTH = 3  # archives within archives
_ENCRYPTED = 0x1
_METHODS = {9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstandard"}


@dataclass
class Budget:
    """What may still be taken out of an archive and those within it."""

    files: int = MAX_FILES
    bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its shown name, its size, its bytes when called for, and what is odd about its name."""

    path: str
    size: int
    load: Callable[[], bytes]
    notes: tuple[str, ...] = ()


def open_archive(path: str, data: bytes, budget: Budget, depth: int) -> Iterator[Member | FileOutcome]:
    """The files of an archive, sorted by name; an outcome for each that is not to be read.

    The sizes that the archive declares are checked before anything is expanded, and no more than them is expanded.

    Raises:
        Unreadable: more files or bytes than `budget`, archives nested too deeply, or a broken archive.
    """
    if depth > MAX_DEPTH:
        raise Unreadable(f"archives within archives, {depth} deep", "unpack it and give the folder")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:  # zipfile's own, and those of numbers and names that lead nowhere
        raise Unreadable(f"a broken zip file: {error}", "copy or download it again") from None
    # Not is_dir(), which looks at the last character of a name that may be empty.
    members = sorted((one for one in archive.infolist() if one.filename[-1:] != "/"), key=lambda one: one.filename)
    expanded = sum(one.file_size for one in members)
    if len(members) > budget.files or expanded > budget.bytes:
        found = f"{len(members):,} files that expand to {expanded / 1e6:,.0f} MB"
        limit = f"the limit for an archive is {MAX_FILES:,} files and {MAX_BYTES // 1_000_000:,} MB"
        raise Unreadable(f"{found}; {limit}", "unpack it yourself if you trust it, and give the folder")
    budget.files -= len(members)
    budget.bytes -= expanded
    taken: set[str] = set()
    for one in members:
        name, notes = _inner_name(one.filename)
        shown = _own_name(f"{path}/{shown_name(name)}", taken)
        yield _outcome(shown, name, one) or Member(shown, one.file_size, partial(_expand, archive, one), notes)


def _own_name(shown: str, taken: set[str]) -> str:
    """A name that no other file of the archive has: several may have one, or look the same once shown."""
    name, number = shown, 1
    while name in taken:
        number += 1
        name = f"{shown} ({number})"
    taken.add(name)
    return name


def _inner_name(name: str) -> tuple[str, tuple[str, ...]]:
    parts = name.replace("\\", "/").split("/")
    kept = [part for part in parts if part not in ("", ".", "..")]
    if len(kept) == len(parts):
        return "/".join(kept), ()
    return "/".join(kept) or "unnamed", (f"its name in the archive leads out of it: {shown_name(name)[:200]}",)


def _outcome(shown: str, name: str, member: zipfile.ZipInfo) -> FileOutcome | None:
    if why := ignored_part(name.split("/")):
        return FileOutcome(shown, "ignored", why, HIDDEN_ADVICE.replace("name it", "unpack it and name it"))
    if member.flag_bits & _ENCRYPTED:
        return FileOutcome(shown, "failed", "locked with a password", "unpack it yourself and give the folder")
    if not is_bounded(member):
        method = _METHODS.get(member.compress_type, f"method {member.compress_type}")
        return FileOutcome(
            shown, "failed", f"compressed in a way that is not read: {method}", "unpack it and give the folder"
        )
    return None


def is_bounded(member: zipfile.ZipInfo) -> bool:
    """Whether zipfile can stop expanding at a size: of other methods it expands all, whatever size is declared."""
    return member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _expand(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(member) as file:
            return file.read(member.file_size)  # without a size it expands all, then cuts
    except Exception as error:  # zlib and zipfile have errors of their own for broken data
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise Unreadable(f"broken in the archive: {said}", "copy or download the archive again") from None
