"""What a question costs with each method, by how many are asked, and from which number one is the cheapest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import Axis, x_grid, y_grid
from lab.report.charts.sketch import WIDE, About, Sketch, chart
from lab.report.charts.styles import styles
from lab.report.charts.volume import Crossing, currency, lines_with_names, name_key, names_room, rings
from lab.report.layout import Chart
from lab.types import ExperimentResult

_HEIGHT, _LEFT, _TOP, _BOTTOM = 390.0, 56.0, 34.0, 100.0
_STRIP = 22.0  # px, height of the strip that names the cheapest
_AROUND = 5.0  # factor shown on both sides of the break-even points
_POINTS = 60  # of each line
_MEET = 1e-6  # relative; where lines cross, they differ by rounding only


@dataclass(frozen=True, slots=True)
class Tariff:
    """Cost of one method: `fixed` whatever is asked, and `each` for every question."""

    fixed: float
    each: float

    def thousand(self, questions: float) -> float:
        """What 1,000 of so many questions cost, fixed cost included."""
        return 1000.0 * (self.fixed / questions + self.each)


def break_even_chart(result: ExperimentResult) -> Chart | None:
    """Cost of 1,000 questions against questions asked, both logarithmic.

    None where no method ever pays against another, or where an older result does not tell the fixed costs by which its
    break-even points were found.
    """
    known = tariffs(result)
    points = break_even_points(result, known)
    if not points or not all(_meet(known, one) for one in points):
        return None
    low = min(one.x for one in points) / _AROUND
    high = max(one.x for one in points) * _AROUND
    cheapest = cheapest_by_volume(known, low, high)
    spans = "; ".join(
        f"{words.method_label(name)} between {rounding.count(first)} and {rounding.count(last)}"
        for name, first, last in cheapest
    )
    met = "; ".join(f"{_said(one)} questions" for one in points)
    about = About(
        "break-even",
        f"Cost of 1,000 questions by volume, {currency(result)}",
        f"Building, hosting and updates are spread over the questions asked. {met}. The cheapest: {spans}.",
        f"Cost of 1,000 questions in {currency(result)}, with building and upkeep over the horizon spread over all "
        "questions asked; both axes are logarithmic. Rings: from here on a method is cheaper than another. The strip "
        "names the cheapest.",
    )
    return chart(about, WIDE, lambda width: _draw(result, known, points, (low, high), width))


def tariffs(result: ExperimentResult) -> dict[str, Tariff]:
    """By method, the costs that the break-even points were found by; without methods of which one is unknown.

    Methods that cost nothing have no place on a logarithmic axis.
    """
    per_method = lookup.mapping(result.recommendation, "costs", "per_method")
    spread = lookup.at(result.recommendation, "costs", "spread") is True
    found = {}
    for name in lookup.methods_by_quality(result):
        costs = lookup.mapping(per_method, name)
        each = rounding.number(costs.get("cost_per_question"))
        fixed = rounding.number(costs["fixed_cost"]) if "fixed_cost" in costs else _older_fixed(costs, spread=spread)
        if each is not None and fixed is not None and (each > 0 or fixed > 0):
            found[name] = Tariff(fixed, each)
    return found


def _older_fixed(costs: Mapping[str, Any], *, spread: bool) -> float | None:
    """Of a result that does not write it: total = fixed + volume * each, with volume = total / price a question.

    Without a declared volume only building is known.
    """
    keys = ("cost_per_question", "build_cost", "total_cost", "price_per_question")
    each, build, total, price = (rounding.number(costs.get(key)) for key in keys)
    if each is None or build is None or not (spread and total and price):
        return build
    return max(total - total / price * each, build)


def _meet(known: Mapping[str, Tariff], one: Crossing) -> bool:
    """Whether both lines cross where the ring is."""
    return math.isclose(known[one.method].thousand(one.x), known[one.baseline].thousand(one.x), rel_tol=_MEET)


def break_even_points(result: ExperimentResult, known: Mapping[str, Tariff]) -> list[Crossing]:
    """The pairs of which one pays, at their number of questions, fewest first."""
    found = []
    for pair in lookup.sequence(lookup.mapping(result.recommendation, "costs"), "break_even"):
        method, baseline = (str(lookup.at(pair, key)) for key in ("method", "baseline"))
        questions = rounding.number(lookup.at(pair, "questions"))
        if questions is not None and questions > 0 and {method, baseline} <= known.keys():
            found.append(Crossing(method, baseline, questions, known[method].thousand(questions)))
    return sorted(found, key=lambda one: (one.x, one.method, one.baseline))


def cheapest_by_volume(known: Mapping[str, Tariff], low: float, high: float) -> list[tuple[str, float, float]]:
    """(method, from, to): which is the cheapest over [low, high] questions; a tie goes to the first in the mapping."""
    edges = {low, high}
    for first in known.values():
        for second in known.values():
            saving = second.each - first.each
            met = (first.fixed - second.fixed) / saving if saving > 0 else 0.0
            edges |= {met} if low < met < high else set()
    found: list[tuple[str, float, float]] = []
    for start, end in pairwise(sorted(edges)):
        middle = math.sqrt(start * end)
        name = min(known, key=lambda method: known[method].thousand(middle))
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1], end)
        else:
            found.append((name, start, end))
    return found


def _draw(
    result: ExperimentResult,
    known: Mapping[str, Tariff],
    points: Sequence[Crossing],
    ends: tuple[float, float],
    width: int,
) -> Sketch:
    x = Axis(*ends, _LEFT, width - names_room(width), log=True)
    key, top = name_key(result, tuple(known), width)
    volumes = [ends[0] * (ends[1] / ends[0]) ** (place / (_POINTS - 1)) for place in range(_POINTS)]
    lines = {name: [(volume, one.thousand(volume)) for volume in volumes] for name, one in known.items()}
    costs = [cost for line in lines.values() for _, cost in line]
    y = Axis(min(costs) / 1.3, max(costs) * 1.15, top + _HEIGHT - _BOTTOM, top + _TOP, log=True)
    parts = [
        *key,
        svg.text(0, top + 14, f"cost of 1,000 questions, {currency(result)}", kind="small"),
        *y_grid(y, x.start, x.end),
        svg.line(x.start, y.start, x.end, y.start, "zero"),
        *x_grid(x, y.end, y.start),
        svg.text(x.end, y.start + 38, "questions asked", "end", "small"),
        *lines_with_names(result, lines, (x, y), width),
        *rings(points, (x, y), lambda one: rounding.count(one.x), lines),
        *_strip(result, cheapest_by_volume(known, *ends), x, y.start + 56),
    ]
    return Sketch(top + _HEIGHT, parts)


def _strip(result: ExperimentResult, found: Sequence[tuple[str, float, float]], x: Axis, top: float) -> list[str]:
    parts = [svg.text(x.start, top - 6, "cheapest", kind="small")]
    for name, start, end in found:
        left, right = x(start) + 1, x(end) - 1
        label = words.method_label(name)
        kind = f"area {styles(result)[name].colour}"
        inside = [svg.rect(left, top, right - left, _STRIP, kind)]
        if svg.text_width(label, svg.SMALL_SIZE) + 8 <= right - left:
            inside.append(svg.text((left + right) / 2, top + 15, label, "middle", "small plain"))
        said = f"{label}: from {rounding.count(start)} to {rounding.count(end)} questions"
        parts.append(svg.tip(said, inside))
    return parts


def _said(one: Crossing) -> str:
    return (
        f"{words.method_label(one.method)} pays against {words.method_label(one.baseline)} from {rounding.count(one.x)}"
    )
