"""The first picture of a report: how good each method is, with its interval."""

from __future__ import annotations

from lab import rounding
from lab.endpoint_config import MARK
from lab.report import lookup, svg, words
from lab.report.charts.axis import Axis, nice_axis, x_grid
from lab.report.charts.sketch import HALF, PHONE, About, Sketch, chart, estimate_text, label_kind, primary_label
from lab.report.charts.styles import styles
from lab.report.layout import Chart
from lab.types import ExperimentResult

_ROW = 36.0
_TOP = 34.0
_APART = 10.0  # px more before those that are no candidates
_LENIENT = "contains"


def quality_chart(result: ExperimentResult) -> Chart | None:
    """One row a method: the primary metric as a mark with its interval, containment as a lighter stroke."""
    names = lookup.methods_by_quality(result)
    if all(lookup.quality(result, name) is None for name in names):
        return None
    label = primary_label(result)
    measured = [
        f"{words.method_label(name)} {estimate_text(lookup.metric(result, name, lookup.primary(result)))}"
        for name in names
    ]
    oracle = " The oracle is no candidate: its gold passages were put in." if lookup.ORACLE in names else ""
    other = (
        f" No candidate: {words.join(map(words.method_label, beside))}, {MARK}."
        if (beside := lookup.beside(result))
        else ""
    )
    about = About(
        "quality",
        words.capital(f"{label} by method"),
        f"{words.capital(label)} with 95 % intervals, best first: {'; '.join(measured)}.{oracle}{other}",
        f"{words.capital(label)} by method with 95 % intervals, which may overlap where a paired comparison still "
        f"finds a difference.{_lenient_note(result)}",
    )
    return chart(about, HALF, lambda width: _draw(result, names, width))


def _draw(result: ExperimentResult, names: tuple[str, ...], width: int) -> Sketch:
    label_width = 152.0 if width > PHONE else 144.0
    axis = nice_axis(_values(result, names), label_width, width - 66.0, cap=1.0)
    first = next((place for place, name in enumerate(names) if name in (lookup.ORACLE, *lookup.beside(result))), 0)
    apart = _APART if first else 0.0
    bottom = _TOP + _ROW * len(names) + apart
    bands, rows = [], []
    for place, name in enumerate(names):
        y = _TOP + _ROW * (place + 0.5) + apart * (place >= first)
        if name == lookup.choice(result):
            bands.append(svg.rect(0, y - _ROW / 2 + 2, width, _ROW - 4, "band"))
        if first and place == first:
            bands.append(svg.line(0, y - _ROW / 2 - apart / 2, width, y - _ROW / 2 - apart / 2, "zero", "3 3"))
        rows.append(_row(result, name, axis, y))
    return Sketch(bottom + 26, [*_key(result, axis), *bands, *x_grid(axis, _TOP - 4, bottom), *rows])


def _row(result: ExperimentResult, name: str, axis: Axis, y: float) -> str:
    style, kind = styles(result)[name], label_kind(result, name)
    found = lookup.metric(result, name, lookup.primary(result))
    label = words.method_label(name)
    parts = [svg.text(8, y + 4.5, svg.fit(label, axis.start - 14), kind=kind)]
    if found is None or found.mean is None:
        return "".join([*parts, svg.text(axis.start + 6, y + 4.5, rounding.NOT_MEASURED, kind="small")])
    if found.low is not None and found.high is not None:
        parts.append(svg.line(axis.clipped(found.low), y, axis.clipped(found.high), y, f"rod {style.colour}"))
    lenient = _lenient(result, name)
    if lenient is not None:
        x = axis.clipped(lenient)
        parts.append(svg.line(x, y - 8, x, y + 8, "rod muted"))
    parts.append(style.mark(axis(found.mean), y, 5.5))
    parts.append(svg.text(axis.end + 16, y + 4.5, rounding.score(found.mean, found.low, found.high), kind=kind))
    loose = "" if lenient is None else f"; {words.metric_label(_LENIENT)} {rounding.score(lenient)}"
    return svg.tip(f"{label}: {estimate_text(found)}{loose}", parts)


def _key(result: ExperimentResult, axis: Axis) -> list[str]:
    """What the marks mean, over the plot."""
    left = axis.start if axis.end - axis.start > 280 else 8.0
    label = primary_label(result)
    parts = [
        svg.line(left, 10, left + 26, 10, "rod ink"),
        svg.circle(left + 13, 10, "mark ink", 5),
        svg.text(left + 33, 14, f"{label}, 95 % interval", kind="small"),
    ]
    if any(_lenient(result, name) is not None for name in result.methods):
        after = left + 33 + svg.text_width(f"{label}, 95 % interval", svg.SMALL_SIZE) + 16
        parts += [svg.line(after, 3, after, 17, "rod muted"), svg.text(after + 8, 14, "contains", kind="small")]
    return parts


def _lenient(result: ExperimentResult, name: str) -> float | None:
    if lookup.primary(result) == _LENIENT:
        return None
    found = lookup.metric(result, name, _LENIENT)
    return None if found is None else found.mean


def _lenient_note(result: ExperimentResult) -> str:
    if all(_lenient(result, name) is None for name in result.methods):
        return ""
    return " The upright stroke: the gold answer stands anywhere in what was written."


def _values(result: ExperimentResult, names: tuple[str, ...]) -> list[float]:
    """All that the axis must hold. Lower ends are left out: an interval may reach below what a score can be."""
    found = [lookup.metric(result, name, lookup.primary(result)) for name in names]
    ends = [value for one in found if one for value in (one.mean, one.high)]
    return [value for value in (*ends, *(_lenient(result, name) for name in names)) if value is not None]
