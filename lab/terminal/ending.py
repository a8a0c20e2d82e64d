"""How a command ends: an exit code, and one message for whatever went wrong. Imports nothing heavy."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from lab.errors import LabError
from lab.escapes import visible
from lab.terminal.mistakes import error_text, stopped_text, usage_text, wants_colour
from lab.terminal.stopping import sigterm_stops

INTERRUPTED, TERMINATED = 130, 143  # 128 + the signal's number
_ClickError: type[Exception] = typer.BadParameter.__mro__[2]  # typer carries its own click, or imports one, by version


def run_command(command: Any, words: Sequence[str], program: str) -> int:
    """Run a click command with its words and return its exit code; every mistake is one message on stderr.

    A command that a signal stopped says what goes on with it, as `program` and its words.
    """
    with sigterm_stops() as raised:
        code = _code(command, words)
    code = raised[0].exit_code if raised and code == INTERRUPTED else code
    if code in (INTERRUPTED, TERMINATED):
        again = _again(words, program)
        typer.echo(stopped_text(again, colour=wants_colour(sys.stderr)), err=True)
    return code


def called_as() -> str:
    """How this program was called: lab, a path to it, or python -m lab."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{Path(sys.executable).name} -m lab"
    found = shutil.which(called.name)
    return called.name if found and called.exists() and Path(found).samefile(called) else shlex.quote(sys.argv[0])


def fail(message: str, code: int) -> int:
    """Say what went wrong and return the exit code."""
    typer.echo(error_text(message, colour=wants_colour(sys.stderr)), err=True)
    return code


def _code(command: Any, words: Sequence[str]) -> int:
    try:
        code = command.main(args=list(words), prog_name="lab", standalone_mode=False)
    except LabError as error:
        return fail(str(error), error.exit_code)
    except OSError as error:  # the disk is full, a file may not be read: the message says which
        return fail(f"{error.filename or 'the run'}: {error.strerror or error}", 1)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except _ClickError as error:
        return fail(_usage(error), 2)
    return code if isinstance(code, int) else 0


def _usage(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    message = str(getattr(error, "format_message", error.__str__)())
    return usage_text(message, getattr(context, "command_path", None) or "lab")


def _again(words: Sequence[str], program: str) -> str:
    """The command that goes on; --fresh would forget what was done."""
    return visible(f"{program} {shlex.join(word for word in words if word != '--fresh')}")
