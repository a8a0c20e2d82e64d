"""Reading the experiment file: YAML with numbers as everyone writes them, no key twice, and `--set` overrides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from lab.errors import ConfigError

# Beside its own errors PyYAML lets through whatever Python says of dates, numbers and tags that are none.
YAML_FAULTS = (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
MAX_WORDS = 300


class _Yaml(yaml.SafeLoader):
    """YAML 1.2 numbers (`1e-3` is a float, as everyone who writes it means), and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        counts = Counter(key for key in keys if isinstance(key, Hashable))
        twice = sorted(str(key) for key, count in counts.items() if count > 1)
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"given twice: {', '.join(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


_Yaml.yaml_implicit_resolvers = {key: list(value) for key, value in yaml.SafeLoader.yaml_implicit_resolvers.items()}
_Yaml.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def read_yaml(path: Path) -> dict[str, Any]:
    """The keys and values of a YAML file.

    Raises:
        ConfigError: no such file, or it is not YAML, or not keys and values.
    """
    if not path.is_file():
        hint = " (a folder: name the experiment.yaml in it)" if path.is_dir() else ""
        raise ConfigError(f"{path}: expected an experiment file, found none{hint}")
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=_Yaml)  # noqa: S506 - a SafeLoader subclass
    except YAML_FAULTS as error:
        raise ConfigError(f"{path}: not readable as YAML: {yaml_fault(error)}") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"{path}: expected keys and values, got {type(tree).__name__}")
    return tree


def yaml_fault(error: Exception) -> str:
    """What is wrong with a text that is no YAML, on one line of at most 300 characters."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= MAX_WORDS else f"{words[: MAX_WORDS - 3]}..."


def apply_override(tree: dict[str, Any], override: str) -> None:
    """Set one key of `tree` from `section.key=value`; the value is YAML.

    Raises:
        ConfigError: the override has another form.
    """
    key, separator, text = override.partition("=")
    if not separator or not all(key.split(".")):
        raise ConfigError(f"--set {override}: expected section.key=value, such as index.k=5")
    *parents, leaf = key.split(".")
    place = tree
    for parent in parents:
        if place.get(parent) is None:  # also where the file says null
            place[parent] = {}
        inner = place[parent]
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {override}: {parent} has no keys below it")
        place = inner
    try:
        place[leaf] = yaml.load(text, Loader=_Yaml)  # noqa: S506 - a SafeLoader subclass
    except YAML_FAULTS:
        raise ConfigError(f"--set {override}: the value is not readable as YAML") from None
