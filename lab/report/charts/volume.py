"""What the methods cost over time and by volume, and where one becomes cheaper than another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import Axis, nice_axis, x_grid, y_grid
from lab.report.charts.placement import Box, place_labels, spread
from lab.report.charts.plane import label_text, leader
from lab.report.charts.sketch import PHONE, WIDE, About, Sketch, chart, label_kind
from lab.report.charts.styles import styles
from lab.report.layout import Chart
from lab.report.money import total_curves
from lab.types import ExperimentResult

_HEIGHT, _LEFT, _TOP, _BOTTOM = 340.0, 56.0, 34.0, 48.0
_NAMES, _NO_NAMES = 176.0, 26.0  # px at the right, with and without names
_LINE = 16.0  # px between two names
_SOON = 0.03  # of the horizon; earlier crossings lie too near to the origin to be seen

Line = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where `method` becomes cheaper than `baseline`: at `x` months or questions, for a cost of `y`."""

    method: str
    baseline: str
    x: float
    y: float


def volume_chart(result: ExperimentResult) -> Chart | None:
    """Total cost over the months of the horizon; None without prices, volumes and a horizon."""
    curves = {name: curve for name, curve in total_curves(result).items() if curve[-1][0] > 0}
    names = [name for name in lookup.methods_by_quality(result) if name in curves]
    if not names or max(cost for name in names for _, cost in curves[name]) <= 0:
        return None
    curves = {name: curves[name] for name in names}
    months = rounding.rate(max(curve[-1][0] for curve in curves.values()))
    money = currency(result)
    met = paybacks(result, curves)
    ends = "; ".join(f"{words.method_label(name)} {rounding.figure(curves[name][-1][1])}" for name in names)
    said = "".join(f" {_payback(one)}." for one in met)
    shown = [one for one in met if one.x >= _SOON * curves[one.method][-1][0]]
    title = f"Total cost over {months} months, {money}"
    caption = f"Total cost in {money}: building, hosting, updates and questions up to each month."
    rings = " Rings: from here on a method has cost less than another." if shown else ""
    about = About("total-cost", title, f"At the end of {months} months: {ends}.{said}", caption + rings)
    return chart(about, WIDE, lambda width: _draw_totals(result, curves, shown, width))


def paybacks(result: ExperimentResult, curves: Mapping[str, Line]) -> list[Crossing]:
    """Where two drawn totals cross within the horizon, for each pair of which one pays from some volume on."""
    found = []
    for pair in lookup.sequence(lookup.mapping(result.recommendation, "costs"), "break_even"):
        method, baseline = (str(lookup.at(pair, key)) for key in ("method", "baseline"))
        if rounding.number(lookup.at(pair, "questions")) is None or not {method, baseline} <= curves.keys():
            continue
        spot = _crossing(curves[method], curves[baseline])
        if spot:
            found.append(Crossing(method, baseline, *spot))
    return sorted(found, key=lambda one: (one.x, one.method, one.baseline))


def _crossing(first: Line, second: Line) -> tuple[float, float] | None:
    """Where the first line falls below the second; straight between the months."""
    both = [(x, y, z) for (x, y), (_, z) in zip(first, second, strict=False)]
    for (x1, y1, z1), (x2, y2, z2) in pairwise(both):
        if y1 > z1 and y2 <= z2:
            share = (y1 - z1) / ((y1 - z1) - (y2 - z2))
            return x1 + share * (x2 - x1), y1 + share * (y2 - y1)
    return None


def _draw_totals(result: ExperimentResult, curves: Mapping[str, Line], met: Sequence[Crossing], width: int) -> Sketch:
    x = Axis(0.0, max(curve[-1][0] for curve in curves.values()), _LEFT, width - names_room(width))
    key, top = name_key(result, tuple(curves), width)
    y = nice_axis([cost for curve in curves.values() for _, cost in curve], top + _HEIGHT - _BOTTOM, top + _TOP)
    parts = [
        *key,
        svg.text(0, top + 14, f"total cost, {currency(result)}", kind="small"),
        *y_grid(y, x.start, x.end),
        *_x_labels(x, y.start),
        svg.text(x.end, y.start + 38, "months", "end", "small"),
        *lines_with_names(result, curves, (x, y), width),
    ]
    return Sketch(top + _HEIGHT, [*parts, *rings(met, (x, y), _payback, curves)])


