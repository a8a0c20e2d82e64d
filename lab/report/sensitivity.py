"""What would change the recommendation: flip points, each input halved and doubled, other weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.layout import Cell, Column, Section, Table
from lab.types import ExperimentResult


def sensitivity_section(result: ExperimentResult) -> Section:
    """Flip points as sentences, how stable the choice is under other weights, and the tornado."""
    advice = result.recommendation
    flips = flip_sentences(result)
    table = _tornado(advice)
    known = "tornado" in advice
    nothing = ["No declared input, turned by itself, was found to change the choice."] if known and not flips else []
    return Section(
        "sensitivity",
        "What would change it",
        points=(*flips, *nothing, *_stability(advice), *_idle(advice)),
        tables=(table,) if table.rows else (),
    )


def flip_sentences(result: ExperimentResult) -> tuple[str, ...]:
    """What would change the choice, a sentence each."""
    return tuple(dict.fromkeys(_sentence(flip) for flip in lookup.sequence(result.recommendation, "flips")))


def _sentence(flip: Any) -> str:
    return (
        words.labelled(str(flip["sentence"]))
        if isinstance(flip, Mapping) and flip.get("sentence")
        else words.said(flip)
    )


def _stability(advice: Mapping[str, Any]) -> tuple[str, ...]:
    found = lookup.mapping(advice, "stability")
    winner = found.get("winner")
    if found.get("reason") or winner is None:
        return (f"Other weights: {found['reason']}.",) if found.get("reason") else ()
    share = rounding.chance(lookup.at(found, "shares", str(winner)))
    judged = "stable" if found.get("stable") is True else "not stable"
    return (
        f"With weights drawn around the declared ones, {words.method_label(str(winner))} keeps the highest utility in "
        f"{share} of the draws: {judged}.",
    )


def _tornado(advice: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            Cell(_input(str(row.get("input")))),
            Cell(rounding.figure(row.get("now"))),
            _end(row.get("low")),
            _end(row.get("high")),
            Cell(rounding.score(row["swing"]) if rounding.number(row.get("swing")) is not None else "no rival"),
        )
        for row in lookup.sequence(advice, "tornado")
        if isinstance(row, Mapping) and not _is_idle(row, advice)
    )
    columns = (
        Column("input", number=False),
        Column("now"),
        Column("choice if halved", number=False),
        Column("choice if doubled", number=False),
        Column("swing of the lead"),
    )
    return Table(
        "Each input halved and doubled",
        columns,
        rows,
        note="Lead: utility of the choice minus that of the best other method that meets the needs; below 0 where the "
        "choice is the simpler one. A weight takes its share from the others. The largest swing first.",
    )


def _idle(advice: Mapping[str, Any]) -> tuple[str, ...]:
    rows = [row for row in lookup.sequence(advice, "tornado") if isinstance(row, Mapping) and _is_idle(row, advice)]
    names = words.join(_input(str(row.get("input"))) for row in rows)
    return (f"Halved or doubled without any effect: {names}.",) if rows else ()


def _is_idle(row: Mapping[str, Any], advice: Mapping[str, Any]) -> bool:
    """Whether neither the choice nor its lead moves."""
    moved = any(lookup.at(row, end, "choice") != advice.get("choice") for end in ("low", "high"))
    return row.get("swing") == 0 and not moved


def _end(found: Any) -> Cell:
    choice = str(lookup.at(found, "choice") or "none")
    lead = rounding.number(lookup.at(found, "lead"))
    led = "" if lead is None else f", lead {rounding.difference(lead)}"
    return Cell(words.method_label(choice), f"at {rounding.figure(lookup.at(found, 'at'))}{led}")


def _input(name: str) -> str:
    section, dot, key = name.partition(".")
    if section == "weights":
        return f"weight of {key}"
    return f"{section.replace('_', ' ')} of {words.method_label(key)}" if dot else name.replace("_", " ")
