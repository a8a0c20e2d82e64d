"""Quality against what it costs: two panels, price or seconds a question and latency, each with its Pareto front."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import Axis, log_axis, nice_axis, x_grid, y_grid
from lab.report.charts.placement import Box, Placement, place_labels
from lab.report.charts.sketch import FULL, PHONE, About, Sketch, chart, label_kind, primary_label
from lab.report.charts.styles import styles
from lab.report.layout import Chart
from lab.types import Estimate, ExperimentResult

_HEIGHT, _GUTTER = 360.0, 40.0
_LEFT, _TOP, _BOTTOM = 40.0, 34.0, 48.0  # px of a panel outside its plot
_LINE = 15.0  # px, height of a label
_FULL = "full price of 1,000 questions"


@dataclass(frozen=True, slots=True)
class Spot:
    """A method with its cost, which is above 0, and its quality."""

    method: str
    cost: float
    quality: Estimate

    @property
    def mean(self) -> float:
        """Quality as a number."""
        return self.quality.mean or 0.0


@dataclass(frozen=True, slots=True)
class Panel:
    """What one of the panels measures: what its axis says, its points, and how a cost is written."""

    label: str
    spots: tuple[Spot, ...]
    write: Callable[[Any], str]

    @property
    def front(self) -> list[Spot]:
        """The Pareto front of its candidates."""
        return front(_candidates(self.spots))

    @property
    def faint(self) -> frozenset[str]:
        """The candidates that another one beats."""
        return frozenset(spot.method for spot in _candidates(self.spots) if spot not in self.front)


def plane_chart(result: ExperimentResult) -> Chart | None:
    """Up and left is better; None where neither cost nor latency of two methods was measured."""
    panels = [panel for panel in (_cost_panel(result), _latency_panel(result)) if len(panel.spots) > 1]
    if not panels:
        return None
    label = primary_label(result)
    said = " ".join(
        f"By {panel.label}: {'; '.join(_said(spot, panel) for spot in panel.spots)}. "
        f"On the front: {words.join(words.method_label(spot.method) for spot in panel.front)}."
        for panel in panels
    )
    about = About(
        "plane",
        words.capital(f"{label} against {' and '.join(panel.label.split(', ')[0] for panel in panels)}"),
        f"{words.capital(label)} with 95 % intervals against cost on logarithmic axes. {said}",
        f"{words.capital(label)} against cost, on logarithmic axes; up and to the left is better. The stepped line is "
        "the Pareto front of each panel by its means alone. Fainter: candidates off it; another one is at least as "
        f"good at no higher cost, and better in one of the two.{_full_price(panels)}{_all_criteria(result)}",
    )
    return chart(about, FULL if len(panels) > 1 else FULL // 2, lambda width: _draw(result, panels, width))


def front(spots: Iterable[Spot]) -> list[Spot]:
    """Those that no other one beats, cheapest first."""
    known = sorted(spots, key=lambda spot: (spot.cost, -spot.mean, spot.method))
    return [spot for spot in known if not any(_beats(other, spot) for other in known)]


def _beats(one: Spot, other: Spot) -> bool:
    """At least as good and at most as dear, and better in one of the two."""
    no_worse = one.mean >= other.mean and one.cost <= other.cost
    return no_worse and (one.mean > other.mean or one.cost < other.cost)


def _candidates(spots: Iterable[Spot]) -> list[Spot]:
    return [spot for spot in spots if spot.method != lookup.ORACLE]


def _cost_panel(result: ExperimentResult) -> Panel:
    """What a question costs: all that is paid for it where that is known, else answering alone, else its seconds."""
    costs = lookup.mapping(result.recommendation, "costs")
    spread = costs.get("spread") is True
    key, label = ("price_per_question", _FULL) if spread else ("cost_per_question", "price of 1,000 questions")
    priced = {name: lookup.at(costs, "per_method", name, key) for name in result.methods}
    currency = str(costs.get("currency") or "units of money")
    panel = Panel(f"{label}, {currency}", _spots(result, priced, 1000.0), rounding.figure)
    if len(panel.spots) > 1:
        return panel
    seconds = {name: lookup.at(result.methods, name, "seconds_per_question") for name in result.methods}
    return Panel("seconds a question, in batches", _spots(result, seconds, 1.0), rounding.seconds)


def _full_price(panels: Iterable[Panel]) -> str:
    if not any(panel.label.startswith(_FULL) for panel in panels):
        return ""
    return " The full price has building, hosting and updates in it, spread over the questions of the horizon."


def _all_criteria(result: ExperimentResult) -> str:
    """Where the recommendation's own Pareto set stands, if it has one: it is another than those drawn."""
    if not lookup.sequence(result.recommendation, "pareto"):
        return ""
    return (
        " The recommendation's own Pareto set, by all criteria and within the margin, is in the table 'Which methods "
        "no other one makes superfluous'."
    )


def _latency_panel(result: ExperimentResult) -> Panel:
    waits = {name: lookup.at(result.methods, name, "latency_ms", "p95") for name in result.methods}
    return Panel("latency p95 in ms, asked alone", _spots(result, waits, 1.0), rounding.count)


def _spots(result: ExperimentResult, costs: Mapping[str, Any], unit: float) -> tuple[Spot, ...]:
    spots = []
    for name in lookup.methods_by_quality(result):
        if name in lookup.beside(result):  # its seconds are those of requests
            continue
        cost, found = rounding.number(costs.get(name)), lookup.metric(result, name, lookup.primary(result))
        if cost is not None and cost > 0 and found is not None and found.mean is not None:
            spots.append(Spot(name, cost * unit, found))
    return tuple(spots)


