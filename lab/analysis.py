"""Everything that the scores say beyond means and comparisons, put together for results.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab.config import ExperimentConfig
from lab.metrics.text import normalise
from lab.outcomes.causes import Said, causes, count_causes, disagreements
from lab.outcomes.diagnosis import diagnose
from lab.outcomes.factorial import factorial
from lab.outcomes.reading import reading
from lab.outcomes.router import route
from lab.outcomes.slices import slices
from lab.outcomes.table import ScoreTable

Rows = Sequence[Mapping[str, Any]]


def analyse(table: ScoreTable, config: ExperimentConfig) -> dict[str, Any]:
    """Effects, gaps, slices, the router's bound, and what passages changed."""
    metric, margin, k = config.metrics.primary, config.metrics.margin, config.index.k
    return {
        "factorial": factorial(table, metric),
        "diagnosis": diagnose(table, metric, margin, shown_k=k),
        "slices": slices(table, metric, config.holdout.seed, shown_k=k),
        "router": route(table, metric, shown_k=k),
        "reading": reading(table),
    }


def find_causes(rows: Rows, table: ScoreTable) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of `answers.jsonl` with the cause of each wrong answer put in; and the causes counted, with examples."""
    said = [Said.from_row(row) for row in rows]
    evidence = {question.id for question in table.questions if question.has_gold}
    found = causes(said, evidence, normalise)
    told = [{**row, "cause": found[one.key]} for one, row in zip(said, rows, strict=True)]
    return told, {"counts": count_causes(found), "disagreements": disagreements(said, found)}
