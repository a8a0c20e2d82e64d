"""What `lab` promises to those who import it."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import lab


def test_the_two_functions_of_the_lab() -> None:
    from lab import load_config, run_experiment

    assert list(inspect.signature(load_config).parameters) == ["path", "overrides"]
    keywords = inspect.signature(run_experiment).parameters
    assert {"config", "run_folder", "on_step", "on_prompts", "fresh", "offline"} <= set(keywords)


def test_every_public_name_is_there() -> None:
    assert all(hasattr(lab, name) for name in lab.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'run'"):
        _ = lab.run


def test_import_lab_imports_no_other_module_of_it() -> None:
    code = "import lab, sys; print([name for name in sys.modules if name.startswith('lab.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