def _draw(result: ExperimentResult, panels: Sequence[Panel], width: int) -> Sketch:
    beside = width > PHONE and len(panels) > 1
    size = (width - _GUTTER) / 2 if beside else float(width)
    ends = [value for panel in panels for spot in panel.spots for value in (spot.mean, spot.quality.high or 0.0)]
    parts = []
    for place, panel in enumerate(panels):
        left, top = ((size + _GUTTER) * place, 0.0) if beside else (0.0, (_HEIGHT + 16) * place)
        y = nice_axis(ends, top + _HEIGHT - _BOTTOM, top + _TOP, cap=1.0)
        x = log_axis([spot.cost for spot in panel.spots], left + _LEFT, left + size - 10)
        parts += _panel(result, panel, x, y)
    return Sketch(_HEIGHT if beside else (_HEIGHT + 16) * len(panels) - 16, parts)


def _panel(result: ExperimentResult, panel: Panel, x: Axis, y: Axis) -> list[str]:
    frame = [
        svg.text(x.start - _LEFT, y.end - 20, primary_label(result), kind="small"),
        *y_grid(y, x.start, x.end),
        *x_grid(x, y.end, y.start),
        svg.text(x.end, y.start + 38, svg.fit(panel.label, x.length + _LEFT, svg.SMALL_SIZE), "end", "small"),
    ]
    steps = _steps(panel.front, x, y)
    line = [svg.polyline(steps, "rod muted thin")] if steps else []
    out = panel.faint
    marks = [_mark(result, spot, panel, (x(spot.cost), y), faint=spot.method in out) for spot in panel.spots]
    return [*frame, *line, *marks, *_labels(result, panel, x, y)]


def _steps(found: Sequence[Spot], x: Axis, y: Axis) -> list[tuple[float, float]]:
    """The front as a staircase: from the axis up to the cheapest, then right and up, and on to the edge."""
    if not found:
        return []
    points = [(x(found[0].cost), y.start)]
    for spot in found:
        points += [(x(spot.cost), points[-1][1]), (x(spot.cost), y(spot.mean))]
    return [points[0], *points[2:], (x.end, points[-1][1])]


def _mark(result: ExperimentResult, spot: Spot, panel: Panel, place: tuple[float, Axis], *, faint: bool) -> str:
    x, y = place
    style = styles(result)[spot.method]
    parts = []
    if spot.quality.low is not None and spot.quality.high is not None:
        low, high = y.clipped(spot.quality.low), y.clipped(spot.quality.high)
        parts.append(svg.line(x, low, x, high, f"rod {style.colour} thin soft"))
    mark = style.mark(x, y(spot.mean), 6.0)
    return svg.tip(_said(spot, panel), [*parts, f'<g class="faint">{mark}</g>' if faint else mark])


def _labels(result: ExperimentResult, panel: Panel, x: Axis, y: Axis) -> list[str]:
    points = [(x(spot.cost), y(spot.mean)) for spot in panel.spots]
    labels = [svg.fit(words.method_label(spot.method), x.length * 0.6) for spot in panel.spots]
    strong = [bool(label_kind(result, spot.method)) for spot in panel.spots]
    sizes = [(svg.text_width(label, strong=bold), _LINE) for label, bold in zip(labels, strong, strict=True)]
    taken = [Box(a - 6, b - 6, a + 6, b + 6) for a, b in points]
    for spot, (a, _) in zip(panel.spots, points, strict=True):
        if spot.quality.low is not None and spot.quality.high is not None:
            taken.append(Box(a - 1.5, y.clipped(spot.quality.high), a + 1.5, y.clipped(spot.quality.low)))
    taken += _along(_steps(panel.front, x, y))
    bounds = Box(x.start + 2, y.end - 10, x.end + 10, y.start - 2)
    out = panel.faint
    parts = []
    for spot, point, label, place in zip(
        panel.spots, points, labels, place_labels(points, sizes, taken, bounds), strict=True
    ):
        kind = label_kind(result, spot.method) or ("small" if spot.method in out else "")
        parts += [leader(point, place)] if place.far else []
        parts.append(label_text(point, place, label, f"{kind} halo".strip()))
    return parts


def _along(steps: Sequence[tuple[float, float]]) -> list[Box]:
    """Boxes around the lines between corners."""
    return [
        Box(min(a, c) - 1.5, min(b, d) - 1.5, max(a, c) + 1.5, max(b, d) + 1.5) for (a, b), (c, d) in pairwise(steps)
    ]


def label_text(spot: tuple[float, float], place: Placement, label: str, kind: str) -> str:
    """A placed label, set against its point: its width is only estimated."""
    box = place.box
    if box.right <= spot[0]:
        return svg.text(box.right, box.bottom - 3.5, label, "end", kind)
    return svg.text(box.left, box.bottom - 3.5, label, "start", kind)


def leader(spot: tuple[float, float], place: Placement) -> str:
    """A thin line from a point to the label that had to be put far off."""
    box = place.box
    x = min(max(spot[0], box.left), box.right)
    y = box.bottom if box.bottom < spot[1] else box.top if box.top > spot[1] else (box.top + box.bottom) / 2
    return svg.line(*spot, x, y, "leader")


def _said(spot: Spot, panel: Panel) -> str:
    mean = rounding.score(spot.mean, spot.quality.low, spot.quality.high)
    return f"{words.method_label(spot.method)} {panel.write(spot.cost)}, {mean}"
