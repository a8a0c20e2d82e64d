"""All that is needed to do it again: configuration, versions, machine, fingerprints, seconds of every step."""

from __future__ import annotations

import json
from collections.abc import Iterable

from lab import rounding
from lab.report import lookup, words
from lab.report.layout import Block, Cell, Column, Section, Table
from lab.types import ExperimentResult


def reproducibility_section(result: ExperimentResult) -> Section:
    """Machine, times, libraries and the resolved configuration."""
    environment = dict(result.environment)
    libraries = lookup.mapping(environment, "libraries")
    environment.pop("libraries", None)
    machine = [("experiment", result.name), ("split fingerprint", lookup.at(result.holdout, "fingerprint"))]
    machine += [("seeds", words.join(map(str, result.seeds)))]
    machine += [(key.replace("_", " "), words.said(value)) for key, value in environment.items()]
    times = [(step, lookup.at(result.timings, "steps", step)) for step in lookup.mapping(result.timings, "steps")]
    times += [("loading and running models", result.timings.get("model_s")), ("total", result.timings.get("total_s"))]
    name, value = Column("name", number=False), Column("value", number=False)
    shown = (
        Table("Environment", (name, value), _pairs((key, words.said(item)) for key, item in machine)),
        Table(
            "Seconds by step",
            (Column("step", number=False), Column("seconds")),
            _pairs((key, rounding.seconds(item)) for key, item in times),
        ),
        Table(
            "Libraries", (name, value), _pairs((key, words.said(item)) for key, item in libraries.items()), folded=True
        ),
    )
    config = Block("Resolved configuration", json.dumps(result.config, indent=2, ensure_ascii=False, default=str))
    return Section(
        "reproducibility",
        "Reproducibility",
        tables=tuple(table for table in shown if table.rows),
        blocks=(config,) if result.config else (),
    )


def _pairs(items: Iterable[tuple[str, str]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple((Cell(str(key)), Cell(value)) for key, value in items)
