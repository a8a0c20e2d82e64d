"""The recommendation: what to choose, what decided it, and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.cells import value_cell
from lab.report.layout import Cell, Column, Section, Table
from lab.types import ExperimentResult

_NO_NEEDS = "No need was declared, so no method was excluded before the comparison."
_FAILS = "fails a need"
_AXES: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "quality": ("quality", rounding.score),
    "groundedness": ("groundedness", rounding.score),
    "freshness": ("freshness", rounding.score),
    "p95_ms": ("latency p95, ms", rounding.count),
    "cost_per_question": ("cost of 1,000 questions", rounding.thousand),
    "tokens_per_question": ("tokens of a question", rounding.count),
}


def recommendation_section(result: ExperimentResult) -> Section:
    """The sentence for a manager, then all that it rests on."""
    advice = result.recommendation
    said = [words.labelled(str(text)) for key in ("sentence", "reason") if (text := lookup.at(advice, key))]
    points = [f"Gate: {words.said(gate)}" for gate in lookup.sequence(advice, "gates") if not _is_gate(gate)]
    judged = bool(lookup.mapping(advice, "utility"))
    points += [_NO_NEEDS] if judged and not lookup.sequence(advice, "gates") else []
    points += _dropped(advice)
    found = (_standing(result), _gates(advice), _criteria(result), _pareto(result), _sources(advice))
    return Section(
        "recommendation",
        "Recommendation",
        paragraphs=(*dict.fromkeys(said), *_scope(advice)),
        points=tuple(points),
        tables=tuple(table for table in found if table.rows),
    )


def _standing(result: ExperimentResult) -> Table:
    """How each candidate stands; only columns of which the result knows something."""
    advice = result.recommendation
    chances, utilities = lookup.mapping(advice, "p_best_by_method"), lookup.mapping(advice, "utility")
    within = set(map(str, lookup.sequence(advice, "within_margin")))
    names = [name for name in lookup.methods_by_quality(result) if name in chances or name in utilities]
    columns: list[tuple[Column, Callable[[str], Cell]]] = []
    if utilities:
        columns.append((Column("utility, 95 % range"), lambda name: _utility(utilities.get(name))))
    columns.append((Column("best in resampled sets"), lambda name: _chance(name, chances)))
    if nearby := lookup.mapping(advice, "p_within_by_method"):
        columns.append((Column("within the margin in resampled sets"), lambda name: _chance(name, nearby)))
    columns.append((Column("within the margin", number=False), lambda name: Cell("yes" if name in within else "no")))
    if shares := lookup.mapping(advice, "stability", "shares"):
        columns.append((Column("highest utility under other weights"), lambda name: _chance(name, shares)))
    chosen = lookup.choice(result)
    return Table(
        "How each method stands",
        (Column("method", number=False), *(column for column, _ in columns)),
        tuple((Cell(words.method_label(name)), *(cell(name) for _, cell in columns)) for name in names),
        note="Utility: the sum of the weighted scores below, from 0 to 1. Question sets are drawn again by whole "
        "clusters, and training runs where there are several, for all methods together."
        if utilities
        else "",
        marked=names.index(chosen) if chosen in names else None,
        sortable=True,
    )


def _utility(found: Any) -> Cell:
    ends = lookup.at(found, "low"), lookup.at(found, "high")
    interval = rounding.interval(*ends)
    return value_cell(
        lookup.at(found, "mean"), lambda mean: rounding.score(mean, *ends), "a criterion is unknown", interval
    )


def _chance(name: str, chances: Mapping[str, Any]) -> Cell:
    return Cell(rounding.chance(chances[name])) if name in chances else Cell(f"{rounding.NOT_APPLICABLE}:", _FAILS)


def _gates(advice: Mapping[str, Any]) -> Table:
    gates = [gate for gate in lookup.sequence(advice, "gates") if _is_gate(gate)]
    rows = tuple(
        (
            Cell(_plain(gate["need"])),
            Cell(words.method_label(str(gate["method"]))),
            Cell(
                str(gate["verdict"]), "(counts as met)" if gate.get("met") is True and gate["verdict"] != "pass" else ""
            ),
            Cell(_or_not_applicable(gate.get("measured"), rounding.figure)),
            Cell(_or_not_applicable(gate.get("limit"), rounding.rate)),
            Cell(words.capital(words.labelled(str(gate.get("reason") or "")))),
        )
        for gate in gates
    )
    columns = (
        *(Column(label, number=False) for label in ("need", "method", "verdict")),
        Column("measured"),
        Column("limit"),
        Column("why", number=False),
    )
    return Table("Needs, and who meets them", columns, rows, note="A method that fails a need cannot be chosen.")


def _is_gate(gate: Any) -> bool:
    return isinstance(gate, Mapping) and {"need", "method", "verdict"} <= gate.keys()


def _criteria(result: ExperimentResult) -> Table:
    """What counts, by how much, and each method's score."""
    advice = result.recommendation
    used = [one for one in lookup.sequence(advice, "criteria_used") if isinstance(one, Mapping)]
    scores = {(lookup.at(row, "criterion"), lookup.at(row, "method")): row for row in lookup.sequence(advice, "scores")}
    names = [name for name in lookup.methods_by_quality(result) if any(method == name for _, method in scores)]
    rows = tuple(
        (
            Cell(_plain(one.get("name"))),
            Cell(rounding.share(one.get("weight"))),
            *(Cell(rounding.rate(end)) for end in _anchors(one)),
            *(_score(scores.get((one.get("name"), name))) for name in names),
        )
        for one in used
    )
    return Table(
        "What decided",
        (
            Column("criterion", number=False),
            *map(Column, ("weight", "worst acceptable", "good enough")),
            *(Column(words.method_label(name)) for name in names),
        ),
        rows,
        note="A score is 0 at the worst acceptable value and 1 at the good enough one; the value stands beside it. "
        f"Cost is that of a {lookup.at(advice, 'costs', 'per') or 'right answer'}.",
    )


