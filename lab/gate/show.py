"""The outcome of a gate for people and for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from lab import rounding
from lab.escapes import visible
from lab.gate.check import Outcome, Verdict
from lab.gate.language import Quantity
from lab.gate.values import COUNTED_ONCE
from lab.report.words import plural

_SHARES = ("mean", "low", "high", "mde")
_SIGNED = ("", "difference", "low", "high")  # of a pair
_WRITTEN = re.compile(r"([<>]?)(.*?)(\s*%)?")


def table(outcome: Outcome) -> Table:
    """Each requirement: whether it holds, the value that was used and what that is, the questions it is of."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("", no_wrap=True)
    shown.add_column("requirement", overflow="fold")
    shown.add_column("value", justify="right", overflow="fold")
    shown.add_column("which is", overflow="fold")
    shown.add_column("n", justify="right", no_wrap=True)
    for verdict in outcome.verdicts:
        reading = verdict.reading
        shown.add_row(
            Text("holds" if verdict.holds else "FAILS", style="" if verdict.holds else "bold red"),
            Text(visible(verdict.requirement.text.strip())),
            Text(_value(verdict)),
            Text(reading.used),
            "" if reading.n is None else rounding.count(reading.n),
        )
    return shown


def text(outcome: Outcome) -> str:
    """How many hold; why each of the others fails; what else a reader should know."""
    total = len(outcome.verdicts)
    of = f"{plural(rounding.count(total), 'requirement')} of {visible(outcome.name)}"
    asked = f"{outcome.n_test} test questions in {plural(str(outcome.n_clusters), 'cluster')}"
    lines = ["", f"{total - len(outcome.failed)} of {of} {'holds' if total == 1 else 'hold'} ({asked})"]
    lines += [f"- {visible(verdict.requirement.text.strip())}: {reason(verdict)}" for verdict in outcome.failed]
    notes = {
        f"- {visible(str(one.requirement.quantity))}: {one.reading.note}": None
        for one in outcome.verdicts
        if one.reading.note
    }
    return "\n".join([*lines, *(["", "note:"] if notes else []), *notes])


def reason(verdict: Verdict) -> str:
    """Why a requirement fails: the value, by how much, what it is, what stands around it, questions and clusters."""
    reading, requirement = verdict.reading, verdict.requirement
    if reading.reason is not None:
        return visible(reading.reason)
    told = verdict.doubt or _value(verdict)
    if verdict.short_by is not None and requirement.operator not in ("==", "!="):
        equal = f"equal to the bound, which {requirement.operator} excludes"
        told += f", {equal if verdict.short_by == 0 else f'missed by {_distance(verdict.short_by)}'}"
    around = [reading.used, reading.detail, f"n {reading.n}" if reading.n is not None else ""]
    around += [plural(str(reading.clusters), "cluster")] if reading.clusters is not None else []
    return visible(f"{told} ({', '.join(filter(None, around))})")


def as_json(outcome: Outcome) -> str:
    """The outcome as JSON: `holds`, and one object for each requirement."""
    tree = {
        "run": outcome.name,
        "holds": outcome.holds,
        "n_test": outcome.n_test,
        "n_clusters": outcome.n_clusters,
        "requirements": [_tree(verdict) for verdict in outcome.verdicts],
    }
    return json.dumps(tree, indent=1, ensure_ascii=True, allow_nan=False)


def _tree(verdict: Verdict) -> dict[str, Any]:
    reading, requirement = verdict.reading, verdict.requirement
    return {
        "requirement": str(requirement),
        "holds": verdict.holds,
        "value": reading.value,
        "value_is": reading.used,
        "operator": requirement.operator,
        "bound": requirement.bound,
        "short_by": verdict.short_by,
        "n": reading.n,
        "clusters": reading.clusters,
        "reason": None if verdict.holds else reason(verdict),
        "note": reading.note or None,
    }


def _distance(short_by: float) -> str:
    return rounding.count(short_by) if short_by.is_integer() else rounding.figure(short_by)


def _value(verdict: Verdict) -> str:
    value, quantity = verdict.reading.value, verdict.requirement.quantity
    if value is None:
        return rounding.NOT_MEASURED
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return visible(value)
    ways = [_number(value, quantity), *_finer(value, quantity)]
    bound = verdict.requirement.bound
    return (
        ways[0] if isinstance(bound, str) else next((one for one in ways if _on_its_side(one, value, bound)), ways[0])
    )


def _on_its_side(said: str, value: float, bound: float) -> bool:
    """Whether what is written of a value stands on the same side of the bound as the value, or on it as the value."""
    found = _WRITTEN.fullmatch(said.replace(rounding.MINUS, "-").replace(",", ""))
    if found is None:
        return False
    number = float(found[2]) / (100 if found[3] else 1)
    if found[1]:
        return number <= bound and value < bound if found[1] == "<" else number >= bound and value > bound
    return (number > bound, number < bound) == (value > bound, value < bound)


def _finer(value: float, quantity: Quantity) -> Iterator[str]:
    """With four decimals, with six digits that count, with all."""
    signed = quantity.about == "pair" and quantity.field in _SIGNED
    sign = rounding.MINUS if value < 0 else "+" if value > 0 and signed else ""
    yield (rounding.difference if signed else rounding.score)(value, value - 0.001, value + 0.001)
    yield f"{sign}{rounding.rate(abs(value))}"
    yield f"{sign}{abs(value)!r}"


def _number(value: float, quantity: Quantity) -> str:
    field = quantity.field
    if field in ("n", "undefined", "clusters") or quantity.about == "count" or quantity.name in COUNTED_ONCE:
        return rounding.count(value)
    if field in ("p", "p_holm"):
        return rounding.p_value(value)
    if quantity.name == "p_best":
        return rounding.chance(value)
    if quantity.about == "pair" and field in _SIGNED:
        return rounding.difference(value)
    if field in _SHARES:
        return rounding.score(value)
    return rounding.seconds(value) if "seconds" in quantity.name else rounding.figure(value)
