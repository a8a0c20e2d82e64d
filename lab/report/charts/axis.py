"""Scales from values to pixels, round ticks, and the grids and labels that they carry."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab import rounding
from lab.report import svg

TICK_GAP = 46.0  # px between two labelled ticks, at least
_LEADS = (1.0, 2.0, 5.0)
_EXACT = 1e-9  # relative; a tick at the very end of an axis belongs to it


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps values in [low, high] to px in [start, end]; `log` for a logarithmic axis of positive values."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        at = math.log(value) if self.log else value
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def clipped(self, value: float) -> float:
        """Where the value lies, or the end of the axis that it lies beyond."""
        return self(min(max(value, self.low), self.high))

    @property
    def length(self) -> float:
        """In px."""
        return abs(self.end - self.start)


def nice_axis(values: Sequence[float], start: float, end: float, cap: float | None = None) -> Axis:
    """A linear axis over 0 and all values that ends at round numbers; nothing beyond `cap` where none of them is."""
    low, high = min([0.0, *values]), max([0.0, *values])
    if low == high:
        high = 1.0 if cap is None else cap
    step = _step((high - low) / 10)
    top = math.ceil(high / step - _EXACT) * step
    if cap is not None and high <= cap + _EXACT:
        top = min(top, cap)
    return Axis(math.floor(low / step + _EXACT) * step, top, start, end)


def close_axis(values: Sequence[float], start: float, end: float, least: float) -> Axis:
    """A linear axis over the values alone, at least `least` long, that ends at round numbers."""
    low, high = min(values), max(values)
    room = max(least - (high - low), (high - low) / 5) / 2
    step = _step((high - low + 2 * room) / 10)
    return Axis(math.floor((low - room) / step) * step, math.ceil((high + room) / step) * step, start, end)


def log_axis(values: Sequence[float], start: float, end: float, least: float = 4.0) -> Axis:
    """A logarithmic axis with room on both sides; it spans a factor of `least`, lest equal values fill it."""
    low, high = min(values), max(values)
    spread = max(1.3, math.sqrt(least * low / high))
    return Axis(low / spread, high * spread, start, end, log=True)


def ticks(axis: Axis, gap: float = TICK_GAP) -> list[float]:
    """Round values on the axis, at least `gap` px apart."""
    return _log_ticks(axis, gap) if axis.log else _linear_ticks(axis, gap)


def x_grid(axis: Axis, top: float, bottom: float, write: Callable[[float], str] | None = None) -> list[str]:
    """Vertical lines from `top` to `bottom` with their values below; lines of a logarithmic axis are only ticks."""
    parts = []
    first = bottom if axis.log else top
    for tick in ticks(axis):
        parts.append(svg.line(axis(tick), first, axis(tick), bottom + 5 * axis.log, "grid"))
        parts.append(svg.text(axis(tick), bottom + 18, (write or tick_text)(tick), "middle", "small"))
    return parts


def y_grid(axis: Axis, left: float, right: float, write: Callable[[float], str] | None = None) -> list[str]:
    """Horizontal lines from `left` to `right` with their values at the left."""
    parts = []
    for tick in ticks(axis, 34.0):
        parts.append(svg.line(left, axis(tick), right, axis(tick), "zero" if tick == 0 else "grid"))
        parts.append(svg.text(left - 8, axis(tick) + 4, (write or tick_text)(tick), "end", "small"))
    return parts


def tick_text(value: float) -> str:
    """A round number as short as it is."""
    return rounding.tick(value)


def percent(value: float) -> str:
    """A round share as a percentage with the digits that it needs: 20 %, 0.5 %."""
    return f"{tick_text(100 * value)}\N{NO-BREAK SPACE}%"


def _step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is no smaller than `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(lead * power for lead in (*_LEADS, 10.0) if lead * power >= least * (1 - _EXACT))


def _linear_ticks(axis: Axis, gap: float) -> list[float]:
    span = axis.high - axis.low
    step = _step(span * min(gap / max(axis.length, gap), 1.0))
    first, last = math.ceil(axis.low / step - _EXACT), math.floor(axis.high / step + _EXACT)
    places = max(0, -math.floor(math.log10(step))) + 1  # of the step's leading digit, and one to spare
    return [round(place * step, places) for place in range(first, last + 1)]


def _log_ticks(axis: Axis, gap: float) -> list[float]:
    """Powers of ten first, then 2 and 5, then the rest where there is room."""
    decades = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
    kept: list[float] = []
    for leads in ((1,), (2, 5), (3, 4, 6, 7, 8, 9)):
        if len(kept) >= 3:
            break
        for value in (float(f"{lead}e{decade}") for decade in decades for lead in leads):
            if axis.low <= value <= axis.high and all(abs(axis(value) - axis(other)) >= gap for other in kept):
                kept.append(value)
    return sorted(kept)
