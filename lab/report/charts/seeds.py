"""How far the training runs of a method lie apart, beside the margin worth acting on."""

from __future__ import annotations

from collections.abc import Mapping

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import close_axis, x_grid
from lab.report.charts.sketch import HALF, PHONE, About, Sketch, chart, label_kind, primary_label
from lab.report.charts.styles import styles
from lab.report.layout import Chart
from lab.types import ExperimentResult

_ROW, _TOP = 38.0, 40.0
_LEAST = 0.1  # of the metric, length of the axis: equal runs should look equal


def seeds_chart(result: ExperimentResult) -> Chart | None:
    """A row for each method that was trained several times, a mark for each run; None where none was."""
    runs = _runs(result)
    if not runs:
        return None
    label = primary_label(result)
    said = "; ".join(
        f"{words.method_label(name)} {', '.join(f'seed {seed} {rounding.score(value)}' for seed, value in one.items())}"
        for name, one in runs.items()
    )
    margin = lookup.margin(result)
    bar = "" if margin is None else " The bar above is as long as the margin worth acting on."
    about = About(
        "seeds",
        words.capital(f"{label} of each training run"),
        f"{words.capital(label)} by training run. {said}.",
        f"{words.capital(label)} of each training run; the upright stroke is their mean.{bar} The axis does not begin "
        "at 0.",
    )
    return chart(about, HALF, lambda width: _draw(result, runs, margin, width))


def _runs(result: ExperimentResult) -> dict[str, dict[str, float]]:
    found = {}
    for name in lookup.methods_by_quality(result):
        values = {
            str(seed): value
            for seed, one in lookup.mapping(result.methods, name, "by_seed").items()
            if (value := rounding.number(one)) is not None
        }
        if len(values) > 1:
            found[name] = values
    return found


def _draw(
    result: ExperimentResult, runs: Mapping[str, Mapping[str, float]], margin: float | None, width: int
) -> Sketch:
    values = [value for one in runs.values() for value in one.values()]
    axis = close_axis(values, 150.0 if width > PHONE else 134.0, width - 62.0, _LEAST)
    bottom = _TOP + _ROW * len(runs)
    parts = x_grid(axis, _TOP - 6, bottom)
    if margin is not None and 0 < margin <= axis.high - axis.low:
        start = axis.start
        end = axis(axis.low + margin)
        parts += [
            svg.line(start, 12, end, 12, "rod accent"),
            *(svg.line(at, 7, at, 17, "rod accent") for at in (start, end)),
        ]
        parts.append(svg.text(end + 8, 16, f"margin {rounding.rate(margin)}", kind="small"))
    for place, (name, one) in enumerate(runs.items()):
        y = _TOP + _ROW * (place + 0.5)
        label, mean = words.method_label(name), sum(one.values()) / len(one)
        low, high = min(one.values()), max(one.values())
        style = styles(result)[name]
        parts += [
            svg.text(0, y + 4.5, svg.fit(label, axis.start - 10), kind=label_kind(result, name)),
            svg.line(axis(low), y, axis(high), y, f"rod thin soft {style.colour}"),
            svg.line(axis(mean), y - 10, axis(mean), y + 10, "rod ink"),
            svg.text(axis.end + 14, y + 4.5, rounding.score(mean), kind="small"),
        ]
        for seed, value in one.items():
            parts.append(svg.tip(f"{label}, seed {seed}: {rounding.score(value)}", [style.mark(axis(value), y, 5.0)]))
    return Sketch(bottom + 26, parts)
