"""What the shell may complete beside commands, options and paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def dotted_keys(schema: Mapping[str, Any]) -> Iterator[str]:
    """Every key of a JSON Schema with sections, as `--set` writes it: index.k, training.rank, name."""
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    for name, value in schema.get("properties", {}).items():
        reference = str(value.get("$ref", "")).rpartition("/")[2]
        keys = definitions.get(reference, {}).get("properties", {})
        yield from (f"{name}.{key}" for key in keys) if keys else (name,)
