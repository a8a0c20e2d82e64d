"""The report's charts: quality by method, quality against cost, and loss curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.report import lookup, rounding, svg, words
from lab.report.placement import Box, Placement, place_labels
from lab.types import Estimate, ExperimentResult

WIDE, HALF, NARROW = 760, 510, 350
_ROW = 34
_COST_HEIGHT = 330
_LOSS_HEIGHT = 190


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps values in [low, high] to px in [start, end]; `log` for a logarithmic axis."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        at = math.log(value) if self.log else value
        return self.start + (at - low) / (high - low) * (self.end - self.start)


def quality_chart(result: ExperimentResult, width: int = WIDE) -> svg.Figure:
    """One row per method: the primary metric as a dot with its interval, containment as a lighter mark."""
    primary = lookup.primary(result)
    names = lookup.methods_by_quality(result)
    label_width = 150 if width >= HALF else 122
    axis = Axis(0.0, _top(result, names, (primary, "contains")), label_width, width - 62)
    top = 34
    height = top + _ROW * len(names) + 30 + (8 if lookup.ORACLE in names else 0)
    body = [*_legend(primary, label_width if width >= HALF else 0), *_vertical_grid(axis, top - 6, height - 30)]
    y = top + _ROW / 2
    for name in names:
        if name == lookup.ORACLE and len(names) > 1:
            body.append(svg.line(0, y - _ROW / 2 + 4, width, y - _ROW / 2 + 4, "grid dashed"))
            y += 8
        body += _quality_row(result, name, axis, (y, width))
        y += _ROW
    title = f"{words.metric_label(primary)} by method"
    return svg.Figure("chart-quality", words.capital(title), _describe(result, names), width, height, "\n".join(body))


def cost_chart(result: ExperimentResult, width: int = WIDE) -> svg.Figure:
    """The primary metric against seconds a question, measured in batches, which stand on a logarithmic axis."""
    primary = words.metric_label(lookup.primary(result))
    points = [(name, *found) for name in lookup.methods_by_quality(result) if (found := _cost_point(result, name))]
    title = f"{words.capital(primary)} against seconds a question (in batches)"
    if not points:
        excuse = svg.text(width / 2, 40, "seconds a question: not measured", "middle", "small")
        return svg.Figure("chart-cost", title, "Nothing to show.", width, 70, excuse)
    low, high = min(point[1] for point in points), max(point[1] for point in points)
    spread = max(1.25, (2.5 * low / high) ** 0.5)  # a factor of 2.5 at least, so that equal costs do not fill the axis
    x = Axis(low / spread, high * spread, 44, width - 16, log=True)
    y = Axis(0.0, _top(result, [point[0] for point in points], (lookup.primary(result),)), _COST_HEIGHT - 48, 28)
    body = [*_cost_axes(x, y, primary, width), *_cost_marks(result, points, x, y)]
    left_out = [words.method_label(name) for name in result.methods if name not in {point[0] for point in points}]
    said = "; ".join(
        f"{words.method_label(name)}: {rounding.seconds(cost)} s, {rounding.score(found.mean)}"
        for name, cost, found in points
    )
    missing = f" Not measured: {words.join(left_out)}." if left_out else ""
    return svg.Figure("chart-cost", title, f"{said}.{missing}", width, _COST_HEIGHT, "\n".join(body))


def loss_charts(result: ExperimentResult, width: int = NARROW) -> tuple[svg.Figure, ...]:
    """For each adapter with a curve, its training and dev loss by step, and the step that was kept."""
    records = lookup.adapters(result)
    return tuple(
        _loss_chart(name, record, width)
        for name, record in records.items()
        if len(_series(record, "train_loss")) > 1 or len(_series(record, "dev_loss")) > 1
    )


def _quality_row(result: ExperimentResult, name: str, axis: Axis, place: tuple[float, int]) -> list[str]:
    y, width = place
    chosen = " chosen" if name == lookup.choice(result) else ""
    parts = [svg.text(0, y + 4.5, words.method_label(name), kind="strong" if chosen else "")]
    if name == lookup.ORACLE:
        note = "gold put in" if width >= HALF else "gold in"
        parts.append(svg.text(svg.text_width("Oracle") + 8, y + 4.5, note, kind="small"))
    lenient = lookup.metric(result, name, "contains")
    if lenient and lenient.mean is not None and lookup.primary(result) != "contains":
        parts.append(svg.diamond(axis(lenient.mean), y, "light"))
    found = lookup.metric(result, name, lookup.primary(result))
    if found is None or found.mean is None:
        return [*parts, svg.text(axis.start, y + 4.5, rounding.NOT_MEASURED, kind="small")]
    if found.low is not None and found.high is not None:
        parts.append(svg.line(axis(found.low), y, axis(found.high), y, f"bar{chosen}"))
    parts.append(svg.circle(axis(found.mean), y, "hollow" if name == lookup.ORACLE else f"dot{chosen}", 5))
    parts.append(svg.text(width - 2, y + 4.5, rounding.score(found.mean), "end", "strong" if chosen else ""))
    return parts


def _legend(primary: str, left: float) -> list[str]:
    label = f"{words.metric_label(primary)}, 95 % interval"
    parts = [
        svg.line(left, 10, left + 22, 10, "bar"),
        svg.circle(left + 11, 10, "dot"),
        svg.text(left + 28, 14, label, kind="small"),
    ]
    if primary != "contains":
        after = left + 28 + svg.text_width(label) * 0.92 + 14
        parts += [svg.diamond(after, 10, "light"), svg.text(after + 9, 14, "contains", kind="small")]
    return parts


def _vertical_grid(axis: Axis, top: float, bottom: float) -> list[str]:
    parts = []
    for tick in _ticks(axis.high, axis.end - axis.start):
        parts.append(svg.line(axis(tick), top, axis(tick), bottom, "grid"))
        parts.append(svg.text(axis(tick), bottom + 18, f"{tick:.1f}", "middle", "small"))
    return parts


def _cost_point(result: ExperimentResult, name: str) -> tuple[float, Estimate] | None:
    cost = rounding.number(lookup.at(result.methods, name, "seconds_per_question"))
    found = lookup.metric(result, name, lookup.primary(result))
    if cost is None or cost <= 0 or found is None or found.mean is None:
        return None
    return cost, found


def _cost_axes(x: Axis, y: Axis, primary: str, width: int) -> list[str]:
    parts = [svg.text(0, 12, primary, kind="small")]
    for tick in _ticks(y.high, y.start - y.end):
        parts.append(svg.line(x.start, y(tick), x.end, y(tick), "grid"))
        parts.append(svg.text(x.start - 8, y(tick) + 4, f"{tick:.1f}", "end", "small"))
    for tick in _log_ticks(x):
        parts.append(svg.line(x(tick), y.start, x(tick), y.start + 5, "grid"))
        parts.append(svg.text(x(tick), y.start + 19, f"{tick:g}", "middle", "small"))
    parts.append(svg.text(width - 16, y.start + 38, "seconds a question (in batches), log scale", "end", "small"))
    return parts


def _cost_marks(result: ExperimentResult, points: Sequence[tuple[str, float, Estimate]], x: Axis, y: Axis) -> list[str]:
    spots = [(x(cost), y(found.mean or 0.0)) for _, cost, found in points]
    bars = [
        (y(found.low), y(found.high)) if found.low is not None and found.high is not None else None
        for *_, found in points
    ]
    taken = [Box(left - 6, top - 6, left + 6, top + 6) for left, top in spots]
    taken += [Box(left - 2, bar[1], left + 2, bar[0]) for (left, _), bar in zip(spots, bars, strict=True) if bar]
    labels = [words.method_label(name) for name, *_ in points]
    sizes = [(svg.text_width(label), 15.0) for label in labels]
    places = place_labels(spots, sizes, taken, Box(x.start, y.end - 10, x.end + 14, y.start - 2))
    parts: list[str] = []
    for (name, *_), spot, bar, place, label in zip(points, spots, bars, places, labels, strict=True):
        chosen = " chosen" if name == lookup.choice(result) else ""
        if bar:
            parts.append(svg.line(spot[0], bar[0], spot[0], bar[1], f"bar{chosen}"))
        if place.far:
            parts.append(_leader(spot, place))
        parts.append(svg.circle(*spot, "hollow" if name == lookup.ORACLE else f"dot{chosen}", 5))
        parts.append(svg.text(place.box.left, place.box.bottom - 3.5, label, kind="strong" if chosen else ""))
    return parts


def _leader(spot: tuple[float, float], place: Placement) -> str:
    box = place.box
    x = min(max(spot[0], box.left), box.right)
    y = box.bottom if box.bottom < spot[1] else box.top if box.top > spot[1] else (box.top + box.bottom) / 2
    return svg.line(*spot, x, y, "leader")


def _loss_chart(name: str, record: Mapping[str, Any], width: int) -> svg.Figure:
    train, dev = _series(record, "train_loss"), _series(record, "dev_loss")
    steps = [step for step, _ in train + dev]
    x = Axis(0.0, max([*steps, 1.0]), 40, width - 10)
    y = Axis(0.0, math.ceil(max(value for _, value in train + dev) * 2) / 2 or 1.0, _LOSS_HEIGHT - 38, 28)
    body = [svg.text(0, 12, "loss", kind="small"), svg.text(x.end, _LOSS_HEIGHT - 4, "step", "end", "small")]
    for tick in (0.0, y.high / 2, y.high):
        body += [
            svg.line(x.start, y(tick), x.end, y(tick), "grid"),
            svg.text(x.start - 6, y(tick) + 4, rounding.loss(tick), "end", "small"),
        ]
    body.append(svg.text(x.start, y.start + 18, "0", "middle", "small"))
    body.append(svg.text(x.end, y.start + 18, rounding.count(x.high), "end", "small"))
    kept = rounding.number(record.get("best_step"))
    if kept is not None and 0 <= kept <= x.high:
        body += [
            svg.line(x(kept), y.end, x(kept), y.start, "leader dashed"),
            svg.text(x(kept), y.end - 6, "kept", "middle", "small"),
        ]
    body += [svg.polyline([(x(step), y(value)) for step, value in train], "curve faint")] if len(train) > 1 else []
    body += [svg.polyline([(x(step), y(value)) for step, value in dev], "curve")] if len(dev) > 1 else []
    body += [svg.circle(x(step), y(value), "dot", 3) for step, value in dev]
    ends = f" Last training loss {rounding.loss(train[-1][1])}." if train else ""
    said = f"Thin line: training loss. Thick line with dots: dev loss.{ends}"
    return svg.Figure(f"chart-loss-{name}", f"Loss of adapter {name}", said, width, _LOSS_HEIGHT, "\n".join(body))


def _series(record: Mapping[str, Any], key: str) -> list[tuple[float, float]]:
    points = [
        (rounding.number(lookup.at(item, "step")), rounding.number(lookup.at(item, key)))
        for item in lookup.sequence(record, "curve")
    ]
    return [(step, value) for step, value in points if step is not None and value is not None]


def _top(result: ExperimentResult, names: Sequence[str], metrics: Sequence[str]) -> float:
    found = [lookup.metric(result, name, metric) for name in names for metric in metrics]
    ends = [value for item in found if item for value in (item.mean, item.high) if value is not None]
    return max(math.ceil(round(max(ends, default=1.0) * 10, 9)) / 10, 0.1)


def _ticks(high: float, pixels: float) -> list[float]:
    tenths = round(high * 10)
    step = next((step for step in (1, 2, 5) if pixels / (tenths / step) >= 36), 10)
    return [tick / 10 for tick in range(0, tenths + 1, step)]


def _log_ticks(axis: Axis) -> list[float]:
    """Round numbers on a logarithmic axis: powers of ten first, then 2 and 5, then the rest where there is room."""
    decades = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
    kept: list[float] = []
    for leads in ((1,), (2, 5), (3, 4, 6, 7, 8, 9)):
        if len(kept) >= 3:
            break
        for value in (float(f"{lead}e{decade}") for decade in decades for lead in leads):
            if axis.low <= value <= axis.high and all(abs(axis(value) - axis(other)) >= 36 for other in kept):
                kept.append(value)
    return sorted(kept)


def _describe(result: ExperimentResult, names: Sequence[str]) -> str:
    said = []
    for name in names:
        found = lookup.metric(result, name, lookup.primary(result))
        mean = rounding.score(found.mean) if found else rounding.NOT_MEASURED
        said.append(
            " ".join(
                filter(
                    None,
                    (f"{words.method_label(name)}: {mean}", rounding.interval(found.low, found.high) if found else ""),
                )
            )
        )
    return "; ".join(said) + "."