def _x_labels(axis: Axis, bottom: float) -> list[str]:
    return [part for part in x_grid(axis, bottom, bottom) if part.startswith("<text")]


def names_room(width: int) -> float:
    """Px at the right of the lines: on phones their names stand above, in `name_key`."""
    return _NO_NAMES if width <= PHONE else _NAMES


def name_key(result: ExperimentResult, names: Sequence[str], width: int) -> tuple[list[str], float]:
    """On phones, mark and name of each method, and the px that they take; elsewhere nothing."""
    if width > PHONE:
        return [], 0.0
    parts: list[str] = []
    x, y = 0.0, 12.0
    for name in names:
        chosen = label_kind(result, name)
        label = svg.fit(words.method_label(name), width - 24.0, strong=bool(chosen))
        size = 18 + svg.text_width(label, strong=bool(chosen)) + 16
        if x and x + size - 16 > width:
            x, y = 0.0, y + 22
        parts.append(styles(result)[name].mark(x + 6, y - 1, 4.5))
        parts.append(svg.text(x + 18, y + 3.5, label, kind=chosen))
        x += size
    return parts, y + 18


def lines_with_names(
    result: ExperimentResult, lines: Mapping[str, Line], axes: tuple[Axis, Axis], width: int
) -> list[str]:
    """Each method's line in its colour and dash, at its right end its mark and, on wide screens, its name."""
    x, y = axes
    looks = styles(result)
    heights = spread([y(line[-1][1]) for line in lines.values()], _LINE, y.end, y.start)
    parts = []
    for (name, line), height in zip(lines.items(), heights, strict=True):
        chosen = label_kind(result, name)
        end = (x(line[-1][0]), y(line[-1][1]))
        kind = f"rod {looks[name].colour}{' wide' if chosen else ''}"
        parts.append(svg.polyline([(x(a), y(b)) for a, b in line], kind, looks[name].dash))
        if abs(height - end[1]) > 2:
            parts.append(svg.line(*end, x.end + 10, height, "leader"))
        parts.append(looks[name].mark(x.end + 14, height, 4.5))
        if width > PHONE:
            label = svg.fit(words.method_label(name), width - x.end - 26, strong=bool(chosen))
            parts.append(svg.text(x.end + 24, height + 4.5, label, kind=chosen))
    return parts


def rings(
    crossings: Sequence[Crossing],
    axes: tuple[Axis, Axis],
    write: Callable[[Crossing], str],
    lines: Mapping[str, Line],
) -> list[str]:
    """A ring at each crossing, with its label where it covers no line."""
    x, y = axes
    points = [(x(one.x), y(one.y)) for one in crossings]
    labels = [write(one) for one in crossings]
    sizes = [(svg.text_width(label, svg.SMALL_SIZE), 14.0) for label in labels]
    taken = [Box(a - 6, b - 6, a + 6, b + 6) for a, b in points] + _along(lines, x, y)
    bounds = Box(x.start + 2, y.end, x.end, y.start - 2)
    parts = []
    for point, label, place in zip(points, labels, place_labels(points, sizes, taken, bounds), strict=True):
        inside = place.box.within(bounds)
        parts += [leader(point, place)] if place.far and inside else []
        parts.append(svg.tip(label, [svg.circle(*point, "ring ink", 4.5)]))
        parts += [label_text(point, place, label, "small halo")] if inside else []
    return parts


def _along(lines: Mapping[str, Line], x: Axis, y: Axis) -> list[Box]:
    """Boxes that cover the lines, one for every few px."""
    boxes = []
    for line in lines.values():
        for (a, b), (c, d) in pairwise([(x(a), y(b)) for a, b in line]):
            pieces = max(1, round(max(abs(c - a), abs(d - b)) / 6))
            for piece in range(pieces + 1):
                share = piece / pieces
                at = a + (c - a) * share, b + (d - b) * share
                boxes.append(Box(at[0] - 3, at[1] - 2, at[0] + 3, at[1] + 2))
    return boxes


def _payback(one: Crossing) -> str:
    month = "the first month" if one.x < 1 else f"month {rounding.ratio(one.x)}"
    return f"{words.method_label(one.method)} below {words.method_label(one.baseline)} from {month}"


def currency(result: ExperimentResult) -> str:
    """As declared, or that it was not."""
    return str(lookup.at(result.recommendation, "costs", "currency") or "units of money")
