"""Requirements from the command line and from a file, and the reasons why a run's scores are undefined."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from rich.cells import cell_len

from lab.errors import ConfigError, list_faults
from lab.escapes import visible
from lab.files import SCORES_FILE
from lab.gate.language import Names, Requirement, RequirementError
from lab.gate.parser import parse
from lab.gate.values import Why
from lab.yaml_file import YAML_FAULTS, yaml_fault

FILE_KEY = "require"


def read_requirements(given: Sequence[str], file: Path | None, names: Names) -> tuple[Requirement, ...]:
    """The requirements of `--require` and then those of a file: a list of strings, or such a list under `require`.

    Raises:
        ConfigError: there is none, the file is no such list, or some state nothing (all faults, each with the place).
    """
    texts = [(f"--require {place}", text) for place, text in enumerate(given, start=1)]
    if file is not None:
        texts += [(f"{file.name}, requirement {place}", text) for place, text in enumerate(_of_file(file), start=1)]
    if not texts:
        raise ConfigError("expected requirements, got none; give --require 'raft.token_f1.low >= 0.6' or --file")
    found, faults = [], []
    for place, text in texts:
        try:
            found.append(parse(text, names))
        except RequirementError as error:
            faults.append(_fault(place, text, error))
    if faults:
        raise ConfigError(list_faults("requirements that cannot be read:", faults))
    return tuple(found)


def reasons_in(run: Path) -> Why:
    """Why scores of a method are undefined: the most frequent reason in the run's scores, if it has that file."""

    def why(method: str, metric: str) -> str | None:
        path, mark = run / SCORES_FILE, f'"metric": {json.dumps(metric)}'
        if not path.is_file():
            return None
        counts: Counter[str] = Counter()
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            for line in file:
                if mark in line:
                    counts.update(_reason(line, method, metric))
        return counts.most_common(1)[0][0] if counts else None

    return why


def _of_file(path: Path) -> list[str]:
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: expected a file of requirements, found none") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: expected a file of requirements, found a folder") from None
    except YAML_FAULTS as error:
        raise ConfigError(f"{path}: not readable as YAML: {visible(yaml_fault(error))}") from None
    if isinstance(tree, dict) and set(tree) == {FILE_KEY}:
        tree = tree[FILE_KEY]
    if not isinstance(tree, list) or not tree:
        raise ConfigError(f"{path}: expected a list of requirements, each a line such as: - raft.token_f1.low >= 0.6")
    odd = [f"requirement {place}: {_kind(one)}" for place, one in enumerate(tree, start=1) if not isinstance(one, str)]
    if odd:
        title = f"{path}: expected text; requirements with quotes stand in single quotes: '\"my system\".token_f1 > 0'"
        raise ConfigError(list_faults(title, odd))
    return tree


def _kind(value: Any) -> str:
    return f"got {'nothing' if value is None else type(value).__name__}"


def _fault(place: str, text: str, error: RequirementError) -> str:
    shown = visible(text)
    start = max(0, error.position - 60)  # the caret stays below its character in a narrow terminal
    shown, before = shown[start : start + 76], shown[start : error.position]
    hint = f"\n    {visible(error.hint)}" if error.hint else ""
    return f"{place}: {error.message}\n    {shown}\n    {' ' * cell_len(before)}^{hint}"


def _reason(line: str, method: str, metric: str) -> list[str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return []
    ours = isinstance(row, dict) and row.get("method") == method and row.get("metric") == metric
    return [str(row["reason"])] if ours and row.get("value") is None and row.get("reason") else []
