"""Errors: the same words everywhere, in colour on a terminal, and never a control character."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.escapes import visible
from lab.terminal.mistakes import error_text, stopped_text, usage_text, wants_colour

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@given(st.text())
def test_what_is_visible_moves_no_cursor(text: str) -> None:
    shown = visible(text)
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in "\n\t"]
    shown.encode("utf-8")
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, groß, 日本語", "plain, groß, 日本語"),
        ("two\n\tlines", "two\n\tlines"),
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("\x9b2J\x7f\r", r"\x9b2J\x7f\r"),
        ("half \ud800", r"half \ud800"),
        ("abc\u202ecba", r"abc\u202ecba"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_without_colour_the_message_is_as_it_was() -> None:
    message = "runs/x: another process works in this run folder; wait, or use --out"
    assert error_text(message, colour=False) == f"error: {message}"
    assert error_text("a\n  b: c; use d", colour=False) == "error: a\n  b: c; use d"


@pytest.mark.parametrize(
    ("message", "wrong", "fix"),
    [
        ("runs/x: held by another; wait, or use --out", "runs/x: held by another", "wait, or use --out"),
        ("mehtods: unknown key; did you mean methods?", "mehtods: unknown key", "did you mean methods?"),
        ("no such command 'x'; did you mean run?; see lab --help", "no such command 'x'; did you mean run?",
         "see lab --help"),
        ("minilm is not installed; run: pip install x", "minilm is not installed", "run: pip install x"),
        ("index.k: expected at most 5; the corpus has 5", "index.k: expected at most 5; the corpus has 5", None),
    ],
)  # fmt: skip
def test_in_colour_the_fix_stands_on_its_own_line(message: str, wrong: str, fix: str | None) -> None:
    shown = COLOURS.sub("", error_text(message, colour=True))
    assert shown.split("\n") == [f"error: {wrong}", *([f"  fix: {fix}"] if fix else [])]
    assert error_text(message, colour=True).startswith("\x1b[31m\x1b[1merror:\x1b[0m ")


def test_in_colour_a_list_of_faults_keeps_its_lines() -> None:
    message = "experiment.yaml: 2 faults\n  index.q: unknown key; did you mean k?\n  name: missing"
    assert COLOURS.sub("", error_text(message, colour=True)) == f"error: {message}"
    assert "\x1b[36mdid you mean k?\x1b[0m" in error_text(message, colour=True)


def test_hostile_names_stay_text_in_colour() -> None:
    shown = error_text("\x1b]0;owned\x07.yaml: expected a file; use another", colour=True)
    assert COLOURS.sub("", shown) == "error: \\x1b]0;owned\\x07.yaml: expected a file\n  fix: use another"
    assert "\x07" not in stopped_text("lab run 'x\\x07'", colour=True)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals_of_those_who_did_not_forbid_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_colour(Screen())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Screen())


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("No such command 'rnu'. Did you mean 'run'?", "no such command 'rnu'; did you mean 'run'?; see lab --help"),
        ("No such command 'walk'.", "no such command 'walk'; see lab --help"),
        ("No such option: --frehs (Possible options: --fresh)",
         "no such option: --frehs; did you mean --fresh?; see lab --help"),
    ],
)  # fmt: skip
def test_usage_text(message: str, text: str) -> None:
    assert usage_text(message, "lab") == text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rnu"], "did you mean 'run'?; see lab --help"),
        (["run", "x", "--ofline"], "did you mean --offline?; see lab run --help"),
        (["run"], "missing argument 'experiment'; see lab run --help"),
        (["run", "x", "--quiet", "--json-logs"], "--quiet and --json-logs exclude each other"),
        (["run", "x", "--quiet", "--show-prompts"], "--quiet and --show-prompts exclude each other"),
    ],
)
def test_the_command_line_says_what_was_meant(words: list[str], told: str, capsys: Any) -> None:
    from lab.cli import main

    assert main(words) == 2
    assert told in capsys.readouterr().err


def test_a_name_that_was_typed_reaches_no_terminal(capsys: Any) -> None:
    from lab.cli import main

    call: Callable[[list[str]], int] = main
    assert call(["run", "\x1b[2J.yaml"]) == 2
    shown = capsys.readouterr().err
    assert "\x1b" not in shown and "\\x1b[2J.yaml: expected an experiment file, found none" in shown
