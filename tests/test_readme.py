"""The README tells the truth about files, commands and shipped experiments."""

import re
from pathlib import Path

import pytest
from code_map import code_map

from lab import load_config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_map_of_the_code_is_what_the_docstrings_say():
    assert (ROOT / "lab" / "README.md").read_text(encoding="utf-8") == code_map(), "run: python tests/code_map.py"


def test_every_linked_file_exists():
    links = re.findall(r"\]\(((?!http)[^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_exists():
    from lab.cli import app

    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert set(re.findall(r"^lab (\w+)", README, flags=re.M)) <= commands


def test_every_make_target_exists():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    assert set(re.findall(r"^make ([\w-]+)", README, flags=re.M)) <= targets


@pytest.mark.parametrize(
    "path", sorted((ROOT / "corpora").glob("*/experiment.yaml")), ids=lambda path: path.parent.name
)
def test_every_shipped_experiment_loads(path):
    assert load_config(path).name == path.parent.name
