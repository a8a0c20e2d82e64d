"""What confidence is worth: accuracy when only the surest questions are answered, and confidence against truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import Axis, nice_axis, percent, x_grid, y_grid
from lab.report.charts.sketch import FULL, PHONE, WIDE, About, Sketch, chart, label_kind
from lab.report.charts.styles import styles
from lab.report.charts.volume import lines_with_names, name_key, names_room
from lab.report.layout import Cell, Chart, Column, Table
from lab.types import ExperimentResult

_HEIGHT, _LEFT, _TOP, _BOTTOM = 340.0, 50.0, 34.0, 48.0
_FEWEST = 10  # answers; a share of fewer jumps about
_SIDE, _GUTTER, _HEAD, _EDGE = 150.0, 28.0, 30.0, 6.0  # px of a small panel, between two, for its name, at the right
_SHOWN = (0.2, 0.4, 0.6, 0.8, 1.0)  # coverages in the table
_NEAR = 0.03  # coverage; a curve has 50 points, and what lies further off is another coverage

Line = list[tuple[float, float]]


def risk_coverage_chart(result: ExperimentResult) -> Chart | None:
    """Accuracy of the most confident answers against their share, a line a method; None without confidence."""
    curves = {name: curve for name in lookup.methods_by_quality(result) if len(curve := accuracies(result, name)) > 1}
    if not curves:
        return None
    ends = "; ".join(f"{words.method_label(name)} {_ends(result, name)}" for name in curves)
    about = About(
        "risk-coverage",
        "Right answers by share of questions answered, surest first",
        f"Share of right answers among the most confident ones, by the share of questions answered. {ends}.",
        "Share of right answers if only the questions with the most confident answers were answered. A line that falls "
        f"to the right: confidence tells right from wrong. From {_FEWEST} answers on.",
        _table(result, curves),
    )
    return chart(about, WIDE, lambda width: _draw_curves(result, curves, width))


def reliability_chart(result: ExperimentResult) -> Chart | None:
    """Confidence against the share of right answers in a small panel for each method; None without bins."""
    bins = {name: found for name in lookup.methods_by_quality(result) if len(found := _bins(result, name)) > 1}
    if not bins:
        return None
    errors = "; ".join(
        f"{words.method_label(name)} {rounding.score(lookup.at(result.methods, name, 'confidence', 'ece'))}"
        for name in bins
    )
    about = About(
        "reliability",
        "Confidence against the share of right answers",
        f"Up to ten bins of about equally many answers for each method. Expected calibration error: {errors}.",
        "Mean confidence against the share of right answers, in up to ten bins of about equally many answers. On the "
        "diagonal, confidence is true; below it, the method is too sure of itself. ECE: expected calibration error.",
    )
    return chart(about, FULL, lambda width: _draw_bins(result, bins, width))


def accuracies(result: ExperimentResult, method: str) -> Line:
    """(coverage, accuracy) by rising coverage, from `_FEWEST` answers on."""
    n = _answers(result, method)
    points = []
    for pair in lookup.sequence(lookup.mapping(result.methods, method, "confidence"), "curve"):
        ends = [rounding.number(value) for value in pair] if isinstance(pair, list | tuple) else []
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] * n >= _FEWEST - 0.5:
            points.append((ends[0], 1.0 - ends[1]))
    return sorted(points)


def accuracy_at(result: ExperimentResult, method: str, coverage: float) -> float | None:
    """Accuracy at the nearest measured coverage; None where that is another one, or holds fewer than ten answers."""
    curve = accuracies(result, method)
    if not curve or coverage * _answers(result, method) < _FEWEST - 1e-6:
        return None
    nearest = min(curve, key=lambda point: abs(point[0] - coverage))
    return nearest[1] if abs(nearest[0] - coverage) <= _NEAR else None


def _answers(result: ExperimentResult, method: str) -> float:
    return rounding.number(lookup.at(result.methods, method, "confidence", "n")) or 0.0


def _ends(result: ExperimentResult, method: str) -> str:
    found = ((accuracy_at(result, method, share), where) for share, where in ((0.5, "at half"), (1.0, "at all")))
    said = [f"{rounding.share(value)} {where}" for value, where in found if value is not None]
    return ", ".join(said) or rounding.NOT_MEASURED


def _table(result: ExperimentResult, methods: Iterable[str]) -> Table:
    known = {name: [accuracy_at(result, name, share) for share in _SHOWN] for name in methods}
    rows = tuple(
        (
            Cell(words.method_label(name)),
            *(Cell(rounding.DASH if value is None else rounding.share(value)) for value in values),
        )
        for name, values in known.items()
    )
    heads = (Column(f"surest {rounding.share(share)}" if share < 1 else "all") for share in _SHOWN)
    few = any(value is None for values in known.values() for value in values)
    note = f"{rounding.DASH}: fewer than {_FEWEST} answers, or not measured at this share." if few else ""
    columns = (Column("method", number=False), *heads)
    return Table("Right answers by coverage", columns, rows, note=note, folded=True)


def _draw_curves(result: ExperimentResult, curves: Mapping[str, Line], width: int) -> Sketch:
    x = Axis(0.0, 1.0, _LEFT, width - names_room(width))
    key, top = name_key(result, tuple(curves), width)
    bottom = top + _HEIGHT - _BOTTOM
    y = nice_axis([value for curve in curves.values() for _, value in curve], bottom, top + _TOP, cap=1.0)
    return Sketch(
        top + _HEIGHT,
        [
            *key,
            svg.text(0, top + 14, "right answers", kind="small"),
            *y_grid(y, x.start, x.end, percent),
            *[part for part in x_grid(x, y.start, y.start, percent) if part.startswith("<text")],
            svg.text(x.end, y.start + 38, "questions answered", "end", "small"),
            *lines_with_names(result, curves, (x, y), width),
        ],
    )


def _bins(result: ExperimentResult, method: str) -> Line:
    found = []
    for one in lookup.sequence(lookup.mapping(result.methods, method, "confidence"), "bins"):
        sure, right = rounding.number(lookup.at(one, "confidence")), rounding.number(lookup.at(one, "accuracy"))
        if sure is not None and right is not None:
            found.append((min(max(sure, 0.0), 1.0), right))
    return sorted(found)


def _draw_bins(result: ExperimentResult, bins: Mapping[str, Line], width: int) -> Sketch:
    columns = 2 if width <= PHONE else min(len(bins), 6)
    side = min((width - 34.0 - _EDGE - _GUTTER * (columns - 1)) / columns, _SIDE)
    parts: list[str] = []
    for place, name in enumerate(bins):
        left = 34.0 + (side + _GUTTER) * (place % columns)
        top = (_HEAD + side + 44) * (place // columns) + _HEAD
        parts += _panel(result, name, bins[name], (left, top, side))
    rows = -(-len(bins) // columns)
    height = (_HEAD + side + 44) * rows
    parts.append(svg.text(34, height, "confidence; upwards: share of right answers", kind="small"))
    return Sketch(height + 8, parts)


def _panel(result: ExperimentResult, name: str, points: Line, place: tuple[float, float, float]) -> list[str]:
    left, top, side = place
    x, y = Axis(0.0, 1.0, left, left + side), Axis(0.0, 1.0, top + side, top)
    style = styles(result)[name]
    label = svg.fit(words.method_label(name), side + 8, strong=True)
    error = rounding.score(lookup.at(result.methods, name, "confidence", "ece"))
    parts = [
        svg.text(left, top - 10, label, kind=label_kind(result, name) or "strong"),
        svg.rect(left, top, side, side, "wash"),
        svg.line(left, top + side, left + side, top, "zero", "3 3"),
        svg.polyline([(x(sure), y(right)) for sure, right in points], f"rod thin {style.colour}"),
        *(style.mark(x(sure), y(right), 4.0) for sure, right in points),
        svg.text(left + 6, top + 16, f"ECE {error}", kind="small"),
    ]
    for tick in (0.0, 0.5, 1.0):
        parts.append(svg.text(x(tick), top + side + 16, rounding.rate(tick), "middle", "small"))
        parts.append(svg.text(left - 6, y(tick) + 4, rounding.rate(tick), "end", "small"))
    return parts
