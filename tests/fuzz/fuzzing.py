"""How a reader is fuzzed: seeds that it reads, files made of them by mutation, and what must hold for every one.

A reader gives a value or raises a UserError (exit code 2) that names a file and can be printed; it never raises
anything else, warns, or computes for longer than HANG_SECONDS.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.errors import UserError
from lab.escapes import visible

EXAMPLES = int(os.environ.get("LAB_FUZZ_EXAMPLES", "300"))
SMOKE_EXAMPLES = 20
HANG_SECONDS, DEAD_SECONDS = 20, 240  # of computing, so that a busy machine is no hang; by the clock
MAX_LINES, MAX_LINE = 25, 2000  # of a message
SHOWN_BYTES = 300
Files = Mapping[str, bytes]


class Spoiled(dict[str, bytes]):
    """Files of which one is spoiled, printed short."""

    def __repr__(self) -> str:
        return (
            f"{{{', '.join(f'{name!r}: {len(data):,} bytes {data[:SHOWN_BYTES]!r}' for name, data in self.items())}}}"
        )


@dataclass(frozen=True)
class Case:
    """A reader: `read` reads what lies in a folder, checks what it gives, and lets the reader's own errors pass.

    `seed` are files that it reads without an error; `mutants` replaces some of them, by name. A file that only a mutant
    has begins without it. `named`: what else a message may name instead of a file.
    """

    name: str
    seed: Files
    mutants: Mapping[str, st.SearchStrategy[bytes]]
    read: Callable[[Path], object]
    named: tuple[str, ...] = ()
    share: float = 1.0  # of the usual number of examples
    smoke: bool = True

    def files(self) -> st.SearchStrategy[Files]:
        """The folder's files, of which mutation has changed one."""
        return _folders(self.seed, self.mutants)


@st.composite
def _folders(draw: Any, seed: Files, mutants: Mapping[str, st.SearchStrategy[bytes]]) -> Spoiled:
    name = draw(st.sampled_from(sorted(mutants)))
    return Spoiled({**seed, name: draw(mutants[name])})


class Hang(BaseException):
    """Raised by the alarm; no Exception, which readers of other people's formats catch."""


def fuzz(case: Case, folder: Path, examples: int, *, fixed: bool = False) -> None:
    """Read `examples` spoiled folders; `fixed`: always the same ones. The last one read stays in `folder`."""
    extra: dict[str, Any] = {"derandomize": True} if fixed else {}

    @settings(
        max_examples=max(1, round(examples * case.share)),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        **extra,
    )
    @given(case.files())
    def one_folder(files: Files) -> None:
        survives(case, lay(folder, files))

    one_folder()


def lay(folder: Path, files: Files) -> Path:
    """A folder with these files and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def survives(case: Case, folder: Path) -> UserError | None:
    """Read the folder; its error where that is one that a user may see.

    Raises:
        AssertionError: the message is none that a user may see, or reading took too long.
        Exception: whatever else the reader raised.
    """
    try:
        with _alarm():
            case.read(folder)
    except UserError as error:
        check_message(error, [file.name for file in folder.rglob("*")] + [folder.name, *case.named])
        return error
    except Hang:
        raise AssertionError(f"no answer within {HANG_SECONDS} s; the files lie in {folder}") from None
    return None


def check_message(error: UserError, names: list[str]) -> None:
    """A message names what it is about, is short enough to be read, and can be printed."""
    assert error.exit_code == 2
    message = visible(str(error))
    message.encode()
    assert message.strip()
    assert any(name in message for name in names), f"names none of {names}: {message[:500]}"
    lines = message.split("\n")
    assert len(lines) <= MAX_LINES, f"{len(lines)} lines"
    assert max(map(len, lines)) <= MAX_LINE, f"{max(map(len, lines))} characters in a line: {message[:500]}"


@contextmanager
def _alarm() -> Iterator[None]:
    """Raise Hang after 20 s of computing; where C code does not come back, say where after minutes, and end."""

    def ring(_signal: int, _frame: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS)
    faulthandler.dump_traceback_later(DEAD_SECONDS, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
