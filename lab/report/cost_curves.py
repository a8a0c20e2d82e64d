"""The chart of total cost over the months of the horizon: one line a method, named at its end."""

from __future__ import annotations

from lab.report import lookup, rounding, svg, words
from lab.report.figures import NARROW, Axis
from lab.report.money import total_curves
from lab.types import ExperimentResult

_HEIGHT = 230
_LABEL = 112  # px kept for the names at the right
_LINE = 14.0  # px between two names


def total_cost_charts(result: ExperimentResult, width: int = NARROW) -> tuple[svg.Figure, ...]:
    """One chart, or none where the result holds no totals."""
    curves = total_curves(result)
    names = [name for name in lookup.methods_by_quality(result) if name in curves]
    if not names:
        return ()
    last = max(month for name in names for month, _ in curves[name])
    top = max(cost for name in names for _, cost in curves[name])
    if last <= 0 or top <= 0:
        return ()
    x = Axis(0.0, last, 48, width - _LABEL)
    y = Axis(0.0, top, _HEIGHT - 38, 28)
    currency = str(lookup.at(result.recommendation, "costs", "currency") or "units of money")
    body = [svg.text(0, 12, f"total cost, {currency}", kind="small")]
    for tick in (0.0, top / 2, top):
        body += [
            svg.line(x.start, y(tick), x.end, y(tick), "grid"),
            svg.text(x.start - 6, y(tick) + 4, rounding.figure(tick), "end", "small"),
        ]
    for month in (0.0, last):
        body.append(svg.text(x(month), y.start + 18, rounding.rate(month), "middle", "small"))
    body.append(svg.text(x.end, _HEIGHT - 4, "months", "end", "small"))
    places = _apart([(name, y(curves[name][-1][1])) for name in names])
    for name in names:
        chosen = name == lookup.choice(result)
        body.append(svg.polyline([(x(month), y(cost)) for month, cost in curves[name]], "curve" + " chosen" * chosen))
        body.append(svg.text(x.end + 6, places[name] + 4, words.method_label(name), kind="strong" if chosen else ""))
    said = "; ".join(f"{words.method_label(name)}: {rounding.figure(curves[name][-1][1])}" for name in names)
    title = f"Total cost over {rounding.rate(last)} months"
    return (svg.Figure("chart-total-cost", title, f"At the end, {said}.", width, _HEIGHT, "\n".join(body)),)


def _apart(ends: list[tuple[str, float]]) -> dict[str, float]:
    """A height for each name near its line's end, no two closer than a line of text, none below the chart."""
    places: dict[str, float] = {}
    lowest = _HEIGHT - 38.0
    for name, wanted in sorted(ends, key=lambda end: -end[1]):  # from the bottom up: y grows downwards
        places[name] = min(wanted, lowest)
        lowest = places[name] - _LINE
    return places
