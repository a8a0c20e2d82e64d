"""Exit codes of commands that a signal stops: what they have done is put away first."""

import os
import signal
import time

import pytest
import typer

from lab.terminal.ending import run_command


@pytest.fixture(autouse=True)
def _heard():
    """Jobs in a shell's background ignore Ctrl-C, and so would these tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def command(function):
    app = typer.Typer()
    app.command()(function)
    return typer.main.get_command(app)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_command_cleans_up_and_says_how_to_go_on(number, code, capsys):
    done = []

    def write(name: str, fresh: bool = False):
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
            done.append("slept")
        finally:
            done.append(f"put {name} away")

    before = signal.getsignal(signal.SIGTERM)
    assert run_command(command(write), ["my file", "--fresh"], "lab") == code
    assert done == ["put my file away"]
    assert capsys.readouterr().err.endswith("stopped; run the same command again to go on:\n  lab 'my file'\n")
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_a_command_returns_is_its_code():
    assert run_command(command(lambda: 3), [], "lab") == 3
    assert run_command(command(lambda: None), [], "lab") == 0