def _anchors(one: Mapping[str, Any]) -> Sequence[Any]:
    ends = lookup.sequence(one, "anchors")
    return ends if len(ends) == 2 else (None, None)


def _score(row: Any) -> Cell:
    return value_cell(lookup.at(row, "score"), rounding.score, None, _value(lookup.at(row, "value")))


def _value(value: Any) -> str:
    return "" if rounding.number(value) is None else f"({rounding.figure(value)})"


def _sources(advice: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            Cell(_plain(row.get("criterion"))),
            Cell(words.method_label(str(row.get("method")))),
            value_cell(row.get("value"), rounding.figure),
            value_cell(row.get("score"), rounding.score),
            Cell(str(row.get("source") or rounding.NOT_MEASURED)),
        )
        for row in lookup.sequence(advice, "scores")
        if isinstance(row, Mapping)
    )
    columns = (
        Column("criterion", number=False),
        Column("method", number=False),
        Column("value"),
        Column("score"),
        Column("source", number=False),
    )
    return Table("Where the values come from", columns, rows, folded=True)


def _pareto(result: ExperimentResult) -> Table:
    """Each method on every axis that was measured, and what makes it superfluous."""
    found = [row for row in lookup.sequence(result.recommendation, "pareto") if isinstance(row, Mapping)]
    axes = list(dict.fromkeys(axis for row in found for axis in lookup.mapping(row, "values")))
    labels = {axis: _AXES.get(axis, (_plain(axis), rounding.figure)) for axis in axes}
    rows = tuple(
        (
            Cell(words.method_label(str(row.get("method")))),
            *(_on_axis(result, row, axis, labels[axis][1]) for axis in axes),
            Cell(_methods(lookup.sequence(row, "dominated_by")) or "none"),
        )
        for row in found
    )
    return Table(
        "Which methods no other one makes superfluous",
        (
            Column("method", number=False),
            *(Column(labels[axis][0]) for axis in axes),
            Column("dominated by", number=False),
        ),
        rows,
        note="One method dominates another if it is no worse on every axis measured for both, and better on one, each "
        "in 95 % of the resampled sets; in quality, a loss within the margin is no worse; in cost and "
        "tokens, less than 5 % is no difference. Needs are left aside.",
        sortable=True,
    )


def _on_axis(result: ExperimentResult, row: Mapping[str, Any], axis: str, write: Callable[[Any], str]) -> Cell:
    value = lookup.at(row, "values", axis)
    reads_nothing = lookup.at(result.methods, str(row.get("method")), "context") == "none"
    if value is None and axis == "groundedness" and reads_nothing:
        return Cell(rounding.NOT_APPLICABLE)
    return value_cell(value, write)


def _dropped(advice: Mapping[str, Any]) -> list[str]:
    dropped = lookup.sequence(advice, "criteria_dropped")
    if not dropped:
        return []
    if not any(isinstance(one, Mapping) for one in dropped):
        used = words.join(map(words.said, lookup.sequence(advice, "criteria_used")))
        return [f"Criteria that decided: {used}. Not measured, so without weight: {words.join(map(str, dropped))}."]
    said = (f"{_plain(lookup.at(one, 'name'))} ({lookup.at(one, 'reason')})" for one in dropped)
    return [f"Without weight, and why: {'; '.join(said)}."]


def _scope(advice: Mapping[str, Any]) -> tuple[str, ...]:
    scope = lookup.mapping(advice, "scope")
    if not scope:
        return ()
    mde, lost = rounding.number(scope.get("mde")), rounding.number(scope.get("lost"))
    left_out = _methods(lookup.sequence(scope, "left_out"))
    parts = (
        str(scope.get("model") or ""),
        str(scope.get("domain") or ""),
        f"track {scope['track']}" if scope.get("track") else "",
        words.plural(rounding.count(scope.get("n")), "question"),
        f"{words.plural(rounding.count(lost), 'question')} without a value of every method left aside" if lost else "",
        f"left out for lack of a value: {left_out}" if left_out else "",
        words.plural(rounding.count(scope.get("clusters")), "cluster"),
        words.plural(rounding.count(scope.get("seeds")), "training seed"),
        "" if mde is None else f"detectable difference {rounding.score(mde)}",
        str(scope.get("device") or ""),
        str(scope.get("date") or ""),
    )
    return (f"This holds for: {'; '.join(part for part in parts if part)}. It says nothing beyond.",)


def _methods(names: Sequence[Any]) -> str:
    return words.join(words.method_label(str(name)) for name in names) if names else ""


def _or_not_applicable(value: Any, write: Callable[[Any], str]) -> str:
    return rounding.NOT_APPLICABLE if rounding.number(value) is None else write(value)


def _plain(name: Any) -> str:
    return str(name or "").replace("_", " ")
