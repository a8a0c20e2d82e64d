"""Costs in the declared currency: by method, from which volume one pays, and over the months of the horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.cells import missing, value_cell
from lab.report.layout import Cell, Column, Section, Table
from lab.types import ExperimentResult

MONTHS_SHOWN = 6
# What is paid for, its key, the key of the reason where it is unknown, and how it is written.
_PRICES = (
    ("1,000 questions", "cost_per_question", "cost_per_question", rounding.thousand),
    ("1,000 questions, building and upkeep included", "price_per_question", "total_cost", rounding.thousand),
    ("1,000 right answers", "cost_per_correct", "cost_per_correct", rounding.thousand),
    ("1,000 questions and their wrong and declined answers", "expected_cost", "expected_cost", rounding.thousand),
    ("building once", "build_cost", "build_cost", rounding.figure),
    ("one update of the knowledge", "update_cost", "build_cost", rounding.figure),
    ("hosting a month", "hosting_per_month", "hosting_per_month", rounding.figure),
    ("total over the horizon", "total_cost", "total_cost", rounding.figure),
)


def money_section(result: ExperimentResult) -> Section:
    """By method, by pair, by month; nothing where no price of a question is known."""
    costs = lookup.mapping(result.recommendation, "costs")
    if not priced(result):
        return Section("money", "Costs in money")
    found = (_by_method(result, costs), _by_month(result, costs), _break_even(costs))
    return Section(
        "money",
        "Costs in money",
        points=not_in_money(result),
        tables=tuple(table for table in found if table.rows),
    )


def not_in_money(result: ExperimentResult) -> tuple[str, ...]:
    """What of the costs is not known in money, and why."""
    why = lookup.at(result.recommendation, "costs", "missing")
    return (f"Not known in money: {why}.",) if why else ()


def priced(result: ExperimentResult) -> bool:
    """Whether a question of any method has a price."""
    methods = lookup.mapping(result.recommendation, "costs", "per_method")
    return any(rounding.number(lookup.at(one, "cost_per_question")) is not None for one in methods.values())


def total_curves(result: ExperimentResult) -> dict[str, list[tuple[float, float]]]:
    """By method, (month, total cost so far); empty without volumes, a horizon and prices."""
    costs = lookup.mapping(result.recommendation, "costs")
    months = [rounding.number(month) for month in lookup.sequence(costs, "months")]
    curves = {}
    for name, totals in lookup.mapping(costs, "curves").items():
        values = [rounding.number(total) for total in (totals if isinstance(totals, list | tuple) else ())]
        points = [(x, y) for x, y in zip(months, values, strict=False) if x is not None and y is not None]
        if len(points) > 1:
            curves[name] = points
    return curves


def _by_method(result: ExperimentResult, costs: Mapping[str, Any]) -> Table:
    methods = _methods(result, costs)
    right = f"1,000 {_plural(str(costs.get('per') or 'right answer'))}"
    rows = tuple(
        (
            Cell(right if key == "cost_per_correct" else label),
            *(
                value_cell(
                    lookup.at(costs, "per_method", name, key),
                    write,
                    lookup.at(costs, "per_method", name, "reasons", why),
                )
                for name in methods
            ),
        )
        for label, key, why, write in _PRICES
        if key != "price_per_question" or costs.get("spread") is True
    )
    return Table(
        f"Costs in {_currency(costs)}",
        (Column("cost of", number=False), *(Column(words.method_label(name)) for name in methods)),
        rows,
        note=str(costs.get("note") or ""),
    )


def _plural(per: str) -> str:
    noun, of, rest = per.partition(" of ")
    return f"{noun}s{of}{rest}"


def _by_month(result: ExperimentResult, costs: Mapping[str, Any]) -> Table:
    curves = total_curves(result)
    methods = [name for name in lookup.methods_by_quality(result) if name in curves]
    months = [month for month, _ in curves[methods[0]]] if methods else []
    rows = tuple(
        (
            Cell(rounding.rate(months[place])),
            *(Cell(rounding.figure(dict(curves[name]).get(months[place]))) for name in methods),
        )
        for place in _spread(len(months))
    )
    return Table(
        f"Total cost over the months, {_currency(costs)}",
        (Column("months", number=False), *(Column(words.method_label(name)) for name in methods)),
        rows,
        note="Building, hosting, updates and questions up to that month, from the declared prices and volumes.",
    )


def _break_even(costs: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            Cell(f"{words.method_label(str(pair['method']))} against {words.method_label(str(pair['baseline']))}"),
            value_cell(pair.get("extra_fixed"), rounding.figure, words.labelled(str(pair.get("reason") or ""))),
            value_cell(
                pair.get("saving_per_question"), rounding.thousand, words.labelled(str(pair.get("reason") or ""))
            ),
            _volume(pair, "questions"),
            _volume(pair, "per_month"),
            Cell(words.labelled(str(pair.get("sentence") or ""))),
        )
        for pair in lookup.sequence(costs, "break_even")
        if isinstance(pair, Mapping) and {"method", "baseline"} <= pair.keys()
    )
    return Table(
        "From which volume a method pays",
        (
            Column("methods", number=False),
            Column("more fixed cost"),
            Column("saved on 1,000 questions"),
            Column("questions to break even"),
            Column("a month"),
            Column("in words", number=False),
        ),
        rows,
        folded=True,
    )


def _volume(pair: Mapping[str, Any], key: str) -> Cell:
    """Never is not 'not measured': where nothing is saved, no volume will do."""
    if rounding.number(pair.get(key)) is not None:
        return Cell(rounding.count(pair[key]))
    if rounding.number(pair.get("saving_per_question")) is None:
        return missing(_why(pair))
    if pair.get("questions") is None:
        return Cell("never")
    return Cell(f"{rounding.NOT_APPLICABLE}:", "no horizon declared")


def _methods(result: ExperimentResult, costs: Mapping[str, Any]) -> list[str]:
    known = lookup.mapping(costs, "per_method")
    return [name for name in lookup.methods_by_quality(result) if name in known]


def _spread(count: int) -> Sequence[int]:
    """Places of some months, the first and the last among them."""
    if count <= MONTHS_SHOWN:
        return range(count)
    return sorted({round(step * (count - 1) / (MONTHS_SHOWN - 1)) for step in range(MONTHS_SHOWN)})


def _currency(costs: Mapping[str, Any]) -> str:
    return str(costs.get("currency") or "units of money")


def _why(pair: Mapping[str, Any]) -> str:
    return words.labelled(str(pair.get("reason") or ""))
