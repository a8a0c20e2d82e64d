"""Every command's help ends with examples, and each of them is a command line that the parser takes."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from lab.cli import app
from lab.config import config_schema
from lab.terminal.completion import dotted_keys

ROOT = Path(__file__).parents[2]
COMMAND = typer.main.get_command(app)
NAMES = sorted(COMMAND.commands)  # type: ignore[attr-defined]
START = "  $ "
MADE_BY_A_RUN = ("reports/velloway", "reports/five-passages")


def examples(text: str) -> Iterator[list[str]]:
    """The words of each example, without what a shell redirects."""
    for line in text.splitlines():
        if line.startswith(START):
            words = shlex.split(line[len(START) :])
            yield words[: words.index(">")] if ">" in words else words


@pytest.mark.parametrize("name", NAMES)
def test_help_fits_and_ends_with_examples_that_parse(
    name: str, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = lab(name, "--help")
    assert shown.code == 0
    assert max(map(len, shown.out.splitlines())) <= 80
    found = list(examples(shown.out))
    assert 1 <= len(found) <= 3
    assert shown.out.splitlines()[-1].startswith(START)
    for program, called, *words in found:
        assert (program, called) == ("lab", name)
        COMMAND.commands[name].make_context(name, words)  # type: ignore[attr-defined]
        for place in (Path(word) for word in words if word.startswith(("corpora/", "reports/"))):
            assert (ROOT / place).exists() or str(place) in MADE_BY_A_RUN


CHEAP = ("decide", "gate", "models", "schema")


@pytest.mark.parametrize("name", CHEAP)
def test_examples_that_write_nothing_work(name: str, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for _, *words in examples(lab(name, "--help").out):
        done = lab(*words)
        assert (done.code, done.err) == (0, "")


def test_the_overview_is_short(lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = lab("--help").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24 + max(0, len(NAMES) - 10), "one screen"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands_and_keys(shell: str) -> None:
    script = {"bash": "complete_bash", "zsh": "complete_zsh", "fish": "complete_fish"}[shell]
    typed = {"bash": "COMP_WORDS", "zsh": "_TYPER_COMPLETE_ARGS", "fish": "_TYPER_COMPLETE_ARGS"}[shell]

    def complete(line: str) -> str:
        variables = {
            "_LAB_COMPLETE": script, typed: line, "COMP_CWORD": str(len(line.split()) - 1),
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "lab"], env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
        return done.stdout

    assert "decide" in complete("lab dec")
    assert "check" not in complete("lab dec")
    assert "index.k=" in complete("lab run x --set index.k")


def test_completion_knows_every_key() -> None:
    keys = set(dotted_keys(config_schema()))
    assert {"index.k", "name", "training.rank", "holdout.limit_test"} <= keys
    assert not any(key.startswith("$") for key in keys)


def test_a_pipe_that_closes_early_is_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "lab", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert isinstance(process.stdout, io.TextIOBase) and process.stderr is not None
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
