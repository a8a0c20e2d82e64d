"""Which declared input moves the recommendation most: each halved and doubled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import Axis, nice_axis, tick_text, x_grid
from lab.report.charts.sketch import PHONE, WIDE, About, Sketch, chart
from lab.report.layout import Chart
from lab.types import ExperimentResult

_ROW, _PHONE_ROW, _TOP = 36.0, 56.0, 40.0
_NAMES, _CHANGES = 240.0, 150.0  # px at the left, and for what the choice becomes


@dataclass(frozen=True, slots=True)
class Swing:
    """The lead of the choice with one input halved and doubled, and what is chosen then."""

    name: str
    halved: float
    doubled: float
    choices: tuple[str, str]

    @property
    def size(self) -> float:
        """How far the lead moves."""
        return abs(self.doubled - self.halved)


def tornado_chart(result: ExperimentResult) -> Chart | None:
    """A row an input, the largest swing first; None where nothing moves the lead."""
    swings = _swings(result)
    if not swings:
        return None
    choice = lookup.choice(result)
    said = "; ".join(
        f"{one.name}: lead {rounding.difference(one.halved)} if halved, {rounding.difference(one.doubled)} if doubled"
        f"{_changed(one, choice)}"
        for one in swings
    )
    about = About(
        "tornado",
        "Lead of the choice with each input halved and doubled",
        f"Lead in utility over the best other method. {said}.",
        "Lead of the choice in utility over the best other method that meets the needs, with each declared input "
        "halved and doubled; left of 0 another method has more. The largest swing first.",
    )
    return chart(about, WIDE, lambda width: _draw(swings, choice, width))


def _swings(result: ExperimentResult) -> list[Swing]:
    found = []
    for row in lookup.sequence(result.recommendation, "tornado"):
        halved, doubled = (rounding.number(lookup.at(row, end, "lead")) for end in ("low", "high"))
        choices = tuple(str(lookup.at(row, end, "choice") or "none") for end in ("low", "high"))
        if halved is not None and doubled is not None and (halved != doubled or choices[0] != choices[1]):
            found.append(Swing(_input(lookup.at(row, "input")), halved, doubled, (choices[0], choices[1])))
    return sorted(found, key=lambda one: (-one.size, one.name))


def _draw(swings: Sequence[Swing], choice: str | None, width: int) -> Sketch:
    phone = width <= PHONE
    row = _PHONE_ROW if phone else _ROW
    start, end = (24.0, width - 24.0) if phone else (_NAMES, width - _CHANGES)
    axis = nice_axis([value for one in swings for value in (one.halved, one.doubled)], start, end)
    bottom = _TOP + row * len(swings)
    parts = [
        *_key(0.0 if phone else start),
        *x_grid(axis, _TOP - 6, bottom, _signed),
        svg.line(axis(0), _TOP - 6, axis(0), bottom, "zero"),
        svg.text(axis.end, bottom + 36, "lead in utility", "end", "small"),
    ]
    for place, one in enumerate(swings):
        parts.append(_row(one, axis, _TOP + row * place, choice, width))
    return Sketch(bottom + 42, parts)


def _key(left: float) -> list[str]:
    after = left + 20 + svg.text_width("halved", svg.SMALL_SIZE) + 16
    return [
        svg.circle(left + 6, 10, "ring accent", 5),
        svg.text(left + 16, 14, "halved", kind="small"),
        svg.circle(after + 6, 10, "mark accent", 5),
        svg.text(after + 16, 14, "doubled", kind="small"),
    ]


def _row(one: Swing, axis: Axis, top: float, choice: str | None, width: int) -> str:
    phone = width <= PHONE
    y = top + (36 if phone else _ROW / 2)
    name = svg.fit(one.name, width if phone else _NAMES - 12)
    parts = [
        svg.text(0, top + 17 if phone else y + 4.5, name, kind="halo" if phone else ""),
        svg.line(axis(one.halved), y, axis(one.doubled), y, "rod accent"),
        svg.circle(axis(one.halved), y, "ring accent", 5),
        svg.circle(axis(one.doubled), y, "mark accent", 5),
    ]
    changed = _changed(one, choice)
    if changed and not phone:
        parts.append(
            svg.text(axis.end + 12, y + 4.5, svg.fit(changed[2:], _CHANGES - 12, svg.SMALL_SIZE), kind="small")
        )
    leads = f"{rounding.difference(one.halved)} if halved, {rounding.difference(one.doubled)} if doubled"
    return svg.tip(f"{one.name}: {leads}{changed}", parts)


def _changed(one: Swing, choice: str | None) -> str:
    """', RAG if halved' where another method is chosen then."""
    return "".join(
        f", {words.method_label(name)} if {how}"
        for name, how in zip(one.choices, ("halved", "doubled"), strict=True)
        if name != choice
    )


def _input(name: Any) -> str:
    section, dot, key = str(name).partition(".")
    if section == "weights":
        return f"weight of {key}"
    return f"{section.replace('_', ' ')} of {words.method_label(key)}" if dot else section.replace("_", " ")


def _signed(tick: float) -> str:
    return f"+{tick_text(tick)}" if tick > 0 else tick_text(tick)
