"""Why answers are not right, by method: stacked bars with their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import nice_axis, percent, x_grid
from lab.report.charts.sketch import FULL, PHONE, About, Sketch, chart, label_kind
from lab.report.layout import Chart
from lab.types import ExperimentResult

_ROW, _BAR = 40.0, 26.0
_KEY = 22.0  # px of a line of the key
_NAMES = 150.0  # px at the left; at the right, as much as the totals need
# Colour of each cause, and whether it is striped: causes of one kind share a colour.
_LOOKS = {
    "answered the unanswerable": ("s6", False),
    "refused": ("s6", True),
    "format": ("s1", False),
    "gold suspect": ("s1", True),
    "not known": ("s3", False),
    "retrieval miss": ("s2", False),
    "evidence unknown": ("s2", True),
    "stale memory": ("s4", False),
    "context ignored": ("s4", True),
    "wrong reading": ("s5", False),
}
_REFUSED = "refused"
_OTHER = (("s7", False), ("s7", True), ("s8", False), ("s8", True))

Counts = dict[str, dict[str, float]]


def causes_chart(result: ExperimentResult) -> Chart | None:
    """A bar a method, as long as its share of answers that are not right, cut by cause; None where none was counted.

    Not right are wrong answers and refusals of questions that have an answer.
    """
    counts = _counts(result)
    causes = list(dict.fromkeys(cause for one in counts.values() for cause in one))
    if not causes:
        return None
    said = ". ".join(f"{words.method_label(name)}, {_said(result, name, one)}" for name, one in counts.items())
    about = About(
        "causes",
        "Causes of answers that are not right, by method",
        f"Share of the answers of all training runs. {said}.",
        "Answers that are not right by cause, as a share of each method's answers of all training runs; their number "
        "stands in the bars. Wrong answers and refusals of questions that have an answer are not right. Each has one "
        "cause, by a fixed rule.",
    )
    return chart(about, FULL, lambda width: _draw(result, counts, causes, width))


def _counts(result: ExperimentResult) -> Counts:
    """By method, the causes that happened, in the order of the rule; nothing of uncounted methods."""
    found: Counts = {}
    tree = lookup.mapping(result.analysis, "causes", "counts")
    for name in lookup.methods_by_quality(result):
        known = {str(cause): rounding.number(amount) for cause, amount in lookup.mapping(tree, name).items()}
        if name in tree and _answers(result, name):
            found[name] = {cause: amount for cause, amount in known.items() if amount}
    order = {cause: place for place, cause in enumerate(_LOOKS)}
    return {
        name: dict(sorted(one.items(), key=lambda item: (order.get(item[0], len(order)), item[0])))
        for name, one in found.items()
    }


def _answers(result: ExperimentResult, name: str) -> float:
    return rounding.number(lookup.at(result.methods, name, "abstention", "counts", "answers")) or 0.0


def _total(result: ExperimentResult, name: str, one: Mapping[str, float]) -> str:
    """'156 of 240 not right (9 refused)': refusals are counted apart from wrong answers elsewhere."""
    refused = f" ({rounding.count(one[_REFUSED])} refused)" if _REFUSED in one else ""
    return f"{rounding.count(sum(one.values()))} of {rounding.count(_answers(result, name))} not right{refused}"


def _said(result: ExperimentResult, name: str, one: Mapping[str, float]) -> str:
    causes = "; ".join(f"{cause} {rounding.count(amount)}" for cause, amount in one.items())
    return f"{_total(result, name, one)}: {causes or 'none'}"


def _draw(result: ExperimentResult, counts: Counts, causes: Sequence[str], width: int) -> Sketch:
    phone = width <= PHONE
    looks = _looks(causes)
    key, top = _key(looks, width)
    row = _ROW + 34 if phone else _ROW
    totals = {name: _total(result, name, one) for name, one in counts.items()}
    room = 22.0 if phone else max(svg.text_width(total, svg.SMALL_SIZE) for total in totals.values()) + 10
    shares = [sum(one.values()) / _answers(result, name) for name, one in counts.items()]
    axis = nice_axis(shares, 14.0 if phone else _NAMES, width - room, cap=1.0)
    bottom = top + row * len(counts)
    parts = [*key, *x_grid(axis, top, bottom, percent)]
    for place, (name, one) in enumerate(counts.items()):
        y = top + row * place
        bar = y + (40 if phone else (_ROW - _BAR) / 2)
        label, kind = words.method_label(name), label_kind(result, name)
        if phone:
            parts.append(svg.text(0, y + 17, label, kind=f"{kind} halo".strip()))
            parts.append(svg.text(0, y + 33, totals[name], kind="small halo"))
        else:
            parts.append(svg.text(0, y + _ROW / 2 + 4.5, svg.fit(label, _NAMES - 10), kind=kind))
        start = 0.0
        for cause, amount in one.items():
            share = amount / _answers(result, name)
            parts.append(_segment(cause, amount, looks[cause], (axis(start), axis(start + share), bar)))
            start += share
        if not phone:
            parts.append(svg.text(axis(start) + 8, y + _ROW / 2 + 4.5, totals[name], kind="small halo"))
    return Sketch(bottom + 26, parts)


def _segment(cause: str, amount: float, look: tuple[str, bool], place: tuple[float, float, float]) -> str:
    left, right, top = place
    width = max(right - left - 1.5, 0.8)
    parts = _patch(look, left, top, (width, _BAR))
    written = rounding.count(amount)
    if svg.text_width(written, svg.SMALL_SIZE) + 4 <= width:
        parts.append(
            svg.text(
                left + width / 2,
                top + _BAR / 2 + 4.5,
                written,
                "middle",
                "small plain halo" if look[1] else "small plain",
            )
        )
    return svg.tip(f"{cause}: {written}", parts)


def _patch(look: tuple[str, bool], x: float, y: float, size: tuple[float, float]) -> list[str]:
    colour, striped = look
    lines = [svg.stripes(x, y, *size, f"stripes {colour} soft")] if striped else []
    return [svg.rect(x, y, *size, "back"), svg.rect(x, y, *size, f"area {colour}"), *lines]


def _looks(causes: Sequence[str]) -> dict[str, tuple[str, bool]]:
    further = [cause for cause in causes if cause not in _LOOKS]
    others = {cause: _OTHER[place % len(_OTHER)] for place, cause in enumerate(further)}
    known = [cause for cause in _LOOKS if cause in causes]
    return {cause: _LOOKS.get(cause) or others[cause] for cause in [*known, *further]}


def _key(looks: dict[str, tuple[str, bool]], width: int) -> tuple[list[str], float]:
    """A patch for each cause in the order of the bars, in as many lines as it takes; and where the bars begin."""
    parts: list[str] = []
    x, y = 0.0, 2.0
    for cause, look in looks.items():
        label = svg.fit(cause, width - 30, svg.SMALL_SIZE)
        size = 20 + svg.text_width(label, svg.SMALL_SIZE) + 16
        if x and x + size - 16 > width:
            x, y = 0.0, y + _KEY
        parts += _patch(look, x, y, (13.0, 13.0))
        parts.append(svg.text(x + 19, y + 11, label, kind="small"))
        x += size
    return parts, y + _KEY + 12
