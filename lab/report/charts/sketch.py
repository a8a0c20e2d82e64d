"""What all charts share: their widths, text that says a value, and a chart drawn for wide screens and for phones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.layout import Chart, Table
from lab.types import Estimate, ExperimentResult

FULL, WIDE, HALF, PHONE = 1040, 760, 510, 340  # px; the text column, and what stands beside something else in it


@dataclass(frozen=True, slots=True)
class Sketch:
    """A body of `height` px, drawn for one width."""

    height: float
    parts: list[str]


@dataclass(frozen=True, slots=True)
class About:
    """What a chart is called, and what it shows in words. `caption` is for those who see it."""

    name: str
    title: str
    description: str
    caption: str
    table: Table | None = None


def chart(about: About, wide: int, draw: Callable[[int], Sketch]) -> Chart:
    """The chart at `wide` px and at PHONE px, by the function that draws it at any width."""
    return Chart(_figure(about, wide, draw), _figure(about, PHONE, draw), about.caption, about.table)


def primary_label(result: ExperimentResult) -> str:
    """The metric that decides, as readers write it."""
    return words.metric_label(lookup.primary(result))


def estimate_text(found: Estimate | None) -> str:
    """'0.512 [0.441, 0.583]', or that it was not measured."""
    if found is None or found.mean is None:
        return rounding.NOT_MEASURED
    mean = rounding.score(found.mean, found.low, found.high)
    return " ".join(filter(None, (mean, rounding.interval(found.low, found.high))))


def label_kind(result: ExperimentResult, method: str) -> str:
    """The kind of text that names a method: the chosen one stands out."""
    return "chosen" if method == lookup.choice(result) else ""


def _figure(about: About, width: int, draw: Callable[[int], Sketch]) -> svg.Figure:
    sketch = draw(width)
    body = "\n".join(sketch.parts)
    return svg.Figure(about.name, about.title, about.description, width, round(sketch.height), body)
