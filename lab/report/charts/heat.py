"""Where each method is good: the primary metric by slices of the questions, as a table of shaded cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.sketch import FULL, PHONE, About, Sketch, chart, label_kind, primary_label
from lab.report.charts.styles import styles
from lab.report.layout import Chart
from lab.types import ExperimentResult

_CELL, _HEAD = 30.0, 34.0  # px, height of a row and of a family's name
_NAMES = 240.0  # px for the names of slices; above the cells on phones
_COLUMN = 132.0  # px of a column, at most
_GAP = 2.0

Slice = Mapping[str, Any]


def slices_chart(result: ExperimentResult) -> Chart | None:
    """Rows are slices by family, columns methods; None where no family has two slices."""
    families = _families(result)
    methods = _methods(result, families)
    if not families or not methods:
        return None
    label = primary_label(result)
    said = ". ".join(
        f"{words.capital(name)}: {'; '.join(_said(one, methods) for one in slices)}" for name, slices in families
    )
    few = any(one.get("small") is True for _, slices in families for one in slices)
    note = " Striped: too few questions to read anything from, so nothing is framed." if few else ""
    about = About(
        "slices",
        words.capital(f"{label} by slice and method"),
        f"Mean {label}. {said}.",
        f"Mean {label} by slice of the questions. The stronger the shade, the better; framed: the best candidate of a "
        f"row, or all that show its value.{note}",
    )
    return chart(about, FULL, lambda width: _draw(result, families, methods, width))


def _families(result: ExperimentResult) -> list[tuple[str, list[Slice]]]:
    found = []
    for family in lookup.sequence(result.analysis, "slices"):
        slices = [one for one in lookup.sequence(family, "slices") if isinstance(one, Mapping)]
        if slices:
            found.append((str(lookup.at(family, "family")), slices))
    return found


def _methods(result: ExperimentResult, families: Sequence[tuple[str, list[Slice]]]) -> list[str]:
    known = {
        name
        for _, slices in families
        for one in slices
        for name in lookup.mapping(one, "methods")
        if _mean(one, name) is not None
    }
    return [name for name in lookup.methods_by_quality(result) if name in known]


def _draw(
    result: ExperimentResult, families: Sequence[tuple[str, list[Slice]]], methods: Sequence[str], width: int
) -> Sketch:
    phone = width <= PHONE
    left = 0.0 if phone else _NAMES
    column = min((width - left) / len(methods), _COLUMN)
    top, row = (64.0, _CELL + 20) if phone else (30.0, _CELL)
    parts = _heads(result, methods, (left, column), phone=phone)
    highest = max(value for _, slices in families for one in slices for value in _means(one, methods).values())
    y = top
    for name, slices in families:
        parts.append(svg.text(0, y + 22, svg.fit(f"by {name}", width), kind="strong"))
        y += _HEAD
        for one in slices:
            cells = y + (20 if phone else 0)
            parts += _name(one, (cells - 6 if phone else cells + 19.5), width if phone else _NAMES - 10)
            parts += _cells(one, methods, (left, cells, column), highest)
            y += row
    return Sketch(y + 4, parts)


def _heads(result: ExperimentResult, methods: Sequence[str], place: tuple[float, float], *, phone: bool) -> list[str]:
    """Names over the columns; on phones in two rows, since they are narrow."""
    left, column = place
    parts = []
    for position, name in enumerate(methods):
        x = left + column * (position + 0.5)
        mark = styles(result)[name].mark(x, 10, 4.5)
        label = words.method_label(name)
        kind = label_kind(result, name) or "small"
        lines = _wrapped(label, column - 4) if phone else [svg.fit(label, column - 6)]
        parts.append(
            svg.tip(label, [mark, *(svg.text(x, 28 + 14 * row, one, "middle", kind) for row, one in enumerate(lines))])
        )
    return parts


def _wrapped(label: str, width: float) -> list[str]:
    """The label on two or three lines at spaces and hyphens."""
    pieces = label.replace("-", "- ").split()
    lines: list[str] = []
    for piece in pieces:
        joined = f"{lines[-1]} {piece}" if lines and not lines[-1].endswith("-") else ""
        if joined and svg.text_width(joined, svg.SMALL_SIZE) <= width:
            lines[-1] = joined
        else:
            lines.append(svg.fit(piece, width, svg.SMALL_SIZE))
    return lines[:3]


def _name(one: Slice, y: float, width: float) -> list[str]:
    size = f"n = {rounding.count(one.get('n'))}{', few' if one.get('small') is True else ''}"
    room = width - svg.text_width(size, svg.SMALL_SIZE) - 14
    name = svg.fit(str(one.get("name")), room)
    return [svg.text(0, y, name), svg.text(width, y, size, "end", "small")]


def _cells(one: Slice, methods: Sequence[str], place: tuple[float, float, float], highest: float) -> list[str]:
    left, y, column = place
    means = _means(one, methods)
    framed = _framed(one, means)
    parts = []
    for position, name in enumerate(methods):
        x, size = left + column * position + _GAP / 2, (column - _GAP, _CELL - _GAP)
        middle = x + size[0] / 2
        if name not in means:
            parts.append(svg.text(middle, y + 19.5, rounding.DASH, "middle", "small"))
            continue
        cell = [svg.shaded(x, y, *size, max(means[name], 0.0) / highest if highest > 0 else 0.0)]
        cell += _striped(x, y, size) if one.get("small") is True else []
        if name in framed:
            cell.append(svg.rect(x + 1, y + 1, size[0] - 2, size[1] - 2, "best"))
        cell.append(svg.text(middle, y + 18.5, rounding.ratio(means[name]), "middle"))
        parts.append(svg.tip(f"{one.get('name')}, {words.method_label(name)}: {rounding.score(means[name])}", cell))
    return parts


def _framed(one: Slice, means: Mapping[str, float]) -> frozenset[str]:
    """The candidates that show the best value of the row: none where it shows 0, or has too few questions."""
    candidates = {name: value for name, value in means.items() if name != lookup.ORACLE}
    best = rounding.ratio(max(candidates.values(), default=0.0))
    if best == rounding.ratio(0.0) or one.get("small") is True:
        return frozenset()
    return frozenset(name for name, value in candidates.items() if rounding.ratio(value) == best)


def _striped(x: float, y: float, size: tuple[float, float]) -> list[str]:
    """Both sides of a cell; its number stays clear."""
    side = (size[0] - 34) / 2
    return [svg.stripes(at, y, side, size[1], "stripes paper") for at in (x, x + size[0] - side)]


def _means(one: Slice, methods: Sequence[str]) -> dict[str, float]:
    found = {name: _mean(one, name) for name in methods}
    return {name: value for name, value in found.items() if value is not None}


def _mean(one: Slice, method: str) -> float | None:
    return rounding.number(lookup.at(one, "methods", method, "mean"))


def _said(one: Slice, methods: Sequence[str]) -> str:
    means = ", ".join(
        f"{words.method_label(name)} {rounding.ratio(value)}" for name, value in _means(one, methods).items()
    )
    return f"{one.get('name')} (n = {rounding.count(one.get('n'))}): {means}"
