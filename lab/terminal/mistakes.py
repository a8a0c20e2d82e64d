"""A mistake as people see it: what is wrong, and apart from it what to do. Imports nothing heavy."""

from __future__ import annotations

import os
import re
from typing import TextIO

import typer

from lab.escapes import visible

STOPPED = "stopped; run the same command again to go on:"
# How the lab's messages begin the part that says what to do; it is the last one of a line.
ADVICE = re.compile(
    r"; (?=(?:build|choose|convert|correct|delete|did you mean|download|free|give|install|leave|name|put|raise|read|"
    r"reinstall|remove|run|say|see|set|shorten|update|use|wait|write)\b)(?!.*; (?:run|use|see|did you mean)\b)"
)


def error_text(message: str, *, colour: bool) -> str:
    """`error: ...` on a line of its own; in colour, the advice of a message of one line stands below it."""
    text = visible(message)
    if not colour:
        return f"error: {text}"
    lines = text.split("\n")
    start = typer.style("error:", fg="red", bold=True)
    if len(lines) == 1:
        wrong, advice = _split(text)
        return f"{start} {wrong}" + (f"\n  {typer.style(f'fix: {advice}', fg='cyan')}" if advice else "")
    return f"{start} " + "\n".join(_tinted(line) for line in lines)


def stopped_text(again: str, *, colour: bool) -> str:
    """What a stopped command ends with; `again` is the command that goes on."""
    if not colour:
        return f"{STOPPED}\n  {again}"
    return f"\n{typer.style(STOPPED, fg='yellow', bold=True)}\n  {typer.style(again, bold=True)}"


def wants_colour(stream: TextIO) -> bool:
    """Whether a stream is a terminal of somebody who has not forbidden colours (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def usage_text(message: str, command: str) -> str:
    """The parser's message as the lab's own begin, with the nearest names and where the help is.

    `command` is the words that lead to the help: `lab run`.
    """
    text = message.rstrip(".")
    text = re.sub(r"\. Did you mean (.*?)\??$", r"; did you mean \1?", text)
    text = re.sub(r" \(Possible options: (.*)\)$", r"; did you mean \1?", text)
    return f"{text[:1].lower()}{text[1:]}; see {command} --help"


def _split(line: str) -> tuple[str, str]:
    found = ADVICE.search(line)
    return (line[: found.start()], line[found.end() :]) if found else (line, "")


def _tinted(line: str) -> str:
    wrong, advice = _split(line)
    return f"{wrong}; {typer.style(advice, fg='cyan')}" if advice else line
