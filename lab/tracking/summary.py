"""A result as a tracker takes it: scalars by name, and tables of values that nobody rounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lab.types import ExperimentResult

Value = str | float | int | bool | None
ESTIMATE = ("mean", "low", "high", "n", "undefined")
CONTRAST = (
    "metric", "method", "baseline", "difference", "low", "high", "p", "p_holm", "verdict", "n", "clusters", "mde",
)  # fmt: skip
ADVICE = ("choice", "clear", "proven", "p_best", "reason")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of plain values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def records(self) -> list[dict[str, Value]]:
        """One mapping for each row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def markdown(self) -> str:
        """The table as Markdown; an empty cell is a value that could not be had."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is told at the end. Scalars are named `token_f1/rag`, `token_f1/rag/low`, `token_f1/rag/high`."""

    scalars: Mapping[str, float]
    tables: Mapping[str, Grid]

    def plain(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {"scalars": dict(self.scalars), "tables": {name: asdict(grid) for name, grid in self.tables.items()}}


def summary_of(result: ExperimentResult) -> Summary:
    """Methods x metrics with their intervals, all comparisons, and the recommendation."""
    found = [
        (method, metric, estimate)
        for method, values in result.methods.items()
        for metric, estimate in values["metrics"].items()
    ]
    named = (
        (f"{metric}/{method}{end}", estimate[key])
        for method, metric, estimate in found
        for end, key in (("", "mean"), ("/low", "low"), ("/high", "high"))
    )
    return Summary(
        scalars={name: float(value) for name, value in named if value is not None},
        tables={
            "methods": Grid(
                ("method", "metric", *ESTIMATE),
                tuple((method, metric, *(estimate.get(key) for key in ESTIMATE)) for method, metric, estimate in found),
            ),
            "comparisons": Grid(
                CONTRAST, tuple(tuple(getattr(item, name) for name in CONTRAST) for item in result.comparisons)
            ),
            "recommendation": Grid(("key", "value"), tuple((key, result.recommendation.get(key)) for key in ADVICE)),
        },
    )


def _cell(value: Value) -> str:
    text = "" if value is None else str(value)
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
