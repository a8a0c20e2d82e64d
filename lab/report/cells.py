"""How a measured value, or the lack of one, becomes a cell. What is missing says so and why; it is never 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.layout import Cell
from lab.types import Estimate


def missing(why: Any = None) -> Cell:
    """'not measured: why'; a reason that begins with such words itself is not said twice."""
    reason = words.labelled(str(why or ""))
    for said in (rounding.NOT_MEASURED, rounding.NOT_APPLICABLE, "not defined"):
        if reason.startswith(said):
            rest = reason.removeprefix(said).lstrip(": ")
            return Cell(f"{said}:", rest) if rest else Cell(said)
    return Cell(f"{rounding.NOT_MEASURED}:", reason) if reason else Cell(rounding.NOT_MEASURED)


def value_cell(value: Any, write: Callable[[Any], str], why: Any = None, detail: str = "") -> Cell:
    """A number as `write` rounds it, with a detail beside it; else why there is none."""
    return missing(why) if rounding.number(value) is None else Cell(write(value), detail)


def estimate_cell(found: Estimate | None) -> Cell:
    """Mean, with its interval and the number of values where some are missing."""
    if found is None:
        return Cell(rounding.NOT_MEASURED)
    if found.mean is None:
        return Cell(rounding.NOT_APPLICABLE, f"(no value for {rounding.count(found.undefined)} questions)")
    undefined = questions_detail(found.n) if found.undefined else ""
    return Cell(
        rounding.score(found.mean, found.low, found.high),
        " ".join(filter(None, (rounding.interval(found.low, found.high), undefined))),
    )


def effect_cell(tree: Any) -> Cell:
    """A signed mean with its interval from {mean, low, high, reason}; else the reason."""
    return _with_interval(tree, rounding.difference)


def mean_cell(tree: Any) -> Cell:
    """A mean without a sign, with its interval, from {mean, low, high, reason}; else the reason."""
    return _with_interval(tree, rounding.score)


def questions_detail(n: Any) -> str:
    """'n = 24', on one line."""
    space = "\N{NO-BREAK SPACE}"
    return "" if rounding.number(n) is None else f"n{space}={space}{rounding.count(n)}"


def _with_interval(tree: Any, write: Callable[[Any, Any, Any], str]) -> Cell:
    mean = rounding.number(lookup.at(tree, "mean"))
    if mean is None:
        return missing(lookup.at(tree, "reason"))
    reason = str(lookup.at(tree, "reason") or "")
    low, high = lookup.at(tree, "low"), lookup.at(tree, "high")
    return Cell(
        write(mean, low, high), rounding.interval(low, high) or ("" if reason.startswith("no interval") else reason)
    )
