"""How often the evidence is among the first k passages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import log_axis, nice_axis, percent, y_grid
from lab.report.charts.placement import spread
from lab.report.charts.sketch import HALF, About, Sketch, chart, estimate_text
from lab.report.layout import Chart
from lab.types import Estimate, ExperimentResult

_HEIGHT, _LEFT, _TOP, _BOTTOM = 300.0, 50.0, 34.0, 48.0
_NAMES = 116.0
_RECALL = re.compile(r"recall@(\d{1,6})")
# Name, colour, mark and dash; the second is shifted a little, so that its intervals do not cover the first ones.
_LEVELS = (("by document", "muted", "wedge", "5 3", 5.0), ("by passage", "accent", "square", "", 0.0))

Points = list[tuple[int, Estimate]]


def recall_chart(result: ExperimentResult) -> Chart | None:
    """Recall at k by k, of passages and of their documents; None where fewer than two k were measured."""
    trees: Mapping[str, Any] = {
        "by passage": result.retrieval, "by document": lookup.mapping(result.retrieval, "by_document")
    }  # fmt: skip
    levels = {name: points for name, tree in trees.items() if len(points := recalls(tree)) > 1}
    if not levels:
        return None
    ranks = {name: lookup.estimate(trees[name].get("mrr")) for name in levels}
    said = " ".join(
        f"{words.capital(name)}: {'; '.join(f'{_k(k)} {estimate_text(one)}' for k, one in points)}; "
        f"{words.retrieval_label('mrr')} {estimate_text(ranks[name])}."
        for name, points in levels.items()
    )
    mean = "; ".join(
        f"{rounding.score(one.mean, one.low, one.high)} {name}"
        for name, one in ranks.items()
        if one is not None and one.mean is not None
    )
    first = (
        f" {words.retrieval_label('mrr')}, the mean of 1 / rank of the first piece of evidence: {mean}." if mean else ""
    )
    shown = rounding.number(lookup.at(result.config, "index", "k"))
    prompt = (
        ""
        if shown is None
        else f" {words.capital(words.plural(rounding.count(shown), 'passage'))} stand in a prompt here."
    )
    about = About(
        "recall",
        "Recall of evidence by number of passages",
        f"Share of the evidence among the first k passages, with 95 % intervals. {said}",
        f"Share of the evidence that is among the first k passages, with 95 % intervals.{first}{prompt}",
    )
    return chart(about, HALF, lambda width: _draw(levels, shown, width))


def recalls(tree: Mapping[str, Any]) -> Points:
    """(k, recall at k) by rising k."""
    found = []
    for name, value in tree.items():
        match, one = _RECALL.fullmatch(name), lookup.estimate(value)
        if match and one is not None and one.mean is not None and int(match[1]) > 0:
            found.append((int(match[1]), one))
    return sorted(found, key=lambda point: point[0])


def _draw(levels: Mapping[str, Points], shown: float | None, width: int) -> Sketch:
    depths = sorted({k for points in levels.values() for k, _ in points})
    x = log_axis(depths, _LEFT, width - _NAMES, least=1.0)
    y = nice_axis([1.0], _HEIGHT - _BOTTOM, _TOP, cap=1.0)
    parts = [svg.text(0, 14, "recall", kind="small"), *y_grid(y, x.start, x.end, percent)]
    if shown is not None and depths[0] <= shown <= depths[-1]:
        parts.append(svg.line(x(shown), y.end, x(shown), y.start, "zero", "3 3"))
        parts.append(svg.text(x(shown), y.end - 8, "in a prompt", "middle", "small"))
    parts += [svg.text(x(k), y.start + 18, rounding.count(k), "middle", "small") for k in depths]
    parts.append(svg.text(x.end, y.start + 38, "k, passages found", "end", "small"))
    drawn = [level for level in _LEVELS if level[0] in levels]
    heights = spread([y.clipped(levels[level[0]][-1][1].mean or 0.0) for level in drawn], 16.0, y.end, y.start)
    for (name, colour, shape, dash, shift), height in zip(drawn, heights, strict=True):
        points = [(x(k) + shift, one) for k, one in levels[name]]
        parts.append(svg.polyline([(at, y(one.mean or 0.0)) for at, one in points], f"rod {colour}", dash))
        for (at, one), (k, _) in zip(points, levels[name], strict=True):
            rod = (
                [svg.line(at, y.clipped(one.low), at, y.clipped(one.high), f"rod thin {colour}")]
                if (one.low is not None and one.high is not None)
                else []
            )
            mark = svg.shape(shape, at, y(one.mean or 0.0), f"mark {colour}")
            parts.append(svg.tip(f"{name}, {_k(k)}: {estimate_text(one)}", [*rod, mark]))
        parts.append(svg.shape(shape, x.end + 8, height, f"mark {colour}"))
        parts.append(svg.text(x.end + 18, height + 4.5, name))
    return Sketch(_HEIGHT, parts)


def _k(k: int) -> str:
    return f"k = {rounding.count(k)}"
