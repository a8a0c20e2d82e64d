"""Every command on a finished run says the same of a folder that is none."""

from __future__ import annotations

import pytest

from lab.cli import main

COMMANDS = (
    ["report"],
    ["report", "--short"],
    ["decide"],
    ["gate", "--require", "n_test > 1"],
    ["export", "--csv", "-"],
    ["export", "--method", "rag", "--to", "out"],
    ["judge", "--url", "http://localhost:1/v1", "--model", "m"],
    ["ask", "--json"],
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(("name", "found"), [("none", "nothing"), ("file", "a file")])
def test_what_is_no_folder(tmp_path, capsys, words, name, found):
    (tmp_path / "file").write_text("")
    command, *options = words
    question = ["why?"] if command == "ask" else []
    assert main([command, str(tmp_path / name), *question, *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"error: {tmp_path / name}: expected the folder of a finished run, found {found}\n"


@pytest.mark.parametrize("name", ["none", "file"])
def test_two_runs_of_which_one_is_none(tmp_path, capsys, name):
    (tmp_path / "file").write_text("")
    assert main(["compare", str(tmp_path / name), str(tmp_path)]) == 2
    assert f"{tmp_path / name}: expected the folder of a finished run, found" in capsys.readouterr().err
